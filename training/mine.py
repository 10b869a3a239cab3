"""Step 3: python -m training.mine --model FOLDER: negatives in the order of a model's own mistakes.

A second round of training on them teaches what the first round still gets wrong. Candidates that the model ranks
far above the answer are left out: in contracts they are mostly answers that nobody labelled.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.cuad_examples import ABSENT, PRESENT
from training.draw import NEAREST
from training.hardest import lead_limit
from training.measure import sample_examples
from training.network import PairNetwork, load_network
from training.records import Example, Passage, read_examples, read_passages, write_records
from training.score import score_examples
from training.written_examples import WRITTEN

CANDIDATES = 12
# How many examples of a source are mined; scoring is what costs, and the others keep the first stage's order.
MINED = {PRESENT: 700, ABSENT: 900, WRITTEN: 700}


def main() -> None:
    """Read examples.jsonl and write mined.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--longest", type=int, default=224)
    given = parser.parse_args()
    network = load_network(given.model)
    passages = read_passages(given.work / "passages.jsonl")
    examples = read_examples(given.work / "examples.jsonl")
    write_records(given.work / "mined.jsonl", _mined(network, passages, examples, given.longest))


def _mined(
    network: PairNetwork, passages: Mapping[str, Passage], examples: Sequence[Example], longest: int
) -> Iterator[Example]:
    chosen = sample_examples(examples, MINED)
    known = {_key(one) for one in chosen}
    yield from (one for one in examples if _key(one) not in known)
    for scored in score_examples(network, passages, chosen, longest, CANDIDATES):
        pairs = list(zip(scored.passage_ids, scored.logits, strict=True))
        limit = lead_limit(logit for one, logit in pairs if one in scored.example.grades)
        hard = [one for one, logit in pairs if one not in scored.example.grades and logit < limit]
        rest = [one for one in scored.example.negatives[CANDIDATES:] if one not in hard]
        yield replace(scored.example, negatives=(*hard[:NEAREST], *hard[NEAREST:], *rest))


def _key(example: Example) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return example.source, tuple(example.grades), example.negatives


if __name__ == "__main__":
    main()
