"""Other ways to run the reranker's weights, each as its library does it; a reader gives one logit a passage."""

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Logits = NDArray[np.float64]
Reader = Callable[[str, Sequence[str]], Logits]
LIBRARY_BATCH, FASTEMBED_BATCH, WHOLE = 32, 64, 10_000
INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")


def cross_encoder(directory: str, dtype: str = "float32") -> Reader:
    """sentence-transformers' CrossEncoder as it comes: torch, batches of 32."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(
        directory,
        device="cpu",
        local_files_only=True,
        activation_fn=torch.nn.Identity(),
        model_kwargs={"dtype": getattr(torch, dtype)},
    )
    return lambda question, passages: np.asarray(
        model.predict([(question, passage) for passage in passages], show_progress_bar=False),
        dtype=np.float64,
    )


def export_onnx(directory: str, target: Path) -> Path:
    """The weights as an ONNX file in float32, what the libraries' ONNX and OpenVINO backends export."""
    import torch
    from transformers import AutoModelForSequenceClassification

    model = (
        AutoModelForSequenceClassification.from_pretrained(
            directory, attn_implementation="eager", dtype=torch.float32, local_files_only=True
        )
        .eval()
        .requires_grad_(False)
    )

    class Named(torch.nn.Module):
        def forward(self, ids: Any, mask: Any, types: Any) -> Any:  # noqa: ANN401
            return model(input_ids=ids, attention_mask=mask, token_type_ids=types).logits

    like = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in INPUTS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Named(),
            (like, like, torch.zeros_like(like)),
            str(target),
            dynamo=False,
            opset_version=17,
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_axes=axes | {"logits": {0: "texts"}},
        )
    return target


def onnxruntime_reader(network: Path, directory: str, batch: int, *, by_length: bool) -> Reader:
    """Read with onnxruntime in float32, ``batch`` pairs at once and each batch padded to its longest."""
    import onnxruntime  # type: ignore[import-untyped]

    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    return _batched(
        lambda inputs: session.run(None, inputs)[0][:, 0], _tokenizer(directory), batch, by_length
    )


def openvino_reader(network: Path, directory: str, batch: int) -> Reader:
    """OpenVINO on the exported file with its own defaults, as the library's backend leaves them."""
    from core.inference.quiet_openvino import ov

    compiled = ov.Core().compile_model(str(network), "CPU")
    return _batched(lambda inputs: compiled(inputs)[0][:, 0], _tokenizer(directory), batch, True)


def _batched(
    run: Callable[[dict[str, NDArray[np.int64]]], NDArray[np.float32]],
    tokenizer: Tokenizer,
    batch: int,
    by_length: bool,
) -> Reader:
    def read(question: str, passages: Sequence[str]) -> Logits:
        lengths = [-len(passage) if by_length else 0 for passage in passages]
        order = sorted(range(len(passages)), key=lengths.__getitem__)
        logits = np.empty(len(passages), dtype=np.float64)
        for begin in range(0, len(order), batch):
            chosen = order[begin : begin + batch]
            encodings = tokenizer.encode_batch([(question, passages[at]) for at in chosen])
            inputs = (
                [one.ids for one in encodings],
                [one.attention_mask for one in encodings],
                [one.type_ids for one in encodings],
            )
            given = (np.asarray(one, dtype=np.int64) for one in inputs)
            logits[chosen] = run(dict(zip(INPUTS, given, strict=True)))
        return logits

    return read


def _tokenizer(directory: str) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(Path(directory) / "tokenizer.json"))
    tokenizer.enable_truncation(512, strategy="longest_first")
    tokenizer.enable_padding()
    return tokenizer
