"""The records of reading a PDF: what the reader process is asked, and what it answers page by page."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from core.confinement import Network
from core.records import TextRun, WordBox


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much one file may cost; memory in bytes of address space, times in seconds.

    OCR runs in a process of its own, which gets ``ocr_start_seconds`` for its models and ``ocr_page_seconds``
    for every page: a page takes about 5 seconds of two cores, several times that on a busy machine.
    """

    max_bytes: int = 200 * 1024 * 1024
    max_pages: int = 2_000
    max_characters: int = 20_000_000
    wall_seconds: float = 120.0
    memory: int = 1024**3
    ocr_start_seconds: float = 60.0
    ocr_page_seconds: float = 60.0
    ocr_memory: int = 4 * 1024**3

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"The limit {name} must be above 0, not {getattr(self, name)}.")


@dataclass(frozen=True, slots=True)
class ReadTask:
    """One job of a reader process: the text of every page, or (``ocr_pages``, from 1) OCR of some pages.

    ``plain`` leaves out title, outline and page labels, whose trees can crash the library. ``word_boxes`` asks for
    boxes instead of runs, as of a text layer that OCR put over a page.
    The password is left out of ``repr``, which ends up in logs.
    """

    wall_seconds: float
    memory: int
    max_pages: int
    max_characters: int
    password: str | None = field(default=None, repr=False)
    ocr_pages: tuple[int, ...] = ()
    plain: bool = False
    word_boxes: bool = False


@dataclass(frozen=True, slots=True)
class PageLine:
    """One line of a page without white space at its edges; run and word offsets count from its start.

    ``starts_paragraph`` says that the gap above is clearly larger than the page's line spacing.
    """

    text: str
    starts_paragraph: bool = False
    runs: tuple[TextRun, ...] = ()
    words: tuple[WordBox, ...] = ()


class PageCondition(StrEnum):
    """What a page turned out to be."""

    TEXT = "text"
    BLANK = "blank"
    PICTURE = "picture"
    GARBLED = "garbled"
    DAMAGED = "damaged"
    READ_BY_OCR = "read by OCR"


NEEDS_OCR = frozenset({PageCondition.PICTURE, PageCondition.GARBLED})


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page as it was read: its lines from top to bottom, nothing left out yet. ``number`` is from 1."""

    number: int
    label: str
    condition: PageCondition
    lines: tuple[PageLine, ...] = ()
    confidence: float | None = None
    hidden_text: bool = False


class Rejection(StrEnum):
    """Why a file cannot become a contract."""

    EMPTY = "empty"
    NOT_A_PDF = "not a PDF"
    TOO_LARGE = "too large"
    DAMAGED = "damaged"
    PASSWORD_REQUIRED = "password required"  # noqa: S105 - the name of a reason
    PASSWORD_WRONG = "password wrong"  # noqa: S105 - the name of a reason
    PROTECTED_OTHERWISE = "protected otherwise"
    CRASHED = "crashed"
    NO_PAGES = "no pages"
    TOO_MANY_PAGES = "too many pages"
    TOO_MUCH_TEXT = "too much text"
    EXPLODES = "explodes"
    TOO_SLOW = "too slow"
    TOO_MUCH_MEMORY = "too much memory"
    NEEDS_OCR = "needs OCR"
    NO_TEXT = "no text"
    READER_BROKEN = "reader broken"


@dataclass(frozen=True, slots=True)
class Started:
    """The reader process has loaded its libraries; what goes wrong from here on is the file's doing."""

    network: Network = Network.CALLS

    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Opened:
    """The document could be opened; its pages follow."""

    page_count: int
    title: str = ""
    outline: tuple[str, ...] = ()
    has_script: bool = False
    has_attachment: bool = False
    structure_complete: bool = True
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page is done."""

    page: PageReading
    kind: Literal["page"] = "page"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The file cannot be read; ``found`` is the offending amount where there is one."""

    reason: Rejection
    found: int = 0
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Finished:
    """Every page was reported."""

    kind: Literal["finished"] = "finished"


Message = Started | Opened | PageRead | Rejected | Finished
