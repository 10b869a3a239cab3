"""Queries with graded clauses from a folder of ACORD (Atticus Clause Retrieval Dataset, CC BY 4.0).

The folder holds ``corpus.jsonl`` (clauses), ``queries.jsonl``, and ``qrels/`` with a table for each part:
query, clause and grade, 0 to 4 for one to five stars. Every query is asked of the clauses judged for it alone.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import InvalidSettings
from evals.labels import Task
from evals.questions import LabelledQuestion

CORPUS_FILE, QUERIES_FILE, JUDGEMENTS = "corpus.jsonl", "queries.jsonl", "qrels"
HIGHEST_GRADE: Final = 4
# Four stars and more: what the harm report and the categories call a right clause.
RIGHT_GRADE: Final = 3
NOTES: Final = (
    "ACORD: each query ranks the clauses judged for it; BM25's document frequencies are those of all clauses.",
    "The reranker was trained on the queries of the part 'train', so their figures are in-sample.",
    "For movement and categories a clause is right from four stars on.",
)


@dataclass(frozen=True, slots=True)
class ClauseSet:
    """Clauses by id, and the tasks of every part: the scope of each is the clauses judged for its query."""

    name: str
    clauses: Mapping[str, str]
    tasks: tuple[Task, ...]
    notes: tuple[str, ...] = NOTES


def read_acord(folder: Path, part: str | None = None) -> ClauseSet:
    """The clauses and queries of ``folder``.

    Args:
        folder: as described above.
        part: the name of one table in ``qrels/`` without its ending; None takes all of them.

    Raises:
        InvalidSettings: a file cannot be read, names what is not there, or there is no such part.
    """
    clauses = {key: _text(fields) for key, fields in _records(folder / CORPUS_FILE)}
    queries = dict(_records(folder / QUERIES_FILE))
    tables = {table.stem: table for table in sorted((folder / JUDGEMENTS).glob("*.tsv"))}
    if part is not None and part not in tables:
        known = ", ".join(tables) or "nothing"
        raise InvalidSettings(f"{folder}, part {part!r}", "there is no such part.", f"There is {known}.")
    names = tuple(tables) if part is None else (part,)
    tasks = tuple(task for name in names for task in _tasks(name, tables[name], queries, clauses))
    if not tasks:
        raise InvalidSettings(str(folder / JUDGEMENTS), "holds no judgements.", "Give ACORD's own folder.")
    return ClauseSet(folder.name, clauses, tasks)


def _tasks(
    part: str, table: Path, queries: Mapping[str, Mapping[str, Any]], clauses: Mapping[str, str]
) -> Iterator[Task]:
    judged: dict[str, dict[str, int]] = {}
    for line, (query, clause, grade) in _judgements(table):
        if query not in queries or clause not in clauses:
            missing = query if query not in queries else clause
            raise InvalidSettings(
                f"{table}, line {line}", f"names {missing!r}, which is not there.", "Correct it."
            )
        judged.setdefault(query, {})[clause] = grade
    for query, grades in judged.items():
        worth = {clause: grade for clause, grade in grades.items() if grade > 0}
        if not worth:
            raise InvalidSettings(
                f"{table}, {query!r}", "no clause is worth anything.", "Leave the query out."
            )
        least = min(RIGHT_GRADE, max(worth.values()))
        right = frozenset(clause for clause, grade in worth.items() if grade >= least)
        fields = queries[query]
        category = str(dict(fields.get("metadata") or {}).get("category", ""))
        question = LabelledQuestion(query, _text(fields), category, tuple(sorted(grades)), section=part)
        yield Task(question, tuple(sorted(grades)), right, worth)


def _judgements(table: Path) -> Iterator[tuple[int, tuple[str, str, int]]]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            for row in rows:
                yield rows.line_num, _judgement(row)
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise InvalidSettings(str(table), f"is no table of judgements ({error}).", "Correct it.") from None


def _judgement(row: Mapping[str, str]) -> tuple[str, str, int]:
    grade = int(row["score"])
    if not 0 <= grade <= HIGHEST_GRADE:
        raise ValueError(f"a grade lies between 0 and {HIGHEST_GRADE}, not {grade}")
    return row["query-id"], row["corpus-id"], grade


def _records(source: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        with source.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(source, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(str(source), f"cannot be read ({type(error).__name__}).", "Check it.") from None


def _record(source: Path, number: int, line: str) -> tuple[str, Mapping[str, Any]]:
    try:
        fields = json.loads(line)
        if not str(fields["text"]).strip():
            raise ValueError("the text is empty")
        return str(fields["_id"]), fields
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSettings(f"{source}, line {number}", f"is no record ({error}).", "Correct it.") from None


def _text(fields: Mapping[str, Any]) -> str:
    return str(fields["text"])
