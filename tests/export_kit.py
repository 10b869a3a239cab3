"""A question with two kept and one discarded candidate, and its texts as hostile as a test wants them."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime

from PIL import Image

from core.export.cited_pages import CitedPage
from core.export.records import AnswerRecord
from core.pdf.page_image import PageImage
from core.records import (
    Answer,
    AnswerKind,
    Candidate,
    Chunk,
    ChunkKind,
    Citation,
    Evidence,
    Finding,
    Hit,
    Inquiry,
    Judged,
    Override,
    Passage,
    Quote,
    Ranking,
    StageTime,
    Statement,
    Verdict,
)
from core.report import ModelNames
from core.stage2_rerank import KEPT_VERDICTS, select_evidence

MADE_AT = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
CAP, LAW, POST = "The cap is one million dollars.", "The law of Ohio governs.", "Notices go by post."
CONTRACT = "c" * 64


def judged(rank: int, text: str, title: str = "Supply", heading: str = "8 Cap") -> Judged:
    """The candidate of final rank ``rank``: relevance 0.9, 0.8, ..., pages rank to rank + 1; BM25 missed it."""
    chunk = Chunk(
        f"chunk-{rank}", CONTRACT, rank, 0, len(text), text, (heading,), ChunkKind.CLAUSE, rank, rank + 1
    )
    candidate = Candidate(chunk, title, Hit(chunk.chunk_id, 4 - rank, 0.25), None, rank, 0.016)
    verdict = Verdict.KEPT if rank <= 2 else Verdict.BEYOND_KEEP
    return Judged(candidate, 2.0 - rank, 1.0 - rank / 10, rank, rank == 2, verdict)


def finding_of(
    *candidates: Judged,
    question: str = "What is the cap?",
    cautions: tuple[str, ...] = (),
    override: Override | None = None,
) -> Finding:
    """A finding that keeps two, sealed by the stage that seals."""
    inquiry = Inquiry(question, (), 20, 2, 0.02)
    kept = tuple(one for one in candidates if one.verdict in KEPT_VERDICTS)
    ranking = Ranking(kept, tuple(one for one in candidates if one.verdict not in KEPT_VERDICTS))
    evidence = select_evidence(inquiry, ranking)
    return Finding(inquiry, ranking, evidence, (StageTime("rerank", 0.5),), 3, cautions, {}, override)


def plain_finding() -> Finding:
    """Two kept, one discarded."""
    return finding_of(judged(1, CAP), judged(2, LAW), judged(3, POST))


def answered(evidence: Evidence, kind: AnswerKind = AnswerKind.GENERATED) -> Answer:
    """One statement that holds, and one that cites what is not there and quotes what nobody said."""
    first: Passage = evidence.passages[0]
    statements = (
        Statement(
            'It is "one million dollars" [1].', (Citation(1, first),), (Quote("one million dollars", True),)
        ),
        Statement('It has "no end" [9].', (Citation(9, None),), (Quote("no end", False),)),
    )
    text = " ".join(one.text for one in statements)
    return Answer(kind, text, statements, "a-model", "Written by a-model.")


def record_of(
    finding: Finding, answer: Answer | None, scope: Mapping[str, str] | None = None
) -> AnswerRecord:
    """The record that is exported."""
    return AnswerRecord(
        finding, answer, ModelNames("words", "overlap", "a-model"), MADE_AT, "ann", scope=scope or {}
    )


def white_page(_: CitedPage) -> PageImage:
    """A picture of 60 by 80 pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), (255, 255, 255)).save(buffer, "PNG")
    return PageImage(buffer.getvalue(), 60, 80, True)
