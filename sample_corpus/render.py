"""Render the sample contracts to PDF and locate their benchmark questions.

Every ``sources/<name>.txt`` becomes ``<name>.pdf`` beside this file, and every
``sources/<name>.questions.jsonl`` is merged into ``questions.jsonl`` with an id and
with the page on which the quoted answer starts; ``sources/multi_hop.jsonl`` becomes
``multi_hop.jsonl`` in the same way.  Rendering is deterministic: the same sources give
the same bytes.

    python sample_corpus/render.py           write the PDFs and both files of questions
    python sample_corpus/render.py --check   exit 1 when the committed files differ

A source is front matter (title, header, footer, layout, font, paper), a line ``---``,
and blocks separated by blank lines; README.md lists the block prefixes.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter
from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
AUTHOR = "Proviso sample corpus"
SUBJECT = "Fictional contract"
MARGIN = 72.0
GUTTER = 22.0
SCAN_DPI = 150
SCAN_PAGE_BYTES = 100_000
SCAN_SEED = 20240229
FONTS = {
    "serif": ("Times-Roman", "Times-Bold", "Times-Italic"),
    "sans": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
}
PAPERS = {"a4": A4, "letter": LETTER}
LAYOUTS = ("single", "two_column", "scanned")
FRONT_MATTER = ("title", "header", "footer", "layout", "font", "paper")
QUESTION_KEYS = {"question", "contracts", "contract", "quote", "note"}
MULTI_HOP = "multi_hop.jsonl"
MULTI_HOP_KEYS = {"kind", "question", "contracts", "passages", "note"}
KINDS = ("multi-hop", "comparative", "compound")
# "4.", "4.2", "12.3.1", "(b)", "(iv)", "b)", "A." at the start of a paragraph hang in the margin,
# and so does a plain "4" before a capital letter.
NUMBER = re.compile(
    r"(\d{1,2}\.(?:\d{1,2}\.?)*|\d{1,2}(?:\.\d{1,2})*(?=\s+[A-Z\"\u201c])"
    r"|\((?:[ivxlc]{1,6}|[A-Za-z]{1,2}|\d{1,2})\)|[A-Z]\.|[a-z]\))\s+(?=\S)"
)
CAPTION = re.compile(r"[^.;:,]{1,60}[^.;:,\s]")

rl_config.useA85 = 0  # scans are stored as plain JPEG streams


class CorpusError(Exception):
    """A source, or a question about it, is not what it should be."""


# --- sources -------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """One block of a source: a paragraph, a heading, a table or a directive."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Source:
    """A parsed source file."""

    name: str
    title: str
    header: str
    footer: str
    layout: str
    font: str
    paper: str
    blocks: tuple[Block, ...]

    @property
    def pdf(self) -> str:
        """File name of the rendered contract."""
        return f"{self.name}.pdf"


PREFIXES = (
    ("## ", "clause"),
    ("# ", "heading"),
    (">> ", "indent2"),
    ("> ", "indent1"),
    ("@center ", "center"),
    ("@title ", "title"),
    ("@sign ", "sign"),
    ("@page", "page"),
)


def parse_block(raw: str) -> Block:
    """Turn the lines of one block into a Block."""
    lines = [line.strip() for line in raw.splitlines()]
    if lines[0].startswith("|"):
        rows = tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)
        return Block("table", rows=rows)
    if mixed := [line for line in lines[1:] if line.startswith(("#", ">", "@", "|"))]:
        raise CorpusError(f"no blank line before {mixed[0][:40]!r}")
    text = " ".join(lines)
    for prefix, kind in PREFIXES:
        if text.startswith(prefix):
            return Block(kind, text[len(prefix) :].strip())
    if text.startswith("@"):
        raise CorpusError(f"unknown directive: {text[:40]}")
    return Block("plain", text)


