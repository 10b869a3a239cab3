"""Step 7: python -m training.distil --out FOLDER: the first look, a student of the reranker's own scores.

The reranker is asked for its logits of many candidates of training questions, as the first stage proposes them;
two layers on the same embeddings learn to give them. Resumable: the teacher's scores are kept.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax, mse_loss

from core.inference.checkpoint import Checkpoint, read_checkpoint
from core.inference.choose import Runtime, open_pair_reader
from core.inference.protocols import PairReader, ignore_progress
from core.models import RERANKER_DIRECTORY
from training.draw import MIXTURE
from training.records import Example, Passage, read_examples, read_passages
from training.student import Student, load_student, padded

SEED: Final = 7
# Examples with fewer passages say too little about the order of many.
LEAST_KNOWN = 24
LOGGED_EVERY = 20
# Pairs that are computed at once.
TOGETHER = 32


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run besides the data. ``longest`` counts tokens of a pair."""

    questions: int = 1600
    epochs: float = 2.0
    together: int = 4
    rate: float = 4e-4
    final_share: float = 0.02
    warm_up: int = 60
    longest: int = 224
    layers: tuple[int, ...] = (0, 5)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many candidates of a question come from where: its own contract, that of a like question, anywhere."""

    own: int = 24
    borrowed: int = 6
    strangers: int = 2

    @property
    def size(self) -> int:
        """All of them."""
        return self.own + self.borrowed + self.strangers


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with the texts of candidates that the teacher judges."""

    question: str
    texts: tuple[str, ...]


def main() -> None:
    """Ask the teacher, train, and write the student to ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--examples", default="mined.jsonl")
    parser.add_argument("--model", type=Path, default=RERANKER_DIRECTORY)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=Plan.questions)
    parser.add_argument("--epochs", type=float, default=Plan.epochs)
    given = parser.parse_args()
    plan = Plan(questions=given.questions, epochs=given.epochs)
    lessons = draw_lessons(
        read_passages(given.work / "passages.jsonl"),
        read_examples(given.work / given.examples),
        plan.questions,
    )
    checkpoint = read_checkpoint(given.model)
    reader, _ = open_pair_reader(str(given.model), Runtime("auto", given.out))
    given.out.mkdir(parents=True, exist_ok=True)
    scores = ask_teacher(reader, lessons, given.out / f"teacher-{checkpoint.digest[:12]}.npy")
    student = load_student(given.model, plan.layers, checkpoint.heads, checkpoint.epsilon)
    train(student, checkpoint, lessons, scores, plan)
    student.save(given.out, checkpoint.digest)


def draw_lessons(
    passages: Mapping[str, Passage], examples: Sequence[Example], count: int, mix: Mix | None = None
) -> tuple[Lesson, ...]:
    """Questions of every source, each with its answers, its own candidates, and candidates of a like question."""
    mix = Mix() if mix is None else mix
    sources: dict[str, list[Example]] = {}
    alike: dict[tuple[str, ...], list[Example]] = {}
    for example in examples:
        if len(example.grades) + len(example.negatives) >= LEAST_KNOWN:
            sources.setdefault(example.source, []).append(example)
            alike.setdefault(example.wordings, []).append(example)
    names = [name for name in MIXTURE if name in sources]
    weights = [MIXTURE[name] for name in names]
    everything = [one.passage_id for one in passages.values() if one.context]
    lessons = []
    for number in range(count):
        choose = random.Random(f"{SEED}/{number}")  # noqa: S311 - a sample, not a secret
        source = choose.choices(names, weights)[0]
        example = choose.choice(sources[source])
        like = choose.choice(alike[example.wordings])
        if like is example:
            like = choose.choice(sources[source])
        ids = _candidates(example, like, everything, mix, choose)
        texts = tuple(passages[one].text if example.bare else passages[one].situated_text for one in ids)
        lessons.append(Lesson(choose.choice(example.wordings), texts))
    return tuple(lessons)


def ask_teacher(reader: PairReader, lessons: Sequence[Lesson], kept: Path) -> NDArray[np.float32]:
    """The teacher's logits, shape (lessons, candidates); those in the file ``kept`` are not asked for again."""
    known = list(np.load(kept)) if kept.is_file() else []
    begin, first = time.monotonic(), len(known)
    for number in range(first, len(lessons)):
        lesson = lessons[number]
        known.append(reader.read(lesson.question, lesson.texts, ignore_progress).logits.astype(np.float32))
        if (number + 1) % 100 == 0 or number + 1 == len(lessons):
            np.save(kept, np.asarray(known))
            speed = (number + 1 - first) * len(lesson.texts) / (time.monotonic() - begin)
            print(f"teacher {number + 1:6} of {len(lessons)} questions  {speed:.0f} pairs/s", flush=True)
    return np.asarray(known[: len(lessons)])


