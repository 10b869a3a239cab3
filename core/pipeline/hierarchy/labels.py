"""Numbers of sections, in a question and in headings: which chunks lie in "Section 12.3(b)" or "Schedule 2"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.records import Chunk

ATTACHMENTS: Final = r"schedules?|exhibits?|annex(?:es)?|appendi(?:x|ces)|attachments?"
_CLAUSES: Final = r"(?:sub-?)?sections?|(?:sub-?)?clauses?|articles?|paragraphs?|paras?"
KINDS: Final = rf"(?:{_CLAUSES}|{ATTACHMENTS})"
LABEL: Final = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\([a-zA-Z0-9]{1,5}\))*|(?-i:[IVXLC]{1,6}|[A-Z](?:-?\d{1,2})?))(?!\w)"
)
_HEADING: Final = re.compile(
    rf"(?:(?P<kind>{KINDS}|part)\s+)?(?:no\.?\s*)?(?P<label>{LABEL}|\([a-zA-Z0-9]{{1,5}}\))(?=[.):]?(?:\s|$|[-\u2013\u2014]))",
    re.IGNORECASE,
)
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Label:
    """A section by its number, such as ``12.3(b)``; ``attachment`` is the number of a schedule or the like."""

    number: str = ""
    attachment: str = ""

    def __str__(self) -> str:
        number = f"section {self.number}" if self.number else ""
        return " of ".join(part for part in (number, self.attachment) if part)


def read_label(kind: str, label: str, outer: str = "", whose: str = "") -> Label | None:
    """What "Section" and "12.3 (B)" name together, or "paragraph", "4.2", "Schedule" and "6".

    None for a letter that names no section, as in "section A".
    """
    if re.fullmatch(ATTACHMENTS, kind, re.IGNORECASE):
        return Label(attachment=f"{_stem(kind)} {_canonical(label)}")
    number = _canonical(label)
    within = f"{_stem(outer)} {_canonical(whose)}" if outer else ""
    return Label(number, within) if within or number[:1].isdigit() else None


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
        if re.fullmatch(ATTACHMENTS, kind, re.IGNORECASE):
            attachment, number = f"{_stem(kind)} {_canonical(label)}", ""
        else:
            number = number + _canonical(label) if label.startswith("(") else _canonical(label)
    return Label(number, attachment)


def _lies_in(number: str, wanted: str) -> bool:
    return number == wanted or (number.startswith(wanted) and number[len(wanted)] in ".(")


def _begins_line(number: str, text: str) -> bool:
    # An item (b) begins its line without the number of its section.
    line = rf"(?m)^\W*(?:{_CLAUSES}|part)?\s*{re.escape(number)}(?![\d.]*\d)"
    return "(" not in number and re.search(line, text, re.IGNORECASE) is not None


def _stem(kind: str) -> str:
    lowered = kind.lower()
    return next(
        one for one in ("schedule", "exhibit", "annex", "appendi", "attachment") if lowered.startswith(one)
    )


def _canonical(label: str) -> str:
    """``4.2 (B)`` as ``4.2(b)``, ``IX`` as ``9``: Article IX is the parent of 9.1."""
    plain = re.sub(r"\s", "", label)
    head = re.match(r"[IVXLC]+(?=$|\.)", plain)
    if head:
        plain = f"{_roman(head.group())}{plain[head.end() :]}"
    return re.sub(r"\([^()]*\)", lambda item: item.group().lower(), plain)


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-one if one < after else one for one, after in zip(values, following, strict=True))
