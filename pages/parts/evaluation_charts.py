"""The reliability diagram and the curve of the minimum relevance."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from evals.report import Calibration, MinimumFigures
from pages.parts.inspector_charts import ACCENT, INK, QUIET

BAD = "#94232b"
HEIGHT = 340
ERRORS = {"lost": "answered, every right passage lost", "false_evidence": "silent, something kept"}


def reliability_chart(calibrations: Sequence[Calibration]) -> alt.LayerChart:
    """Relevance against the share of right passages, one point a bin; on the diagonal both are the same."""
    unit = alt.Scale(domain=[0, 1], nice=False)
    ideal = pd.DataFrame({"relevance": [0.0, 1.0], "right": [0.0, 1.0]})
    diagonal = alt.Chart(ideal).mark_line(strokeDash=[3, 3], color=QUIET).encode(x="relevance:Q", y="right:Q")
    colour = alt.Color(
        "over:N",
        title=None,
        scale=alt.Scale(domain=[one.over for one in calibrations], range=[ACCENT, BAD]),
        legend=alt.Legend(orient="top"),
    )
    base = alt.Chart(reliability_rows(calibrations)).encode(
        x=alt.X("relevance:Q", scale=unit, title="Mean relevance of the kept passages"),
        y=alt.Y("right:Q", scale=unit, title="Share of them that are right"),
        color=colour,
    )
    points = base.mark_circle(opacity=0.9).encode(
        size=alt.Size("passages:Q", legend=None, scale=alt.Scale(range=[30, 400])),
        tooltip=[
            alt.Tooltip("bin:N", title="relevance"),
            alt.Tooltip("passages:Q"),
            alt.Tooltip("right:Q", format=".3f", title="share right"),
        ],
    )
    return alt.LayerChart(layer=[diagonal, base.mark_line(opacity=0.5), points]).properties(height=HEIGHT)


def reliability_rows(calibrations: Sequence[Calibration]) -> pd.DataFrame:
    """One row for each bin that holds a passage."""
    return pd.DataFrame(
        [
            {
                "over": calibration.over,
                "bin": f"{one.low:.1f} to {one.high:.1f}",
                "passages": one.count,
                "relevance": one.mean_relevance,
                "right": one.share_right,
            }
            for calibration in calibrations
            for one in calibration.bins
            if one.count
        ],
        columns=["over", "bin", "passages", "relevance", "right"],
    )


def abstention_chart(minima: Sequence[MinimumFigures], default: float) -> alt.LayerChart:
    """Both errors at every minimum relevance, with the default drawn."""
    colour = alt.Color(
        "error:N",
        title=None,
        scale=alt.Scale(domain=list(ERRORS.values()), range=[BAD, ACCENT]),
        legend=alt.Legend(orient="top", labelLimit=260),
    )
    curves = (
        alt.Chart(error_rows(minima))
        .mark_line(point=True)
        .encode(
            x=alt.X("minimum:Q", scale=alt.Scale(domain=[0, 1]), title="Minimum relevance"),
            y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), title="Share of the questions"),
            color=colour,
            tooltip=[alt.Tooltip("minimum:Q"), alt.Tooltip("share:Q", format=".3f"), "error:N"],
        )
    )
    rule = alt.Chart(pd.DataFrame({"at": [default]})).mark_rule(color=INK, strokeDash=[4, 3])
    return alt.LayerChart(layer=[curves, rule.encode(x="at:Q")]).properties(height=HEIGHT)


def error_rows(minima: Sequence[MinimumFigures]) -> pd.DataFrame:
    """One row for each minimum and each error that was measured."""
    return pd.DataFrame(
        [
            {"minimum": one.minimum_relevance, "error": words, "share": share}
            for one in minima
            for share, words in zip((one.lost, one.false_evidence), ERRORS.values(), strict=True)
            if share is not None
        ],
        columns=["minimum", "error", "share"],
    )
