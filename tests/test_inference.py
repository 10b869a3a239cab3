"""How the models are run: batches, the memory of scores, references, and what if something is off."""

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelUnavailable
from core.inference.batches import LEAST_FILLED, MOST_TEXTS, TOKEN_BUDGET, WIDTH_STEP, plan_batches
from core.inference.checkpoint import Unsupported, model_digest, pools_by_mean, read_checkpoint
from core.inference.choose import Runtime, open_encoder, open_pair_reader
from core.inference.openvino_models import OpenVinoEncoder
from core.inference.protocols import ignore_progress
from core.inference.reference import (
    QUESTION,
    TEXTS,
    Reference,
    find_reference,
    store_reference,
)
from core.inference.score_cache import ScoreCache, pair_key
from core.models import ENCODER_DIRECTORY, RERANKER_DIRECTORY

LIMIT = 512


@given(st.lists(st.integers(1, LIMIT), max_size=150))
def test_every_text_is_in_one_batch_that_is_wide_enough(lengths: list[int]) -> None:
    batches = plan_batches(lengths, LIMIT)
    positions = [position for batch in batches for position in batch.positions]
    assert sorted(positions) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[position] for position in batch.positions)
        shortest = min(lengths[position] for position in batch.positions)
        assert longest <= batch.width < longest + WIDTH_STEP
        assert batch.width % WIDTH_STEP == 0
        assert len(batch.positions) <= MOST_TEXTS
        assert len(batch.positions) == 1 or len(batch.positions) * batch.width <= TOKEN_BUDGET
        assert len(batch.positions) == 1 or shortest >= LEAST_FILLED * batch.width


def test_batches_are_never_wider_than_the_model_reads() -> None:
    assert [batch.width for batch in plan_batches([505, 3], 506)] == [506, 16]


def test_the_score_cache_forgets_the_pair_used_longest_ago() -> None:
    cache = ScoreCache(2)
    cache.put(b"a", 1.0, False)
    cache.put(b"b", 2.0, True)
    assert cache.get(b"a") == (1.0, False)
    cache.put(b"c", 3.0, False)
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [(1.0, False), None, (3.0, False)]
    assert len(cache) == 2


