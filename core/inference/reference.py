"""What torch says of a few texts, so that every start can compare before anything is scored.

The answers for the bundled models come with the product; those for any other model are asked of torch once
and kept in a folder.
"""

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).with_name("references.json")
QUESTION = "How much notice must the customer give to end this agreement?"
# The last one is longer than any BERT reads, so that truncation is compared as well.
TEXTS = (
    "The Customer may terminate this Agreement for convenience on ninety (90) days' written notice.",
    "Notices\nEvery notice is in writing, in English, and sent to the address in Schedule 1.",
    "Überschrift: 7.2 «Entgelt» — € 1.250,00 (net); naïve café №5.",
    "",
    "Either party may end the term early if the other commits a material breach (Clause 14.2). " * 40,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One row for each of ``TEXTS``: shape (5, 1) for logits, (5, dimension) for vectors."""

    rows: NDArray[np.float64]

    def difference(self, rows: NDArray[np.floating[Any]]) -> float:
        """The largest difference of any value; infinite when the shapes differ or a value is no number."""
        if rows.shape != self.rows.shape or not np.isfinite(rows).all():
            return float("inf")
        return float(np.abs(rows - self.rows).max())

    def least_cosine(self, rows: NDArray[np.floating[Any]]) -> float:
        """The smallest cosine of any row with its own of the reference; -1 when the shapes differ or a value is
        no number.
        """
        if rows.shape != self.rows.shape or not np.isfinite(rows).all():
            return -1.0
        lengths = np.linalg.norm(self.rows, axis=1) * np.linalg.norm(rows, axis=1)
        return float((np.sum(self.rows * rows, axis=1) / np.maximum(lengths, 1e-12)).min())


def find_reference(digest: str, folder: Path) -> Reference | None:
    """The reference of the model with this sha256, shipped or from ``folder``; None when torch must be asked.

    A damaged file counts as none.
    """
    shipped = _shipped().get(digest)
    if shipped is not None:
        return Reference(np.asarray(shipped, dtype=np.float64))
    path = _path(digest, folder)
    try:
        rows = np.asarray(json.loads(path.read_text(encoding="utf-8"))["rows"], dtype=np.float64)
        if rows.ndim != 2 or len(rows) != len(TEXTS) or not np.isfinite(rows).all():
            raise ValueError(f"rows of shape {rows.shape}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s is damaged (%s); it is made again.", path, error)
        return None
    return Reference(rows)


def store_reference(reference: Reference, digest: str, folder: Path) -> None:
    """Keep ``reference``; several processes may do so at once. A folder that cannot be written is logged."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"rows": as_json(reference)}, file)
            Path(temporary).replace(_path(digest, folder))
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        logger.warning("%s cannot be written (%s); torch is asked at every start.", folder, error.strerror)


def as_json(reference: Reference) -> list[list[float]]:
    """The rows with eight decimals, which is more than float32 holds."""
    return [[round(float(value), 8) for value in row] for row in reference.rows]


@cache
def _shipped() -> Mapping[str, list[list[float]]]:
    content: dict[str, list[list[float]]] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return content


def _path(digest: str, folder: Path) -> Path:
    return folder / f"{digest}.json"
