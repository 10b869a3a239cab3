"""The student of the reranker: what it is shown, what it learns from, and the rule chosen for it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.inference.checkpoint import read_checkpoint
from core.inference.first_look import Rule
from core.inference.openvino_models import OpenVinoPairReader
from core.inference.protocols import PairScores, Progress, ignore_progress
from core.models import RERANKER_DIRECTORY
from training.distil import Lesson, Mix, ask_teacher, distillation_loss, draw_lessons
from training.first_look_rule import LEAST, agreement_of, choose_margin, share_read
from training.records import Example, Passage
from training.student import WIDTH_STEP, load_student, padded
from training.written_examples import WRITTEN

PASSAGES = {f"p{n}": Passage(f"p{n}", "owner", f"Title {n}", f"text {n}") for n in range(120)}
EXAMPLES = tuple(
    Example(WRITTEN, (f"question {first}?",), {f"p{first}": 4}, tuple(f"p{first + n}" for n in range(1, 40)))
    for first in (0, 40)
)


def test_lessons_hold_the_answer_own_and_other_candidates_each_once() -> None:
    mix = Mix(own=24, borrowed=6, strangers=2)
    lessons = draw_lessons(PASSAGES, EXAMPLES, 20, mix)
    assert len(lessons) == 20
    assert lessons == draw_lessons(PASSAGES, EXAMPLES, 20, mix)
    for lesson in lessons:
        first = int(lesson.question.removeprefix("question ").removesuffix("?"))
        own = {PASSAGES[f"p{first + n}"].situated_text for n in range(24)}
        assert len(set(lesson.texts)) == len(lesson.texts) == mix.size == 32
        assert own <= set(lesson.texts)


def test_examples_with_few_passages_are_left_out() -> None:
    short = Example(WRITTEN, ("short?",), {"p0": 4}, ("p1", "p2"))
    assert {one.question for one in draw_lessons(PASSAGES, (*EXAMPLES, short), 30)} == {
        "question 0?",
        "question 40?",
    }


class LengthReader:
    """A teacher whose logit is the length of the text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, question: str, passages: list[str], on_progress: Progress) -> PairScores:  # noqa: ARG002
        self.asked.append(question)
        return PairScores(np.asarray([float(len(one)) for one in passages]), np.zeros(len(passages), bool))


def test_the_teacher_is_not_asked_twice(tmp_path: Path) -> None:
    reader = LengthReader()
    lessons = (Lesson("one", ("a", "bb")), Lesson("two", ("ccc", "d")))
    first = ask_teacher(reader, lessons[:1], tmp_path / "kept.npy")  # type: ignore[arg-type]
    both = ask_teacher(reader, lessons, tmp_path / "kept.npy")  # type: ignore[arg-type]
    assert first.tolist() == [[1.0, 2.0]]
    assert both.tolist() == [[1.0, 2.0], [3.0, 1.0]]
    assert reader.asked == ["one", "two"]


def test_the_loss_is_zero_for_equal_logits_and_counts_height_beside_order() -> None:
    teacher = torch.tensor([[2.0, 0.0, -1.0]])
    assert float(distillation_loss(teacher, teacher)) == pytest.approx(0.0, abs=1e-6)
    # Raised by one everywhere the order is the same, so the height alone is wrong: 0.2 * 1.
    assert float(distillation_loss(teacher + 1.0, teacher)) == pytest.approx(0.2, abs=1e-5)
    assert float(distillation_loss(teacher.flip(1), teacher)) > 1.0


def test_agreement_is_the_share_of_questions_whose_best_all_go_on() -> None:
    first = np.asarray([[3.0, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    full = np.asarray([[3.0, 2.0, 1.0, 0.0], [3.0, 2.0, 1.0, 0.0]])
    assert agreement_of(Rule(0.0, 1), first, full, 1) == 0.5
    assert agreement_of(Rule(3.0, 1), first, full, 1) == 1.0


def test_the_margin_is_the_smallest_that_agrees() -> None:
    # One question of 40 candidates; the best by the full model is the 25th by the first look, 2.4 below its fifth.
    first = np.linspace(4.0, 0.1, 40)[np.newaxis]
    full = first.copy()
    full[0, 28] = 9.0
    margin, agreement = choose_margin(first, full)
    assert agreement == 1.0
    assert margin == pytest.approx(2.6, abs=0.051)
    assert agreement_of(Rule(margin - 0.05, LEAST), first, full, 3) == 0.0


def test_batches_are_padded_to_few_widths() -> None:
    tokenizer = read_checkpoint(RERANKER_DIRECTORY).tokenizer
    ids, types, mask = padded(tokenizer.encode_batch([("one", "two"), ("one", "two three four")]))
    assert ids.shape == types.shape == mask.shape == (2, WIDTH_STEP)
    assert mask.sum(1).tolist() == [5, 7]
    assert types[0].tolist()[:5] == [0, 0, 0, 1, 1]


def test_the_network_in_training_is_the_one_that_runs() -> None:
    reranker = read_checkpoint(RERANKER_DIRECTORY)
    student = load_student(
        RERANKER_DIRECTORY, tuple(range(reranker.layers)), reranker.heads, reranker.epsilon
    )
    pairs = [("Which law governs?", "The laws of Ohio govern."), ("Which law governs?", "Goods " * 30)]
    with torch.inference_mode():
        logits = student(*padded(reranker.tokenizer.encode_batch(pairs)))
    texts = [text for _, text in pairs]
    ours = OpenVinoPairReader(reranker).read(pairs[0][0], texts, ignore_progress).logits
    assert logits.numpy() == pytest.approx(ours, abs=1e-4)


def test_the_share_that_is_read_counts_what_goes_on() -> None:
    first = np.asarray([[3.0, 2.0, 1.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    assert share_read(Rule(0.0, 1), first, 1) == pytest.approx((1 / 4 + 4 / 4) / 2)
