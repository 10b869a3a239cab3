"""The library with its models, held by this process: for as long as it runs, or only while it is asked."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Final

from api.address import noted_address
from api.remote import RemoteResearch
from api.research import LocalResearch, Research
from core.errors import StoreBusy
from core.models import CrossEncoderScorer, SentenceEncoder, load_encoder, load_scorer
from core.search import open_searcher, recipes_of
from core.settings import Settings
from core.storage.library import Library
from core.waiting_line import WaitingLine
from core.workbench.recorder import open_recorder
from ingest.open_library import open_library
from ingest.open_trail import open_trail

IDLE_SECONDS: Final = 60.0


class Models:
    """Both models, loaded when they are first asked for, and kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def encoder(self) -> SentenceEncoder:
        """The encoder of the settings."""
        return load_encoder(self._settings.encoder, self._settings)

    @cached_property
    def scorer(self) -> CrossEncoderScorer:
        """The cross-encoder of the settings."""
        return load_scorer(self._settings.reranker, self._settings)


@contextmanager
def open_research(settings: Settings, role: str) -> Iterator[LocalResearch]:
    """Hold the library and the models while the context lasts.

    Raises:
        StoreBusy: another process holds it.
        As ``recipes_of``, ``open_library`` and the loading of models.
    """
    recipes_of(settings)
    models = Models(settings)
    with open_library(settings, role) as library:
        # Before the first question, so that a model that cannot be loaded is known at the start.
        _ = models.encoder, models.scorer
        yield local_research(settings, library, models, WaitingLine(settings.max_waiting))


def local_research(settings: Settings, library: Library, models: Models, line: WaitingLine) -> LocalResearch:
    """``Research`` over a library that this process holds."""
    searcher = open_searcher(settings, lambda: models.encoder, lambda: models.scorer, library.snapshot, line)
    trail = open_trail(settings)
    return LocalResearch(settings, library, searcher, trail, open_recorder(settings, trail.models))


class BorrowedLibrary:
    """The library while it is asked: let go after a minute's rest, so that the app can be opened meanwhile.

    Args:
        settings: which library.
        role: who holds it, as others are told.
        idle_seconds: how long nobody may ask before it is let go.
    """

    def __init__(self, settings: Settings, role: str, idle_seconds: float = IDLE_SECONDS) -> None:
        self._settings = settings
        self._role = role
        self._idle_seconds = idle_seconds
        self._models = Models(settings)
        self._line = WaitingLine(settings.max_waiting)
        self._lock = threading.Lock()
        self._users = 0
        self._held: tuple[ExitStack, Library] | None = None
        self._timer: threading.Timer | None = None

    @contextmanager
    def research(self) -> Iterator[Research]:
        """Whoever can answer: this process, or the server that holds the library and answers its API.

        Raises:
            StoreBusy: another process holds the library and answers no API.
            As ``open_library``.
        """
        try:
            library = self._take()
        except StoreBusy as busy:
            yield self._remote(busy)
            return
        try:
            yield local_research(self._settings, library, self._models, self._line)
        finally:
            self._give()

    def close(self) -> None:
        """Let go now."""
        with self._lock:
            self._users = 0
            self._let_go()

    def _remote(self, busy: StoreBusy) -> RemoteResearch:
        address = noted_address(self._settings.directory)
        if not address:
            raise StoreBusy(
                busy.subject,
                busy.reason,
                "Start the app with proviso serve --api, so that other programs can ask it; or stop that process.",
            ) from None
        return RemoteResearch(address, self._settings)

    def _take(self) -> Library:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._held is None:
                stack = ExitStack()
                self._held = stack, stack.enter_context(open_library(self._settings, self._role))
            self._users += 1
            return self._held[1]

    def _give(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users > 0 or self._held is None:
                return
            self._timer = threading.Timer(self._idle_seconds, self._rested)
            self._timer.daemon = True
            self._timer.start()

    def _rested(self) -> None:
        with self._lock:
            # Somebody may have come while this waited for the lock.
            if self._users == 0 and self._timer is not None:
                self._let_go()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held is not None:
            self._held[0].close()
            self._held = None
