"""What flows through training: Passages and Examples, which ``draw`` turns into Groups for the loss."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that the reranker may be asked to judge.

    ``context`` is the line of title and headings that the product puts before it, empty for a loose clause.
    """

    passage_id: str
    owner: str
    context: str
    text: str

    @property
    def situated_text(self) -> str:
        """What the product's models read."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Example:
    """Wordings of one information need, the passages known to answer it, and candidates that do not.

    Args:
        source: the builder that made it, which decides how often it is drawn.
        wordings: questions that mean the same.
        grades: passage id -> 1 to 4; 4 answers it fully. Empty where nothing answers.
        negatives: passage ids that do not answer, the likeliest mistakes first.
        bare: the context line is left out, because the wording was made from it.
    """

    source: str
    wordings: tuple[str, ...]
    grades: Mapping[str, int] = field(default_factory=dict)
    negatives: tuple[str, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One question with the texts that the loss compares, and the grade (0-4) of each."""

    question: str
    texts: tuple[str, ...]
    grades: tuple[int, ...]


def write_records(path: Path, records: Iterable[Passage | Example]) -> None:
    """One JSON object a line; the file appears whole or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(record)) + "\n" for record in records)
    partial.replace(path)


def read_passages(path: Path) -> dict[str, Passage]:
    """Passages by id."""
    return {fields["passage_id"]: Passage(**fields) for fields in _lines(path)}


def read_examples(path: Path) -> tuple[Example, ...]:
    """Examples in the order of the file."""
    return tuple(
        Example(
            source=fields["source"],
            wordings=tuple(fields["wordings"]),
            grades=fields["grades"],
            negatives=tuple(fields["negatives"]),
            bare=fields["bare"],
        )
        for fields in _lines(path)
    )


def _lines(path: Path) -> Iterator[dict]:  # type: ignore[type-arg]
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
