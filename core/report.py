"""A question's whole decision as plain data for JSON: every candidate, every rank and score, the answer."""

from dataclasses import asdict, dataclass
from typing import Any

from core.records import Answer, Finding, Judged, Statement, TraceStep

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelNames:
    """Which models took part."""

    encoder: str
    reranker: str
    answerer: str


def finding_as_json(
    finding: Finding, answer: Answer | None, models: ModelNames, decision: str = ""
) -> JsonObject:
    """The object that ``proviso ask --json`` prints; ``answer`` is None when none was asked for, ``decision`` the id
    under which all of it is on record, empty where it is not.
    """
    inquiry = finding.inquiry
    timings = {time.stage: round(time.seconds, 4) for time in finding.timings}
    if answer is not None:
        timings["answer"] = round(answer.seconds, 4)
    return {
        "decision": decision,
        "question": inquiry.question,
        "contracts": list(inquiry.contract_ids),
        "contracts_searched": finding.contracts_searched,
        "answer": None if answer is None else _answer(answer),
        "citations": [] if answer is None else _citations(answer),
        "kept": [_judged(judged) for judged in finding.ranking.kept],
        "discarded": [_judged(judged) for judged in finding.ranking.discarded],
        "cautions": list(finding.cautions),
        "settings": {
            "candidates": inquiry.candidates,
            "keep": inquiry.keep,
            "minimum_relevance": inquiry.minimum_relevance,
            "selection": inquiry.selection.value,
        },
        "override": None if finding.override is None else asdict(finding.override),
        "pipeline": inquiry.pipeline,
        "formulations": [asdict(wording) for wording in finding.wordings],
        "notes": list(finding.notes),
        "parts": [asdict(part) for part in finding.parts],
        "trace": [_step(step) for step in finding.trace],
        "timings": timings,
        "models": {
            "encoder": models.encoder,
            "reranker": models.reranker,
            "answerer": models.answerer,
        },
    }


def _step(step: TraceStep) -> JsonObject:
    return {
        "layer": step.layer.value,
        "module": step.module,
        "input": step.input,
        "output": step.output,
        "seconds": round(step.seconds, 4),
        "calls": step.calls,
        "tokens": step.tokens,
        "sent": list(step.sent),
    }


def _answer(answer: Answer) -> JsonObject:
    return {
        "kind": answer.kind.value,
        "complete": answer.complete,
        "text": answer.text,
        "note": answer.note,
        "model": answer.model,
        "statements": [_statement(statement) for statement in answer.statements],
    }


def _statement(statement: Statement) -> JsonObject:
    return {
        "text": statement.text,
        "markers": [citation.marker for citation in statement.citations],
        "supported": statement.supported,
        "quotes": [{"text": quote.text, "verbatim": quote.verbatim} for quote in statement.quotes],
    }


def _citations(answer: Answer) -> list[JsonObject]:
    cited = {
        citation.marker: citation.passage
        for statement in answer.statements
        for citation in statement.citations
    }
    return [
        {"marker": marker, "in_evidence": False}
        if passage is None
        else {
            "marker": marker,
            "in_evidence": True,
            "chunk_id": passage.chunk_id,
            "contract": passage.contract_title,
            "contract_id": passage.contract_id,
            "page_start": passage.page_start,
            "page_end": passage.page_end,
            "heading": passage.heading,
        }
        for marker, passage in sorted(cited.items())
    ]


def _judged(judged: Judged) -> JsonObject:
    candidate = judged.candidate
    chunk = candidate.chunk
    return {
        "chunk_id": chunk.chunk_id,
        "contract": candidate.contract_title,
        "contract_id": chunk.contract_id,
        "page_start": chunk.page_start,
        "page_end": chunk.page_end,
        "heading": chunk.heading,
        "text": chunk.text,
        "dense_rank": candidate.dense.rank if candidate.dense else None,
        "dense_score": candidate.dense.score if candidate.dense else None,
        "bm25_rank": candidate.bm25.rank if candidate.bm25 else None,
        "bm25_score": candidate.bm25.score if candidate.bm25 else None,
        "fused_rank": candidate.fused_rank,
        "fused_score": candidate.fused_score,
        "rerank_logit": judged.logit,
        "relevance": judged.relevance,
        "rank": judged.rank,
        "truncated": judged.truncated,
        "verdict": judged.verdict.value,
        "scored_by": judged.scored_by.value,
        "wording": judged.wording,
        "found_by": [{**asdict(found), "path": list(found.path)} for found in candidate.found_by],
    }
