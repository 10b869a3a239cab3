"""Step 7: python -m training.fit_first_look: after which of its layers the reranker can tell what stands no chance.

The reranker reads questions with a hundred candidates each; a small map learns to foretell its logits from what its
first layers give. The rule for who goes on is chosen on contracts of the tune part. What spares enough is written
beside the weights. What was read is kept in ``--out``.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax, mse_loss

from core.inference.checkpoint import Checkpoint, read_checkpoint
from core.inference.early_exit import CutReranker
from core.inference.engine import Precision, multiplies_bf16
from core.inference.first_look import FOLDER
from core.inference.look_file import Look, write_look
from core.inference.openvino_models import PairTokens
from core.models import RERANKER_DIRECTORY
from training.lessons import Lesson, draw_lessons
from training.look_rule import PUBLISHED_KEEP, agreement_of, choose_rule, cost
from training.records import read_examples, read_passages

QUESTIONS, TUNE_QUESTIONS = 600, 200
# A first look that leaves more of the arithmetic than this spares too little for what it adds.
MOST_COST: Final = 0.8
WIDTH, TOGETHER, EPOCHS = 384, 4, 8
RATE, DECAY, SEED = 1e-3, 0.2, 7
SAVED_EVERY = 100


@dataclass(frozen=True, slots=True)
class Readings:
    """What the reranker gave for lessons: the means after its first layers, shape (lessons, candidates, 2 x hidden),
    and its logits, shape (lessons, candidates).
    """

    means: NDArray[np.float16]
    logits: NDArray[np.float32]


def main() -> None:
    """Fit a first look after each number of layers, say what it spares, and publish the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--examples", default="mined.jsonl")
    parser.add_argument("--model", type=Path, default=RERANKER_DIRECTORY)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, nargs="+", default=[3], help="each is read and fitted")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--tune-questions", type=int, default=TUNE_QUESTIONS)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    passages = read_passages(given.work / "passages.jsonl")
    lessons = draw_lessons(passages, read_examples(given.work / given.examples), given.questions)
    tune = draw_lessons(passages, read_examples(given.work / "tune.jsonl"), given.tune_questions)
    reranker = read_checkpoint(given.model)
    found: list[tuple[float, Look]] = []
    for layers in given.layers:
        name = f"{reranker.digest[:12]}-{layers}"
        readings = read_lessons(reranker, layers, lessons, given.out / f"train-{name}.npz")
        judged = read_lessons(reranker, layers, tune, given.out / f"tune-{name}.npz")
        found.append(_fitted(reranker, layers, readings, judged))
    least, look = min(found, key=lambda one: one[0])
    if least > MOST_COST:
        print(f"Not published: {least:.0%} of the arithmetic would be left.")
        return
    write_look(given.model / FOLDER, look, reranker.digest)


def read_lessons(reranker: Checkpoint, layers: int, lessons: Sequence[Lesson], kept: Path) -> Readings:
    """What ``reranker`` gives for ``lessons``; those in the file ``kept`` are not read again."""
    means, logits = _known(kept)
    precision: Precision = "bf16" if multiplies_bf16() else "f32"
    cut = CutReranker(reranker, layers, precision, None)
    tokens = PairTokens(reranker.tokenizer, reranker.limit)
    for number in range(len(means), len(lessons)):
        lesson = lessons[number]
        encodings = tokens.of(lesson.question, lesson.texts)
        seen = np.empty((len(encodings), 2 * reranker.hidden), dtype=np.float16)
        said = np.empty(len(encodings), dtype=np.float32)
        for batch, hidden, mean in cut.below(encodings):
            positions = list(batch.positions)
            seen[positions] = mean
            said[positions] = cut.above(hidden, [len(encodings[at].ids) for at in positions])
        means.append(seen)
        logits.append(said)
        if (number + 1) % SAVED_EVERY == 0 or number + 1 == len(lessons):
            np.savez(kept, means=np.stack(means), logits=np.stack(logits))
            print(f"read {number + 1} of {len(lessons)} questions", flush=True)
    return Readings(np.stack(means[: len(lessons)]), np.stack(logits[: len(lessons)]))


def fit_map(readings: Readings) -> nn.Sequential:
    """The map from means to logits that foretells order, mostly at the top, and height of ``readings``."""
    torch.manual_seed(SEED)
    means, logits = torch.from_numpy(readings.means), torch.from_numpy(readings.logits)
    module = nn.Sequential(nn.Linear(means.shape[-1], WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1))
    optimiser = torch.optim.AdamW(module.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(means) // TOGETHER)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(steps, 1))
    for _ in range(EPOCHS):
        order = torch.randperm(len(means))
        for begin in range(0, len(means) - TOGETHER + 1, TOGETHER):
            chosen = order[begin : begin + TOGETHER]
            loss = foretelling_loss(module(means[chosen].float())[..., 0], logits[chosen])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return module


def foretelling_loss(said: Tensor, logits: Tensor) -> Tensor:
    """How far two sets of logits, shape (questions, candidates), lie apart: in order, mostly at the top, and height."""
    order = kl_div(log_softmax(said, 1), log_softmax(logits, 1), log_target=True, reduction="batchmean")
    return order + 0.2 * mse_loss(said, logits)


def _fitted(reranker: Checkpoint, layers: int, readings: Readings, judged: Readings) -> tuple[float, Look]:
    module = fit_map(readings)
    with torch.inference_mode():
        first = module(torch.from_numpy(judged.means).float())[..., 0].double().numpy()
    full = judged.logits.astype(np.float64)
    rule = choose_rule(first, full)
    share = len(rule.chosen(first[0], PUBLISHED_KEEP)) / first.shape[1]
    left = cost(layers, reranker.layers, share)
    agreed = agreement_of(rule, first, full, PUBLISHED_KEEP)
    print(
        f"after {layers} layers: {rule.each} for each place and {rule.more} more go on,"
        f" the kept agree in {agreed:.1%} of {len(full)} questions,"
        f" {left:.0%} of the arithmetic is left for {PUBLISHED_KEEP} places",
        flush=True,
    )
    return left, Look(layers, _tensors(module), rule)


def _tensors(module: nn.Sequential) -> dict[str, NDArray[np.float32]]:
    names = {"0": "inner", "2": "outer"}
    return {
        f"{names[name.partition('.')[0]]}.{name.partition('.')[2]}": tensor.numpy()
        for name, tensor in module.state_dict().items()
    }


def _known(kept: Path) -> tuple[list[NDArray[np.float16]], list[NDArray[np.float32]]]:
    if not kept.is_file():
        return [], []
    with np.load(kept) as file:
        return list(file["means"]), list(file["logits"])


if __name__ == "__main__":
    main()
