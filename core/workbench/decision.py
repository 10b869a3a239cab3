"""A decision on record: everything that is needed to show it again, to prove it, and to run it again.

Stored as JSON that follows the fields of the records, so that a field added later has its default in older records.
The evidence is not stored: it is what the reranking stage selects from the stored ranking, then as now.
"""

import base64
import secrets
import zlib
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter

from core.audit.trail import AuditedModels
from core.records import Answer, Finding
from core.stage2_rerank import select_evidence

FORMAT: Final = 1
ID_BYTES: Final = 6
# A longer list of contracts would outweigh the decision; its digest and number remain.
MOST_CONTRACTS: Final = 2_000
ID_PREFIX: Final = 12
# The purpose of what is sent to have a follow-up put in full.
FOLLOW_UP_SENT: Final = "follow-up"


class DecisionKind(StrEnum):
    """Why a question was put."""

    QUESTION = "question"
    FOLLOW_UP = "follow-up"
    WHAT_IF = "what if"
    REVIEW = "review"
    REPLAY = "replay"
    COMPARISON = "comparison"
    API = "api"


@dataclass(frozen=True, slots=True)
class Sent:
    """What left the machine: for which purpose, to which host, every message word for word, and when (UTC, ISO
    8601; empty where only the time of the decision is known). On record before it is sent.
    """

    purpose: str
    host: str
    messages: tuple[str, ...]
    at: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """The contracts that were searched: how many, the sha256 of their sorted ids, and the first twelve characters of
    each id where they are not too many.
    """

    count: int
    digest: str
    contract_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One question with its ranking and answer, as they were.

    Args:
        decision_id: ten characters that can be typed.
        at: when the passages were found, UTC, ISO 8601.
        actor: who asked.
        finding: question, scope, settings, every candidate with every rank and score, overrides.
        answer: None as long as there is none.
        models: names and fingerprints of the models, and of the index.
        searched: the contracts in scope.
        version: of Proviso.
        sent: everything that left the machine for it.
        kind, parent: why it was put, and the decision it follows, if any.
        typed: what the reader typed, where the question that was searched is another.
        rrf_k: the constant of reciprocal rank fusion that was set.
    """

    decision_id: str
    at: str
    actor: str
    finding: Finding
    answer: Answer | None
    models: AuditedModels
    searched: Searched
    version: str
    sent: tuple[Sent, ...] = ()
    kind: DecisionKind = DecisionKind.QUESTION
    parent: str = ""
    typed: str = ""
    rrf_k: int = 60


def new_decision_id() -> str:
    """Ten random characters of a to z and 2 to 7: a quadrillion of them."""
    return base64.b32encode(secrets.token_bytes(ID_BYTES)).decode().rstrip("=").lower()


def pack(decision: Decision) -> bytes:
    """The decision as compressed JSON."""
    return zlib.compress(to_json(decision), 6)


def unpack(record: bytes) -> Decision:
    """The decision of a stored record.

    Raises:
        ValueError: it is none.
    """
    return from_json(zlib.decompress(record))


def to_json(decision: Decision) -> bytes:
    """The decision as JSON in UTF-8; ``from_json`` gives the same decision."""
    plain: dict[str, Any] = _adapter(Decision).dump_python(decision, mode="json")
    del plain["finding"]["evidence"]
    return TypeAdapter(dict[str, Any]).dump_json({"format": FORMAT, **plain})


def from_json(text: bytes) -> Decision:
    """The decision that ``to_json`` wrote.

    Raises:
        ValueError: it is none, or one of a later format.
    """
    plain: dict[str, Any] = TypeAdapter(dict[str, Any]).validate_json(text)
    if plain.pop("format", None) != FORMAT:
        raise ValueError("The record is of another format than this Proviso knows.")
    plain["finding"] = _finding(plain["finding"])
    hints = get_type_hints(Decision)
    read = {
        name: value if name == "finding" else _adapter(hints[name]).validate_python(value)
        for name, value in plain.items()
        if name in hints
    }
    return Decision(**read)


def _finding(plain: dict[str, Any]) -> Finding:
    hints = get_type_hints(Finding)
    read = {
        field.name: _adapter(hints[field.name]).validate_python(plain[field.name])
        for field in fields(Finding)
        if field.name in plain
    }
    return Finding(evidence=select_evidence(read["inquiry"], read["ranking"]), **read)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401
    return TypeAdapter(kind)
