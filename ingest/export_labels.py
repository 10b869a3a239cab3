"""The firm's judgements as a folder that ``proviso eval`` reads, with the contracts they are about."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import InvalidSettings
from core.records import Contract
from core.storage.library import Library
from core.workbench.labels import Label, LabelVerdict, settled

QUESTIONS_FILE, LABELS_FILE = "questions.jsonl", "labels.jsonl"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: questions with an answer, judgements of either kind, contracts; and judgements left out
    because their contract is no longer in the library.
    """

    questions: int
    labels: int
    contracts: int
    left_out: int


def export_labels(labels: Collection[Label], library: Library, folder: Path) -> Exported:
    """Write ``questions.jsonl``, ``labels.jsonl`` and copies of the contracts into ``folder``.

    A passage said to answer becomes a question with the passage as the quote that answers it; several of them become
    several lines. A question of which nothing was said to answer is no question of the evaluation: that some
    passages do not answer says nothing of the others.

    Raises:
        InvalidSettings: the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InvalidSettings(str(folder), "is not empty.", "Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    known = {contract.contract_id: contract for contract in library.catalogue.contracts()}
    kept = [label for label in settled(labels) if label.contract_id in known]
    involved = _involved(kept, known)
    names = _file_names([known[contract_id] for contract_id in involved])
    for contract_id, name in names.items():
        (folder / name).write_bytes(library.originals.get(contract_id))
    lines = list(_questions(kept, names))
    _write(folder / QUESTIONS_FILE, lines)
    _write(folder / LABELS_FILE, [{**asdict(label), "file": names[label.contract_id]} for label in kept])
    return Exported(len(lines), len(kept), len(names), len(settled(labels)) - len(kept))


def _involved(labels: Collection[Label], known: Mapping[str, Contract]) -> list[str]:
    """The contracts that a label is about, and those in its scope: the others are what it was found among."""
    ids: dict[str, None] = {}
    for label in labels:
        ids[label.contract_id] = None
        ids.update(dict.fromkeys(one for one in label.scope if one in known))
    return list(ids)


def _questions(labels: Collection[Label], names: Mapping[str, str]) -> Iterator[dict[str, object]]:
    answering = [label for label in labels if label.verdict is LabelVerdict.ANSWERS]
    for number, label in enumerate(answering, start=1):
        yield {
            "id": f"own{number:04}",
            "question": label.question,
            "contracts": [names[one] for one in label.scope if one in names],
            "contract": names[label.contract_id],
            "page": label.page,
            "quote": label.text,
        }


def _file_names(contracts: Collection[Contract]) -> dict[str, str]:
    """A name for each contract's copy, its own where no other has it."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for contract in contracts:
        stem = "".join(one if one.isalnum() or one in " ._()-" else "_" for one in contract.file_name).strip(
            " ."
        )
        name = f"{stem.removesuffix('.pdf') or 'contract'}.pdf"
        if name.casefold() in taken:
            name = f"{name.removesuffix('.pdf')}-{contract.contract_id[:6]}.pdf"
        taken.add(name.casefold())
        names[contract.contract_id] = name
    return names


def _write(path: Path, lines: Collection[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