def parse_source(path: Path) -> Source:
    """Read and check one source file."""
    head, rule, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not rule:
        raise CorpusError(f"{path.name}: no '---' line after the front matter")
    meta = dict(re.split(r":\s*", line, maxsplit=1) for line in head.splitlines() if line.strip())
    if unknown := set(meta) - set(FRONT_MATTER):
        raise CorpusError(f"{path.name}: unknown front matter {sorted(unknown)}")
    source = Source(
        name=path.stem,
        title=meta.get("title", ""),
        header=meta.get("header", ""),
        footer=meta.get("footer", ""),
        layout=meta.get("layout", "single"),
        font=meta.get("font", "serif"),
        paper=meta.get("paper", "a4"),
        blocks=tuple(parse_block(raw.strip()) for raw in re.split(r"\n\s*\n", body) if raw.strip()),
    )
    check_source(source)
    return source


def check_source(source: Source) -> None:
    """Raise on front matter or tables that cannot be rendered."""
    if not source.title:
        raise CorpusError(f"{source.name}: no title")
    for value, allowed in ((source.layout, LAYOUTS), (source.font, FONTS), (source.paper, PAPERS)):
        if value not in allowed:
            raise CorpusError(f"{source.name}: {value!r} is none of {', '.join(allowed)}")
    for block in source.blocks:
        if len({len(row) for row in block.rows}) > 1:
            raise CorpusError(f"{source.name}: ragged table starting {block.rows[0]}")


# --- styles --------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """Type sizes and fonts of one contract."""

    roman: str
    bold: str
    italic: str
    size: float
    leading: float
    hang: float

    @classmethod
    def of(cls, source: Source) -> Look:
        """The look of a source: smaller type in columns and in sans serif."""
        size = 9.2 if source.layout == "two_column" else 10.6
        size -= 0.7 if source.font == "sans" else 0.0
        return cls(*FONTS[source.font], size, size * 1.26, size * 2.9)

    def style(self, name: str, **changes: object) -> ParagraphStyle:
        """A paragraph style derived from the body text."""
        base: dict[str, Any] = {
            "fontName": self.roman,
            "fontSize": self.size,
            "leading": self.leading,
            "alignment": TA_JUSTIFY,
            "spaceAfter": self.size * 0.55,
            "keepWithNext": 0,
            "allowWidows": 0,
            "allowOrphans": 0,
            "bulletFontName": self.roman,
            "bulletFontSize": self.size,
        }
        return ParagraphStyle(name, **(base | changes))

    def heading(self, name: str, size: float, **changes: object) -> ParagraphStyle:
        """A bold heading that stays with the text below it."""
        base: dict[str, Any] = {
            "fontName": self.bold,
            "bulletFontName": self.bold,
            "fontSize": size,
            "bulletFontSize": size,
            "leading": size * 1.25,
            "alignment": TA_CENTER,
            "keepWithNext": 1,
        }
        return self.style(name, **(base | changes))


def make_styles(look: Look) -> dict[str, ParagraphStyle]:
    """The styles of all block kinds."""
    size, hang = look.size, look.hang
    clause = {"alignment": TA_LEFT, "spaceBefore": size * 0.95, "spaceAfter": size * 0.4}
    return {
        "title": look.heading("title", size * 1.75, spaceBefore=size, spaceAfter=size * 1.3),
        "heading": look.heading("heading", size * 1.1, spaceBefore=size * 1.2),
        "clause": look.heading("clause", size, **clause),
        "center": look.style("center", alignment=TA_CENTER),
        "plain": look.style("plain"),
        "indent1": look.style("indent1", leftIndent=hang),
        "indent2": look.style("indent2", leftIndent=hang * 1.9),
        "cell": look.style("cell", fontSize=size * 0.88, leading=size * 1.1, alignment=TA_LEFT),
        "label": look.style("label", fontSize=size * 0.88, spaceAfter=0, alignment=TA_LEFT),
    }


# --- blocks to flowables -------------------------------------------------------------


def paragraph(block: Block, style: ParagraphStyle, hang: float) -> Paragraph:
    """A paragraph, its leading number hung in the margin."""
    found = NUMBER.match(block.text)
    if not found or block.kind in ("title", "heading", "center"):
        return Paragraph(escape(block.text), style)
    step = hang * 0.9 if block.kind.startswith("indent") else hang
    number, rest = found.group(1), block.text[found.end() :]
    step = max(step, stringWidth(number, style.bulletFontName, style.bulletFontSize) + 5)
    hung = ParagraphStyle(
        f"{style.name}-hung",
        parent=style,
        leftIndent=style.leftIndent + step,
        keepWithNext=style.keepWithNext or bool(CAPTION.fullmatch(rest)),
        bulletIndent=style.leftIndent,
    )
    return Paragraph(escape(rest), hung, bulletText=number)


