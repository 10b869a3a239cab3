"""The straightforward way to index contracts, as tutorials show it: what ``proviso ingest`` is compared with.

    python -m benchmarks.straightforward FOLDER FILE...

pypdf's text, chunks of 200 words, sentence-transformers at its defaults (torch, float32), one upsert a chunk into
qdrant-client's local mode.
"""

import json
import sys
import time
import uuid
from pathlib import Path

WORDS = 200


def main() -> None:
    """Index the files; prints the seconds after the model was loaded, and how many chunks there are."""
    from pypdf import PdfReader
    from qdrant_client import QdrantClient, models
    from sentence_transformers import SentenceTransformer

    from core.models import ENCODER_DIRECTORY

    folder, files = sys.argv[1], sys.argv[2:]
    encoder = SentenceTransformer(str(ENCODER_DIRECTORY), model_kwargs={"dtype": "float32"})
    client = QdrantClient(path=folder)
    client.create_collection(
        "chunks", vectors_config=models.VectorParams(size=384, distance=models.Distance.COSINE)
    )
    begin, chunks = time.perf_counter(), 0
    for file in files:
        words = " ".join(page.extract_text() for page in PdfReader(file).pages).split()
        texts = [" ".join(words[at : at + WORDS]) for at in range(0, len(words), WORDS)]
        for text, vector in zip(texts, encoder.encode(texts, show_progress_bar=False), strict=True):
            payload = {"file": Path(file).name, "text": text}
            point = models.PointStruct(id=str(uuid.uuid4()), vector=vector.tolist(), payload=payload)
            client.upsert("chunks", [point])
        chunks += len(texts)
    seconds = time.perf_counter() - begin
    client.close()
    sys.stdout.write(json.dumps({"seconds": seconds, "chunks": chunks}) + "\n")


if __name__ == "__main__":
    main()
