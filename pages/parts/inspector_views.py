"""The parts of the rerank inspector, one function each."""

import pandas as pd
import streamlit as st

from core.records import Finding, Judged
from pages.parts.inspector_charts import rank_chart, score_chart
from pages.parts.inspector_compare import alternative_html, movers_html, passage_html
from pages.parts.inspector_data import alternatives, movers
from pages.parts.markup import one_line
from pages.parts.why_view import why_dialog
from pages.parts.wiring import Services

COLUMNS = (
    "final", "relevance", "found by", "verdict", "contract", "heading", "pages", "fused", "change", "dense", "bm25",
    "logit", "scored by", "fused score", "cosine", "BM25 score", "truncated", "passage",
)  # fmt: skip

LOGIT_HELP = (
    "The cross-encoder's score of question and passage read together; with the bundled models the cosine of the first"
    " search is weighed in"
)


def all_candidates(candidates: pd.DataFrame) -> None:
    """Every candidate in one table."""
    st.dataframe(
        candidates,
        hide_index=True,
        width="stretch",
        height=430,
        placeholder="\u2013",
        column_order=COLUMNS,
        key="candidates_table",
        alt="All candidates with their ranks and scores",
        column_config={
            "final": st.column_config.NumberColumn("Final", help="Rank after reranking", width="small"),
            "relevance": st.column_config.ProgressColumn(
                "Relevance",
                help="The logit as a chance of being right",
                min_value=0,
                max_value=1,
                format="%.3f",
            ),
            "verdict": "Verdict",
            "contract": "Contract",
            "heading": "Heading",
            "pages": st.column_config.TextColumn("Pages", width="small"),
            "fused": st.column_config.NumberColumn("Fused", help="Rank before reranking", width="small"),
            "change": st.column_config.NumberColumn("Change", format="%+d", width="small"),
            "found by": st.column_config.TextColumn(
                "Found by", help="Modules that found it, each with its best rank", width="medium"
            ),
            "dense": st.column_config.NumberColumn("Dense", width="small"),
            "bm25": st.column_config.NumberColumn("BM25", width="small"),
            "logit": st.column_config.NumberColumn("Logit", help=LOGIT_HELP, format="%.3f"),
            "scored by": st.column_config.TextColumn(
                "Scored by", help="The first look sets aside what stands no chance", width="small"
            ),
            "fused score": st.column_config.NumberColumn("Fused score", format="%.5f"),
            "cosine": st.column_config.NumberColumn("Cosine", format="%.4f"),
            "BM25 score": st.column_config.NumberColumn("BM25 score", format="%.3f"),
            "truncated": st.column_config.CheckboxColumn("Cut off", help="Longer than the model reads"),
            "passage": st.column_config.TextColumn("Passage", width="large"),
        },
    )


def charts(finding: Finding, candidates: pd.DataFrame) -> None:
    """Ranks before and after, and the spread of the scores."""
    left, right = st.columns(2, gap="large")
    with left:
        st.html(
            '<h2 class="column">Before and after <small>kept ones dark, risers above the line</small></h2>'
        )
        st.altair_chart(rank_chart(candidates), width="stretch", alt="Fused rank against final rank")
    with right:
        st.html('<h2 class="column">Scores <small>and where the cut fell</small></h2>')
        cut = finding.ranking.kept[-1].relevance if finding.ranking.kept else None
        chart = score_chart(candidates, cut, finding.inquiry.minimum_relevance)
        st.altair_chart(chart, width="stretch", alt="Number of candidates by relevance")


def movement(finding: Finding) -> None:
    """What reranking moved most."""
    risers, fallers = movers(finding.ranking)
    left, right = st.columns(2, gap="large")
    left.html(movers_html("Moved up most", risers))
    right.html(movers_html("Moved down most", fallers))


def without_reranker(finding: Finding) -> None:
    """What each order alone would have kept."""
    st.html('<h2 class="column">Kept without the reranker <small>differences are marked</small></h2>')
    kept_ids = frozenset(one.candidate.chunk.chunk_id for one in finding.ranking.kept)
    options = alternatives(finding.ranking, finding.inquiry.keep)
    for column, alternative in zip(st.columns(len(options), gap="medium"), options, strict=True):
        column.html(alternative_html(alternative, kept_ids))


@st.fragment
def two_passages(finding: Finding, services: Services) -> None:
    """Any two candidates beside each other."""
    st.html('<h2 class="column">Two passages side by side</h2>')
    by_rank = {judged.rank: judged for judged in finding.ranking.all}
    first_out = min(len(by_rank), len(finding.ranking.kept) + 1)
    for column, side, at in zip(st.columns(2, gap="medium"), ("left", "right"), (1, first_out), strict=True):
        rank = column.selectbox(
            f"Passage on the {side}",
            list(by_rank),
            index=at - 1,
            format_func=lambda rank: _option(by_rank[rank]),
            key=f"compare_{side}",
        )
        column.html(passage_html(by_rank[rank], finding))
        if column.button("Why this score", key=f"why_{side}", type="tertiary"):
            why_dialog(by_rank[rank], finding, services)


def _option(judged: Judged) -> str:
    chunk = judged.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 40)
    return one_line(f"{judged.rank}. {judged.candidate.contract_title}: {heading}", 110)