def column_widths(block: Block, bold: str, style: ParagraphStyle, width: float) -> list[float]:
    """Share the width by the length of the text, no column narrower than its longest word."""
    padding = 10.0
    least, wanted = [], []
    for column in zip(*block.rows, strict=True):
        words = [word for cell in column for word in cell.split()] or [""]
        longest = max(stringWidth(word, bold, style.fontSize) for word in words)
        text = max(stringWidth(cell, style.fontName, style.fontSize) for cell in column)
        least.append(longest + padding)
        wanted.append(max(longest, min(text, 420.0)) ** 0.8)
    spare = max(0.0, width - sum(least))
    widths = [low + spare * want / sum(wanted) for low, want in zip(least, wanted, strict=True)]
    return [w * width / sum(widths) for w in widths]


def table(block: Block, look: Look, style: ParagraphStyle, width: float) -> Table:
    """A ruled table whose shaded header row repeats on every page."""
    head = ParagraphStyle("head", parent=style, fontName=look.bold, spaceAfter=0)
    body = ParagraphStyle("body", parent=style, spaceAfter=0)
    cells = [
        [Paragraph(escape(cell), body if number else head) for cell in row]
        for number, row in enumerate(block.rows)
    ]
    rules: list[tuple[Any, ...]] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.Color(0.35, 0.35, 0.35)),
        ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.91, 0.91, 0.91)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    widths = column_widths(block, look.bold, style, width)
    return Table(
        cells,
        colWidths=widths,
        repeatRows=1,
        style=TableStyle(rules),
        spaceBefore=4,
        spaceAfter=look.size,
    )


def signature(party: str, look: Look, style: ParagraphStyle) -> tuple[list[Flowable], list[Flowable]]:
    """One party's signature: its name, and the lines to fill in."""
    alone = party.endswith("(individually)")
    name = ParagraphStyle("party", parent=style, fontName=look.bold, spaceAfter=look.size * 1.6)
    head: list[Flowable] = [
        Paragraph("Signed by" if alone else "Signed for and on behalf of", style),
        Paragraph(escape(party.removesuffix("(individually)").strip()), name),
    ]
    lines: list[Flowable] = []
    for label in ("Signature", "Date") if alone else ("Signature", "Name", "Title", "Date"):
        lines.append(HRFlowable(width="100%", thickness=0.6, color=colors.black, spaceAfter=1))
        lines.append(Paragraph(label, style))
        lines.append(Spacer(1, look.size * 1.5))
    return head, lines


def signatures(block: Block, look: Look, style: ParagraphStyle, width: float) -> list[Flowable]:
    """The signature block: parties side by side, in narrow columns one below the other."""
    parties = [signature(party.strip(), look, style) for party in block.text.split("|")]
    across = 2 if width > 300 else 1
    rules: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 24 if across == 2 else 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 12),
    ]
    made: list[Flowable] = []
    for at in range(0, len(parties), across):
        rows = [list(row) for row in zip(*parties[at : at + across], strict=True)]
        widths = [width / across] * len(rows[0])
        side = Table(rows, colWidths=widths, style=TableStyle(rules), spaceBefore=10, hAlign="LEFT")
        made.append(KeepTogether([side]))
    return made


