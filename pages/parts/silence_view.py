"""What each contract says at most: the statement of what was searched, and a row for every contract."""

import streamlit as st

from core.audit.trail import survey_on_record
from core.errors import ProvisoError
from core.explain.silence_records import BestPassage, ContractAtMost, SilenceReport
from core.explain.silence_statement import statement
from core.page_words import pages
from core.plural import plural
from core.records import Finding
from core.reflow import reflowed
from core.search import Search, Standing
from pages.parts.explain_state import Explained
from pages.parts.markup import bar, one_line, page_address, safe
from pages.parts.panels import error_panel
from pages.parts.state import actor
from pages.parts.watching import watched
from pages.parts.wiring import Services

OFFER = (
    "Each contract in scope is searched on its own until a few of its passages have been scored. The best of each is"
    " then shown with its page, however low it scores, together with the pages that could not be read."
)


def silence_panel(number: int, finding: Finding, explained: Explained, services: Services) -> None:
    """Draw the report of a turn, make it first where there is none; it can be cancelled."""
    made = explained.reports.get(number)
    if made is None:
        made = _bring(number, finding, explained, services)
    if isinstance(made, ProvisoError):
        error_panel(made)
        st.button("Try again", key="retry_silence", on_click=_again, args=(explained, number))
    else:
        st.html(report_html(made))


def _bring(
    number: int, finding: Finding, explained: Explained, services: Services
) -> SilenceReport | ProvisoError:
    search = explained.silences.get(number)
    if search is None or search.given_up:
        explainer, asking = services.explainer, actor()
        search = Search(
            lambda report: survey_on_record(explainer, services.trail, asking, finding, report)
        ).start()
        explained.silences[number] = search
    place = st.empty()
    with place.container():
        st.html(f'<p class="hint">{OFFER}</p>')
        progress = st.empty()
        st.button("Cancel", key="cancel_silence", type="tertiary", on_click=_cancel, args=(explained, number))
        made: SilenceReport | ProvisoError
        try:
            made = watched(search, progress, _sentence)
        except ProvisoError as error:
            made = error
    explained.reports[number] = made
    explained.silences.pop(number, None)
    place.empty()
    return made


def _again(explained: Explained, number: int) -> None:
    explained.reports.pop(number, None)


def _cancel(explained: Explained, number: int) -> None:
    explained.cancel_silence(number)
    explained.panels.pop(number, None)


def _sentence(standing: Standing) -> str:
    return (
        f"Searching each contract on its own: {standing.done} of {plural(standing.of, 'contract')} done\u2026"
    )


def report_html(report: SilenceReport) -> str:
    """The statement, then the contracts by falling relevance, with a line where the minimum is."""
    first, *others = statement(report)
    items = "".join(f"<li>{safe(one)}</li>" for one in others)
    return (
        '<section class="silence" aria-label="What each contract says at most">'
        f'<h2>What each contract says at most</h2><p class="result">{safe(first)}</p><ul>{items}</ul>'
        f"{_table(report)}</section>"
    )


def _table(report: SilenceReport) -> str:
    if not report.contracts:
        return ""
    above = [_row(one) for one in report.speaking]
    below = [_row(one) for one in report.contracts if one not in report.speaking]
    divider = (
        f'<tr class="divider"><td colspan="4">Below the minimum relevance of {report.minimum_relevance:.2f}</td></tr>'
        if above and below
        else ""
    )
    return (
        '<div class="rows" tabindex="0" role="region" aria-label="Best passage of each contract"><table>'
        "<thead><tr><th>Contract</th><th>Its best passage</th><th>Relevance</th><th>Read and judged</th></tr></thead>"
        f"<tbody>{''.join(above)}{divider}{''.join(below)}</tbody></table></div>"
    )


def _row(one: ContractAtMost) -> str:
    best = "No passage" if one.best is None else _best(one.contract_id, one.best)
    kept = f" <small>{plural(one.kept, 'passage')} kept</small>" if one.kept else ""
    relevance = (
        f'<span class="score">{one.relevance:.3f}</span>'
        f"{bar(one.relevance, f'relevance {one.relevance:.3f} of 1', '' if one.kept else 'faint')}"
        if one.best is not None
        else "\u2013"
    )
    return (
        f"<tr><th>{safe(one_line(one.title, 90))}<small>{safe(one_line(one.file_name, 44))}</small>{kept}</th>"
        f"<td>{best}</td><td>{relevance}</td><td>{_reading(one)}</td></tr>"
    )


def _best(contract_id: str, best: BestPassage) -> str:
    place = pages(best.page_start, best.page_end)
    heading = safe(one_line(best.heading, 70))
    link = safe(page_address(contract_id, best.page_start, best.chunk_id))
    return (
        f"<details><summary><b>{heading or 'Without heading'}</b>, {place}"
        f"<em>{safe(one_line(best.text, 110))}</em></summary>"
        f'<div class="text">{safe(reflowed(best.text))}</div>'
        f'<a href="{link}" target="_blank">Open page</a></details>'
    )


def _reading(one: ContractAtMost) -> str:
    said = [f"{one.judged:,} of {plural(one.passage_count, 'passage')}"]
    flags = []
    if one.unread_pages:
        flags.append(f"not read: {_pages(one.unread_pages)}")
    if one.ocr_pages:
        flags.append(f"OCR: {_pages(one.ocr_pages)}")
    if one.cut_off:
        flags.append(f"{one.cut_off} longer than the reranker reads")
    items = "".join(f'<span class="gap">{safe(flag)}</span>' for flag in flags)
    return f"{safe(' '.join(said))}{items}"


def _pages(numbers: tuple[int, ...], most: int = 6) -> str:
    shown = ", ".join(map(str, numbers[:most]))
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return f"{'p.' if len(numbers) == 1 else 'pp.'} {shown}{more}"
