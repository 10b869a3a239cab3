"""Who goes on to the full model, and when there is a first look at all."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Encoding

from core.inference.batches import Batch
from core.inference.checkpoint import Unsupported, read_checkpoint
from core.inference.choose import Choice
from core.inference.early_exit import CutReranker, EarlyExit, Rows
from core.inference.first_look import FOLDER, open_first_look, replaced
from core.inference.look_file import Look, Rule, read_look, write_look
from core.inference.openvino_models import OpenVinoPairReader, PairTokens
from core.inference.protocols import PairScores, Progress, ignore_progress
from core.models import RERANKER_DIRECTORY, load_scorer
from core.settings import Settings
from tests.test_models import FAR, NEAR, QUESTION, RIGHT

F32 = Choice("openvino-f32", "a test")


class Unread:
    """A reader that nothing may be asked of."""

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        raise AssertionError((question, passages, on_progress))


@pytest.mark.parametrize(
    ("rule", "keep", "chosen"),
    [
        pytest.param(Rule(0, 1), 2, [1, 3], id="those that would be kept"),
        pytest.param(Rule(1, 1), 2, [0, 1, 3], id="one more"),
        pytest.param(Rule(0, 2), 2, [0, 1, 3, 4], id="two for each place"),
        pytest.param(Rule(9, 1), 1, [0, 1, 2, 3, 4], id="more than there are"),
        pytest.param(Rule(0, 1), 20, [0, 1, 2, 3, 4], id="fewer candidates than places"),
    ],
)
def test_the_rule(rule: Rule, keep: int, chosen: list[int]) -> None:
    assert rule.chosen(np.asarray([2.0, 4.0, -1.0, 3.0, 1.0]), keep) == chosen


def test_of_equal_logits_the_first_go_on() -> None:
    assert Rule(0, 2).chosen(np.asarray([1.0, 1.0, 0.0, 1.0]), 1) == [0, 1]


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
    reader = Unread()
    first_look, given, said = open_first_look(str(RERANKER_DIRECTORY), reader, choice, wanted)
    assert first_look is None
    assert given is reader
    assert why in said


def test_another_reranker_has_none(tmp_path: Path) -> None:
    reader = Unread()
    assert open_first_look(str(tmp_path), reader, F32, True) == (
        None,
        reader,
        "none for this reranker, every candidate is read at full depth",
    )


def first_word_look(rule: Rule, layers: int = 2) -> Look:
    """Its logit is the tanh of one number of the passage's mean token vector."""
    inner = np.zeros((1, 768), dtype=np.float32)
    inner[0, 384] = 1.0
    tensors = {
        "inner.weight": inner,
        "inner.bias": np.zeros(1, dtype=np.float32),
        "outer.weight": np.ones((1, 1), dtype=np.float32),
        "outer.bias": np.zeros(1, dtype=np.float32),
    }
    return Look(layers, tensors, rule)


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled reranker with an unfitted first look."""
    directory = tmp_path_factory.mktemp("models") / "reranker"
    shutil.copytree(RERANKER_DIRECTORY, directory, ignore=shutil.ignore_patterns(FOLDER))
    write_look(directory / FOLDER, first_word_look(Rule(0, 2)), read_checkpoint(directory).digest)
    return directory


def test_what_is_written_is_read(reranker: Path) -> None:
    look, written = read_look(reranker / FOLDER, read_checkpoint(reranker)), first_word_look(Rule(0, 2))
    assert (look.layers, look.rule) == (written.layers, written.rule)
    assert {name: tensor.tolist() for name, tensor in look.tensors.items()} == {
        name: tensor.tolist() for name, tensor in written.tensors.items()
    }


def test_a_first_look_of_other_weights_is_not_used(
    reranker: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(reranker, tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps(config | {"note": "another model"}))
    first_look, _, why = open_first_look(str(tmp_path / "model"), Unread(), F32, True)
    assert first_look is None
    assert "belongs to another reranker" in why
    assert "belongs to another reranker" in caplog.text


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_damaged_first_look_is_unsupported(name: str, reranker: Path, tmp_path: Path) -> None:
    shutil.copytree(reranker / FOLDER, tmp_path / FOLDER)
    damaged = tmp_path / FOLDER / name
    damaged.write_bytes(damaged.read_bytes()[:40])
    with pytest.raises(Unsupported, match="cannot be read"):
        read_look(tmp_path / FOLDER, read_checkpoint(reranker))


@pytest.mark.parametrize("layers", [0, 6])
def test_a_first_look_comes_between_layers(layers: int, reranker: Path, tmp_path: Path) -> None:
    checkpoint = read_checkpoint(reranker)
    write_look(tmp_path, first_word_look(Rule(0, 2), layers), checkpoint.digest)
    with pytest.raises(Unsupported, match=f"after {layers} of 6 layers"):
        read_look(tmp_path, checkpoint)


def test_a_first_look_without_a_tensor_is_not_used(reranker: Path, tmp_path: Path) -> None:
    shutil.copytree(reranker, tmp_path / "model")
    look = first_word_look(Rule(0, 2))
    del look.tensors["outer.bias"]  # type: ignore[attr-defined]
    write_look(tmp_path / "model" / FOLDER, look, read_checkpoint(reranker).digest)
    assert "no tensor 'outer.bias'" in open_first_look(str(tmp_path / "model"), Unread(), F32, True)[2]


class Counting(CutReranker):
    """Both halves, and how many pairs each has read."""

    def __init__(self, directory: Path) -> None:
        checkpoint = read_checkpoint(directory)
        super().__init__(checkpoint, 2, "f32", first_word_look(Rule(0, 2)).tensors)
        self.read_below = self.read_above = 0

    def below(self, encodings: Sequence[Encoding]) -> Iterator[tuple[Batch, Rows, Rows]]:
        self.read_below += len(encodings)
        return super().below(encodings)

    def above(self, hidden: Rows, lengths: Sequence[int]) -> Rows:
        self.read_above += len(lengths)
        return super().above(hidden, lengths)


def test_no_layer_is_computed_twice_and_both_halves_give_the_whole(reranker: Path) -> None:
    checkpoint = read_checkpoint(reranker)
    cut = Counting(reranker)
    both = EarlyExit(cut, PairTokens(checkpoint.tokenizer, checkpoint.limit))
    passages = [FAR, RIGHT, NEAR, "", "Goods. " * 400]
    right = OpenVinoPairReader(checkpoint).read(QUESTION, passages, ignore_progress)
    both.look(QUESTION, passages, ignore_progress)
    told: list[tuple[int, int]] = []
    again = both.read(QUESTION, passages[1:], lambda done, of: told.append((done, of)))
    assert (cut.read_below, cut.read_above) == (5, 4)
    assert again.logits == pytest.approx(right.logits[1:], abs=1e-4)
    assert again.truncated.tolist() == [False, False, False, True]
    assert told[-1] == (4, 4)
    # What was kept is gone, and another question has never been looked at.
    assert both.read(QUESTION, passages, ignore_progress).logits == pytest.approx(right.logits, abs=1e-4)
    assert (cut.read_below, cut.read_above) == (10, 9)


def test_the_token_vectors_of_another_question_are_not_gone_on_from(reranker: Path) -> None:
    checkpoint = read_checkpoint(reranker)
    cut = Counting(reranker)
    both = EarlyExit(cut, PairTokens(checkpoint.tokenizer, checkpoint.limit))
    both.look("Who pays?", [NEAR], ignore_progress)
    scores = both.read(QUESTION, [NEAR], ignore_progress)
    right = OpenVinoPairReader(checkpoint).read(QUESTION, [NEAR], ignore_progress)
    assert scores.logits == pytest.approx(right.logits, abs=1e-4)
    assert cut.read_below == 2


def test_with_a_first_look_only_what_goes_on_is_read_in_full(reranker: Path, tmp_path: Path) -> None:
    both, full = (
        load_scorer(str(reranker), Settings(data_dir=tmp_path, inference="openvino-f32", first_look=wanted))
        for wanted in (True, False)
    )
    assert both.has_first_look
    assert both.first_look_why == "on, after 2 of 6 layers, 2 for each place and 0 more go on"
    passages = [f"{FAR} Number {number} is blue." for number in range(12)]
    scores, reference = both.score_pairs(QUESTION, passages, keep=2), full.score_pairs(QUESTION, passages)
    read = ~scores.by_first_look
    assert read.sum() == 4
    assert scores.logits[read] == pytest.approx(reference.logits[read], abs=1e-4)
    assert not full.score_pairs(QUESTION, passages, keep=2).by_first_look.any()
    assert not both.score_pairs(QUESTION, passages).by_first_look.any()
