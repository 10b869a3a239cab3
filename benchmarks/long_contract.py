"""A made-up contract of any number of pages, with clauses, headings and running lines as real ones have them."""

import io
import random
from textwrap import wrap

from reportlab.pdfgen.canvas import Canvas

from benchmarks.machine import ROOT

SOURCES = ROOT / "sample_corpus" / "sources"
LINES_A_PAGE = 46
LINE_CHARACTERS = 92


def long_contract(pages: int) -> bytes:
    """A PDF of ``pages`` pages; its clauses are paragraphs of the sample contracts in a shuffled order."""
    paragraphs = _paragraphs()
    rng = random.Random(pages)  # noqa: S311 - an order, not a secret
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    waiting, clause = (
        ["MASTER FRAMEWORK AGREEMENT", "", "between Northgate Holdings Ltd and Calder Works plc", ""],
        0,
    )
    for page in range(1, pages + 1):
        while len(waiting) < LINES_A_PAGE:
            clause += 1
            words = rng.choice(paragraphs)
            waiting += [f"{clause}. {' '.join(words.split()[:4]).title()}", *wrap(words, LINE_CHARACTERS), ""]
        canvas.setFont("Helvetica", 10)
        for number, line in enumerate(waiting[:LINES_A_PAGE]):
            canvas.drawString(60, 780 - 15.5 * number, line)
        canvas.drawString(280, 40, f"Page {page} of {pages}")
        canvas.showPage()
        waiting = waiting[LINES_A_PAGE:]
    canvas.save()
    return buffer.getvalue()


def _paragraphs() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.txt"))]
    blocks = [" ".join(block.split()) for text in texts for block in text.split("\n\n")]
    # What the PDF's standard fonts cannot show would come out as boxes.
    return [block for block in blocks if len(block.split()) >= 25 and block.isascii()]
