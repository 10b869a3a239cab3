"""The candidates that were scored and not kept, as one list that can be sorted, searched and opened."""

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from core.explain.margin import Cut
from core.found_by import best_ranks, found_words, module_name
from core.page_words import pages
from core.plural import plural
from core.records import Finding, Judged, ScoredBy, Selection, Verdict
from core.storage.notes_reader import NotesReader
from pages.parts.found_view import found_html
from pages.parts.markup import bar, marked, one_line, page_link, safe
from pages.parts.panels import guard
from pages.parts.path_view import reached_html
from pages.parts.thumbs import thumbs
from pages.parts.why_view import why_dialog
from pages.parts.wiring import Services

NEVER = 10_000
LEGS = ("dense", "bm25")
NEAR = '<i class="near">near miss</i> '
ORDERS: dict[str, Callable[[Judged], int]] = {
    "final rank": lambda judged: judged.rank,
    "fused rank": lambda judged: judged.candidate.fused_rank,
    "BM25 rank": lambda judged: judged.candidate.bm25.rank if judged.candidate.bm25 else NEVER,
    "dense rank": lambda judged: judged.candidate.dense.rank if judged.candidate.dense else NEVER,
}


@st.fragment
def discarded(finding: Finding, fallen: Cut, services: Services) -> None:
    """Draw the list; sorting and searching redraw it alone."""
    with guard():
        count = len(finding.ranking.discarded)
        st.html(
            f'<h2 class="column">Discarded <small>{plural(count, "passage")},'
            " scored and not used for the answer</small></h2>"
        )
        if not count:
            return
        left, right = st.columns([3, 2], gap="small")
        wanted = left.text_input(
            "Search the discarded passages",
            placeholder="Search in these passages",
            label_visibility="collapsed",
            key="discarded_search",
        )
        order = right.selectbox(
            "Sort the discarded passages by",
            list(ORDERS),
            format_func=lambda name: f"Sort by {name}",
            label_visibility="collapsed",
            key="discarded_order",
        )
        shown = arranged(finding.ranking.discarded, wanted, order or "final rank")
        _explain_one(shown, finding, services)
        st.html(list_html(shown, finding, services.notes, fallen.near_ids))


def _explain_one(shown: Sequence[Judged], finding: Finding, services: Services) -> None:
    """Choose a passage of the list by its rank and have its score explained."""
    by_rank = {judged.rank: judged for judged in shown}
    if not by_rank:
        return
    left, middle, right = st.columns([5, 3, 2], gap="small", vertical_alignment="center")
    rank = left.selectbox(
        "Passage to explain or to judge",
        list(by_rank),
        format_func=lambda rank: _option(by_rank[rank]),
        label_visibility="collapsed",
        key="why_rank",
    )
    asked = middle.button("Why this score", key="why_discarded", width="stretch")
    if rank not in by_rank:
        return
    with right:
        thumbs(by_rank[rank], finding, services)
    if asked:
        why_dialog(by_rank[rank], finding, services)


def _option(judged: Judged) -> str:
    chunk = judged.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 40)
    return one_line(f"{judged.rank}. {judged.candidate.contract_title}: {heading}", 90)


def arranged(discarded_ones: Sequence[Judged], wanted: str, order: str) -> list[Judged]:
    """Those whose title, headings or text hold every word of ``wanted``, in the order asked for."""
    words = wanted.casefold().split()
    return sorted(
        (judged for judged in discarded_ones if all(word in _searchable(judged) for word in words)),
        key=lambda judged: (ORDERS[order](judged), judged.rank),
    )


def _searchable(judged: Judged) -> str:
    candidate = judged.candidate
    return f"{candidate.contract_title}\n{candidate.chunk.heading}\n{candidate.chunk.text}".casefold()


