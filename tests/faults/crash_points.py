"""Every change of a file or database that a process makes, counted from outside the product.

Python's audit events tell of files that are opened, renamed and removed; the statements of every SQLite connection,
Qdrant's own included, are traced. The process can be killed just before any of them.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"})
Seen = Callable[[str], None]


def watch(seen: Seen) -> None:
    """Call ``seen`` with a name just before each change from now on; it cannot be switched off again."""

    def statement(sql: str) -> None:
        if sql.startswith(("SELECT", "PRAGMA", "--")):
            return
        seen(f"SQL {' '.join(sql.split()[:3])}")

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event in CHANGES:
            seen(event)
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            seen("open")

    real_fsync, real_connect = os.fsync, sqlite3.connect

    def fsync(handle: int) -> None:
        seen("fsync")
        real_fsync(handle)

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real_connect(*arguments, **options)
        connection.set_trace_callback(statement)
        return connection

    for module, name, function in ((os, "fsync", fsync), (sqlite3, "connect", connect)):
        setattr(module, name, function)
    sys.addaudithook(audit)


def kill_at(number: int, last_words: Seen) -> None:
    """Kill this process just before its ``number``-th change, counted from 1; 0 never does."""
    count = 0

    def seen(name: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            last_words(name)
            os.kill(os.getpid(), signal.SIGKILL)

    watch(seen)
