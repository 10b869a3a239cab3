"""Mining, calibrating and averaging, on networks small enough to follow."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer, PreTrainedModel

from training.average import average
from training.calibrate import at_minimum, fit, fold, kept_pairs
from training.measure import choose_examples, sample_examples
from training.network import ATTENTION, load_network
from training.publish import publish
from training.records import Example
from training.score import Scored
from training.train import WARM_UP, Plan, rate_share


def scored(logits: list[float], right: list[bool]) -> Scored:
    ids = tuple(f"p{n}" for n in range(len(logits)))
    return Scored(Example("written", ("q",)), "q", ids, tuple(logits), tuple(right))


def test_only_passages_that_would_be_kept_are_calibrated_on() -> None:
    logits, right = kept_pairs([scored([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [True] + [False] * 5)])
    assert logits.tolist() == [6.0, 5.0, 4.0, 3.0, 2.0]
    assert right.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_a_minimum_loses_right_passages_and_silences_wrong_ones() -> None:
    # Relevances .88 and .27: a minimum of one half keeps the first answer, loses the second, silences the third.
    answered = [
        Scored(Example("cuad", ("q",), {"p0": 4}), "q", ("p0",), (logit,), (True,)) for logit in (2.0, -1.0)
    ]
    silent = Scored(Example("cuad absent", ("q",)), "q", ("p1",), (-1.0,), (False,))
    assert at_minimum([*answered, silent], 1.0, 0.0, 0.5) == (0.5, 1.0)
    assert at_minimum([*answered, silent], 1.0, 0.0, 0.0) == (1.0, 0.0)


def test_the_fit_finds_the_chances_that_the_data_have() -> None:
    # At logit 2 three of four are right, at logit -2 one of four: slope log(3)/2, offset 0.
    logits = np.array([2.0] * 4 + [-2.0] * 4)
    right = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    slope, offset = fit(logits, right)
    assert slope == pytest.approx(math.log(3) / 2, abs=1e-4)
    assert offset == pytest.approx(0.0, abs=1e-4)


def test_folding_gives_the_calibrated_logit() -> None:
    network = nn.Sequential()
    network.add_module("classifier", nn.Linear(3, 1))
    given = torch.tensor([[1.0, -2.0, 0.5]])
    before = float(network(given).detach())
    fold(network, slope=0.5, offset=-1.0)
    assert float(network(given).detach()) == pytest.approx(0.5 * before - 1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("step", "share"),
    [
        pytest.param(0, 1 / WARM_UP, id="the first step"),
        pytest.param(WARM_UP - 1, 1.0, id="the end of the rise"),
        pytest.param(WARM_UP + 500, 0.05 + 0.95 * 0.5, id="half way down"),
        pytest.param(WARM_UP + 1000, 0.05, id="the end"),
    ],
)
def test_the_rate_rises_and_falls(step: int, share: float) -> None:
    assert rate_share(step, Plan(steps=WARM_UP + 1000, final_share=0.05)) == pytest.approx(share)


def test_a_sample_is_always_the_same_and_has_one_wording_each() -> None:
    examples = [Example("cuad", (f"a{n}", f"b{n}"), {"p": 4}) for n in range(20)]
    chosen = choose_examples(examples, {"cuad": 5})
    assert chosen == choose_examples(examples, {"cuad": 5})
    assert [len(one.wordings) for one in chosen] == [1] * 5
    assert all(len(one.wordings) == 2 for one in sample_examples(examples, {"cuad": 5}))


def tiny(folder: Path, value: float) -> str:
    (folder / "vocab.txt").parent.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nterm\n", encoding="utf-8")
    config = BertConfig(
        vocab_size=6,
        hidden_size=4,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=4,
    )
    config.num_labels = 1
    module = BertForSequenceClassification(config)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(value)
    module.save_pretrained(folder)
    BertTokenizer(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


def test_the_average_of_two_checkpoints_lies_between_them(tmp_path: Path) -> None:
    network = average([tiny(tmp_path / "a", 1.0), tiny(tmp_path / "b", 2.0)])
    assert all(bool((one == 1.5).all()) for one in network.module.parameters())


def test_what_is_published_is_what_a_user_needs(tmp_path: Path) -> None:
    model = Path(tiny(tmp_path / "model", 1.0))
    digest = publish(model, tmp_path / "shipped")
    names = sorted(one.name for one in (tmp_path / "shipped").iterdir())
    assert names == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert len(digest) == 64


def test_weights_too_large_for_a_repository_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.publish.LARGEST", 10)
    with pytest.raises(ValueError, match="more than 10"):
        publish(Path(tiny(tmp_path / "model", 1.0)), tmp_path / "shipped")


def test_attention_is_the_librarys_own_padding_included(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = load_network(tiny(tmp_path / "model", 0.1))
    with torch.no_grad():
        for parameter in network.module.parameters():
            parameter.normal_()
    padded = network.tokenizer(["term", "term " * 40], padding=True, return_tensors="pt")
    module = network.module
    assert isinstance(module, PreTrainedModel)
    hidden = []
    for attention in (ATTENTION, "eager"):
        module.set_attn_implementation(attention)
        with torch.inference_mode():
            hidden.append(module.get_submodule("bert")(**padded).last_hidden_state[0, 0])
    assert hidden[0].tolist() == pytest.approx(hidden[1].tolist(), abs=1e-5)
