"""How a candidate was found and who wrote a wording, in words: the same on pages, in files and at the terminal."""

from collections.abc import Mapping
from typing import Final

from core.records import Candidate, FoundBy, Ranking, Wording

QUESTION: Final = "question"
READER: Final = "reader"
_NAMES: Final = {"bm25": "BM25", "rm3": "RM3", "contextual_bm25": "contextual BM25"}
_WRITERS: Final = {
    QUESTION: "the question itself",
    READER: "the reader",
    "plan": "the plan of its parts",
    "agent": "the model that planned",
}


def module_name(module: str) -> str:
    """A module's name as a reader sees it: ``BM25``, ``hypothetical clause``."""
    return _NAMES.get(module, module.replace("_", " "))


def writer(origin: str) -> str:
    """Who wrote a wording."""
    return _WRITERS.get(origin, module_name(origin))


def written_by(wording: Wording) -> str:
    """Who wrote a wording, as closely as its module says."""
    return wording.by or writer(wording.origin)


def finds(candidate: Candidate) -> tuple[FoundBy, ...]:
    """Every find of a candidate; of one on record from before they were kept, what both legs say."""
    if candidate.found_by:
        return candidate.found_by
    legs = (("dense", candidate.dense), ("bm25", candidate.bm25))
    return tuple(
        FoundBy(module, "", QUESTION, hit.rank, hit.score) for module, hit in legs if hit is not None
    )


def best_ranks(candidate: Candidate) -> Mapping[str, int]:
    """The best rank of every module that found the candidate, the best first."""
    best: dict[str, int] = {}
    for one in sorted(finds(candidate), key=lambda one: (one.rank, one.module)):
        best.setdefault(one.module, one.rank)
    return best


def modules_of(ranking: Ranking) -> tuple[str, ...]:
    """Every module that found a candidate of a ranking, the two legs first."""
    found = {module for judged in ranking.all for module in best_ranks(judged.candidate)}
    legs = [module for module in ("dense", "bm25") if module in found]
    return (*legs, *sorted(found.difference(legs)))


def found_words(candidate: Candidate) -> str:
    """Every module that found the candidate with its best rank: ``dense 3, BM25 12``; empty where it is not known."""
    return ", ".join(f"{module_name(module)} {rank}" for module, rank in best_ranks(candidate).items())


def searched_by(wording: Wording) -> str:
    """What of a wording was searched."""
    if wording.dense and wording.bm25:
        return "its meaning and its words"
    return "its meaning alone" if wording.dense else "its words alone"


def wording_words(wording: Wording) -> str:
    """A wording with who wrote it, on one line."""
    return f"\u201c{wording.text}\u201d ({written_by(wording)}; searched by {searched_by(wording)})"
