"""The process that is killed: it opens a library, adds and deletes, and says before and after what it does."""

import random
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from core.models import Encoder
from core.settings import Settings
from core.storage.jobs import FileStatus
from core.storage.library import Library
from ingest.index_contract import Tools
from ingest.worker import work_off
from tests.fakes import WordEncoder, open_test_library
from tests.faults.crash_points import kill_at
from tests.faults.statement import Act, Statement

STEPS = 6


def tools(encoder: Callable[[], Encoder] = WordEncoder) -> Tools:
    """The real reader and splitter with a cheap encoder."""
    return Tools.of(Settings(ocr=False), encoder, lambda text: len(text.split()))


def act(
    directory: Path, files: tuple[Path, ...], fingerprint: str, seed: int, change: int, to: Connection
) -> None:
    """Add and delete at random; killed just before the ``change``-th change of a file or database, if not 0.

    Every statement goes to ``to`` before and after the act that it tells of.
    """
    to.send(Statement(Act.STARTED))
    kill_at(change, lambda name: to.send(Statement(Act.KILLED, name)))
    try:
        _act(directory, files, fingerprint, random.Random(seed), to)
    except Exception as error:
        to.send(Statement(Act.FAILED, repr(error)))
        raise
    to.send(Statement(Act.ENDED))


def _act(
    directory: Path, files: tuple[Path, ...], fingerprint: str, choose: random.Random, to: Connection
) -> None:
    library = open_test_library(directory, fingerprint)
    to.send(Statement(Act.OPENED))
    work_off(library, tools())
    for _ in range(STEPS):
        known = sorted(contract.contract_id for contract in library.catalogue.contracts())
        if known and choose.random() < 0.4:
            _delete(library, choose.choice(known), to)
        else:
            _add(library, choose.choice(files), to)
    library.close()


def _add(library: Library, file: Path, to: Connection) -> None:
    content, contract_id = file.read_bytes(), file.stem
    to.send(Statement(Act.ADDING, contract_id))
    job_id = library.enqueue(content, file.name)
    to.send(Statement(Act.ADDED, contract_id))
    work_off(library, tools())
    job = library.jobs.get(job_id)
    if job is None or job.report is None or job.report.status not in (FileStatus.READY, FileStatus.DUPLICATE):
        to.send(Statement(Act.FAILED, repr(job)))


def _delete(library: Library, contract_id: str, to: Connection) -> None:
    to.send(Statement(Act.DELETING, contract_id))
    library.delete(contract_id)
    to.send(Statement(Act.DELETED, contract_id))
