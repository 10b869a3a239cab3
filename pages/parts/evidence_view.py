"""Kept and discarded passages side by side, with the cut between them and every number that led to it."""

from collections.abc import Sequence

import streamlit as st

from core.explain.margin import Cut, cut
from core.found_by import modules_of
from core.page_words import pages
from core.passage_notes import PassageNotes
from core.plural import plural
from core.records import Finding, Judged, Selection, Verdict
from pages.parts.crowding_view import crowding_notice
from pages.parts.discarded_view import discarded
from pages.parts.found_view import found_html, ranks_html
from pages.parts.markup import bar, marked, safe
from pages.parts.page_view import page_dialog
from pages.parts.panels import strip
from pages.parts.path_view import reached_html
from pages.parts.state import Place
from pages.parts.thumbs import thumbs
from pages.parts.trace_view import searched_html, trace_view
from pages.parts.why_view import why_dialog
from pages.parts.wiring import Services

# A smaller margin would read as none with three digits.
CLOSE = 0.001
NARROW = '<span class="near" title="A discarded passage scores nearly the same">only just kept</span>'
NOTHING_FOUND = "No passage of the contracts searched came up. Widen the scope, or add contracts."


def evidence(finding: Finding, services: Services, host: str) -> None:
    """Draw how it was searched, the cut and both columns; ``host`` is that of the model service there was."""
    st.html(searched_html(finding, services.recipes))
    if not finding.ranking.all:
        st.html(f'<p class="hint">{NOTHING_FOUND}</p>')
        return
    fallen = cut(finding.ranking, services.settings.near_miss_margin, finding.inquiry.minimum_relevance)
    st.html(cut_html(finding, fallen))
    crowding_notice(finding)
    left, right = st.columns(2, gap="medium")
    with left:
        kept(finding, fallen, services)
    with right:
        discarded(finding, fallen, services)
    trace_view(finding, host)


def kept(finding: Finding, fallen: Cut, services: Services) -> None:
    """One card for each kept passage."""
    st.html(f'<h2 class="column">Kept <small>{_kept_note(finding)}</small></h2>')
    modules = modules_of(finding.ranking)
    for number, judged in enumerate(finding.ranking.kept, start=1):
        chunk = judged.candidate.chunk
        with st.container(border=True, key=f"card_{number}"):
            cautions = finding.passage_cautions.get(chunk.chunk_id, ())
            narrow = chunk.chunk_id in fallen.narrow_ids
            notes = services.notes.of(chunk)
            question = finding.inquiry.question
            st.html(card_html(number, judged, question, cautions, notes, narrow=narrow, modules=modules))
            with st.container(
                horizontal=True, gap="medium", vertical_alignment="center", key=f"actions_{number}"
            ):
                opened = st.button("Open page", key=f"open_{chunk.chunk_id}", type="tertiary")
                asked = st.button("Why this score", key=f"why_{chunk.chunk_id}", type="tertiary")
                thumbs(judged, finding, services)
            if opened:
                page_dialog(Place(chunk.contract_id, chunk.page_start, chunk.chunk_id), services)
            if asked:
                why_dialog(judged, finding, services)


def _kept_note(finding: Finding) -> str:
    if not finding.ranking.kept:
        return "nothing reaches the minimum relevance"
    return f"{plural(len(finding.ranking.kept), 'passage')}, all the answer rests on"


def card_html(
    number: int,
    judged: Judged,
    question: str,
    cautions: tuple[str, ...] = (),
    notes: PassageNotes | None = None,
    *,
    narrow: bool = False,
    modules: Sequence[str] = ("dense", "bm25"),
) -> str:
    """One passage as a card; ``number`` is that of its citations, and its id is what they point to. ``modules`` are
    those whose ranks are shown.
    """
    candidate, chunk = judged.candidate, judged.candidate.chunk
    where = " \u203a ".join(chunk.heading_path)
    return (
        f'<article class="passage kept" id="passage-{number}" aria-label="Passage {number}">'
        f'<header><span class="number">{number}</span><h3>{safe(candidate.contract_title)}</h3>'
        f'{NARROW if narrow else ""}<span class="score">{judged.relevance:.3f}</span>'
        f"{bar(judged.relevance, f'relevance {judged.relevance:.3f} of 1')}</header>"
        f'<p class="where"><span>{safe(where)}</span>'
        f" <span>{pages(chunk.page_start, chunk.page_end)}</span></p>"
        f'<div class="text">{marked(chunk.text, question, notes)}</div>{strip(cautions)}'
        f'<p class="ranks">{ranks_html(judged, modules)}</p>{reached_html(candidate)}{found_html(candidate)}</article>'
    )


def cut_html(finding: Finding, fallen: Cut) -> str:
    """All candidates on one line from 0 to 1, and where the cut fell."""
    ticks = "".join(
        f'<i class="{_tick(judged, fallen)}" style="left:{100 * judged.relevance:.2f}%"></i>'
        for judged in reversed(finding.ranking.all)
    )
    minimum = finding.inquiry.minimum_relevance
    words = cut_words(finding, fallen)
    close = close_words(fallen)
    return (
        f'<section class="cut" aria-label="Cut: {safe("; ".join(words + close))}">'
        f"<p>{''.join(f'<span>{safe(word)}</span>' for word in words)}"
        f"{''.join(f'<span><b>{safe(word)}</b></span>' for word in close)}</p>"
        f'<div class="axis" aria-hidden="true"><u style="left:{100 * minimum:.2f}%"></u>{ticks}</div>'
        '<p class="ends" aria-hidden="true"><span>0 relevance</span><span>1</span></p></section>'
    )


def _tick(judged: Judged, fallen: Cut) -> str:
    if judged.verdict is Verdict.KEPT:
        return "kept"
    return "near" if judged.candidate.chunk.chunk_id in fallen.near_ids else ""


def cut_words(finding: Finding, fallen: Cut) -> tuple[str, ...]:
    """The cut in figures: last kept, first discarded, the margin between them, and the minimum."""
    of_each = ", one of each contract" if finding.inquiry.selection is Selection.BEST_OF_EACH else ""
    count = len(finding.ranking.kept)
    of_parts = (
        f", the best of each of {plural(len(finding.parts), 'part')} first"
        if finding.parts and not of_each
        else ""
    )
    words = [f"{count} of {plural(len(finding.ranking.all), 'candidate')} kept{of_each}{of_parts}"]
    lowest = fallen.last_kept.relevance if fallen.last_kept else None
    following = fallen.next_discarded.relevance if fallen.next_discarded else None
    margin = lowest - following if lowest is not None and following is not None else None
    digits = 3 if margin is None or margin >= CLOSE else 5
    if lowest is not None:
        words.append(f"Kept down to {lowest:.{digits}f}")
    if following is not None:
        words.append(f"next {following:.{digits}f}")
    if margin is not None:
        words.append(f"margin {margin:.{digits}f}")
    return (*words, f"minimum {finding.inquiry.minimum_relevance:.2f}")


def close_words(fallen: Cut) -> tuple[str, ...]:
    """How many passages lie close to the cut on either side."""
    near, narrow = len(fallen.near_misses), len(fallen.narrowly_kept)
    words = [f"{near} near {'miss' if near == 1 else 'misses'}"] if near else []
    return (*words, *([f"{narrow} only just kept"] if narrow else []))
