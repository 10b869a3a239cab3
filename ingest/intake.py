"""The door of the library: what is no PDF, too large, or more than the disk may hold is never stored."""

import os
from collections.abc import Callable
from pathlib import Path

from core.errors import RejectedFile
from core.settings import Settings
from core.storage.jobs import FileReport, FileStatus, Jobs
from core.storage.library import enqueue
from core.storage.originals import Originals, contract_id_of
from ingest.reading.check_upload import check_upload
from ingest.reading.records import ReadLimits, Rejection
from ingest.reading.rejections import rejected

GIGABYTE = 1024**3
Announce = Callable[[str, str, str], None]
"""Told a file's contract id and name and "" before it is let in, or the outcome "rejected"; it may raise to stop that.

The id is empty for a file too large to be read.
"""


def _announce_to_nobody(contract_id: str, file_name: str, outcome: str) -> None:
    """Nobody keeps a record."""


class Intake:
    """Takes files in, one batch; the size of the data directory is measured once, with the first file.

    Args:
        directory: the data directory.
        limits: what one file may have.
        quota: bytes that the data directory may have. A file that is let in and then indexed adds about as much
            again, so the directory may end somewhat above.
        announce: see ``Announce``; the audit log, where there is one.
    """

    def __init__(
        self,
        directory: Path,
        originals: Originals,
        jobs: Jobs,
        limits: ReadLimits,
        quota: int,
        announce: Announce = _announce_to_nobody,
    ) -> None:
        self._directory = directory
        self._originals = originals
        self._jobs = jobs
        self._limits = limits
        self._quota = quota
        self._announce = announce
        self._used = -1

    @classmethod
    def of(
        cls,
        settings: Settings,
        originals: Originals,
        jobs: Jobs,
        announce: Announce = _announce_to_nobody,
    ) -> "Intake":
        """The door that ``settings`` describe."""
        limits = ReadLimits(max_bytes=settings.max_upload_mb * 1024 * 1024)
        quota = int(settings.max_library_gb * GIGABYTE)
        return cls(settings.directory, originals, jobs, limits, quota, announce)

    def add(self, content: bytes, file_name: str) -> int:
        """Store and queue a file, or record at once why it is turned away; returns the job's id either way.

        Raises:
            StorageFull: the disk is full.
            OSError: the folder is not writable.
            AuditUnavailable: it could not be announced, so it was not stored.
        """
        try:
            check_upload(content, file_name, self._limits)
            self._make_sure_of_room(len(content), file_name)
        except RejectedFile as error:
            return self._refuse(error, contract_id_of(content), file_name)
        self._announce(contract_id_of(content), file_name, "")
        return enqueue(content, file_name, self._originals, self._jobs)

    def add_file(self, path: Path) -> int:
        """``add`` for a file on this machine; one that is too large is not even read.

        Raises:
            StorageFull: the disk is full.
            OSError: it cannot be read, or the folder is not writable.
            AuditUnavailable: as ``add``.
        """
        size = path.stat().st_size
        if size > self._limits.max_bytes:
            error = rejected(path.name, Rejection.TOO_LARGE, self._limits, found=size)
            return self._refuse(error, "", path.name)
        return self.add(path.read_bytes(), path.name)

    def _refuse(self, error: RejectedFile, contract_id: str, file_name: str) -> int:
        self._announce(contract_id, file_name, FileStatus.REJECTED.value)
        reason = f"{error.reason} {error.next_step}".strip()
        return self._jobs.refuse(file_name, FileReport(file_name, FileStatus.REJECTED, error=reason))

    def _make_sure_of_room(self, size: int, file_name: str) -> None:
        if self._used < 0:
            self._used = directory_bytes(self._directory)
        if self._used + size > self._quota:
            raise RejectedFile(
                file_name,
                f"the library has {self._used / GIGABYTE:.1f} of {self._quota / GIGABYTE:g} GB; there is no"
                " room for this file.",
                "Delete contracts or raise the limit (max_library_gb).",
            )
        self._used += size


def directory_bytes(directory: Path) -> int:
    """Bytes of all files in a folder and below; what vanishes meanwhile counts as nothing."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name), follow_symlinks=False).st_size
            except OSError:
                continue
    return total
