"""The keyword index in its files: what was saved is loaded, what is damaged is left out, nothing superfluous stays."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.storage.array_file import AnyArray, map_arrays, write_arrays
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument
from core.storage.keyword_store import KeywordStore
from core.storage.packed_words import PackedWords

QUERY = ["cap", "délai", "4.2(b)"]


def index_of(*contracts: str) -> KeywordIndex:
    index = KeywordIndex.build([])
    for contract_id in contracts:
        words = [["cap", "fee"], ["cap", contract_id], ["délai", "4.2(b)", "cap"], ["fee"]]
        index = index.add(
            KeywordDocument(f"{contract_id}-{row}", contract_id, one) for row, one in enumerate(words)
        )
    return index


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.segment"))


def test_a_saved_index_is_the_same_after_loading(tmp_path: Path) -> None:
    path = tmp_path / "bm25" / "index.json"
    saved = KeywordStore(path).save(index_of("one", "two", "three").remove("two"))
    store = KeywordStore(path)
    loaded, problem = store.load()
    assert problem == ""
    assert loaded.chunk_ids == saved.chunk_ids
    assert loaded.scores(QUERY).tolist() == saved.scores(QUERY).tolist()
    assert loaded.search(QUERY, 10) == index_of("one", "three").search(QUERY, 10)
    assert loaded.remove("one").merge().scores(QUERY).tolist() == index_of("three").scores(QUERY).tolist()


def test_a_change_writes_its_own_segment_and_no_other(tmp_path: Path) -> None:
    store = KeywordStore(tmp_path / "index.json")
    index = store.save(index_of("one", "two"))
    before = {path: path.stat().st_mtime_ns for path in segments(tmp_path)}
    index = store.save(index.add([KeywordDocument("three-0", "three", ["cap"])]))
    index = store.save(index.remove("one"))
    after = {path: path.stat().st_mtime_ns for path in segments(tmp_path)}
    assert len(before) == len(after) == 2
    assert len(before.items() & after.items()) == 1
    assert KeywordStore(tmp_path / "index.json").load()[0].contract_ids == ("two",) * 4 + ("three",)


def test_nothing_is_written_when_nothing_has_changed(tmp_path: Path) -> None:
    store = KeywordStore(tmp_path / "index.json")
    index = store.save(index_of("one"))
    for path in tmp_path.iterdir():
        path.unlink()
    assert store.save(index) is index
    assert list(tmp_path.iterdir()) == []


def test_merged_segments_are_replaced_by_one_file_and_an_old_reader_goes_on(tmp_path: Path) -> None:
    store = KeywordStore(tmp_path / "index.json")
    index = store.save(index_of("one", "two"))
    before = index.search(QUERY, 10)
    merged = store.save(index.merge())
    assert len(segments(tmp_path)) == 1
    assert index.search(QUERY, 10) == merged.search(QUERY, 10) == before


def test_files_of_an_older_make_are_removed(tmp_path: Path) -> None:
    for name in ("index.npz", "index.left.segment", "index.left.segment.tmp", "other.npz"):
        (tmp_path / name).write_bytes(b"old")
    KeywordStore(tmp_path / "index.json").save(index_of("one"))
    assert len(segments(tmp_path)) == 1
    assert {path.name for path in tmp_path.iterdir()} - {path.name for path in segments(tmp_path)} == {
        "index.json",
        "other.npz",
    }


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(Path.unlink, id="lost"),
        pytest.param(lambda path: path.write_bytes(b""), id="emptied"),
        pytest.param(cut, id="cut"),
        pytest.param(flipped, id="a bit flipped"),
        pytest.param(lambda path: path.write_bytes(b"\x80\x04pickle"), id="other"),
    ],
)
@pytest.mark.parametrize("which", ["list", "segment"])
def test_what_is_damaged_is_left_out_and_told_of(
    tmp_path: Path, damage: Callable[[Path], None], which: str
) -> None:
    path = tmp_path / "index.json"
    KeywordStore(path).save(index_of("one", "two"))
    damage(segments(tmp_path)[0] if which == "segment" else path)
    index, problem = KeywordStore(path).load()
    if which == "segment":
        assert problem.startswith("The keyword index was damaged: index.")
        assert set(index.contract_ids) < {"one", "two"}
        assert len(index) == 4
    else:
        assert ("keyword index was damaged" in problem) is path.exists()
        assert len(index) == 0


def test_a_list_of_another_format_is_not_understood(tmp_path: Path) -> None:
    content = b'{"format": 2, "segments": []}'
    (tmp_path / "index.json").write_bytes(b"%08x\n%s\n" % (zlib.crc32(content), content))
    assert "format 2" in KeywordStore(tmp_path / "index.json").load()[1]


def test_arrays_come_back_with_their_types_and_lengths(tmp_path: Path) -> None:
    arrays: dict[str, AnyArray] = {
        "codes": np.asarray([1, 2, 3], dtype=np.uint16),
        "none": np.zeros(0),
        "wide": np.arange(9),
    }
    checksum = write_arrays(tmp_path / "a", arrays)
    mapped = map_arrays(tmp_path / "a", checksum)
    assert {name: (one.dtype.str, one.tolist()) for name, one in mapped.items()} == {
        "codes": ("<u2", [1, 2, 3]),
        "none": ("<f8", []),
        "wide": ("<i8", list(range(9))),
    }
    assert not mapped["wide"].flags.writeable


@pytest.mark.parametrize("words", [[], [""], ["cap"], ["a", "", "délai", "line\nbreak"]], ids=repr)
def test_packed_words_come_back(words: list[str]) -> None:
    packed = PackedWords.of(words)
    numbers = np.arange(len(words))
    assert list(packed) == [packed[number] for number in range(len(packed))] == packed.pick(numbers) == words
    assert packed.pick(numbers[::-1]) == words[::-1]
