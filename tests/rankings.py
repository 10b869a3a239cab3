"""Rankings for tests, written as tables of texts, contracts and logits."""

from collections.abc import Sequence

from core.records import Candidate, Inquiry, Judged, Ranking
from core.stage2_rerank import rerank
from tests.fakes import TableScorer, make_chunk

Row = tuple[str, str, float]


def contract_id(letter: str) -> str:
    """The id of contract ``letter``."""
    return letter * 64


def rows_to_candidates(rows: Sequence[Row]) -> tuple[Candidate, ...]:
    """A candidate for every (contract letter, text, logit)."""
    return tuple(
        Candidate(
            make_chunk(text, ordinal, contract_id(letter)), f"Contract {letter}", None, None, ordinal + 1, 0.1
        )
        for ordinal, (letter, text, _) in enumerate(rows)
    )


def ranked(inquiry: Inquiry, *rows: Row) -> Ranking:
    """The ranking of passages with these logits."""
    scorer = TableScorer({text: logit for _, text, logit in rows})
    return rerank(inquiry, rows_to_candidates(rows), scorer)


def texts(judged: Sequence[Judged]) -> list[str]:
    """Their texts in order."""
    return [one.candidate.chunk.text for one in judged]


def ids(judged: Sequence[Judged]) -> tuple[str, ...]:
    """Their chunk ids in order."""
    return tuple(one.candidate.chunk.chunk_id for one in judged)
