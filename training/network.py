"""The cross-encoder in the form that trains fastest on a processor: bfloat16 arithmetic, plain attention."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AutoModelForSequenceClassification, AutoTokenizer

ATTENTION = "proviso_plain"


def _attention(
    module: nn.Module,  # noqa: ARG001 - the signature is the library's
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,  # noqa: ARG001 - trained without dropout
    **_: Any,  # noqa: ANN401
) -> tuple[Tensor, None]:
    """Attention whose scaling falls on the queries and whose softmax stays in bfloat16: a third less time."""
    with torch.autocast("cpu", enabled=False):
        scale = query.shape[-1] ** -0.5 if scaling is None else scaling
        scores = torch.matmul(query * scale, key.transpose(2, 3))
        if attention_mask is not None:
            scores = scores + attention_mask.to(scores.dtype)
        read = torch.matmul(scores.softmax(-1), value)
    return read.transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, _attention)


def load_network(folder: str, device: str) -> tuple[nn.Module, Any]:
    """The model in ``folder`` with one output, and its tokenizer, without dropout, in float32.

    A folder without a classifier (a sentence encoder) gets a fresh one.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    network = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=1,
        dtype=torch.float32,
        attn_implementation=ATTENTION if device == "cpu" else "sdpa",
        local_files_only=True,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return network.to(device), AutoTokenizer.from_pretrained(folder, local_files_only=True)


def pair_logits(
    network: nn.Module, tokenizer: Any, pairs: list[tuple[str, str]], longest: int, batch_tokens: int  # noqa: ANN401
) -> Tensor:
    """The logit of each pair, shape (pairs,), in batches of like length with at most ``batch_tokens`` tokens."""
    device = next(network.parameters()).device
    encoded = tokenizer(
        [pair[0] for pair in pairs],
        [pair[1] for pair in pairs],
        truncation="only_second",
        max_length=longest,
        padding=False,
    )
    lengths = [len(ids) for ids in encoded["input_ids"]]
    order = sorted(range(len(pairs)), key=lambda index: lengths[index])
    logits: list[Tensor] = []
    for batch in _batches(order, lengths, batch_tokens):
        padded = tokenizer.pad(
            {name: [encoded[name][index] for index in batch] for name in encoded}, return_tensors="pt"
        ).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            logits.append(network(**padded).logits[:, 0].float())
    places = torch.tensor(order, device=device)
    return torch.cat(logits)[torch.argsort(places)]


def _batches(order: list[int], lengths: list[int], batch_tokens: int) -> list[list[int]]:
    batches: list[list[int]] = []
    for index in order:
        fits = batches and lengths[index] * (len(batches[-1]) + 1) <= batch_tokens
        if fits:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def save_network(network: nn.Module, tokenizer: Any, folder: Path) -> None:  # noqa: ANN401
    """Write ``network`` to ``folder`` as fp16 safetensors with its configuration and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    half = {name: value.half() if value.is_floating_point() else value for name, value in network.state_dict().items()}
    network.save_pretrained(folder, state_dict=half)  # type: ignore[operator]
    tokenizer.save_pretrained(folder)
