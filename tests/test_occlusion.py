"""Why this score: the drop of the logit, piece by piece, with a scorer whose arithmetic can be seen."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answering.sentences import Span
from core.explain.occlusion import PieceKind, explain
from core.explain.pieces import phrases, sentences, without
from core.explain.reading_end import reading_end
from core.models import PairScores, Progress, ignore_progress
from core.records import Chunk
from tests.fakes import make_chunk

TEXT = (
    "The supplier shall deliver the goods. Liability is capped at one million dollars in any year."
    " Notices are sent by post."
)


class PointsScorer:
    """The logit is the sum of the points of the words that a text holds; it reads ``limit`` words at most."""

    def __init__(self, points: dict[str, float], limit: int = 10_000) -> None:
        self._points = points
        self._limit = limit
        self.calls: list[int] = []

    def score_pairs(
        self,
        question: str,  # noqa: ARG002
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        self.calls.append(len(passages))
        on_progress(len(passages), len(passages))
        read = [passage.split()[: self._limit] for passage in passages]
        logits = [sum(self._points.get(word.strip(".,"), 0.0) for word in words) for words in read]
        cut_off = [len(passage.split()) > self._limit for passage in passages]
        return PairScores(np.asarray(logits, dtype=np.float64), np.asarray(cut_off))


def situated(text: str, context: str) -> Chunk:
    return make_chunk(text, context=context)


def test_each_piece_is_worth_what_its_words_are_worth() -> None:
    scorer = PointsScorer({"capped": 3.0, "million": 1.5, "goods": -0.5, "Supply": 0.25, "Heading": 1.0})
    found = explain("q", situated(TEXT, "Supply > 1 Heading"), scorer)
    assert found.logit == 3.0 + 1.5 - 0.5 + 0.25 + 1.0
    assert [(piece.kind, piece.text, piece.drop) for piece in found.context] == [
        (PieceKind.TITLE, "Supply", 0.25),
        (PieceKind.HEADING, "1 Heading", 1.0),
    ]
    assert [piece.drop for piece in found.sentences] == [-0.5, 4.5, 0.0]
    assert [(piece.text, piece.drop) for piece in found.phrases] == [
        ("Liability is capped at one million dollars", 4.5),
        ("in any year.", 0.0),
    ]
    assert all(TEXT[piece.start : piece.end] == piece.text for piece in found.sentences + found.phrases)
    assert found.without_context == pytest.approx(1 / (1 + 2.718281828 ** -(3.0 + 1.5 - 0.5)))
    assert (found.truncated, found.read_until) == (False, len(TEXT))
    assert found.ranked[0].text == "Liability is capped at one million dollars"
    assert found.ranked[-1].drop == -0.5


def test_the_budget_of_sixty_pairs_holds_for_a_long_passage() -> None:
    text = " ".join(f"Sentence {at} has capped several, many, a great many words in it." for at in range(60))
    scorer = PointsScorer({"capped": 1.0})
    found = explain("q", situated(text, "Title > 1 Heading"), scorer)
    assert found.pairs <= 60
    # Besides them the passage itself is looked up twice, which was scored when it was ranked.
    assert sorted(scorer.calls)[:2] == [1, 1]
    assert sum(scorer.calls) - 2 == found.pairs
    assert len(scorer.calls) == 4


@pytest.mark.parametrize(("limit", "read"), [(2, ""), (3, "one"), (7, "one two three four five"), (41, None)])
def test_the_end_of_what_was_read_is_found(limit: int, read: str | None) -> None:
    words = "one two three four five " + " ".join(f"w{at}" for at in range(400))
    chunk = situated(words, "A title")
    end, judged, truncated = reading_end("q", chunk, PointsScorer({}, limit))
    assert truncated
    assert len(words[:end].split()) == limit - 2
    assert judged <= 24
    if read is not None:
        assert words[:end] == read


def test_a_passage_that_is_cut_off_is_explained_as_far_as_it_was_read() -> None:
    text = "The cap is low. " + "More words follow here. " * 50 + "Unread treasure."
    found = explain("q", situated(text, "T"), PointsScorer({"cap": 2.0, "treasure": 9.0}, limit=30))
    assert found.truncated
    assert found.read_until < len(text) - len("Unread treasure.")
    assert found.sentences[0].drop == 2.0
    assert all(piece.end <= found.read_until for piece in found.sentences)


def test_a_question_that_was_shortened_as_well_is_said_to_be_so() -> None:
    class ShortensTheQuestion(PointsScorer):
        """Where a passage is cut off, it gains a point from words that do not fit beside the whole question."""

        def score_pairs(
            self,
            question: str,
            passages: Sequence[str],
            on_progress: Progress = ignore_progress,
            keep: int | None = None,
            similarities: Sequence[float] | None = None,
        ) -> PairScores:
            scores = super().score_pairs(question, passages, on_progress, keep, similarities)
            return PairScores(scores.logits + scores.truncated, scores.truncated)

    text = "The cap is low. " + "More words follow here. " * 20
    found = explain("q", situated(text, "T"), ShortensTheQuestion({"cap": 2.0}, limit=30))
    assert (found.logit, found.baseline, found.question_shortened) == (3.0, 2.0, True)
    assert found.sentences[0].drop == 2.0
    whole = explain("q", situated(text, "T"), PointsScorer({"cap": 2.0}, limit=30))
    assert not whole.question_shortened


@pytest.mark.parametrize(
    ("context", "kinds"),
    [
        pytest.param("", [], id="no context line"),
        pytest.param("1 Heading", [PieceKind.HEADING], id="heading alone"),
        pytest.param("Title > 1 Heading", [PieceKind.TITLE, PieceKind.HEADING], id="both"),
    ],
)
def test_title_and_heading_are_told_apart(context: str, kinds: list[PieceKind]) -> None:
    found = explain("q", situated("One sentence alone.", context), PointsScorer({}))
    assert [piece.kind for piece in found.context] == kinds


@given(st.text(alphabet="ab .,;:()\n1A", max_size=200), st.integers(1, 5))
def test_pieces_lose_no_word(text: str, most: int) -> None:
    spans = sentences(text, most)
    assert len(spans) <= most
    assert (
        "".join(span.of(text) for span in spans).split() == "".join(span.of(text) for span in spans).split()
    )
    assert "".join("".join(span.of(text).split()) for span in spans) == "".join(text.split())
    for span in spans:
        parts = phrases(text, span)
        assert "".join("".join(part.of(text).split()) for part in parts) == "".join(span.of(text).split())
        assert all(one.end <= other.start for one, other in pairwise(parts))


def test_what_is_left_out_leaves_one_space() -> None:
    assert without("one two three", Span(4, 7)) == "one three"
    assert without("one two", Span(0, 3)) == "two"
    assert without("one", Span(0, 3)) == ""
