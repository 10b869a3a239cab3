"""What a contract plainly says about itself: title, type, parties, date and governing law."""

import re

from core.contract_types import find_type
from core.records import ContractText, Profile
from ingest.clauses.contents import find_contents
from ingest.clauses.lines import plain_signs, read_lines
from ingest.profile.contract_date import find_date
from ingest.profile.contract_title import find_title
from ingest.profile.governing_law import find_governing_law
from ingest.profile.parties import find_parties

_OPENING = 12_000
_PARTIES_NAMED = 3
_NAME_WORDS = 5
_NO_NAME = re.compile(r"\.(?:docx?|pdf|rtf)$|untitled|microsoft word", re.IGNORECASE)


def describe(contract: ContractText) -> Profile:
    """Title, type, parties, date (YYYY-MM-DD) and governing law of ``contract``, as far as it states them plainly.

    A field that was not found is empty, except the title: it falls back to the document's own title and then
    to the file name without its ending.
    """
    text = plain_signs(contract.text)
    # Twice more than the opening, because a table of contents is left out of it.
    lines = read_lines(text[: 3 * _OPENING])
    listed = {index for first, end in find_contents(lines) for index in range(first, end)}
    kept = [line.text for index, line in enumerate(lines) if index not in listed]
    opening = " ".join(" ".join(kept).split())[:_OPENING]
    title = find_title(kept, opening) or _fallback_title(contract)
    return Profile(
        title=title,
        parties=find_parties(opening),
        date=find_date(opening),
        governing_law=find_governing_law(text),
        contract_type=find_type(title),
    )


def situating_title(profile: Profile) -> str:
    """What the models read of a contract before each of its passages: ``Title (Party; Party)``.

    At most three parties are named, each by its first five words: passages rarely name their contract, and
    questions about a whole library do.
    """
    names = [" ".join(name.split()[:_NAME_WORDS]).rstrip(",.") for name in profile.parties[:_PARTIES_NAMED]]
    return f"{profile.title} ({'; '.join(names)})" if names else profile.title


def _fallback_title(contract: ContractText) -> str:
    stated = " ".join(contract.document_title.split())
    if len(stated) > 5 and " " in stated and not _NO_NAME.search(stated):
        return stated
    name = re.sub(
        r"\.pdf$", "", contract.file_name.replace("\\", "/").rsplit("/", 1)[-1], flags=re.IGNORECASE
    )
    return " ".join(name.replace("_", " ").split()) or "Untitled contract"
