"""What a cell of a review needs: candidates, the two limits of its status, and how long it takes.

    python -m benchmarks.review_cells CUAD_FOLDER LIBRARY [--silent 0.35]

Each annotated question of CUAD is put to its own contract alone, for the contracts of LIBRARY (a data directory that
nobody else holds) that the reranker was not trained on; of the questions without an annotation a share is taken.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.ask import find_evidence
from core.models import load_encoder, load_scorer
from core.records import Contract, Inquiry, Judged
from core.settings import Settings
from core.storage.library import Library
from evals.alignment import AmbiguousQuote, Folded, chunks_holding, locate
from evals.cuad import read_cuad
from evals.questions import LabelledQuestion, same_name
from evals.splits import Part, part_of
from ingest.open_library import open_library

CUTS = (20, 30, 40, 60, 100)
LIMITS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
BEST = 3
SEED = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one contract: every candidate with its fused rank, relevance and label, and seconds."""

    silent: bool
    candidates: tuple[tuple[int, float, bool], ...]
    seconds: float

    def best(self, cut: int) -> list[tuple[int, float, bool]]:
        """The candidates that a first stage of ``cut`` proposes, by falling relevance."""
        return sorted((one for one in self.candidates if one[0] <= cut), key=lambda one: -one[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cuad", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("--silent", type=float, default=0.35)
    given = parser.parse_args()
    settings = Settings(data_dir=given.library)
    with open_library(settings, "benchmark") as library:
        asked = measure(library, settings, given.cuad, given.silent)
    sys.stdout.write(report(asked))


def measure(library: Library, settings: Settings, cuad: Path, share: float) -> list[Asked]:
    """Ask every question that concerns a contract of the library; ``share`` of those without an annotation."""
    encoder = load_encoder(settings.encoder, settings)
    scorer = load_scorer(settings.reranker, settings)
    contracts = {same_name(one.file_name): one for one in library.catalogue.contracts()}
    choose = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    asked = []
    for question in read_cuad(cuad, None).questions:
        contract = contracts.get(same_name(question.scope[0])) if len(question.scope) == 1 else None
        if contract is None or part_of(question.scope[0]) is Part.TRAIN:
            continue
        if question.silent and choose.random() >= share:
            continue
        gold = labelled(question, contract, library)
        if question.quotes and not gold:
            continue
        begin = time.perf_counter()
        inquiry = Inquiry(question.question, (contract.contract_id,), max(CUTS))
        ranking = find_evidence(inquiry, library.snapshot(), encoder, scorer).ranking
        rows = tuple(_row(one, gold) for one in ranking.all)
        asked.append(Asked(question.silent, rows, time.perf_counter() - begin))
    return asked


def labelled(question: LabelledQuestion, contract: Contract, library: Library) -> frozenset[str]:
    """Ids of the chunks that hold the annotated words."""
    text = Folded.of(library.catalogue.text(contract.contract_id))
    chunks = library.catalogue.chunks_of(contract.contract_id)
    found: set[str] = set()
    for quote in question.quotes:
        try:
            for blocks in locate(quote, text):
                found |= chunks_holding(blocks, text, chunks)
        except AmbiguousQuote:
            continue
    return frozenset(found)


def report(asked: Sequence[Asked]) -> str:
    """The figures as a table in plain text."""
    answered = [one for one in asked if not one.silent]
    silent = [one for one in asked if one.silent]
    lines = [f"{len(answered)} questions that a contract answers, {len(silent)} that it does not"]
    for cut in CUTS:
        pairs = sum(len(one.best(cut)) for one in asked) / len(asked)
        found = _share(any(row[2] for row in one.best(cut)) for one in answered)
        near = _share(any(row[2] for row in one.best(cut)[:BEST]) for one in answered)
        lines.append(
            f"{cut:>4} candidates: annotated clause proposed {found:.3f}, among the best {BEST} {near:.3f},"
            f" {pairs:.1f} pairs a cell"
        )
    for limit in LIMITS:
        shares = [_share(_top(one) >= limit for one in group) for group in (answered, silent)]
        lines.append(f"best relevance >= {limit:.2f}: answered {shares[0]:.3f}, not answered {shares[1]:.3f}")
    pairs_a_second = sum(len(one.candidates) for one in asked) / sum(one.seconds for one in asked)
    lines.append(f"{pairs_a_second:.1f} pairs a second")
    return "\n".join(lines) + "\n"


def _row(judged: Judged, gold: frozenset[str]) -> tuple[int, float, bool]:
    candidate = judged.candidate
    return candidate.fused_rank, judged.relevance, candidate.chunk.chunk_id in gold


def _top(one: Asked) -> float:
    return max((row[1] for row in one.candidates), default=0.0)


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    main()
