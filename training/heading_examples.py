"""Headings and definitions of contracts as questions that cost nobody any work."""

import random
import re
from collections.abc import Iterator, Sequence

from training.contracts import TrainingContract
from training.records import Example, Passage

HEADING, DEFINITION = "heading", "definition"
PER_CONTRACT = 14
_NUMBER = re.compile(
    r"^(?:(?:article|section|clause|schedule|exhibit|annex)\s+)?[\divxlc]*[\d.()a-z]{0,8}[.):]?\s+", re.I
)
_DEFINED = re.compile(r"[\"“]([A-Z][\w &/’'-]{2,40})[\"”]\s+(?:shall\s+)?(?:means?|has|have|refers)\b")
_HEADING_FORMS = (
    "{0}",
    "{0} clause",
    "What does the agreement say about {0}?",
    "Where is {0} dealt with?",
    "{0} provisions",
)
_DEFINITION_FORMS = (
    "What is meant by {0}?",
    "definition of {0}",
    "How is {0} defined?",
    "What counts as {0}?",
)
_LEAST_WORDS = 25


def heading_examples(
    contracts: Sequence[TrainingContract], seed: int
) -> Iterator[tuple[TrainingContract, Example, tuple[Passage, ...]]]:
    """Examples with the passages they add: a clause without its own heading, asked for by that heading."""
    choose = random.Random(seed)  # noqa: S311 - a sample, not a secret
    for contract in contracts:
        found = list(_of_headings(contract))
        for example, passage in choose.sample(found, min(PER_CONTRACT, len(found))):
            yield contract, example, (passage,)


def definition_examples(
    contracts: Sequence[TrainingContract], seed: int
) -> Iterator[tuple[TrainingContract, Example]]:
    """Examples that ask for the meaning of a defined term; passages that only use it are the near misses."""
    choose = random.Random(seed)  # noqa: S311
    for contract in contracts:
        holders: dict[str, list[str]] = {}
        for chunk in contract.chunks:
            for term in _DEFINED.findall(" ".join(chunk.text.split())):
                holders.setdefault(term, []).append(chunk.chunk_id)
        terms = sorted(holders)
        for term in choose.sample(terms, min(PER_CONTRACT // 2, len(terms))):
            wordings = tuple(form.format(term) for form in _DEFINITION_FORMS)
            yield contract, Example(DEFINITION, wordings, dict.fromkeys(holders[term], 4))


def _of_headings(contract: TrainingContract) -> Iterator[tuple[Example, Passage]]:
    seen: set[str] = set()
    for chunk in contract.chunks:
        heading = _NUMBER.sub("", chunk.heading_path[-1] if chunk.heading_path else "").strip(" .:")
        if (
            not 4 < len(heading) < 60
            or heading in seen
            or sum(map(str.isalpha, heading)) < 0.7 * len(heading)
        ):
            continue
        seen.add(heading)
        at = chunk.text.find(heading)
        body = chunk.text[at + len(heading) :].lstrip(" .:-\n") if 0 <= at < 20 else chunk.text
        if len(body.split()) < _LEAST_WORDS:
            continue
        passage = Passage(f"{chunk.chunk_id}/body", contract.file_name, "", body)
        words = heading.capitalize() if heading.isupper() else heading
        wordings = tuple(form.format(words) for form in _HEADING_FORMS)
        siblings = {one.chunk_id: 4 for one in contract.chunks if one.heading_path == chunk.heading_path}
        yield Example(HEADING, wordings, {passage.passage_id: 4} | siblings, bare=True), passage
