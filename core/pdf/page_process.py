"""A page drawn in a process of its own, as a page that crashes the PDF library must not end the application.

``python -m core.pdf.page_process`` reads a line of JSON and then the bytes of a PDF; it writes a line of JSON and
then the picture.
"""

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from core.confinement import PACKAGE_ROOT, child_environment, claim_output, confine
from core.pdf.page_image import PageImage, PageLocked, PageNotShown, locked, not_shown, render_page
from core.records import Page, TextRun, TextSource, WordBox

SECONDS: Final = 30.0
MEMORY: Final = 2 * 1024**3
_GRACE_SECONDS: Final = 2.0
# Every process may take its share of memory, so they are few however many sessions look at pages.
_AT_ONCE: Final = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class _Task:
    page: Page
    start: int
    end: int
    scale: float
    password: str | None = field(default=None, repr=False)


def draw_page(
    content: bytes,
    page: Page,
    start: int,
    end: int,
    *,
    scale: float = 1.5,
    password: str | None = None,
) -> PageImage:
    """``render_page`` in a process of its own, within 30 seconds and 2 GB.

    Raises:
        PageLocked: the password is missing or wrong.
        PageNotShown: the page cannot be drawn, or not within these limits.
    """
    task = json.dumps(asdict(_Task(page, start, end, scale, password))).encode() + b"\n"
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "core.pdf.page_process"],
                input=task + content,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=PACKAGE_ROOT,
                env=child_environment(),
                timeout=SECONDS + _GRACE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise not_shown(page, f"drawing it took longer than {SECONDS:g} seconds.") from None
    return _result(done.stdout, page)


def _result(output: bytes, page: Page) -> PageImage:
    head, _, png = output.partition(b"\n")
    try:
        said = json.loads(head)
        if said.get("locked"):
            raise locked(page)
        if "reason" in said:
            raise not_shown(page, str(said["reason"]))
        return PageImage(png, int(said["width"]), int(said["height"]), bool(said["highlighted"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        # It ended without a word: the library crashed, or took more memory or time than it may.
        raise not_shown(page, "drawing it failed or took too much memory.") from None


def main() -> None:
    """Do the one task that stands on the input."""
    output = claim_output()
    task = _task(sys.stdin.buffer.readline())
    confine(SECONDS, MEMORY)
    content = sys.stdin.buffer.read()
    head, png = _drawn(content, task)
    output.write(json.dumps(head).encode() + b"\n" + png)
    output.flush()
    # pdfium's own clean-up may fail on a document that it could not read.
    os._exit(0)


def _drawn(content: bytes, task: _Task) -> tuple[dict[str, object], bytes]:
    try:
        drawn = render_page(
            content, task.page, task.start, task.end, scale=task.scale, password=task.password
        )
    except PageLocked:
        return {"locked": True}, b""
    except PageNotShown as error:
        return {"reason": error.reason}, b""
    return {"width": drawn.width, "height": drawn.height, "highlighted": drawn.highlighted}, drawn.png


def _task(line: bytes) -> _Task:
    fields: dict[str, Any] = json.loads(line)
    stored: dict[str, Any] = fields.pop("page")
    runs = tuple(TextRun(**run) for run in stored.pop("runs"))
    words = tuple(WordBox(**word) for word in stored.pop("words"))
    source = TextSource(stored.pop("source"))
    return _Task(Page(**stored, source=source, runs=runs, words=words), **fields)


if __name__ == "__main__":
    main()
