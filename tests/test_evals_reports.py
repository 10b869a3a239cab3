"""Reports on disk: what is written is what is read, small enough, and what is damaged is said to be."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import Settings
from evals.report import FORMAT, Case
from evals.report_files import (
    UnreadableReport,
    evaluations_directory,
    fitted,
    library_directory,
    load,
    save,
    saved_reports,
    to_json,
)
from tests.evals_kit import make_case, make_report


def test_a_saved_report_is_read_back_as_it_was(tmp_path: Path) -> None:
    report = make_report()
    path = save(report, tmp_path / "evaluations")
    assert path.name == "20260102030405-sample-corpus.json"
    assert load(path) == report


def test_the_newest_report_comes_first(tmp_path: Path) -> None:
    for moment in ("2026-01-02T03:04:05+00:00", "2026-11-02T03:04:05+00:00", "2025-12-02T03:04:05+00:00"):
        save(replace(make_report(), created_at=moment), tmp_path)
    years = [path.name[:6] for path in saved_reports(tmp_path)]
    assert years == ["202611", "202601", "202512"]
    assert saved_reports(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{}", b"[1]", b'{"format": "x"}', b"\xff"],
    ids=["empty", "cut", "no fields", "list", "wrong type", "no text"],
)
def test_what_is_no_report_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableReport, match=r"report\.json: is no report"):
        load(path)


def test_a_report_of_another_format_is_not_shown(tmp_path: Path) -> None:
    path = save(replace(make_report(), format=FORMAT + 1), tmp_path)
    with pytest.raises(UnreadableReport, match=f"format {FORMAT + 1}"):
        load(path)


def long_cases() -> tuple[Case, ...]:
    return tuple(make_case(f"q{number}", 3, 1, text="long words " * 100) for number in range(20))


@pytest.mark.parametrize(
    ("most_bytes", "note"),
    [(50_000, "800 characters"), (30_000, "400 characters"), (18_000, "150 characters"), (100, "left out")],
    ids=str,
)
def test_a_large_report_has_shorter_passages_and_says_so(most_bytes: int, note: str) -> None:
    report = make_report(long_cases())
    assert len(to_json(report)) > 50_000
    shorter = fitted(report, most_bytes)
    assert note in shorter.notes[-1]
    assert len(to_json(shorter)) < max(most_bytes, 15_000)
    assert len(shorter.sections[0].cases) == 20


def test_a_small_report_stays_as_it_is() -> None:
    assert fitted(make_report()) == make_report()


def test_two_folders_of_one_name_have_two_libraries(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first, second = (library_directory(settings, tmp_path / one / "My Corpus") for one in "ab")
    assert first != second
    assert first.parent == evaluations_directory(settings)
    assert first.name.startswith("my-corpus-")
