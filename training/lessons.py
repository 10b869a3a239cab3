"""Questions with a hundred candidates each, as the second stage gets them: what the first look is fitted on."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from training.draw import MIXTURE
from training.records import Example, Passage

SEED: Final = 7
# Examples with fewer passages say too little about the order of many.
LEAST_KNOWN = 24


@dataclass(frozen=True, slots=True)
class Mix:
    """How many candidates of a question come from where: its own contract, that of a like question, anywhere."""

    own: int = 45
    borrowed: int = 45
    strangers: int = 10

    @property
    def size(self) -> int:
        """All of them."""
        return self.own + self.borrowed + self.strangers


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question with the texts of its candidates."""

    question: str
    texts: tuple[str, ...]


def draw_lessons(
    passages: Mapping[str, Passage], examples: Sequence[Example], count: int, mix: Mix | None = None
) -> tuple[Lesson, ...]:
    """Questions of every source, each with its answers, its own candidates, and candidates of a like question."""
    mix = Mix() if mix is None else mix
    sources: dict[str, list[Example]] = {}
    alike: dict[tuple[str, ...], list[Example]] = {}
    for example in examples:
        if len(example.grades) + len(example.negatives) >= LEAST_KNOWN:
            sources.setdefault(example.source, []).append(example)
            alike.setdefault(example.wordings, []).append(example)
    names = [name for name in MIXTURE if name in sources]
    weights = [MIXTURE[name] for name in names]
    everything = [one.passage_id for one in passages.values() if one.context]
    lessons = []
    for number in range(count):
        choose = random.Random(f"{SEED}/{number}")  # noqa: S311 - a sample, not a secret
        source = choose.choices(names, weights)[0]
        example = choose.choice(sources[source])
        like = choose.choice(alike[example.wordings])
        if like is example:
            like = choose.choice(sources[source])
        ids = _candidates(example, like, everything, mix, choose)
        texts = tuple(passages[one].text if example.bare else passages[one].situated_text for one in ids)
        lessons.append(Lesson(choose.choice(example.wordings), texts))
    return tuple(lessons)


def _candidates(
    example: Example, like: Example, everything: Sequence[str], mix: Mix, choose: random.Random
) -> list[str]:
    right = choose.sample(sorted(example.grades), min(6, len(example.grades)))
    own = list(dict.fromkeys([*right, *example.negatives]))[: mix.own]
    own += [one for one in sorted(example.grades) if one not in own][: mix.own - len(own)]
    chosen = dict.fromkeys(own)
    borrowed = [one for one in (*sorted(like.grades), *like.negatives) if one not in chosen]
    chosen |= dict.fromkeys(borrowed[: mix.size - mix.strangers - len(chosen)])
    while len(chosen) < mix.size:
        chosen[choose.choice(everything)] = None
    return list(chosen)
