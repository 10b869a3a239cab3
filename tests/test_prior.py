"""What the encoder's similarity is worth beside the cross-encoder's logit."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable
from core.explain.occlusion import explain
from core.inference.checkpoint import Unsupported
from core.inference.choose import Choice
from core.inference.prior import PRIOR_FILE, Prior, read_prior, write_prior
from core.inference.protocols import PairScores, Progress
from core.inference.scorer import CrossEncoderScorer
from core.models import (
    BUNDLED_ENCODER,
    RERANKER_DIRECTORY,
    EncoderSource,
    load_scorer,
    weights_digest,
)
from core.records import Candidate, Hit, Inquiry
from core.settings import Settings
from core.similarity import of_candidates, similarities
from core.stage2_rerank import rerank
from tests.fakes import make_chunk

PRIOR = Prior(scale=0.5, weight=4.0, offset=-2.0)


class Table:
    """A reader whose logits stand in a table."""

    def __init__(self, logits: dict[str, float]) -> None:
        self.logits = logits
        self.read_texts: list[str] = []

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:  # noqa: ARG002
        self.read_texts += passages
        return PairScores(
            np.asarray([self.logits[one] for one in passages]), np.zeros(len(passages), dtype=np.bool_)
        )


def scorer(logits: dict[str, float], exact: Table | None = None) -> CrossEncoderScorer:
    return CrossEncoderScorer(Table(logits), "table", Choice("a test", "a test"), exact=exact, prior=PRIOR)


def candidate(text: str, similarity: float | None, ordinal: int) -> Candidate:
    chunk = make_chunk(text, ordinal)
    dense = None if similarity is None else Hit(chunk.chunk_id, ordinal + 1, similarity)
    return Candidate(chunk, "Supply", dense, None, ordinal + 1, 0.1)


def test_a_logit_and_a_similarity_are_added_by_their_worth() -> None:
    # 0.5 * 2 + 4 * 0.75 - 2 = 2 and 0.5 * -4 + 4 * 0.5 - 2 = -2.
    scores = PairScores(np.asarray([2.0, -4.0]), np.asarray([True, False]))
    joined = PRIOR.joined(scores, [0.75, 0.5])
    assert joined.logits.tolist() == [2.0, -2.0]
    assert joined.truncated.tolist() == [True, False]
    assert scores.logits.tolist() == [2.0, -4.0]


def test_every_pair_needs_its_similarity() -> None:
    with pytest.raises(ValueError, match="1 similarities for 2 pairs"):
        PRIOR.joined(PairScores(np.zeros(2), np.zeros(2, dtype=np.bool_)), [0.5])


def test_without_similarities_the_cross_encoder_stands_alone() -> None:
    assert scorer({"a": 2.0}).score_pairs("q", ["a"]).logits.tolist() == [2.0]
    assert scorer({"a": 2.0}).score_pairs("q", ["a"], similarities=[0.75]).logits.tolist() == [2.0]


def test_what_is_read_again_lies_near_the_cut_of_the_sums() -> None:
    # By the logits alone a is far ahead; by the sums 1.0 and 0.98 both are near the cut.
    exact = Table({"a": 4.0, "b": 1.0})
    judged = scorer({"a": 4.0, "b": 0.0}, exact)
    scores = judged.score_pairs("q", ["a", "b"], keep=1, similarities=[0.25, 0.745])
    assert exact.read_texts == ["a", "b"]
    assert scores.logits.tolist() == pytest.approx([1.0, 1.48])


def test_the_second_stage_joins_what_the_dense_leg_said() -> None:
    candidates = [candidate("far", 0.0, 0), candidate("near", 1.0, 1), candidate("missed", None, 2)]
    judged = rerank(
        Inquiry("q", minimum_relevance=0.0), candidates, scorer({"far": 2.0, "near": 0.0, "missed": 4.0})
    )
    # far 1 + 0 - 2, near 0 + 4 - 2, missed 2 + 0 - 2: as like as the last that the dense leg found.
    assert [(one.candidate.chunk.text, one.logit) for one in judged.all] == [
        ("near", 2.0),
        ("missed", 0.0),
        ("far", -1.0),
    ]


def test_candidates_that_no_encoder_was_asked_about_have_no_similarity() -> None:
    alone = [candidate("a", None, 0)]
    assert similarities(alone) == {}
    assert of_candidates({}, alone) is None


def test_an_explanation_has_the_relevance_of_the_ranking() -> None:
    texts = {"The cap is 5.": 2.0, "": 0.0}
    chunk = make_chunk("The cap is 5.")
    found = explain("q", chunk, scorer(texts), similarity=0.75)
    assert found.logit == pytest.approx(2.0)


def test_a_prior_is_read_for_its_own_models_alone(tmp_path: Path) -> None:
    write_prior(tmp_path, PRIOR, "encoder", "reranker")
    assert read_prior(tmp_path, "encoder", "reranker") == PRIOR
    assert read_prior(tmp_path, "another", "reranker") is None
    assert read_prior(tmp_path, "encoder", "another") is None
    assert read_prior(tmp_path / "nowhere", "encoder", "reranker") is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", json.dumps({"encoder": "e", "reranker": "r", "scale": "x"})]
)
def test_a_damaged_prior_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / PRIOR_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(Unsupported, match="cannot be read"):
        read_prior(tmp_path, "e", "r")


def test_the_bundled_prior_belongs_to_the_bundled_models(tmp_path: Path) -> None:
    encoder = EncoderSource(BUNDLED_ENCODER).identity
    shipped = read_prior(RERANKER_DIRECTORY, encoder, weights_digest(str(RERANKER_DIRECTORY)))
    assert shipped is not None
    settings = Settings(data_dir=tmp_path)
    assert load_scorer(settings=settings).prior == shipped
    assert load_scorer(settings=settings.model_copy(update={"encoder": "another"})).prior is None


def test_a_damaged_prior_beside_the_reranker_is_no_silent_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reranker"
    folder.mkdir()
    for one in RERANKER_DIRECTORY.glob("*.json"):
        (folder / one.name).write_bytes(one.read_bytes())
    (folder / "model.safetensors").symlink_to(RERANKER_DIRECTORY / "model.safetensors")
    (folder / PRIOR_FILE).write_text("{", encoding="utf-8")
    monkeypatch.setattr("core.models.RERANKER_DIRECTORY", folder)
    with pytest.raises(ModelUnavailable, match=PRIOR_FILE):
        load_scorer(settings=Settings(data_dir=tmp_path))


def test_a_ranking_does_not_change_with_the_order_of_the_candidates() -> None:
    candidates = [candidate("a", 0.2, 0), candidate("b", None, 1), candidate("c", 0.9, 2)]
    logits = {"a": 1.0, "b": 1.5, "c": 0.5}
    inquiry = replace(Inquiry("q"), minimum_relevance=0.0)
    ways = [
        [one.logit for one in rerank(inquiry, way, scorer(logits)).all]
        for way in (candidates, candidates[::-1])
    ]
    assert ways[0] == ways[1]
