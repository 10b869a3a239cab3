"""Step 1: python -m training.build --cuad FOLDER --acord FOLDER: everything that is trained on, in work/."""

import argparse
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.models import Encoder
from evals.splits import Part, part_of
from training.clause_examples import OWNER, clause_passages, rated_examples, star_examples
from training.contracts import TrainingContract, read_contracts
from training.cuad_examples import cuad_examples, named_examples
from training.first_stage import FastEncoder, FirstStage, encode, encode_passages
from training.heading_examples import definition_examples, heading_examples
from training.label_examples import label_examples
from training.records import Example, Passage, write_records
from training.start import start_directory
from training.written_examples import NEAR_MISS, written_examples

DATA: Final = Path(__file__).parent / "data"
SEED: Final = 7
OWN_NEGATIVES, CLAUSE_NEGATIVES = 40, 120
ASKED_WORDINGS = 3


def main() -> None:
    """Write passages.jsonl, examples.jsonl (training) and tune.jsonl (choosing and calibrating)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuad", type=Path, required=True)
    parser.add_argument("--acord", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--encoder", default="", help="a model folder; by default all-MiniLM-L6-v2")
    parser.add_argument("--labels", type=Path, help="labels.jsonl of proviso labels --export")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    encoder = FastEncoder(given.encoder or start_directory())
    build(given.cuad, given.acord, given.work, encoder, given.labels)


def build(cuad: Path, acord: Path, work: Path, encoder: Encoder, labels: Path | None = None) -> None:
    """Build the examples of both parts; contracts of the test part are left out of everything.

    ``labels`` are a firm's own judgements; all of them are trained on, so they are no measure afterwards.
    """
    contracts = read_contracts(cuad, work)
    clauses = clause_passages(acord)
    everything = list(clauses.values())
    for part, name in ((Part.TRAIN, "examples"), (Part.TUNE, "tune")):
        chosen = [one for one in contracts if part_of(one.file_name) is part]
        passages = {one.passage_id: one for contract in chosen for one in contract.passages()}
        vectors = encode_passages(list(passages.values()), encoder, work / f"{part}.npy")
        examples = list(_contract_examples(cuad, chosen))
        bodies: list[Passage] = []
        if part is Part.TRAIN:
            for contract, example, added in heading_examples(chosen, SEED):
                examples.append((contract.file_name, example))
                bodies.extend(added)
        mined = _mine(examples, FirstStage(passages, vectors), encoder)
        if part is Part.TUNE:
            mined += rated_examples(DATA / "ratings_tune.jsonl")
        if part is Part.TRAIN:
            loose = [
                *star_examples(acord, DATA / "clause_queries.toml"),
                *rated_examples(DATA / "ratings.jsonl"),
            ]
            vectors = encode_passages(list(clauses.values()), encoder, work / "clauses.npy")
            mined += _mine([(OWNER, one) for one in loose], FirstStage(clauses, vectors), encoder)
            if labels is not None:
                own, judged = label_examples(labels)
                mined += own
                bodies += judged
        everything += [*passages.values(), *bodies]
        write_records(work / f"{name}.jsonl", mined)
        for source in sorted({one.source for one in mined}):
            print(f"{part:6}{source:15}{sum(one.source == source for one in mined):7} examples")
    write_records(work / "passages.jsonl", everything)


def _contract_examples(cuad: Path, contracts: Sequence[TrainingContract]) -> Iterator[tuple[str, Example]]:
    tables = tomllib.loads((DATA / "category_questions.toml").read_text(encoding="utf-8"))
    wordings = {category: table["questions"] for category, table in tables.items()}
    annotated = list(cuad_examples(cuad, contracts, wordings))
    for contract, _, example in annotated:
        yield contract.file_name, example
    for contract, example in named_examples(annotated, wordings, SEED):
        yield contract.file_name, example
    for contract, example in written_examples(DATA / "questions.jsonl", contracts):
        yield contract.file_name, example
    for contract, example in definition_examples(contracts, SEED):
        yield contract.file_name, example


def _mine(examples: Sequence[tuple[str, Example]], stage: FirstStage, encoder: Encoder) -> list[Example]:
    """``examples`` with the first stage's likeliest mistakes as negatives."""
    asked = [wording for _, example in examples for wording in example.wordings[:ASKED_WORDINGS]]
    vectors = encode(asked, encoder)
    found: list[Example] = []
    at = 0
    for owner, example in examples:
        count = len(example.wordings[:ASKED_WORDINGS])
        pairs = list(zip(asked[at : at + count], vectors[at : at + count], strict=True))
        at += count
        found.append(replace(example, negatives=_negatives(owner, example, pairs, stage)))
    return found


def _negatives(
    owner: str, example: Example, pairs: Sequence[tuple[str, NDArray[np.float32]]], stage: FirstStage
) -> tuple[str, ...]:
    if example.source == NEAR_MISS:
        return example.negatives
    limit = CLAUSE_NEGATIVES if owner == OWNER else OWN_NEGATIVES
    own = _interleave([stage.ranked(words, vector, owner, limit) for words, vector in pairs], limit)
    if owner == OWNER:
        judged = set(example.negatives)
        return tuple(one for one in own if one in judged)
    mined = tuple(one for one in own if one not in example.grades)
    return tuple(dict.fromkeys(one for pair in zip_longest(example.negatives, mined) for one in pair if one))


def _interleave(rankings: Sequence[tuple[str, ...]], limit: int) -> tuple[str, ...]:
    """The first of each ranking, then the second of each, and so on; each id once."""
    return tuple(dict.fromkeys(one for tier in zip(*rankings, strict=False) for one in tier))[:limit]


if __name__ == "__main__":
    main()
