"""Which texts are run together: like lengths, in few shapes."""

from collections.abc import Sequence
from dataclasses import dataclass

# Measured on two cores with AVX2: from 512 to 2048 tokens cost the same, larger batches fall
# out of the caches.
TOKEN_BUDGET = 1024
# Every distinct shape costs the runtime a set of compiled kernels, so widths are rounded up to this multiple.
WIDTH_STEP = 16
MOST_TEXTS = 32
# A text that would be mostly padding waits for a narrower batch.
LEAST_FILLED = 0.75


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
        width = min(-(-max(lengths[order[begin]], 1) // WIDTH_STEP) * WIDTH_STEP, limit)
        end = min(begin + max(1, min(MOST_TEXTS, TOKEN_BUDGET // width)), len(order))
        while lengths[order[end - 1]] < LEAST_FILLED * width and end - begin > 1:
            end -= 1
        batches.append(Batch(tuple(order[begin:end]), width))
        begin = end
    return tuple(batches)
