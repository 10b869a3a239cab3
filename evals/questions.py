"""Questions whose right passages are known, and samples of them."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, what it is asked of, and the words that answer it.

    ``scope`` holds file names, none of them meaning the whole library. ``quotes`` are verbatim words of the
    file ``answer_file``; both are empty where the right answer is that nothing says so.
    """

    question_id: str
    question: str
    category: str
    scope: tuple[str, ...]
    answer_file: str = ""
    quotes: tuple[str, ...] = ()

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
        contracts: how many contracts; questions about others are left out. None takes all.
        answered: how many questions with an answer. None takes all.
        silent: how many questions without one. None takes all.
    """
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    files = _some(choose, questions.files, contracts)
    names = {file.name for file in files}
    whole = len(files) == len(questions.files)
    asked = [one for one in questions.questions if whole or (one.scope and names.issuperset(one.scope))]
    chosen = {
        *_some(choose, [one for one in asked if not one.silent], answered),
        *_some(choose, [one for one in asked if one.silent], silent),
    }
    return replace(questions, files=files, questions=tuple(one for one in asked if one in chosen))


def same_name(file_name: str) -> str:
    """A file name reduced to what survives copying between systems: letters and digits, in lower case."""
    return re.sub(r"[\W_]", "", file_name).lower()


def _some(choose: random.Random, items: Sequence[Item], size: int | None) -> tuple[Item, ...]:
    if size is None or size >= len(items):
        return tuple(items)
    return tuple(items[index] for index in sorted(choose.sample(range(len(items)), size)))
