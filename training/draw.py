"""Examples into groups: one question, one passage that answers, and passages that do not. The same for a step."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Final

from training.clause_examples import RATED, STARS
from training.cuad_examples import ABSENT, NAMED, PRESENT
from training.heading_examples import DEFINITION, HEADING
from training.label_examples import LABELS
from training.records import Example, Group, Passage
from training.written_examples import NEAR_MISS, WRITTEN

# How often a source is drawn: broad questions most, because the product is asked freely.
MIXTURE: Final[Mapping[str, float]] = {
    WRITTEN: 0.32,
    NEAR_MISS: 0.05,
    PRESENT: 0.22,
    ABSENT: 0.12,
    NAMED: 0.05,
    HEADING: 0.02,
    DEFINITION: 0.02,
    STARS: 0.09,
    RATED: 0.11,
}
# Beside the mixture, where there are any.
LABELS_SHARE: Final = 0.05
GROUP_SIZE: Final = 6
# A group that nothing answers has this many texts less.
SILENT_LESS: Final = 2
# All negatives but one come from so many first ranks, or from twice as many as there are negatives.
NEAREST: Final = 12
AS_SHOWN, TITLE_ONLY = 0.7, 0.8
_PARTIES = re.compile(r" \([^()]*(?:\([^()]*\)[^()]*)*\)(?= > |$)")


class Draw:
    """Groups for each step of training, decided by the seed and the number of the step alone."""

    def __init__(
        self,
        passages: Mapping[str, Passage],
        examples: Sequence[Example],
        seed: int,
        mixture: Mapping[str, float] = MIXTURE,
        size: int = GROUP_SIZE,
    ) -> None:
        self._passages = passages
        self._seed = seed
        self._size = size
        self._sources: dict[str, list[Example]] = {}
        for example in examples:
            if example.grades or example.negatives:
                self._sources.setdefault(example.source, []).append(example)
        shares = {**mixture, LABELS: LABELS_SHARE}
        self._names = [name for name in shares if name in self._sources]
        self._weights = [shares[name] for name in self._names]
        loose = {True: [], False: []}  # type: dict[bool, list[str]]
        for one in passages.values():
            loose[bool(one.context)].append(one.passage_id)
        self._contract_ids, self._clause_ids = loose[True], loose[False]

    def groups(self, step: int, count: int) -> list[Group]:
        """The ``count`` groups of ``step``."""
        choose = random.Random(f"{self._seed}/{step}")  # noqa: S311 - a sample, not a secret
        names = choose.choices(self._names, self._weights, k=count)
        return [self._group(choose.choice(self._sources[name]), choose) for name in names]

    def _group(self, example: Example, choose: random.Random) -> Group:
        if not example.grades:
            chosen = dict.fromkeys(_biased(example.negatives, self._size - SILENT_LESS, choose), 0)
        elif example.source in (STARS, RATED):
            chosen = self._graded(example, choose)
        else:
            right = choose.choice(sorted(example.grades))
            chosen = {right: example.grades[right]}
            chosen |= dict.fromkeys(_biased(example.negatives, self._size - 2, choose), 0)
            chosen |= dict.fromkeys(self._strangers(self._contract_ids, example, choose), 0)
        drawn = choose.random()
        texts = tuple(self._text(one, 1.0 if example.bare else drawn) for one in chosen)
        return Group(_worded(choose.choice(example.wordings), choose), texts, tuple(chosen.values()))

    def _graded(self, example: Example, choose: random.Random) -> dict[str, int]:
        grades = sorted({grade for grade in example.grades.values() if grade > 1} or example.grades.values())
        aim = choose.choice(grades)
        right = choose.choice([one for one, grade in sorted(example.grades.items()) if grade == aim])
        lower = [one for one, grade in sorted(example.grades.items()) if grade < aim]
        chosen = {right: aim}
        chosen |= {one: example.grades[one] for one in choose.sample(lower, min(2, len(lower)))}
        wanted = self._size - 1 - len(chosen)
        chosen |= dict.fromkeys(_biased(example.negatives, wanted, choose), 0)
        return chosen | dict.fromkeys(self._strangers(self._clause_ids, example, choose), 0)

    def _strangers(self, ids: Sequence[str], example: Example, choose: random.Random) -> list[str]:
        return [one for one in [choose.choice(ids)] if one not in example.grades]

    def _text(self, passage_id: str, drawn: float) -> str:
        passage = self._passages[passage_id]
        if drawn < AS_SHOWN:
            return passage.situated_text
        if drawn < TITLE_ONLY and passage.context:
            return f"{_PARTIES.sub('', passage.context, count=1)}\n{passage.text}"
        return passage.text


def _biased(ranked: Sequence[str], count: int, choose: random.Random) -> list[str]:
    """``count`` of ``ranked``, all but one from its first ranks."""
    nearest = max(NEAREST, 2 * count)
    first, rest = list(ranked[:nearest]), list(ranked[nearest:])
    chosen = choose.sample(first, min(count - bool(rest), len(first)))
    return chosen + choose.sample(rest, min(count - len(chosen), len(rest)))


def _worded(wording: str, choose: random.Random) -> str:
    """People type in a hurry: sometimes without capitals, sometimes without the question mark."""
    if choose.random() < 0.15:
        wording = wording.lower()
    return wording.rstrip("?") if choose.random() < 0.1 else wording
