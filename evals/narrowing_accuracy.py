"""How often a question that names its contract is narrowed to others.

    python -m evals.narrowing_accuracy --data <CUAD folder>

The folder holds ``pdf/`` and ``master_clauses.csv``, as for ``evals.cuad``; the questions are those of the whole corpus
with the contract named by the annotators' title and parties. Nothing is encoded: narrowing reads names alone.
"""

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.models import BUNDLED_ENCODER, EncoderSource
from core.pipeline.hierarchy.contract_index import ContractIndex, build_index
from core.pipeline.hierarchy.narrow import narrow
from core.pipeline.hierarchy.outline import encode_outline
from core.records import Contract
from evals.cuad import NAMED, read_cuad
from evals.questions import LabelledQuestion
from ingest.annotate import find_notes
from ingest.collect_files import collect_files
from ingest.describe import describe, situating_title
from ingest.outline import outline_of
from ingest.read_contract import ReadLimits, read_contract
from ingest.split import split


def main() -> None:
    """Print how many questions are narrowed, how often wrongly, and to how many contracts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    read = sorted(_outlines(folder))
    files = [name for _, name, _ in read]
    index = build_index((contract_id, body) for contract_id, _, body in read)
    asked = [
        one for one in read_cuad(folder, None).questions if one.section == NAMED and one.answer_file in files
    ]
    sizes, wrong = _narrowed(asked, index, files)
    print(
        f"{len(files)} contracts, {len(asked)} questions, {len(sizes)} narrowed, {wrong} without the right contract"
    )
    print(f"contracts left: median {statistics.median(sizes):.0f}, mean {statistics.mean(sizes):.1f}")


def _outlines(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Id, file name and outline of every contract that has text."""
    count = EncoderSource(BUNDLED_ENCODER).token_counter()
    for file in collect_files([folder / "pdf"]):
        contract = read_contract(file.read_bytes(), file.name, ReadLimits(), ocr=False)
        profile = describe(contract)
        chunks = split(contract, situating_title(profile), count, "narrowing")
        if not chunks:
            continue
        terms = find_notes(contract.text, [page.start for page in contract.pages]).terms
        row = Contract(contract.contract_id, file.name, profile, len(contract.pages), len(chunks))
        outline = outline_of(row, contract.text, chunks, np.ones((len(chunks), 1), dtype=np.float32), terms)
        yield contract.contract_id, file.name, encode_outline(outline)


def _narrowed(asked: list[LabelledQuestion], index: ContractIndex, files: list[str]) -> tuple[list[int], int]:
    """How many contracts each narrowed question is left with, and how many questions lost the right one."""
    sizes: list[int] = []
    wrong = 0
    for question in asked:
        narrowed = narrow(question.question, index, np.arange(len(index)))
        if narrowed is not None:
            sizes.append(len(narrowed.rows))
            wrong += question.answer_file not in {files[row] for row in narrowed.rows}
    return sizes, wrong


if __name__ == "__main__":
    main()
