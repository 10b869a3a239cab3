"""``python -m core.inference`` asks torch for the references of the bundled models and writes them down.

Needed after a bundled model has changed; a test says so.
"""

import json
from pathlib import Path

from core.inference.checkpoint import model_digest
from core.inference.choose import torch_logits, torch_vectors
from core.inference.reference import SHIPPED, Reference, as_json
from core.models import BUNDLED_ENCODER, RERANKER_DIRECTORY, EncoderSource


def main() -> None:
    """Write ``references.json``."""
    encoder = EncoderSource(BUNDLED_ENCODER).directory
    references = {
        model_digest(Path(encoder)): as_json(Reference(torch_vectors(encoder))),
        model_digest(RERANKER_DIRECTORY): as_json(Reference(torch_logits(str(RERANKER_DIRECTORY)))),
    }
    SHIPPED.write_text(json.dumps(references) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
