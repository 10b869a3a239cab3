"""Answers read back against their evidence: markers resolved inside it, quotations checked word for word."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answering.citations import resolve
from core.answering.quotations import fold, quoted_spans, stands_verbatim
from core.records import Evidence, Passage

FIRST = (
    "8.2 Cap. Subject to clause 8.1, the Supplier\u2019s total liability shall not exceed EUR 1,500,000 "
    "in any Year.\nThe \u201cYear\u201d is the period of twelve months that begins on 1 May."
)
SECOND = (
    "The Supplier shall pay interest within thirty-five days. It grants a non-exclusive licence to use the "
    "Marks, limited to 5.5 per cent. of long-\nterm \ufb01xed orders, and the Agreement may be termi-\nnated "
    "by either party."
)
THIRD = (
    "The parties may terminate if:\n(a) a payment is not made; or\n(b) a party is insolvent. "
    "See note [1] above."
)


def evidence(*texts: str) -> Evidence:
    passages = tuple(
        Passage(number, f"chunk-{number}", "c1", "Supply Agreement", "8", 1, 1, text, 0.9)
        for number, text in enumerate(texts or (FIRST, SECOND, THIRD), start=1)
    )
    return Evidence("What is the cap?", len(passages), passages)


def cited(text: str) -> list[list[int]]:
    return [[citation.marker for citation in statement.citations] for statement in resolve(text, evidence())]


MARKERS: dict[str, tuple[str, list[list[int]]]] = {
    "one": ("It is capped [1].", [[1]]),
    "several": ("It is capped [1][2] and [3].", [[1, 2, 3]]),
    "a list": ("It is capped [1, 2; 3].", [[1, 2, 3]]),
    "and": ("It is capped [1 and 3].", [[1, 3]]),
    "a range": ("It is capped [1-3].", [[1, 2, 3]]),
    "a range with an en dash": ("It is capped [1\u20133].", [[1, 2, 3]]),
    "lenticular brackets": ("It is capped \u30101\u3011\u30102\u2020L4-L9\u3011.", [[1, 2]]),
    "the word passage": ("It is capped [Passage 2].", [[2]]),
    "page inside": ("It is capped [2, p. 14].", [[2]]),
    "repeated": ("It is capped [1] at that [1].", [[1]]),
    "after the full stop": ("It is capped. [1] It renews. [2]", [[1], [2]]),
    "on a line of its own": ("It is capped.\n[1]\nIt renews [2].", [[1], [2]]),
    "none": ("It is capped.", [[]]),
    "a year is no marker": ("See [2024] EWHC 12.", [[]]),
    "letters are no marker": ("It is capped [a] [x1].", [[]]),
    "a range that is too long": ("It is capped [1-900].", [[1, 900]]),
    "a range backwards": ("It is capped [3-1].", [[3, 1]]),
    "zero": ("It is capped [0].", [[0]]),
    "in a list": ("- capped [1]\n- renewed [2]", [[1], [2]]),
    "inside the quotation": ('It says "shall not exceed EUR 1,500,000 [1]".', [[1]]),
    "brackets of the contract": ('It adds "See note [1] above" [3].', [[3]]),
}


@pytest.mark.parametrize(("text", "markers"), MARKERS.values(), ids=MARKERS.keys())
def test_markers(text: str, markers: list[list[int]]) -> None:
    assert cited(text) == markers


def test_markers_resolve_inside_the_evidence_and_unknown_ones_to_nothing() -> None:
    material = evidence()
    (statement,) = resolve("It is capped [2][7].", material)

    assert [citation.passage for citation in statement.citations] == [material.passages[1], None]
    assert not statement.supported


def test_statements_are_the_sentences_as_written() -> None:
    statements = resolve("Yes. [1]\n- The cap is gone. [2]\nNothing else.", evidence())

    assert [statement.text for statement in statements] == [
        "Yes. [1]",
        "- The cap is gone. [2]",
        "Nothing else.",
    ]
    assert [statement.supported for statement in statements] == [True, True, False]


def test_a_sentence_without_a_citation_is_kept_and_not_supported() -> None:
    (statement,) = resolve("The passages do not answer this question.", evidence())
    assert statement.citations == ()
    assert not statement.supported


QUOTES: dict[str, tuple[str, list[bool]]] = {
    "verbatim": ('It "shall not exceed EUR 1,500,000 in any Year" [1].', [True]),
    "curly": ("It \u201cshall not exceed EUR 1,500,000\u201d [1].", [True]),
    "guillemets": ("It \u00abshall not exceed EUR 1,500,000\u00bb [1].", [True]),
    "single": ("It 'shall not exceed EUR 1,500,000' [1].", [True]),
    "single curly": ("It \u2018shall not exceed EUR 1,600,000\u2019 [1].", [False]),
    "possessives are no quotation": ("The parties' caps and suppliers' duties are listed [1].", []),
    "comma before the closing mark": ('It "shall not exceed EUR 1,500,000," and so on [1].', [True]),
    "straight apostrophe": ('"the Supplier\'s total liability" is capped [1].', [True]),
    "over a line break": ('"in any Year. The \'Year\' is the period" [1].', [True]),
    "nested": ('"The "Year" is the period of twelve months" [1].', [True]),
    "nested curly": ("\u201cThe \u201cYear\u201d is the period of twelve months\u201d [1].", [True]),
    "two quotations": ('"total liability shall not exceed" and "in every Year" [1].', [True, False]),
    "changed word": ('"shall never exceed EUR 1,500,000" [1].', [False]),
    "changed case": ('"SHALL NOT EXCEED" [1].', [False]),
    "changed figure": ('"shall not exceed EUR 1,500" [1].', [False]),
    "figure cut in front": ('"500,000 in any Year" [1].', [False]),
    "two words with a figure": ('It is "EUR 1,500,000" [1].', [True]),
    "two words with a wrong figure": ('It is "EUR 1,600,000" [1].', [False]),
    "from a passage not cited": ('"shall not exceed EUR 1,500,000" [2].', [False]),
    "no citation": ('"shall not exceed EUR 1,500,000".', [False]),
    "unknown citation": ('"shall not exceed EUR 1,500,000" [9].', [False]),
    "one of two cited": ('"shall not exceed EUR 1,500,000" [2][1].', [True]),
    "never closed": ('It says "the cap is EUR 9 or more [1].', [False]),
    "never closed, curly": ("It says \u201cthe cap is EUR 9 or more [1].", [False]),
    "never closed, true": ('It says "shall not exceed EUR 1,500,000 [1]', [True]),
    "inches": ('The pipe is 5" wide and 9" long as drawn [1].', []),
    "defined term": ('The "Cap Amount" is not defined [1].', []),
    "ellipsis": ('"total liability ... in any Year" [1].', [True]),
    "ellipsis in brackets": ('"total liability [\u2026] in any Year" [1].', [True]),
    "ellipsis in the wrong order": ('"in any Year ... total liability" [1].', [False]),
    "ellipsis over a negation": ('"total liability shall ... exceed EUR 1,500,000" [1].', [False]),
    "ellipsis over an item": ('"The parties may terminate if: ... (b) a party is insolvent" [3].', [True]),
    "nothing but an ellipsis": ('It reads "... ... 1 ..." [3].', [True]),
    "word cut in front": ('"clusive licence to use" [2].', [False]),
    "non- cut off": ('"exclusive licence to use" [2].', [False]),
    "number word cut behind": ('"pay interest within thirty" [2].', [False]),
    "number word cut in front": ('"five days. It grants" [2].', [False]),
    "decimal cut behind": ('"the Marks, limited to 5" [2].', [False]),
    "hyphen of the word at a line end": ('"per cent. of long-term" [2].', [True]),
    "hyphen of the printer at a line end": ('"may be terminated by either" [2].', [True]),
    "ligature": ('"fixed orders, and the" [2].', [True]),
    "non-breaking hyphen and space": ('"a non\u2011exclusive licence\u00a0to use" [2].', [True]),
    "soft hyphen": ('"a non-exclu\u00adsive licence" [2].', [True]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "verbatim"), QUOTES.values(), ids=QUOTES.keys())
def test_quotations(text: str, verbatim: list[bool]) -> None:
    (statement,) = resolve(text, evidence())
    assert [quote.verbatim for quote in statement.quotes] == verbatim


def test_a_false_quotation_takes_the_support_away() -> None:
    statements = resolve(
        'It "shall not exceed EUR 9" [1]. It "shall not exceed EUR 1,500,000" [1].', evidence()
    )
    assert [statement.supported for statement in statements] == [False, True]


def test_the_outermost_quotations_are_found() -> None:
    text = 'a "b "c" d" e \u201cf \u201cg\u201d h\u201d 5" i \u201cj\n\nk\u201d'
    assert [text[start:end] for start, end in quoted_spans(text)] == [
        '"b "c" d"',
        "\u201cf \u201cg\u201d h\u201d",
    ]


HOSTILE: dict[str, str] = {
    "opening marks": "\u201c" * 50_000,
    "straight marks": ' "a' * 16_000,
    "single marks": " 'a" * 16_000,
    "ellipses": '"' + "a ... " * 8_000 + '" [1]',
    "mixed marks": "\u201c" * 25_000 + ' "a" \u201d' * 5_000,
    "spaces": '"a' + " " * 50_000 + 'b" [1]',
    "blank lines": "a\n \n" * 12_000,
    "abbreviations": "e.g. e.g. " * 5_000,
    "markers": "[1]" * 16_000,
    "open brackets": "[1," * 16_000,
    "full stops": ". " * 25_000,
    "short quotations": '"a b c" [1] ' * 2_000,
    "sentences": "It is so [1]. " * 3_500,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    resolve(text, evidence("a b " * 400, SECOND))
    assert time.process_time() - started < 3.0


VOCABULARY = ("the", "Buyer", "shall", "pay", "5", "5.5", "non-exclusive", "EUR", "fees;", "if", "not")
words = st.lists(st.sampled_from(VOCABULARY), min_size=3, max_size=40)


@settings(max_examples=200, deadline=None)
@given(words, st.data())
def test_any_run_of_whole_words_is_verbatim_however_set(material: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(material) - 3))
    end = data.draw(st.integers(start + 3, len(material)))
    gaps = [data.draw(st.sampled_from([" ", "\n", "  ", "\u00a0"])) for _ in material]
    text = "".join(word + gap for word, gap in zip(material, gaps, strict=True))

    assert stands_verbatim(" ".join(material[start:end]), text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


PIECES = ("The cap", " is 5", ". ", "[1]", "[9]", '"', "\n", "\u201d", "\u201c", "a b c", "[1-3] ")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_word_of_an_answer_is_lost_and_no_citation_leaves_the_evidence(text: str) -> None:
    material = evidence()
    statements = resolve(text, material)

    assert "".join("".join(statement.text.split()) for statement in statements) == "".join(text.split())
    for citation in (citation for statement in statements for citation in statement.citations):
        known = 1 <= citation.marker <= 3
        assert citation.passage == (material.passages[citation.marker - 1] if known else None)
