"""Step 6: python -m training.publish --model FOLDER: the weights into models/, their digest for the card.

``python -m core.inference`` afterwards writes down what torch answers with them, which every start compares.
"""

import argparse
import hashlib
import shutil
from pathlib import Path

from core.models import RERANKER_DIRECTORY

SHIPPED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
# What a sentence encoder has besides.
OF_ENCODERS = (
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "1_Pooling/config.json",
    "2_Normalize/config.json",
)
LARGEST = 50_000_000


def main() -> None:
    """Copy the model's files and print the sha256 of its weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=RERANKER_DIRECTORY)
    given = parser.parse_args()
    print(publish(given.model, given.to))


def publish(model: Path, target: Path) -> str:
    """Copy the files a user needs from ``model`` to ``target``; the digest of the weights.

    Raises:
        ValueError: the weights are larger than what a repository should carry.
    """
    weights = model / "model.safetensors"
    if weights.stat().st_size > LARGEST:
        raise ValueError(f"{weights} has {weights.stat().st_size:,} bytes, more than {LARGEST:,}.")
    for name in (*SHIPPED, *(one for one in OF_ENCODERS if (model / one).is_file())):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model / name, target / name)
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
