"""What the API and the MCP server can do, over the same library, models, line and log as the app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from api.records import (
    AskRequest,
    ContractList,
    ContractSummary,
    Health,
    PassageReply,
    RerankedPassage,
    RerankReply,
    RerankRequest,
)
from core.audit.trail import AuditTrail, RecordedAnswerer, find_on_record
from core.choose_answerer import choose_answerer
from core.contract_filter import ContractFilter, narrowed
from core.errors import InvalidSettings, UnknownContract
from core.records import Answer, Contract, Finding, Inquiry, Selection
from core.report import JsonObject, ModelNames, finding_as_json
from core.scope import resolve_contracts
from core.search import Searcher
from core.settings import Settings
from core.storage.library import Library
from core.workbench.decision import DecisionKind
from core.workbench.recorder import Context, Recorder

PREFIX: Final = "api"
# Called now and then; it raises to give up.
Check = Callable[[], None]


def never() -> None:
    """The check of somebody who waits as long as it takes."""


class Research(Protocol):
    """What other programs may ask for; here, or from a server that holds the library."""

    def ask(self, request: AskRequest, actor: str, check: Check = ...) -> JsonObject:
        """The object of ``proviso ask --json``."""
        ...

    def rerank(self, request: RerankRequest, actor: str, check: Check = ...) -> RerankReply:
        """The cross-encoder's judgement of passages from anywhere."""
        ...

    def contracts(self) -> ContractList:
        """Every contract of the library."""
        ...

    def contract(self, contract_id: str) -> ContractSummary:
        """One contract, by its whole id."""
        ...

    def passage(self, contract_id: str, chunk_id: str, actor: str) -> PassageReply:
        """One passage of a contract."""
        ...


