"""One question through several pipelines: what each kept, where the others put it, and what only one found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.plural import plural
from core.records import Candidate, Finding, Judged, Verdict
from core.stage2_rerank import KEPT_VERDICTS


@dataclass(frozen=True, slots=True)
class Place:
    """Where one pipeline's ranking has a passage: final rank from 1, relevance 0-1, and the verdict. ``part`` is the
    part of the question that it was judged by, empty where that is the question itself.
    """

    rank: int
    relevance: float
    verdict: Verdict
    part: str = ""

    @property
    def kept(self) -> bool:
        """True when the answer may rest on it."""
        return self.verdict in KEPT_VERDICTS


@dataclass(frozen=True, slots=True)
class Row:
    """A passage that at least one pipeline kept, and its place in each of them, None where it was no candidate."""

    candidate: Candidate
    places: tuple[Place | None, ...]

    @property
    def relevance(self) -> float:
        """The highest relevance that a pipeline gave it."""
        return max(place.relevance for place in self.places if place is not None)

    @property
    def kept_by(self) -> int:
        """How many pipelines kept it."""
        return sum(place is not None and place.kept for place in self.places)


@dataclass(frozen=True, slots=True)
class Column:
    """One pipeline's side of the comparison.

    Args:
        finding: what it found.
        only_kept: what it kept and no other did, by rank.
        only_found: what is among its candidates and no other's, by rank; the passages of ``only_kept`` may be among
            them.
    """

    finding: Finding
    only_kept: tuple[Judged, ...]
    only_found: tuple[Judged, ...]

    @property
    def pipeline(self) -> str:
        """The name of the recipe."""
        return self.finding.inquiry.pipeline

    @property
    def seconds(self) -> float:
        """Search and scoring together."""
        return sum(time.seconds for time in self.finding.timings)

    @property
    def searching(self) -> float:
        """Seconds until the candidates were there."""
        return sum(time.seconds for time in self.finding.timings if time.stage == "retrieve")

    @property
    def calls(self) -> int:
        """How often its modules asked the model service."""
        return sum(step.calls for step in self.finding.trace)

    @property
    def tokens(self) -> int:
        """About how many tokens went to the model service and came back."""
        return sum(step.tokens for step in self.finding.trace)


@dataclass(frozen=True, slots=True)
class PipelineComparison:
    """Every passage that a pipeline kept, by falling relevance, and a column for each pipeline, in the order given."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def shared(self) -> int:
        """How many passages all of them kept."""
        return sum(row.kept_by == len(self.columns) for row in self.rows)

    @property
    def same(self) -> bool:
        """True when all of them kept the same passages."""
        return self.shared == len(self.rows)

    @property
    def verdict(self) -> str:
        """What came of it, in a sentence."""
        if not self.rows:
            return "None of these pipelines keeps a passage."
        if self.same:
            return f"All {len(self.columns)} pipelines keep the same {plural(len(self.rows), 'passage')}."
        parts = [
            f"{column.pipeline} alone keeps {len(column.only_kept)}"
            for column in self.columns
            if column.only_kept
        ]
        alone = f"; {', '.join(parts)}" if parts else ""
        verb = "is" if self.shared == 1 else "are"
        return f"Of {plural(len(self.rows), 'passage')} kept by any, {self.shared} {verb} kept by all{alone}."


def compare_pipelines(findings: Sequence[Finding]) -> PipelineComparison:
    """The findings of one question side by side.

    Raises:
        ValueError: fewer than two findings, or of several questions.
    """
    questions = {finding.inquiry.question for finding in findings}
    if len(findings) < 2 or len(questions) != 1:
        raise ValueError(
            f"A comparison is of two findings of one question, not of {len(findings)}: {questions}."
        )
    rankings = [_by_id(finding) for finding in findings]
    kept = [{_id(one) for one in finding.ranking.kept} for finding in findings]
    rows = [_row(chunk_id, rankings) for chunk_id in dict.fromkeys(one for ids in kept for one in ids)]
    columns = []
    for number, finding in enumerate(findings):
        kept_elsewhere = set[str]().union(*kept[:number], *kept[number + 1 :])
        found_elsewhere = set[str]().union(*rankings[:number], *rankings[number + 1 :])
        columns.append(
            Column(
                finding,
                tuple(one for one in finding.ranking.kept if _id(one) not in kept_elsewhere),
                tuple(one for one in finding.ranking.all if _id(one) not in found_elsewhere),
            )
        )
    return PipelineComparison(tuple(sorted(rows, key=_order)), tuple(columns))


def _row(chunk_id: str, rankings: Sequence[Mapping[str, Judged]]) -> Row:
    judged = [ranking.get(chunk_id) for ranking in rankings]
    candidate = next(one.candidate for one in judged if one is not None)
    return Row(
        candidate,
        tuple(
            None if one is None else Place(one.rank, one.relevance, one.verdict, one.wording)
            for one in judged
        ),
    )


def _order(row: Row) -> tuple[float, str]:
    return -row.relevance, row.candidate.chunk.chunk_id


def _by_id(finding: Finding) -> Mapping[str, Judged]:
    return {_id(one): one for one in finding.ranking.all}


def _id(judged: Judged) -> str:
    return judged.candidate.chunk.chunk_id
