"""One file into the library: read -> describe -> split -> encode -> both indexes. Repeating it is harmless."""

import functools
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import (
    PasswordNeeded,
    ProvisoError,
    RejectedFile,
    StorageFull,
    StoreUnavailable,
    UnknownContract,
)
from core.models import Encoder, EncoderSource
from core.records import Chunk, ContractText
from core.settings import OcrEngine, Settings
from core.storage.jobs import FileReport, FileStatus, Job
from core.storage.library import Library
from ingest.assembly_line import Stage
from ingest.describe import describe, situating_title
from ingest.passwords import Passwords
from ingest.read_contract import OnProgress, ReadLimits, read_contract
from ingest.reading.ocrmypdf import find_program
from ingest.split import split

# Chunks between two looks whether to go on; fewer would be grouped less well by length.
ENCODE_BATCH = 256
Progress = Callable[[str, float], bool]
Finish = Callable[[FileReport], None]
Indexing = Generator[Stage, None, FileReport]


class Cancelled(Exception):
    """Somebody asked to stop this file; nothing of it stays."""


@dataclass(frozen=True)
class Tools:
    """What indexing needs besides the file: models, limits, the chunker's token counter, and passwords.

    ``stop`` is asked by what is derived in the background and takes long; whoever stops raises ``Cancelled``.
    """

    encoder: Callable[[], Encoder]
    count_tokens: Callable[[str], int]
    limits: ReadLimits
    ocr: bool | OcrEngine
    passwords: Passwords = field(default_factory=Passwords)
    stop: Callable[[], bool] = lambda: False

    @classmethod
    def of(
        cls,
        settings: Settings,
        encoder: Callable[[], Encoder],
        count_tokens: Callable[[str], int],
        passwords: Passwords | None = None,
    ) -> "Tools":
        """The tools that ``settings`` describe; ``encoder`` is called when vectors are first needed.

        Raises:
            ModelUnavailable: OCR by ocrmypdf is configured and the program is not installed.
        """
        if settings.ocr == "ocrmypdf":
            find_program()
        limits = ReadLimits(
            max_bytes=settings.max_upload_mb * 1024 * 1024,
            max_pages=settings.max_pages,
            wall_seconds=settings.read_timeout,
        )
        return cls(encoder, count_tokens, limits, settings.ocr, passwords or Passwords())

    @classmethod
    def loading(cls, settings: Settings, passwords: Passwords | None = None) -> "Tools":
        """As ``of``, with the encoder of the settings, loaded when vectors are first needed."""
        source = EncoderSource(settings.encoder)
        load = functools.cache(functools.partial(source.load, settings))
        return cls.of(settings, load, source.token_counter(), passwords)


def index_contract(job: Job, library: Library, tools: Tools, progress: Progress, finish: Finish) -> Indexing:
    """Index the stored original of ``job``, stage by stage.

    Args:
        job: names the contract id of the original and the user's file name.
        library: what it is added to.
        tools: models and limits.
        progress: told the step and how far it is (0-1); returns False to cancel.
        finish: told the outcome ``READY``, within the transaction that makes the contract visible: a crash right
            after it must not make the file its own duplicate. Every other outcome is the caller's to record.

    Yields:
        The stage that goes on with it.

    Returns:
        What became of the file. A file that cannot be read is a report with an error and changes nothing.

    Raises:
        StoreUnavailable, StorageFull: the library cannot take any file now. What was prepared is kept, so
            that doing this job again later neither reads nor encodes anything twice.
    """
    existing = library.catalogue.contract(job.contract_id)
    if existing is not None and library.catalogue.is_current(job.contract_id, library.fingerprint):
        note = f"duplicate of {existing.file_name}"
        return FileReport(
            job.file_name,
            FileStatus.DUPLICATE,
            job.contract_id,
            existing.page_count,
            existing.chunk_count,
            (note,),
        )
    try:
        staged = yield from _finish_staged(job, library, progress, finish)
        return staged or (yield from _add(job, library, tools, progress, finish))
    except (Cancelled, UnknownContract):
        library.discard_staged(job.contract_id)
        return FileReport(job.file_name, FileStatus.CANCELLED, job.contract_id)
    except (StoreUnavailable, StorageFull):
        raise
    except ProvisoError as error:
        library.discard_staged(job.contract_id)
        locked = isinstance(error, PasswordNeeded)
        reason = f"{error.reason} {error.next_step}".strip()
        return FileReport(
            job.file_name, FileStatus.REJECTED, job.contract_id, error=reason, needs_password=locked
        )


def _finish_staged(
    job: Job, library: Library, progress: Progress, finish: Finish
) -> Generator[Stage, None, FileReport | None]:
    """Make visible what an interrupted run has prepared in full; None when there is nothing of the kind."""
    staged = library.catalogue.staged(job.contract_id, library.fingerprint)
    if staged is None:
        return None
    yield Stage.STORING
    if not progress("storing", 0.9):
        raise Cancelled
    report = FileReport(
        job.file_name,
        FileStatus.READY,
        job.contract_id,
        staged.page_count,
        staged.chunk_count,
        staged.warnings,
    )
    library.publish_staged(job.contract_id, lambda: _end(report, library, finish))
    return report


def _add(job: Job, library: Library, tools: Tools, progress: Progress, finish: Finish) -> Indexing:
    def step(name: str, share: float) -> None:
        if not progress(name, share):
            raise Cancelled

    step("reading", 0.0)
    try:
        content = library.originals.get(job.contract_id)
    except FileNotFoundError:
        raise RejectedFile(job.file_name, "its stored copy is gone.", "Add the file again.") from None
    contract = _read(content, job, tools, lambda name, share: step(name, 0.4 * share))
    step("splitting", 0.4)
    profile = describe(contract)
    chunks = split(contract, situating_title(profile), tools.count_tokens, library.fingerprint)
    yield Stage.ENCODING
    vectors = _encode(chunks, tools.encoder(), lambda share: step("encoding", 0.45 + 0.45 * share))
    yield Stage.STORING
    step("storing", 0.9)
    report = FileReport(
        job.file_name,
        FileStatus.READY,
        contract.contract_id,
        len(contract.pages),
        len(chunks),
        contract.warnings,
    )
    library.add(contract, profile, chunks, vectors, lambda: _end(report, library, finish))
    return report


def _end(report: FileReport, library: Library, finish: Finish) -> None:
    library.jobs.drop_locked(report.contract_id)
    finish(report)


def _read(content: bytes, job: Job, tools: Tools, on_progress: OnProgress) -> ContractText:
    """The contract, with the first password that opens it where it is protected by one."""

    def attempt(password: str | None) -> ContractText:
        return read_contract(
            content, job.file_name, tools.limits, password=password, ocr=tools.ocr, on_progress=on_progress
        )

    try:
        return attempt(None)
    except PasswordNeeded as error:
        refusal = error
    for password in tools.passwords.candidates(job.contract_id, job.file_name):
        try:
            contract = attempt(password)
        except PasswordNeeded as error:
            refusal = error
        else:
            tools.passwords.give(job.contract_id, password)
            return contract
    tools.passwords.forget(job.contract_id)
    raise refusal


def _encode(
    chunks: Sequence[Chunk], encoder: Encoder, on_share: Callable[[float], None]
) -> NDArray[np.float32]:
    batches: list[NDArray[np.float32]] = []
    for begin in range(0, len(chunks), ENCODE_BATCH):
        on_share(begin / len(chunks))
        batches.append(
            encoder.encode([chunk.situated_text for chunk in chunks[begin : begin + ENCODE_BATCH]])
        )
    return np.concatenate(batches)