@dataclass(frozen=True)
class LocalResearch:
    """``Research`` in the process that holds the library; safe to share between threads."""

    settings: Settings
    library: Library
    searcher: Searcher
    trail: AuditTrail
    recorder: Recorder

    def ask(self, request: AskRequest, actor: str, check: Check = never) -> JsonObject:
        """Find, rerank and, where wanted, answer; in the audit log and among the decisions.

        Args:
            request: the question.
            actor: who asks, as the log names them.
            check: called at every step; it may raise to give up.

        Raises:
            UnknownContract: a name fits no contract, or several.
            InvalidSettings: the question is blank.
            LineFull, ModelUnavailable, StoreUnavailable, AuditUnavailable: as for a question in the app.
        """
        inquiry = self._inquiry(request)
        finding = find_on_record(self.searcher, self.trail, actor, inquiry, lambda _: check())
        context = Context(actor, DecisionKind.API)
        decision_id = self.recorder.found(finding, context, self.library.catalogue.ready_titles())
        given = self._answer(decision_id, finding, actor, check) if request.answer else None
        return finding_as_json(finding, given, self._names(given), decision_id)

    def rerank(self, request: RerankRequest, actor: str, check: Check = never) -> RerankReply:
        """Score ``request.passages`` when their turn has come; a tie keeps the order given.

        Raises:
            LineFull, ModelUnavailable, AuditUnavailable: as for a question in the app.
        """
        _not_blank(request.question)
        scorer = self.searcher.scorer()
        self.trail.reranked(actor, request.question, len(request.passages))
        with self.searcher.line.turn(lambda _: check()):
            scores = scorer.score_pairs(request.question, request.passages, lambda _done, _of: check())
        order = sorted(range(len(request.passages)), key=lambda index: -scores.logits[index])
        return RerankReply(
            model=self.settings.reranker,
            passages=[
                RerankedPassage(
                    index=index,
                    rank=rank,
                    relevance=float(scores.relevance[index]),
                    logit=float(scores.logits[index]),
                    truncated=bool(scores.truncated[index]),
                )
                for rank, index in enumerate(order, start=1)
            ],
        )

    def contracts(self) -> ContractList:
        """Every contract of the library, as the catalogue orders them."""
        return ContractList(contracts=[_summary(one) for one in self.library.catalogue.contracts()])

    def contract(self, contract_id: str) -> ContractSummary:
        """One contract.

        Raises:
            UnknownContract: no contract of the library has this id.
        """
        return _summary(self._contract(contract_id))

    def passage(self, contract_id: str, chunk_id: str, actor: str) -> PassageReply:
        """One passage, with the ids of its neighbours; the audit log says that it was read.

        Raises:
            UnknownContract: the library has no such contract, or it no such passage.
            AuditUnavailable: it could not be logged.
        """
        contract = self._contract(contract_id)
        chunks = self.library.catalogue.chunks_of(contract_id)
        place = next((number for number, one in enumerate(chunks) if one.chunk_id == chunk_id), None)
        if place is None:
            raise UnknownContract(
                f"The passage {chunk_id!r}",
                "is none of this contract.",
                "Use an id that a question returned.",
            )
        chunk = chunks[place]
        self.trail.exported(actor, f"passage {chunk_id}", (contract_id,))
        return PassageReply(
            chunk_id=chunk_id,
            contract_id=contract_id,
            contract=contract.profile.title,
            heading=chunk.heading,
            page_start=chunk.page_start,
            page_end=chunk.page_end,
            text=chunk.text,
            cautions=list(self.library.snapshot().passage_cautions(chunk)),
            previous=chunks[place - 1].chunk_id if place else None,
            next=chunks[place + 1].chunk_id if place + 1 < len(chunks) else None,
        )

    def health(self) -> Health:
        """How many contracts can be searched and how many questions wait."""
        ready = len(self.library.catalogue.ready_titles())
        return Health(status="ready", contracts=ready, waiting=self.searcher.line.waiting)

    def _inquiry(self, request: AskRequest) -> Inquiry:
        known = self.library.catalogue.contracts()
        conditions = ContractFilter(
            tuple(request.parties),
            tuple(request.governing_laws),
            tuple(request.contract_types),
            request.dated_from.strip(),
            request.dated_to.strip(),
        )
        scope = narrowed(resolve_contracts(request.contracts, known), conditions, known)
        _not_blank(request.question)
        least = request.minimum_relevance
        return Inquiry(
            request.question,
            scope,
            request.candidates or self.settings.candidates,
            request.keep or self.settings.keep,
            self.settings.minimum_relevance if least is None else least,
            Selection.BEST_OF_EACH if request.best_of_each else Selection.BEST,
            request.pipeline or self.settings.pipeline,
            _formulations(request.formulations),
        )

    def _answer(self, decision_id: str, finding: Finding, actor: str, check: Check) -> Answer:
        logged = RecordedAnswerer(choose_answerer(self.settings, self.searcher.scorer()), self.trail, actor)
        return self.recorder.answer(decision_id, finding.evidence, logged, lambda _: check())

    def _names(self, given: Answer | None) -> ModelNames:
        return ModelNames(self.settings.encoder, self.settings.reranker, given.model if given else "")

    def _contract(self, contract_id: str) -> Contract:
        contract = self.library.catalogue.contract(contract_id)
        if contract is None:
            raise UnknownContract(
                f"The contract {contract_id[:80]!r}", "is not in the library.", "List the contracts."
            )
        return contract


def _not_blank(question: str) -> None:
    if not question.strip():
        raise InvalidSettings("The question", "is empty.", "Ask something.")


def _formulations(given: list[str]) -> tuple[str, ...]:
    if any(not wording.strip() for wording in given):
        raise InvalidSettings("A wording", "is empty.", "Leave it out.")
    return tuple(given)


def actor_name(program: str) -> str:
    """Who asks, as the audit log names a program: its own word, which nobody checked."""
    return f"{PREFIX}, {program}" if program else PREFIX


def _summary(contract: Contract) -> ContractSummary:
    profile = contract.profile
    return ContractSummary(
        contract_id=contract.contract_id,
        title=profile.title,
        file_name=contract.file_name,
        parties=list(profile.parties),
        date=profile.date,
        governing_law=profile.governing_law,
        contract_type=profile.contract_type,
        pages=contract.page_count,
        passages=contract.chunk_count,
        unread_pages=list(contract.unread_pages),
        ocr_pages=list(contract.ocr_pages),
        warnings=list(contract.warnings),
        added_at=contract.added_at,
    )
