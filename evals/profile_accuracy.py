"""How often the profile of a contract is right: python -m evals.profile_accuracy --data <CUAD folder>.

The folder holds ``pdf/`` and ``master_clauses.csv``, as for ``evals.cuad``. A field counts as right when it
agrees with the annotation; nothing given is never wrong, it only lowers the share found.
"""

import argparse
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.records import Profile
from evals.cuad import ANNOTATIONS_FILE
from evals.questions import same_name
from ingest.collect_files import collect_files
from ingest.describe import describe
from ingest.read_contract import ReadLimits, read_contract

_DATE = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{2,4})\s*")


@dataclass(slots=True)
class Tally:
    """Over contracts: how many the annotators answered, how many answers were given, how many were right."""

    annotated: int = 0
    given: int = 0
    right: int = 0

    def count(self, annotated: bool, given: bool, right: bool) -> None:
        """Add one contract."""
        self.annotated += annotated
        self.given += given
        self.right += given and right


def main() -> None:
    """Print precision and recall of each field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    tallies = {name: Tally() for name in ("title", "parties", "date", "governing law")}
    for profile, row in _read(parser.parse_args().data):
        _judge(profile, row, tallies)
    print(f"{'field':15}{'given':>7}{'right':>7}{'precision':>11}{'recall':>8}")
    for name, tally in tallies.items():
        precision, recall = tally.right / max(1, tally.given), tally.right / max(1, tally.annotated)
        print(f"{name:15}{tally.given:7}{tally.right:7}{precision:11.3f}{recall:8.3f}")


def _read(folder: Path) -> Iterator[tuple[Profile, Mapping[str, str]]]:
    with (folder / ANNOTATIONS_FILE).open(encoding="utf-8", newline="") as source:
        rows = {same_name(row["Filename"]): row for row in csv.DictReader(source)}
    for file in collect_files([folder / "pdf"]):
        if row := rows.get(same_name(file.name)):
            yield describe(read_contract(file.read_bytes(), file.name, ReadLimits(), ocr=False)), row


def _judge(profile: Profile, row: Mapping[str, str], tallies: Mapping[str, Tally]) -> None:
    title, parties = _bare(row["Document Name-Answer"]), _bare(row["Parties-Answer"])
    said = _bare(profile.title)
    tallies["title"].count(bool(title), True, bool(title) and (title in said or said in title))
    named = all(_bare(name) in parties for name in profile.parties)
    tallies["parties"].count(bool(parties), bool(profile.parties), named)
    date = _iso(row["Agreement Date-Answer"])
    tallies["date"].count(bool(date), bool(profile.date), profile.date == date)
    places = [_bare(place) for place in re.split(r"[;,]", row["Governing Law-Answer"]) if _bare(place)]
    law = _bare(profile.governing_law)
    tallies["governing law"].count(
        bool(places), bool(law), any(law in place or place in law for place in places)
    )


def _bare(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.casefold())


def _iso(answer: str) -> str:
    match = _DATE.fullmatch(answer)
    if match is None:
        return ""
    month, day, year = (int(part) for part in match.groups())
    # The annotations write most years with two digits; the oldest contract is of the 1980s.
    century = 0 if year > 99 else 2000 if year < 50 else 1900
    return f"{century + year:04d}-{month:02d}-{day:02d}"


if __name__ == "__main__":
    main()
