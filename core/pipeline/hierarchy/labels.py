"""Numbers of sections, in a question and in headings: which chunks lie in "Section 12.3(b)" or "Schedule 2"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.clause_labels import ATTACHMENT, canonical, stem
from core.records import Chunk

_CLAUSES: Final = r"(?:sub-?)?sections?|(?:sub-?)?clauses?|articles?|paragraphs?|paras?"
KINDS: Final = rf"(?:{_CLAUSES}|{ATTACHMENT})"
LABEL: Final = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\([a-zA-Z0-9]{1,5}\))*|(?-i:[IVXLC]{1,6}|[A-Z](?:-?\d{1,2})?))(?!\w)"
)
_HEADING: Final = re.compile(
    rf"(?:(?P<kind>{KINDS}|part)\s+)?(?:no\.?\s*)?(?P<label>{LABEL}|\([a-zA-Z0-9]{{1,5}}\))(?=[.):]?(?:\s|$|[-\u2013\u2014]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """A section by its number, such as ``12.3(b)``; ``attachment`` is the number of a schedule or the like, and
    ``called`` what a reader calls that.
    """

    number: str = ""
    attachment: str = ""
    called: str = field(default="", compare=False)

    def __str__(self) -> str:
        number = f"section {self.number}" if self.number else ""
        return " of ".join(part for part in (number, self.called or self.attachment) if part)


def read_label(kind: str, label: str, outer: str = "", whose: str = "") -> Label | None:
    """What "Section" and "12.3 (B)" name together, or "paragraph", "4.2", "Schedule" and "6".

    None for a letter that names no section, as in "section A".
    """
    if re.fullmatch(ATTACHMENT, kind, re.IGNORECASE):
        return Label("", *_attachment(kind, label))
    number = canonical(label)
    if outer:
        return Label(number, *_attachment(outer, whose))
    return Label(number) if number[:1].isdigit() else None


def _attachment(kind: str, label: str) -> tuple[str, str]:
    """The key of an attachment and what it is called: a letter is compared as a roman numeral, and shown as it is."""
    key = stem(kind)
    return f"{key} {canonical(label)}", f"{'appendix' if key == 'appendi' else key} {label}"


def chunks_in(label: Label, chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """The chunks of a contract that lie in the section of this number, in reading order.

    Where its number stands in no heading, those are taken whose text has a line that begins with it. An item such as
    (b) that cannot be told apart gives the section that holds it.
    """
    lying = [chunk for chunk in chunks if _place(chunk).attachment == label.attachment]
    if label.attachment and not lying and "-" in label.attachment:
        # Part A-3 of Exhibit A.
        outer, part = label.attachment.rsplit("-", 1)
        return chunks_in(Label(f"{outer[-1]}-{part}", outer), chunks)
    if not label.number:
        return tuple(lying)
    wanted = label.number
    while wanted:
        headed = tuple(chunk for chunk in lying if _lies_in(_place(chunk).number, wanted))
        numbered = headed or tuple(chunk for chunk in lying if _begins_line(wanted, chunk.text))
        if numbered:
            return numbered
        wanted = re.sub(r"\([^()]*\)$", "", wanted) if wanted.endswith(")") else ""
    return tuple(lying) if label.attachment else ()


def _place(chunk: Chunk) -> Label:
    attachment, number = "", ""
    for heading in chunk.heading_path:
        match = _HEADING.match(heading)
        if match is None:
            continue
        kind, label = match["kind"] or "", match["label"]
        if re.fullmatch(ATTACHMENT, kind, re.IGNORECASE):
            attachment, number = f"{stem(kind)} {canonical(label)}", ""
        else:
            number = number + canonical(label) if label.startswith("(") else canonical(label)
    return Label(number, attachment)


def _lies_in(number: str, wanted: str) -> bool:
    return number == wanted or (number.startswith(wanted) and number[len(wanted)] in ".(")


def _begins_line(number: str, text: str) -> bool:
    # An item (b) begins its line without the number of its section.
    line = rf"(?m)^\W*(?:{_CLAUSES}|part)?\s*{re.escape(number)}(?![\d.]*\d)"
    return "(" not in number and re.search(line, text, re.IGNORECASE) is not None
