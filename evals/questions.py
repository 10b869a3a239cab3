"""Questions whose right passages are known, and samples of them."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Verbatim words of a file."""

    file: str
    words: str


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, what it is asked of, and the words that answer it.

    ``scope`` holds file names, none of them meaning the whole library. ``quotes`` are verbatim words of the
    file ``answer_file``; both are empty where the right answer is that nothing says so. ``section`` is the kind
    of question; each kind is measured by itself. ``also`` are words of other files that answer it as well, or
    ``together`` with the quotes: then all of them are needed, where otherwise any one is enough.
    """

    question_id: str
    question: str
    category: str
    scope: tuple[str, ...]
    answer_file: str = ""
    quotes: tuple[str, ...] = ()
    section: str = ""
    also: tuple[Quoted, ...] = ()
    together: bool = False

    @property
    def quoted(self) -> tuple[Quoted, ...]:
        """All words that answer it, with their files."""
        return (*(Quoted(self.answer_file, words) for words in self.quotes), *self.also)

    @property
    def silent(self) -> bool:
        """True when no passage answers it."""
        return not self.quotes


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Contracts and the questions about them; ``notes`` say what a reader of the figures must know."""

    name: str
    files: tuple[Path, ...]
    questions: tuple[LabelledQuestion, ...]
    notes: tuple[str, ...] = ()


def sample(
    questions: QuestionSet,
    seed: int,
    contracts: int | None = None,
    answered: int | None = None,
    silent: int | None = None,
) -> QuestionSet:
    """A random part of ``questions``, the same for the same seed, in the order of the whole.

    Args:
        questions: the whole.
        seed: of the random choice.
        contracts: how many contracts; questions asked of others or answered by them are left out. None takes
            all.
        answered: how many questions with an answer, of each section. None takes all.
        silent: how many questions without one, of each section. None takes all.
    """
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    files = _some(choose, questions.files, contracts)
    names = {file.name for file in files}
    whole = len(files) == len(questions.files)
    asked = [one for one in questions.questions if whole or names.issuperset(_needed(one))]
    parts = (
        part
        for name in dict.fromkeys(one.section for one in asked)
        for part in sample_section([one for one in asked if one.section == name], seed, answered, silent)
    )
    return replace(questions, files=files, questions=tuple(parts))


def sample_section(
    asked: Sequence[LabelledQuestion], seed: int, answered: int | None, silent: int | None
) -> tuple[LabelledQuestion, ...]:
    """A random part of the questions of one section; sections of the same length give the same places."""
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    chosen = {
        *_some(choose, [one for one in asked if not one.silent], answered),
        *_some(choose, [one for one in asked if one.silent], silent),
    }
    return tuple(one for one in asked if one in chosen)


def _needed(question: LabelledQuestion) -> tuple[str, ...]:
    return (*question.scope, *(one.file for one in question.quoted))


def same_name(file_name: str) -> str:
    """A file name reduced to what survives copying between systems: letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", file_name).lower()


def _some(choose: random.Random, items: Sequence[Item], size: int | None) -> tuple[Item, ...]:
    if size is None or size >= len(items):
        return tuple(items)
    return tuple(items[index] for index in sorted(choose.sample(range(len(items)), size)))
