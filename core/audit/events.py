"""What the audit log says of one event, and its canonical form, over which the hashes are computed."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Action(StrEnum):
    """What was done."""

    QUESTION = "question"
    ANSWER = "answer"
    FOLLOW_UP = "follow-up sent to be rewritten"
    SUBMITTED = "file submitted"
    INDEXED = "file indexed"
    CORRECTED = "contract corrected"
    DELETED = "contract deleted"
    EXPORTED = "exported"
    RERANKED = "passages reranked"
    REVIEW = "review"
    OVERRIDE = "override"
    LABEL = "passage judged"
    SURVEYED = "each contract searched"
    FORGOTTEN = "decision deleted"
    EVALUATED = "question of an evaluation sent"
    BY_MODEL = "contract text sent to be described"


@dataclass(frozen=True, slots=True)
class AuditedPassage:
    """A kept passage: its chunk, the relevance (0-1), and its text where the settings allow that."""

    chunk_id: str
    relevance: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class AuditedModel:
    """A model that took part: its name and the sha256 of its weights (empty for what has none)."""

    name: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event; what does not apply to its action is left at its default and does not appear in the log.

    Args:
        action: what was done.
        actor: who did it, such as ``system user ann``, ``session 4f0c...`` or ``signed in ann@firm.example``.
        outcome: how it ended: the kind of the answer, the status of the file, or the error's class.
        subject: what was exported or submitted: a file name, or ``record of a question``.
        question: the question, empty where the settings leave it out.
        question_sha256: the sha256 of the question's UTF-8 bytes, in hexadecimal.
        contract_ids: the contracts in scope, or concerned; none means all of them.
        contracts_searched: how many contracts a question was put to.
        candidates, keep, minimum_relevance: the settings of a question.
        passages: what was kept, by rank.
        library_fingerprint: of chunker and encoder, as in the name of the collection.
        encoder, reranker, answerer: the models.
        endpoint: host of the model service; empty when nothing left this machine.
        answer: the answer's text, where the settings allow that.
        selection: how the places were filled, empty where it was by relevance alone.
        promoted, removed: chunk ids of the passages that a reader put in or took out.
        reason: why, in the reader's words, where the settings allow questions in the log.
        pipeline: the recipe that proposed the candidates of a question, empty for the default one.
    """

    action: Action
    actor: str
    outcome: str = ""
    subject: str = ""
    question: str = ""
    question_sha256: str = ""
    contract_ids: tuple[str, ...] = ()
    contracts_searched: int = 0
    candidates: int = 0
    keep: int = 0
    minimum_relevance: float | None = None
    passages: tuple[AuditedPassage, ...] = ()
    library_fingerprint: str = ""
    encoder: AuditedModel | None = None
    reranker: AuditedModel | None = None
    answerer: AuditedModel | None = None
    endpoint: str = ""
    answer: str = ""
    selection: str = ""
    promoted: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""
    pipeline: str = ""


def canonical(event: AuditEvent, at: str) -> str:
    """The event of time ``at`` (UTC, ISO 8601) as JSON that is the same for the same event, in ASCII."""
    # 0.0 is a setting that somebody chose; an empty text, an empty list or a count of 0 says nothing.
    fields = {
        name: value
        for name, value in asdict(event).items()
        if value or (isinstance(value, float) and value == 0.0)
    }
    # ASCII: a lone surrogate in a question can be hashed and stored like anything else.
    return json.dumps({"at": at, **fields}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def chain_hash(previous: str, entry: str) -> str:
    """The hash of an entry that follows the hash ``previous``, in hexadecimal."""
    return hashlib.sha256(f"{previous}{entry}".encode()).hexdigest()


def question_hash(question: str) -> str:
    """The sha256 of a question, in hexadecimal."""
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()
