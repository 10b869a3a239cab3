"""What a load run came to."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: who asked it in which round, wall-clock seconds from asking to the answer, what went wrong,
    and whether the result named the asker's own company.
    """

    name: str
    number: int
    seconds: float
    error: str = ""
    own: bool = True


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Seconds by the clock, megabytes of resident memory, and the longest line that was seen."""

    sessions: int
    questions: int
    errors: int
    crossed: int
    missed: int
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


def crossed_and_missed(outcomes: Sequence[Outcome], again: Callable[[str, int], Outcome]) -> tuple[int, int]:
    """How many results were another session's, and how many the search itself does not find.

    A result without its asker's company is asked for again, alone: what is right then was crossed before.
    """
    repeated = [again(one.name, one.number) for one in outcomes if not one.own and not one.error]
    crossed = sum(one.own or bool(one.error) for one in repeated)
    return crossed, len(repeated) - crossed


def summarise(
    outcomes: Sequence[Outcome],
    foreign: tuple[int, int],
    sessions: int,
    wall: float,
    rss: tuple[int, int],
    longest_line: int,
    files_indexed: int,
    audit: tuple[int, bool],
) -> LoadReport:
    """The figures of a run. ``foreign`` are the crossed and the missed results, ``rss`` is the memory before and
    after, ``audit`` the entries of the log and whether it is whole; latencies are of answered questions.
    """
    answered = [outcome.seconds for outcome in outcomes if not outcome.error] or [float("nan")]
    errors = Counter(outcome.error for outcome in outcomes if outcome.error)
    return LoadReport(
        sessions=sessions,
        questions=len(outcomes),
        errors=errors.total(),
        crossed=foreign[0],
        missed=foreign[1],
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
