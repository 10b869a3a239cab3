"""Which texts are run together: like lengths, in few shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

# Measured on two cores (benchmarks/rerank.py): smaller batches leave the processor idle between layers, larger
# ones fall out of its caches.
TOKEN_BUDGET = 1024
# Every distinct shape costs the runtime a set of compiled kernels, so widths are rounded up to this multiple.
WIDTH_STEP = 16
MOST_TEXTS = 32


@dataclass(frozen=True, slots=True)
class Batch:
    """Positions of the texts that are run together and the number of tokens each is padded to."""

    positions: tuple[int, ...]
    width: int


def plan_batches(lengths: Sequence[int], limit: int) -> tuple[Batch, ...]:
    """Every position of ``lengths`` in exactly one batch, longest texts first.

    Args:
        lengths: tokens of each text, at most ``limit``.
        limit: tokens the model reads; no batch is wider.
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    batches: list[Batch] = []
    begin = 0
    while begin < len(order):
        width = min(-(-lengths[order[begin]] // WIDTH_STEP) * WIDTH_STEP, limit)
        size = max(1, min(MOST_TEXTS, TOKEN_BUDGET // width))
        batches.append(Batch(tuple(order[begin : begin + size]), width))
        begin += size
    return tuple(batches)
