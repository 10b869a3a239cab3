"""The keyword index in files: one for each segment, and a list of them that is replaced as a whole.

A change writes what is new and then the list, so that a crash leaves the old index or the new one. Every file has
a checksum in the list, and the list has its own.
"""

import json
import logging
import threading
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.storage.array_file import Checksum, write_file
from core.storage.aside import DAMAGED, move_aside
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import Segment
from core.storage.live_segment import LiveSegment
from core.storage.packed_words import Vocabulary
from core.storage.segment_file import read_segment, write_segment

logger = logging.getLogger(__name__)
FORMAT = 1
Stored = tuple[str, Checksum, frozenset[int]]


class KeywordStore:
    """The files of one keyword index; safe to share between threads.

    Args:
        path: the list; the segments lie beside it and begin with its name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        # What is on the disk: checksums of the segments, the list as it was written, and what cannot be read.
        self._checksums: dict[str, Checksum] = {}
        self._listed = b""
        self._damaged: list[Path] = []

    def load(self) -> tuple[KeywordIndex, str]:
        """The index, without what is damaged, and what is wrong with the files, empty when nothing is.

        Nothing on the disk is changed.
        """
        vocabulary = Vocabulary()
        pieces: list[LiveSegment] = []
        problems: list[str] = []
        self._checksums, self._listed, self._damaged = {}, b"", []
        try:
            listed = self._path.read_bytes()
            stored = _read_list(listed)
        except FileNotFoundError:
            return KeywordIndex(vocabulary), ""
        except (OSError, ValueError) as error:
            self._damaged.append(self._path)
            return KeywordIndex(vocabulary), f"The keyword index was damaged: {error}"
        for name, checksum, dead in stored:
            try:
                segment = read_segment(self._file(name), name, checksum, vocabulary)
            except ValueError as error:
                problems.append(f"The keyword index was damaged: {error}")
                self._damaged.append(self._file(name))
                continue
            pieces.append(LiveSegment.whole(segment).without(dead))
            self._checksums[name] = checksum
        if not problems:
            self._listed = listed
        return KeywordIndex(vocabulary, tuple(pieces)), " ".join(problems)

    def save(self, index: KeywordIndex) -> KeywordIndex:
        """Write what of ``index`` is not in the files yet; returns the same index, read from them.

        A failure, such as a full disk, is logged and no error: the files are only there to start quickly.
        """
        with self._lock:
            try:
                new = [piece.segment for piece in index.pieces if piece.segment.name not in self._checksums]
                for segment in new:
                    self._checksums[segment.name] = write_segment(
                        self._file(segment.name), segment, index.vocabulary
                    )
                listed = _list(index, self._checksums)
                if listed != self._listed:
                    self._set_aside()
                    write_file(self._path, [listed])
                    self._listed = listed
                    self._remove_others(index)
                return self._mapped(index, new) if new else index
            except (OSError, ValueError) as error:
                logger.warning("The keyword index could not be saved (%s); the next start builds it.", error)
                return index

    def _mapped(self, index: KeywordIndex, new: list[Segment]) -> KeywordIndex:
        # Memory that is backed by a file can be taken back by the system, the arrays just written cannot.
        mapped = {
            one.name: read_segment(
                self._file(one.name), one.name, self._checksums[one.name], index.vocabulary
            )
            for one in new
        }
        return KeywordIndex(
            index.vocabulary,
            tuple(
                replace(piece, segment=mapped.get(piece.segment.name, piece.segment))
                for piece in index.pieces
            ),
        )

    def _set_aside(self) -> None:
        # Kept for whoever wants to know why; what was kept before goes.
        damaged, self._damaged = [path for path in self._damaged if path.exists()], []
        if damaged:
            for path in self._path.parent.glob(f"{self._path.stem}.*{DAMAGED}*"):
                path.unlink()
        for path in damaged:
            move_aside(path)

    def _remove_others(self, index: KeywordIndex) -> None:
        names = {piece.segment.name for piece in index.pieces}
        self._checksums = {name: one for name, one in self._checksums.items() if name in names}
        kept = {self._path, *map(self._file, names)}
        for path in self._path.parent.glob(f"{self._path.stem}.*"):
            if path not in kept and DAMAGED not in path.name:
                with suppress(OSError):
                    path.unlink()

    def _file(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.stem}.{name}.segment")


def _list(index: KeywordIndex, checksums: dict[str, Checksum]) -> bytes:
    segments = [
        {
            "name": piece.segment.name,
            "size": checksums[piece.segment.name].size,
            "crc32": checksums[piece.segment.name].crc32,
            "dead": sorted(piece.dead),
        }
        for piece in index.pieces
    ]
    content = json.dumps({"format": FORMAT, "segments": segments}).encode()
    return b"%08x\n%s\n" % (zlib.crc32(content), content)


def _read_list(listed: bytes) -> list[Stored]:
    checksum, _, content = listed.removesuffix(b"\n").partition(b"\n")
    if checksum != b"%08x" % zlib.crc32(content):
        raise ValueError("its list of segments is not what was written.")
    described = json.loads(content)
    if described["format"] != FORMAT:
        raise ValueError(f"its list of segments is of format {described['format']}.")
    return [
        (str(one["name"]), Checksum(int(one["size"]), int(one["crc32"])), frozenset(map(int, one["dead"])))
        for one in described["segments"]
    ]
