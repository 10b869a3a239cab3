"""One contract's part of the graph, as it is stored: nodes, edges and names.

Nodes are numbered from 0: the contract, its chunks in reading order, sections, defined terms, other agreements.
"""

import json
import struct
import uuid
import zlib
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

KIND, VERSION = "graph", "4"
_LENGTHS = struct.Struct("<4I")
_MAGIC = b"PG2\n"


class EdgeKind(IntEnum):
    """What joins two nodes; read from the first to the second."""

    CONTAINS = 0
    DEFINED_IN = 1
    USES = 2
    REFERS = 3
    NAMES = 4
    AMENDS = 5
    PARTY = 6
    FACT = 7


@dataclass(frozen=True, slots=True)
class Agreement:
    """Another agreement that a contract names: title, date (YYYY-MM-DD or empty), and what it is called here."""

    title: str
    date: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Outward:
    """Words of chunk ``chunk`` that name clause ``label`` of another agreement (its number in the list)."""

    chunk: int
    agreement: int
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the whole graph needs of a contract to join it with others and to find its terms.

    ``term_keys`` are the stems of each term, ``amends`` is the number of the agreement that it amends, or -1.
    """

    title: str
    date: str
    parties: tuple[str, ...]
    chunks: int
    sections: int
    term_keys: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    outward: tuple[Outward, ...]
    amends: int = -1

    @property
    def nodes(self) -> int:
        """How many nodes the contract has."""
        return 1 + self.chunks + self.sections + len(self.term_keys) + len(self.agreements)


@dataclass(frozen=True, slots=True)
class Names:
    """What its nodes are called, and which chunk a clause number begins in (``17(c)``, ``schedule 3/4.2``)."""

    chunks: tuple[str, ...]
    sections: tuple[str, ...]
    terms: tuple[str, ...]
    numbers: dict[str, int]
    references: dict[str, str]
    """The words of a reference by ``"from-to"``, both node numbers."""


Edges = NDArray[np.int32]
"""Shape (edges, 3): from, to, kind."""


@dataclass(frozen=True, slots=True)
class ContractGraph:
    """One contract's part of the graph. ``chunk_ids`` are in reading order, ``edges`` are between its own nodes."""

    entry: Entry
    names: Names
    chunk_ids: tuple[str, ...]
    edges: Edges


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored part whose names are not read yet: only the contracts of a path need them."""

    entry: Entry
    names: bytes
    chunk_ids: NDArray[np.uint8]
    """Shape (chunks, 16): UUIDs as bytes."""
    edges: Edges


def encode(graph: ContractGraph) -> bytes:
    """The graph of a contract as it is stored."""
    entry = _json(asdict(graph.entry))
    names = zlib.compress(_json(asdict(graph.names)))
    ids = b"".join(uuid.UUID(chunk_id).bytes for chunk_id in graph.chunk_ids)
    edges = np.ascontiguousarray(graph.edges, dtype="<i4").tobytes()
    return b"".join(
        [_MAGIC, _LENGTHS.pack(len(entry), len(names), len(ids), len(edges)), entry, names, ids, edges]
    )


def decode(body: bytes) -> Stored | None:
    """What ``encode`` wrote; None for a contract of which no graph could be made."""
    if not body.startswith(_MAGIC):
        return None
    begin = len(_MAGIC) + _LENGTHS.size
    parts: list[bytes] = []
    for length in _LENGTHS.unpack_from(body, len(_MAGIC)):
        parts.append(body[begin : begin + length])
        begin += length
    ids = np.frombuffer(parts[2], dtype=np.uint8).reshape(-1, 16)
    return Stored(
        _entry(json.loads(parts[0])), parts[1], ids, np.frombuffer(parts[3], dtype="<i4").reshape(-1, 3)
    )


def names_of(stored: bytes) -> Names:
    """The names of a stored part."""
    fields = json.loads(zlib.decompress(stored))
    return Names(
        tuple(fields["chunks"]),
        tuple(fields["sections"]),
        tuple(fields["terms"]),
        fields["numbers"],
        fields["references"],
    )


def _entry(fields: dict[str, Any]) -> Entry:
    return Entry(
        fields["title"],
        fields["date"],
        tuple(fields["parties"]),
        fields["chunks"],
        fields["sections"],
        tuple(fields["term_keys"]),
        tuple(Agreement(**one) for one in fields["agreements"]),
        tuple(Outward(**one) for one in fields["outward"]),
        fields["amends"],
    )


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
