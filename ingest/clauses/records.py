"""The records of understanding a contract's structure: numbers as read, places that may begin a clause, clauses."""

from dataclasses import dataclass
from typing import NamedTuple

from core.records import ChunkKind
from ingest.clauses.lines import Gap

FRONT_KEY, CONTENTS_KEY = -1, -2
"""The keys of the title page with parties and recitals, and of a table of contents."""


class Reading(NamedTuple):
    """One way to read a number: those of one ``style`` count on; ``parent`` is ``(4,)`` for 4.2."""

    style: str
    value: int
    parent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Marker:
    """A place that may begin a clause: ``text[start:body]`` is its number and title, then its text follows.

    ``look`` tells headings of a kind apart (see ``ingest.clauses.titles``), ``line`` is the index of its line.
    """

    start: int
    body: int
    line: int
    label: str
    title: str
    look: str
    gap: Gap
    readings: tuple[Reading, ...]

    @property
    def name(self) -> str:
        """Number and title as one heading, such as ``8.2 Cap``."""
        return f"{self.label} {self.title}".strip()

    @property
    def style(self) -> str:
        """The style of the first reading, which is the only one unless the number is ambiguous."""
        return self.readings[0].style


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause without its sub-clauses: ``text[start:body]`` is number and title, ``text[body:end]`` its text.

    ``keys`` name the clauses it lies in, outermost first and itself last: sub-clauses of one parent share all
    but the last. A ``bare`` clause is a heading, perhaps with a lead-in, whose text is all in its sub-clauses.
    ``breaks`` are the offsets at which a new paragraph begins.
    """

    start: int
    body: int
    end: int
    path: tuple[str, ...]
    keys: tuple[int, ...]
    kind: ChunkKind
    bare: bool = False
    breaks: tuple[int, ...] = ()
