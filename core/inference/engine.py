"""Runs a network over any number of texts: batches of like length, one at a time, on the available cores."""

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from core.inference.batches import Batch, plan_batches
from core.inference.protocols import Progress, ignore_progress
from core.inference.quiet_openvino import ov

# The precision is always named: on processors with bf16 the runtime would choose that by itself.
OPTIONS = {"PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
Precision = Literal["f32", "bf16"]


Array = NDArray[np.int64] | NDArray[np.float32]


class Engine:
    """A compiled network; safe to share between threads, which take turns after every batch.

    Args:
        network: takes token ids, token types and a mask, and gives one row a text.
        limit: tokens the model reads.
        precision: of the multiplications; sums are float32 either way.
    """

    def __init__(self, network: ov.Model, limit: int, precision: Precision = "f32") -> None:
        options = {
            **OPTIONS,
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": available_cores(),
        }
        self._compiled = ov.Core().compile_model(network, "CPU", options)
        self._request = self._compiled.create_infer_request()
        self._limit = limit
        self._lock = threading.Lock()

    def infer(self, inputs: Mapping[str, Array]) -> tuple[NDArray[np.float32], ...]:
        """Every output of the network for one batch of inputs by name."""
        with self._lock:
            results = self._request.infer(inputs)
            # The runtime reuses its output buffers.
            return tuple(np.array(results[at], dtype=np.float32) for at in range(len(results)))

    def run(
        self, encodings: Sequence[Encoding], on_progress: Progress = ignore_progress
    ) -> NDArray[np.float32]:
        """One row of output for each text, in the order given; at least one text."""
        rows: list[NDArray[np.float32] | None] = [None] * len(encodings)
        done = 0
        for batch in plan_batches([len(encoding.ids) for encoding in encodings], self._limit):
            (output,) = self.infer(padded(encodings, batch))
            for position, row in zip(batch.positions, output, strict=True):
                rows[position] = row
            done += len(batch.positions)
            on_progress(done, len(encodings))
        return np.asarray(rows, dtype=np.float32)


def multiplies_bf16() -> bool:
    """True when the processor multiplies bfloat16 numbers itself; elsewhere they gain nothing."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def available_cores() -> int:
    """Cores this process may use, at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def padded(encodings: Sequence[Encoding], batch: Batch) -> dict[str, Array]:
    """The inputs of a network for the texts of ``batch``."""
    shape = (len(batch.positions), batch.width)
    ids, types = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.float32)
    for row, position in enumerate(batch.positions):
        length = len(encodings[position].ids)
        ids[row, :length] = encodings[position].ids
        types[row, :length] = encodings[position].type_ids
        mask[row, :length] = 1.0
    return {"ids": ids, "types": types, "mask": mask}
