"""Fuzzing the reader and the splitter: valid PDFs are mutated, and whatever comes must be refused or sound.

``python -m tests.fuzz --minutes 10`` reads mutants in forked processes under the reader's own limits, writes those
that break an invariant to ``fuzz-findings/``, and ends with 1 when there are any. The same seed gives the same
mutants.
"""

import argparse
import os
import random
import re
import resource
import signal
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.records import ContractText
from ingest.describe import describe
from ingest.reading.assemble_text import assemble_text
from ingest.reading.read_pdf import read_document
from ingest.reading.reading_warnings import reading_warnings
from ingest.reading.records import Finished, Opened, PageRead, ReadTask, Rejected
from ingest.split import split
from tests import hostile_samples as hostile
from tests.pdf_samples import drawn_pdf, encrypted, lines_page, scanned_page, text_pdf, with_meanings

TASK: Final = ReadTask(20, 1024**3, 200, 2_000_000)
SECONDS: Final = 20
FOUND: Final = Path("fuzz-findings")
# What a death means: too much memory (abort, kill) or time is an outcome that the reader has words for, and a
# crash of the PDF library is contained by its process. Anything else is a fault of ours.
CONTAINED: Final = (
    signal.SIGABRT,
    signal.SIGKILL,
    signal.SIGALRM,
    signal.SIGXCPU,
    signal.SIGSEGV,
    signal.SIGBUS,
)
_NUMBER: Final = re.compile(rb"-?\d+(?:\.\d+)?")
_NAME: Final = re.compile(rb"/[A-Za-z0-9]+")
_NUMBERS: Final = (
    b"0",
    b"-1",
    b"1",
    b"2147483647",
    b"4294967296",
    b"1e30",
    b"0.0000001",
    b"99999999999999999999",
)
_TOKENS: Final = (
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b"null",
    b"endobj",
    b"endstream",
    b"1 0 R",
    b"\0",
    b"\xff\xff",
)


def corpus() -> tuple[bytes, ...]:
    """Small files of every kind that the reader knows."""
    clauses = [
        "SUPPLY AGREEMENT",
        "1. Term",
        "This Agreement runs for two years.",
        "2. Fees",
        "2.1 Fees are due.",
    ]
    return (
        text_pdf(clauses, ["Page 2", "3. Law", "The law of Ohio governs."], ["4. Notices", "By post."]),
        drawn_pdf(lines_page(clauses, gap_before=[1, 3]), scanned_page(["Signed"])),
        encrypted(text_pdf(clauses), "", algorithm="RC4-128"),
        with_meanings(
            b"BT /F1 12 Tf 72 700 Td (abcdeXYZ) Tj ET", {0x61: "D835DC00", 0x62: "0000", 0x63: "D835"}
        ),
        hostile.cyclic_outline(),
        hostile.utf16_names(),
        hostile.portfolio(),
        hostile.replaced_text(),
        hostile.recursive_type3_font(),
        hostile.one_page(hostile.flate(hostile.DRAWN)),
    )


def mutated(content: bytes, choose: random.Random) -> bytes:
    """``content`` after one to six random changes."""
    for _ in range(choose.randint(1, 6)):
        content = choose.choice(_CHANGES)(content, choose)
    return content


def check_soundness(content: bytes) -> str:
    """Read, describe and split ``content``; the outcome in a word.

    Raises:
        AssertionError: what was read breaks an invariant.
        Exception: anything else that the reader or splitter raises; it must not.
    """
    messages = list(read_document(content, TASK))
    assert messages, "no message"
    last = messages[-1]
    if isinstance(last, Rejected):
        return f"rejected: {last.reason}"
    assert isinstance(last, Finished), last
    opened = messages[0]
    assert isinstance(opened, Opened)
    readings = [message.page for message in messages if isinstance(message, PageRead)]
    assert [page.number for page in readings] == list(range(1, opened.page_count + 1))
    text, pages = assemble_text(readings)
    contract = ContractText("0" * 64, "fuzz.pdf", text, pages, opened.outline, opened.title)
    check_contract(contract)
    assert all(isinstance(warning, str) and warning for warning in reading_warnings(opened, readings))
    return "ready"


def check_contract(contract: ContractText) -> None:
    """Hold every invariant between text, pages, runs and chunks.

    Raises:
        AssertionError: one is broken.
    """
    text = contract.text
    text.encode("utf-8")
    assert "\0" not in text
    assert text == "\n".join(text[page.start : page.end] for page in contract.pages)
    for page in contract.pages:
        assert 0 <= page.start <= page.end <= len(text)
        assert all(page.start <= run.start and run.start + run.length <= page.end for run in page.runs)
        assert all(run.length > 0 and run.char_index >= 0 for run in page.runs)
    describe(contract)
    chunks = split(contract, "Title", count_words, "fuzz")
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())
    assert all(1 <= chunk.page_start <= chunk.page_end <= len(contract.pages) for chunk in chunks)


