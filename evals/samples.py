"""Questions from a folder of PDFs with a ``questions.jsonl``: the sample corpus, or a firm's own labels.

One JSON object a line: ``id``, ``question``, ``contracts`` (names of the files asked, empty for all),
``contract`` and ``quote`` (the file and the verbatim words that answer it, null when nothing says so), and where
several passages answer it ``also``, a list of objects with ``contract`` and ``quote``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import InvalidSettings
from evals.question_lines import check_question, read_question_lines
from evals.questions import LabelledQuestion, QuestionSet, Quoted
from ingest.collect_files import collect_files

QUESTIONS_FILE = "questions.jsonl"


def read_samples(folder: Path) -> QuestionSet:
    """Every question of ``folder``; its category is the file that answers it, or ``silent``.

    Raises:
        InvalidSettings: the file cannot be read, or a line is not a question about files of the folder.
    """
    source = folder / QUESTIONS_FILE
    files = collect_files([folder])
    names = {file.name for file in files}
    if len(names) < len(files):
        raise InvalidSettings(str(folder), "holds two files of the same name.", "Rename one of them.")
    questions = read_question_lines(source, lambda fields: _question(fields, names), "labelled question")
    return QuestionSet(folder.name, files, questions)


def _question(fields: Mapping[str, Any], names: set[str]) -> LabelledQuestion:
    scope = tuple(str(name) for name in fields["contracts"])
    contract, quote = fields["contract"], fields["quote"]
    if (contract is None) != (quote is None):
        raise ValueError("contract and quote must both be given or both be null")
    also = tuple(Quoted(str(one["contract"]), str(one["quote"])) for one in fields.get("also", ()))
    if also and contract is None:
        raise ValueError("also is given and contract is null")
    check_question(fields, (*scope, *([contract] if contract else []), *(one.file for one in also)), names)
    return LabelledQuestion(
        str(fields["id"]),
        str(fields["question"]),
        contract or "silent",
        scope,
        contract or "",
        (str(quote),) if quote is not None else (),
        also=also,
    )
