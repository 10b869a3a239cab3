"""From labelled words to right chunks of an indexed library, with a count of what could not be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.records import Chunk
from core.storage.catalogue import Catalogue
from evals.alignment import AmbiguousQuote, Folded, chunks_holding, locate
from evals.questions import LabelledQuestion, QuestionSet


@dataclass(frozen=True, slots=True)
class Task:
    """A question with the contracts it is asked of and the chunks that are right; none where it is silent.

    ``grades`` holds the grade of every chunk that is worth something, where chunks are graded: empty means
    that the right ones are equally good. ``needed`` has, for each quote that was found, the chunks that hold it.
    """

    question: LabelledQuestion
    contract_ids: tuple[str, ...]
    right: frozenset[str]
    grades: Mapping[str, int] = field(default_factory=dict)
    needed: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """The tasks that can be measured and, as counts, everything that could not be used.

    A quote that several questions ask for counts once.
    """

    tasks: tuple[Task, ...]
    quotes: int
    quotes_not_found: int
    quotes_ambiguous: int
    questions_left_out: int


@dataclass(frozen=True)
class _Place:
    text: Folded
    chunks: tuple[Chunk, ...]


def label(questions: QuestionSet, contract_ids: Mapping[str, str], catalogue: Catalogue) -> Labels:
    """Find the right chunks of every question.

    A question is left out, and counted, when a contract it needs is not in the library or when none of its
    quotes can be found in the contract's text.

    Args:
        questions: the questions.
        contract_ids: the id of each file, by name.
        catalogue: where the contracts are.
    """
    places: dict[str, _Place] = {}
    tasks: list[Task] = []
    found: dict[tuple[str, str], frozenset[str] | None] = {}
    ready = catalogue.ready_titles()
    for question in questions.questions:
        scope = tuple(contract_ids[name] for name in question.scope)
        quoted = [(contract_ids.get(one.file, ""), one.words) for one in question.quoted]
        if any(one not in ready for one in (*scope, *(answering for answering, _ in quoted))):
            continue
        holders: list[frozenset[str] | None] = []
        for answering, words in quoted:
            if answering not in places:
                text = Folded.of(catalogue.text(answering))
                places[answering] = _Place(text, catalogue.chunks_of(answering))
            if (answering, words) not in found:
                found[answering, words] = _holding(words, places[answering])
            holders.append(found[answering, words])
        right = frozenset(chunk_id for holding in holders for chunk_id in holding or ())
        if question.silent or right:
            tasks.append(Task(question, scope, right, needed=tuple(one for one in holders if one)))
    return Labels(
        tasks=tuple(tasks),
        quotes=len(found),
        quotes_not_found=sum(holding == frozenset() for holding in found.values()),
        quotes_ambiguous=sum(holding is None for holding in found.values()),
        questions_left_out=len(questions.questions) - len(tasks),
    )


def _holding(quote: str, place: _Place) -> frozenset[str] | None:
    """The chunks that hold ``quote`` in any of its places; None when the quote is ambiguous."""
    try:
        located = locate(quote, place.text)
    except AmbiguousQuote:
        return None
    return frozenset().union(*(chunks_holding(blocks, place.text, place.chunks) for blocks in located))
