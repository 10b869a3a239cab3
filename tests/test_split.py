"""Chunks: nothing lost, within the models' limit, headings with their bodies, clauses under their numbers."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.records import Chunk, ChunkKind, ContractText, Page, TextSource
from ingest.split import split

SUPPLY = """SUPPLY AGREEMENT
This Agreement is dated 4 March 2024 and made between Harbour Foods plc and Northwind Limited.
1. DEFINITIONS
1.1 In this Agreement the following words have these meanings:
"Goods" means the packaging described in Schedule 1.
"Losses" means all losses, costs and expenses.
2. DELIVERY
2.1 The Supplier shall deliver the Goods to the Delivery Point by the Due Date, between eight and eleven in the
morning of a Business Day, and shall tell the Buyer the day before which vehicle will come and who drives it.
2.2 If the Goods arrive late, the Supplier shall pay one per cent of the Price for each day of delay. The
amounts payable under clause
2.1 of this Agreement are not reduced.
3. LIABILITY
3.1 Nothing in this Agreement limits liability for fraud, for death or personal injury caused by negligence, or for
anything else for which the law that governs this Agreement does not allow liability to be limited or excluded.
3.2 Cap. Subject to clause 3.1, the liability of each party is limited to the Price.
SCHEDULE 1
GOODS
Chilled packaging of grade A.
"""


def count_words(text: str) -> int:
    return len(text.split()) + 2


def contract_of(*pages: str) -> ContractText:
    text = "\n".join(pages)
    made, start = [], 0
    for number, page in enumerate(pages, start=1):
        made.append(Page(number, str(number), start, start + len(page), TextSource.TEXT))
        start += len(page) + 1
    return ContractText("c" * 64, "supply.pdf", text, tuple(made))


def chunks_of(*pages: str, limit: int = 256) -> tuple[Chunk, ...]:
    return split(contract_of(*pages), "Supply Agreement", count_words, "print", limit)


def holding(chunks: tuple[Chunk, ...], words: str) -> Chunk:
    (found,) = [chunk for chunk in chunks if words in " ".join(chunk.text.split())]
    return found


def assert_lossless(contract: ContractText, chunks: tuple[Chunk, ...]) -> None:
    end = 0
    for chunk in chunks:
        assert not contract.text[end : chunk.start].strip()
        assert contract.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip()
        end = chunk.end
    assert not contract.text[end:].strip()


PIECES = st.sampled_from(
    [
        "1.",
        "2.",
        "2.1",
        "(a)",
        "(ii)",
        "ARTICLE IV",
        "Section 5.",
        "SCHEDULE A",
        "LIABILITY",
        '"Losses" means',
    ]
)
LINES = st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=8).map(" ".join)
PAGES = st.lists(st.lists(LINES, max_size=12).map("\n".join), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(PAGES, st.sampled_from([40, 120, 256]))
@example(["0"], 40)
@example(["0\n1", "2"], 40)
def test_every_character_is_in_exactly_one_chunk_of_bounded_size(pages: list[str], limit: int) -> None:
    contract = contract_of(*pages)
    chunks = split(contract, "Supply Agreement", count_words, "print", limit)
    assert_lossless(contract, chunks)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
    assert all(count_words(chunk.situated_text) <= limit for chunk in chunks)
    assert all(1 <= chunk.page_start <= chunk.page_end <= len(pages) for chunk in chunks)


def test_the_same_contract_gives_the_same_chunks_and_another_fingerprint_other_ids() -> None:
    contract = contract_of(SUPPLY)
    first = split(contract, "Supply Agreement", count_words, "one")
    assert split(contract, "Supply Agreement", count_words, "one") == first
    other = split(contract, "Supply Agreement", count_words, "two")
    assert not {chunk.chunk_id for chunk in first} & {chunk.chunk_id for chunk in other}


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        pytest.param("one per cent of the Price", "2 DELIVERY", id="clause"),
        pytest.param("limited to the Price", "3 LIABILITY", id="titled sub-clause"),
    ],
)
def test_a_clause_stands_under_its_heading(words: str, heading: str) -> None:
    chunk = holding(chunks_of(SUPPLY), words)
    assert chunk.heading_path[0] == heading
    assert chunk.kind is ChunkKind.CLAUSE
    assert chunk.context.startswith("Supply Agreement > ")


def test_definitions_and_schedules_are_chunks_of_their_own() -> None:
    chunks = chunks_of(SUPPLY)
    assert holding(chunks, "all losses, costs and expenses").kind is ChunkKind.DEFINITIONS
    assert holding(chunks, "Chilled packaging").kind is ChunkKind.SCHEDULE
    assert holding(chunks, "made between Harbour Foods plc").kind is ChunkKind.FRONT


def test_a_reference_at_the_beginning_of_a_line_is_no_clause() -> None:
    chunks = chunks_of(SUPPLY)
    assert holding(chunks, "are not reduced") is holding(chunks, "one per cent of the Price")


def test_no_chunk_ends_with_a_heading() -> None:
    headings = ("DEFINITIONS", "DELIVERY", "LIABILITY", "GOODS", "SCHEDULE 1")
    assert not [chunk for chunk in chunks_of(SUPPLY) if chunk.text.endswith(headings)]


def test_a_clause_over_a_page_break_stays_together_and_names_both_pages() -> None:
    chunks = chunks_of(
        "2. DELIVERY\n2.1 The Supplier shall deliver the Goods to", "the Delivery Point by the Due Date."
    )
    chunk = holding(chunks, "to the Delivery Point")
    assert (chunk.page_start, chunk.page_end) == (1, 2)


def test_a_long_clause_is_cut_at_sentences() -> None:
    sentence = "The Supplier shall keep every record of each delivery for seven years after its date. "
    chunks = chunks_of("1. RECORDS\n1.1 " + sentence * 60)
    assert len(chunks) > 4
    assert all(chunk.text.endswith("date.") for chunk in chunks)
    assert all(chunk.heading_path[0] == "1 RECORDS" for chunk in chunks)


@pytest.mark.parametrize(
    "line", ["1" * 50_000, "." * 50_000, "(" * 50_000, " " * 50_000, "A " * 25_000, '"' * 50_000]
)
def test_hostile_lines_are_split_in_linear_time(line: str) -> None:
    contract = contract_of(line)
    assert_lossless(contract, split(contract, "Title", count_words, "print"))


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="not 10"):
        split(contract_of(SUPPLY), "Title", count_words, "print", 10)
