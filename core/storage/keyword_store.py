"""The keyword index in its file: saved when it has changed, moved aside when it is damaged."""

import logging
import threading
from pathlib import Path

from core.storage.aside import move_aside
from core.storage.keyword_index import KeywordIndex

logger = logging.getLogger(__name__)


class KeywordStore:
    """One file that holds the keyword index; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: KeywordIndex | None = None
        self._lock = threading.Lock()

    def load(self) -> tuple[KeywordIndex, str]:
        """The index, empty when there is none, and what is wrong with the file, empty when nothing is."""
        try:
            index = KeywordIndex.load(self._path)
        except ValueError as error:
            return KeywordIndex.build(
                []
            ), f"The keyword index was damaged: {error}" if self._path.exists() else ""
        self._saved = index
        return index, ""

    def save(self, index: KeywordIndex) -> None:
        """Write ``index`` unless it is what the file holds.

        A failure, such as a full disk, is logged and no error: the file is only there to start quickly.
        """
        with self._lock:
            if index is self._saved:
                return
            try:
                if self._saved is None and self._path.exists():
                    # It was not loaded, so it is damaged; it is kept for whoever wants to know why.
                    move_aside(self._path)
                index.save(self._path)
                self._saved = index
            except OSError as error:
                logger.warning("The keyword index could not be saved (%s); the next start builds it.", error)