def train(
    student: Student,
    checkpoint: Checkpoint,
    lessons: Sequence[Lesson],
    scores: NDArray[np.float32],
    plan: Plan,
) -> None:
    """Teach ``student`` the order and the height of the teacher's logits of each question."""
    steps = int(len(lessons) * plan.epochs / plan.together)
    optimiser = torch.optim.AdamW(student.parameters(), lr=plan.rate, weight_decay=0.01, fused=True)
    mean, begin = 0.0, time.monotonic()
    for step, chosen in zip(range(steps), _rounds(len(lessons), plan), strict=False):
        for settings in optimiser.param_groups:
            settings["lr"] = plan.rate * _rate_share(step, steps, plan)
        logits = _logits(student, checkpoint, [lessons[at] for at in chosen], plan.longest)
        loss = distillation_loss(logits, torch.from_numpy(scores[chosen]))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=False)
        mean = float(loss.detach()) if step == 0 else 0.97 * mean + 0.03 * float(loss.detach())
        if (step + 1) % LOGGED_EVERY == 0:
            speed = (step + 1) / (time.monotonic() - begin)
            print(f"step {step + 1:6} of {steps}  loss {mean:.4f}  {speed:.2f} steps/s", flush=True)


def distillation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """How far two sets of logits, shape (questions, candidates), lie apart: in order, mostly at the top, and height."""
    order = kl_div(log_softmax(student, 1), log_softmax(teacher, 1), log_target=True, reduction="batchmean")
    return order + 0.2 * mse_loss(student, teacher)


def _candidates(
    example: Example, like: Example, everything: Sequence[str], mix: Mix, choose: random.Random
) -> list[str]:
    right = choose.sample(sorted(example.grades), min(6, len(example.grades)))
    own = list(dict.fromkeys([*right, *example.negatives]))[: mix.own]
    own += [one for one in sorted(example.grades) if one not in own][: mix.own - len(own)]
    chosen = dict.fromkeys(own)
    borrowed = [one for one in (*sorted(like.grades), *like.negatives) if one not in chosen]
    chosen |= dict.fromkeys(borrowed[: mix.size - mix.strangers - len(chosen)])
    while len(chosen) < mix.size:
        chosen[choose.choice(everything)] = None
    return list(chosen)


def _logits(student: Student, checkpoint: Checkpoint, lessons: Sequence[Lesson], longest: int) -> Tensor:
    pairs = [(lesson.question, text) for lesson in lessons for text in lesson.texts]
    checkpoint.tokenizer.enable_truncation(longest, strategy="longest_first")
    encodings = checkpoint.tokenizer.encode_batch(pairs)
    order = sorted(range(len(pairs)), key=lambda at: len(encodings[at].ids))
    parts = []
    for begin in range(0, len(order), TOGETHER):
        ids, types, mask = padded([encodings[at] for at in order[begin : begin + TOGETHER]])
        with torch.autocast("cpu", torch.bfloat16):
            parts.append(student(ids, types, mask))
    return torch.cat(parts)[torch.argsort(torch.tensor(order))].reshape(len(lessons), -1)


def _rounds(count: int, plan: Plan) -> Iterator[list[int]]:
    shuffle = random.Random(SEED)  # noqa: S311 - an order, not a secret
    while True:
        order = list(range(count))
        shuffle.shuffle(order)
        for begin in range(0, count - plan.together + 1, plan.together):
            yield order[begin : begin + plan.together]


def _rate_share(step: int, steps: int, plan: Plan) -> float:
    if step < plan.warm_up:
        return (step + 1) / plan.warm_up
    done = (step - plan.warm_up) / max(1, steps - plan.warm_up)
    return plan.final_share + (1 - plan.final_share) * 0.5 * (1 + math.cos(math.pi * done))


if __name__ == "__main__":
    main()
