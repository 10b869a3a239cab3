"""Training data: what is drawn, how contracts are divided, and that nothing measured is trained on."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from evals.cuad import QUESTIONS
from evals.samples import QUESTIONS_FILE
from evals.splits import Part, company_of, part_of
from training.build import DATA
from training.cuad_examples import ABSENT, PRESENT
from training.draw import GROUP_SIZE, MIXTURE, Draw
from training.records import Example, Passage, read_examples, read_passages, write_records
from training.written_examples import WRITTEN

SAMPLES = Path(__file__).parent.parent / "sample_corpus"


def passages(count: int) -> dict[str, Passage]:
    found = [
        Passage(f"p{n}", f"contract {n % 3}", f"Supply Agreement (A; B) > {n} Term", f"text {n}")
        for n in range(count)
    ]
    return {one.passage_id: one for one in found}


def example(source: str = WRITTEN) -> Example:
    return Example(source, ("How long?", "term"), {"p0": 4}, tuple(f"p{n}" for n in range(1, 20)))


def test_the_same_step_draws_the_same_groups() -> None:
    first, again = (Draw(passages(30), [example()], seed=3) for _ in range(2))
    assert first.groups(5, 4) == again.groups(5, 4)
    assert first.groups(5, 4) != first.groups(6, 4)


def test_a_group_holds_the_answer_once_and_the_rest_wrong() -> None:
    for group in Draw(passages(30), [example()], seed=1).groups(0, 50):
        assert sorted(group.grades, reverse=True) == [4] + [0] * (len(group.grades) - 1)
        assert GROUP_SIZE - 1 <= len(group.texts) <= GROUP_SIZE
        assert "text 0" in group.texts[0].split("\n")
        assert len(set(group.texts)) == len(group.texts)


def test_where_nothing_answers_every_grade_is_nought() -> None:
    silent = Example(ABSENT, ("Is there an escrow?",), negatives=tuple(f"p{n}" for n in range(20)))
    for group in Draw(passages(30), [silent], seed=1).groups(0, 20):
        assert group.grades == (0, 0, 0, 0)


def test_larger_groups_hold_more_mistakes() -> None:
    for group in Draw(passages(30), [example()], seed=1, size=12).groups(0, 20):
        assert 11 <= len(set(group.texts)) == len(group.texts) <= 12
    silent = Example(ABSENT, ("Is there an escrow?",), negatives=tuple(f"p{n}" for n in range(20)))
    for group in Draw(passages(30), [silent], seed=1, size=12).groups(0, 20):
        assert group.grades == (0,) * 10


def test_passages_are_drawn_as_shown_with_the_title_alone_and_bare() -> None:
    drawn = Draw(passages(30), [example()], seed=1).groups(0, 80)
    kinds = {group.texts[0] for group in drawn}
    assert kinds == {
        "Supply Agreement (A; B) > 0 Term\ntext 0",
        "Supply Agreement > 0 Term\ntext 0",
        "text 0",
    }


def test_a_source_that_is_drawn_more_often_comes_more_often() -> None:
    draw = Draw(passages(30), [example(WRITTEN), example(PRESENT)], 1, {WRITTEN: 0.9, PRESENT: 0.1})
    wordings = (
        Example(WRITTEN, ("written",), {"p0": 4}, ("p1",)),
        Example(PRESENT, ("cuad",), {"p0": 4}, ("p1",)),
    )
    draw = Draw(passages(30), wordings, 1, {WRITTEN: 0.9, PRESENT: 0.1})
    drawn = [group.question.lower() for group in draw.groups(0, 400)]
    assert 330 < drawn.count("written") < 390


def test_records_survive_the_disk(tmp_path: Path) -> None:
    kept = list(passages(3).values())
    write_records(tmp_path / "passages.jsonl", kept)
    write_records(tmp_path / "examples.jsonl", [example()])
    assert list(read_passages(tmp_path / "passages.jsonl").values()) == kept
    assert read_examples(tmp_path / "examples.jsonl") == (example(),)


def test_sister_contracts_fall_into_the_same_part() -> None:
    first = "ACME,INC_06_02_2020-EX-10.7-CONSULTING AGREEMENT.pdf"
    second = "ACME,INC_01_01_2001-EX-1-SUPPLY AGREEMENT(1).pdf"
    assert company_of(first) == company_of(second) == "acmeinc"
    assert part_of(first) is part_of(second)


def test_about_an_eighth_of_the_companies_is_kept_for_measuring() -> None:
    parts = [part_of(f"company{n}_x.pdf") for n in range(2000)]
    assert 210 < parts.count(Part.TEST) < 310
    assert 110 < parts.count(Part.TUNE) < 210


def plain(question: str) -> str:
    return re.sub(r"[^a-z0-9]", "", question.lower())


def trained_questions() -> set[str]:
    tables = tomllib.loads((DATA / "category_questions.toml").read_text(encoding="utf-8"))
    questions = [one for table in tables.values() for one in table["questions"]]
    with (DATA / "questions.jsonl").open(encoding="utf-8") as lines:
        for fields in map(json.loads, lines):
            questions += fields["questions"] + fields["near_misses"]
    return {plain(one) for one in questions}


@pytest.mark.parametrize("measured", ["cuad", "samples"])
def test_no_question_that_is_measured_was_trained_on(measured: str) -> None:
    if measured == "cuad":
        questions = list(QUESTIONS.values())
    else:
        lines = (SAMPLES / QUESTIONS_FILE).read_text(encoding="utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines]
    assert trained_questions().isdisjoint({plain(one) for one in questions})


def test_questions_were_written_for_every_category_and_about_no_measured_contract() -> None:
    tables = tomllib.loads((DATA / "category_questions.toml").read_text(encoding="utf-8"))
    assert tables.keys() == QUESTIONS.keys()
    with (DATA / "questions.jsonl").open(encoding="utf-8") as lines:
        contracts = {json.loads(line)["contract"] for line in lines}
    assert Part.TEST not in {part_of(name) for name in contracts}


def test_every_source_has_a_share_of_the_draw() -> None:
    assert sum(MIXTURE.values()) == pytest.approx(1.0)
