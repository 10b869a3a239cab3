"""Small PDFs made on the spot; every helper returns the bytes of a file."""

import io
import zlib
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
)
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.0, 842.0
LINE_POINTS = 14.0
FIRST_LINE = 770.0
Draw = Callable[[Canvas], None]


def drawn_pdf(*pages: Draw, size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    """One page for every function that draws on a canvas."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, pageCompression=0)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def lines_page(lines: Sequence[str], gap_before: Sequence[int] = ()) -> Draw:
    """Draws lines of 11 points, 14 points apart, twice that before the lines whose index is given."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        y = FIRST_LINE
        for index, line in enumerate(lines):
            y -= LINE_POINTS * (2 if index in gap_before else 1)
            canvas.drawString(72, y, line)

    return draw


def text_pdf(*pages: Sequence[str]) -> bytes:
    """Pages of plain lines."""
    return drawn_pdf(*(lines_page(lines) for lines in pages))


def picture_of(lines: Sequence[str], size: tuple[int, int] = (1240, 1754)) -> Image.Image:
    """A white picture with lines of black text at the top left, as a scanner gives it at 150 dots an inch."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(36)
    for index, line in enumerate(lines):
        pen.text((150, 150 + 60 * index), line, fill="black", font=font)
    return picture


def scanned_page(lines: Sequence[str]) -> Draw:
    """Draws a picture that covers the page."""

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture_of(lines)), 0, 0, WIDTH, HEIGHT)

    return draw


def blank_page(canvas: Canvas) -> None:
    """Draws nothing."""


def changed(content: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """The file after a change made with pypdf."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def encrypted(content: bytes, user: str, owner: str = "owner", algorithm: str = "AES-256") -> bytes:
    """The file protected by a user's password, which may be empty."""
    return changed(content, lambda writer: writer.encrypt(user, owner, algorithm=algorithm))


def with_boxes(content: bytes, *, media: Sequence[float], crop: Sequence[float] | None, rotate: int) -> bytes:
    """Every page with another media box, crop box and /Rotate."""

    def change(writer: PdfWriter) -> None:
        for page in writer.pages:
            page.mediabox = RectangleObject(tuple(media))
            if crop is not None:
                page.cropbox = RectangleObject(tuple(crop))
            page[NameObject("/Rotate")] = NumberObject(rotate)

    return changed(content, change)


def with_stream(instructions: bytes, *, compressed: bool = False, pages: int = 1) -> bytes:
    """Pages whose content is exactly ``instructions``, without resources."""
    writer = PdfWriter()
    stream = StreamObject()
    stream._data = instructions
    if compressed:
        stream._data = zlib.compress(instructions, 9)
        stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    reference = writer._add_object(stream)
    for _ in range(pages):
        writer.add_blank_page(WIDTH, HEIGHT)[NameObject("/Contents")] = reference
    return _written(writer)


def with_meanings(instructions: bytes, meanings: dict[int, str]) -> bytes:
    """One page in a font whose character codes mean other text: code to UTF-16 in hexadecimal."""
    writer = PdfWriter()
    page = writer.add_blank_page(WIDTH, HEIGHT)
    stream = StreamObject()
    stream._data = instructions
    page[NameObject("/Contents")] = writer._add_object(stream)
    page[NameObject("/Resources")] = _font_resources(writer, meanings)
    return _written(writer)


def with_nested_forms(depth: int, drawn: int) -> bytes:
    """Forms that each draw the next one ``drawn`` times; the last one draws itself when ``depth`` is 0."""
    writer = PdfWriter()
    page = writer.add_blank_page(WIDTH, HEIGHT)
    forms = [_form(drawn) for _ in range(max(1, depth))]
    if depth:
        forms[-1]._data = b""
    references = [writer._add_object(form) for form in forms]
    for index, form in enumerate(forms):
        following = (
            references[min(index + 1, len(forms) - 1)] if depth == 0 or index + 1 < len(forms) else None
        )
        if following is not None:
            form[NameObject("/Resources")] = _form_resources(following)
    page[NameObject("/Resources")] = _form_resources(references[0])
    stream = StreamObject()
    stream._data = b"/X Do"
    page[NameObject("/Contents")] = writer._add_object(stream)
    return _written(writer)


def _form(drawn: int) -> StreamObject:
    form = StreamObject()
    form._data = b"/X Do " * drawn
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject([NumberObject(number) for number in (0, 0, 9, 9)])
    return form


def _form_resources(reference: object) -> DictionaryObject:
    return DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/X"): reference})})


def _font_resources(writer: PdfWriter, meanings: dict[int, str]) -> DictionaryObject:
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    if meanings:
        entries = " ".join(f"<{code:02X}> <{meaning}>" for code, meaning in meanings.items())
        table = StreamObject()
        table._data = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def "
            "1 begincodespacerange <00> <FF> endcodespacerange "
            f"{len(meanings)} beginbfchar {entries} endbfchar endcmap end end"
        ).encode()
        font[NameObject("/ToUnicode")] = writer._add_object(table)
    return DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})


def _written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
