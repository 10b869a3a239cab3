"""The records of a comparison of pipelines, as it is saved, drawn in a terminal and shown in the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evals.measures import Interval
from evals.report import Environment

FORMAT = 1
BASELINE = "hybrid"
ANY_IN_CANDIDATES, NEEDED_IN_CANDIDATES = "in candidates", "needed in candidates"
CANDIDATES = (ANY_IN_CANDIDATES, NEEDED_IN_CANDIDATES)
"""The measures of what the candidates hold, whatever their order: the most that reranking can keep."""


class Verdict(StrEnum):
    """What the interval of a difference says: it lies above zero, around it or below it."""

    BETTER = "better"
    SAME = "no different"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class PipelineUsed:
    """A recipe that was measured; ``digest`` is the sha256 of what it says."""

    name: str
    description: str
    digest: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Wall-clock seconds: the median over questions and the 95th percentile."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class PipelineFigures:
    """One pipeline on one group of questions.

    ``measures`` are means over the questions after reranking, ``unranked`` those of the fused list as it stands
    before. ``reranking`` is what reranking adds and ``difference`` what sets it apart from the baseline after
    reranking (empty for the baseline itself), both question by question. ``same`` is the share of questions to which
    it proposed the baseline's candidates and no others.
    """

    pipeline: str
    measures: Mapping[str, Interval]
    unranked: Mapping[str, Interval]
    reranking: Mapping[str, Interval]
    difference: Mapping[str, Interval]
    same: float


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions of one kind. ``headline`` names the measure of the overview; ``part_of`` the group that holds these
    questions too, empty for a whole one.
    """

    name: str
    headline: str
    questions: int
    figures: tuple[PipelineFigures, ...]
    part_of: str = ""

    def of(self, pipeline: str) -> PipelineFigures:
        """The figures of one pipeline."""
        return next(one for one in self.figures if one.pipeline == pipeline)


@dataclass(frozen=True, slots=True)
class PipelineCost:
    """What one pipeline takes, over all questions: seconds of the first stage and of both, calls and tokens a
    question, and in how many questions the model service failed it.
    """

    pipeline: str
    first_stage: Latency
    whole: Latency
    calls: float
    tokens: float
    failed: int


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """A whole comparison. ``created_at`` is UTC in ISO 8601, ``endpoint`` the host of the model service or empty."""

    format: int
    created_at: str
    seed: int
    baseline: str
    pipelines: tuple[PipelineUsed, ...]
    groups: tuple[QuestionGroup, ...]
    costs: tuple[PipelineCost, ...]
    endpoint: str
    environment: Environment
    notes: tuple[str, ...] = ()


def verdict_of(difference: Interval) -> Verdict:
    """Better or worse only where the whole interval is."""
    if difference.low > 0:
        return Verdict.BETTER
    return Verdict.WORSE if difference.high < 0 else Verdict.SAME
