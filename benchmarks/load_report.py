"""What a load run came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: wall-clock seconds from asking to the answer, what went wrong, and whether the result was
    another question's.
    """

    seconds: float
    error: str = ""
    crossed: bool = False


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Seconds by the clock, megabytes of resident memory, and the longest line that was seen."""

    sessions: int
    questions: int
    errors: int
    crossed: int
    p50_seconds: float
    p95_seconds: float
    wall_seconds: float
    rss_start_mb: int
    rss_end_mb: int
    longest_line: int
    files_indexed: int
    audit_entries: int
    audit_whole: bool
    messages: tuple[str, ...] = ()


def summarise(
    outcomes: Sequence[Outcome],
    sessions: int,
    wall: float,
    rss: tuple[int, int],
    longest_line: int,
    files_indexed: int,
    audit: tuple[int, bool],
) -> LoadReport:
    """The figures of a run; latencies are those of the questions that were answered."""
    answered = [outcome.seconds for outcome in outcomes if not outcome.error] or [float("nan")]
    errors = Counter(outcome.error for outcome in outcomes if outcome.error)
    return LoadReport(
        sessions=sessions,
        questions=len(outcomes),
        errors=errors.total(),
        crossed=sum(outcome.crossed for outcome in outcomes),
        p50_seconds=round(float(np.percentile(answered, 50)), 2),
        p95_seconds=round(float(np.percentile(answered, 95)), 2),
        wall_seconds=round(wall, 1),
        rss_start_mb=rss[0],
        rss_end_mb=rss[1],
        longest_line=longest_line,
        files_indexed=files_indexed,
        audit_entries=audit[0],
        audit_whole=audit[1],
        messages=tuple(f"{count} x {message}" for message, count in errors.most_common(5)),
    )


def as_table(report: LoadReport) -> Table:
    """The report, one figure a row."""
    table = Table("figure", "value")
    for name, value in asdict(report).items():
        table.add_row(name.replace("_", " "), "; ".join(value) if isinstance(value, tuple) else str(value))
    return table


def resident_mb(process_id: int) -> int:
    """Resident memory of a process in megabytes, on Linux; 0 elsewhere."""
    try:
        lines = Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:")), 0)
