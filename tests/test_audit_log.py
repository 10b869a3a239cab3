"""The audit log: what it stores, what it refuses, and that no change of it goes unseen."""

import hashlib
import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.audit.chain import check_audit, verify
from core.audit.events import Action, AuditEvent, canonical
from core.audit.log import GENESIS, AuditLog
from core.errors import AuditUnavailable

ROOT = Path(__file__).resolve().parent.parent
TRIGGERS = (
    "entries_in_order",
    "entries_advance",
    "entries_unchanged",
    "entries_kept",
    "head_advances",
    "head_kept",
    "head_single",
)


def event(number: int = 1) -> AuditEvent:
    return AuditEvent(Action.QUESTION, "system user ann", question=f"Question {number}?")


def filled(path: Path, count: int = 5) -> AuditLog:
    log = AuditLog(path / "audit.sqlite3")
    for number in range(1, count + 1):
        assert log.append(event(number)) == number
    return log


def change(log: AuditLog, *statements: str, guarded: bool = False) -> None:
    """Run SQL on the file as somebody would who wants to change it, without its triggers unless ``guarded``."""
    with closing(sqlite3.connect(log.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        kept = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        if not guarded:
            for name, _ in kept:
                connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        if not guarded:
            for _, sql in kept:
                connection.execute(sql)


def test_the_canonical_form_leaves_out_what_does_not_apply() -> None:
    asked = AuditEvent(Action.QUESTION, "ann", question="Caf\u00e9 \udc80?", minimum_relevance=0.0)
    assert canonical(asked, "2026-01-02T03:04:05.678+00:00") == (
        '{"action":"question","actor":"ann","at":"2026-01-02T03:04:05.678+00:00","minimum_relevance":0.0,'
        '"question":"Caf\\u00e9 \\udc80?"}'
    )


def test_each_hash_covers_the_one_before(tmp_path: Path) -> None:
    first, second = filled(tmp_path, 2).rows()
    assert first.hash == hashlib.sha256(f"{'0' * 64}{first.entry}".encode()).hexdigest()
    assert second.hash == hashlib.sha256(f"{first.hash}{second.entry}".encode()).hexdigest()
    assert json.loads(second.entry)["question"] == "Question 2?"


def test_a_log_that_was_never_written_is_whole_and_empty(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    chain = verify(log)
    assert (chain.entries, chain.head, chain.faults) == (0, f"0:{GENESIS}", ())
    assert not log.path.exists()


def test_a_log_longer_than_one_batch_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.audit.log.BATCH", 2)
    log = filled(tmp_path, 5)
    assert [row.number for row in log.rows()] == [1, 2, 3, 4, 5]
    assert verify(log).faults == ()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE entries SET entry = '{}' WHERE number = 2", id="change"),
        pytest.param("DELETE FROM entries WHERE number = 5", id="delete"),
        pytest.param("REPLACE INTO entries VALUES (2, '{}', 'x')", id="replace"),
        pytest.param("INSERT INTO entries VALUES (9, '{}', 'x')", id="leave a gap"),
        pytest.param("INSERT INTO entries VALUES (NULL, '{}', 'x')", id="leave the number out"),
        pytest.param("UPDATE head SET number = 3", id="turn the head back"),
        pytest.param("UPDATE head SET hash = 'x'", id="change the head"),
        pytest.param("DELETE FROM head", id="delete the head"),
        pytest.param("INSERT OR REPLACE INTO head VALUES (1, 2, 'x')", id="replace the head"),
    ],
)
def test_the_file_refuses_everything_but_the_next_entry(tmp_path: Path, statement: str) -> None:
    log = filled(tmp_path)
    before = list(log.rows()), log.head()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        change(log, statement, guarded=True)
    assert (list(log.rows()), log.head()) == before


OTHER = '{"action":"question","actor":"bob"}'
FOLLOWS = "entry {} does not follow {}: one of them was changed or moved"


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        pytest.param(
            [f"UPDATE entries SET entry = '{OTHER}' WHERE number = 3"],
            [FOLLOWS.format(3, "entry 2")],
            id="changed",
        ),
        pytest.param(
            [f"UPDATE entries SET entry = '{OTHER}' WHERE number = 1"],
            [FOLLOWS.format(1, "the beginning")],
            id="the first changed",
        ),
        pytest.param(
            ["UPDATE entries SET hash = 'x' WHERE number = 3"],
            [FOLLOWS.format(3, "entry 2"), FOLLOWS.format(4, "entry 3")],
            id="hash changed",
        ),
        pytest.param(["DELETE FROM entries WHERE number = 3"], ["entry 3 is missing"], id="removed"),
        pytest.param(
            ["DELETE FROM entries WHERE number IN (1, 2)"], ["entries 1 to 2 are missing"], id="begin removed"
        ),
        pytest.param(
            ["DELETE FROM entries WHERE number > 3"], ["entries 4 to 5 are missing"], id="end removed"
        ),
        pytest.param(["DELETE FROM entries"], ["entries 1 to 5 are missing"], id="all removed"),
        pytest.param(
            [
                "DELETE FROM entries WHERE number = 3",
                "UPDATE entries SET number = number - 1 WHERE number > 3",
                "UPDATE head SET number = 4",
            ],
            [FOLLOWS.format(3, "entry 2")],
            id="removed and numbered anew",
        ),
        pytest.param(
            [
                "UPDATE entries SET number = 99 WHERE number = 2",
                "UPDATE entries SET number = 2 WHERE number = 3",
                "UPDATE entries SET number = 3 WHERE number = 99",
            ],
            [FOLLOWS.format(2, "entry 1"), FOLLOWS.format(3, "entry 2"), FOLLOWS.format(4, "entry 3")],
            id="two changed places",
        ),
        pytest.param(
            [f"INSERT INTO entries VALUES (6, '{OTHER}', 'x')"],
            [FOLLOWS.format(6, "entry 5"), "entry 6 is not the one that was noted as the last, 5"],
            id="added",
        ),
        pytest.param(
            [f"INSERT INTO entries VALUES (0, '{OTHER}', 'x')"],
            ["entry 0 is numbered below the first", FOLLOWS.format(1, "the beginning")],
            id="added before the first",
        ),
        pytest.param(
            ["UPDATE head SET hash = 'x'"],
            ["entry 5 is not the one that was noted as the last, 5"],
            id="head changed",
        ),
    ],
)
def test_a_change_is_found_and_named(tmp_path: Path, statements: list[str], named: list[str]) -> None:
    log = filled(tmp_path)
    change(log, *statements)
    assert list(verify(log).faults) == named
    assert not check_audit(log).sound


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_guard_that_was_taken_away_is_named(tmp_path: Path, trigger: str) -> None:
    log = filled(tmp_path)
    change(log, f"DROP TRIGGER {trigger}", guarded=True)
    assert verify(log).faults == (f"{trigger}, which keeps the log from being changed, is gone",)


