"""The tokenizer for contracts."""

import pytest

from core.storage.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Section 4.2(b)(ii)", ["section", "4.2(b)(ii)", "4.2"], id="section reference"),
        pytest.param("the U.S. market", ["u.s.", "market"], id="abbreviation"),
        pytest.param("sub-licensee", ["sublicense", "license"], id="hyphenated word"),
        pytest.param("EUR 1,000,000.", ["eur", "1000000"], id="amount"),
        pytest.param("5% per annum", ["5%", "per", "annum"], id="percentage"),
        pytest.param("Party\u2019s liabilities", ["parti", "liabil"], id="possessive with curly apostrophe"),
        pytest.param("shall not be liable without cause", ["not", "liabl", "without", "caus"], id="negation"),
        pytest.param("of\ufb01ce", ["offic"], id="ligature"),
        pytest.param("indem\u00adnity", ["indemn"], id="soft hyphen"),
        pytest.param("", [], id="empty"),
        pytest.param("--- ... ()", [], id="punctuation only"),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokenize(text) == expected


def test_word_forms_meet() -> None:
    assert tokenize("terminated") == tokenize("terminates") == tokenize("terminating")
