"""Labels of clauses, as references and headings write them, in one form."""

import re

LABEL = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\([a-zA-Z0-9]{1,5}\))*|[A-Z]-\d{1,2}|[IVXLC]{1,6}(?:\.\d{1,3})*"
    r"|[A-Z](?:-?\d{1,2})?(?:\s?\([a-zA-Z0-9]{1,5}\))*)(?![\w])"
)
ATTACHED = ("schedule", "exhibit", "annex", "appendi", "attachment")
ATTACHMENT = r"schedules?|exhibits?|annex(?:es)?|appendi(?:x|ces)|attachments?"
KIND = rf"(?:sub)?sections?|(?:sub)?clauses?|articles?|paragraphs?|items?|parts?|{ATTACHMENT}"
LABELS = rf"{LABEL}(?:(?:\s{{0,3}},\s{{0,3}}|[\s,]{{1,5}}(?:and|or|through|to)\s{{1,3}}){LABEL})*"
REFERENCE = rf"(?P<kind>\b(?i:{KIND})\s+|\u00a7{{1,2}}\s?)(?P<labels>{LABELS})"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def stem(kind: str) -> str:
    """``Schedules`` and ``schedule`` as one word; a kind that is no attachment as it is."""
    return next((one for one in ATTACHED if kind.lower().startswith(one)), kind.lower())


def canonical(label: str) -> str:
    """``4.2 (B)`` as ``4.2(b)``; roman numerals as numbers, so that Article IX is the parent of 9.1."""
    plain = re.sub(r"\s", "", label)
    head = re.match(r"[IVXLC]+(?=$|\.)", plain)
    if head:
        plain = f"{_roman(head.group())}{plain[head.end() :]}"
    return re.sub(r"\([^()]*\)", lambda item: item.group().lower(), plain)


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