def test_a_log_written_anew_is_found_by_a_head_noted_before(tmp_path: Path) -> None:
    log = filled(tmp_path, 3)
    noted = verify(log).head
    log.append(event(4))
    assert verify(log, noted).faults == ()
    log.path.unlink()
    filled(tmp_path, 5)
    assert verify(log).faults == ()
    assert verify(log, noted).faults == (f"there is no entry {noted}",)


@pytest.mark.parametrize(
    "content",
    [pytest.param(b"no database at all " * 500, id="another file"), pytest.param(b"", id="emptied")],
)
def test_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    log = filled(tmp_path)
    log.path.write_bytes(content)
    check = check_audit(log)
    assert not check.sound
    assert "audit.sqlite3" in check.detail


def test_what_cannot_be_logged_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditUnavailable, match="Nothing is done that cannot be logged"):
        AuditLog(tmp_path / "file" / "audit.sqlite3").append(event())


def test_threads_keep_one_chain(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(log.append, (event(number) for number in range(80))))
    assert sorted(numbers) == list(range(1, 81))
    chain = verify(log)
    assert (chain.entries, chain.faults) == (80, ())


APPEND = """
import sys
from pathlib import Path
from core.audit.events import Action, AuditEvent
from core.audit.log import AuditLog
log = AuditLog(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    print(log.append(AuditEvent(Action.QUESTION, sys.argv[3], question=f"Question {number}?")), flush=True)
"""


def appending(log: AuditLog, count: int, actor: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", APPEND, str(log.path), str(count), actor]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_processes_keep_one_chain(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    children = [appending(log, 20, f"actor {number}") for number in range(3)]
    numbers = [int(line) for child in children for line in child.communicate()[0].splitlines()]
    assert sorted(numbers) == list(range(1, 61))
    assert (verify(log).entries, verify(log).faults) == (60, ())


@pytest.mark.parametrize("kill_after", [1, 7, 20])
def test_a_process_killed_while_appending_leaves_a_whole_chain(tmp_path: Path, kill_after: int) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    child = appending(log, 1_000_000, "ann")
    assert child.stdout is not None
    acknowledged = [int(child.stdout.readline()) for _ in range(kill_after)][-1]
    child.kill()
    rest = child.communicate()[0]
    acknowledged = max([acknowledged, *(int(line) for line in rest.split("\n")[:-1])])
    chain = verify(log)
    assert chain.faults == ()
    # The last entry may have been stored without the process living to say so.
    assert chain.entries in (acknowledged, acknowledged + 1)
    assert log.append(event()) == chain.entries + 1
    assert verify(log).faults == ()


@pytest.fixture(scope="module")
def sample_log(tmp_path_factory: pytest.TempPathFactory) -> AuditLog:
    return filled(tmp_path_factory.mktemp("sample"), 6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_edit_of_any_entry_is_detected(sample_log: AuditLog, tmp_path: Path, data: st.DataObject) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    log.path.write_bytes(sample_log.path.read_bytes())
    row = data.draw(st.sampled_from(list(log.rows())))
    column = data.draw(st.sampled_from(["entry", "hash"]))
    old = row.entry if column == "entry" else row.hash
    place = data.draw(st.integers(0, len(old)))
    length = data.draw(st.integers(0, len(old) - place))
    put = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=5))
    new = old[:place] + put + old[place + length :]
    escaped = new.replace("'", "''")
    change(log, f"UPDATE entries SET {column} = '{escaped}' WHERE number = {row.number}")
    assert bool(verify(log).faults) == (new != old)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(1, 6), unique=True))
def test_any_removal_and_any_other_order_is_detected(
    sample_log: AuditLog, tmp_path: Path, order: list[int]
) -> None:
    log = AuditLog(tmp_path / "audit.sqlite3")
    log.path.write_bytes(sample_log.path.read_bytes())
    moves = [
        f"UPDATE entries SET number = {place - 100} WHERE number = {number}"
        for place, number in enumerate(order, start=1)
    ]
    change(
        log,
        *moves,
        "DELETE FROM entries WHERE number > 0",
        "UPDATE entries SET number = number + 100",
    )
    assert bool(verify(log).faults) == (order != [1, 2, 3, 4, 5, 6])
