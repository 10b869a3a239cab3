"""Contracts into the library: ``proviso ingest`` beside the straightforward way, and one very long contract.

python -m benchmarks.ingest          a sample, as make bench does
python -m benchmarks.ingest --all    every contract; the straightforward way takes long
"""

import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.long_contract import long_contract
from benchmarks.material import SEED, gather
from benchmarks.process_cost import Cost, measure_command
from benchmarks.records import Figure, Material, Section
from core.inference.checkpoint import read_checkpoint
from core.inference.openvino_models import OpenVinoEncoder
from core.models import EncoderSource, load_encoder
from ingest.open_library import read_catalogue

SAMPLE, QUICK_SAMPLE = 30, 6
PAGES, QUICK_PAGES = 2000, 100
LONGEST_SECONDS = 3600
NEAREST = 10


def sections(material: Material) -> tuple[Section, ...]:
    """A sample of the contracts both ways, the long contract, and the vectors of both precisions."""
    sample = min(QUICK_SAMPLE if material.quick else SAMPLE, len(material.contracts))
    chosen = random.Random(SEED).sample(material.contracts, sample)  # noqa: S311 - a sample, not a secret
    pages = QUICK_PAGES if material.quick else PAGES
    return both_ways(chosen, material.folder), one_long(pages, material.folder), precisions(material)


def both_ways(files: Sequence[Path], folder: Path) -> Section:
    """The same files in both ways, each in a process of its own."""
    ours = ingest(files, folder / "ours")
    theirs = measure_command(
        [sys.executable, "-m", "benchmarks.straightforward", str(folder / "theirs"), *map(str, files)]
    )
    told = json.loads(theirs.output.splitlines()[-1])
    reports = json.loads(ours.output)
    pages, chunks = (sum(report[name] for report in reports) for name in ("pages", "chunks"))
    # Theirs without the time to import torch and load the model; ours with everything.
    faster = told["seconds"] / ours.seconds
    return Section(
        f"Ingest of {len(files)} contracts, {pages} pages",
        ("way", "seconds", "seconds a contract", "processor s", "chunks", "peak MB", "times faster"),
        (
            _row(
                "pypdf, fixed chunks, torch fp32, single upserts",
                told["seconds"],
                files,
                theirs,
                told["chunks"],
                1.0,
            ),
            _row("proviso ingest", ours.seconds, files, ours, chunks, faster),
        ),
        (
            Figure("ingest/seconds a contract", ours.seconds / len(files), "s"),
            Figure("ingest/processor a contract", ours.processor / len(files), "s"),
            Figure("ingest/times faster", faster, "x", "higher"),
            Figure("ingest/processor ratio", theirs.processor / ours.processor, "x", "higher"),
            Figure("ingest/peak", ours.peak_mb, "MB"),
        ),
        (
            "The first row does not count the import of torch and the loading of the model; the second counts all.",
        ),
    )


def one_long(pages: int, folder: Path) -> Section:
    """A made-up contract of ``pages`` pages."""
    file = folder / "long.pdf"
    file.write_bytes(long_contract(pages))
    cost = ingest([file], folder / "long")
    (report,) = json.loads(cost.output)
    if report["status"] != "ready":
        raise RuntimeError(f"The long contract was not indexed: {report}.")
    return Section(
        f"One contract of {pages} pages",
        ("pages", "chunks", "seconds", "processor s", "peak MB of all processes"),
        ((report["pages"], report["chunks"], cost.seconds, cost.processor, cost.peak_mb),),
        (
            Figure(f"ingest/long {pages}/seconds", cost.seconds, "s"),
            Figure(f"ingest/long {pages}/peak", cost.peak_mb, "MB"),
        ),
    )


def precisions(material: Material) -> Section:
    """Vectors of the recipe in use beside float32's, on real chunks and questions."""
    catalogue = read_catalogue(material.settings)
    contracts = [contract.contract_id for contract in catalogue.contracts()]
    number = 60 if material.quick else 500
    rng = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    chunks = [
        chunk for one in rng.sample(contracts, min(20, len(contracts))) for chunk in catalogue.chunks_of(one)
    ]
    texts = [chunk.situated_text for chunk in rng.sample(chunks, min(number, len(chunks)))]
    questions = list(material.questions[: number // 5])
    encoder = load_encoder(material.settings.encoder, material.settings)
    exact = OpenVinoEncoder(read_checkpoint(Path(EncoderSource(material.settings.encoder).directory)), "f32")
    ours, theirs = encoder.encode(texts), exact.encode(texts)
    cosines = np.sum(ours * theirs, axis=1)
    found = [
        _nearest(model.encode(questions) @ vectors.T) for model, vectors in ((encoder, ours), (exact, theirs))
    ]
    shared = [len(set(one) & set(other)) / NEAREST for one, other in zip(*found, strict=True)]
    return Section(
        f"Vectors of {len(texts)} chunks and {len(questions)} questions beside float32",
        ("recipe", "least cosine", "mean cosine", f"shared of the {NEAREST} nearest"),
        ((encoder.backend, float(cosines.min()), float(cosines.mean()), float(np.mean(shared))),),
        (Figure("ingest/least cosine", float(cosines.min()), "", "higher", noise=0.0001),),
    )


def ingest(files: Sequence[Path], directory: Path) -> Cost:
    """``proviso ingest`` of ``files`` into an empty library."""
    settings = {"PROVISO_READ_TIMEOUT": str(LONGEST_SECONDS)}
    command = [
        sys.executable,
        "-m",
        "cli",
        "ingest",
        "--json",
        "--data-dir",
        str(directory),
        *map(str, files),
    ]
    return measure_command(command, settings)


def _nearest(similarity: "np.ndarray[tuple[int, int], np.dtype[np.float32]]") -> list[list[int]]:
    return [list(map(int, np.argsort(-row, kind="stable")[:NEAREST])) for row in similarity]


def _row(
    way: str, seconds: float, files: Sequence[Path], cost: Cost, chunks: int, faster: float
) -> tuple[str, float, float, float, int, float, float]:
    return way, seconds, seconds / len(files), cost.processor, chunks, cost.peak_mb, faster


def main(every: Annotated[bool, typer.Option("--all", help="Every contract.")] = False) -> None:
    """Measure ingest alone."""
    from benchmarks.run import show

    with tempfile.TemporaryDirectory(prefix="proviso-ingest-") as temporary:
        material = gather(Path(temporary), quick=not every, contracts=None)
        if every:
            show(both_ways(material.contracts, material.folder))
        else:
            for section in sections(material):
                show(section)


if __name__ == "__main__":
    typer.run(main)