class Composer:
    """Turns the blocks of one source into flowables."""

    def __init__(self, source: Source) -> None:
        """Prepare the styles of the source."""
        self.look = Look.of(source)
        self.styles = make_styles(self.look)
        width = PAPERS[source.paper][0] - 2 * margin(source)
        self.column = (width - GUTTER) / 2 if source.layout == "two_column" else width
        self.full = width
        self.width = self.column
        self.nested = False

    def compose(self, block: Block) -> list[Flowable]:
        """The flowables of one block."""
        if block.kind == "page":
            return self.page_break(block.text)
        if block.kind == "table":
            return [table(block, self.look, self.styles["cell"], self.width)]
        if block.kind == "sign":
            return signatures(block, self.look, self.styles["label"], self.width)
        text = paragraph(block, self.styles[block.kind], self.look.hang)
        if block.kind in ("heading", "clause"):
            self.mark(text, block)
        return [text]

    def mark(self, text: Paragraph, block: Block) -> None:
        """Give a heading its place in the outline: clauses lie below the last article."""
        self.nested = self.nested or block.kind == "heading"
        level = 1 if block.kind == "clause" and self.nested else 0
        text.outline = (block.text, level)  # type: ignore[attr-defined]

    def page_break(self, template: str) -> list[Flowable]:
        """A page break; ``@page single`` and ``@page columns`` also change the columns."""
        if template not in ("", "single", "columns"):
            raise CorpusError(f"unknown page kind {template!r}")
        if not template:
            return [PageBreak()]
        self.width = self.full if template == "single" else self.column
        name = "single" if template == "single" else "later"
        return [NextPageTemplate(name), PageBreak()]


# --- pages ---------------------------------------------------------------------------


def margin(source: Source) -> float:
    """Left and right margin."""
    return 56.0 if source.layout == "two_column" else MARGIN


def running_lines(source: Source, page: int, pages: int) -> tuple[str, str]:
    """The header and the footer of one page."""
    footer = source.footer.replace("{page}", str(page)).replace("{pages}", str(pages))
    return ("" if page == 1 else source.header, footer)


def draw_line(canvas: Canvas, source: Source, text: str, y: float) -> None:
    """Draw one running line; text after a last ``|`` goes to the right edge."""
    width = PAPERS[source.paper][0]
    left, _, right = text.rpartition("|")
    canvas.setFont(FONTS[source.font][0], 8.5)
    canvas.setFillGray(0.25)
    if left:
        canvas.drawString(margin(source), y, left.strip())
        canvas.drawRightString(width - margin(source), y, right.strip())
    else:
        canvas.drawCentredString(width / 2, y, right.strip())


def draw_header(canvas: Canvas, source: Source, pages: int) -> None:
    """Draw the running header and the rule below it."""
    text = running_lines(source, canvas.getPageNumber(), pages)[0]
    if not text:
        return
    width, height = PAPERS[source.paper]
    canvas.saveState()
    draw_line(canvas, source, text, height - 44)
    canvas.setLineWidth(0.4)
    canvas.line(margin(source), height - 50, width - margin(source), height - 50)
    canvas.restoreState()


def draw_footer(canvas: Canvas, source: Source, pages: int) -> None:
    """Draw the running footer."""
    canvas.saveState()
    draw_line(canvas, source, running_lines(source, canvas.getPageNumber(), pages)[1], 36)
    canvas.restoreState()


