"""How a question was searched: the pipeline, the wordings beside the question, and what each module did."""

from collections.abc import Mapping

import streamlit as st

from core.found_by import module_name, searched_by, written_by
from core.pipeline.records import Recipe
from core.plural import plural
from core.records import Finding, TraceStep, Wording
from pages.parts.markup import label, one_line, safe

COLUMNS = ("Step", "Module", "Given", "Gave", "Seconds", "Model service")
GONE = "This pipeline is no longer among those of the library."
# A longer wording is opened by a click.
SHORT = 150
# The exported record names them all.
MOST_PARTS = 6


def notes_html(finding: Finding) -> str:
    """What the pipeline decided that a reader must know beside the result; empty where there is nothing."""
    if not finding.notes:
        return ""
    items = "".join(f"<li>{safe(note)}</li>" for note in finding.notes)
    return (
        '<section class="searchnotes" aria-label="Notes on the search"><h2>About this search</h2>'
        f"<ul>{items}</ul></section>"
    )


def searched_html(finding: Finding, recipes: Mapping[str, Recipe]) -> str:
    """The pipeline in a line, and every wording that was searched beside the question with who wrote it."""
    name = finding.inquiry.pipeline
    words = recipes[name].description if name in recipes else GONE
    items = "".join(_wording(wording) for wording in finding.wordings)
    beside = f'<ol aria-label="Searched beside the question">{items}</ol>' if items else ""
    return (
        '<section class="searched" aria-label="How this was searched">'
        f"<p><b>Pipeline {safe(name)}</b> <span>{safe(words)}</span></p>{_parts(finding)}{beside}</section>"
    )


def _parts(finding: Finding) -> str:
    """The parts that a compound question was taken apart into; nothing for one that is whole."""
    if len(finding.parts) < 2:
        return ""
    asked = finding.inquiry.question
    names = [part.name if part.text == asked else part.text for part in finding.parts]
    more = f"; and {len(names) - MOST_PARTS} more" if len(names) > MOST_PARTS else ""
    said = f"Searched and judged in {len(names)} parts: {'; '.join(names[:MOST_PARTS])}{more}"
    return f'<p class="hint">{safe(said)}</p>'


def _wording(wording: Wording) -> str:
    by = f"<small>{safe(written_by(wording))}; {safe(searched_by(wording))}</small>"
    if len(wording.text) <= SHORT:
        return f"<li><q>{safe(wording.text)}</q> {by}</li>"
    return (
        f"<li><details><summary><q>{safe(one_line(wording.text, SHORT))}</q> {by}</summary>"
        f'<div class="text">{safe(wording.text)}</div></details></li>'
    )


def trace_view(finding: Finding, host: str) -> None:
    """Draw what each module did, closed at first; nothing for a finding of before there were pipelines. ``host`` is
    that of the model service that modules may have asked.
    """
    if not finding.trace:
        return
    with st.expander(f"How this was searched, module by module: pipeline {label(finding.inquiry.pipeline)}"):
        st.html(trace_html(finding, host))


def trace_html(finding: Finding, host: str) -> str:
    """One row for each module, and below it every message that it sent."""
    rows = "".join(_row(step, host) for step in finding.trace)
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return (
        f'<section class="trace"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{_summary(finding)}</section>"
    )


def _row(step: TraceStep, host: str) -> str:
    calls = f"{plural(step.calls, 'call')}, about {step.tokens:,} tokens" if step.calls else "not asked"
    layer = step.layer.value.replace("_", "-")
    cells = (layer, step.module.replace("_", " "), step.input, step.output, f"{step.seconds:.2f}", calls)
    row = f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in cells)}</tr>"
    return row + _steps(step) + (_sent(step, host) if step.sent else "")


def _steps(step: TraceStep) -> str:
    """The steps of a module that takes several; of any other its row says all."""
    if len(step.steps) < 2:
        return ""
    items = "".join(f"<li>{safe(words)}</li>" for words in step.steps)
    return (
        f'<tr class="sent"><td colspan="{len(COLUMNS)}"><details><summary>What {safe(module_name(step.module))} did:'
        f" {len(step.steps)} steps</summary><ol>{items}</ol></details></td></tr>"
    )


def _cell(text: str) -> str:
    if len(text) <= SHORT:
        return safe(text)
    return f"<details><summary>{safe(one_line(text, SHORT))}</summary>{safe(text)}</details>"


def _sent(step: TraceStep, host: str) -> str:
    where = f" to {safe(host)}" if host else ""
    messages = "".join(f"<pre>{safe(message)}</pre>" for message in step.sent)
    return (
        f'<tr class="sent"><td colspan="{len(COLUMNS)}"><details><summary>What {safe(module_name(step.module))} sent'
        f"{where}: {plural(len(step.sent), 'message')}, word for word</summary>{messages}</details></td></tr>"
    )


def _summary(finding: Finding) -> str:
    seconds = sum(step.seconds for step in finding.trace)
    calls = sum(step.calls for step in finding.trace)
    tokens = sum(step.tokens for step in finding.trace)
    asked = (
        f"{plural(calls, 'call')} to the model service, about {tokens:,} tokens" if calls else "no model call"
    )
    return f'<p class="hint">Together {seconds:.2f} s and {asked}.</p>'
