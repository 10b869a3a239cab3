"""RM3: the words of the first passages found, mixed with those of the question.

Sources: Lavrenko and Croft, "Relevance-Based Language Models", SIGIR 2001 (the relevance model); Abdul-Jaleel et
al., "UMass at TREC 2004: Novelty and HARD" (its interpolation with the question).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.storage.tokens import tokenize

_WRITTEN: Final = re.compile(r"[^\W\d_]+(?:['\u2019\-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class WeightedWords:
    """A query whose tokens count differently: ``weights`` has one for each of ``tokens``."""

    tokens: tuple[str, ...]
    weights: tuple[float, ...]


def relevance_model(texts: Sequence[str], scores: Sequence[float]) -> dict[str, float]:
    """How likely each token is in a relevant passage, judged by ``texts``, each counting as much as its score.

    P(w | R) = sum over passages of P(w | passage) P(passage | question), where P(w | passage) is the token's share
    of the passage and P(passage | question) the passage's share of all scores.
    """
    total = sum(scores)
    model: dict[str, float] = {}
    for text, score in zip(texts, scores, strict=True):
        tokens = tokenize(text)
        for token, count in Counter(tokens).items():
            model[token] = model.get(token, 0.0) + score / total * count / len(tokens)
    return model


def strongest(model: Mapping[str, float], most: int) -> dict[str, float]:
    """The ``most`` likeliest tokens of ``model``, their probabilities made to sum to 1; ties go by the alphabet."""
    chosen = sorted(model.items(), key=lambda one: (-one[1], one[0]))[:most]
    total = sum(probability for _, probability in chosen)
    return {token: probability / total for token, probability in chosen}


def interpolated(question: Sequence[str], model: Mapping[str, float], share: float) -> WeightedWords:
    """The question's tokens, which keep 1 - ``share`` of the weight, together with those of ``model``.

    The weights sum to the number of the question's tokens, so that scores stay on BM25's scale.
    """
    size = len(question)
    weights = {token: (1 - share) * count for token, count in Counter(question).items()}
    for token, probability in model.items():
        weights[token] = weights.get(token, 0.0) + share * size * probability
    return WeightedWords(tuple(weights), tuple(weights.values()))


def as_written(tokens: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Each of ``tokens`` as it is most often written in ``texts``, in lower case; itself where it is no word."""
    written = Counter(word.lower() for text in texts for word in _WRITTEN.findall(text))
    forms: dict[str, str] = {}
    for word, _ in sorted(written.items(), key=lambda one: (-one[1], one[0])):
        for token in tokenize(word):
            forms.setdefault(token, word)
    return tuple(forms.get(token, token) for token in tokens)
