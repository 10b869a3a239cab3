"""Everything that is measured, side by side in one run on the same data: ``make bench``.

    python -m benchmarks.run                         all of it, on all contracts
    python -m benchmarks.run --only rerank,bm25      two of them
    python -m benchmarks.run --quick                 a short look
    python -m benchmarks.run --record                and keep the result for the comparison of later runs

A benchmark is a module of this folder with ``sections(material) -> tuple[Section, ...]``. Each runs in a process
of its own, one after the other, so that none is measured with another's memory or threads.
"""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.machine import commit, describe_machine, load, versions
from benchmarks.material import gather
from benchmarks.recorded import LATEST, RECORDED, Change, changes, earlier_runs, write
from benchmarks.records import Material, Run, Section, Value

BENCHMARKS = ("reading", "ingest", "rerank", "bm25", "dense", "startup", "growth", "contextual", "hierarchy")
console = Console(highlight=False)


def main(
    only: Annotated[str, typer.Option(help=f"Some of {', '.join(BENCHMARKS)}.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer contracts and repetitions.")] = False,
    contracts: Annotated[int | None, typer.Option(min=1, help="Take this many contracts.")] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Also write the result to benchmarks/results/.")
    ] = False,
) -> None:
    """Measure, print, write build/benchmarks/*.json and compare with the last run of this machine and data."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise typer.BadParameter(
            f"No such benchmark: {', '.join(unknown)}. There are {', '.join(BENCHMARKS)}."
        )
    earlier = earlier_runs()
    started, before = datetime.now(UTC).isoformat(timespec="seconds"), load()
    with tempfile.TemporaryDirectory(prefix="proviso-bench-") as temporary:
        material = gather(Path(temporary), quick=quick, contracts=contracts)
        console.print(f"{len(material.contracts)} contracts ({material.origin}), load {before} at the start")
        done, failed = measure(names, material)
    run = Run(
        started=started,
        commit=commit(),
        machine=describe_machine(),
        origin=material.origin,
        contracts=len(material.contracts),
        quick=quick,
        load=(before, load()),
        versions=versions(),
        sections=done,
        failed=failed,
    )
    console.print(comparison(changes(run, earlier)))
    console.print(f"Written to {write(run, RECORDED if record else LATEST)}", soft_wrap=True)
    if failed:
        raise typer.Exit(1)


def measure(
    names: Sequence[str], material: Material
) -> tuple[dict[str, tuple[Section, ...]], dict[str, str]]:
    """The sections of each benchmark, printed as they come, and the errors of those that failed."""
    done: dict[str, tuple[Section, ...]] = {}
    failed: dict[str, str] = {}
    for name in names:
        folder = material.folder / name
        folder.mkdir()
        console.rule(name)
        try:
            # A process that dies, for want of memory for instance, takes its pool with it.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                done[name] = pool.submit(sections_of, name, replace(material, folder=folder)).result()
        except BrokenProcessPool:
            failed[name] = "its process died"
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
        for section in done.get(name, ()):
            show(section)
        if name in failed:
            console.print(Text(f"{name} failed: {failed[name]}", style="red"))
    return done, failed


def sections_of(name: str, material: Material) -> tuple[Section, ...]:
    """What the benchmark ``name`` measures."""
    result: tuple[Section, ...] = import_module(f"benchmarks.{name}").sections(material)
    return result


def show(section: Section) -> None:
    """Print one table and its notes."""
    table = Table(*section.columns, title=section.title, title_justify="left")
    for row in section.rows:
        table.add_row(*map(shown, row))
    console.print(table)
    for note in section.notes:
        console.print(Text(note, style="dim"))


def shown(value: Value) -> str:
    """A value as a table shows it: three digits that matter."""
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def comparison(found: Sequence[Change]) -> Table | Text:
    """This run beside the last one; what is better or worse beyond the noise is said in words."""
    if not found:
        return Text("No earlier run of this machine and data to compare with.", style="dim")
    title = "Against the last run (seconds of a machine with another load cannot be compared)"
    table = Table(
        "figure", "last", "load then", "now", "unit", "ratio", "", title=title, title_justify="left"
    )
    for change in found:
        colour = {"better": "green", "worse": "red"}.get(change.verdict, "")
        table.add_row(
            change.figure.name,
            shown(float(change.before)),
            shown(change.load),
            shown(float(change.figure.value)),
            change.figure.unit,
            f"{change.ratio:.2f} x",
            Text(change.verdict, style=colour),
        )
    return table


if __name__ == "__main__":
    typer.run(main)
