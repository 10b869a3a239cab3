"""The little HTML that the pages write themselves. Whatever comes from outside is escaped here."""

import re
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from core.page_words import pages
from core.passage_notes import PassageNotes, ReferenceNote, TermNote, by_words, word_pattern
from core.records import Chunk
from core.redact import printable
from core.reflow import reflowed
from core.storage.tokens import tokenize

_WORD = re.compile(r"[^\W_]+(?:[-'\u2018\u2019\u2010\u2011][^\W_]+)*")
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
_UNSAFE_IN_NAME = re.compile(r"[^\w.,()\[\] -]+")
LONGEST_NAME = 120


def safe(text: object) -> str:
    """Any text as HTML that shows exactly it, without control characters and direction marks."""
    return escape(printable(str(text)))


def one_line(text: str, limit: int = 160) -> str:
    """The beginning of a text on one line, not escaped yet."""
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}\u2026"


def label(text: str, limit: int = 90) -> str:
    """Text for a widget label, which is markdown: every character that could mean something is escaped."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, limit))


def file_name(name: str, fallback: str = "contract.pdf") -> str:
    """A file name that is safe to offer for a download: no path, no control characters, not too long."""
    last = re.split(r"[/\\]", printable(name).replace("\n", " "))[-1]
    cleaned = _UNSAFE_IN_NAME.sub("_", last).strip(" ._")[-LONGEST_NAME:]
    return cleaned or fallback


def marked(text: str, question: str, notes: PassageNotes | None = None) -> str:
    """A passage as HTML: the words that the keyword index matches with the question marked, and, with ``notes``,
    the first use of each defined term with its definition on hover, and references as links.
    """
    text = reflowed(text)
    stems = frozenset(tokenize(question))
    known = dict(by_words(notes)) if notes else {}
    pattern = word_pattern(list(known))
    parts: list[str] = []
    end = 0
    for words in pattern.finditer(text) if pattern else ():
        note = known.pop(" ".join(words.group().split()), None)
        if note is not None:
            inner = _with_marks(words.group(), stems)
            parts += [_with_marks(text[end : words.start()], stems), _noted(inner, note)]
            end = words.end()
    return "".join([*parts, _with_marks(text[end:], stems)])


def _with_marks(text: str, stems: frozenset[str]) -> str:
    parts: list[str] = []
    end = 0
    for word in _WORD.finditer(text):
        if _stems(word.group()) & stems:
            parts += [safe(text[end : word.start()]), f"<mark>{safe(word.group())}</mark>"]
            end = word.end()
    return "".join([*parts, safe(text[end:])])


def _noted(inner: str, note: TermNote | ReferenceNote) -> str:
    if isinstance(note, TermNote):
        place = f" ({note.place})" if note.place else ""
        return f'<span class="term" tabindex="0" data-note="{safe(note.definition + place)}">{inner}</span>'
    chunk = note.chunk
    where = f"{chunk.heading or one_line(chunk.text, 80)}, {pages(chunk.page_start, chunk.page_end)}"
    link = safe(page_link(chunk))
    return f'<a class="reference" href="{link}" target="_blank" title="{safe(where)}">{inner}</a>'


@lru_cache(maxsize=20_000)
def _stems(word: str) -> frozenset[str]:
    return frozenset(tokenize(word))


def page_link(chunk: Chunk) -> str:
    """Address of the page on which a passage begins, relative to any page of the app; not escaped yet."""
    return page_address(chunk.contract_id, chunk.page_start, chunk.chunk_id)


def page_address(contract_id: str, page: int, chunk_id: str) -> str:
    """Address of a page with a passage on it, relative to any page of the app; not escaped yet."""
    return f"Page_view?{urlencode({'contract': contract_id, 'page': page, 'chunk': chunk_id})}"


def bar(share: float, description: str, kind: str = "") -> str:
    """A horizontal bar from 0 to 1 with its meaning for screen readers."""
    width = 100 * min(1.0, max(0.0, share))
    return (
        f'<span class="bar {kind}" role="img" aria-label="{safe(description)}">'
        f'<span style="width:{width:.1f}%"></span></span>'
    )
