"""How a candidate was found, in words."""

from dataclasses import replace

import pytest

from core.found_by import best_ranks, found_words, modules_of, searched_by, wording_words, written_by
from core.records import Candidate, FoundBy, Hit, Inquiry, Ranking, Wording
from pages.parts.found_view import found_html
from tests.fakes import make_chunk
from tests.rankings import ranked

CHUNK = make_chunk("The cap.")


def candidate(*found: FoundBy, dense: Hit | None = None, bm25: Hit | None = None) -> Candidate:
    return Candidate(CHUNK, "Supply", dense, bm25, 1, 0.1, found)


TWICE = candidate(
    FoundBy("bm25", "cap", "question", 7, 3.0),
    FoundBy("dense", "limit", "rewrite", 2, 0.5),
    FoundBy("bm25", "limit", "rewrite", 4, 5.0),
    FoundBy("graph", "cap", "question", 9, 0.1, ("Supply", "Fees", "Section 8")),
)


def test_every_module_is_named_with_its_best_rank() -> None:
    assert best_ranks(TWICE) == {"dense": 2, "bm25": 4, "graph": 9}
    assert found_words(TWICE) == "dense 2, BM25 4, graph 9"


def test_a_record_of_before_finds_were_kept_names_both_legs() -> None:
    old = candidate(dense=Hit(CHUNK.chunk_id, 3, 0.5), bm25=Hit(CHUNK.chunk_id, 1, 2.0))
    assert found_words(old) == "BM25 1, dense 3"
    assert found_html(old) == ""
    assert found_words(candidate(dense=Hit(CHUNK.chunk_id, 3, 0.5))) == "dense 3"


def test_every_find_is_shown_with_wording_writer_and_rank() -> None:
    shown = found_html(TWICE)
    assert "How it was found: 4 ways" in shown
    assert "<td>BM25</td><td>limit</td><td>rewrite</td><td>4</td>" in shown
    assert "<td>BM25</td><td>cap</td><td>the question itself</td><td>7</td>" in shown
    assert '<details class="found">' in shown
    assert '<details class="found" open>' in found_html(TWICE, opened=True)


def test_wordings_and_writers_are_escaped() -> None:
    bad = "<script>alert(1)</script>"
    shown = found_html(candidate(FoundBy("graph", bad, bad, 1, 1.0, (bad,))))
    assert shown.count("&lt;script&gt;") == 2
    assert "<script" not in shown


def test_the_two_legs_come_first() -> None:
    inquiry = Inquiry("q")
    (kept,) = ranked(inquiry, ("a", "one", 1.0)).kept
    other = candidate(FoundBy("bm25", "q", "question", 1, 1.0))
    ranking = Ranking((replace(kept, candidate=TWICE),), (replace(kept, candidate=other),))
    assert modules_of(ranking) == ("dense", "bm25", "graph")


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        (Wording("a", "reader"), "\u201ca\u201d (the reader; searched by its meaning and its words)"),
        (
            Wording("a", "hypothetical_clause", bm25=False),
            "\u201ca\u201d (hypothetical clause; searched by its meaning alone)",
        ),
        (Wording("a", "rm3", dense=False, derived=True), "\u201ca\u201d (RM3; searched by its words alone)"),
        (
            Wording("a", "rewrite", by="the legal thesaurus"),
            "\u201ca\u201d (the legal thesaurus; searched by its meaning and its words)",
        ),
    ],
    ids=["reader", "hypothetical clause", "feedback", "thesaurus"],
)
def test_a_wording_says_who_wrote_it_and_what_of_it_is_searched(wording: Wording, expected: str) -> None:
    assert wording_words(wording) == expected
    assert searched_by(wording) in expected
    assert written_by(wording) in expected
