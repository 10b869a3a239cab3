"""Clauses, outcomes and reports of evaluations made by hand, shared by the tests."""

from collections.abc import Sequence

from evals.harm import LONGEST_TEXT
from evals.measures import Interval, rank_of_first, reliability
from evals.questions import LabelledQuestion
from evals.report import (
    FORMAT,
    Calibration,
    Case,
    CategoryFigures,
    Environment,
    Excerpt,
    LabelCounts,
    Machine,
    MinimumFigures,
    ModelUsed,
    Movement,
    Report,
    Section,
    Separation,
    StepTime,
    SystemFigures,
    TextCounts,
)
from evals.run import BM25, DENSE, HYBRID, RERANKED, SYSTEMS, Outcome

LAW = "This Agreement is governed by the laws of the State of Ruritania."
CAP = "The Supplier is liable for at most twice the fees paid in a year."
STAFF = "Neither party shall hire or solicit employees of the other for one year."


def make_outcome(
    question_id: str,
    reranked: str,
    right: str = "",
    hybrid: str = "",
    relevances: Sequence[float] = (),
    section: str = "",
) -> Outcome:
    """An outcome whose passages are named by single letters, best first."""
    question = LabelledQuestion(
        question_id, "Why?", "Law", (), "a.pdf" if right else "", tuple(right), section
    )
    before, after = tuple(hybrid or reranked), tuple(reranked)
    return Outcome(
        question=question,
        right=frozenset(right),
        ranked={BM25: (), DENSE: (), HYBRID: before, RERANKED: after},
        relevances=tuple(relevances),
        seconds={BM25: 0.1, DENSE: 0.2, "retrieve": 0.3, "rerank": 4.0},
        grades=dict.fromkeys(right, 1),
        case=make_case(question_id, rank_of_first(before, right), rank_of_first(after, right))
        if right
        else None,
    )


def make_case(
    question_id: str,
    before: int | None,
    after: int | None,
    category: str = "Law",
    text: str = LAW,
) -> Case:
    """A case with passages whose title is ``Supply``, as the ranks say."""
    if before is None or after is None:
        return Case(question_id, "Why?", category, Movement.MISSED, None, None, _excerpt(text, None, None))
    if before == after:
        return Case(question_id, "Why?", category, Movement.TIE, before, after)
    movement = Movement.WIN if after < before else Movement.LOSS
    right, rival = _excerpt(text, before, after), _excerpt(f"Instead: {text}", after, before)
    return Case(question_id, "Why?", category, movement, before, after, right, rival)


def _excerpt(text: str, before: int | None, after: int | None) -> Excerpt:
    relevance = None if after is None else 1 / (1 + after)
    return Excerpt("Supply", "9 Law", 2, 3, text[:LONGEST_TEXT], before, after, relevance)


CASES = (
    make_case("up", 4, 1),
    make_case("down", 1, 6),
    make_case("same", 2, 2),
    make_case("missed", None, None),
)


def make_report(cases: Sequence[Case] = CASES, names: Sequence[str] = ("",)) -> Report:
    """A report with a section for each of ``names``; figures are 0.25, 0.5 and 0.75 everywhere."""
    return Report(
        format=FORMAT,
        source="sample_corpus",
        created_at="2026-01-02T03:04:05+00:00",
        seed=7,
        sections=tuple(make_section(name, cases) for name in names),
        labels=LabelCounts(5, 1, 0, 1),
        texts=TextCounts(2, 20, 90, ("refused.pdf: empty",)),
        indexing_seconds=1.5,
        timings={"rerank": StepTime(0.5, 0.9)},
        environment=Environment(
            ModelUsed("encoder", "e" * 64, "openvino"),
            ModelUsed("reranker", "r" * 64, "openvino"),
            candidates=100,
            keep=5,
            minimum_relevance=0.05,
            rrf_k=60,
            versions={"python": "3"},
            machine=Machine("processor", 2, "Linux"),
        ),
        notes=("A note.",),
    )


def make_section(name: str, cases: Sequence[Case]) -> Section:
    """A section with those cases."""
    middle = Interval(0.5, 0.25, 0.75)
    return Section(
        name=name,
        answered=len(cases),
        silent=2,
        quality=tuple(SystemFigures(system, {"hit@1": middle, "MRR": middle}) for system in SYSTEMS),
        gain={"hit@1": middle, "MRR": middle},
        categories=(CategoryFigures("Law", len(cases), 3, 2, 2, 1, 1),),
        minima=(
            MinimumFigures(0.0, 0.5, 0.0, 5.0, 1.0, 5.0),
            MinimumFigures(0.05, 0.5, 0.125, 4.0, 0.25, 1.0),
        ),
        separation=Separation(len(cases), 2, Interval(0.875, 0.75, 1.0), (0.5, 0.6, 0.7), (0.1, 0.2, 0.3)),
        calibrations=(Calibration("all questions", 2, 0.125, reliability([0.25, 0.75], [False, True])),),
        cases=tuple(cases),
    )
