"""What is left out of text from outside, and what has to stay."""

import json

import pytest

from core.redact import json_text, printable, printable_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\u201cquoted\u201d \u00a7 5 \u2013 caf\u00e9", "\u201cquoted\u201d \u00a7 5 \u2013 caf\u00e9"),
        ("red \x1b[31malert\x1b[0m", "red [31malert[0m"),
        ("red \x9b31malert", "red 31malert"),
        ("fee \u202e001\u202c dollars", "fee 001 dollars"),
        ("a\u2066b\u2069c\u200ed\u061ce", "abcde"),
        ("li\u200babil\u2060ity\ufeff", "liability"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("blank\u3164\u2800\u115f", "blank"),
        ("lone\ud800 surrogate", "lone surrogate"),
        ("joined\u200dletters", "joinedletters"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("e\u0301", "e\u0301"),
        ("z" + 40 * "\u0335" + "a", "z" + 5 * "\u0335" + "a"),
    ],
    ids=[
        "white space", "print", "escape", "one-byte escape", "reordered", "direction marks", "no width",
        "soft hyphen", "tags", "blank letters", "surrogate", "joiner between letters", "joiner in Persian",
        "accent", "piled up marks",
    ],
)  # fmt: skip
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_line_cannot_begin_another() -> None:
    assert printable_line("a.pdf\n    ready  b.pdf\r\x1b[2K") == "a.pdf ready b.pdf[2K"


def test_json_is_harmless_to_a_terminal_and_holds_the_same() -> None:
    text = "a\x1b[2J\x7f\x9b \u202e\u200b\u2028 \ud800 \U000e0041 caf\u00e9"
    shown = json_text({"text": text})
    assert json.loads(shown) == {"text": text}
    assert printable(shown) == shown
    assert "caf\u00e9" in shown
