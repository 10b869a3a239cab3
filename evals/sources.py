"""Which kind of labelled data a folder holds, its questions, and samples of them."""

from dataclasses import replace
from pathlib import Path

from core.errors import InvalidSettings
from evals.acord import JUDGEMENTS, QUERIES_FILE, ClauseSet, read_acord
from evals.cuad import ANNOTATIONS_FILE, read_cuad
from evals.questions import QuestionSet, sample
from evals.samples import QUESTIONS_FILE, read_samples
from evals.splits import Part

ALL = "all"


def read_questions(folder: Path, part: str | None = None) -> QuestionSet | ClauseSet:
    """The questions of ``folder``: own labels (``questions.jsonl``), CUAD or ACORD.

    Args:
        folder: where they are.
        part: of CUAD ``train``, ``tune``, ``test`` (the default) or ``all``; of ACORD a table of ``qrels/``
            or ``all`` (the default).

    Raises:
        InvalidSettings: there are none, they cannot be read, or there is no such part.
    """
    if (folder / QUESTIONS_FILE).exists():
        if part is not None:
            raise InvalidSettings(f"--part {part}", f"{folder} has no parts.", "Leave it out.")
        return read_samples(folder)
    if (folder / ANNOTATIONS_FILE).exists():
        return read_cuad(folder, _contract_part(part))
    if (folder / QUERIES_FILE).exists() and (folder / JUDGEMENTS).is_dir():
        return read_acord(folder, None if part == ALL else part)
    needed = f"holds neither {QUESTIONS_FILE} nor {ANNOTATIONS_FILE} nor {QUERIES_FILE} with {JUDGEMENTS}/."
    raise InvalidSettings(str(folder), needed, "Give a folder with labelled questions.")


def _contract_part(part: str | None) -> Part | None:
    if part == ALL:
        return None
    try:
        return Part(part or Part.TEST)
    except ValueError:
        known = ", ".join((*Part, ALL))
        raise InvalidSettings(f"--part {part}", "there is no such part.", f"There is {known}.") from None


def sampled_clauses(clauses: ClauseSet, seed: int, contracts: int | None, questions: int | None) -> ClauseSet:
    """A random part of the queries of each part, the same for the same seed.

    Raises:
        InvalidSettings: contracts are counted, and there are none.
    """
    if contracts is not None:
        raise InvalidSettings(f"--contracts {contracts}", "ACORD has clauses, no contracts.", "Leave it out.")
    if questions is None:
        return clauses
    whole = QuestionSet(clauses.name, (), tuple(task.question for task in clauses.tasks))
    # A query has no quotes, only judged clauses: it counts as silent for the choice, and only there.
    kept = frozenset(sample(whole, seed, silent=questions).questions)
    return replace(clauses, tasks=tuple(task for task in clauses.tasks if task.question in kept))
