"""A mention: words of a question that name contracts."""

from dataclasses import dataclass
from enum import StrEnum

from core.pipeline.hierarchy.postings import Rows


class Kind(StrEnum):
    """What is mentioned."""

    NAME = "name"
    TYPE = "type"
    DATE = "date"
    LAW = "law"


@dataclass(frozen=True)
class Mention:
    """Words of a question, at ``question[start:end]``, and the contracts that they may mean.

    ``unsaid`` are contracts that say nothing about it, and so may be meant as well.
    """

    kind: Kind
    words: str
    start: int
    end: int
    rows: Rows
    unsaid: Rows