def bare_frame(x: float, y: float, width: float, height: float) -> Frame:
    """A frame without padding."""
    return Frame(x, y, width, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


def frames(source: Source, columns: int, head: float = 0.0) -> list[Frame]:
    """The text frames of a page, below a full-width frame of the given height."""
    width, height = PAPERS[source.paper]
    side = margin(source)
    top, bottom = height - MARGIN, 62.0
    gutter = GUTTER if columns > 1 else 0.0
    each = (width - 2 * side - gutter) / columns
    made = [bare_frame(side, top - head, width - 2 * side, head)] if head else []
    for column in range(columns):
        x = side + column * (each + gutter)
        made.append(bare_frame(x, bottom, each, top - bottom - head))
    return made


def split_head(source: Source) -> int:
    """How many blocks stand above the columns: the title and the lines centred under it."""
    count = 0
    while count < len(source.blocks) and source.blocks[count].kind in ("title", "center"):
        count += 1
    return count


def head_height(flowables: list[Flowable], width: float) -> float:
    """Height of the full-width part of the first page."""
    heights = [f.wrap(width, 1000)[1] + f.getSpaceBefore() + f.getSpaceAfter() for f in flowables]
    return sum(heights) + 8 if heights else 0.0


def has_cover(source: Source) -> bool:
    """Whether a title page of its own comes before the text."""
    kinds = [block.kind for block in source.blocks]
    return "title" in kinds and "page" in kinds[:14] and "clause" not in kinds[: kinds.index("page")]


def story_of(source: Source) -> tuple[list[Flowable], float]:
    """The flowables of a contract, and the height of what stands above its columns."""
    composer = Composer(source)
    story = [made for block in source.blocks for made in composer.compose(block)]
    if source.layout == "two_column":
        head = split_head(source)
        return story, head_height(story[:head], composer.full)
    if has_cover(source):
        story.insert(0, Spacer(1, 150))
    return story, 0.0


def outline(canvas: Canvas, flowable: Flowable, seen: list[str]) -> None:
    """Add a heading that was just drawn to the PDF outline."""
    text, level = getattr(flowable, "outline", ("", 0))
    if text:
        key = f"h{len(seen)}"
        seen.append(key)
        canvas.bookmarkPage(key)
        canvas.addOutlineEntry(text, key, level, closed=0)


def build(source: Source, pages: int) -> bytes:
    """Set one contract; the number of pages is what the footer says."""
    story, head = story_of(source)
    columns = 2 if source.layout == "two_column" else 1
    target = io.BytesIO()
    doc = BaseDocTemplate(
        target,
        pagesize=PAPERS[source.paper],
        title=source.title,
        author=AUTHOR,
        subject=SUBJECT,
        creator=AUTHOR,
        invariant=1,
        pageCompression=1,
    )
    seen: list[str] = []
    doc.afterFlowable = lambda flowable: outline(doc.canv, flowable, seen)  # type: ignore[method-assign]
    for name, made, after in (
        ("first", frames(source, columns, head), "later"),
        ("later", frames(source, columns), "later"),
        ("single", frames(source, 1), "single"),
    ):
        template = PageTemplate(
            id=name,
            frames=made,
            onPage=lambda canvas, _: draw_header(canvas, source, pages),
            onPageEnd=lambda canvas, _: draw_footer(canvas, source, pages),
            autoNextPageTemplate=after,
        )
        doc.addPageTemplates([template])
    doc.build(story)
    return target.getvalue()


def typeset(source: Source) -> bytes:
    """Set one contract, again if it has not as many pages as the committed one."""
    committed = HERE / source.pdf
    pages = page_count(committed.read_bytes()) if committed.exists() else 1
    data = build(source, pages)
    if (count := page_count(data)) != pages:
        data = build(source, count)
    return data


# --- scans ---------------------------------------------------------------------------


def page_images(data: bytes, dpi: int) -> Iterator[Image.Image]:
    """Greyscale pictures of the pages."""
    with pdfium.PdfDocument(data) as pdf:
        for page in pdf:
            yield page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")


def degrade(image: Image.Image, random: np.random.RandomState) -> Image.Image:
    """Turn, soften and soil a clean page a little, as a scanner does."""
    angle = random.uniform(-0.55, 0.55)
    turned = image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(0.7))
    grey = np.asarray(soft, dtype=np.float64) * (224 / 255) + 22
    height, width = grey.shape
    shade = np.linspace(0, random.uniform(2, 7), width)[None, :]
    noisy = grey - shade + random.normal(0, 2.2, (height, width))
    specks = random.randint(0, height * width, 40)
    noisy.flat[specks] = 70
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image) -> bytes:
    """The best JPEG of a page that keeps to the size limit."""
    for quality in range(40, 10, -2):
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality, optimize=True, dpi=(SCAN_DPI, SCAN_DPI))
        if target.tell() < SCAN_PAGE_BYTES:
            return target.getvalue()
    raise CorpusError("a scanned page does not fit its size limit")


