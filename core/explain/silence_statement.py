"""What was searched and what came of it, in plain sentences: the words of a report of silence."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.answering.extract import WEAK
from core.explain.silence_records import SilenceReport

LIMITS = (
    "This is evidence that the contracts are silent, not proof of it: the answer may stand in passages that were not"
    " judged, on pages that were not read, or in words that the models do not connect with the question."
)


def statement(report: SilenceReport) -> tuple[str, ...]:
    """The sentences of a report, the result first and its limits last."""
    return (
        *_strength(report),
        _result(report),
        _scope(report),
        _method(report),
        *_gaps(report),
        *report.cautions,
        LIMITS,
    )


def silence_as_json(report: SilenceReport) -> dict[str, Any]:
    """The report as plain data, with its statement."""
    return {"statement": list(statement(report)), **asdict(report)}


def _result(report: SilenceReport) -> str:
    minimum = f"the minimum relevance of {report.minimum_relevance:.2f}"
    speaking, all_of_them = len(report.speaking), len(report.contracts)
    if not all_of_them:
        return "No contract was searched."
    if not speaking:
        return f"No passage of {_count(all_of_them, 'contract')} reaches {minimum}."
    if speaking == all_of_them:
        return f"Each of {_count(all_of_them, 'contract')} has a passage that reaches {minimum}."
    verb = "has" if speaking == 1 else "have"
    return (
        f"{_count(speaking, 'contract')} of {all_of_them:,} {verb} a passage that reaches {minimum}; no passage of"
        f" the other {all_of_them - speaking:,} does."
    )


def _strength(report: SilenceReport) -> tuple[str, ...]:
    best = max((one.relevance for one in report.contracts), default=WEAK)
    if not report.speaking or best >= WEAK:
        return ()
    return (f"No contract matches more than weakly: the best passage of all stands at {best:.3f} of 1.",)


def _scope(report: SilenceReport) -> str:
    pages = sum(one.page_count for one in report.contracts)
    passages = sum(one.passage_count for one in report.contracts)
    at = datetime.fromisoformat(report.at)
    return (
        f"Searched: {_count(len(report.contracts), 'contract')}, {_count(pages, 'page')},"
        f" {_count(passages, 'passage')}, on {at.day} {at:%B %Y} at {at:%H:%M} UTC."
    )


def _method(report: SilenceReport) -> str:
    judged = sum(one.judged for one in report.contracts)
    least = "the best passage" if report.per_contract == 1 else f"at least {report.per_contract} passages"
    return (
        f"Meaning ({report.encoder}) and keywords (BM25) proposed {_count(report.candidates, 'passage')}; contracts"
        f" with fewer than {report.per_contract} among them were searched on their own. The reranker"
        f" ({report.reranker}) judged {judged:,} in all, {least} of every contract or all that it has."
    )


def _gaps(report: SilenceReport) -> tuple[str, ...]:
    unread = sum(len(one.unread_pages) for one in report.contracts)
    recognised = sum(len(one.ocr_pages) for one in report.contracts)
    cut_off = sum(one.cut_off for one in report.contracts)
    empty = sum(one.best is None for one in report.contracts)
    said = []
    if unread:
        said.append(f"Not read: {_count(unread, 'page')} of {_count(len(report.incomplete), 'contract')}.")
    elif report.contracts:
        said.append("Every page holds text that was read.")
    if recognised:
        said.append(f"Read by OCR, which makes mistakes: {_count(recognised, 'page')}.")
    if cut_off:
        said.append(
            f"Longer than the reranker reads, so that the end did not count: {_count(cut_off, 'passage')}."
        )
    if empty:
        said.append(f"Without any passage: {_count(empty, 'contract')}.")
    return tuple(said)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
