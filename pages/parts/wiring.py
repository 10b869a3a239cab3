"""Everything the pages work with, built once for the process. The only ``st.cache_resource`` is here.

A test hands over its own services with ``provide`` and takes them back with ``provide(None)``.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import streamlit as st

from core.audit.trail import AuditTrail, RecordedAnswerer
from core.background_answer import Writers
from core.choose_answerer import choose_answerer
from core.explain.explainer import Explainer
from core.models import EncoderSource, load_encoder, load_scorer
from core.pipeline.records import Recipe
from core.report import ModelNames
from core.review.conduct import Reviews
from core.review.open_desk import open_desk
from core.review.own_sets import QuestionSets
from core.review.store import ReviewStore
from core.review.worker import ReviewWorker
from core.search import Search, Searcher, open_searcher, recipes_of
from core.settings import Settings, load_settings
from core.stage3_answer import Answerer
from core.storage.library import Library
from core.storage.notes_reader import NotesReader
from core.storage.sqlite_file import Database
from core.waiting_line import WaitingLine
from core.workbench.decision_store import DecisionStore
from core.workbench.labels import LabelStore
from core.workbench.recorder import Recorder
from core.workbench.workbench import open_workbench
from ingest.index_contract import Tools
from ingest.open_library import open_library
from ingest.open_trail import chat_host, open_trail
from ingest.passwords import Passwords
from ingest.worker import Worker
from pages.parts.model_loading import LoadingModels


@dataclass(frozen=True)
class Services:
    """What the pages may use; every part is safe to share between sessions."""

    settings: Settings
    library: Library
    models: LoadingModels
    line: WaitingLine
    trail: AuditTrail
    workbench: Database
    writers: Writers = field(default_factory=Writers)
    passwords: Passwords = field(default_factory=Passwords)
    review_worker: ReviewWorker = field(default_factory=ReviewWorker)
    # At most one: the readers' judgements being measured.
    measuring: list[Search[Path]] = field(default_factory=list)

    @cached_property
    def notes(self) -> NotesReader:
        """Defined terms and references of passages."""
        return NotesReader(self.library.catalogue)

    @cached_property
    def decisions(self) -> DecisionStore:
        """The decisions on record."""
        return DecisionStore(self.workbench)

    @cached_property
    def labels(self) -> LabelStore:
        """What readers say of passages."""
        return LabelStore(self.workbench)

    @property
    def recorder(self) -> Recorder:
        """Puts decisions on record, or none where the settings keep none."""
        kept = self.decisions if self.settings.keep_decisions else None
        return Recorder(kept, self.trail.models, self.settings.rrf_k)

    @cached_property
    def searcher(self) -> Searcher:
        """Finds the evidence of a question whose turn has come."""
        models = self.models
        return open_searcher(self.settings, models.encoder, models.scorer, self.library.snapshot, self.line)

    @property
    def recipes(self) -> Mapping[str, Recipe]:
        """The pipelines that a question may name: those that ship and those of this library."""
        return self.searcher.recipes

    @property
    def explainer(self) -> Explainer:
        """Explains decisions, in turn with the questions."""
        return Explainer(
            self.models.encoder,
            self.models.scorer,
            self.library.snapshot,
            self.line,
            self.settings.encoder,
            self.settings.reranker,
        )

    def answerer(self, actor: str, decision_id: str = "") -> Answerer:
        """Whoever answers from the evidence, waiting for the cross-encoder where necessary; its answers to
        ``actor`` are in the audit log, and in the decision, before they are given.
        """
        logged = RecordedAnswerer(choose_answerer(self.settings, self.models.scorer()), self.trail, actor)
        return self.recorder.answerer(decision_id, logged)

    @property
    def reviews(self) -> Reviews:
        """The reviews, and the one worker that fills them."""
        kept = self.decisions if self.settings.keep_decisions else None
        desk = open_desk(self.settings, self.library, self.searcher, self.trail, kept, self.chat_host)
        return Reviews(
            ReviewStore(self.workbench), QuestionSets(self.workbench), self.review_worker, desk, self.trail
        )

    @property
    def model_names(self) -> ModelNames:
        """Which models take part."""
        answerer = self.settings.chat_model or "extract"
        return ModelNames(self.settings.encoder, self.settings.reranker, answerer)

    @property
    def chat_host(self) -> str:
        """Where passages are sent for an answer; empty when they stay on this machine."""
        return chat_host(self.settings)


_provided: list[Services] = []


def provide(services: Services | None) -> None:
    """Use these services from now on instead of building them; None goes back to the real ones."""
    _provided[:] = [] if services is None else [services]


def services() -> Services:
    """The services of this process.

    Raises:
        InvalidSettings: a setting is unknown or out of range, or a pipeline is not valid.
        StoreBusy: another process holds the data directory.
        StoreUnavailable: the vector store cannot be reached.
    """
    return _provided[0] if _provided else _build()


@st.cache_resource(show_spinner="Opening the library...")
def _build() -> Services:
    settings = load_settings()
    recipes_of(settings)
    # The library stays open as long as the process lives; its lock ends with the process, however that ends.
    with ExitStack() as stack:
        library = stack.enter_context(open_library(settings, "the app"))
        models = LoadingModels(
            lambda: load_encoder(settings.encoder, settings), lambda: load_scorer(settings.reranker, settings)
        )
        passwords = Passwords()
        tools = Tools.of(settings, models.encoder, EncoderSource(settings.encoder).token_counter(), passwords)
        trail = open_trail(settings)
        _kept_open.append(stack.pop_all())
    models.start()
    Worker(library, tools, trail).start()
    line = WaitingLine(settings.max_waiting)
    workbench = open_workbench(settings.directory)
    return Services(settings, library, models, line, trail, workbench, passwords=passwords)


_kept_open: list[ExitStack] = []
