"""The sentences of an export: what was searched, what is wrong with an answer, what left the machine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from core.export.records import AnswerRecord
from core.found_by import module_name, wording_words
from core.page_words import pages
from core.records import Judged, Passage, Statement
from core.what_left import what_left

MOST_NAMED: Final = 12
NO_ANSWER: Final = "No answer was asked for, or none came; these are the passages alone."
READING: Final = (
    "Every candidate that the search proposed was read together with the question by the reranker, which gave it "
    "a relevance from 0 to 1. The passages kept are all that the answer rests on; no other text was given to "
    "whatever wrote it. The candidates discarded are listed so that the choice can be checked. Check each citation "
    "against the original before you rely on it."
)


def facts(record: AnswerRecord) -> Iterator[tuple[str, str]]:
    """Name and value of everything about the question that is not its answer."""
    finding, inquiry = record.finding, record.finding.inquiry
    if record.asked_at is not None:
        yield "Asked", moment(record.asked_at)
    if record.actor:
        yield "Asked by", record.actor
    yield "File made", moment(record.made_at)
    if record.follow_up is not None and record.follow_up.typed != inquiry.question:
        yield "Typed", f"\u201c{record.follow_up.typed}\u201d, a follow-up; searched in full as above"
    if record.decision:
        yield "Decision", record.decision
    yield "Scope", scope(record)
    yield (
        "Settings",
        f"{inquiry.candidates} candidates to be reranked, at most {inquiry.keep} kept, minimum relevance"
        f" {inquiry.minimum_relevance:g}, {inquiry.selection.value}",
    )
    yield "Pipeline", pipeline(record)
    for wording in finding.wordings:
        yield "Searched as well", wording_words(wording)
    for part in finding.parts:
        yield "Judged by the part", part.name if part.text == inquiry.question else part.text
    for note in finding.notes:
        yield "Note of the search", note
    if finding.override is not None:
        change = finding.override
        yield (
            "Changed by a reader",
            f"{len(change.promoted)} promoted, {len(change.removed)} removed by {change.actor}, {change.at}:"
            f" \u201c{change.reason}\u201d",
        )
    kept, discarded = len(finding.ranking.kept), len(finding.ranking.discarded)
    yield "Found", f"{kept + discarded} candidates reranked: {kept} kept, {discarded} discarded"
    yield "Encoder", record.models.encoder
    yield "Reranker", record.models.reranker
    yield "Answered by", (record.answer.model if record.answer else "") or "nobody"
    follow_up = record.follow_up is not None and bool(record.follow_up.sent)
    yield "What left the machine", what_left(record.answer, finding, record.endpoint, follow_up=follow_up)


def pipeline(record: AnswerRecord) -> str:
    """Which pipeline proposed the candidates, and the modules that ran."""
    finding = record.finding
    modules = ", ".join(module_name(step.module) for step in finding.trace)
    calls = sum(step.calls for step in finding.trace)
    asked = f"; the model service was asked {calls} times for the search" if calls > 1 else ""
    asked = "; the model service was asked once for the search" if calls == 1 else asked
    return f"{finding.inquiry.pipeline}{f' ({modules})' if modules else ''}{asked}"


def scope(record: AnswerRecord) -> str:
    """Which contracts were searched, by title where the question named a few."""
    ids = record.finding.inquiry.contract_ids
    searched = record.finding.contracts_searched
    if not ids:
        return f"all contracts of the library, {searched} in number"
    names = [record.scope.get(one) or f"contract {one[:12]}" for one in ids[:MOST_NAMED]]
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return f"{searched} chosen: {'; '.join(names)}{more}"


def faults(statement: Statement) -> tuple[str, ...]:
    """Why a statement of an answer may not be relied on; empty for one that is supported."""
    found = [] if statement.citations else ["no citation"]
    found += [
        f"cites [{one.marker}], which is not in the evidence"
        for one in statement.citations
        if one.passage is None
    ]
    found += [
        f"words not found verbatim: \u201c{one.text}\u201d" for one in statement.quotes if not one.verbatim
    ]
    return tuple(found)


def quotes_of(record: AnswerRecord, number: int) -> tuple[str, ...]:
    """The verbatim quotes of the statements that cite passage ``number``, each once."""
    if record.answer is None:
        return ()
    return tuple(
        dict.fromkeys(
            quote.text
            for statement in record.answer.statements
            if number in {one.marker for one in statement.citations}
            for quote in statement.quotes
            if quote.verbatim
        )
    )


def cited(record: AnswerRecord) -> tuple[Passage, ...]:
    """The passages that the answer cites, by number."""
    if record.answer is None:
        return ()
    found = {
        citation.marker: citation.passage
        for statement in record.answer.statements
        for citation in statement.citations
        if citation.passage is not None
    }
    return tuple(found[number] for number in sorted(found))


def cautions(record: AnswerRecord) -> tuple[str, ...]:
    """Everything that a reader must be told, each once."""
    return tuple(
        dict.fromkeys(record.finding.cautions + (record.answer.cautions if record.answer is not None else ()))
    )


def source(passage: Passage) -> str:
    """Contract, heading and pages on one line."""
    parts = (passage.contract_title, passage.heading, pages(passage.page_start, passage.page_end))
    return ", ".join(part for part in parts if part)


def verdict(judged: Judged) -> str:
    """The rule that decided, and whether the end of the passage went unread."""
    return judged.verdict.value + ("; its end was not read" if judged.truncated else "")


def moment(when: datetime) -> str:
    """A time as a reader writes it, in UTC."""
    universal = when.astimezone(UTC)
    return f"{universal.day} {universal:%B %Y, %H:%M} UTC"
