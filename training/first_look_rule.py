"""Step 8: python -m training.first_look_rule --student FOLDER: who goes on, by agreement; and publish it.

On questions about contracts of the tune part, with a hundred candidates each: the smallest margin below the last
kept place at which the kept passages are those of full depth. A student that
spares enough of the reading is written beside the reranker's weights.
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.inference.checkpoint import CONFIG_FILE, WEIGHTS_FILE, Checkpoint, read_checkpoint
from core.inference.choose import Runtime, open_pair_reader
from core.inference.first_look import FOLDER, Rule, read_student, write_config
from core.inference.openvino_models import OpenVinoPairReader
from core.inference.protocols import ignore_progress
from core.models import RERANKER_DIRECTORY
from training.distil import Lesson, Mix, ask_teacher, draw_lessons
from training.records import read_examples, read_passages

QUESTIONS = 120
MIX: Final = Mix(own=45, borrowed=45, strangers=10)
KEEPS = (3, 5, 10)
# More than the 98 of 100 that are promised, because contracts that were never seen agree a little less.
AGREEMENT = 0.995
LEAST = 2
PUBLISHED_KEEP = 5
# A first look that lets more than this share of the candidates go on costs more than it spares.
MOST_READ = 0.6
LARGEST = 8_000_000
STEP = 0.05


def main() -> None:
    """Choose the margin and write the student into the reranker's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--student", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=RERANKER_DIRECTORY)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    given = parser.parse_args()
    reranker = read_checkpoint(given.model)
    lessons = draw_lessons(
        read_passages(given.work / "passages.jsonl"),
        read_examples(given.work / "tune.jsonl"),
        given.questions,
        MIX,
    )
    reader, _ = open_pair_reader(str(given.model), Runtime("auto", given.student))
    kept = given.student / f"tune-{reranker.digest[:12]}.npy"
    full = ask_teacher(reader, lessons, kept).astype(np.float64)
    student, _ = read_student(given.student, reranker)
    first = _student_scores(student, lessons)
    margin, agreement = choose_margin(first, full)
    rule = Rule(round(margin, 2), LEAST)
    share = share_read(rule, first, PUBLISHED_KEEP)
    print(
        f"margin {margin:.2f}: the kept agree in {agreement:.1%} of {len(full)} questions, {share:.0%} are read"
    )
    if share > MOST_READ:
        print(f"Not published: it spares less than {1 - MOST_READ:.0%} of the reading.")
        return
    write_config(given.student, student.layers, reranker.digest, rule)
    publish(given.student, given.model / FOLDER)


def choose_margin(first: NDArray[np.float64], full: NDArray[np.float64]) -> tuple[float, float]:
    """The smallest margin that reaches ``AGREEMENT`` for every number kept, and what it reaches.

    Args:
        first: logits of the first look, shape (questions, candidates).
        full: logits of the full model, of the same shape.

    Raises:
        ValueError: no margin does, short of reading every candidate.
    """
    for margin in np.arange(0.0, float(np.ptp(first)), STEP):
        reached = min(agreement_of(Rule(float(margin), LEAST), first, full, keep) for keep in KEEPS)
        if reached >= AGREEMENT:
            return float(margin), reached
    raise ValueError(f"No margin reaches an agreement of {AGREEMENT}.")


def agreement_of(rule: Rule, first: NDArray[np.float64], full: NDArray[np.float64], keep: int) -> float:
    """The share of questions whose ``keep`` best by ``full`` all go on by ``rule``."""
    kept = (set(np.argsort(-logits, kind="stable")[:keep].tolist()) for logits in full)
    same = [best <= set(rule.chosen(logits, keep)) for best, logits in zip(kept, first, strict=True)]
    return float(np.mean(same))


def share_read(rule: Rule, first: NDArray[np.float64], keep: int) -> float:
    """The mean share of candidates that go on by ``rule``."""
    return float(np.mean([len(rule.chosen(logits, keep)) / len(logits) for logits in first]))


def publish(student: Path, target: Path) -> None:
    """Copy what the product reads.

    Raises:
        ValueError: the weights are larger than a repository should carry beside the reranker's.
    """
    size = (student / WEIGHTS_FILE).stat().st_size
    if size > LARGEST:
        raise ValueError(f"{student / WEIGHTS_FILE} has {size:,} bytes, more than {LARGEST:,}.")
    target.mkdir(parents=True, exist_ok=True)
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        shutil.copyfile(student / name, target / name)


def _student_scores(student: Checkpoint, lessons: Sequence[Lesson]) -> NDArray[np.float64]:
    reader = OpenVinoPairReader(student, "f32")

    def scores() -> Iterator[NDArray[np.float64]]:
        for lesson in lessons:
            yield reader.read(lesson.question, lesson.texts, ignore_progress).logits

    return np.asarray(list(scores()))


if __name__ == "__main__":
    main()
