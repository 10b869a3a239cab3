"""What the first stage's encoder thought of a passage, joined to what the cross-encoder reads in it.

Relevance is the logistic function of ``scale * logit + weight * similarity + offset``. The two err in different places:
the encoder knows likeness that a small cross-encoder has not learnt, and the cross-encoder reads question and words
together (interpolation of both, as in Askari et al. 2023). The three numbers were fitted on contracts that neither was
trained on (``training.fit_prior``), for one encoder and one reranker; with others the cross-encoder stands alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.inference.checkpoint import Unsupported
from core.inference.protocols import PairScores

PRIOR_FILE: Final = "prior.json"


@dataclass(frozen=True, slots=True)
class Prior:
    """What a logit of the cross-encoder and a cosine similarity are worth in logits of relevance."""

    scale: float
    weight: float
    offset: float

    def joined(self, scores: PairScores, similarities: Sequence[float]) -> PairScores:
        """``scores`` with ``similarities``, one a pair, in their logits.

        Raises:
            ValueError: there are not as many similarities as pairs.
        """
        if len(similarities) != len(scores.logits):
            raise ValueError(f"{len(similarities)} similarities for {len(scores.logits)} pairs.")
        known = self.weight * np.asarray(similarities, dtype=np.float64) + self.offset
        return replace(scores, logits=self.scale * scores.logits + known)


def write_prior(folder: Path, prior: Prior, encoder: str, reranker: str) -> None:
    """Write ``prior`` beside the weights in ``folder``, with the digests of the two models it belongs to."""
    content = {
        "encoder": encoder,
        "reranker": reranker,
        "scale": round(prior.scale, 4),
        "weight": round(prior.weight, 4),
        "offset": round(prior.offset, 4),
    }
    (folder / PRIOR_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_prior(folder: Path, encoder: str, reranker: str) -> Prior | None:
    """The prior in ``folder``; None where there is none, or it belongs to other models than these digests.

    Raises:
        Unsupported: it is damaged.
    """
    path = folder / PRIOR_FILE
    if not path.is_file():
        return None
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        prior = Prior(float(content["scale"]), float(content["weight"]), float(content["offset"]))
        belongs = (content["encoder"], content["reranker"]) == (encoder, reranker)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unsupported(f"{PRIOR_FILE} cannot be read ({type(error).__name__})") from error
    return prior if belongs else None