def list_html(
    shown: Sequence[Judged], finding: Finding, notes: NotesReader, near_ids: Collection[str] = frozenset()
) -> str:
    """The list; every entry opens to its full text and its numbers."""
    if not shown:
        return '<p class="hint">None of the discarded passages holds these words.</p>'
    items = "".join(
        _entry(judged, finding, notes, near=judged.candidate.chunk.chunk_id in near_ids) for judged in shown
    )
    return f'<div class="discarded" role="list" tabindex="0" aria-label="Discarded passages">{items}</div>'


def _entry(judged: Judged, finding: Finding, notes: NotesReader, *, near: bool) -> str:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    headings = " \u203a ".join(chunk.heading_path) or one_line(chunk.text, 60)
    place = pages(chunk.page_start, chunk.page_end)
    return (
        f'<details class="passage" role="listitem"><summary><span class="number">{judged.rank}</span>'
        f'<span class="name"><b>{safe(candidate.contract_title)}</b>'
        f"<span>{NEAR if near else ''}{safe(headings)}, {place}</span>"
        f'<span class="by">Found by {safe(found_words(candidate))}</span><em>'
        f"{safe(one_line(chunk.text, 110))}</em></span>"
        f'<span class="score">{judged.relevance:.3f}</span>'
        f"{bar(judged.relevance, f'relevance {judged.relevance:.3f} of 1', 'faint')}</summary>"
        f'<div class="text">{marked(chunk.text, finding.inquiry.question, notes.of(chunk))}</div>'
        f'<p class="ranks">{_numbers(judged)}</p>{reached_html(candidate)}{found_html(candidate)}'
        f'<p class="why">{safe(reason(judged, finding))}'
        f' <a href="{safe(page_link(chunk))}" target="_blank">Open page</a></p></details>'
    )


def _numbers(judged: Judged) -> str:
    candidate = judged.candidate
    dense = f"{candidate.dense.rank} ({candidate.dense.score:.3f})" if candidate.dense else "\u2013"
    bm25 = f"{candidate.bm25.rank} ({candidate.bm25.score:.2f})" if candidate.bm25 else "\u2013"
    return (
        f"<span>Dense <b>{dense}</b></span><span>BM25 <b>{bm25}</b></span>"
        f"{_others(judged)}"
        f"<span>Fused <b>{candidate.fused_rank}</b> \u2192 final <b>{judged.rank}</b></span>"
        f"<span>Logit <b>{judged.logit:.2f}</b></span>"
        f"<span>Scored by <b>{judged.scored_by.value}</b></span>"
        f"{f'<span>Judged by the part <b>{safe(judged.wording)}</b></span>' if judged.wording else ''}"
    )


def _others(judged: Judged) -> str:
    """The ranks of modules beside the two legs, which have their scores shown."""
    ranks = best_ranks(judged.candidate)
    return "".join(
        f"<span>{safe(module_name(module))} <b>{rank}</b></span>"
        for module, rank in ranks.items()
        if module not in LEGS
    )


def reason(judged: Judged, finding: Finding) -> str:
    """Why this candidate was not kept, in one sentence with its figures."""
    if judged.scored_by is ScoredBy.FIRST_LOOK:
        return (
            f"Discarded: set aside by the first look. After a few layers the cross-encoder puts its relevance at"
            f" about {judged.relevance:.3f}, too far below the kept ones to read it to the end."
        )
    if judged.verdict is Verdict.BELOW_MINIMUM:
        minimum = finding.inquiry.minimum_relevance
        return f"Discarded: relevance {judged.relevance:.3f} is below the minimum of {minimum:.2f}."
    if judged.verdict in (Verdict.SAME_CONTRACT, Verdict.OTHER_PART, Verdict.REMOVED):
        return f"Discarded: {judged.verdict.value}."
    keep = finding.inquiry.keep
    if finding.inquiry.selection is Selection.BEST_OF_EACH:
        return f"Discarded: rank {judged.rank}, and {plural(keep, 'better contract')} hold the places."
    best = "only the best is" if keep == 1 else f"only the best {keep} are"
    return f"Discarded: rank {judged.rank} of {len(finding.ranking.all)}, and {best} kept."
