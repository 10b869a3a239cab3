"""Why this score: how far the cross-encoder's logit falls when a piece of what it read is left out.

Occlusion shows what a score depends on. It does not say why that is so in law, and two pieces that say the same
each seem to matter little, because the other is still there. What the first stage's similarity adds to a score stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.answering.sentences import Span
from core.explain.pieces import phrases, sentences, situated, without
from core.explain.reading_end import reading_end
from core.models import PairScores, Progress, Scorer, ignore_progress
from core.records import Chunk

# Together with the whole passage and its context line these are 60 pairs, about a second on two cores.
MOST_SENTENCES = 20
MOST_PHRASES = 36
STRONGEST = 3
# The same text scores the same but for rounding in batches of another shape.
SAME_LOGIT = 0.01


class PieceKind(StrEnum):
    """What was left out."""

    TITLE = "title of the contract"
    HEADING = "heading"
    SENTENCE = "sentence"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece and what leaving it out does.

    ``text[start:end]`` of the passage is the piece; both are 0 for title and heading, which stand before it.
    ``drop`` is the logit of all that is explained less the logit without the piece: positive where the piece
    carried the score, negative where it spoke against the passage.
    """

    kind: PieceKind
    start: int
    end: int
    text: str
    drop: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage scored what it did for one question.

    Args:
        question, chunk_id: what was scored.
        logit, relevance: of the whole passage with its context line, as it was ranked.
        baseline: the logit of what is explained: the passage as far as it was read. It differs from ``logit`` only
            where the question fills half of what the model reads, and was shortened too.
        context: title, heading, or what there is of them, each left out alone.
        sentences: every sentence that was read, in order.
        phrases: of the sentences that carried most, in order.
        without_context: relevance (0-1) of the passage's text alone.
        read_until: characters of the passage that the model read; all of them unless ``truncated``.
        truncated: whether the passage was longer than the model reads.
        pairs: how many texts the cross-encoder judged.
    """

    question: str
    chunk_id: str
    logit: float
    relevance: float
    baseline: float
    context: tuple[Piece, ...]
    sentences: tuple[Piece, ...]
    phrases: tuple[Piece, ...]
    without_context: float
    read_until: int
    truncated: bool
    pairs: int

    @property
    def question_shortened(self) -> bool:
        """True when the ranking read less of the question and more of the passage than what is explained."""
        return abs(self.logit - self.baseline) > SAME_LOGIT

    @property
    def ranked(self) -> tuple[Piece, ...]:
        """Title, heading, and the finest pieces of the text, by falling drop."""
        divided = {piece.start for piece in self.phrases}
        coarse = [piece for piece in self.sentences if piece.start not in divided]
        return tuple(sorted((*self.context, *coarse, *self.phrases), key=lambda piece: -piece.drop))


def explain(
    question: str,
    chunk: Chunk,
    scorer: Scorer,
    on_scored: Progress = ignore_progress,
    similarity: float | None = None,
) -> Explanation:
    """Leave out title, heading, each sentence, then the phrases of the strongest sentences, and score the rest.

    Args:
        question: the exact question.
        chunk: the passage.
        scorer: the cross-encoder that ranked it.
        on_scored: told how many pairs are scored in the present step; it may raise to give up.
        similarity: of the whole passage by the first stage's encoder, which counts whatever is left out; None where the
            ranking did not know it.
    """

    def scored(texts: Sequence[str], told: Progress = ignore_progress) -> PairScores:
        alike = None if similarity is None else [similarity] * len(texts)
        return scorer.score_pairs(question, texts, told, similarities=alike)

    read_until, searched, truncated = reading_end(question, chunk, scorer)
    # A text that is cut where the model stops: leaving out a piece then brings nothing new in.
    text = chunk.text[:read_until]
    whole = situated(chunk.context, text)
    contexts = _contexts(chunk)
    spans = sentences(text, MOST_SENTENCES)
    texts = [whole, text, *(situated(rest, text) for _, _, rest in contexts)]
    texts += [situated(chunk.context, without(text, span)) for span in spans]
    scores = scored(texts, on_scored)
    baseline, _, *others = (float(value) for value in scores.logits)
    as_ranked = scored([chunk.situated_text])
    context = tuple(
        Piece(kind, 0, 0, said, baseline - other)
        for (kind, said, _), other in zip(contexts, others, strict=False)
    )
    pieces = _pieces(PieceKind.SENTENCE, text, spans, baseline, others[len(contexts) :])
    chosen = _strongest(text, pieces)
    parts: tuple[Piece, ...] = ()
    if chosen:
        occluded = [situated(chunk.context, without(text, span)) for span in chosen]
        fine = scored(occluded, on_scored)
        parts = _pieces(PieceKind.PHRASE, text, chosen, baseline, [float(value) for value in fine.logits])
    return Explanation(
        question=question,
        chunk_id=chunk.chunk_id,
        logit=float(as_ranked.logits[0]),
        relevance=float(as_ranked.relevance[0]),
        baseline=baseline,
        context=context,
        sentences=pieces,
        phrases=parts,
        without_context=float(scores.relevance[1]),
        read_until=read_until,
        truncated=truncated,
        pairs=searched + len(texts) + len(chosen),
    )


def _contexts(chunk: Chunk) -> list[tuple[PieceKind, str, str]]:
    """Title and heading of the context line, each with what is left of the line without it."""
    line = chunk.context
    if not line:
        return []
    heading = chunk.heading
    if heading and line.endswith(heading):
        title = line[: len(line) - len(heading)]
        if title.strip(" >"):
            return [
                (PieceKind.TITLE, title.rstrip(" >"), heading),
                (PieceKind.HEADING, heading, title.rstrip(" >")),
            ]
        return [(PieceKind.HEADING, heading, "")]
    return [(PieceKind.TITLE if not heading else PieceKind.HEADING, line, "")]


def _pieces(
    kind: PieceKind, text: str, spans: Sequence[Span], baseline: float, others: Sequence[float]
) -> tuple[Piece, ...]:
    return tuple(
        Piece(kind, span.start, span.end, span.of(text), baseline - other)
        for span, other in zip(spans, others, strict=True)
    )


def _strongest(text: str, pieces: Sequence[Piece]) -> list[Span]:
    """The phrases of the sentences that carried most, as many as the budget holds, in order."""
    chosen: list[Span] = []
    for piece in sorted(pieces, key=lambda piece: -piece.drop)[:STRONGEST]:
        parts = phrases(text, Span(piece.start, piece.end))
        if piece.drop > 0 and len(parts) > 1 and len(chosen) + len(parts) <= MOST_PHRASES:
            chosen += parts
    return sorted(chosen, key=lambda span: span.start)
