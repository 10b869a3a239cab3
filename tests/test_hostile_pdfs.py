"""Files made to break a reader, and odd ones that must be read: each has one outcome, through the real process."""

import zlib

import pytest

from core.errors import RejectedFile
from ingest.read_contract import ReadLimits, read_contract
from tests import hostile_samples as hostile
from tests.hostile_samples import CLAUSE, MEGABYTE, broken_meanings, objects_of, one_page, picture, written

NO_SCRIPTS_LOOKED_FOR = (
    "The file's structure is faulty, so scripts and attachments in it could not be looked for."
)
HIDDEN = "Page 1 holds text that a reader cannot see."
DCT = b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01" + b"\xff" * 100
JPX = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\xff" * 200
GREY = b"/BitsPerComponent 8 /ColorSpace /DeviceGray "
SIDE = b"/Width 60000 /Height 60000 "


def read(content: bytes) -> tuple[str, tuple[str, ...]]:
    contract = read_contract(content, "odd.pdf", ReadLimits(), ocr=False)
    assert contract.text == "\n".join(contract.text[page.start : page.end] for page in contract.pages)
    contract.text.encode()
    return contract.text, contract.warnings


def boxed(box: bytes) -> bytes:
    return one_page(box=box)


def turned(degrees: bytes) -> bytes:
    return one_page(page=b"/Rotate " + degrees)


@pytest.mark.parametrize(
    ("content", "warnings"),
    [
        pytest.param(one_page(), (), id="sound"),
        pytest.param(hostile.cyclic_outline(), (), id="bookmarks in a circle"),
        pytest.param(hostile.cyclic_labels(), (NO_SCRIPTS_LOOKED_FOR,), id="page labels that crash pdfium"),
        pytest.param(hostile.looping_tables(), (), id="tables in a circle"),
        pytest.param(hostile.wrong_offsets(), (), id="every offset wrong"),
        pytest.param(hostile.huge_object_number(), (), id="object number beyond 32 bits"),
        pytest.param(hostile.nested_object_streams(), (), id="object stream extends itself"),
        pytest.param(hostile.self_reference(), (NO_SCRIPTS_LOOKED_FOR,), id="objects that are themselves"),
        pytest.param(hostile.endless_inline_picture(), (), id="inline picture without end"),
        pytest.param(hostile.recursive_pattern(), (), id="pattern painted with itself"),
        pytest.param(hostile.dense_pattern(), (), id="pattern of a million tiles a point"),
        pytest.param(hostile.count_too_large(), (), id="count of two thousand million"),
        pytest.param(hostile.negative_count(), (), id="negative count"),
        pytest.param(hostile.utf16_names(), (), id="half pairs in title, label and bookmark"),
        pytest.param(hostile.text_far_away(), (), id="text at 1e38"),
        pytest.param(hostile.many_annotations(20_000), (), id="20,000 annotations"),
        pytest.param(hostile.deep_graphics_states(100_000), (), id="100,000 saved states"),
        pytest.param(hostile.deep_arrays(20_000), (NO_SCRIPTS_LOOKED_FOR,), id="20,000 arrays deep"),
        pytest.param(broken_meanings(b"\xff\xfe beginbfchar ( <<< endbfchar"), (), id="broken ToUnicode"),
        pytest.param(picture(SIDE + b"/Filter /JBIG2Decode", b"\0" * 200), (), id="JBIG2 60,000 square"),
        pytest.param(picture(SIDE + b"/Filter /JPXDecode", JPX), (), id="JPX 60,000 square"),
        pytest.param(picture(SIDE + GREY + b"/Filter /DCTDecode", DCT), (), id="DCT 65,500 square"),
        pytest.param(boxed(b"[0 0 1000000000 1000000000]"), (), id="page of 1e9 points"),
        pytest.param(boxed(b"[0 0 nan inf]"), (), id="page box is no number"),
        pytest.param(boxed(b"[612 792 0 0]"), (), id="page box upside down"),
        pytest.param(boxed(b"[0 0 0 0]"), (), id="page box empty"),
        pytest.param(boxed(b"[0 0 -612 -792]"), (HIDDEN,), id="text beside a negative page box"),
        pytest.param(boxed(b"(x)"), (), id="page box a string"),
        pytest.param(turned(b"45"), (), id="turned by 45"),
        pytest.param(turned(b"-90"), (), id="turned by -90"),
        pytest.param(turned(b"99999999999999999999"), (), id="turned by 1e20"),
        pytest.param(one_page(page=b"/UserUnit 1000000"), (), id="user unit of a million"),
        pytest.param(hostile.chained_filters(3, MEGABYTE), (), id="compressed three times"),
        pytest.param(hostile.replaced_text(), (), id="text replaced by an update"),
        pytest.param(hostile.linearised(cut=False), (), id="made for the web"),
        pytest.param(written(objects_of(), header=b"%PDF-2.0\n"), (), id="PDF 2.0"),
        pytest.param(hostile.xfa_form(), (), id="form in XML"),
        pytest.param(
            hostile.portfolio(), ("The file contains an attachment, which was not read.",), id="portfolio"
        ),
        pytest.param(b"<html><script>1</script>\n" + one_page(), (), id="web page and PDF"),
        pytest.param(one_page() + b"PK\x05\x06" + bytes(18), (), id="PDF and ZIP"),
    ],
)
def test_what_a_viewer_shows_is_read(content: bytes, warnings: tuple[str, ...]) -> None:
    assert read(content) == (CLAUSE, warnings)


def test_a_page_listed_three_times_is_three_pages() -> None:
    text, _ = read(hostile.duplicated_page())
    assert text == "\n".join([CLAUSE] * 3)


def test_a_font_drawn_with_itself_ends() -> None:
    text, _ = read(hostile.recursive_type3_font())
    assert text.startswith(CLAUSE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(hostile.no_table(), "damaged or incomplete", id="no table and no trailer"),
        pytest.param(hostile.linearised(cut=True), "damaged or incomplete", id="made for the web, cut"),
        pytest.param(hostile.unknown_handler(), "in a way that Proviso cannot open", id="unknown protection"),
        pytest.param(hostile.broken_encryption(), "protected by a password", id="broken protection"),
        pytest.param(hostile.chained_filters(4, 500 * MEGABYTE), "far more data", id="four times compressed"),
        pytest.param(hostile.long_filter_chain(5_000), "far more data", id="5,000 filters"),
        pytest.param(hostile.run_length_bomb(800 * MEGABYTE), "far more data", id="run-length bomb"),
        pytest.param(hostile.lines_of_text(4_000), "MB of memory", id="millions of letters on one page"),
        pytest.param(
            hostile.only_picture(
                SIDE + GREY + b"/Filter /FlateDecode", zlib.compress(bytes(50 * MEGABYTE), 9)
            ),
            "needs OCR",
            id="a picture of 60,000 square",
        ),
        pytest.param(
            broken_meanings(b"1 beginbfrange <00> <7F> <D800> endbfrange"), "needs OCR", id="half pairs only"
        ),
        pytest.param(b"PK\x03\x04" + bytes(30) + one_page(), "another Office file", id="ZIP and PDF"),
        pytest.param(b"\x7fELF" + one_page(), "it looks like a program", id="program and PDF"),
    ],
)
def test_what_cannot_be_read_is_turned_away(content: bytes, reason: str) -> None:
    with pytest.raises(RejectedFile) as caught:
        read(content)
    assert reason in caught.value.reason
    assert caught.value.subject == "odd.pdf"
    assert caught.value.next_step
