"""The parties of a contract, from the sentence or list that names them."""

import re

from ingest.clauses.lines import sentence_starts

_MOST_PARTIES = 12
_WINDOW = 3_000
_LONGEST_NAME = 90
_MOST_WORDS = 12
_LONGEST_SEGMENT = 450
_MOST_PLACES = 40
_OPENING = re.compile(
    r"\bby\s+and\s+(?:between|among(?:st)?)\b"
    r"|\b(?:between|among(?:st)?)\b\s*:?(?=\s*(?:\(|[A-Z0-9\"“]|the\s+[A-Z]|[a-z ]{0,30},\s[A-Z]))"
    r"|\bBETWEEN\b\s*:?|\bPARTIES\s*:?(?=\s*\(?1[.)])",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\b(?:WHEREAS|W\s?I\s?T\s?N\s?E\s?S\s?S\s?E\s?T\s?H|RECITALS?|BACKGROUND|NOW,?\s+THEREFORE|AGREED\s+TERMS"
    r"|PREAMBLE|[Ww]hereas|[Rr]ecitals|[Ww]itnesseth|TABLE OF CONTENTS)\b"
)
# A bracket with a defined term, such as (the “Supplier”) or (hereinafter called "Buyer"), closes a party.
_DEFINED = re.compile(
    r"\((?:[^()]|\([^()]{0,200}\)){0,300}?[\"“‘'”][^()]{0,300}\)"
    r"|\(hereinafter[^()]{0,200}\)|\((?:the\s+)?[A-Z][a-z]+\)"
)
_DESCRIPTION = re.compile(
    r",?\s+(?:an?|the)\s+(?:[\w’'.\-]+\s+){0,6}?"
    r"(?:corporation|company|partnership|association|trust|bank|individual|organi[sz]ation|entity|institution"
    r"|subsidiary|division|society|body|university|limited|person|resident|citizen|LLC|cooperative|foundation"
    r"|municipality|agency|joint)\b"
    r"|,?\s+(?:organi[sz]ed|incorporated|established|existing|formed|registered|domiciled)\s+(?:and\s+\w+\s+)?"
    r"(?:under|in|on|with|pursuant)\b"
    r"|,?\s+(?:having|with|whose|located|residing|acting|maintaining|duly|collectively|individually|hereinafter"
    r"|hereafter|herein|on\s+behalf|as\s+(?:the|an?|well|of)|which|who|and\s+its|its|together|for\s+itself"
    r"|including|effective|dated|at\s+\d|of\s+\d|doing\s+business|[adfn]/[bk]/a|formerly|trading\s+as|through"
    r"|represented|in\s+(?:his|her|its)|for\s+the)\b|,?\s+(?:is|are)\s"
    r"|,\s+(?:an?|division|subsidiary|the|of|as|by|at|in|company|registered|whereas|PRC)\b|,\s+\d|,\s*$"
    r"|[;:]|\s\(|[\[(\"“]|\s_|\s[-–]\s"
)
_LEAD = re.compile(
    r"^(?:[\s,;:.)\-–—]|\(\s?[\divxa-z]{1,3}\s?\)|\d{1,2}[.)]"
    r"|(?:and|AND|And|the\s+parties|between|BETWEEN|among|by|each\s+of|both|on\s+the\s+(?:one|other)\s+hand"
    r"|of\s+the\s+(?:one|first|second|third|other)\s+part)\b)+"
)
_NOT_NAME = re.compile(
    r"(?i:\b(?:agree(?:s|d|ments?)?|parties|party|hereto|hereby|undersigned|following|contract|exhibit|schedule"
    r"|section|whereas|shall|will|each|persons?|as\s+of|dated|date|package|suite|floor|street|avenue|page|witness"
    r"|witnesseth|the\s+(?:corporation|company)$)\b)"
    r"|^(?:[A-Z][\w.]+\s){0,3}"
    r"(?:corporation|limited\s+liability\s+company|limited\s+partnership|statutory\s+trust|company)$"
    r"|^(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\d{3}|\bon\s+the\b|^(?i:company|bank)$",
)
_JOINT = re.compile(r"(?:,|;|\.|\))?\s+(?:and|AND|And|&)\s*:?\s+(?=[A-Z0-9])|;\s*(?:and\s+)?(?=[A-Z(])")
_FORM = re.compile(
    r"\b(?:[Ii][Nn][Cc]|[Ii]ncorporated|INCORPORATED|[Cc][Oo][Rr][Pp]|[Cc]orporation|CORPORATION|[Ll][Tt][Dd]"
    r"|[Ll]imited|LIMITED|L\.?L\.?C|L\.?L\.?P|PLC|plc|GmbH|GMBH|S\.A|N\.V|B\.V|AG)\b\.?"
)
_LETTERED = re.compile(r"\bParty\s+([A-E])\s*(?:\([^()]{0,60}\))?\s*:\s*([^:;(]{3,90})")
# Between a defined term and the next party: "and", a comma or a number.
_NEXT = re.compile(
    r"^[\s,;.:\-–—]*(?:(?:and|AND|And|&)\b|\(?\d{1,2}[.)]|\([a-zivx]{1,3}\))|^\s*[,;]\s*(?=[A-Z])"
)
_JOINED = re.compile(r"\s(?:and|AND)\s")
_SMALL = frozenset("a of and for the in on at de du la y des von van der et und sp z o.o a.s. f s".split())


def find_parties(opening: str) -> tuple[str, ...]:
    """The full names of the parties in ``opening``, a contract's first pages with single spaces; () if unclear.

    Only names that stand where a contract introduces its parties count, so the result is empty rather than
    wrong for letters and other texts without such a place.
    """
    lettered = dict(reversed(_LETTERED.findall(opening)))
    if len(lettered) > 1 and all(_name(words) for words in lettered.values()):
        return tuple(_name(lettered[letter]) for letter in sorted(lettered))
    places = [match.end() for match in _OPENING.finditer(opening)][:_MOST_PLACES]
    for read in (_defined_names, _two_names):
        for place in places:
            window = opening[place : place + _WINDOW]
            closing = _CLOSING.search(window, 3)
            names = tuple(dict.fromkeys(read(window[: closing.start()] if closing else window)))
            if len(names) > 1:
                return names[:_MOST_PARTIES]
    return ()


def _defined_names(window: str) -> list[str]:
    """The names before brackets with defined terms: X, a company (the "Seller"), and Y (the "Buyer")."""
    names: list[str] = []
    start = 0
    for defined in _DEFINED.finditer(window):
        segment = window[start : defined.start()]
        start = defined.end()
        if len(segment) > _LONGEST_SEGMENT or sentence_starts(segment, 0, len(segment)):
            break
        name = _name(segment if not names else _after_description(segment))
        if name:
            names.append(name)
        elif not names:
            break
    return names


def _after_description(segment: str) -> str:
    """What follows the joint between two parties; "" when the bracket belongs to the party named before it."""
    if _NEXT.match(segment):
        return segment
    joints = list(_JOINT.finditer(segment))
    strong = [joint for joint in joints if joint.group()[0] in ",;"] or joints
    return segment[strong[-1].end() :] if strong else ""


def _two_names(window: str) -> list[str]:
    """X and Y, without defined terms: parted at the "and" after a company's form, else at the only one."""
    words = window[: next(iter(sentence_starts(window, 0, len(window))), _LONGEST_SEGMENT)]
    joints = [joint for joint in _JOINT.finditer(words) if _name(words[: joint.start()])]
    formed = [joint for joint in joints if _FORM.search(words[: joint.start()])]
    joint = formed[0] if formed else joints[0] if len(joints) == 1 else None
    names = [_name(words[: joint.start()]), _name(words[joint.end() :])] if joint else []
    return names if all(names) else []


def _joined(name: str, form_end: int) -> bool:
    """True for two names in one, as on a title page: X and Y Inc., X LLC & Y."""
    return bool(_JOINED.search(name)) or "&" in name[form_end:]


def _name(segment: str) -> str:
    words = _LEAD.sub("", segment.strip())
    if words[:1].islower():
        # "professional golfer, TOM WATSON"
        words = re.sub(r"^[a-z][^A-Z]{0,60}", "", words)
    description = _DESCRIPTION.search(words)
    name = " ".join((words[: description.start()] if description else words).split()).strip(' ,;:-–—"“”')
    form = _FORM.search(name)
    if (
        form
        and re.match(r"\s+(?!of\b|and\b|&|\()[A-Za-z0-9]", name[form.end() :])
        and not _FORM.match(name, form.end() + 1)
    ):
        name = name[: form.end()]
    name = re.sub(r"\s+of$", "", name)
    if any(
        word[0].islower() and word.strip(",.") not in _SMALL and not _FORM.match(word)
        for word in name.split()
    ) or (form and _joined(name, form.end())):
        return ""
    many = len(name.split()) > 1 or name.isupper() or bool(_FORM.search(name))
    if (
        not many
        or not 2 < len(name) <= _LONGEST_NAME
        or len(name.split()) > _MOST_WORDS
        or _NOT_NAME.search(name)
    ):
        return ""
    if not (name[0].isupper() or name[0].isdigit()) or sum(character.isalpha() for character in name) < 3:
        return ""
    return name
