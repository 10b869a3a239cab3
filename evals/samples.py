"""Questions from a folder of PDFs with a ``questions.jsonl``: the sample corpus, or a firm's own labels.

One JSON object a line: ``id``, ``question``, ``contracts`` (names of the files asked, empty for all),
``contract`` and ``quote`` (the file and the verbatim words that answer it, null when nothing says so), and where
several passages answer it ``also``, a list of objects with ``contract`` and ``quote``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import InvalidSettings
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
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(str(source), f"cannot be read ({type(error).__name__}).", "Check it.") from None
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                questions.append(_question(json.loads(line), names))
            except (ValueError, KeyError, TypeError) as error:
                problem = f"is no labelled question ({error})."
                raise InvalidSettings(f"{source}, line {number}", problem, "Correct it.") from None
    return QuestionSet(folder.name, files, tuple(questions))


def _question(fields: Mapping[str, Any], names: set[str]) -> LabelledQuestion:
    scope = tuple(str(name) for name in fields["contracts"])
    contract, quote = fields["contract"], fields["quote"]
    if (contract is None) != (quote is None):
        raise ValueError("contract and quote must both be given or both be null")
    also = tuple(Quoted(str(one["contract"]), str(one["quote"])) for one in fields.get("also", ()))
    if also and contract is None:
        raise ValueError("also is given and contract is null")
    unknown = sorted({*scope, *([contract] if contract else []), *(one.file for one in also)} - names)
    if unknown:
        raise ValueError(f"no such file: {', '.join(unknown)}")
    if not str(fields["question"]).strip():
        raise ValueError("the question is empty")
    return LabelledQuestion(
        str(fields["id"]),
        str(fields["question"]),
        contract or "silent",
        scope,
        contract or "",
        (str(quote),) if quote is not None else (),
        also=also,
    )