def count_words(text: str) -> int:
    """A stand-in for the model's token counter."""
    return len(text.split()) + 2


def _flip(content: bytes, choose: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(choose.randint(1, 8)):
        changed[choose.randrange(len(changed))] = choose.randrange(256)
    return bytes(changed)


def _cut(content: bytes, choose: random.Random) -> bytes:
    start = choose.randrange(len(content))
    return content[:start] + content[start + choose.randint(1, 200) :] or b"%PDF-"


def _repeat(content: bytes, choose: random.Random) -> bytes:
    start = choose.randrange(len(content))
    part = content[start : start + choose.randint(1, 300)]
    return content[:start] + part * choose.randint(2, 5) + content[start:]


def _insert(content: bytes, choose: random.Random) -> bytes:
    at = choose.randrange(len(content))
    return content[:at] + choose.choice(_TOKENS) + content[at:]


def _other_number(content: bytes, choose: random.Random) -> bytes:
    return _replaced(content, _NUMBER, lambda: choose.choice(_NUMBERS), choose)


def _other_name(content: bytes, choose: random.Random) -> bytes:
    names = _NAME.findall(content)
    return _replaced(content, _NAME, lambda: choose.choice(names), choose)


def _inside_stream(content: bytes, choose: random.Random) -> bytes:
    """Change the unpacked data of a compressed stream, which flipping its bytes would only break."""
    start = content.find(b"stream\n", choose.randrange(len(content)))
    end = content.find(b"\nendstream", start)
    if start < 0 or end < 0:
        return content
    try:
        data = zlib.decompress(content[start + 7 : end])
    except zlib.error:
        data = content[start + 7 : end]
        return content[: start + 7] + _flip(data or b" ", choose) + content[end:]
    return content[: start + 7] + zlib.compress(_insert(_flip(data or b" ", choose), choose)) + content[end:]


def _spliced(content: bytes, choose: random.Random) -> bytes:
    other = choose.choice(_CORPUS)
    return content[: choose.randrange(len(content))] + other[choose.randrange(len(other)) :]


def _replaced(
    content: bytes, pattern: re.Pattern[bytes], new: Callable[[], bytes], choose: random.Random
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    chosen = choose.choice(found)
    return content[: chosen.start()] + new() + content[chosen.end() :]


_CHANGES: Final = (
    *(_flip, _cut, _repeat, _insert, _other_number, _other_number, _other_name, _inside_stream, _spliced),
)
_CORPUS: Final = corpus()


def outcome_of(content: bytes) -> str:
    """``check_soundness`` in a forked process under limits: its word, or ``fault: ...``."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _run(content, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        died = signal.Signals(os.WTERMSIG(status))
        return f"{'contained' if died in CONTAINED else 'fault'}: {died.name}"
    return said or "fault: no word"


def _run(content: bytes, writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (TASK.memory, TASK.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        said = check_soundness(content)
    except MemoryError:
        said = "contained: MemoryError"
    except RecursionError:
        said = "contained: RecursionError"
    except BaseException as error:  # every kind of error is a finding, and must not leave the fork
        said = f"fault: {type(error).__name__}: {error}"[:300]
    os.write(writing, said.encode(errors="replace"))
    os._exit(0)


def fuzz(seconds: float, mutants: int, seed: int) -> dict[str, int]:
    """Read the corpus and then mutants, until the time is over or so many were read; findings are written to
    ``fuzz-findings/``. Returns how often each outcome came.
    """
    counts: dict[str, int] = {}
    ends = time.monotonic() + seconds
    for number in range(-len(_CORPUS), mutants):
        if time.monotonic() > ends:
            break
        choose = random.Random(f"{seed}/{number}")
        content = _CORPUS[number] if number < 0 else mutated(choose.choice(_CORPUS), choose)
        outcome = outcome_of(content)
        if number < 0 and outcome != "ready":
            outcome = f"fault: file {number} of the corpus is {outcome}"
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome.startswith("fault"):
            FOUND.mkdir(exist_ok=True)
            (FOUND / f"{seed}-{number}.pdf").write_bytes(content)
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when there are findings."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Fuzz the PDF reader and the splitter."
    )
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--mutants", type=int, default=1_000_000_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    counts = fuzz(60 * chosen.minutes, chosen.mutants, chosen.seed)
    for outcome, count in sorted(counts.items(), key=lambda item: -item[1]):
        sys.stdout.write(f"{count:7}  {outcome}\n")
    return int(any(outcome.startswith("fault") for outcome in counts))


if __name__ == "__main__":
    sys.exit(main())
