"""What pipelines are asked, and of what: the questions of a folder in groups, and a shelf that is ready for them."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from core.ask import CautiousShelf
from core.models import Encoder, EncoderSource
from core.settings import Settings
from core.storage.library import Library
from core.storage.snapshot import Snapshot, version_of
from core.storage.tokens import TOKENIZER_VERSION
from evals.acord import ClauseSet
from evals.clause_shelf import ClauseShelf, encode_clauses
from evals.evaluate import INDEXING, OnProgress, index_files, labelled
from evals.labels import Labels, Task
from evals.multi_hop import NOTE, read_multi_hop
from evals.questions import QuestionSet, sample
from evals.report_files import evaluations_directory, library_directory
from evals.sources import read_questions, sampled_clauses
from ingest.annotate import NOTES_VERSION, annotate_due
from ingest.derive import DERIVATIONS, derive_due
from ingest.index_contract import Tools
from ingest.open_library import open_library

LOOSE = (
    "Loose clauses have no contracts, headings, defined terms or references: modules that work with those have nothing"
    " to work with there, and what they are added to does the work alone."
)
DERIVING = "deriving"


class Kind(StrEnum):
    """What makes a ranking good: any right passage, all needed ones, or the grades of all."""

    ANY = "any right passage"
    TOGETHER = "all needed passages"
    GRADED = "graded clauses"


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Questions that are measured together."""

    name: str
    kind: Kind
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A folder of labelled questions, the part of it, and how many: None takes all."""

    folder: Path
    part: str | None = None
    contracts: int | None = None
    questions: int | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Groups of questions with the shelf they are asked of; ``index`` changes whenever the shelf's content does."""

    groups: tuple[TaskGroup, ...]
    shelf: CautiousShelf
    index: str
    notes: tuple[str, ...]


def read_wanted(wanted: Wanted, seed: int) -> QuestionSet | ClauseSet:
    """The questions of a folder that have an answer, those that need several passages included.

    Raises:
        InvalidSettings: they cannot be read.
    """
    asked = read_questions(wanted.folder, wanted.part)
    if isinstance(asked, ClauseSet):
        return sampled_clauses(asked, seed, None, wanted.questions)
    several = read_multi_hop(wanted.folder, {file.name for file in asked.files})
    notes = (*asked.notes, NOTE) if several else asked.notes
    whole = replace(asked, questions=asked.questions + several, notes=notes)
    return sample(whole, seed, wanted.contracts, wanted.questions, silent=0)


@contextmanager
def prepared(
    asked: QuestionSet | ClauseSet,
    folder: Path,
    settings: Settings,
    encoder: Encoder,
    on_progress: OnProgress,
) -> Iterator[Material]:
    """The material of ``asked``, indexed, with everything that modules need derived; open as long as it is used.

    Raises:
        ProvisoError: the library cannot be opened, or a model is not available.
    """
    if isinstance(asked, ClauseSet):
        yield _loose(asked, settings, encoder, on_progress)
        return
    # A Qdrant server is not used: two libraries on one server would only slow each other down.
    own = settings.model_copy(update={"qdrant_url": "", "data_dir": library_directory(settings, folder)})
    index_files(asked, own, on_progress)
    with open_library(own, "proviso eval") as library:
        # The library may be older than a kind of fact that a module needs by now.
        tools = Tools.of(own, lambda: encoder, EncoderSource(own.encoder).token_counter())
        _derive(library, tools, on_progress)
        labels, snapshot = labelled(asked, library)
        groups = tuple(_groups(asked.name, labels.tasks))
        yield Material(
            groups, snapshot, _index_of(library, snapshot), (*asked.notes, *_unused(asked.name, labels))
        )


def _derive(library: Library, tools: Tools, on_progress: OnProgress) -> None:
    """Make the notes and facts that are due of every contract, those that take long included."""
    annotate_due(library)
    due = _due(library)
    told = 0

    def go_on() -> bool:
        nonlocal told
        done = due - _due(library)
        if done > told:
            told = done
            on_progress(DERIVING, done, due)
        return False

    derive_due(library, tools, go_on)


def _due(library: Library) -> int:
    versions = {one.kind: version_of(one.version, library.fingerprint) for one in DERIVATIONS}
    return sum(len(library.derived.due(kind, version)) for kind, version in versions.items())


def _loose(clauses: ClauseSet, settings: Settings, encoder: Encoder, on_progress: OnProgress) -> Material:
    vectors = encode_clauses(
        clauses.clauses,
        EncoderSource(settings.encoder).identity,
        lambda: encoder,
        evaluations_directory(settings),
        lambda done, of: on_progress(INDEXING, done, of),
    )
    groups = tuple(_groups(clauses.name, clauses.tasks))
    index = _digest("clauses", TOKENIZER_VERSION, *clauses.clauses, *clauses.clauses.values())
    return Material(groups, ClauseShelf(clauses.clauses, vectors), index, (*clauses.notes, LOOSE))


def _groups(name: str, tasks: tuple[Task, ...]) -> Iterator[TaskGroup]:
    for section, group in groupby(tasks, lambda task: task.question.section):
        same = tuple(group)
        yield TaskGroup(f"{name}: {section}" if section else name, _kind(same[0]), same)


def _kind(task: Task) -> Kind:
    if task.question.together:
        return Kind.TOGETHER
    return Kind.GRADED if task.grades else Kind.ANY


def _unused(name: str, labels: Labels) -> Iterator[str]:
    counts: Mapping[str, int] = {
        "labelled passages were not found in the text": labels.quotes_not_found,
        "labelled passages were too short to place": labels.quotes_ambiguous,
        "questions were left out, because nothing that answers them was found": labels.questions_left_out,
    }
    yield from (f"{name}: {count} {what}." for what, count in counts.items() if count)


def _index_of(library: Library, snapshot: Snapshot) -> str:
    facts = library.derived.digest(snapshot.titles)
    return _digest(library.fingerprint, TOKENIZER_VERSION, NOTES_VERSION, facts, *sorted(snapshot.titles))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
