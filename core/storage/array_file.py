"""Arrays in one file that is read by mapping it: opening costs one pass over the bytes for the checksum, no copy.

Layout: the magic bytes, the length of the header (8 bytes, little-endian), the header as JSON, the arrays. Every
array begins at a multiple of 64 bytes.
"""

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"proviso arrays 1\n"
ALIGNMENT = 64
AnyArray = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file must be: its size in bytes and its CRC-32."""

    size: int
    crc32: int


def write_file(path: Path, parts: list[bytes | memoryview]) -> Checksum:
    """Write ``parts`` one after another so that a reader sees the old file or the new one, never a part.

    Raises:
        OSError: the folder cannot be written, or the disk is full; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.tmp")
    size = crc = 0
    try:
        with temporary.open("wb") as file:
            for part in parts:
                file.write(part)
                size, crc = size + len(part), zlib.crc32(part, crc)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Checksum(size, crc)


def write_arrays(path: Path, arrays: Mapping[str, AnyArray]) -> Checksum:
    """Write ``arrays`` (one-dimensional) by name; raises what ``write_file`` raises."""
    kept = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    layout: dict[str, tuple[str, int, int]] = {}
    position = 0
    for name, array in kept.items():
        layout[name] = (array.dtype.str, len(array), position)
        position += array.nbytes + -array.nbytes % ALIGNMENT
    header = json.dumps(layout).encode()
    begin = len(MAGIC) + 8 + len(header)
    parts: list[bytes | memoryview] = [MAGIC, len(header).to_bytes(8, "little"), header]
    parts.append(bytes(-begin % ALIGNMENT))
    for array in kept.values():
        # An empty array has no bytes to show.
        if array.nbytes:
            parts.append(array.view(np.uint8).data)
        parts.append(bytes(-array.nbytes % ALIGNMENT))
    return write_file(path, parts)


def map_arrays(path: Path, expected: Checksum) -> dict[str, AnyArray]:
    """The arrays of a file that ``write_arrays`` wrote, read-only and backed by the file.

    Raises:
        ValueError: the file is missing, or is not what was written.
    """
    try:
        with path.open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path.name} cannot be read ({type(error).__name__}).") from error
    if Checksum(len(content), zlib.crc32(content)) != expected:
        raise ValueError(f"{path.name} is not what was written.")
    start = len(MAGIC) + 8
    length = int.from_bytes(content[len(MAGIC) : start], "little")
    layout = json.loads(content[start : start + length])
    begin = start + length + -(start + length) % ALIGNMENT
    return {
        name: np.frombuffer(content, dtype=np.dtype(kind), count=count, offset=begin + position)
        for name, (kind, count, position) in layout.items()
    }
