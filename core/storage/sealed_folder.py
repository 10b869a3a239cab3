"""A folder whose every byte is as it was left: the checksums of its files, kept beside it.

The engine of ``edge_vectors.py`` believes what its files say. Of a damaged one it may answer with an error, with a
panic, never, or with less than it holds. So a folder is opened only while its seal is unbroken.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """What wrote the folder, the dimension of its vectors, and (bytes, CRC-32) of every file by its path in it."""

    engine: str
    dimension: int
    files: dict[str, list[int]]


def contents(folder: Path) -> dict[str, list[int]]:
    """(bytes, CRC-32) of every file in ``folder``, read now."""
    return {
        path.relative_to(folder).as_posix(): [path.stat().st_size, _checksum(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_seal(path: Path, seal: Seal) -> None:
    """Replace the seal at ``path`` in one step."""
    # Nothing waits for the disk: a seal that a power cut loses, or that came before its files, is a broken one.
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(asdict(seal)), encoding="utf-8")
    fresh.replace(path)


def read_seal(path: Path) -> Seal | None:
    """The seal at ``path``; None when there is none, or none that can be read."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Seal(str(read["engine"]), int(read["dimension"]), dict(read["files"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _checksum(path: Path) -> int:
    checksum = 0
    piece = bytearray(PIECE)
    view = memoryview(piece)
    with path.open("rb", buffering=0) as file:
        while read := file.readinto(piece):
            checksum = zlib.crc32(view[:read], checksum)
    return checksum
