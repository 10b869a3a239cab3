"""Files under way at once: stages side by side, room between them, and what stops the line."""

import threading

import pytest

from ingest.assembly_line import AHEAD, Abandoned, AssemblyLine, Stage, Work

PATIENCE = 30.0


def steps(name: str, told: list[str], *, fail_at: Stage | None = None) -> Work:
    told.append(f"{name} read")
    for stage in Stage:
        yield stage
        if stage is fail_at:
            raise ValueError(name)
        told.append(f"{name} {stage}")


def test_every_file_passes_every_stage_in_order() -> None:
    told: list[str] = []
    with AssemblyLine() as line:
        for name in ("a", "b", "c", "d"):
            line.begin(name, steps(name, told))
    for name in ("a", "b", "c", "d"):
        own = [one for one in told if one.startswith(name)]
        assert own == [f"{name} read", f"{name} encoding", f"{name} storing"]
    assert [one for one in told if one.endswith("storing")] == [f"{name} storing" for name in "abcd"]


def test_the_next_file_is_read_while_the_last_is_encoded_and_the_one_before_stored() -> None:
    # Nobody passes the barrier alone: it opens only when all three stages are in it at once.
    together = threading.Barrier(3, timeout=PATIENCE)

    def first() -> Work:
        yield Stage.STORING
        together.wait()

    def second() -> Work:
        yield Stage.ENCODING
        together.wait()

    def third() -> Work:
        together.wait()
        yield from ()

    with AssemblyLine() as line:
        line.begin("first", first())
        line.begin("second", second())
        line.begin("third", third())
    assert not together.broken


def test_reading_waits_for_room() -> None:
    encode, begun = threading.Event(), list[str]()

    def work(name: str) -> Work:
        begun.append(name)
        yield Stage.ENCODING
        # Were there room for all, the fourth of them would be read before anybody may go on.
        encode.wait(PATIENCE)

    def read_all(line: AssemblyLine) -> None:
        for number in range(20):
            line.begin(str(number), work(str(number)))

    with AssemblyLine() as line:
        reader = threading.Thread(target=read_all, args=(line,))
        reader.start()
        reader.join(0.5)
        # One is being encoded, AHEAD wait, and one more has been read and finds no room.
        assert len(begun) <= AHEAD + 2
        encode.set()
        reader.join()
    assert len(begun) == 20


def test_work_of_the_same_name_begins_when_the_first_has_ended() -> None:
    told: list[str] = []
    with AssemblyLine() as line:
        line.begin("same", steps("first", told))
        line.begin("same", steps("second", told))
    assert told.index("first storing") < told.index("second read")


@pytest.mark.parametrize("stage", list(Stage))
def test_what_a_stage_raises_stops_the_line_and_comes_out(stage: Stage) -> None:
    told: list[str] = []

    def run() -> None:
        with AssemblyLine() as line:
            line.begin("same", steps("bad", told, fail_at=stage))
            line.begin("same", steps("after", told))

    with pytest.raises(ValueError, match="bad"):
        run()
    # The second waited for the first, which had the same name, and found the line stopped.
    assert told[0] == "bad read"
    assert not [one for one in told if one.startswith("after")]


def test_an_interruption_while_reading_ends_what_is_under_way() -> None:
    encoding, left = threading.Event(), list[str]()

    def slow(line: AssemblyLine) -> Work:
        yield Stage.ENCODING
        encoding.set()
        while True:
            line.check()

    def interrupted() -> Work:
        encoding.wait(PATIENCE)
        yield from ()
        raise KeyboardInterrupt

    line = AssemblyLine(lambda: left.append("left"))

    def run() -> None:
        with line:
            line.begin("slow", slow(line))
            line.begin("interrupted", interrupted())

    with pytest.raises(KeyboardInterrupt):
        run()
    assert left == ["left", "left"]
    with pytest.raises(Abandoned):
        line.check()