def scan(source: Source, data: bytes) -> bytes:
    """The same pages as pictures, with no text layer."""
    random = np.random.RandomState(SCAN_SEED)
    target = io.BytesIO()
    size = PAPERS[source.paper]
    canvas = Canvas(target, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(source.title)
    canvas.setAuthor(AUTHOR)
    canvas.setSubject(SUBJECT)
    canvas.setCreator(AUTHOR)
    for image in page_images(data, SCAN_DPI):
        picture = ImageReader(io.BytesIO(jpeg(degrade(image, random))))
        canvas.drawImage(picture, 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


# --- questions -----------------------------------------------------------------------


def fold(text: str) -> str:
    """Text with every run of whitespace as one space."""
    return " ".join(text.split())


def page_count(data: bytes) -> int:
    """Number of pages of a PDF."""
    with pdfium.PdfDocument(data) as pdf:
        return len(pdf)


def page_texts(data: bytes) -> list[str]:
    """The folded text of every page."""
    with pdfium.PdfDocument(data) as pdf:
        return [fold(page.get_textpage().get_text_bounded()) for page in pdf]


def body_texts(source: Source, data: bytes) -> list[str]:
    """The folded text of every page without its running lines."""
    texts = page_texts(data)
    bare = []
    for page, text in enumerate(texts, start=1):
        header, footer = (fold(line.replace("|", " ")) for line in running_lines(source, page, len(texts)))
        bare.append(text.removeprefix(header).removesuffix(footer).strip())
    return bare


def find_page(quote: str, texts: list[str]) -> int:
    """The page on which the only occurrence of a quote starts; a quote may run over a page end."""
    whole = " ".join(texts)
    count = whole.count(quote)
    if count != 1:
        raise CorpusError(f"quote found {count} times: {quote!r}")
    start, end = whole.index(quote), 0
    for page, text in enumerate(texts, start=1):
        end += len(text) + 1
        if start < end:
            return page
    raise AssertionError("a quote in the text lies on a page")


def check_question(entry: dict[str, Any], source: Source, names: set[str]) -> None:
    """Raise on a question that is not well formed."""
    if set(entry) != QUESTION_KEYS:
        raise CorpusError(f"keys {sorted(entry)}")
    if unknown := set(entry["contracts"]) - names:
        raise CorpusError(f"unknown contracts {sorted(unknown)}")
    if (entry["contract"] is None) != (entry["quote"] is None):
        raise CorpusError("contract and quote must be given together")
    if entry["contract"] not in (None, source.pdf):
        raise CorpusError(f"asks about {entry['contract']}")
    if entry["contract"] is None and not entry["contracts"]:
        raise CorpusError("a question without an answer must name its contract")


def locate(line: str, source: Source, texts: list[str], names: set[str]) -> dict[str, Any]:
    """One question with the page of its answer."""
    entry: dict[str, Any] = json.loads(line)
    check_question(entry, source, names)
    quote = entry["quote"]
    return entry | {"page": None if quote is None else find_page(fold(quote), texts)}


def questions_of(source: Source, texts: list[str], names: set[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The questions about one contract, and what is wrong with those that cannot be used."""
    path = HERE / "sources" / f"{source.name}.questions.jsonl"
    if not path.exists():
        return [], [f"{path.name}: missing"]
    located, errors = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            located.append(locate(line, source, texts, names))
        except (CorpusError, ValueError) as error:
            errors.append(f"{path.name}, line {number}: {error}")
    return located, errors


def merge(questions: list[dict[str, Any]]) -> bytes:
    """The questions as JSON lines, numbered q001 and on."""
    keys = ("question", "contracts", "contract", "page", "quote", "note")
    lines = [
        json.dumps({"id": f"q{number:03d}"} | {key: entry[key] for key in keys}, ensure_ascii=False)
        for number, entry in enumerate(questions, start=1)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def check_multi_hop(entry: dict[str, Any], names: set[str]) -> None:
    """Raise on a question with several needed passages that is not well formed."""
    if set(entry) != MULTI_HOP_KEYS:
        raise CorpusError(f"keys {sorted(entry)}")
    if entry["kind"] not in KINDS:
        raise CorpusError(f"{entry['kind']!r} is none of {', '.join(KINDS)}")
    quoted = {passage["contract"] for passage in entry["passages"]}
    if unknown := (set(entry["contracts"]) | quoted) - names:
        raise CorpusError(f"unknown contracts {sorted(unknown)}")
    if stray := quoted - set(entry["contracts"] or names):
        raise CorpusError(f"quotes {sorted(stray)}, which it does not name")
    if len(entry["passages"]) < 2:
        raise CorpusError("needs fewer than two passages")


def multi_hop_of(texts: dict[str, list[str]]) -> tuple[bytes, list[str]]:
    """The questions with several needed passages, numbered m001 and on, and what is wrong with the others.

    ``texts`` holds the pages of every contract by its file name.
    """
    lines, errors = [], []
    source = HERE / "sources" / MULTI_HOP
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            check_multi_hop(entry, set(texts))
            entry["passages"] = [
                {"contract": name, "page": find_page(fold(quote), texts[name]), "quote": quote}
                for name, quote in ((one["contract"], one["quote"]) for one in entry["passages"])
            ]
        except (CorpusError, KeyError, ValueError) as error:
            errors.append(f"{MULTI_HOP}, line {number}: {error}")
        else:
            keys = ("kind", "question", "contracts", "passages", "note")
            numbered = {"id": f"m{number:03d}"} | {key: entry[key] for key in keys}
            lines.append(json.dumps(numbered, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode(), errors


# --- the corpus ----------------------------------------------------------------------


def render_all() -> dict[str, bytes]:
    """Every generated file by name."""
    sources = [parse_source(path) for path in sorted((HERE / "sources").glob("*.txt"))]
    names = {source.pdf for source in sources}
    made: dict[str, bytes] = {}
    questions: list[dict[str, Any]] = []
    errors: list[str] = []
    texts: dict[str, list[str]] = {}
    for source in sources:
        clean = typeset(source)
        made[source.pdf] = scan(source, clean) if source.layout == "scanned" else clean
        texts[source.pdf] = body_texts(source, clean)
        located, wrong = questions_of(source, texts[source.pdf], names)
        questions += located
        errors += wrong
    multi_hop, wrong = multi_hop_of(texts)
    if errors := errors + wrong:
        raise CorpusError("\n".join(errors))
    made["questions.jsonl"] = merge(questions)
    made[MULTI_HOP] = multi_hop
    return made


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pages differ by no more than another JPEG encoder makes them differ."""
    if one.size != other.size:
        return False
    apart = np.abs(np.asarray(one, dtype=np.int16) - np.asarray(other, dtype=np.int16))
    height, width = (side // 8 * 8 for side in apart.shape)
    tiles = apart[:height, :width].reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3))
    return bool(tiles.max() < 12)


def same_pdf(committed: bytes, made: bytes) -> bool:
    """Whether two PDFs are the same document, byte for byte or, failing that, to read.

    Other releases of zlib, libjpeg or ReportLab write the same pages in other bytes.
    """
    if committed == made:
        return True
    if page_texts(committed) != page_texts(made):
        return False
    pictures = zip(page_images(committed, 72), page_images(made, 72), strict=True)
    return all(alike(one, other) for one, other in pictures)


def differences(made: dict[str, bytes]) -> list[str]:
    """What is wrong with the committed files, one line each."""
    wrong = [f"{path.name}: has no source" for path in HERE.glob("*.pdf") if path.name not in made]
    for name, data in made.items():
        path = HERE / name
        if not path.exists():
            wrong.append(f"{name}: missing")
        elif name.endswith(".pdf") and not same_pdf(path.read_bytes(), data):
            wrong.append(f"{name}: differs from its source")
        elif not name.endswith(".pdf") and path.read_bytes() != data:
            wrong.append(f"{name}: differs from its sources")
    return sorted(wrong)


def main(arguments: list[str] | None = None) -> int:
    """Render the corpus, or check the committed one."""
    parser = argparse.ArgumentParser(description="Render the sample contracts.")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)
    try:
        made = render_all()
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        wrong = differences(made)
        print("\n".join(wrong) or "sample corpus is up to date")
        return 1 if wrong else 0
    for name, data in made.items():
        (HERE / name).write_bytes(data)
    questions = sum(len(made[name].splitlines()) for name in ("questions.jsonl", MULTI_HOP))
    print(f"{len(made) - 2} contracts, {questions} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
