"""The cross-encoder in the form that trains fastest on a processor: bfloat16 arithmetic, plain attention."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AttentionInterface,
    AttentionMaskInterface,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedTokenizerBase,
)
from transformers.masking_utils import eager_mask

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
            # Padding is the same for every asking token: one row of the mask says it all.
            scores = scores + attention_mask[:, :, :1, :].to(scores.dtype)
        read = torch.matmul(scores.softmax(-1), value)
    return read.transpose(1, 2).contiguous(), None


AttentionInterface.register(ATTENTION, _attention)
# Without a mask of the same name the library passes none at all, and padding would be read.
AttentionMaskInterface.register(ATTENTION, eager_mask)


@dataclass(frozen=True, slots=True)
class PairNetwork:
    """A cross-encoder in training: the module with one output, and its tokenizer."""

    module: nn.Module
    tokenizer: PreTrainedTokenizerBase

    @property
    def device(self) -> torch.device:
        """Where the module lies."""
        return next(self.module.parameters()).device

    @property
    def width(self) -> int:
        """Of a token's vector."""
        return self.module.get_parameter("bert.embeddings.word_embeddings.weight").shape[1]

    def logits(self, pairs: Sequence[tuple[str, str]], longest: int, batch_tokens: int) -> Tensor:
        """The logit of each pair of question and passage, shape (pairs,).

        Args:
            pairs: questions with passages; the passage is cut where both are longer than ``longest`` tokens.
            longest: tokens a pair may have.
            batch_tokens: tokens, padding included, that are computed at once; pairs of like length go together.
        """
        return self._read(pairs, longest, batch_tokens, lambda padded: self.module(**padded).logits)[:, 0]

    def logits_by_layer(
        self, pairs: Sequence[tuple[str, str]], longest: int, batch_tokens: int, exits: "Exits"
    ) -> Tensor:
        """The logit of each pair, then those that ``exits`` makes of earlier layers: (pairs, 1 + layers)."""

        def compute(padded: Mapping[str, Tensor]) -> Tensor:
            output = self.module(**padded, output_hidden_states=True)
            return torch.cat([output.logits, exits(output.hidden_states, padded)], dim=1)

        return self._read(pairs, longest, batch_tokens, compute)

    def _read(
        self,
        pairs: Sequence[tuple[str, str]],
        longest: int,
        batch_tokens: int,
        compute: Callable[[Mapping[str, Tensor]], Tensor],
    ) -> Tensor:
        device = self.device
        questions, passages = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        encoded = self.tokenizer(
            questions, passages, truncation="only_second", max_length=longest, padding=False
        )
        lengths = [len(ids) for ids in encoded["input_ids"]]
        order = sorted(range(len(pairs)), key=lambda index: lengths[index])
        logits: list[Tensor] = []
        for batch in _batches(order, lengths, batch_tokens):
            padded = self.tokenizer.pad(
                {name: [values[index] for index in batch] for name, values in encoded.items()},
                return_tensors="pt",
            ).to(device)
            with torch.autocast(device.type, torch.bfloat16):
                logits.append(compute(padded).float())
        return torch.cat(logits)[torch.argsort(torch.tensor(order, device=device))]

    def save(self, folder: Path) -> None:
        """Write fp16 safetensors, configuration and tokenizer to ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            name: value.half() if value.is_floating_point() else value
            for name, value in self.module.state_dict().items()
        }
        self.module.save_pretrained(folder, state_dict=state)  # type: ignore[operator]
        # The fast tokenizer would carry the last cut of training into whatever reads its file.
        self.tokenizer.backend_tokenizer.no_truncation()
        self.tokenizer.save_pretrained(folder)


class Exits(nn.Module):
    """What earlier layers would say of a pair, each from the mean of the question's and of the passage's tokens.

    Scaffolding: layers that learn to be right early let hopeless candidates leave early. What ships is fitted later,
    on whole questions (``training.fit_first_look``). The first token knows nothing before the fourth layer.
    """

    LAYERS = (2, 3)

    def __init__(self, width: int) -> None:
        super().__init__()
        self.maps = nn.ModuleList(
            nn.Sequential(nn.Linear(2 * width, width), nn.Tanh(), nn.Linear(width, 1)) for _ in self.LAYERS
        )

    def forward(self, hidden_states: Sequence[Tensor], padded: Mapping[str, Tensor]) -> Tensor:
        """Logits of shape (pairs, layers); ``hidden_states`` begins with the embeddings."""
        passage = padded["token_type_ids"]
        weights = torch.stack([padded["attention_mask"] - passage, passage], dim=1).float()
        weights /= weights.sum(-1, keepdim=True).clamp(min=1.0)
        means = [torch.matmul(weights, hidden_states[layer]).flatten(1) for layer in self.LAYERS]
        return torch.cat([made(mean) for made, mean in zip(self.maps, means, strict=True)], dim=1)


def load_network(folder: str) -> PairNetwork:
    """The model in ``folder`` with one output, without dropout, in float32, on a GPU where there is one.

    A folder without a classifier (a sentence encoder) gets a fresh one.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    module = AutoModelForSequenceClassification.from_pretrained(
        folder,
        num_labels=1,
        dtype=torch.float32,
        attn_implementation=ATTENTION if device == "cpu" else "sdpa",
        local_files_only=True,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return PairNetwork(module.to(device), AutoTokenizer.from_pretrained(folder, local_files_only=True))


def _batches(order: list[int], lengths: list[int], batch_tokens: int) -> list[list[int]]:
    batches: list[list[int]] = []
    for index in order:
        fits = batches and lengths[index] * (len(batches[-1]) + 1) <= batch_tokens
        if fits:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
