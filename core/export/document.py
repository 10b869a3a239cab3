"""The parts of a Word document: page, styles, tables, running lines. Every text goes in as text."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from core.export.plain_text import document_text

INK: Final = RGBColor(0x1C, 0x4A, 0x6E)
ALARM: Final = RGBColor(0xA3, 0x1D, 0x1D)
GREY: Final = RGBColor(0x5A, 0x5F, 0x66)
BLACK: Final = RGBColor(0x22, 0x25, 0x2A)
_LINE: Final = "B9B6AE"
_PAGE: Final = (Mm(210), Mm(297))
_MARGIN: Final = Mm(22)


def new_document(title: str, made_at: datetime) -> DocumentType:
    """An empty A4 document with the styles below; ``title`` is what its properties say."""
    document = Document()
    properties = document.core_properties
    properties.title = document_text(title)[:250]
    properties.author = properties.last_modified_by = "Proviso"
    properties.comments = ""
    properties.created = properties.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    section = document.sections[0]
    section.page_width, section.page_height = _PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    _styles(document)
    return document


def _styles(document: DocumentType) -> None:
    _style(document, "Normal", "Calibri", 10.5, after=6)
    _style(document, "Title", "Georgia", 20, colour=INK, after=4)
    _style(document, "Heading 1", "Georgia", 14, colour=INK, before=16, after=6)
    _style(document, "Heading 2", "Georgia", 11, colour=INK, before=10, after=3)
    quote = _style(document, "Quote", "Georgia", 10, after=8)
    quote.font.italic = False
    quote.paragraph_format.left_indent = Mm(8)
    subtitle = _style(document, "Subtitle", "Georgia", 13, colour=BLACK, after=10)
    subtitle.font.italic = False
    for spacing in subtitle.element.get_or_add_rPr().findall(qn("w:spacing")):
        subtitle.element.get_or_add_rPr().remove(spacing)
    _style(document, "Header", "Calibri", 8.5, colour=GREY, after=0)
    _style(document, "Footer", "Calibri", 8.5, colour=GREY, after=0)
    for name, colour, size in (("Source", GREY, 9.5), ("Warning", ALARM, 10.5), ("Small print", GREY, 8.5)):
        made = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = document.styles["Normal"]
        _style(document, name, "Calibri", size, colour=colour, after=4)
    _style(document, "Warning", "Calibri", 10.5, colour=ALARM, after=6).font.bold = True
    cell = document.styles.add_style("Cell", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = document.styles["Normal"]
    _style(document, "Cell", "Calibri", 8, after=0)


def _style(
    document: DocumentType,
    name: str,
    font: str,
    points: float,
    colour: RGBColor | None = None,
    before: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is no style of paragraphs.")
    style.font.name, style.font.size = font, Pt(points)
    # The theme's font would win over the name for Latin, Asian and other scripts.
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    fonts.set(qn("w:hAnsi"), font)
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def paragraph(document: DocumentType, text: str, style: str = "Normal") -> Paragraph:
    """A paragraph of a text from outside; its line breaks stay."""
    return document.add_paragraph(document_text(text), style)


def alarm(into: Paragraph, text: str) -> None:
    """Add words that must not be overlooked."""
    run = into.add_run(f" [{document_text(text)}]")
    run.bold = True
    run.font.color.rgb = ALARM


def running_lines(document: DocumentType, head: str, foot: str) -> None:
    """The line over every page, and the one under it with the page's number."""
    section = document.sections[0]
    section.header.paragraphs[0].text = document_text(head)
    under = section.footer.paragraphs[0]
    under.add_run(document_text(f"{foot} \u00b7 page "))
    _field(under, "PAGE")
    under.add_run(" of ")
    _field(under, "NUMPAGES")
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _field(into: Paragraph, code: str) -> None:
    """One of the two fields of a document, both of its pages' numbers."""
    run = into.add_run()
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "begin":
            instruction = OxmlElement("w:instrText")
            instruction.text = code
            run._r.append(instruction)
        elif kind == "separate":
            shown = OxmlElement("w:t")
            shown.text = "1"
            run._r.append(shown)


def turn_page(document: DocumentType) -> None:
    """Go on with a page across, for wide tables."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_height, section.page_width = _PAGE
    section.left_margin = section.right_margin = Mm(15)


def facts_table(document: DocumentType, rows: Iterable[tuple[str, str]]) -> None:
    """A table of two columns: what, and its value."""
    _table(document, (), [tuple(row) for row in rows], (38, 128), "Normal", first_bold=True)


def data_table(
    document: DocumentType, headings: Sequence[str], rows: Sequence[Sequence[str]], millimetres: Sequence[int]
) -> None:
    """A table in small letters whose headings are repeated on every page."""
    _table(document, headings, rows, millimetres, "Cell")


def _table(
    document: DocumentType,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    millimetres: Sequence[int],
    style: str,
    *,
    first_bold: bool = False,
) -> None:
    lines = [*([headings] if headings else []), *rows]
    if not lines:
        return
    table = document.add_table(len(lines), len(millimetres), "Normal Table")
    table.autofit = False
    table._tbl.tblPr.append(_grey_lines())
    for column, width in zip(table.columns, millimetres, strict=True):
        column.width = Mm(width)
    # Table.cell() counts through the whole table for each call, which takes minutes for a hundred rows.
    for number, (row, values) in enumerate(zip(table.rows, lines, strict=True)):
        for place, (cell, value) in enumerate(zip(row.cells, values, strict=True)):
            cell.width = Mm(millimetres[place])
            inside = cell.paragraphs[0]
            inside.style = style
            inside.paragraph_format.space_after = Pt(1)
            inside.add_run(document_text(value)).bold = (bool(headings) and number == 0) or (
                first_bold and place == 0
            )
        mark = OxmlElement("w:tblHeader" if headings and number == 0 else "w:cantSplit")
        row._tr.get_or_add_trPr().append(mark)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _grey_lines() -> BaseOxmlElement:
    borders: BaseOxmlElement = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("color", _LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def saved(document: DocumentType) -> bytes:
    """The file."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
