"""What the encoder learns from, and what its loss is."""

import math

import pytest
import torch

from training.clause_examples import RATED
from training.cuad_examples import ABSENT, PRESENT
from training.records import Example, Passage
from training.train_encoder import by_source, draw_batch, in_batch_loss
from training.written_examples import WRITTEN

PASSAGES = {name: Passage(name, "contract", f"Title > {name}", f"text {name}") for name in "abcdef"}


def test_a_batch_has_each_question_with_its_own_passage_and_its_mistake() -> None:
    examples = [Example(WRITTEN, (f"q{one}",), {one: 4}, (other,)) for one, other in ("ab", "cd", "ef")]
    questions, texts = draw_batch(by_source(examples), PASSAGES, 8, "seed")
    own = {"qa": "a", "qc": "c", "qe": "e"}
    mistake = {"a": "b", "c": "d", "e": "f"}
    right, wrong = texts[:8], texts[8:]
    assert right == [f"Title > {own[one]}\ntext {own[one]}" for one in questions]
    assert wrong == [f"Title > {mistake[own[one]]}\ntext {mistake[own[one]]}" for one in questions]
    assert draw_batch(by_source(examples), PASSAGES, 8, "seed") == (questions, texts)


def test_of_graded_clauses_the_best_is_right_and_those_clearly_less_are_mistakes() -> None:
    graded = Example(RATED, ("q",), {"a": 4, "b": 4, "c": 3, "d": 2, "e": 1}, ("f",), bare=True)
    batches = [draw_batch(by_source([graded]), PASSAGES, 4, f"{seed}")[1] for seed in range(20)]
    assert {text for texts in batches for text in texts[:4]} == {"text a", "text b"}
    assert {text for texts in batches for text in texts[4:]} == {"text d", "text e", "text f"}


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(Example(PRESENT, ("q",), {"a": 4}), id="no mistake is known"),
        pytest.param(Example(PRESENT, ("q",), {}, ("a",)), id="nothing answers"),
        pytest.param(Example(ABSENT, ("q",), {"a": 4}, ("b",)), id="a source that is not drawn"),
        pytest.param(Example(RATED, ("q",), {"a": 4, "b": 3}), id="all clauses are nearly as good"),
    ],
)
def test_what_the_encoder_does_not_learn_from(example: Example) -> None:
    assert by_source([example]) == {}


def test_the_loss_is_small_where_each_question_is_nearest_to_its_own_text() -> None:
    # Two questions along the axes, their texts on them, mistakes opposite: cosines 1, 0, -1, 0 times 20.
    questions = torch.eye(2)
    texts = torch.cat([torch.eye(2), -torch.eye(2)])
    expected = math.log(math.exp(20) + 2 + math.exp(-20)) - 20
    assert float(in_batch_loss(questions, texts)) == pytest.approx(expected, abs=1e-5)
    swapped = torch.cat([torch.eye(2).flip(0), -torch.eye(2)])
    assert float(in_batch_loss(questions, swapped)) == pytest.approx(20, abs=1e-3)
