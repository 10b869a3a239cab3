"""What the product does, put on the record: the events of questions, answers and contracts."""

from collections.abc import Callable
from dataclasses import dataclass

from core.audit.events import Action, AuditedModel, AuditedPassage, AuditEvent, question_hash
from core.audit.log import AuditSink
from core.explain.explainer import Explainer
from core.explain.silence_records import SilenceReport
from core.pipeline.recipe_file import DEFAULT
from core.records import Answer, AnswerKind, Chunk, Evidence, Finding, Inquiry, Override, Selection
from core.search import Cancelled, Report, Searcher
from core.stage3_answer import Answerer

FOUND = "passages kept"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """What may stand in the log: the questions (else their sha256 alone), and the text of passages and answers."""

    questions: bool = True
    text: bool = False


@dataclass(frozen=True, slots=True)
class AuditedModels:
    """Who takes part in a question. ``endpoint`` is the host of the model service, empty where there is none."""

    library_fingerprint: str
    encoder: AuditedModel
    reranker: AuditedModel
    answerer: AuditedModel
    endpoint: str = ""


@dataclass(frozen=True)
class AuditTrail:
    """Writes the log. Every method raises AuditUnavailable when the event could not be stored; whoever calls
    it shows or does nothing in that case.
    """

    log: AuditSink
    policy: AuditPolicy
    models: AuditedModels

    def found(self, actor: str, finding: Finding) -> None:
        """A question was put and passages were kept, or none: before any of them is shown or sent anywhere."""
        evidence = finding.evidence
        outcome = FOUND if evidence.passages else AnswerKind.REFUSED.value
        self._question(actor, finding.inquiry, outcome, evidence, finding.contracts_searched)

    def failed(self, actor: str, inquiry: Inquiry, outcome: str) -> None:
        """A question was put and came to nothing: ``outcome`` is ``cancelled`` or the class of the error."""
        self._question(actor, inquiry, outcome, None, 0)

    def answered(self, actor: str, evidence: Evidence, answer: Answer) -> None:
        """An answer is there, or the model service failed: before it is shown as finished."""
        self.log.append(
            AuditEvent(
                Action.ANSWER,
                actor,
                outcome=answer.kind.value,
                question=evidence.question if self.policy.questions else "",
                question_sha256=question_hash(evidence.question),
                passages=self._passages(evidence),
                answerer=self.models.answerer,
                endpoint=self.models.endpoint,
                answer=answer.text if self.policy.text else "",
            )
        )

    def labelled(self, actor: str, inquiry: Inquiry, chunk: Chunk, verdict: str) -> None:
        """A reader is about to say of a passage that it answers a question, or not, or takes that back."""
        self.log.append(
            AuditEvent(
                Action.LABEL,
                actor,
                outcome=verdict,
                subject=chunk.chunk_id,
                question=inquiry.question if self.policy.questions else "",
                question_sha256=question_hash(inquiry.question),
                contract_ids=(chunk.contract_id,),
            )
        )

    def overridden(self, inquiry: Inquiry, override: Override) -> None:
        """A reader is about to have a question answered again from other passages than the reranker kept."""
        self.log.append(
            AuditEvent(
                Action.OVERRIDE,
                override.actor,
                question=inquiry.question if self.policy.questions else "",
                question_sha256=question_hash(inquiry.question),
                contract_ids=inquiry.contract_ids,
                promoted=override.promoted,
                removed=override.removed,
                # A reason quotes the question more often than not.
                reason=override.reason if self.policy.questions else "",
            )
        )

    def surveyed(self, actor: str, inquiry: Inquiry, report: SilenceReport) -> None:
        """What each contract says at most was found out: before any of it is shown."""
        self.log.append(
            AuditEvent(
                Action.SURVEYED,
                actor,
                outcome="silent" if report.silent else f"{len(report.speaking)} reach the minimum",
                question=inquiry.question if self.policy.questions else "",
                question_sha256=question_hash(inquiry.question),
                contract_ids=inquiry.contract_ids,
                contracts_searched=len(report.contracts),
                minimum_relevance=inquiry.minimum_relevance,
                library_fingerprint=self.models.library_fingerprint,
                encoder=self.models.encoder,
                reranker=self.models.reranker,
            )
        )

    def rewriting(self, actor: str, question: str) -> None:
        """A follow-up and the questions before it are about to be sent to the model service."""
        self._sending(Action.FOLLOW_UP, actor, question)

    def evaluated(self, actor: str, question: str) -> None:
        """Modules of a pipeline that is measured are about to ask the model service about a question."""
        self._sending(Action.EVALUATED, actor, question)

    def _sending(self, action: Action, actor: str, question: str) -> None:
        self.log.append(
            AuditEvent(
                action,
                actor,
                question=question if self.policy.questions else "",
                question_sha256=question_hash(question),
                answerer=self.models.answerer,
                endpoint=self.models.endpoint,
            )
        )

    def describing(self, actor: str, subject: str, contract_ids: tuple[str, ...], sent: str) -> None:
        """Passages are about to be sent to the model service for what it writes once for all questions, such as a
        sentence on the place of each: ``subject`` says for what and how many, ``sent`` is all of the text.
        """
        self.log.append(
            AuditEvent(
                Action.BY_MODEL,
                actor,
                subject=subject,
                contract_ids=contract_ids,
                answerer=self.models.answerer,
                endpoint=self.models.endpoint,
                answer=sent if self.policy.text else "",
            )
        )

    def submitted(self, actor: str, contract_id: str, file_name: str) -> None:
        """A file is about to be put into the queue."""
        self.log.append(AuditEvent(Action.SUBMITTED, actor, subject=file_name, contract_ids=(contract_id,)))

    def indexed(self, actor: str, contract_id: str, file_name: str, outcome: str) -> None:
        """A file of the queue was worked off; ``outcome`` is its status."""
        self.log.append(
            AuditEvent(
                Action.INDEXED,
                actor,
                outcome,
                file_name,
                contract_ids=(contract_id,) if contract_id else (),
                library_fingerprint=self.models.library_fingerprint,
            )
        )

    def offered(self, actor: str, contract_id: str, file_name: str, outcome: str) -> None:
        """A file came to the door: let in where ``outcome`` is empty, else turned away with that outcome.

        Raises:
            AuditUnavailable: it could not be logged.
        """
        if outcome:
            self.indexed(actor, contract_id, file_name, outcome)
        else:
            self.submitted(actor, contract_id, file_name)

    def contract(self, actor: str, action: Action, contract_id: str) -> None:
        """A contract is about to be deleted, or what is shown about it corrected."""
        self.log.append(AuditEvent(action, actor, contract_ids=(contract_id,)))

    def exported(
        self, actor: str, subject: str, contract_ids: tuple[str, ...] = (), question: str = ""
    ) -> None:
        """Something is about to leave Proviso as a file: the record of a question, an original, the log."""
        self.log.append(
            AuditEvent(
                Action.EXPORTED,
                actor,
                subject=subject,
                question=question if self.policy.questions else "",
                question_sha256=question_hash(question) if question else "",
                contract_ids=contract_ids,
            )
        )

    def forgotten(self, actor: str, subject: str) -> None:
        """Decisions are about to be deleted from the record: an id, or all of before a day."""
        self.log.append(AuditEvent(Action.FORGOTTEN, actor, subject=subject))

    def reranked(self, actor: str, question: str, passages: int) -> None:
        """Passages that are not the library's are about to be scored against a question."""
        self.log.append(
            AuditEvent(
                Action.RERANKED,
                actor,
                subject=f"{passages} passages from outside",
                question=question if self.policy.questions else "",
                question_sha256=question_hash(question),
                reranker=self.models.reranker,
            )
        )

    def reviewed(
        self,
        actor: str,
        outcome: str,
        subject: str,
        contract_ids: tuple[str, ...] = (),
        question: str = "",
        text: str = "",
    ) -> None:
        """Something is about to be done to a review or a question set, named by ``subject``: ``outcome`` says
        what, ``text`` is a reviewer's correction.
        """
        self.log.append(
            AuditEvent(
                Action.REVIEW,
                actor,
                outcome=outcome,
                subject=subject,
                question=question if self.policy.questions else "",
                question_sha256=question_hash(question) if question else "",
                contract_ids=contract_ids,
                answer=text if self.policy.text else "",
            )
        )

    def _question(
        self, actor: str, inquiry: Inquiry, outcome: str, evidence: Evidence | None, searched: int
    ) -> None:
        self.log.append(
            AuditEvent(
                Action.QUESTION,
                actor,
                outcome=outcome,
                question=inquiry.question if self.policy.questions else "",
                question_sha256=question_hash(inquiry.question),
                contract_ids=inquiry.contract_ids,
                contracts_searched=searched,
                candidates=inquiry.candidates,
                keep=inquiry.keep,
                minimum_relevance=inquiry.minimum_relevance,
                passages=() if evidence is None else self._passages(evidence),
                library_fingerprint=self.models.library_fingerprint,
                encoder=self.models.encoder,
                reranker=self.models.reranker,
                answerer=self.models.answerer,
                endpoint=self.models.endpoint,
                selection="" if inquiry.selection is Selection.BEST else inquiry.selection.value,
                pipeline="" if inquiry.pipeline == DEFAULT else inquiry.pipeline,
            )
        )

    def _passages(self, evidence: Evidence) -> tuple[AuditedPassage, ...]:
        return tuple(
            AuditedPassage(one.chunk_id, round(one.relevance, 6), one.text if self.policy.text else "")
            for one in evidence.passages
        )


