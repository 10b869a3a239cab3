"""OCR by the program ocrmypdf, where it is configured instead of the built-in recogniser.

The program starts others (Tesseract, Ghostscript) and writes files, so it cannot run in the confined reader. It gets
a folder of its own that is removed afterwards, a limit of time, and no keys; what it made is read like any other
hostile file.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.confinement import child_environment
from core.errors import ModelUnavailable
from core.pdf.pdf_document import find_header

PROGRAM: Final = "ocrmypdf"


class OcrFailed(Exception):
    """The program gave no result; the message says why in a few words."""


def find_program() -> str:
    """Path of the program.

    Raises:
        ModelUnavailable: it is configured and not installed.
    """
    found = shutil.which(PROGRAM)
    if found is None:
        raise ModelUnavailable(
            PROGRAM,
            "is configured for OCR (PROVISO_OCR=ocrmypdf) but is not installed.",
            "Install ocrmypdf, or set PROVISO_OCR=rapidocr.",
        )
    return found


def with_text_layer(content: bytes, numbers: Sequence[int], seconds: float, password: str | None) -> bytes:
    """The file with a text layer over the pages ``numbers`` (from 1), which keep their place and size.

    Raises:
        ModelUnavailable: the program is not installed.
        OcrFailed: it failed, took too long, or the file is protected by a password, which it cannot open.
    """
    program = find_program()
    if password is not None:
        raise OcrFailed("it cannot open protected files")
    with tempfile.TemporaryDirectory(prefix="proviso-ocr-") as folder:
        source, result = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(content[max(find_header(content), 0) :])
        pages = ",".join(map(str, numbers))
        command = [program, "--force-ocr", "--output-type", "pdf", "--optimize", "0", "--quiet"]
        _run([*command, "--pages", pages, str(source), str(result)], Path(folder), seconds)
        if not result.is_file():
            raise OcrFailed("it wrote no file")
        return result.read_bytes()


def _run(command: Sequence[str], folder: Path, seconds: float) -> None:
    environment = child_environment() | {"TMPDIR": str(folder), "HOME": str(folder)}
    # Proviso's own modules are no business of the program's.
    del environment["PYTHONPATH"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise OcrFailed(f"it took longer than {seconds:g} seconds") from None
    finally:
        _end(process)
    if code:
        raise OcrFailed(f"it ended with code {code}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
