"""Passages beside each other: what moved most, any two with all their numbers, and other orders' choices."""

from collections.abc import Sequence

from core.found_by import found_words
from core.page_words import pages
from core.records import Finding, Judged, Verdict
from pages.parts.found_view import found_html
from pages.parts.inspector_data import Alternative
from pages.parts.markup import bar, marked, one_line, page_link, safe
from pages.parts.path_view import reached_html


def movers_html(heading: str, moved: Sequence[Judged]) -> str:
    """Those that moved most in one direction."""
    rows = "".join(
        f'<li><span class="number">{judged.candidate.fused_rank} \u2192 {judged.rank}</span>'
        f'<span class="name"><b>{safe(judged.candidate.contract_title)}</b>'
        f"<span>{safe(_where(judged))}</span></span>"
        f'<span class="score">{judged.relevance:.3f}</span></li>'
        for judged in moved
    )
    return f'<h3 class="quiet">{safe(heading)}</h3><ol class="movers">{rows or "<li>None</li>"}</ol>'


def passage_html(judged: Judged, finding: Finding) -> str:
    """One passage in full with every number."""
    candidate, chunk = judged.candidate, judged.candidate.chunk
    rows = "".join(f"<dt>{name}</dt><dd>{safe(value)}</dd>" for name, value in numbers(judged).items())
    kind = " kept" if judged.verdict is Verdict.KEPT else ""
    return (
        f'<article class="passage{kind}"><header><span class="number">{judged.rank}</span>'
        f'<h3>{safe(candidate.contract_title)}</h3><span class="score">{judged.relevance:.3f}</span>'
        f"{bar(judged.relevance, f'relevance {judged.relevance:.3f} of 1')}</header>"
        f'<p class="where"><span>{safe(chunk.heading)}</span>'
        f" <span>{pages(chunk.page_start, chunk.page_end)}</span></p>"
        f'<div class="text">{marked(chunk.text, finding.inquiry.question)}</div>'
        f'<dl class="numbers">{rows}</dl>{reached_html(candidate)}{found_html(candidate, opened=True)}'
        f'<p class="why"><a href="{safe(page_link(chunk))}" target="_blank">Open page</a></p></article>'
    )


def numbers(judged: Judged) -> dict[str, str]:
    """Every rank and score of a candidate by name."""
    candidate = judged.candidate
    missed = "not among its hits"
    return {
        "Verdict": judged.verdict.value,
        "Final rank": str(judged.rank),
        "Relevance": f"{judged.relevance:.4f}",
        "Logit": f"{judged.logit:.3f}",
        "Scored by": judged.scored_by.value,
        "Fused rank": f"{candidate.fused_rank} (score {candidate.fused_score:.5f})",
        "Dense rank": f"{candidate.dense.rank} (cosine {candidate.dense.score:.4f})"
        if candidate.dense
        else missed,
        "BM25 rank": f"{candidate.bm25.rank} (score {candidate.bm25.score:.3f})"
        if candidate.bm25
        else missed,
        "Found by": found_words(candidate) or "not known",
        "Read in full": "no, its end was cut off" if judged.truncated else "yes",
    }


def alternative_html(alternative: Alternative, kept_ids: frozenset[str]) -> str:
    """What one order would keep; passages that the reranker did not keep are marked."""
    differing = len(alternative.kept) - alternative.shared
    note = "the evidence" if alternative.name == "Reranked" else f"{differing} differ"
    rows = "".join(_choice(judged, kept_ids) for judged in alternative.kept)
    return (
        f'<h3 class="quiet">{alternative.name} <small>{note}</small></h3>'
        f'<ol class="choices">{rows or "<li>Nothing</li>"}</ol>'
    )


def _choice(judged: Judged, kept_ids: frozenset[str]) -> str:
    same = judged.candidate.chunk.chunk_id in kept_ids
    mark = "" if same else f'<span class="flag">final rank {judged.rank}</span>'
    return (
        f'<li class="{"" if same else "differs"}"><b>{safe(judged.candidate.contract_title)}</b>'
        f"<span>{safe(_where(judged))}</span>"
        f'<span class="score">{judged.relevance:.3f} {mark}</span></li>'
    )


def _where(judged: Judged) -> str:
    chunk = judged.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 50)
    return f"{heading}, {pages(chunk.page_start, chunk.page_end)}"
