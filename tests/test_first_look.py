"""Who goes on to the full model, and when there is a first look at all."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from core.inference.checkpoint import Unsupported, read_checkpoint
from core.inference.choose import Choice
from core.inference.first_look import FOLDER, Rule, open_first_look, read_student, replaced, write_config
from core.inference.openvino_models import OpenVinoPairReader
from core.inference.protocols import PairScores, Progress, ignore_progress
from core.models import RERANKER_DIRECTORY, load_scorer
from core.settings import Settings
from tests.test_models import FAR, NEAR, QUESTION, RIGHT
from training.student import load_student, padded

F32 = Choice("openvino-f32", "a test")


class Unread:
    """A reader that nothing may be asked of."""

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        raise AssertionError((question, passages, on_progress))


@pytest.mark.parametrize(
    ("rule", "keep", "chosen"),
    [
        pytest.param(Rule(0.0, 1), 2, [1, 3], id="no margin: those that would be kept"),
        pytest.param(Rule(1.0, 1), 2, [0, 1, 3], id="one logit below the second best, 3.0"),
        pytest.param(Rule(0.0, 2), 2, [0, 1, 3, 4], id="two for each place in any case"),
        pytest.param(Rule(9.0, 1), 1, [0, 1, 2, 3, 4], id="a margin that nobody is below"),
        pytest.param(Rule(0.0, 1), 20, [0, 1, 2, 3, 4], id="fewer candidates than places"),
    ],
)
def test_the_rule(rule: Rule, keep: int, chosen: list[int]) -> None:
    assert rule.chosen(np.asarray([2.0, 4.0, -1.0, 3.0, 1.0]), keep) == chosen


def test_equal_logits_go_on_together() -> None:
    assert Rule(0.0, 1).chosen(np.asarray([1.0, 1.0, 0.0, 1.0]), 1) == [0, 1, 3]


def test_replaced_scores_are_told_from_the_others() -> None:
    looked = PairScores(np.asarray([1.0, 2.0, 3.0]), np.asarray([True, False, False]))
    scores = replaced(looked, [0, 2], PairScores(np.asarray([7.0, 8.0]), np.asarray([False, True])))
    assert scores.logits.tolist() == [7.0, 2.0, 8.0]
    assert scores.truncated.tolist() == [False, False, True]
    assert scores.by_first_look.tolist() == [False, True, False]
    assert looked.logits.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("choice", "wanted", "why"),
    [
        pytest.param(F32, False, "PROVISO_FIRST_LOOK", id="switched off"),
        pytest.param(Choice("torch", "a test"), True, "on torch", id="torch is the reference"),
    ],
)
def test_without_a_first_look_it_is_said_why(choice: Choice, wanted: bool, why: str) -> None:
    first_look, said = open_first_look(str(RERANKER_DIRECTORY), Unread(), choice, wanted)
    assert first_look is None
    assert why in said


def test_another_reranker_has_none(tmp_path: Path) -> None:
    assert open_first_look(str(tmp_path), Unread(), F32, True) == (
        None,
        "none for this reranker, every candidate is read at full depth",
    )


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled reranker with its own first and last layer as an untaught first look."""
    directory = tmp_path_factory.mktemp("models") / "reranker"
    shutil.copytree(RERANKER_DIRECTORY, directory, ignore=shutil.ignore_patterns(FOLDER))
    checkpoint = read_checkpoint(directory)
    load_student(directory, (0, 5), checkpoint.heads, checkpoint.epsilon).save(
        directory / FOLDER, checkpoint.digest
    )
    assert read_student(directory / FOLDER, checkpoint)[1].chosen(np.arange(9.0), 1) == list(range(9))
    write_config(directory / FOLDER, 2, checkpoint.digest, Rule(0.0, 2))
    return directory


def test_a_student_of_other_weights_is_not_used(
    reranker: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(reranker, tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps(config | {"note": "another model"}))
    first_look, why = open_first_look(str(tmp_path / "model"), Unread(), F32, True)
    assert first_look is None
    assert "learned from another reranker" in why
    assert "learned from another reranker" in caplog.text


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_damaged_student_is_unsupported(name: str, reranker: Path, tmp_path: Path) -> None:
    shutil.copytree(reranker / FOLDER, tmp_path / FOLDER)
    damaged = tmp_path / FOLDER / name
    damaged.write_bytes(damaged.read_bytes()[:40])
    with pytest.raises(Unsupported, match="cannot be read"):
        read_student(tmp_path / FOLDER, read_checkpoint(RERANKER_DIRECTORY))


def test_the_first_look_runs_the_network_that_was_taught(reranker: Path) -> None:
    checkpoint = read_checkpoint(reranker)
    student, rule = read_student(reranker / FOLDER, checkpoint)
    assert rule == Rule(0.0, 2)
    taught = load_student(reranker, (0, 5), checkpoint.heads, checkpoint.epsilon)
    passages = [FAR, RIGHT, NEAR, ""]
    with torch.inference_mode():
        expected = taught(*padded(checkpoint.tokenizer.encode_batch([(QUESTION, one) for one in passages])))
    logits = OpenVinoPairReader(student, "f32").read(QUESTION, passages, ignore_progress).logits
    # The weights were written in fp16.
    assert logits == pytest.approx(expected.numpy(), abs=1e-2)


def test_with_a_first_look_only_what_goes_on_is_read_in_full(reranker: Path, tmp_path: Path) -> None:
    both, full = (
        load_scorer(str(reranker), Settings(data_dir=tmp_path, inference="openvino-f32", first_look=wanted))
        for wanted in (True, False)
    )
    assert both.has_first_look
    assert both.first_look_why == "on, 2 layers, margin 0"
    passages = [f"{FAR} Number {number} is blue." for number in range(12)]
    scores, reference = both.score_pairs(QUESTION, passages, keep=2), full.score_pairs(QUESTION, passages)
    read = ~scores.by_first_look
    assert read.sum() == 4
    assert scores.logits[read] == pytest.approx(reference.logits[read], abs=1e-4)
    assert not full.score_pairs(QUESTION, passages, keep=2).by_first_look.any()
    assert not both.score_pairs(QUESTION, passages).by_first_look.any()
