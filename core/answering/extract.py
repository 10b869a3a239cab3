"""Answers without a model service: the sentences of the passages that carry the answer, word for word.

A cross-encoder that is trained on whole passages judges a lone sentence less well. So it reads the heading
with each sentence, and the words that a sentence shares with the question count as much as its score.
"""

import math
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.answering.excerpts import Excerpt, excerpts
from core.answering.quotations import stands_verbatim
from core.models import Scorer
from core.records import Answer, AnswerKind, Citation, Evidence, Quote, Statement
from core.storage.tokens import tokenize

MODEL = "extract"
MOST_PASSAGES = 5
# What a cross-encoder reads in about a second on two cores.
MOST_CANDIDATES = 40
MOST_SENTENCES = 4
NEAR_THE_BEST = 0.4
WEAK = 0.3
NOTE = (
    "An extract: these are the contracts' own words, sentences chosen by the reranker and by the words they "
    "share with the question. No language model wrote an answer."
)
WEAK_NOTE = "The passages match the question only weakly; what follows may not answer it."


class ExtractAnswerer:
    """An ``Answerer`` that quotes.

    The sentences of the best five passages (40 at most, the first passages first) are judged together,
    and one to four of them are given.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        """The extract, one line a sentence, grouped by passage in the order of the passages."""
        read = (one for passage in evidence.passages[:MOST_PASSAGES] for one in excerpts(passage))
        candidates = list(islice(read, MOST_CANDIDATES))
        standing = judge(evidence.question, candidates, self._scorer)
        statements = tuple(_statement(candidates[index]) for index in best(standing))
        text = "\n".join(statement.text for statement in statements)
        on_text(text)
        return Answer(AnswerKind.EXTRACT, text, statements, MODEL, _note(evidence))


def judge(question: str, candidates: Sequence[Excerpt], scorer: Scorer) -> NDArray[np.float64]:
    """How far each candidate stands out as an answer, shape (len(candidates),); 0 is the average.

    The sum of two standard scores: the cross-encoder's logit, and the share of the question's words that the
    candidate holds, rare words counting more.
    """
    if not candidates:
        return np.empty(0)
    logits = scorer.score_pairs(question, [candidate.situated for candidate in candidates]).logits
    return _standard_scores(logits) + _standard_scores(_overlap(question, candidates))


def best(standing: NDArray[np.float64]) -> list[int]:
    """Indices, in order, of at most four that stand out at least two fifths as far as the best."""
    ranked = np.argsort(-standing, kind="stable")[:MOST_SENTENCES]
    return sorted(int(index) for index in ranked if standing[index] >= NEAR_THE_BEST * standing[ranked[0]])


def _overlap(question: str, candidates: Sequence[Excerpt]) -> NDArray[np.float64]:
    texts = [frozenset(tokenize(candidate.reading)) for candidate in candidates]
    weights = {word: _rarity(sum(word in text for text in texts), len(texts)) for word in tokenize(question)}
    return np.array([sum(weight for word, weight in weights.items() if word in text) for text in texts])


def _rarity(holding: int, total: int) -> float:
    return math.log(1.0 + (total - holding + 0.5) / (holding + 0.5))


def _standard_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    # Equal values differ by rounding alone, which must not be blown up to a whole deviation.
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)


def _statement(excerpt: Excerpt) -> Statement:
    # Curly marks outside, so that straight or curly ones inside the contract's words stay paired.
    passage = excerpt.passage
    verbatim = all(stands_verbatim(piece, passage.text) for piece in excerpt.pieces)
    return Statement(
        f"\u201c{excerpt.text}\u201d [{passage.number}]",
        (Citation(passage.number, passage),),
        (Quote(excerpt.text, verbatim),),
    )


def _note(evidence: Evidence) -> str:
    best = max((passage.relevance for passage in evidence.passages), default=0.0)
    return f"{NOTE} {WEAK_NOTE}" if best < WEAK else NOTE
