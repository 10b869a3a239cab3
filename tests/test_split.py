"""Chunks: nothing lost, nothing too long, headings with their text, clauses of one parent together."""

import re
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Chunk, ChunkKind, ContractText, Page, TextSource
from ingest.clauses.packing import MOST_WORDS
from ingest.split import CONTEXT_TOKENS, situate, split

TITLE = "Supply Agreement"
SENTENCE = "The Seller shall deliver the Goods to the Buyer at the agreed place and time. "


def count_tokens(text: str) -> int:
    """Words and signs, and one special token at either end, as the models count."""
    return len(re.findall(r"\w+|[^\w\s]", text)) + 2


def contract_of(*pages: str) -> ContractText:
    placed, start = [], 0
    for number, page in enumerate(pages, 1):
        placed.append(Page(number, "", start, start + len(page), TextSource.TEXT))
        start += len(page) + 1
    return ContractText("c" * 64, "supply.pdf", "\n".join(pages), tuple(placed))


def chunks_of(*pages: str, token_limit: int = 256) -> tuple[Chunk, ...]:
    return split(contract_of(*pages), TITLE, count_tokens, "fingerprint", token_limit)


def words(count: int) -> str:
    """``count`` words of sentences of 15."""
    return " ".join((SENTENCE * (count // 15 + 1)).split()[:count])


def assert_covers(contract: ContractText, chunks: tuple[Chunk, ...]) -> None:
    position = 0
    for chunk in chunks:
        assert contract.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
        assert not contract.text[position : chunk.start].strip()
        position = chunk.end
    assert not contract.text[position:].strip()


PIECES = st.sampled_from(
    [
        *(
            "1. TERM\n",
            "2.1 Fees. ",
            "(a) ",
            "(i) ",
            "ARTICLE IV\n",
            "Section 5.01 ",
            "EXHIBIT A\n",
            "RECITALS\n",
        ),
        *(
            "TABLE OF CONTENTS\n",
            "Fees .... 3\n",
            "agree as follows:\n",
            '"Losses" means loss;\n',
            "IN WITNESS WHEREOF",
        ),
        *("\n", "\n\n", " ", "\u00a0", "\u037e", "\u2028", "\x1c", "$4.2 ", "word "),
        *(SENTENCE, SENTENCE * 12, "x" * 300),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.lists(PIECES).map("".join), st.text(max_size=60)), max_size=6),
    st.sampled_from([24, 60, 256]),
)
def test_every_character_lies_in_exactly_one_chunk_that_fits(pages: list[str], token_limit: int) -> None:
    contract = contract_of(*pages)
    chunks = split(contract, TITLE, count_tokens, "f", token_limit)
    assert_covers(contract, chunks)
    for chunk in chunks:
        assert count_tokens(chunk.situated_text) <= token_limit
        assert 1 <= chunk.page_start <= chunk.page_end <= len(pages)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))


@pytest.mark.parametrize("text", ["", " \n\n\t ", "\x0c"])
def test_no_text_no_chunks(text: str) -> None:
    assert chunks_of(text) == ()


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 24, not 23"):
        chunks_of("Text.", token_limit=23)


def test_the_same_contract_gives_the_same_ids() -> None:
    chunks = chunks_of(f"1. Term. {words(100)}\n2. Fees. {words(100)}")
    assert [chunk.chunk_id for chunk in chunks] == [
        str(uuid.uuid5(uuid.NAMESPACE_URL, f"{'c' * 64}/fingerprint/{ordinal}")) for ordinal in range(2)
    ]


def test_each_clause_is_a_chunk_with_its_heading_and_context() -> None:
    first, second = chunks_of(f"8. LIMITATION OF LIABILITY\n8.1 Scope. {words(100)}.\n8.2 Cap. {words(100)}.")
    assert first.heading_path == ("8 LIMITATION OF LIABILITY", "8.1 Scope")
    assert first.text.startswith("8. LIMITATION OF LIABILITY\n8.1 Scope.")
    assert second.heading_path == ("8 LIMITATION OF LIABILITY", "8.2 Cap")
    assert second.context == "Supply Agreement > 8 LIMITATION OF LIABILITY > 8.2 Cap"


def test_short_siblings_share_a_chunk_under_their_parent() -> None:
    general = f"9. GENERAL\n9.1 Waiver. {words(30)}.\n9.2 Notices. {words(30)}.\n9.3 Costs. {words(30)}.\n"
    chunks = chunks_of(f"{general}10. LAW\n{words(60)}.")
    assert [chunk.heading_path for chunk in chunks] == [("9 GENERAL",), ("10 LAW",)]


def test_clauses_of_a_line_or_two_share_a_chunk_that_names_both() -> None:
    chunks = chunks_of(f"1. Time. {words(12)}.\n2. Headings. {words(12)}.\n3. Price. {words(120)}.")
    assert [chunk.heading_path for chunk in chunks] == [("1 Time; 2 Headings",), ("3 Price",)]


