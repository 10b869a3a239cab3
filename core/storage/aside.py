"""Damaged files and folders that can be made anew: kept once, beside what replaces them."""

import shutil
import time
from pathlib import Path

DAMAGED = ".damaged-"


def move_aside(path: Path) -> Path:
    """Rename a damaged file or folder, and drop what was moved aside before; returns its new place."""
    for older in set_aside(path):
        shutil.rmtree(older, ignore_errors=True) if older.is_dir() else older.unlink(missing_ok=True)
    aside = path.with_name(f"{path.name}{DAMAGED}{time.time_ns()}")
    path.rename(aside)
    return aside


def set_aside(path: Path) -> tuple[Path, ...]:
    """What ``move_aside`` has kept of ``path``."""
    return tuple(sorted(path.parent.glob(f"{path.name}{DAMAGED}*")))
