"""Clause retrieval with graded ratings: ACORD's training queries, and ratings made for this project."""

import csv
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from training.records import Example, Passage

STARS, RATED = "acord", "rated"
OWNER = "acord"


def clause_passages(folder: Path) -> dict[str, Passage]:
    """ACORD's clauses as passages without a context line."""
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        return {one["_id"]: Passage(one["_id"], OWNER, "", one["text"]) for one in map(json.loads, lines)}


def star_examples(folder: Path, paraphrases: Path) -> Iterator[Example]:
    """An example for each training query; clauses with no star are its negatives, in the order of the file."""
    written = tomllib.loads(paraphrases.read_text(encoding="utf-8"))
    for query, stars in read_stars(folder / "qrels" / "train.tsv").items():
        yield Example(
            source=STARS,
            wordings=(query, query, query, *written[query]["paraphrases"]),
            grades={clause: star for clause, star in stars.items() if star},
            negatives=tuple(clause for clause, star in stars.items() if not star),
        )


def rated_examples(source: Path) -> Iterator[Example]:
    """An example for each query that was written and rated for this project."""
    with source.open(encoding="utf-8") as lines:
        for fields in map(json.loads, lines):
            ratings: Mapping[str, int] = fields["ratings"]
            yield Example(
                source=RATED,
                wordings=(fields["query"], fields["query"], *fields["paraphrases"]),
                grades={clause: grade for clause, grade in ratings.items() if grade},
                negatives=tuple(clause for clause, grade in ratings.items() if not grade),
            )


def read_stars(path: Path) -> dict[str, dict[str, int]]:
    """For each query the grade (0-4) of every clause that was judged for it."""
    stars: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            stars[row["query-id"]][row["corpus-id"]] = int(row["score"])
    return dict(stars)
