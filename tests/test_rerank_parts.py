"""The second stage for a question in parts: whose logit counts, who gets a place first, and what the rest is told."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from core.inference.protocols import PairScores, Progress, ignore_progress
from core.records import Candidate, Chunk, FoundBy, Inquiry, Part, Ranking, Selection, Verdict
from core.stage2_rerank import rerank, select_evidence
from tests.fakes import make_chunk

QUESTION, FIRST, SECOND = "Who pays, and is it capped?", "Who pays?", "Is it capped?"
PARTS = (Part(FIRST, FIRST), Part(SECOND, SECOND))


class WordingScorer:
    """Logits by wording and passage; what the table does not hold gets -10."""

    def __init__(self, logits: Mapping[str, Mapping[str, float]]) -> None:
        self._logits = logits
        self.read: list[tuple[str, tuple[str, ...]]] = []

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        self.read.append((question, tuple(passages)))
        on_progress(len(passages), len(passages))
        known = self._logits.get(question, {})
        return PairScores(
            np.asarray([known.get(text, -10.0) for text in passages]), np.zeros(len(passages), dtype=np.bool_)
        )


def candidate(text: str, part: str = "", contract_id: str = "a" * 64) -> Candidate:
    """Found for ``part`` at the rank that its text ends in."""
    rank = int(text[-1])
    chunk: Chunk = make_chunk(text, ord(text[0]) * 10 + rank, contract_id)
    found = FoundBy("agent", part or QUESTION, "plan", rank, 1.0 / rank, part=part)
    return Candidate(chunk, "Title", None, None, rank, 1.0 / rank, (found,))


def verdicts(ranking: Ranking) -> dict[str, Verdict]:
    return {one.candidate.chunk.text: one.verdict for one in ranking.all}


def test_every_part_gets_its_best_passage_before_another_part_gets_a_second() -> None:
    candidates = [candidate(f"pays {n}", FIRST) for n in (1, 2, 3)] + [candidate("capped 1", SECOND)]
    scorer = WordingScorer(
        {
            QUESTION: {"pays 1": 3.0, "pays 2": 2.0, "pays 3": 1.0, "capped 1": -3.0},
            FIRST: {"pays 1": 4.0},
            SECOND: {"capped 1": 0.0},
        }
    )
    ranking = rerank(Inquiry(QUESTION, keep=2), candidates, scorer, parts=PARTS)
    assert verdicts(ranking) == {
        "pays 1": Verdict.KEPT,
        "pays 2": Verdict.OTHER_PART,
        "pays 3": Verdict.OTHER_PART,
        "capped 1": Verdict.KEPT,
    }
    by_text = {one.candidate.chunk.text: one for one in ranking.all}
    assert [(by_text[text].logit, by_text[text].wording) for text in ("pays 1", "pays 2", "capped 1")] == [
        (4.0, FIRST),
        (2.0, ""),
        (0.0, SECOND),
    ]
    assert [one.rank for one in ranking.all] == [1, 2, 3, 4]
    assert [one.text for one in select_evidence(Inquiry(QUESTION, keep=2), ranking).passages] == [
        "pays 1",
        "capped 1",
    ]


def test_a_part_is_read_only_with_the_passages_found_for_it() -> None:
    scorer = WordingScorer({})
    rerank(
        Inquiry(QUESTION), [candidate("pays 1", FIRST), candidate("capped 1", SECOND)], scorer, parts=PARTS
    )
    assert scorer.read == [
        (QUESTION, ("pays 1", "capped 1")),
        (FIRST, ("pays 1",)),
        (SECOND, ("capped 1",)),
    ]


@pytest.mark.parametrize(
    ("logit", "minimum", "verdict"),
    [
        pytest.param(-2.1, 0.0, Verdict.KEPT, id="one chance in ten is enough"),
        pytest.param(-2.2, 0.0, Verdict.BEYOND_KEEP, id="less takes no place from another part"),
        pytest.param(-2.1, 0.2, Verdict.BELOW_MINIMUM, id="the minimum holds for parts too"),
    ],
)
def test_a_part_without_a_passage_worth_it_takes_no_place(
    logit: float, minimum: float, verdict: Verdict
) -> None:
    candidates = [candidate("pays 1", FIRST), candidate("pays 2", FIRST), candidate("capped 1", SECOND)]
    scorer = WordingScorer({QUESTION: {"pays 1": 3.0, "pays 2": 2.0}, SECOND: {"capped 1": logit}})
    inquiry = Inquiry(QUESTION, keep=2, minimum_relevance=minimum)
    assert verdicts(rerank(inquiry, candidates, scorer, parts=PARTS))["capped 1"] is verdict


def test_contracts_that_are_compared_are_judged_by_the_question_alone_and_each_gets_a_place() -> None:
    parts = (Part("One", QUESTION, ("a" * 64,)), Part("Other", QUESTION, ("b" * 64,)))
    candidates = [candidate(f"one {n}") for n in (1, 2)] + [candidate("two 1", contract_id="b" * 64)]
    scorer = WordingScorer({QUESTION: {"one 1": 3.0, "one 2": 2.0, "two 1": 1.0}})
    ranking = rerank(Inquiry(QUESTION, keep=2), candidates, scorer, parts=parts)
    assert verdicts(ranking) == {
        "one 1": Verdict.KEPT,
        "one 2": Verdict.OTHER_PART,
        "two 1": Verdict.KEPT,
    }
    assert len(scorer.read) == 1
    assert {one.wording for one in ranking.all} == {""}


def test_where_the_reader_wants_the_best_of_each_contract_that_rule_decides() -> None:
    candidates = [candidate("pays 1", FIRST), candidate("capped 1", SECOND)]
    scorer = WordingScorer({QUESTION: {"pays 1": 3.0}, SECOND: {"capped 1": 2.0}})
    inquiry = Inquiry(QUESTION, keep=2, selection=Selection.BEST_OF_EACH)
    assert verdicts(rerank(inquiry, candidates, scorer, parts=PARTS))["capped 1"] is Verdict.SAME_CONTRACT


def test_kept_and_discarded_are_all_candidates_and_never_more_than_the_places() -> None:
    parts = tuple(Part(str(n), f"Part {n}?") for n in range(1, 8))
    candidates = [candidate(f"{chr(96 + int(part.name))} 1", part.name) for part in parts]
    scorer = WordingScorer(
        {part.text: {one.chunk.text: 1.0} for part, one in zip(parts, candidates, strict=True)}
    )
    ranking = rerank(Inquiry(QUESTION, keep=5), candidates, scorer, parts=parts)
    assert (len(ranking.kept), len(ranking.discarded)) == (5, 2)
    assert sorted(one.rank for one in ranking.all) == list(range(1, 8))
