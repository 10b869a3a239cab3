"""The contracts of CUAD as the product itself reads and splits them, once, kept for every later step."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from core.errors import RejectedFile
from core.models import BUNDLED_ENCODER, EncoderSource, TokenCounter
from core.records import Chunk, ChunkKind
from ingest.describe import describe, situating_title
from ingest.read_contract import ReadLimits, read_contract
from ingest.split import CHUNKER_VERSION, split
from training.records import Passage


@dataclass(frozen=True, slots=True)
class TrainingContract:
    """A contract's text with its chunks and what it says of itself."""

    file_name: str
    title: str
    parties: tuple[str, ...]
    text: str
    chunks: tuple[Chunk, ...]

    def passages(self) -> Iterator[Passage]:
        """Its chunks as passages; their owner is the file name."""
        for chunk in self.chunks:
            yield Passage(chunk.chunk_id, self.file_name, chunk.context, chunk.text)


def read_contracts(folder: Path, cache_folder: Path, workers: int = 2) -> tuple[TrainingContract, ...]:
    """Every PDF of ``folder``/pdf, from ``cache_folder`` where this chunker read them before."""
    kept = cache_folder / f"contracts-{CHUNKER_VERSION}.jsonl"
    if not kept.is_file():
        files = sorted((folder / "pdf").iterdir())
        partial = kept.with_suffix(".partial")
        with ProcessPoolExecutor(workers) as pool, partial.open("w", encoding="utf-8") as out:
            for contract in pool.map(_read, files):
                if contract is not None:
                    out.write(json.dumps(asdict(contract)) + "\n")
        partial.replace(kept)
    with kept.open(encoding="utf-8") as lines:
        contracts = [_contract(json.loads(line)) for line in lines]
    # The same file under two names is one contract, with the same chunk ids.
    return tuple({one.chunks[0].contract_id: one for one in reversed(contracts) if one.chunks}.values())


def _read(file: Path) -> TrainingContract | None:
    try:
        contract = read_contract(file.read_bytes(), file.name, ReadLimits(), ocr=False)
    except RejectedFile as error:
        print(f"left out: {error}")
        return None
    profile = describe(contract)
    chunks = split(contract, situating_title(profile), _counter(), CHUNKER_VERSION)
    return TrainingContract(file.name, profile.title, profile.parties, contract.text, chunks)


@cache
def _counter() -> TokenCounter:
    return EncoderSource(BUNDLED_ENCODER).token_counter()


def _contract(fields: dict) -> TrainingContract:  # type: ignore[type-arg]
    chunks = tuple(
        Chunk(**{**one, "kind": ChunkKind(one["kind"]), "heading_path": tuple(one["heading_path"])})
        for one in fields.pop("chunks")
    )
    return TrainingContract(**{**fields, "parties": tuple(fields["parties"])}, chunks=chunks)
