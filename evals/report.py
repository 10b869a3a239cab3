"""The records of a report: what an evaluation found, as it is saved, drawn in a terminal and shown in the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evals.measures import Bin, Interval

FORMAT = 1


class Movement(StrEnum):
    """Where reranking moved the first right passage of a question."""

    WIN = "win"
    LOSS = "loss"
    TIE = "tie"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage as the report quotes it, with its ranks among the candidates (None: it was none of them).

    Pages count from 1, both inclusive; 0 where the passage has no pages. ``relevance`` lies between 0 and 1.
    """

    title: str
    heading: str
    page_start: int
    page_end: int
    text: str
    rank_before: int | None = None
    rank_after: int | None = None
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question with an answer: where its first right passage stood before reranking and stands after.

    ``right`` is the right passage and ``rival`` the wrong one that stands first in the order that ranks the
    right one lower: what a loss shows instead, or what a win got rid of. Ties carry no passages.
    """

    question_id: str
    question: str
    category: str
    movement: Movement
    rank_before: int | None
    rank_after: int | None
    right: Excerpt | None = None
    rival: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class SystemFigures:
    """The mean of each measure over the questions with an answer, for one way of searching."""

    system: str
    measures: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """Numbers of questions of one category: all of them, those with a right passage among the candidates and
    among the kept before and after reranking, and those where reranking moved it up or down.
    """

    category: str
    questions: int
    found: int
    hit_hybrid: int
    hit_reranked: int
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class MinimumFigures:
    """What one minimum relevance costs and saves.

    ``hit`` is the share of answered questions with a right passage among the kept; ``lost`` the share of those
    that would have one without a minimum and lose it; ``false_evidence`` the share of silent questions with
    anything kept; ``passages`` and ``passages_silent`` the mean number kept. None where nothing was asked.
    """

    minimum_relevance: float
    hit: float | None
    lost: float | None
    passages: float | None
    false_evidence: float | None
    passages_silent: float | None


@dataclass(frozen=True, slots=True)
class Separation:
    """How well a question's best relevance tells answered from silent ones; quantiles at 10, 50 and 90 %."""

    answered: int
    silent: int
    area_under_curve: Interval
    best_relevance_answered: tuple[float, ...]
    best_relevance_silent: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the relevance of kept passages is the share of right ones among them; ``over`` says of what."""

    over: str
    passages: int
    expected_calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of questions of one kind; ``gain`` is reranked minus hybrid, question by question."""

    name: str
    answered: int
    silent: int
    quality: tuple[SystemFigures, ...]
    gain: Mapping[str, Interval]
    categories: tuple[CategoryFigures, ...]
    minima: tuple[MinimumFigures, ...]
    separation: Separation | None
    calibrations: tuple[Calibration, ...]
    cases: tuple[Case, ...]

    def count(self, movement: Movement) -> int:
        """The number of questions that moved this way."""
        return sum(case.movement is movement for case in self.cases)


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Labelled quotes and what could not be used of them."""

    quotes: int = 0
    not_found: int = 0
    ambiguous: int = 0
    questions_left_out: int = 0


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What was searched, and the files that could not be."""

    documents: int
    pages: int
    passages: int
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepTime:
    """Wall-clock seconds of one step: the median over questions and the 90th percentile."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """A model, the sha256 of its weights (empty where they are no file of this disk), and what ran it."""

    name: str
    weights: str
    backend: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer on which the times were taken."""

    processor: str
    cores: int
    system: str


@dataclass(frozen=True, slots=True)
class Environment:
    """What figures depend on besides the questions."""

    encoder: ModelUsed
    reranker: ModelUsed
    candidates: int
    keep: int
    minimum_relevance: float
    rrf_k: int
    versions: Mapping[str, str]
    machine: Machine


@dataclass(frozen=True, slots=True)
class Report:
    """A whole evaluation. ``created_at`` is UTC in ISO 8601; ``format`` changes when these records do."""

    format: int
    source: str
    created_at: str
    seed: int
    sections: tuple[Section, ...]
    labels: LabelCounts
    texts: TextCounts
    indexing_seconds: float
    timings: Mapping[str, StepTime]
    environment: Environment
    notes: tuple[str, ...] = ()
