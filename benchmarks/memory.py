"""How much memory and disk something takes."""

import gc
from pathlib import Path

STATUS = Path("/proc/self/status")


def resident_mb(kind: str = "RssAnon") -> float | None:
    """Memory of this process in MB, None where the system does not tell.

    Args:
        kind: ``RssAnon`` is memory of its own, ``RssFile`` that of mapped files, which the system may take back.
    """
    gc.collect()
    if not STATUS.exists():
        return None
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{kind}:")), None)


def disk_mb(folder: Path) -> float:
    """Size of the files below ``folder`` in MB, holes counted as nothing."""
    files = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(getattr(one, "st_blocks", one.st_size // 512) * 512 for one in files) / 1e6