@dataclass(frozen=True)
class RecordedAnswerer:
    """An ``Answerer`` whose answers are in the log before anybody can show them as finished."""

    answerer: Answerer
    trail: AuditTrail
    actor: str

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        """The answer of the answerer within.

        Raises:
            AuditUnavailable: it could not be logged, so it is not given.
        """
        given = self.answerer.answer(evidence, on_text)
        self.trail.answered(self.actor, evidence, given)
        return given


def find_on_record(
    searcher: Searcher,
    trail: AuditTrail,
    actor: str,
    inquiry: Inquiry,
    report: Report = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> Finding:
    """The finding of ``searcher``, which is in the log before anybody can see it; so is a failure.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
        ProvisoError: whatever kept the evidence from being found.
    """
    try:
        finding = searcher.find(inquiry, report, enough)
    except BaseException as error:
        given_up = isinstance(error, Cancelled) or not isinstance(error, Exception)
        trail.failed(actor, inquiry, CANCELLED if given_up else type(error).__name__)
        raise
    trail.found(actor, finding)
    return finding


def survey_on_record(
    explainer: Explainer, trail: AuditTrail, actor: str, finding: Finding, report: Report = lambda _: None
) -> SilenceReport:
    """What each contract says at most, which is in the log before anybody can see it.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
        ProvisoError: whatever kept it from being found out.
    """
    made = explainer.silence(finding, report)
    trail.surveyed(actor, finding.inquiry, made)
    return made
