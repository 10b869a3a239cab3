"""Why this score: the pieces of a passage that its score depends on, drawn on the text and as a list."""

from bisect import bisect_left
from collections.abc import Sequence
from math import exp

import streamlit as st

from core.explain.occlusion import Explanation, Piece, PieceKind
from core.page_words import pages
from core.records import Finding, Judged, Ranking
from core.reflow import reflowed
from core.search import Search
from core.similarity import similarities
from pages.parts.explain_state import Explained
from pages.parts.markup import one_line, safe
from pages.parts.panels import guard
from pages.parts.state import session
from pages.parts.watching import watched
from pages.parts.wiring import Services

# Shares of the largest drop from which on a piece is drawn stronger.
LEVELS = (0.12, 0.33, 0.66)
# A drop of less than this in the logit is noise.
LEAST_DROP = 0.05
MOST_ROWS = 8
LIMITS = (
    "Each piece was left out in turn and the rest scored again. This shows what the score depends on; it does not"
    " say what the clause means in law. Two pieces that say the same each seem to matter little. Where the similarity"
    " that the first search found counts in the score, it counts the same whatever is left out."
)


@st.dialog("Why this score", width="large")
def why_dialog(judged: Judged, finding: Finding, services: Services) -> None:
    """Explain the score of a candidate over the present screen; an explanation is made once a session."""
    with guard():
        explanation = bring_explanation(
            judged, judged.wording or finding.inquiry.question, finding.ranking, session().explained, services
        )
        st.html(why_html(judged, explanation))


def bring_explanation(
    judged: Judged, question: str, ranking: Ranking, explained: Explained, services: Services
) -> Explanation:
    """The explanation that the session knows, or a new one, with progress on the screen.

    Raises:
        ProvisoError: whatever kept it from being made.
    """
    chunk = judged.candidate.chunk
    key = (question, chunk.chunk_id, services.settings.reranker)
    known = explained.known.get(key)
    if known is not None:
        return known
    search = explained.whys.get(key)
    if search is None or search.given_up:
        explainer = services.explainer
        alike = similarities([one.candidate for one in ranking.all]).get(chunk.chunk_id)
        search = Search(lambda report: explainer.why(question, chunk, report, alike)).start()
        explained.whys[key] = search
    try:
        made = watched(search, st.empty(), lambda _: "Leaving out one piece after the other\u2026")
    finally:
        if search.wait(0) is None:
            explained.whys.pop(key, None)
    explained.explained(key, made)
    return made


def why_html(judged: Judged, explanation: Explanation) -> str:
    """The whole explanation."""
    chunk = judged.candidate.chunk
    largest = max((piece.drop for piece in explanation.ranked), default=0.0)
    return (
        f'<section class="reasons" aria-label="Why this score">'
        f'<header><h2>{safe(judged.candidate.contract_title)}</h2><p class="hint">{safe(_path(chunk.heading))},'
        f" {pages(chunk.page_start, chunk.page_end)}, final rank {judged.rank}</p></header>"
        f"{_summary(explanation)}"
        f'<div class="text heat">{_context(explanation, largest)}{_heat(chunk.text, explanation, largest)}</div>'
        f"{_key(explanation)}{_table(explanation)}"
        f'<p class="hint">{LIMITS}</p></section>'
    )


def _summary(explanation: Explanation) -> str:
    sentences = [f"Relevance {explanation.relevance:.3f} (logit {explanation.logit:.2f})."]
    if explanation.context:
        sentences.append(
            f"From its text alone, without title and headings, it would be {explanation.without_context:.3f}."
        )
    sentences.append(_main_reason(explanation))
    if explanation.truncated:
        sentences.append(
            "The passage is longer than the reranker reads: the part in grey did not count for the score."
        )
    else:
        sentences.append("The reranker read the whole passage.")
    if explanation.question_shortened:
        sentences.append(
            "The question is so long that the reranker shortened it too; what follows is explained beside the whole"
            f" question, where the relevance is {_relevance(explanation.baseline):.3f}."
        )
    return f'<p class="why">{safe(" ".join(sentences))}</p>'


