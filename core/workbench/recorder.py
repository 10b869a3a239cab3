"""Puts decisions on record as they come about; every part of the product that asks uses it."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from core.answering.prompt import messages
from core.audit.trail import AuditedModels
from core.records import Answer, Evidence, Finding
from core.settings import Settings
from core.stage3_answer import Answerer, answer
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
from core.workbench.workbench import open_workbench


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
        rrf_k: the constant of reciprocal rank fusion.
    """

    store: DecisionStore | None
    models: AuditedModels
    rrf_k: int = 60

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
        at = now()
        # What a reader changes is made of a finding that is on record already, with what was sent for it.
        steps = () if finding.override is not None else finding.trace
        rewriting = tuple(Sent(one.module, self.models.endpoint, one.sent, at) for one in steps if one.sent)
        decision = Decision(
            new_decision_id(),
            at,
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
            self.rrf_k,
        )
        self.store.put(decision)
        return decision.decision_id

    def answerer(self, decision_id: str, within: Answerer) -> Answerer:
        """``within``, with what it is about to send on record first, and its answer before anybody has it."""
        return within if self.store is None or not decision_id else _Kept(within, self, decision_id)

    def answering(self, decision_id: str, evidence: Evidence) -> None:
        """Record the text that is about to be sent for an answer, where there is a model service.

        Raises:
            StorageFull, CatalogueUnusable: it could not be stored.
        """
        if self.store is None or not decision_id:
            return
        sent: tuple[Sent, ...] = ()
        if self.models.endpoint and evidence.passages:
            texts = tuple(message.content for message in messages(evidence))
            sent = (Sent("answer", self.models.endpoint, texts, now()),)
        self.store.begin(decision_id, sent)

    def answered(self, decision_id: str, given: Answer, *, in_place: bool = True) -> None:
        """Record the answer of a decision, in place of one that is there or only where there is none.

        Raises:
            StorageFull, CatalogueUnusable: it could not be stored.
        """
        if self.store is not None and decision_id:
            self.store.complete(decision_id, given, in_place=in_place)

    def answer(
        self,
        decision_id: str,
        evidence: Evidence,
        answerer: Answerer,
        on_text: Callable[[str], None] = lambda _: None,
    ) -> Answer:
        """The answer from ``evidence``, on record before it is given; ``on_text`` is given each piece of it.

        Raises:
            ProvisoError: whatever kept it from being given or stored.
        """
        given = answer(evidence, self.answerer(decision_id, answerer), on_text)
        self.answered(decision_id, given)
        return given


def open_recorder(settings: Settings, models: AuditedModels) -> Recorder:
    """The recorder of the library that the settings describe.

    Raises:
        CatalogueUnusable: the workbench is damaged, or of a later schema.
        StorageFull: there is no room to create it.
    """
    store = DecisionStore(open_workbench(settings.directory)) if settings.keep_decisions else None
    return Recorder(store, models, settings.rrf_k)


@dataclass(frozen=True)
class _Kept:
    """An ``Answerer`` for one decision. It runs to its end also where nobody waits for the answer any more."""

    within: Answerer
    recorder: Recorder
    decision_id: str

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        self.recorder.answering(self.decision_id, evidence)
        given = self.within.answer(evidence, on_text)
        # A reader who stopped it has another answer, which is on record by now.
        self.recorder.answered(self.decision_id, given, in_place=False)
        return given


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
