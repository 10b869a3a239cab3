"""The contracts and questions of a run: real ones where they are on this disk, else the sample corpus."""

import json
import random
import tomllib
from pathlib import Path

from benchmarks.machine import ROOT
from benchmarks.records import Material
from core.settings import load_settings
from ingest.add_files import add_files
from ingest.open_library import read_catalogue

CUAD = ROOT.parent / "shared" / "data" / "cuad-dev"
SAMPLES = ROOT / "sample_corpus"
CATEGORY_QUESTIONS = ROOT / "training" / "data" / "category_questions.toml"
BUILD = ROOT / "build" / "benchmarks"
QUICK_CONTRACTS = 40
SEED = 20261125


def gather(folder: Path, *, quick: bool, contracts: int | None = None) -> Material:
    """Find contracts and questions, and see that a library in ``build/`` holds them, indexed.

    Args:
        folder: for what the benchmarks write.
        quick: take ``QUICK_CONTRACTS`` contracts.
        contracts: take this many; None takes all.

    Raises:
        ProvisoError: the library cannot be filled.
    """
    origin, files, questions = _annotated() if CUAD.is_dir() else _samples()
    choose = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    choose.shuffle(questions)
    number = contracts or (QUICK_CONTRACTS if quick else len(files))
    chosen = files if number >= len(files) else sorted(choose.sample(files, number))
    settings = load_settings(BUILD / f"library-{origin.split()[0].lower()}-{len(chosen)}")
    known = {contract.file_name for contract in read_catalogue(settings).contracts()}
    add_files([file for file in chosen if file.name not in known], settings)
    return Material(origin, tuple(chosen), tuple(questions), settings, folder, quick)


def _annotated() -> tuple[str, list[Path], list[str]]:
    by_category = tomllib.loads(CATEGORY_QUESTIONS.read_text(encoding="utf-8"))
    # Questions that name a party or a title are asked of one contract; these are asked of any.
    questions = [
        question
        for category in by_category.values()
        for question in category["questions"]
        if "{" not in question and len(question.split()) > 3
    ]
    return "CUAD development contracts", sorted((CUAD / "pdf").glob("*.pdf")), questions


def _samples() -> tuple[str, list[Path], list[str]]:
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return "sample corpus", sorted(SAMPLES.glob("*.pdf")), [json.loads(line)["question"] for line in lines]
