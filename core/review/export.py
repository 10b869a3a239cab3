"""A grid as plain values: one line a cell for tables, and everything for JSON."""

from collections.abc import Mapping
from dataclasses import asdict

from core.records import AnswerKind, Contract
from core.review.grid import outdated, stale
from core.review.records import Cell, Confirmation, Grid

COLUMNS = (
    "contract",
    "file",
    "contract_id",
    "label",
    "question",
    "status",
    "stale",
    "relevance",
    "second_relevance",
    "pages",
    "heading",
    "answer",
    "answer_kind",
    "passage",
    "reviewer_says",
    "correction",
    "note",
    "reviewer",
    "reviewed_at",
    "filled_at",
)


def grid_lines(grid: Grid, contracts: Mapping[str, Contract]) -> list[dict[str, str | float | None]]:
    """One line a cell, in the order of the grid, with the names of ``COLUMNS``."""
    return [_line(grid, cell, contracts) for cell in grid.cells]


def grid_json(grid: Grid, contracts: Mapping[str, Contract]) -> dict[str, object]:
    """The review with its question set and settings, and every cell."""
    review = grid.review
    return {
        "review_id": review.review_id,
        "name": review.name,
        "begun_by": review.actor,
        "begun_at": review.at,
        "question_set": asdict(review.question_set),
        "settings": asdict(review.settings),
        "cells": grid_lines(grid, contracts),
    }


def spoken(cell: Cell) -> str:
    """The words that a cell's answer has to say: of an extract its quotations, without markers."""
    if cell.answer is None:
        return ""
    if cell.answer.kind is AnswerKind.EXTRACT:
        return " \u2026 ".join(quote.text for one in cell.answer.statements for quote in one.quotes)
    return cell.answer.text


def _line(grid: Grid, cell: Cell, contracts: Mapping[str, Contract]) -> dict[str, str | float | None]:
    contract = next(one for one in grid.review.contracts if one.contract_id == cell.place.contract_id)
    question = grid.review.question_set.questions[cell.place.question]
    best = cell.best
    answered = "" if cell.answer is None else cell.answer.kind.value
    return {
        "contract": contract.title,
        "file": contract.file_name,
        "contract_id": contract.contract_id,
        "label": question.label,
        "question": question.text,
        "status": cell.status.value,
        "stale": stale(cell, contracts),
        "relevance": None if best is None else round(best.relevance, 6),
        "second_relevance": None if cell.second_relevance is None else round(cell.second_relevance, 6),
        "pages": "" if best is None else best.page_range,
        "heading": "" if best is None else best.heading,
        "answer": spoken(cell) or cell.failure,
        "answer_kind": answered,
        "passage": "" if best is None else best.text,
        **_said(cell, grid.confirmations.get(cell.place)),
        "filled_at": cell.at,
    }


def _said(cell: Cell, said: Confirmation | None) -> dict[str, str | float | None]:
    if said is None:
        return dict.fromkeys(("reviewer_says", "correction", "note", "reviewer", "reviewed_at"), "")
    doubt = " (before the cell was filled again)" if outdated(cell, said) else ""
    return {
        "reviewer_says": f"{said.kind.value}{doubt}",
        "correction": said.text,
        "note": said.note,
        "reviewer": said.actor,
        "reviewed_at": said.at,
    }