def test_a_score_cache_holds_at_least_one_pair() -> None:
    with pytest.raises(ValueError, match="not 0"):
        ScoreCache(0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("ab", "c"), ("a", "bc"), id="the border between question and passage counts"),
        pytest.param(("a", "b"), ("b", "a"), id="the order counts"),
        pytest.param(("\ud800", ""), ("?", ""), id="a lone surrogate is not a question mark"),
    ],
)
def test_different_pairs_have_different_keys(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert pair_key(*first) != pair_key(*second)
    assert pair_key(*first) == pair_key(*first)


def test_a_reference_measures_the_largest_difference() -> None:
    reference = Reference(np.asarray([[1.0, 2.0], [3.0, 4.0]]))
    assert reference.difference(np.asarray([[1.0, 2.5], [2.75, 4.0]])) == 0.5
    assert reference.difference(np.asarray([[1.0, 2.0]])) == np.inf
    assert reference.difference(np.asarray([[1.0, 2.0], [3.0, np.nan]])) == np.inf


def test_a_stored_reference_is_found_again(tmp_path: Path) -> None:
    reference = Reference(np.arange(5.0).reshape(5, 1) / 7)
    assert find_reference("abc", tmp_path / "models") is None
    store_reference(reference, "abc", tmp_path / "models")
    found = find_reference("abc", tmp_path / "models")
    assert found is not None
    assert found.difference(reference.rows) < 1e-8
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["abc.json"]


@pytest.mark.parametrize(
    ("rows", "cosine"),
    [
        pytest.param([[1.0, 0.0], [0.0, 2.0]], 1.0, id="the same directions, whatever the length"),
        pytest.param([[1.0, 0.0], [3.0, 4.0]], 0.8, id="the worse of two rows"),
        pytest.param([[1.0, 0.0]], -1.0, id="a row is missing"),
        pytest.param([[1.0, 0.0], [0.0, np.nan]], -1.0, id="not a number"),
        pytest.param([[1.0, 0.0], [0.0, 0.0]], 0.0, id="no direction at all"),
    ],
)
def test_a_reference_measures_how_far_vectors_are_turned(rows: list[list[float]], cosine: float) -> None:
    reference = Reference(np.asarray([[1.0, 0.0], [0.0, 1.0]]))
    assert reference.least_cosine(np.asarray(rows)) == pytest.approx(cosine)


def test_float32_gives_the_vectors_of_torch_to_the_fifth_digit(tmp_path: Path) -> None:
    checkpoint = read_checkpoint(ENCODER_DIRECTORY)
    torch = find_reference(checkpoint.digest, tmp_path)
    assert torch is not None
    assert torch.difference(OpenVinoEncoder(checkpoint, "f32").encode(TEXTS)) < 1e-5


def test_vectors_that_point_elsewhere_are_never_used(tmp_path: Path) -> None:
    directory = _copy(ENCODER_DIRECTORY, tmp_path / "model", note="another model")
    shipped = find_reference(model_digest(ENCODER_DIRECTORY), tmp_path)
    assert shipped is not None
    # Every number goes to the place of the next, so no vector keeps its direction.
    turned = Reference(np.roll(shipped.rows, 1, axis=1))
    store_reference(turned, model_digest(directory), tmp_path / "models")
    with pytest.raises(ModelUnavailable, match="differs from torch"):
        open_encoder(str(directory), Runtime("openvino", tmp_path / "models"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param('{"rows": [[1.0], [2.0', id="cut in half"),
        pytest.param('{"rows": [[1.0]]}', id="too few rows"),
        pytest.param('{"rows": [[NaN], [1], [2], [3], [4]]}', id="not a number"),
        pytest.param('["rows"]', id="not an object"),
        pytest.param('{"rows": {"a": 1}}', id="rows are no list"),
    ],
)
def test_a_damaged_reference_is_none_and_is_said(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "abc.json").write_text(content)
    assert find_reference("abc", tmp_path) is None
    assert "damaged" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "models").write_text("a file where a folder should be")
    store_reference(Reference(np.zeros((5, 1))), "abc", tmp_path / "models")
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize("directory", [RERANKER_DIRECTORY, ENCODER_DIRECTORY], ids=["reranker", "encoder"])
def test_the_references_shipped_are_those_of_the_bundled_models(directory: Path, tmp_path: Path) -> None:
    assert find_reference(model_digest(directory), tmp_path) is not None, "run python -m core.inference"


