"""A BERT model as an OpenVINO network, built from its tensors: no torch, no conversion, no telemetry.

The arithmetic is that of the original in float32. The one liberty taken: the last layer of a classifier is
computed for the first token alone, because nothing else of it is read. A classifier can also be cut in two between
layers: what the lower network gives, the upper one goes on from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.inference.checkpoint import Checkpoint, Unsupported
from core.inference.quiet_openvino import op, ov

Node = Any


class Head(StrEnum):
    """What a network gives for each text."""

    LOGIT = "one logit from the first token"
    UNIT_VECTOR = "mean of the token vectors, scaled to length 1"


def build_network(checkpoint: Checkpoint, head: Head) -> ov.Model:
    """The network of ``checkpoint``.

    Inputs are token ids, token types (int64) and a mask (float32; 1 a token, 0 padding), each of shape
    (texts, tokens). The output has shape (texts,) for ``LOGIT`` and (texts, hidden) for ``UNIT_VECTOR``.

    Raises:
        Unsupported: a tensor is missing or has another shape than the model's configuration says.
    """
    builder = _Builder(checkpoint, "bert." if head is Head.LOGIT else "")
    return _built(lambda: builder.network(head))


def build_lower(
    checkpoint: Checkpoint, layers: int, look: Mapping[str, NDArray[np.float32]] | None
) -> ov.Model:
    """The first ``layers`` of a classifier, with inputs as in ``build_network``.

    The outputs are the token vectors, shape (texts, tokens, hidden), and what a first look sees in them: with the
    tensors ``look`` one logit a text, shape (texts,); without them the mean of the vectors of the question's tokens
    and that of the passage's, shape (texts, 2 x hidden).

    Raises:
        Unsupported: as in ``build_network``.
    """
    return _built(lambda: _Builder(checkpoint, "bert.").lower(layers, look))


def build_upper(checkpoint: Checkpoint, layers: int) -> ov.Model:
    """What is above the first ``layers``: token vectors (``hidden``) and their mask to one logit, shape (texts,).

    Raises:
        Unsupported: as in ``build_network``.
    """
    return _built(lambda: _Builder(checkpoint, "bert.").upper(layers))


def _built(build: Callable[[], ov.Model]) -> ov.Model:
    try:
        return build()
    except KeyError as error:
        raise Unsupported(f"has no tensor {error}") from error
    except RuntimeError as error:
        raise Unsupported("its tensors do not fit its configuration") from error


@dataclass(frozen=True, slots=True)
class _Builder:
    checkpoint: Checkpoint
    prefix: str

    def network(self, head: Head) -> ov.Model:
        ids, types, mask = _inputs()
        hidden, bias = self._embeddings(ids, types), _bias(mask)
        if head is Head.LOGIT:
            output = self._judged(0, hidden, bias)
        else:
            output = _unit_vector(self._layers(0, self.checkpoint.layers, hidden, bias), mask)
        return ov.Model([output.output(0)], [ids, types, mask], "bert")

    def lower(self, layers: int, look: Mapping[str, NDArray[np.float32]] | None) -> ov.Model:
        ids, types, mask = _inputs()
        hidden = self._layers(0, layers, self._embeddings(ids, types), _bias(mask))
        passage = op.convert(types, np.float32)
        means = op.concat(
            [_mean(hidden, op.subtract(mask, passage)), _mean(hidden, passage)],
            axis=1,
        )
        seen = means
        if look is not None:
            seen = op.squeeze(_affine(op.tanh(_affine(means, look, "inner")), look, "outer"), _integers(1))
        return ov.Model([hidden.output(0), seen.output(0)], [ids, types, mask], "lower")

    def upper(self, layers: int) -> ov.Model:
        hidden = op.parameter([-1, -1, self.checkpoint.hidden], np.float32, name="hidden")
        mask = op.parameter([-1, -1], np.float32, name="mask")
        output = self._judged(layers, hidden, _bias(mask))
        return ov.Model([output.output(0)], [hidden, mask], "upper")

    def _judged(self, first: int, hidden: Node, bias: Node) -> Node:
        last = self.checkpoint.layers - 1
        return self._logit(self._layer(last, self._layers(first, last, hidden, bias), bias, True))

    def _layers(self, first: int, end: int, hidden: Node, bias: Node) -> Node:
        for layer in range(first, end):
            hidden = self._layer(layer, hidden, bias, False)
        return hidden

    def _embeddings(self, ids: Node, types: Node) -> Node:
        axis = op.constant(np.int64(0))
        tokens = op.gather(op.shape_of(ids), _integers(1), axis)
        words = op.gather(self._tensor("embeddings.word_embeddings.weight"), ids, axis)
        table = self._tensor("embeddings.position_embeddings.weight")
        positions = op.slice(table, _integers(0), tokens, _integers(1), _integers(0))
        kinds = op.gather(self._tensor("embeddings.token_type_embeddings.weight"), types, axis)
        return self._norm(op.add(op.add(words, positions), kinds), "embeddings.LayerNorm")

    def _layer(self, layer: int, hidden: Node, bias: Node, first_only: bool) -> Node:
        name = f"encoder.layer.{layer}"
        asking = _first_token(hidden) if first_only else hidden
        query = self._heads(self._dense(asking, f"{name}.attention.self.query"))
        query = op.multiply(query, _floats((self.checkpoint.hidden // self.checkpoint.heads) ** -0.5))
        key = self._heads(self._dense(hidden, f"{name}.attention.self.key"))
        value = self._heads(self._dense(hidden, f"{name}.attention.self.value"))
        read = self._joined(_attention(query, key, value, bias))
        mixed = op.add(self._dense(read, f"{name}.attention.output.dense"), asking)
        mixed = self._norm(mixed, f"{name}.attention.output.LayerNorm")
        wide = op.gelu(self._dense(mixed, f"{name}.intermediate.dense"), "erf")
        return self._norm(
            op.add(self._dense(wide, f"{name}.output.dense"), mixed), f"{name}.output.LayerNorm"
        )

    def _logit(self, hidden: Node) -> Node:
        first = op.squeeze(hidden, _integers(1))
        pooled = op.tanh(self._dense(first, "pooler.dense"))
        return op.squeeze(_affine(pooled, self.checkpoint.tensors, "classifier"), _integers(1))

    def _heads(self, hidden: Node) -> Node:
        heads = self.checkpoint.heads
        split = op.reshape(hidden, _integers(0, 0, heads, self.checkpoint.hidden // heads), True)
        return op.transpose(split, _integers(0, 2, 1, 3))

    def _joined(self, heads: Node) -> Node:
        return op.reshape(
            op.transpose(heads, _integers(0, 2, 1, 3)), _integers(0, 0, self.checkpoint.hidden), True
        )

    def _norm(self, hidden: Node, name: str) -> Node:
        scaled = op.mvn(hidden, _integers(-1), True, self.checkpoint.epsilon, "inside_sqrt")
        return op.add(op.multiply(scaled, self._tensor(f"{name}.weight")), self._tensor(f"{name}.bias"))

    def _dense(self, hidden: Node, name: str) -> Node:
        return _affine(hidden, self.checkpoint.tensors, self.prefix + name)

    def _tensor(self, name: str) -> Node:
        return _floats(self.checkpoint.tensors[self.prefix + name])


def _inputs() -> tuple[Node, Node, Node]:
    return (
        op.parameter([-1, -1], np.int64, name="ids"),
        op.parameter([-1, -1], np.int64, name="types"),
        op.parameter([-1, -1], np.float32, name="mask"),
    )


def _bias(mask: Node) -> Node:
    # Added to the attention scores: 0 for a token, a large negative number for padding.
    return op.unsqueeze(op.multiply(op.subtract(mask, _floats(1.0)), _floats(1e9)), _integers(1, 2))


def _attention(query: Node, key: Node, value: Node, bias: Node) -> Node:
    # Written out: on processors with AVX2 this was a little faster than the fused operation.
    scores = op.add(op.matmul(query, key, False, True), bias)
    return op.matmul(op.softmax(scores, -1), value, False, False)


def _affine(hidden: Node, tensors: Any, name: str) -> Node:  # noqa: ANN401
    product = op.matmul(hidden, _floats(tensors[f"{name}.weight"]), False, True)
    return op.add(product, _floats(tensors[f"{name}.bias"]))


def _first_token(hidden: Node) -> Node:
    return op.slice(hidden, _integers(0), _integers(1), _integers(1), _integers(1))


def _mean(hidden: Node, mask: Node) -> Node:
    weights = op.unsqueeze(mask, _integers(2))
    total = op.reduce_sum(op.multiply(hidden, weights), _integers(1))
    return op.divide(total, op.maximum(op.reduce_sum(weights, _integers(1)), _floats(1e-9)))


def _unit_vector(hidden: Node, mask: Node) -> Node:
    mean = _mean(hidden, mask)
    square = op.reduce_sum(op.multiply(mean, mean), _integers(1), keep_dims=True)
    return op.divide(mean, op.maximum(op.sqrt(square), _floats(1e-12)))


def _floats(values: NDArray[np.float32] | float) -> Node:
    return op.constant(np.asarray(values, dtype=np.float32))


def _integers(*values: int) -> Node:
    return op.constant(np.asarray(values, dtype=np.int64))
