"""The harm report: question by question, where reranking moved the first right passage, and what it cost."""

from collections.abc import Collection, Sequence

from core.pipeline.tools import Passages
from core.records import Chunk, Judged
from evals.questions import LabelledQuestion
from evals.report import Case, Excerpt, Movement

LONGEST_TEXT = 1600


def case_of(
    question: LabelledQuestion, right: Collection[str], ranking: Sequence[Judged], shelf: Passages
) -> Case:
    """What reranking did to one question.

    Args:
        question: the question.
        right: the ids of its right passages, at least one.
        ranking: every candidate, in the order after reranking.
        shelf: where a right passage is fetched from that is no candidate.
    """
    before = sorted(ranking, key=lambda judged: judged.candidate.fused_rank)
    first_before = next((one for one in before if _id(one) in right), None)
    first_after = next((one for one in ranking if _id(one) in right), None)
    if first_before is None or first_after is None:
        # A right passage that is no candidate is fetched, so that a reader sees what was missed.
        missed = next(iter(shelf.chunks(sorted(right)[:1]).values()), None)
        excerpt = None if missed is None else _quoted(missed, shelf.titles[missed.contract_id])
        return _case(question, Movement.MISSED, None, None, excerpt)
    ranks = first_before.candidate.fused_rank, first_after.rank
    if ranks[0] == ranks[1]:
        return _case(question, Movement.TIE, *ranks)
    if ranks[1] < ranks[0]:
        return _case(question, Movement.WIN, *ranks, _excerpt(first_after), _excerpt(before[0]))
    return _case(question, Movement.LOSS, *ranks, _excerpt(first_before), _excerpt(ranking[0]))


def _case(
    question: LabelledQuestion,
    movement: Movement,
    before: int | None,
    after: int | None,
    right: Excerpt | None = None,
    rival: Excerpt | None = None,
) -> Case:
    return Case(
        question.question_id,
        question.question,
        question.category,
        movement,
        before,
        after,
        right,
        rival,
    )


def _excerpt(judged: Judged) -> Excerpt:
    return _quoted(
        judged.candidate.chunk,
        judged.candidate.contract_title,
        judged.candidate.fused_rank,
        judged.rank,
        round(judged.relevance, 5),
    )


def _quoted(
    chunk: Chunk,
    title: str,
    before: int | None = None,
    after: int | None = None,
    relevance: float | None = None,
) -> Excerpt:
    text = chunk.text if len(chunk.text) <= LONGEST_TEXT else f"{chunk.text[:LONGEST_TEXT].rstrip()}..."
    return Excerpt(title, chunk.heading, chunk.page_start, chunk.page_end, text, before, after, relevance)


def _id(judged: Judged) -> str:
    return judged.candidate.chunk.chunk_id
