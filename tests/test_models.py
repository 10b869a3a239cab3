"""The two bundled models as the pipeline uses them, by both backends."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelUnavailable
from core.inference.choose import LEAST_COSINE, LOGIT_BOUNDS, Choice
from core.inference.first_look import FirstLook
from core.inference.look_file import Rule
from core.inference.protocols import PairScores, Progress
from core.inference.score_cache import ScoreCache
from core.inference.scorer import near_the_cut
from core.models import (
    BUNDLED_ENCODER,
    ENCODER_DIRECTORY,
    RERANKER_DIRECTORY,
    CrossEncoderScorer,
    EncoderSource,
    SentenceEncoder,
    TokenCounter,
    load_encoder,
    load_scorer,
)
from core.settings import Inference, Settings

QUESTION = "Which law governs this agreement?"
RIGHT = "This Agreement is governed by the laws of the State of New York."
NEAR = "Disputes are decided by the courts of New York, which have exclusive jurisdiction."
FAR = "The Supplier shall deliver the Goods to the Delivery Point."
PINNED = (-5.15044, 1.91279, -0.78575, -4.38356)
# The question has 7 tokens, "goods" and "deliver" one each: [CLS] question [SEP] passage [SEP].
LONGEST_FITTING = 512 - 3 - 7
BACKENDS: tuple[Inference, ...] = ("openvino-f32", "torch")
RECORDER = Choice("recorder", "a test")


def _settings(folder: Path, inference: Inference) -> Settings:
    return Settings(data_dir=folder, inference=inference)


@pytest.fixture(scope="module")
def scorers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CrossEncoderScorer]:
    folder = tmp_path_factory.mktemp("models")
    return {backend: load_scorer(settings=_settings(folder, backend)) for backend in BACKENDS}


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SentenceEncoder]:
    folder = tmp_path_factory.mktemp("models")
    return {backend: load_encoder(settings=_settings(folder, backend)) for backend in BACKENDS}


class Recorder:
    """A pair reader whose logit is the length of the passage, and which remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:  # noqa: ARG002
        self.calls.append(list(passages))
        lengths = [len(passage) for passage in passages]
        return PairScores(np.asarray(lengths, dtype=np.float64), np.asarray(lengths) > 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_bundled_scorer_gives_the_pinned_logits(
    backend: str, scorers: dict[str, CrossEncoderScorer]
) -> None:
    scorer = scorers[backend]
    assert scorer.choice.recipe == backend
    scores = scorer.score_pairs(QUESTION, [FAR, RIGHT, NEAR, ""])
    assert scores.logits == pytest.approx(np.asarray(PINNED), abs=1e-3)
    assert np.argsort(-scores.logits).tolist()[:2] == [1, 2]
    assert not scores.truncated.any()


@pytest.mark.parametrize(
    "passages",
    [
        pytest.param([RIGHT, NEAR, FAR], id="plain"),
        pytest.param([f"{RIGHT} {FAR * 60}", RIGHT], id="one longer than the model reads"),
        pytest.param(["", " ", "\n\t", "\x00\u200b"], id="nothing to read"),
        pytest.param(["§ 7.2 «Entgelt» € 1.250", "条項", "ﬁnal naı̈ve", "[SEP] [CLS] [MASK]"], id="odd"),
    ],
)
def test_both_backends_agree(passages: list[str], scorers: dict[str, CrossEncoderScorer]) -> None:
    ours, theirs = (scorers[backend].score_pairs(QUESTION, passages) for backend in BACKENDS)
    assert ours.logits == pytest.approx(theirs.logits, abs=1e-4)
    assert ours.truncated.tolist() == theirs.truncated.tolist()


def test_a_question_longer_than_the_model_reads(scorers: dict[str, CrossEncoderScorer]) -> None:
    question = "Which law governs this agreement? " * 100
    ours, theirs = (scorers[backend].score_pairs(question, [RIGHT, RIGHT * 50]) for backend in BACKENDS)
    assert ours.logits == pytest.approx(theirs.logits, abs=1e-4)
    assert ours.truncated.tolist() == theirs.truncated.tolist() == [True, True]


@pytest.mark.parametrize("backend", BACKENDS)
def test_truncation_is_said_from_the_first_token_too_many(
    backend: str, scorers: dict[str, CrossEncoderScorer]
) -> None:
    fitting = "goods " * LONGEST_FITTING
    scores = scorers[backend].score_pairs(QUESTION, [fitting, f"{fitting} deliver"])
    assert scores.truncated.tolist() == [False, True]
    assert scores.logits[0] == pytest.approx(scores.logits[1], abs=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_to_score_or_encode(
    backend: str, scorers: dict[str, CrossEncoderScorer], encoders: dict[str, SentenceEncoder]
) -> None:
    scores = scorers[backend].score_pairs(QUESTION, [])
    assert scores.logits.shape == scores.truncated.shape == (0,)
    assert scores.truncated.dtype == np.bool_
    assert encoders[backend].encode([]).shape == (0, 384)


def test_pairs_read_before_are_not_read_again() -> None:
    reader = Recorder()
    scorer = CrossEncoderScorer(reader, "recorder", RECORDER)
    first = scorer.score_pairs("q", ["a", "four", "a"])
    assert first.logits.tolist() == [1.0, 4.0, 1.0]
    assert first.truncated.tolist() == [False, True, False]
    again = scorer.score_pairs("q", ["four", "ab", "a"])
    assert again.logits.tolist() == [4.0, 2.0, 1.0]
    assert again.truncated.tolist() == [True, False, False]
    scorer.score_pairs("other", ["a"])
    assert reader.calls == [["a", "four"], ["ab"], ["a"]]


class Halving:
    """A pair reader whose logit is half the length of the passage."""

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:  # noqa: ARG002
        halves = np.asarray([len(passage) / 2 for passage in passages])
        return PairScores(halves, np.zeros(len(passages), dtype=np.bool_))


BEST_TWO = FirstLook(Halving(), Rule(more=0, each=2))


def test_what_the_first_look_sets_aside_keeps_its_score_and_says_so() -> None:
    reader = Recorder()
    scorer = CrossEncoderScorer(reader, "recorder", RECORDER, None, BEST_TWO)
    scores = scorer.score_pairs("q", ["abc", "a", "abcd", "ab"], keep=1)
    assert scores.logits.tolist() == [3.0, 0.5, 4.0, 1.0]
    assert scores.by_first_look.tolist() == [False, True, False, True]
    assert scores.truncated.tolist() == [False, False, True, False]
    assert reader.calls == [["abc", "abcd"]]


def test_a_remembered_first_look_never_passes_for_a_full_score() -> None:
    reader = Recorder()
    scorer = CrossEncoderScorer(reader, "recorder", RECORDER, None, BEST_TWO)
    passages = ["abc", "a", "abcd", "ab"]
    first = scorer.score_pairs("q", passages, keep=1)
    full = scorer.score_pairs("q", passages)
    assert full.logits.tolist() == [3.0, 1.0, 4.0, 2.0]
    assert not full.by_first_look.any()
    again = scorer.score_pairs("q", passages, keep=1)
    assert again.logits.tolist() == first.logits.tolist()
    assert again.by_first_look.tolist() == first.by_first_look.tolist()
    assert reader.calls == [["abc", "abcd"], ["a", "ab"]]


@pytest.mark.parametrize(
    ("logits", "keep", "unsure"),
    [
        pytest.param([5.0, 1.0, 4.0, 3.0], 2, [], id="the cut is clear"),
        pytest.param([5.0, 1.0, 4.0, 3.9], 2, [2, 3], id="the second and the third are close"),
        pytest.param([4.1, 1.0, 4.0, 3.9, 3.85], 2, [0, 2, 3, 4], id="so are those around them"),
        pytest.param([4.1, 4.0], 2, [], id="all are kept"),
        pytest.param([2.0, 2.0, 2.0], 1, [0, 1, 2], id="equal ones"),
    ],
)
def test_near_the_cut(logits: list[float], keep: int, unsure: list[int]) -> None:
    assert near_the_cut(np.asarray(logits), keep, 0.25) == unsure


def test_the_second_look_decides_what_rounding_could_swap() -> None:
    # The second and the third are equal, so the exact reader, whose logit is the length, is asked of both.
    rounded, exact = Halving(), Recorder()
    scorer = CrossEncoderScorer(rounded, "recorder", RECORDER, exact=exact)
    scores = scorer.score_pairs("q", ["a" * 20, "bb", "cc", "d"], keep=2)
    assert exact.calls == [["bb", "cc"]]
    assert scores.logits.tolist() == [10.0, 2.0, 2.0, 0.5]
    assert not scores.by_first_look.any()
    assert scorer.score_pairs("q", ["a" * 20, "bb"]).logits.tolist() == [10.0, 1.0]


@pytest.mark.parametrize("recipe", ["openvino-bf16", "cuda"])
def test_a_recipe_stays_within_its_bound_or_is_refused(recipe: Inference, tmp_path: Path) -> None:
    try:
        scorer = load_scorer(settings=_settings(tmp_path, recipe))
    except ModelUnavailable as error:
        # Either is right; it depends on the machine.
        assert "does not multiply" in str(error) or "graphics card" in str(error)  # noqa: PT017
        return
    assert scorer.choice.recipe == recipe
    assert "PROVISO_INFERENCE" in scorer.choice.why
    scores = scorer.score_pairs(QUESTION, [FAR, RIGHT, NEAR, ""])
    assert scores.logits == pytest.approx(np.asarray(PINNED), abs=LOGIT_BOUNDS[recipe])


def test_more_pairs_than_are_remembered_are_scored_all_the_same() -> None:
    scorer = CrossEncoderScorer(Recorder(), "recorder", RECORDER, ScoreCache(2))
    passages = ["a", "ab", "abc", "abcd"]
    for _ in range(2):
        assert scorer.score_pairs("q", passages).logits.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_relevance_is_the_logistic_function_of_the_logit() -> None:
    scores = PairScores(np.asarray([0.0, np.log(3.0), -800.0]), np.zeros(3, dtype=np.bool_))
    assert scores.relevance == pytest.approx([0.5, 0.75, 0.0])


def test_both_encoders_give_the_same_unit_vectors(encoders: dict[str, SentenceEncoder]) -> None:
    texts = [RIGHT, "", FAR * 60, "条項 § 7.2 «Entgelt»", NEAR]
    ours, theirs = (encoders[backend].encode(texts) for backend in BACKENDS)
    assert ours.dtype == np.float32
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert (ours * theirs).sum(axis=1).min() >= LEAST_COSINE


def test_a_vector_does_not_depend_on_its_neighbours(encoders: dict[str, SentenceEncoder]) -> None:
    encoder = encoders["openvino-f32"]
    together = encoder.encode([FAR * 20, RIGHT, FAR])
    assert np.abs(together[1] - encoder.encode([RIGHT])[0]).max() < 1e-5


def test_other_encoder_weights_are_told_apart(tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(ENCODER_DIRECTORY, copy)
    same = EncoderSource(str(copy)).identity
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    assert same == EncoderSource(BUNDLED_ENCODER).identity
    assert EncoderSource(str(copy)).identity != same


def test_an_unknown_folder_is_unavailable(tmp_path: Path) -> None:
    for load in (load_encoder, load_scorer):
        with pytest.raises(ModelUnavailable, match="nothing is downloaded"):
            load(str(tmp_path / "missing"), _settings(tmp_path, "auto"))


def test_the_token_counter_counts_special_tokens() -> None:
    assert TokenCounter(str(RERANKER_DIRECTORY))(QUESTION) == 7 + 2


def test_a_token_counter_needs_a_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no tokenizer"):
        TokenCounter(str(tmp_path))


def test_scoring_loads_neither_torch_nor_a_telemetry_client(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from core.models import load_encoder, load_scorer; from core.settings import Settings\n"
        "settings = Settings(data_dir=Path(sys.argv[1]))\n"
        "assert load_encoder(settings=settings).encode(['a']).shape == (1, 384)\n"
        "assert load_scorer(settings=settings).score('a', ['b']).shape == (1,)\n"
        "names = ('torch', 'transformers', 'sentence_transformers', 'openvino_telemetry')\n"
        "print([name for name in names if sys.modules.get(name)])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == [], "the bundled models need no file of their own"
