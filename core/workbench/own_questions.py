"""Judgements put together by question: one question with every passage that was said to answer it."""

from collections.abc import Collection
from dataclasses import dataclass

from core.workbench.labels import Label, LabelVerdict, settled


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question that readers judged passages of.

    ``scope`` holds the contracts that were searched (empty: all, at least once); ``right`` are the passages said to
    answer it, none where all that were judged do not.
    """

    question: str
    scope: tuple[str, ...]
    right: tuple[Label, ...]


def own_questions(labels: Collection[Label]) -> tuple[OwnQuestion, ...]:
    """Every question of ``labels``, by name; a question typed with other capitals or spaces is the same one."""
    together: dict[str, list[Label]] = {}
    for label in settled(labels):
        together.setdefault(" ".join(label.question.split()).casefold(), []).append(label)
    return tuple(_question(ones) for _, ones in sorted(together.items()))


def _question(labels: Collection[Label]) -> OwnQuestion:
    scopes = [label.scope for label in labels]
    scope = () if () in scopes else tuple(dict.fromkeys(one for scope in scopes for one in scope))
    first = next(iter(labels))
    return OwnQuestion(
        first.question, scope, tuple(one for one in labels if one.verdict is LabelVerdict.ANSWERS)
    )
