"""Broken, malicious and merely odd PDFs, written byte by byte; every function returns the bytes of a file."""

import zlib
from collections.abc import Mapping

CLAUSE = "The Supplier shall deliver the Goods on the Delivery Date."
DRAWN = f"BT /F1 11 Tf 72 700 Td ({CLAUSE}) Tj ET".encode()
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
MEGABYTE = 1024 * 1024


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object with its length and further entries."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def flate(data: bytes, entries: bytes = b"") -> bytes:
    """A compressed stream object."""
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + entries)


def written(objects: Mapping[int, bytes], trailer: bytes = b"", header: bytes = b"%PDF-1.7\n") -> bytes:
    """A file with a correct table of its objects; object 1 is the catalogue."""
    body = header
    offsets: dict[int, int] = {}
    for number, value in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    size = max(objects) + 1
    table = b"xref\n0 1\n0000000000 65535 f \n" + b"".join(
        b"%d 1\n%010d 00000 n \n" % (number, offsets[number]) for number in sorted(objects)
    )
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(body))
    return body + table + end


def objects_of(
    content: bytes = b"",
    *,
    page: bytes = b"",
    catalog: bytes = b"",
    box: bytes = b"[0 0 612 792]",
    resources: bytes = b"",
    more: Mapping[int, bytes] | None = None,
) -> dict[int, bytes]:
    """The objects of a file of one page: catalogue, page tree, page, its content (a stream object), font."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> %s >>"
        b" %s >>" % (box, resources, page),
        4: content or stream(DRAWN),
        5: FONT,
        **(more or {}),
    }


def one_page(content: bytes = b"", trailer: bytes = b"", **parts: object) -> bytes:
    """A file of one page; the arguments are those of ``objects_of``."""
    return written(objects_of(content, **parts), trailer)  # type: ignore[arg-type]


def cyclic_outline() -> bytes:
    """Two bookmarks that follow each other for ever, one of them its own child."""
    return one_page(
        catalog=b"/Outlines 10 0 R",
        more={
            10: b"<< /Type /Outlines /First 11 0 R /Last 12 0 R /Count 2 >>",
            11: b"<< /Title (one) /Parent 10 0 R /Next 12 0 R /First 11 0 R /Last 11 0 R >>",
            12: b"<< /Title (two) /Parent 10 0 R /Next 11 0 R >>",
        },
    )


def looping_tables() -> bytes:
    """The table of objects names itself as the one before it."""
    content = one_page()
    start = content.rindex(b"xref\n0 1")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)


def wrong_offsets() -> bytes:
    """Every offset in the table is wrong, the body is sound."""
    return one_page().replace(b" 00000 n", b" 00000 n").replace(b"0000000", b"0000009")


def no_table() -> bytes:
    """The table and the trailer are missing."""
    content = one_page()
    return content[: content.rindex(b"xref\n0 1")]


def huge_object_number() -> bytes:
    """An object with a number of ten digits and a table of as many entries."""
    return one_page().replace(b"/Size 6", b"/Size 2147483647") + b"4294967295 0 obj\nnull\nendobj\n"


def nested_object_streams() -> bytes:
    """An object stream that says it extends itself and holds an object stream."""
    inner = b"20 0 << /Type /ObjStm /N 1 /First 5 /Length 0 >>"
    return one_page(
        more={20: stream(inner, b"/Type /ObjStm /N 1 /First 5 /Extends 20 0 R"), 21: b"20 0 R", 22: b"22 0 R"}
    )


def self_reference() -> bytes:
    """The content, the resources and the length of a stream are references to themselves."""
    return one_page(page=b"/Annots 30 0 R /Thumb 31 0 R", more={30: b"30 0 R", 31: b"<< /Length 31 0 R >>"})


def picture(entries: bytes, data: bytes) -> bytes:
    """The clause, and beside it a picture with these entries."""
    return one_page(
        stream(DRAWN + b" q 100 0 0 100 300 300 cm /I Do Q"),
        resources=b"/XObject << /I 10 0 R >>",
        more={10: stream(data, b"/Type /XObject /Subtype /Image " + entries)},
    )


def only_picture(entries: bytes, data: bytes) -> bytes:
    """A page that is nothing but a picture with these entries."""
    return one_page(
        stream(b"q 600 0 0 780 0 0 cm /I Do Q"),
        resources=b"/XObject << /I 10 0 R >>",
        more={10: stream(data, b"/Type /XObject /Subtype /Image " + entries)},
    )


def many_annotations(count: int) -> bytes:
    """A page with ``count`` links."""
    link = b"<< /Subtype /Link /Rect [0 0 9 9] >>"
    return one_page(page=b"/Annots [%s]" % (link * count))


def deep_arrays(depth: int) -> bytes:
    """An entry of the page that is ``depth`` arrays deep."""
    return one_page(page=b"/Deep " + b"[" * depth + b"]" * depth)


def deep_dictionaries(depth: int) -> bytes:
    """An entry of the catalogue that is ``depth`` dictionaries deep."""
    return one_page(catalog=b"/Deep " + b"<< /D " * depth + b"0 " + b">>" * depth)


def deep_graphics_states(depth: int) -> bytes:
    """A page that saves its state ``depth`` times and then shows the clause."""
    return one_page(flate(b"q " * depth + DRAWN))


def chained_filters(times: int, size: int) -> bytes:
    """Content of ``size`` blanks compressed ``times`` times."""
    data = DRAWN + b" " * size
    for _ in range(times):
        data = zlib.compress(data, 9)
    return one_page(stream(data, b"/Filter [%s]" % (b"/FlateDecode " * times)))


def long_filter_chain(length: int) -> bytes:
    """Content under ``length`` filters that change nothing but cost time."""
    data = DRAWN.hex().encode() + b">"
    return one_page(stream(data, b"/Filter [%s]" % (b"/ASCIIHexDecode " * length)))


def run_length_bomb(size: int) -> bytes:
    """Run-length encoded content of about ``size`` bytes, compressed once more."""
    return one_page(
        stream(
            zlib.compress(b"\x81 " * (size // 128) + b"\x80", 9), b"/Filter [/FlateDecode /RunLengthDecode]"
        )
    )


def endless_inline_picture() -> bytes:
    """An inline picture that never ends, after the clause."""
    return one_page(stream(DRAWN + b" BI /W 9 /H 9 /BPC 8 /CS /G ID " + b"\x00" * 9_000))


def replaced_text() -> bytes:
    """An incremental update puts another content in the place of the first; the later one counts."""
    first = one_page(stream(b"BT /F1 11 Tf 72 700 Td (The old words.) Tj ET"))
    previous = first.rindex(b"xref\n0 1")
    start = len(first)
    update = b"4 0 obj\n%s\nendobj\n" % stream(DRAWN)
    table = b"xref\n4 1\n%010d 00000 n \n" % start
    trailer = b"trailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        previous,
        start + len(update),
    )
    return first + update + table + trailer


def unknown_handler() -> bytes:
    """Encrypted with a handler that nobody has."""
    return one_page(trailer=b"/Encrypt << /Filter /Acme.Rights /V 9 >> /ID [<00> <00>]")


def broken_encryption() -> bytes:
    """An encryption entry whose keys are far too short."""
    return one_page(
        trailer=b"/Encrypt << /Filter /Standard /V 4 /R 4 /Length 128 /P -4 /O (x) /U (y) >> /ID [<00> <00>]"
    )


def recursive_type3_font() -> bytes:
    """A font whose letters are drawn with the font itself."""
    glyph = stream(b"500 0 0 0 500 500 d1 BT /T3 9 Tf (a) Tj ET")
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 500] /FontMatrix [0.001 0 0 0.001 0 0]"
        b" /CharProcs << /a 11 0 R >> /Encoding << /Type /Encoding /Differences [97 /a] >>"
        b" /FirstChar 97 /LastChar 97 /Widths [500] /Resources << /Font << /T3 10 0 R >> >> >>"
    )
    return one_page(
        stream(DRAWN + b" BT /T3 9 Tf 72 600 Td (aaaa) Tj ET"),
        page=b"",
        resources=b"",
        more={10: font, 11: glyph, 5: FONT},
    ).replace(b"/F1 5 0 R >>", b"/F1 5 0 R /T3 10 0 R >>", 1)


def recursive_pattern() -> bytes:
    """A pattern that is painted with itself."""
    pattern = stream(
        b"/Pattern cs /P scn 0 0 9 9 re f",
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 0 /YStep 0"
        b" /Resources << /Pattern << /P 10 0 R >> >>",
    )
    return one_page(
        stream(DRAWN + b" /Pattern cs /P scn 0 0 500 500 re f"),
        resources=b"/Pattern << /P 10 0 R >>",
        more={10: pattern},
    )


def dense_pattern() -> bytes:
    """A pattern of tiles a millionth of a point wide over the whole page."""
    pattern = stream(
        b"0 0 1 1 re f",
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.000001"
        b" /YStep 0.000001 /Resources << >>",
    )
    return one_page(
        stream(DRAWN + b" /Pattern cs /P scn 0 0 600 600 re f"),
        resources=b"/Pattern << /P 10 0 R >>",
        more={10: pattern},
    )


def broken_meanings(entries: bytes) -> bytes:
    """A font whose table of meanings holds ``entries``."""
    table = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def "
        b"1 begincodespacerange <00> <FF> endcodespacerange " + entries + b" endcmap end end"
    )
    font = FONT.replace(b">>", b"/ToUnicode 10 0 R >>")
    return one_page(more={5: font, 10: stream(table)})


def duplicated_page() -> bytes:
    """The page tree lists the same page three times."""
    objects = objects_of()
    objects[2] = b"<< /Type /Pages /Kids [3 0 R 3 0 R 3 0 R] /Count 3 >>"
    return written(objects)


def count_too_large() -> bytes:
    """The page tree says it has two thousand million pages and has one."""
    objects = objects_of()
    objects[2] = b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>"
    return written(objects)


def negative_count() -> bytes:
    """The page tree says it has fewer pages than none."""
    objects = objects_of()
    objects[2] = b"<< /Type /Pages /Kids [3 0 R] /Count -7 >>"
    return written(objects)


def xfa_form() -> bytes:
    """A form in XML, which a viewer without it shows as one page of text."""
    return one_page(catalog=b"/AcroForm << /Fields [] /XFA 10 0 R >>", more={10: stream(b"<xdp:xdp/>")})


def portfolio() -> bytes:
    """A collection of attached files with a cover page."""
    return one_page(
        catalog=b"/Collection << /View /D >> /Names << /EmbeddedFiles << /Names [(a.exe) 10 0 R] >> >>",
        more={
            10: b"<< /Type /Filespec /F (../../a.exe) /EF << /F 11 0 R >> >>",
            11: stream(b"MZ", b"/Type /EmbeddedFile"),
        },
    )


def linearised(cut: bool) -> bytes:
    """A file that says it is made for the web; cut, it lacks its second half."""
    content = written({9: b"<< /Linearized 1 /L 99999 /H [0 9] /O 3 /E 9 /N 1 /T 9 >>", **objects_of()})
    return content[: len(content) // 2] if cut else content


def utf16_names() -> bytes:
    """Title, label and bookmark with control characters, direction marks and half pairs."""
    hostile = b"<FEFF0041000000070008202E0042D83D000A003C0073003E>"
    return one_page(
        trailer=b"/Info 10 0 R",
        catalog=b"/Outlines 11 0 R /PageLabels << /Nums [0 << /P %s >>] >>" % hostile,
        more={
            10: b"<< /Title %s >>" % hostile,
            11: b"<< /First 12 0 R /Last 12 0 R /Count 1 >>",
            12: b"<< /Title %s /Parent 11 0 R >>" % hostile,
        },
    )


def cyclic_labels() -> bytes:
    """A tree of page labels that is its own branch."""
    return one_page(catalog=b"/PageLabels 10 0 R", more={10: b"<< /Kids [10 0 R 10 0 R] >>"})


def cyclic_names() -> bytes:
    """A tree of names that is its own branch."""
    return one_page(
        catalog=b"/Names << /EmbeddedFiles 10 0 R /JavaScript 10 0 R >>",
        more={10: b"<< /Kids [10 0 R 10 0 R] >>"},
    )


def lines_of_text(lines: int) -> bytes:
    """A page of ``lines`` lines in one stream, each longer than the page is wide."""
    drawn = b"BT /F1 1 Tf 1 TL 0 790 Td " + b"(%s) ' " % (b"word " * 400) * lines + b"ET"
    return one_page(flate(drawn))


def giant_string(size: int) -> bytes:
    """A page whose single string has ``size`` letters."""
    return one_page(flate(b"BT /F1 11 Tf 72 700 Td (" + b"a" * size + b") Tj ET"))


def text_far_away() -> bytes:
    """Text placed by numbers that no page has."""
    return one_page(
        stream(b"BT /F1 1e30 Tf 1e38 -1e38 Td (far) Tj ET BT /F1 0 Tf 9 9 Td (nothing) Tj ET " + DRAWN)
    )