def _copy(source: Path, target: Path, **changes: object) -> Path:
    shutil.copytree(source, target)
    config = json.loads((target / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config | changes))
    return target


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"model_type": "roberta"}, "model_type is 'roberta'", id="another architecture"),
        pytest.param({"hidden_act": "relu"}, "hidden_act is 'relu'", id="another activation"),
        pytest.param({"is_decoder": True}, "is_decoder is True", id="a decoder"),
        pytest.param({"num_attention_heads": "x"}, "cannot be read", id="a shape that is no number"),
    ],
)
def test_what_is_no_plain_bert_is_left_to_torch(
    changes: dict[str, object], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(Unsupported, match=reason):
        read_checkpoint(_copy(RERANKER_DIRECTORY, tmp_path / "model", **changes))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_file_is_unsupported(name: str, tmp_path: Path) -> None:
    directory = _copy(RERANKER_DIRECTORY, tmp_path / "model")
    (directory / name).write_bytes((directory / name).read_bytes()[:100])
    with pytest.raises(Unsupported, match="cannot be read"):
        read_checkpoint(directory)


@pytest.mark.parametrize(
    ("content", "mean"),
    [
        pytest.param({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, True, id="mean"),
        pytest.param({"pooling_mode": "mean"}, True, id="mean, as written today"),
        pytest.param({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, False, id="first"),
        pytest.param({"pooling_mode": "cls"}, False, id="first, as written today"),
        pytest.param({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, False, id="two"),
    ],
)
def test_only_mean_pooling_is_run(content: dict[str, object], mean: bool, tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps(content))
    assert pools_by_mean(tmp_path) is mean


def _other_model(tmp_path: Path) -> tuple[Path, str]:
    """The bundled reranker under a configuration that makes it another model with the same scores."""
    directory = _copy(RERANKER_DIRECTORY, tmp_path / "model", note="another model")
    return directory, model_digest(directory)


def test_another_model_is_compared_with_torch_once(tmp_path: Path) -> None:
    directory, digest = _other_model(tmp_path)
    runtime = Runtime("openvino-f32", tmp_path / "models")
    assert open_pair_reader(str(directory), runtime)[1].recipe == "openvino-f32"
    kept = find_reference(digest, runtime.folder)
    shipped = find_reference(model_digest(RERANKER_DIRECTORY), runtime.folder)
    assert kept is not None
    assert shipped is not None
    assert kept.difference(shipped.rows) < 1e-4

    (runtime.folder / f"{digest}.json").write_text("damaged")
    assert open_pair_reader(str(directory), runtime)[1].recipe == "openvino-f32"
    repaired = find_reference(digest, runtime.folder)
    assert repaired is not None
    assert repaired.difference(shipped.rows) < 1e-4


def test_scores_that_differ_from_torch_are_never_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory, digest = _other_model(tmp_path)
    shipped = find_reference(model_digest(RERANKER_DIRECTORY), tmp_path)
    assert shipped is not None
    store_reference(Reference(shipped.rows + 1.0), digest, tmp_path / "models")
    with pytest.raises(ModelUnavailable, match=r"differs from torch by 1\.0e\+00"):
        open_pair_reader(str(directory), Runtime("openvino", tmp_path / "models"))
    choice = open_pair_reader(str(directory), Runtime("auto", tmp_path / "models"))[1]
    assert choice.recipe == "torch"
    assert "openvino-f32: differs from torch" in choice.why
    assert "does not run on openvino-f32" in caplog.text


@pytest.mark.parametrize("inference", ["auto", "openvino", "openvino-f32", "torch"])
@pytest.mark.parametrize("open_model", [open_encoder, open_pair_reader], ids=["encoder", "reranker"])
def test_a_folder_without_a_model_is_unavailable(open_model: object, inference: str, tmp_path: Path) -> None:
    assert callable(open_model)
    with pytest.raises(ModelUnavailable, match="nothing-here"):
        open_model(str(tmp_path / "nothing-here"), Runtime(inference, tmp_path))  # type: ignore[arg-type]


def test_damaged_weights_are_unavailable(tmp_path: Path) -> None:
    directory = _copy(RERANKER_DIRECTORY, tmp_path / "model")
    weights = directory / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        open_pair_reader(str(directory), Runtime("auto", tmp_path))


def test_threads_share_one_model(tmp_path: Path) -> None:
    reader, _ = open_pair_reader(str(RERANKER_DIRECTORY), Runtime("openvino-f32", tmp_path))
    passages = TEXTS[:4]
    alone = reader.read(QUESTION, passages, ignore_progress).logits
    results: list[np.ndarray] = []

    def work() -> None:
        for _ in range(3):
            results.append(reader.read(QUESTION, passages[::-1], ignore_progress).logits[::-1])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12
    for result in results:
        assert np.abs(result - alone).max() < 1e-5


def test_progress_reaches_the_number_of_passages(tmp_path: Path) -> None:
    reader, _ = open_pair_reader(str(RERANKER_DIRECTORY), Runtime("openvino-f32", tmp_path))
    told: list[tuple[int, int]] = []
    reader.read(QUESTION, TEXTS, lambda done, of: told.append((done, of)))
    assert told[-1] == (5, 5)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
