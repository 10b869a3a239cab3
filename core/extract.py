"""Answers without a model service: the sentences of the passages that carry the answer, word for word."""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from core.excerpts import Excerpt, excerpts
from core.models import Scorer
from core.quotations import stands_verbatim
from core.records import Answer, AnswerKind, Citation, Evidence, Quote, Statement

MODEL = "extract"
MOST_PASSAGES = 5
# What a cross-encoder reads in well under a second on two cores.
MOST_CANDIDATES = 40
MOST_SENTENCES = 4
NEAR_THE_BEST = 0.5
WEAK = 0.3
NOTE = (
    "An extract: these are the contracts' own words, chosen sentence by sentence by the reranker. "
    "No language model wrote an answer."
)
WEAK_NOTE = "The passages match the question only weakly; what follows may not answer it."


class ExtractAnswerer:
    """An ``Answerer`` that quotes.

    The sentences of the best five passages (40 at most, the first passages first) are scored against the
    question together. Up to four are given: the best, and those at least half as relevant as the best.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        """The extract, one line a sentence, grouped by passage in the order of the passages."""
        candidates = list(
            islice(
                (one for passage in evidence.passages[:MOST_PASSAGES] for one in excerpts(passage)),
                MOST_CANDIDATES,
            )
        )
        chosen = choose(evidence.question, candidates, self._scorer)
        statements = tuple(_statement(excerpt) for excerpt in chosen)
        text = "\n".join(statement.text for statement in statements)
        on_text(text)
        return Answer(AnswerKind.EXTRACT, text, statements, MODEL, _note(evidence))


def choose(question: str, candidates: Sequence[Excerpt], scorer: Scorer) -> tuple[Excerpt, ...]:
    """The candidates that answer best, in the order given: one to four of them, none only of none."""
    if not candidates:
        return ()
    relevance = scorer.score_pairs(question, [candidate.reading for candidate in candidates]).relevance
    best_first = np.argsort(-relevance, kind="stable")[:MOST_SENTENCES]
    threshold = NEAR_THE_BEST * relevance[best_first[0]]
    return tuple(candidates[index] for index in sorted(best_first) if relevance[index] >= threshold)


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
