"""What figures depend on besides the code: processor, memory, versions, commit."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.records import Machine

ROOT = Path(__file__).resolve().parent.parent
CPU_FILE = Path("/proc/cpuinfo")
FEATURES = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "openvino",
    "onnxruntime",
    "qdrant-client",
    "qdrant-edge-py",
    "rank-bm25",
    "bm25s",
    "flashrank",
    "fastembed",
    "pypdf",
    "pypdfium2",
    "streamlit",
    "numpy",
    "scipy",
)


def describe_machine() -> Machine:
    """This machine, as far as figures depend on it."""
    stated = _cpu_fields()
    flags = set(stated.get("flags", "").split())
    affinity = getattr(os, "sched_getaffinity", None)
    return Machine(
        processor=stated.get("model name") or platform.processor() or platform.machine(),
        features=tuple(feature for feature in FEATURES if feature in flags),
        cores=len(affinity(0)) if affinity else os.cpu_count() or 1,
        memory_gb=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        system=platform.system(),
    )


def versions() -> dict[str, str]:
    """Python and the packages that are compared or measured; those that are not installed are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit that is checked out, with ``+changes`` where files differ from it; empty outside Git."""
    found = _git("rev-parse", "--short=12", "HEAD")
    return f"{found}+changes" if found and _git("status", "--porcelain", "-uno") else found


def load() -> float:
    """Mean number of running processes during the last minute."""
    return round(os.getloadavg()[0], 2)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() if done.returncode == 0 else ""


def _cpu_fields() -> dict[str, str]:
    try:
        lines = CPU_FILE.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}
