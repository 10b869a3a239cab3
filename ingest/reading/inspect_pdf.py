"""The structure of a PDF, read with pypdf before pdfium sees it: scripts, attachments, and content that
unpacks to more than any contract holds.

pdfium has no limits of its own: a page of 60 MB of operators costs it 1.2 GB, and nested forms grow without
end. So the drawing instructions of every page are weighed first, forms as often as they are drawn.
"""

import io
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from pypdf import PageObject, PdfReader
from pypdf.errors import LimitReachedError
from pypdf.filters import decode_stream_data
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

MAX_PAGE_BYTES: Final = 32 * 1024 * 1024
MAX_SECONDS: Final = 10.0
_MAX_FORM_DEPTH: Final = 50
_FORM_OVERHEAD: Final = 64
_MAX_ANNOTATIONS: Final = 10_000
_DRAWN_FORM: Final = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
_SCRIPT_ACTIONS: Final = frozenset({"/JavaScript", "/Launch"})


class ContentExplodes(Exception):
    """A page whose drawing instructions unpack beyond ``MAX_PAGE_BYTES``, or draw themselves."""


class _OutOfTime(BaseException):
    """Not an ``Exception``, so that no handler inside the parser can swallow it."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What the file holds besides its pages. ``complete`` is False when not all of it could be looked at."""

    has_script: bool = False
    has_attachment: bool = False
    complete: bool = True


def inspect_pdf(content: bytes, password: str | None, max_seconds: float = MAX_SECONDS) -> Structure:
    """Look at the structure of ``content``; nothing in it is run or unpacked to a file.

    Must be called in the main thread: the time limit is a signal.

    Raises:
        ContentExplodes: reading the text of a page would cost unbounded time and memory.
    """
    try:
        with _time_limit(max_seconds):
            return _inspect(content, password)
    except ContentExplodes:
        raise
    except (_OutOfTime, Exception):
        # A parser may raise anything on a hostile file; pdfium still gets its turn.
        return Structure(complete=False)


def _inspect(content: bytes, password: str | None) -> Structure:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        reader.decrypt(password or "")
    catalog = reader.root_object
    has_script = _runs_script(catalog)
    has_attachment = _holds_attachment(catalog)
    annotations_left = _MAX_ANNOTATIONS
    for page in reader.pages:
        _Weighing(MAX_PAGE_BYTES).weigh(page)
        has_script = has_script or "/AA" in page
        for annotation in _annotations(page)[:annotations_left]:
            annotations_left -= 1
            has_script = has_script or _is_script_action(annotation.get("/A")) or "/AA" in annotation
            has_attachment = has_attachment or annotation.get("/Subtype") == "/FileAttachment"
    return Structure(has_script, has_attachment)


@dataclass(slots=True)
class _Weighing:
    """Adds up the unpacked instructions of one page, forms once for every time they are drawn."""

    limit: int
    weights: dict[int, int] = field(default_factory=dict)

    def weigh(self, page: PageObject) -> None:
        """Raises ContentExplodes above the limit."""
        contents = _resolve(page.get("/Contents"))
        parts = [_resolve(part) for part in contents] if isinstance(contents, ArrayObject) else [contents]
        drawn = b"\n".join(self._unpack(part) for part in parts if isinstance(part, StreamObject))
        self._check(len(drawn) + self._forms(drawn, _resolve(page.get("/Resources")), depth=0))

    def _forms(self, drawn: bytes, resources: object, depth: int) -> int:
        objects = _resolve(resources.get("/XObject")) if isinstance(resources, DictionaryObject) else None
        if not isinstance(objects, DictionaryObject):
            return 0
        total = 0
        for name in _DRAWN_FORM.findall(drawn):
            form = _resolve(objects.get("/" + name.decode("latin-1")))
            if isinstance(form, StreamObject) and form.get("/Subtype") == "/Form":
                total += _FORM_OVERHEAD + self._weigh_form(form, resources, depth + 1)
                self._check(total)
        return total

    def _weigh_form(self, form: StreamObject, outer: object, depth: int) -> int:
        if depth > _MAX_FORM_DEPTH:
            raise ContentExplodes(f"Forms are nested deeper than {_MAX_FORM_DEPTH}.")
        known = self.weights.get(id(form))
        if known is None:
            drawn = self._unpack(form)
            known = len(drawn) + self._forms(drawn, _resolve(form.get("/Resources")) or outer, depth)
            self.weights[id(form)] = known
        return known

    def _unpack(self, stream: StreamObject) -> bytes:
        try:
            unpacked = decode_stream_data(stream) if "/Filter" in stream else stream.get_data()
        except LimitReachedError as error:
            raise ContentExplodes(str(error)) from error
        except Exception:  # a broken stream weighs nothing; pdfium will read what it can of it
            return b""
        self._check(len(unpacked))
        return unpacked

    def _check(self, weight: int) -> None:
        if weight > self.limit:
            raise ContentExplodes(f"A page unpacks to more than {self.limit:,} bytes.")


def _runs_script(catalog: DictionaryObject) -> bool:
    names = _resolve(catalog.get("/Names"))
    named = isinstance(names, DictionaryObject) and "/JavaScript" in names
    return named or "/AA" in catalog or _is_script_action(catalog.get("/OpenAction"))


def _holds_attachment(catalog: DictionaryObject) -> bool:
    names = _resolve(catalog.get("/Names"))
    return "/AF" in catalog or (isinstance(names, DictionaryObject) and "/EmbeddedFiles" in names)


def _is_script_action(action: object) -> bool:
    resolved = _resolve(action)
    return isinstance(resolved, DictionaryObject) and resolved.get("/S") in _SCRIPT_ACTIONS


def _annotations(page: PageObject) -> list[DictionaryObject]:
    listed = _resolve(page.get("/Annots"))
    resolved = (_resolve(entry) for entry in listed) if isinstance(listed, ArrayObject) else ()
    return [entry for entry in resolved if isinstance(entry, DictionaryObject)]


def _resolve(value: object) -> object:
    return value.get_object() if isinstance(value, PdfObject) else value


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _OutOfTime

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
