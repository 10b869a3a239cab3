"""The text of PDFs: pypdf, pypdfium2 and Proviso's reader, on the same contracts."""

import io
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from statistics import median

import pypdfium2 as pdfium
from pypdf import PdfReader

from benchmarks.material import SEED
from benchmarks.records import Figure, Material, Section
from ingest.read_contract import ReadLimits, read_contract

SAMPLE, QUICK_SAMPLE = 60, 12
LIMITS = ReadLimits(wall_seconds=600)


def sections(material: Material) -> tuple[Section, ...]:
    """Every reader on every contract of a sample, in turns."""
    number = min(QUICK_SAMPLE if material.quick else SAMPLE, len(material.contracts))
    chosen = random.Random(SEED).sample(material.contracts, number)  # noqa: S311 - a sample, not a secret
    contents = [path.read_bytes() for path in chosen]
    pages = sum(len(pdfium.PdfDocument(content)) for content in contents)
    readers: dict[str, Callable[[bytes], str]] = {
        "pypdf": with_pypdf,
        "pypdfium2": with_pdfium,
        "Proviso (confined process, structure, hidden text)": with_ours,
    }
    wall: dict[str, list[float]] = {name: [] for name in readers}
    processor: dict[str, float] = dict.fromkeys(readers, 0.0)
    words: dict[str, list[float]] = {name: [] for name in readers}
    for content in contents:
        reference: Counter[str] = Counter()
        for name, read in readers.items():
            began, used = time.perf_counter(), _processor()
            text = read(content)
            wall[name].append(time.perf_counter() - began)
            processor[name] += _processor() - used
            reference = reference or Counter(text.split())
            words[name].append(shared_words(reference, Counter(text.split())))
    slowest = sum(wall["pypdf"])
    rows = tuple(
        (
            name,
            sum(wall[name]),
            pages / sum(wall[name]),
            processor[name],
            max(wall[name]),
            slowest / sum(wall[name]),
            median(words[name]),
        )
        for name in readers
    )
    ours = rows[-1]
    return (
        Section(
            f"Text of {number} contracts, {pages} pages",
            (
                "reader",
                "seconds",
                "pages a second",
                "processor s",
                "slowest file s",
                "times faster",
                "words as pypdf",
            ),
            rows,
            (
                Figure("reading/pages a second", ours[2], "pages/s", "higher"),
                Figure("reading/processor a page", 1000 * ours[3] / pages, "ms"),
                Figure("reading/times faster than pypdf", ours[5], "x", "higher"),
            ),
            (
                "Words are counted with white space between; Proviso leaves running headers and page numbers out.",
            ),
        ),
    )


def with_pypdf(content: bytes) -> str:
    """All pages by pypdf."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def with_pdfium(content: bytes) -> str:
    """All pages by pypdfium2."""
    document = pdfium.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def with_ours(content: bytes) -> str:
    """The text of the contract as it is indexed."""
    return read_contract(content, "contract.pdf", LIMITS, ocr=False).text


def shared_words(one: Counter[str], other: Counter[str]) -> float:
    """The share of words that two texts have in common (F1 of the multisets), 1 for two empty ones."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _processor() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
