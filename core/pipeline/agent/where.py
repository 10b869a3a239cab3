"""Where passages stand, in words: contract, heading, page, references and names of terms. Never what they say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.pipeline.agent.loop import Loop
from core.pipeline.agent.reading import Link
from core.records import Chunk
from core.redact import printable

MOST_LISTED: Final = 60
MOST_SHOWN: Final = 8
MOST_LINKS: Final = 6
# A heading that is longer is the beginning of a clause, and what a clause says is not told.
LONGEST_HEADING: Final = 70
MOST_WORDS: Final = 10


@dataclass(frozen=True, slots=True)
class Atlas:
    """The contracts in scope by their short names, ``C1`` and so on, and their titles by id."""

    ids: Mapping[str, str]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, loop: Loop) -> "Atlas":
        """Those of the loop's scope."""
        titles = loop.tools.shelf.titles
        wanted = sorted(
            (one for one in (loop.scope or titles) if one in titles), key=lambda one: (titles[one], one)
        )
        return cls({f"C{number}": one for number, one in enumerate(wanted, start=1)}, titles)

    def short(self, contract_id: str) -> str:
        """The short name of a contract; empty for one out of scope."""
        return next((name for name, one in self.ids.items() if one == contract_id), "")


def listed_contracts(atlas: Atlas) -> list[str]:
    """One line for each contract, as many as a request can hold."""
    lines = [f"{name}: {line(atlas.titles[one])}" for name, one in list(atlas.ids.items())[:MOST_LISTED]]
    left = len(atlas.ids) - len(lines)
    return [*lines, f"and {left} more, which are searched too"] if left else lines


def where_found(chunk_ids: Sequence[str], loop: Loop, atlas: Atlas) -> list[str]:
    """One line for each of the first passages, and how many there are."""
    shown = chunk_ids[:MOST_SHOWN]
    chunks = loop.tools.shelf.chunks(shown)
    found = [chunks[chunk_id] for chunk_id in shown if chunk_id in chunks]
    lines = [f"- {where(chunk, loop, atlas)}" for chunk in found]
    return [f"{len(chunk_ids)} passages; the first of them:", *lines] if lines else ["nothing"]


def where(chunk: Chunk, loop: Loop, atlas: Atlas) -> str:
    """``C2, 17 Liability > (a), page 31; refers to Section 21(b); uses Contract Year, Charges``."""
    headings = [short for short in map(_heading, chunk.heading_path) if short]
    words = (
        f"{atlas.short(chunk.contract_id)}, {' > '.join(headings) or 'no heading'}, page {chunk.page_start}"
    )
    references = _names(loop.reading.references(chunk))
    terms = _names(loop.reading.definitions(chunk))
    words += f"; refers to {', '.join(references)}" if references else ""
    return words + (f"; uses {', '.join(terms)}" if terms else "")


def line(text: str) -> str:
    """Text of a contract as one printable line of limited length."""
    return " ".join(printable(text).split())[:LONGEST_HEADING]


def _heading(text: str) -> str:
    """A heading that names a clause; of one that already says what the clause says only its number."""
    words = line(text).split()
    if len(text) <= LONGEST_HEADING and len(words) <= MOST_WORDS:
        return " ".join(words)
    return words[0] if words and any(character.isdigit() for character in words[0]) else ""


def _names(links: Iterable[Link]) -> list[str]:
    return list(dict.fromkeys(line(link.words) for link in links))[:MOST_LINKS]
