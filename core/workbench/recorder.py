"""Puts decisions on record as they come about; every part of the product that asks uses it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from core.answering.prompt import messages
from core.audit.trail import AuditedModels
from core.records import Answer, Finding
from core.workbench.decision import (
    ID_PREFIX,
    MOST_CONTRACTS,
    Decision,
    DecisionKind,
    Searched,
    Sent,
    new_decision_id,
)
from core.workbench.decision_store import DecisionStore, now


@dataclass(frozen=True, slots=True)
class Context:
    """Why a question is put: who, after which decision, and what was typed and sent before it was searched."""

    actor: str
    kind: DecisionKind = DecisionKind.QUESTION
    parent: str = ""
    typed: str = ""
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True)
class Recorder:
    """Records decisions.

    Args:
        store: where they are kept; None keeps none, as PROVISO_KEEP_DECISIONS=false says.
        models: who takes part, with their fingerprints.
    """

    store: DecisionStore | None
    models: AuditedModels

    def found(self, finding: Finding, context: Context, contract_ids: Iterable[str]) -> str:
        """Record that passages were found, before they are shown; returns the decision's id, "" where none is kept.

        Args:
            finding: what was found.
            context: why.
            contract_ids: every contract that may be shown, of which the scope is a part.

        Raises:
            StorageFull, CatalogueUnusable: it could not be stored.
        """
        if self.store is None:
            return ""
        rewriting = tuple(
            Sent(step.module, self.models.endpoint, step.sent) for step in finding.trace if step.sent
        )
        decision = Decision(
            new_decision_id(),
            now(),
            context.actor,
            finding,
            None,
            self.models,
            searched(finding.inquiry.contract_ids or contract_ids),
            proviso_version(),
            (*context.sent, *rewriting),
            context.kind,
            context.parent,
            context.typed,
        )
        self.store.put(decision)
        return decision.decision_id

    def answered(self, decision_id: str, finding: Finding, answer: Answer) -> None:
        """Record the answer of a decision and the text that was sent for it.

        Raises:
            StorageFull, CatalogueUnusable: it could not be stored.
        """
        if self.store is None or not decision_id:
            return
        sent: tuple[Sent, ...] = ()
        if self.models.endpoint and finding.evidence.passages:
            texts = tuple(message.content for message in messages(finding.evidence))
            sent = (Sent("answer", self.models.endpoint, texts),)
        self.store.complete(decision_id, answer, sent)


def searched(contract_ids: Iterable[str]) -> Searched:
    """The contracts with these ids, as a decision names them."""
    ids = sorted(contract_ids)
    digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    named = tuple(one[:ID_PREFIX] for one in ids) if len(ids) <= MOST_CONTRACTS else ()
    return Searched(len(ids), digest, named)


def proviso_version() -> str:
    """The version that is installed."""
    try:
        return version("proviso")
    except PackageNotFoundError:
        return "not installed"
