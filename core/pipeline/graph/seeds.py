"""Where a question enters the graph: terms, parties, contracts and clauses that it names, and passages near it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.clause_labels import ATTACHED, canonical, stem
from core.pipeline.graph.linking import party_key
from core.pipeline.graph.whole import LibraryGraph
from core.records import Chunk, Hit
from core.storage.tokens import tokenize

LONGEST_TERM = 6
ELSEWHERE = 0.02
"""What a contract counts that holds nothing near the question; one that holds all of it counts 1 more."""
_NUMBER = re.compile(
    r"\b(?P<kind>sections?|clauses?|articles?|paragraphs?|schedules?|exhibits?|annex(?:es)?|appendi(?:x|ces)|parts?|items?)"
    r"\s+(?P<label>\d{1,3}(?:\.\d{1,3})*(?:\([a-z0-9]{1,5}\))*|[a-z](?:-\d{1,2})?\b|[ivx]{1,5}\b)|\u00a7\s?(?P<sign>\d{1,3})",
    re.IGNORECASE,
)
MOST_SEEDS = 500


@dataclass(frozen=True, slots=True)
class Seed:
    """A node at which the walk begins, its weight, and what of the question leads there."""

    node: int
    weight: float
    words: str


def passage_seeds(
    graph: LibraryGraph, rankings: Sequence[Sequence[Hit]], chunks: Mapping[str, Chunk], rrf_k: int
) -> list[Seed]:
    """The chunks of ``rankings`` by fused rank; the weights add up to 1."""
    place = {contract_id: number for number, contract_id in enumerate(graph.contract_ids)}
    weights: dict[int, float] = {}
    for ranking in rankings:
        for hit in ranking:
            chunk = chunks.get(hit.chunk_id)
            if chunk is None or chunk.contract_id not in place:
                continue
            contract = place[chunk.contract_id]
            if chunk.ordinal < graph.entries[contract].chunks:
                node = int(graph.first[contract]) + 1 + chunk.ordinal
                weights[node] = weights.get(node, 0.0) + 1.0 / (rrf_k + hit.rank)
    total = sum(weights.values())
    return [Seed(node, weight / total, "") for node, weight in weights.items()]


def named_seeds(
    graph: LibraryGraph, question: str, contracts: Collection[int], near: Mapping[int, float]
) -> list[Seed]:
    """The nodes that the question names, the rarer the heavier; the weights add up to 1, or there are none.

    Args:
        graph: of the whole library.
        question: as it was asked.
        contracts: numbers of the contracts that may be searched.
        near: how much of what is near the question lies in each contract; adds up to 1.
    """
    seeds = [
        *_contract_seeds(graph, question, contracts),
        *_term_seeds(graph, question, contracts, near),
        *_number_seeds(graph, question, near),
    ]
    total = sum(seed.weight for seed in seeds)
    return [Seed(seed.node, seed.weight / total, seed.words) for seed in seeds] if total else []


def _term_seeds(
    graph: LibraryGraph, question: str, contracts: Collection[int], near: Mapping[int, float]
) -> list[Seed]:
    """Nodes of the terms that the question holds: rare ones of contracts near it count most."""
    shares = np.full(len(graph.entries), ELSEWHERE)
    shares[list(near)] += list(near.values())
    within = np.zeros(len(graph.entries), dtype=np.bool_)
    within[list(contracts)] = True
    seeds: list[Seed] = []
    for words, key in _terms_in(graph, question):
        nodes = np.asarray(graph.terms[key], dtype=np.int64)
        owners = graph.contract_of(nodes)
        weights = np.where(within[owners], shares[owners] / (1.0 + graph.uses[nodes]), 0.0)
        best = np.argsort(-weights, kind="stable")[:MOST_SEEDS]
        seeds += [
            Seed(int(node), float(weight), words)
            for node, weight in zip(nodes[best], weights[best], strict=True)
            if weight > 0
        ]
    return seeds


def _terms_in(graph: LibraryGraph, question: str) -> list[tuple[str, str]]:
    """The terms that the question holds, the longest first and none inside another, with their stems."""
    words = question.split()
    stems = [tokenize(word) for word in words]
    taken = [False] * len(words)
    found: dict[str, str] = {}
    for length in range(min(LONGEST_TERM, len(words)), 0, -1):
        for begin in range(len(words) - length + 1):
            key = " ".join(stem for one in stems[begin : begin + length] for stem in one)
            whole = stems[begin] and stems[begin + length - 1]
            if whole and key in graph.terms and not any(taken[begin : begin + length]):
                taken[begin : begin + length] = [True] * length
                found.setdefault(key, " ".join(words[begin : begin + length]).strip(" ,.;:?!\"'()"))
    return [(shown, key) for key, shown in found.items()]


def _contract_seeds(graph: LibraryGraph, question: str, contracts: Collection[int]) -> list[Seed]:
    """Contracts whose party or title the question names; a party of many contracts counts less in each."""
    seeds = []
    for name, owners in graph.called.by(set(tokenize(question))).items():
        within = [owner for owner in owners if owner in contracts][:MOST_SEEDS]
        node = graph.parties.get(party_key(name))
        weight = 1.0 / (1 + len(within))
        if node is not None and within:
            seeds.append(Seed(node, weight, name))
        seeds += [Seed(int(graph.first[owner]), weight, name) for owner in within]
    return seeds


def _number_seeds(graph: LibraryGraph, question: str, near: Mapping[int, float]) -> list[Seed]:
    """Clauses whose number the question gives, in the contracts that it seems to be about."""
    seeds = []
    for match in _NUMBER.finditer(question):
        label = _label(match)
        for contract, share in near.items():
            chunk = graph.names_of(contract).numbers.get(label)
            if chunk is not None:
                seeds.append(Seed(int(graph.first[contract]) + 1 + chunk, share, match.group()))
    return seeds


def _label(match: re.Match[str]) -> str:
    """The number as the contracts' own graphs have it."""
    if match["sign"]:
        return match["sign"]
    label = canonical(match["label"].upper())
    return f"{stem(match['kind'])} {label}" if match["kind"].lower().startswith(ATTACHED) else label
