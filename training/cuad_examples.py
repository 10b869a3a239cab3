"""CUAD's annotations as examples: each contract and category, present or absent."""

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from evals.alignment import AmbiguousQuote, Folded, chunks_holding, locate
from evals.cuad import ANNOTATIONS_FILE, QUESTIONS, spans_of
from evals.questions import same_name
from training.contracts import TrainingContract
from training.records import Example

PRESENT, ABSENT, NAMED = "cuad", "cuad absent", "cuad named"
STRANGERS: Final = 8


def cuad_examples(
    folder: Path, contracts: Sequence[TrainingContract], wordings: Mapping[str, Sequence[str]]
) -> Iterator[tuple[TrainingContract, str, Example]]:
    """An example for each contract and category, with the category; its negatives are still to be found.

    Args:
        folder: holds ``master_clauses.csv``.
        contracts: those to make examples of.
        wordings: questions by category; those that name the contract are for ``named_examples``.
    """
    with (folder / ANNOTATIONS_FILE).open(encoding="utf-8-sig", newline="") as source:
        rows = {same_name(row["Filename"]): row for row in csv.DictReader(source)}
    for contract in contracts:
        row = rows.get(same_name(contract.file_name))
        if row is None:
            continue
        text = Folded.of(contract.text)
        for category in QUESTIONS:
            spans = spans_of(row[category])
            holders = frozenset(one for span in spans for one in holding(span, text, contract))
            if bool(spans) == bool(holders):
                plain = [words for words in wordings[category] if not _placeholders(words)]
                source_name = PRESENT if holders else ABSENT
                yield (
                    contract,
                    category,
                    Example(source_name, tuple(plain), dict.fromkeys(sorted(holders), 4)),
                )


def named_examples(
    examples: Sequence[tuple[TrainingContract, str, Example]],
    wordings: Mapping[str, Sequence[str]],
    seed: int,
) -> Iterator[tuple[TrainingContract, Example]]:
    """Questions that name the contract or a party; clauses of the same category elsewhere do not answer them."""
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    holders: dict[str, list[str]] = {}
    for _, category, example in examples:
        holders.setdefault(category, []).extend(example.grades)
    for contract, category, example in examples:
        named = fill([words for words in wordings[category] if _placeholders(words)], contract)
        elsewhere = [one for one in holders[category] if one not in example.grades]
        strangers = choose.sample(elsewhere, min(STRANGERS, len(elsewhere)))
        if example.grades and named:
            yield contract, Example(NAMED, named, example.grades, tuple(strangers))


def fill(wordings: Sequence[str], contract: TrainingContract) -> tuple[str, ...]:
    """``wordings`` with the contract's title and parties put in; those that need a party it lacks are left out."""
    filled: list[str] = []
    for number, wording in enumerate(wordings):
        if "{party}" in wording and not contract.parties:
            continue
        party = contract.parties[number % len(contract.parties)] if contract.parties else ""
        filled.append(wording.replace("{title}", contract.title).replace("{party}", party))
    return tuple(filled)


def _placeholders(wording: str) -> bool:
    return "{party}" in wording or "{title}" in wording


def holding(quote: str, text: Folded, contract: TrainingContract) -> frozenset[str]:
    """Ids of the chunks that hold ``quote``; none where it cannot be placed."""
    try:
        places = locate(quote, text)
    except AmbiguousQuote:
        return frozenset()
    return frozenset().union(*(chunks_holding(blocks, text, contract.chunks) for blocks in places))
