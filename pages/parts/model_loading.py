"""Both models, loaded in the background so that no page waits for them before it is drawn."""

import gc
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

from core.errors import ProvisoError
from core.models import Encoder, Scorer

Model = TypeVar("Model")
# Seconds that loading stands back for the first page to be drawn; whoever wants a model ends the wait.
STAND_BACK: Final = 1.0
logger = logging.getLogger(__name__)


class LoadingModels:
    """The encoder and the cross-encoder, on their way or there; shared by all sessions.

    Args:
        load_encoder: loads the encoder; may raise ModelUnavailable.
        load_scorer: loads the cross-encoder; may raise ModelUnavailable.
        stand_back: seconds to wait before loading, as long as nobody wants a model.
    """

    def __init__(
        self,
        load_encoder: Callable[[], Encoder],
        load_scorer: Callable[[], Scorer],
        stand_back: float = STAND_BACK,
    ) -> None:
        self._stand_back = stand_back
        self._wanted = threading.Event()
        self._load_encoder = load_encoder
        self._load_scorer = load_scorer
        self._encoder: Future[Encoder] = Future()
        self._scorer: Future[Scorer] = Future()

    def start(self) -> None:
        """Begin loading, one after the other: together they would only share the processor."""
        threading.Thread(target=self._run, name="models", daemon=True).start()

    @property
    def ready(self) -> bool:
        """True when both models can be used at once."""
        return self.failure is None and self._encoder.done() and self._scorer.done()

    @property
    def failure(self) -> BaseException | None:
        """Why a model could not be loaded, or None."""
        for future in (self._encoder, self._scorer):
            if future.done() and (error := future.exception()) is not None:
                return error
        return None

    def encoder(self) -> Encoder:
        """The encoder, waiting for it where necessary.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        self._wanted.set()
        return self._encoder.result()

    def scorer(self) -> Scorer:
        """The cross-encoder, waiting for it where necessary.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        self._wanted.set()
        return self._scorer.result()

    def _run(self) -> None:
        self._wanted.wait(self._stand_back)
        _settle(self._encoder, self._load_encoder)
        _settle(self._scorer, self._load_scorer)
        # Half a million objects of the model libraries live as long as the process: never look at them again.
        gc.collect()
        gc.freeze()


def _settle(future: Future[Model], load: Callable[[], Model]) -> None:
    try:
        future.set_result(load())
    except ProvisoError as error:
        future.set_exception(error)
    except Exception as error:
        # Whoever asks for the model must learn of it; a thread that just ends would leave them waiting.
        logger.exception("A model could not be loaded.")
        future.set_exception(error)
