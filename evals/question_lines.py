"""Labelled questions from a file of JSON objects, one a line."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import InvalidSettings
from evals.questions import LabelledQuestion


def read_question_lines(
    source: Path, read: Callable[[Mapping[str, Any]], LabelledQuestion], what: str
) -> tuple[LabelledQuestion, ...]:
    """The questions of ``source``; blank lines are none.

    Args:
        source: the file.
        read: one object; raises ValueError, KeyError or TypeError where it is no such question.
        what: a line should be, such as ``labelled question``.

    Raises:
        InvalidSettings: the file cannot be read, or a line is no such question.
    """
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(str(source), f"cannot be read ({type(error).__name__}).", "Check it.") from None
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                questions.append(read(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                problem = f"is no {what} ({error})."
                raise InvalidSettings(f"{source}, line {number}", problem, "Correct it.") from None
    return tuple(questions)


def check_question(fields: Mapping[str, Any], files: Iterable[str], names: Collection[str]) -> None:
    """Raise ValueError where a file that is named is not in the folder, or the question says nothing."""
    unknown = sorted(set(files) - set(names))
    if unknown:
        raise ValueError(f"no such file: {', '.join(unknown)}")
    if not str(fields["question"]).strip():
        raise ValueError("the question is empty")
