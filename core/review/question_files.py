"""Question sets as TOML: the ones that come with Proviso, and those that are imported or exported."""

import json
import tomllib
from functools import cache
from importlib.resources import files

from core.redact import printable_line
from core.review.records import InvalidQuestionSet, QuestionSet, ReviewQuestion

FOLDER = "question_sets"
LARGEST_FILE = 200_000
_SHAPE = "A question set is a file with name, description and [[questions]], each with label and text."


@cache
def shipped_sets() -> tuple[QuestionSet, ...]:
    """The question sets written for Proviso, in the order of their names."""
    folder = files(__package__).joinpath(FOLDER)
    texts = [entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted((read_toml(text) for text in texts), key=lambda one: one.name.casefold()))


def read_toml(content: bytes) -> QuestionSet:
    """The question set that a TOML file describes.

    Raises:
        InvalidQuestionSet: it is no TOML, too large, or not as described in the message; a value that does not
            fit is named.
    """
    if len(content) > LARGEST_FILE:
        raise _no_set(f"is larger than {LARGEST_FILE:,} bytes.")
    try:
        read = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _no_set(f"is not valid TOML ({error}).") from None
    unknown = sorted(set(read) - {"name", "description", "questions"})
    if unknown:
        raise _no_set(f"holds an unknown key: {unknown[0]!r}.")
    questions = read.get("questions", [])
    if not isinstance(questions, list):
        raise _no_set(f"has questions that are no list: {questions!r:.80}.")
    return QuestionSet(
        _text(read, "name", "The file"),
        _text(read, "description", "The file", missing=""),
        tuple(_question(number, one) for number, one in enumerate(questions, start=1)),
    )


def as_toml(question_set: QuestionSet) -> str:
    """The question set as a TOML file that ``read_toml`` reads back as the same set."""
    parts = [f"name = {_quoted(question_set.name)}\ndescription = {_quoted(question_set.description)}\n"]
    parts += [
        f"[[questions]]\nlabel = {_quoted(question.label)}\ntext = {_quoted(question.text)}\n"
        for question in question_set.questions
    ]
    return "\n".join(parts)


def cleaned(text: str) -> str:
    """A value of a set as it is kept: one line, nothing in it that cannot be seen."""
    return printable_line(text)


def _question(number: int, read: object) -> ReviewQuestion:
    if not isinstance(read, dict):
        raise _no_set(f"has a question {number} that is no table: {read!r:.80}.")
    unknown = sorted(set(read) - {"label", "text"})
    if unknown:
        raise _no_set(f"holds an unknown key in question {number}: {unknown[0]!r}.")
    return ReviewQuestion(
        _text(read, "label", f"Question {number}"), _text(read, "text", f"Question {number}")
    )


def _text(read: dict[str, object], key: str, where: str, missing: str | None = None) -> str:
    value = read.get(key, missing)
    if value is None:
        raise _no_set(f"lacks a {key}: {where.lower()} has none.")
    if not isinstance(value, str):
        raise _no_set(f"has a {key} that is no text: {value!r:.80}.")
    return cleaned(value)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's as well; what a set may hold is printable, so DEL is not among it.
    return json.dumps(text, ensure_ascii=False)


def _no_set(reason: str) -> InvalidQuestionSet:
    return InvalidQuestionSet("This file", reason, _SHAPE)
