"""python -m training.train_encoder --out FOLDER: the first stage's encoder on the same examples.

Softmax over the batch: a question must be nearest to its own passage among all passages of the batch and one likely
mistake a question (multiple negatives ranking, Henderson et al. 2017), by cosine times ``SCALE``.
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor
from torch.nn import functional

from training.clause_examples import RATED, STARS
from training.cuad_examples import NAMED, PRESENT
from training.draw import NEAREST
from training.heading_examples import DEFINITION, HEADING
from training.records import Example, Passage, read_examples, read_passages
from training.start import start_directory
from training.written_examples import WRITTEN

SCALE = 20.0
SHARES = {
    WRITTEN: 0.5,
    PRESENT: 0.13,
    NAMED: 0.1,
    HEADING: 0.06,
    DEFINITION: 0.04,
    STARS: 0.07,
    RATED: 0.1,
}
# A clause with so many grades less than the best is a mistake.
CLEARLY_LESS = 2
WARM_UP = 30


def main() -> None:
    """Train and write a sentence-transformers folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--examples", default="examples.jsonl")
    parser.add_argument("--start", default="", help="a model folder; by default all-MiniLM-L6-v2")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-5)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    model = SentenceTransformer(
        given.start or start_directory(), local_files_only=True, model_kwargs={"dtype": torch.float32}
    )
    passages = read_passages(given.work / "passages.jsonl")
    sources = by_source(read_examples(given.work / given.examples))
    optimiser = torch.optim.AdamW(model.parameters(), lr=given.rate, weight_decay=0.01, fused=True)
    for step in range(given.steps):
        share = min((step + 1) / WARM_UP, 1.0 - 0.95 * step / given.steps)
        for settings in optimiser.param_groups:
            settings["lr"] = given.rate * share
        questions, texts = draw_batch(sources, passages, given.batch, f"{given.seed}/{step}")
        loss = in_batch_loss(_encode(model, questions), _encode(model, texts))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if (step + 1) % 20 == 0:
            print(f"step {step + 1:5} of {given.steps}  loss {float(loss.detach()):.4f}", flush=True)
    # The published tokenizer file cuts off where somebody once trained it.
    model.tokenizer.backend_tokenizer.no_truncation()
    model.tokenizer.backend_tokenizer.no_padding()
    model.half().save(str(given.out), create_model_card=False)


def by_source(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Examples that something answers, by source, of the sources that are drawn."""
    sources: dict[str, list[Example]] = {}
    for one in examples:
        if one.source in SHARES and one.grades and _mistakes(one):
            sources.setdefault(one.source, []).append(one)
    return sources


def draw_batch(
    sources: Mapping[str, Sequence[Example]], passages: Mapping[str, Passage], size: int, seed: str
) -> tuple[list[str], list[str]]:
    """``size`` questions, and their ``size`` passages followed by ``size`` likely mistakes, in the same order."""
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    names = sorted(sources)
    chosen = [
        choose.choice(sources[name])
        for name in choose.choices(names, [SHARES[name] for name in names], k=size)
    ]
    right = [choose.choice(_best(one)) for one in chosen]
    wrong = [choose.choice(_mistakes(one)) for one in chosen]
    questions = [choose.choice(one.wordings) for one in chosen]
    texts = [_text(passages[name], one.bare) for name, one in zip(right, chosen, strict=True)]
    return questions, texts + [
        _text(passages[name], one.bare) for name, one in zip(wrong, chosen, strict=True)
    ]


def _best(example: Example) -> list[str]:
    highest = max(example.grades.values())
    return sorted(one for one, grade in example.grades.items() if grade == highest)


def _mistakes(example: Example) -> list[str]:
    limit = max(example.grades.values()) - CLEARLY_LESS
    less = sorted(one for one, grade in example.grades.items() if grade <= limit)
    return [*example.negatives[:NEAREST], *less]


def in_batch_loss(questions: Tensor, texts: Tensor) -> Tensor:
    """Cross-entropy of each question's own text among all texts; unit vectors (n, dim) and (2n, dim)."""
    scores = SCALE * questions @ texts.T
    return functional.cross_entropy(scores, torch.arange(len(questions), device=scores.device))


def _encode(model: SentenceTransformer, texts: Sequence[str]) -> Tensor:
    features = model.preprocess(list(texts))
    moved = {name: value.to(model.device) for name, value in features.items() if isinstance(value, Tensor)}
    with torch.autocast(model.device.type, torch.bfloat16):
        vectors = model(moved)["sentence_embedding"]
    return functional.normalize(vectors.float(), dim=-1)


def _text(passage: Passage, bare: bool) -> str:
    return passage.text if bare else passage.situated_text


if __name__ == "__main__":
    main()