def _main_reason(explanation: Explanation) -> str:
    strongest = next(iter(explanation.ranked), None)
    if strongest is None or strongest.drop < LEAST_DROP:
        return "No single piece carries the score."
    without = f"{_relevance(explanation.baseline - strongest.drop):.3f}"
    if strongest.kind is PieceKind.TITLE:
        return f"It depends most on the title of the contract: without it, {without}."
    if strongest.kind is PieceKind.HEADING:
        return f"It depends most on the heading: without it, {without}."
    return f"It depends most on \u201c{one_line(strongest.text, 80)}\u201d: without these words, {without}."


def _relevance(logit: float) -> float:
    return 1 / (1 + exp(-logit)) if logit > 0 else exp(logit) / (1 + exp(logit))


def _context(explanation: Explanation, largest: float) -> str:
    if not explanation.context:
        return ""
    parts = " \u203a ".join(_span(_path(piece.text), piece.drop, largest) for piece in explanation.context)
    return f'<span class="line">{parts}</span>'


def _heat(text: str, explanation: Explanation, largest: float) -> str:
    divided = {piece.start for piece in explanation.phrases}
    coarse = [piece for piece in explanation.sentences if piece.start not in divided]
    pieces = sorted((*coarse, *explanation.phrases), key=lambda piece: piece.start)
    shown = reflowed(text)
    places = shown_places(text, shown, [*((piece.start, piece.end) for piece in pieces)])
    unread = shown_places(text, shown, [(explanation.read_until, len(text))])[0][0]
    parts: list[str] = []
    end = 0
    for piece, (start, stop) in zip(pieces, places, strict=True):
        parts += [safe(shown[end:start]), _span(shown[start:stop], piece.drop, largest)]
        end = stop
    if explanation.truncated:
        parts += [safe(shown[end:unread]), f'<span class="unread">{safe(shown[unread:])}</span>']
    else:
        parts.append(safe(shown[end:]))
    return "".join(parts)


def shown_places(text: str, shown: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where ``text[start:end]`` stands in ``shown``, the same text with other white space."""
    before = [at for at, character in enumerate(text) if not character.isspace()]
    after = [at for at, character in enumerate(shown) if not character.isspace()]
    places = []
    for start, end in spans:
        first, last = bisect_left(before, start), bisect_left(before, end) - 1
        begin = after[first] if first < len(after) else len(shown)
        places.append((begin, after[last] + 1 if last >= first else begin))
    return places


def _span(words: str, drop: float, largest: float) -> str:
    kind = level(drop, largest)
    return f'<span class="{kind}">{safe(words)}</span>' if kind else safe(words)


def level(drop: float, largest: float) -> str:
    """The style of a piece: ``h1`` to ``h3`` by how far it carried the score, ``against`` where it spoke against."""
    if abs(drop) < LEAST_DROP or largest < LEAST_DROP:
        return ""
    if drop < 0:
        return "against" if -drop >= LEVELS[0] * largest else ""
    reached = sum(drop >= share * largest for share in LEVELS)
    return f"h{reached}" if reached else ""


def _path(heading: str) -> str:
    return heading.replace(" > ", " \u203a ")


def _key(explanation: Explanation) -> str:
    unread = '<span class="unread">not read</span>' if explanation.truncated else ""
    return (
        '<p class="heatkey" aria-hidden="true"><span class="h3">carries most</span><span class="h2">much</span>'
        f'<span class="h1">some</span><span class="against">speaks against</span>{unread}</p>'
    )


def _table(explanation: Explanation) -> str:
    carrying = [piece for piece in explanation.ranked if piece.drop >= LEAST_DROP][:MOST_ROWS]
    against = [piece for piece in reversed(explanation.ranked) if piece.drop <= -LEAST_DROP][:2]
    if not carrying and not against:
        return ""
    rows = "".join(_row(piece, explanation) for piece in [*carrying, *reversed(against)])
    return (
        '<div class="figures"><table><caption>What happens when a piece is left out, strongest first</caption>'
        "<thead><tr><th>Left out</th><th>Logit changes by</th><th>Relevance without it</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(piece: Piece, explanation: Explanation) -> str:
    kind = {PieceKind.TITLE: "Title: ", PieceKind.HEADING: "Heading: "}.get(piece.kind, "")
    return (
        f"<tr><th>{kind}{safe(one_line(_path(piece.text) if kind else piece.text, 110))}</th>"
        f"<td>{-piece.drop:+.2f}</td>"
        f"<td>{_relevance(explanation.baseline - piece.drop):.3f}</td></tr>"
    )
