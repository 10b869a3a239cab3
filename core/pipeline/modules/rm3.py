"""Pseudo-relevance feedback on BM25: the words of the first passages found are searched with the question's.

RM3 (``core.pipeline.rewriting.relevance_model`` names the sources), on BM25's ranking.
"""

from typing import Final

from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.rewriting.relevance_model import as_written, interpolated, relevance_model, strongest
from core.pipeline.tools import Tools
from core.storage.tokens import tokenize

NAME: Final = "rm3"


def rm3(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """One leg for the question; none where BM25 finds nothing, or nothing but the question's own words.

    ``passages`` are taken for relevant, their ``words`` likeliest ones get ``share`` of the weight. Words that
    stand in more than ``common`` of all chunks say nothing and are no candidates, nor are numbers and letters.
    """
    scope = query.contract_ids or None
    question = tokenize(query.question)
    first = tools.shelf.bm25(question, int(options["passages"]), scope)
    chunks = tools.shelf.chunks([hit.chunk_id for hit in first])
    texts = [chunks[hit.chunk_id].text for hit in first if hit.chunk_id in chunks]
    scores = [hit.score for hit in first if hit.chunk_id in chunks]
    model = relevance_model(texts, scores) if scores and min(scores) > 0 else {}
    shares = tools.shelf.shares(model)
    common = float(options["common"])
    telling = {
        token: chance
        for token, chance in model.items()
        if shares[token] <= common and len(token) > 1 and not token[0].isdigit()
    }
    expansion = strongest(telling, int(options["words"]))
    added = [token for token in expansion if token not in question]
    if not added:
        return ()
    searched = interpolated(question, expansion, float(options["share"]))
    wording = Formulation(
        f"{query.question} + {', '.join(as_written(added, texts))}",
        NAME,
        dense=False,
        weight=float(options["weight"]),
    )
    hits = tools.shelf.bm25(list(searched.tokens), tools.limit, scope, searched.weights)
    return (Leg(NAME, wording, hits),)


RM3 = Retrieval(
    NAME,
    rm3,
    {"passages": 10, "words": 10, "share": 0.5, "common": 0.1, "weight": 0.1},
    {"passages": (1, 50), "words": (1, 50), "share": (0.05, 0.95), "common": (0.01, 1), "weight": (0.01, 1)},
)
