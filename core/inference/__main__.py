"""``python -m core.inference`` asks torch for the references of the bundled models and writes them down.

Needed after a bundled model has changed; a test says so.
"""

import json

from core.inference.checkpoint import model_digest
from core.inference.choose import torch_logits, torch_vectors
from core.inference.reference import SHIPPED, Reference, as_json
from core.models import ENCODER_DIRECTORY, RERANKER_DIRECTORY


def main() -> None:
    """Write ``references.json``."""
    references = {
        model_digest(ENCODER_DIRECTORY): as_json(Reference(torch_vectors(str(ENCODER_DIRECTORY)))),
        model_digest(RERANKER_DIRECTORY): as_json(Reference(torch_logits(str(RERANKER_DIRECTORY)))),
    }
    SHIPPED.write_text(json.dumps(references) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
