"""The first look in training: what it is shown, what it learns, and the rule chosen for it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.inference.checkpoint import read_checkpoint
from core.inference.look_file import Rule
from core.inference.openvino_models import OpenVinoPairReader
from core.inference.protocols import ignore_progress
from core.models import RERANKER_DIRECTORY
from training.fit_first_look import Readings, fit_map, foretelling_loss, read_lessons
from training.lessons import Lesson, Mix, draw_lessons
from training.look_rule import agreement_of, choose_rule, cost
from training.network import Exits
from training.records import Example, Passage
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


def test_lessons_are_read_once_and_the_logits_are_the_rerankers(tmp_path: Path) -> None:
    reranker = read_checkpoint(RERANKER_DIRECTORY)
    lessons = (Lesson("Who pays?", ("The buyer pays.", "Ohio law governs.")),)
    readings = read_lessons(reranker, 2, lessons, tmp_path / "kept.npz")
    right = OpenVinoPairReader(reranker).read("Who pays?", lessons[0].texts, ignore_progress).logits
    assert readings.means.shape == (1, 2, 768)
    # bfloat16 where the processor has it.
    assert readings.logits[0] == pytest.approx(right, abs=0.1)
    np.savez(tmp_path / "kept.npz", means=readings.means * 0, logits=readings.logits)
    assert not read_lessons(reranker, 2, lessons, tmp_path / "kept.npz").means.any()


def test_the_map_learns_what_the_means_tell() -> None:
    chance = np.random.default_rng(1)
    means = chance.normal(size=(64, 10, 8)).astype(np.float16)
    logits = (3 * means[..., 0]).astype(np.float32)
    module = fit_map(Readings(means, logits))
    with torch.inference_mode():
        said = module(torch.from_numpy(means).float())[..., 0]
    assert np.corrcoef(said.numpy().ravel(), logits.ravel())[0, 1] > 0.95


def test_the_loss_is_zero_for_equal_logits_and_counts_height_beside_order() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0]])
    assert float(foretelling_loss(logits, logits)) == pytest.approx(0.0, abs=1e-6)
    # Raised by one everywhere the order is the same, so the height alone is wrong: 0.2 * 1.
    assert float(foretelling_loss(logits + 1.0, logits)) == pytest.approx(0.2, abs=1e-5)
    assert float(foretelling_loss(logits.flip(1), logits)) > 1.0


def test_earlier_layers_are_judged_by_the_means_of_question_and_passage() -> None:
    exits = Exits(1)
    # Two question tokens, two passage tokens, one of padding, which counts for nothing.
    hidden = torch.tensor([[[1.0], [3.0], [5.0], [9.0], [100.0]]])
    padded = {
        "token_type_ids": torch.tensor([[0, 0, 1, 1, 0]]),
        "attention_mask": torch.tensor([[1, 1, 1, 1, 0]]),
    }
    seen: list[list[float]] = []
    for made in exits.maps:
        made.register_forward_pre_hook(lambda _, given: seen.append(given[0][0].tolist()))
    assert exits([hidden] * 4, padded).shape == (1, len(Exits.LAYERS))
    assert seen == [[2.0, 7.0]] * len(Exits.LAYERS)


def test_agreement_is_the_share_of_questions_whose_best_all_go_on() -> None:
    first = np.asarray([[3.0, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    full = np.asarray([[3.0, 2.0, 1.0, 0.0], [3.0, 2.0, 1.0, 0.0]])
    assert agreement_of(Rule(0, 1), first, full, 1) == 0.5
    assert agreement_of(Rule(3, 1), first, full, 1) == 1.0


def test_the_rule_is_the_one_by_which_the_fewest_go_on() -> None:
    # One question of 40 candidates; the best by the full model is the 29th by the first look.
    first = np.linspace(4.0, 0.1, 40)[np.newaxis]
    full = first.copy()
    full[0, 28] = 9.0
    assert choose_rule(first, full, keeps=(5,)) == Rule(24, 1)
    # More for each place would do for three places as well, but lets more go on for five.
    assert choose_rule(first, full, keeps=(3, 5)) == Rule(26, 1)
    assert agreement_of(Rule(26, 1), first, full, 3) == 1.0
    assert agreement_of(Rule(25, 1), first, full, 3) == 0.0


@pytest.mark.parametrize(
    ("layers", "share", "left"),
    [
        pytest.param(2, 1.0, 1.0, id="everybody goes on"),
        pytest.param(2, 0.0, 2 / 5.35, id="nobody does: two of five layers and a third of the last"),
        pytest.param(3, 0.5, 3 / 5.35 + 0.5 * (1 - 3 / 5.35), id="half of them"),
    ],
)
def test_what_is_left_of_the_arithmetic(layers: int, share: float, left: float) -> None:
    assert cost(layers, 6, share) == pytest.approx(left)
