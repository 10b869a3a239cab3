"""Ranks before and after, and how the scores are spread, as charts."""

from typing import Literal

import altair as alt
import pandas as pd

ACCENT = "#1c4a6e"
QUIET = "#b9b5ac"
INK = "#22252a"
TOOLTIP = [
    *(alt.Tooltip(f"{name}:N") for name in ("contract", "heading", "pages", "fused", "final")),
    alt.Tooltip("relevance:Q", format=".3f"),
    alt.Tooltip("passage:N"),
]


def rank_chart(candidates: pd.DataFrame) -> alt.LayerChart:
    """Fused rank (before) against final rank (after); above the diagonal a passage moved up."""
    limit = len(candidates)
    before = alt.Scale(domain=[0, limit + 1], nice=False)
    after = alt.Scale(domain=[0, limit + 1], nice=False, reverse=True)
    diagonal = (
        alt.Chart(pd.DataFrame({"rank": [1, limit]}))
        .mark_line(strokeDash=[3, 3], color=QUIET)
        .encode(
            x=alt.X("rank:Q", title="Fused rank, before reranking", scale=before),
            y=alt.Y("rank:Q", title="Final rank, after", scale=after),
        )
    )
    points = (
        alt.Chart(candidates)
        .mark_circle(size=70, opacity=0.9)
        .encode(
            x=alt.X("fused:Q", scale=before),
            y=alt.Y("final:Q", scale=after),
            color=_kept_colour(),
            tooltip=TOOLTIP,
        )
    )
    return _finished(diagonal, points)


def score_chart(candidates: pd.DataFrame, cut: float | None, minimum: float) -> alt.LayerChart:
    """How many candidates scored how much, with the lowest kept score and the minimum drawn."""
    bars = (
        alt.Chart(candidates)
        .mark_bar()
        .encode(
            x=alt.X("relevance:Q", bin=alt.Bin(step=0.05, extent=[0, 1]), title="Relevance"),
            y=alt.Y("count():Q", title="Candidates"),
            color=_kept_colour(),
            tooltip=[alt.Tooltip("count():Q", title="candidates")],
        )
    )
    lines = [_line(minimum, f"minimum {minimum:.2f}", -4)]
    if cut is not None:
        # A line higher: the two may stand close to each other.
        lines.append(_line(cut, f"kept down to {cut:.3f}", -20))
    return _finished(bars, *lines)


def _line(at: float, words: str, height: int) -> alt.LayerChart:
    place = alt.Chart(pd.DataFrame({"at": [at], "words": [words]}))
    rule = place.mark_rule(color=INK, strokeDash=[4, 3]).encode(x="at:Q")
    align: Literal["left", "right"] = "left" if at < 0.5 else "right"
    offset = 5 if align == "left" else -5
    text = place.mark_text(align=align, dx=offset, baseline="bottom", color=INK, fontSize=12)
    return alt.LayerChart(layer=[rule, text.encode(x="at:Q", y=alt.value(height), text="words:N")])


def _kept_colour() -> alt.Color:
    return alt.Color(
        "kept:N",
        scale=alt.Scale(domain=[True, False], range=[ACCENT, QUIET]),
        legend=None,
    )


def _finished(*layers: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(layers)).properties(height=340)