def test_a_long_clause_is_cut_at_sentences_into_even_parts() -> None:
    chunks = chunks_of(f"1. Delivery. {SENTENCE * 20}")
    assert len(chunks) == 2
    assert all(chunk.heading_path == ("1 Delivery",) and chunk.text.endswith("time.") for chunk in chunks)
    lengths = [len(chunk.text.split()) for chunk in chunks]
    assert abs(lengths[0] - lengths[1]) <= 15


def test_an_abbreviation_is_no_place_to_cut() -> None:
    sentence = (
        "The goods made by Acme Inc. The Hague for the U.S. Navy under No. 5 are excluded, i.e. They stay. "
    )
    for chunk in chunks_of(f"1. Goods. {sentence * 30}"):
        assert chunk.text.endswith("They stay.")


def test_no_chunk_ends_with_a_heading() -> None:
    text = "".join(
        f"{clause}. CLAUSE {'ABCDEFGH'[clause - 1]}\n{clause}.1 First Part\n(a) {words(140)}.\n(b) {words(150)}.\n"
        for clause in range(1, 8)
    )
    for chunk in chunks_of(text):
        last = chunk.text.rsplit("\n", 1)[-1]
        assert not re.fullmatch(r"\d\. CLAUSE [A-H]|\d\.1 First Part", last)


def test_a_clause_over_a_page_break_stays_together() -> None:
    (chunk,) = chunks_of(f"5. Term. {words(40)}", f"and then {words(40)}")
    assert (chunk.page_start, chunk.page_end) == (1, 2)


def test_kinds() -> None:
    chunks = chunks_of(
        f"SUPPLY AGREEMENT\nbetween Acme Inc. and Bolt Ltd.\nThe parties agree as follows:\n1. Definitions\n"
        f'"Goods" means {words(50)}.\n"Price" means {words(50)}.\n2. Sale. {words(90)}.\n'
        f"EXHIBIT A\nPRICES\n{words(90)}."
    )
    assert [(chunk.kind, chunk.heading_path) for chunk in chunks] == [
        (ChunkKind.FRONT, ()),
        (ChunkKind.DEFINITIONS, ("1 Definitions",)),
        (ChunkKind.CLAUSE, ("2 Sale",)),
        (ChunkKind.SCHEDULE, ("EXHIBIT A PRICES",)),
    ]


def test_a_definition_is_not_cut_in_two() -> None:
    terms = [f'"Term {letter}" means {words(70)}.' for letter in "ABCDEFGH"]
    chunks = chunks_of("1. Definitions\n" + "\n".join(terms))
    for term in terms:
        assert sum(term in chunk.text for chunk in chunks) == 1


@pytest.mark.parametrize(
    ("title", "path", "limit", "expected"),
    [
        ("Supply Agreement", ("8 Liability", "8.2 Cap"), 20, "Supply Agreement > 8 Liability > 8.2 Cap"),
        ("The Very Long Title of an Agreement", ("8 Liability",), 8, "The Very Long > 8 Liability"),
        ("Supply Agreement", ("8 Liability", "8.2 Cap"), 9, "8 Liability > 8.2 Cap"),
        ("Supply Agreement", ("8 Liability", "8.2 Cap"), 6, "8.2 Cap"),
        ("", ("8 Liability",), 20, "8 Liability"),
        ("", (), 20, ""),
    ],
    ids=["whole", "title-cut", "title-dropped", "outer-dropped", "no-title", "nothing"],
)
def test_situate(title: str, path: tuple[str, ...], limit: int, expected: str) -> None:
    assert situate(title, path, count_tokens, limit) == expected


def test_context_has_its_own_limit() -> None:
    (chunk,) = split(contract_of(f"1. Term. {words(50)}"), "Word " * 200, count_tokens, "f")
    assert chunk.context.endswith("> 1 Term")
    assert count_tokens(chunk.context) <= CONTEXT_TOKENS


@pytest.mark.parametrize(
    "unit",
    ["7", ".", "1.", "(", "()", "(a)", '"', " ", "_", "A.b.", "\u00a0x", "by and between (a "],
    ids=repr,
)
def test_hostile_lines_take_no_time(unit: str) -> None:
    contract = contract_of(unit * (100_000 // len(unit)))
    started = time.process_time()
    chunks = split(contract, TITLE, count_tokens, "f")
    assert time.process_time() - started < 5
    assert_covers(contract, chunks)


def test_time_grows_with_the_length_only() -> None:
    clause = "".join(
        f"{{0}}.{part} Part. {words(60)}.\n(a) {words(20)};\n(b) {words(20)}.\n" for part in range(1, 6)
    )
    started = time.process_time()
    chunks = chunks_of("".join(f"{number}. CLAUSE\n" + clause.format(number) for number in range(1, 200)))
    assert time.process_time() - started < 15
    assert max(len(chunk.text.split()) for chunk in chunks) <= MOST_WORDS
