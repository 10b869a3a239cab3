"""The network of the first look in training: few layers on the reranker's own embeddings, which stay as they are."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Encoding
from torch import Tensor, nn
from torch.nn.functional import embedding, gelu, layer_norm, linear

from core.inference.first_look import SHARED, Rule, write_config

WEIGHTS = "model.safetensors"
# Until a rule is chosen nobody is set aside.
EVERYONE = Rule(math.inf, 1)
WIDTH_STEP = 16


class Student(nn.Module):
    """A BERT of as many layers as were taken over; only its first token is read, and computed, in the last one.

    Args:
        tensors: the reranker's, by name.
        layers: the numbers of the reranker's layers that it starts from, in this order.
        heads: of the attention.
        epsilon: of the layer norms.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], layers: Sequence[int], heads: int, epsilon: float
    ) -> None:
        super().__init__()
        self._heads, self._epsilon, self._layers = heads, epsilon, len(layers)
        self._shared = {name: tensors[name].float() for name in SHARED}
        own = {name: value for name, value in tensors.items() if ".encoder." not in name}
        for at, layer in enumerate(layers):
            part = f"bert.encoder.layer.{layer}."
            own |= {
                name.replace(part, f"bert.encoder.layer.{at}."): value
                for name, value in tensors.items()
                if name.startswith(part)
            }
        self._names = {
            name.replace(".", "/"): name
            for name, value in own.items()
            if name not in SHARED and value.is_floating_point()
        }
        self.weights = nn.ParameterDict(
            {key: nn.Parameter(own[name].float().clone()) for key, name in self._names.items()}
        )

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape (pairs,) for token ids, token types and mask (True a token) of shape (pairs, tokens)."""
        words, positions, kinds = (self._shared[name] for name in SHARED)
        hidden = embedding(ids, words) + positions[: ids.shape[1]] + embedding(types, kinds)
        hidden = self._norm(hidden, "bert.embeddings.LayerNorm")
        bias = torch.where(mask, 0.0, -1e4)[:, None, None, :]
        for layer in range(self._layers):
            hidden = self._layer(f"bert.encoder.layer.{layer}", hidden, bias, layer == self._layers - 1)
        pooled = torch.tanh(self._dense(hidden[:, 0], "bert.pooler.dense"))
        return self._dense(pooled, "classifier")[:, 0].float()

    def save(self, folder: Path, reranker: str) -> None:
        """Write what is its own, in fp16, and the digest of the ``reranker`` it learned from."""
        folder.mkdir(parents=True, exist_ok=True)
        own = {self._names[key]: value.detach().half().contiguous() for key, value in self.weights.items()}
        save_file(own, folder / WEIGHTS)
        write_config(folder, self._layers, reranker, EVERYONE)

    def _layer(self, name: str, hidden: Tensor, bias: Tensor, first_only: bool) -> Tensor:
        asking = hidden[:, :1] if first_only else hidden
        query = self._split(self._dense(asking, f"{name}.attention.self.query"))
        key = self._split(self._dense(hidden, f"{name}.attention.self.key"))
        value = self._split(self._dense(hidden, f"{name}.attention.self.value"))
        scores = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(2, 3)) + bias.to(query.dtype)
        read = torch.matmul(scores.softmax(-1, dtype=query.dtype), value).transpose(1, 2).flatten(2)
        mixed = asking + self._dense(read, f"{name}.attention.output.dense")
        mixed = self._norm(mixed, f"{name}.attention.output.LayerNorm")
        wide = gelu(self._dense(mixed, f"{name}.intermediate.dense"))
        return self._norm(mixed + self._dense(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _split(self, hidden: Tensor) -> Tensor:
        return hidden.reshape(*hidden.shape[:2], self._heads, -1).transpose(1, 2)

    def _dense(self, hidden: Tensor, name: str) -> Tensor:
        return linear(hidden, self._weight(f"{name}.weight"), self._weight(f"{name}.bias"))

    def _norm(self, hidden: Tensor, name: str) -> Tensor:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return layer_norm(hidden, weight.shape, weight, bias, self._epsilon)

    def _weight(self, name: str) -> Tensor:
        weight: Tensor = self.weights[name.replace(".", "/")]
        return weight


def load_student(reranker: Path, layers: Sequence[int], heads: int, epsilon: float) -> Student:
    """A student that starts from ``layers`` of the model in ``reranker``."""
    return Student(load_file(reranker / WEIGHTS), layers, heads, epsilon)


def padded(encodings: Sequence[Encoding]) -> tuple[Tensor, Tensor, Tensor]:
    """Token ids, token types and mask of pairs, padded to the longest and a little more, shape (pairs, tokens)."""
    longest = max(len(one.ids) for one in encodings)
    # Every distinct shape leaves compiled kernels behind, gigabytes of them after a few hundred steps.
    width = -(-longest // WIDTH_STEP) * WIDTH_STEP
    ids, types = torch.zeros(2, len(encodings), width, dtype=torch.long)
    mask = torch.zeros(len(encodings), width, dtype=torch.bool)
    for row, one in enumerate(encodings):
        length = len(one.ids)
        ids[row, :length] = torch.tensor(one.ids)
        types[row, :length] = torch.tensor(one.type_ids)
        mask[row, :length] = True
    return ids, types, mask
