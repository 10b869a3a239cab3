"""Question sets: CUAD, own labels, what is wrong with them, and samples of them."""

import csv
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.eval import SAMPLE_CORPUS, evaluate
from core.errors import InvalidSettings
from evals.cuad import METADATA, NAMED, QUESTIONS, SCOPED, pieces_of, read_cuad, title_of
from evals.questions import LabelledQuestion, QuestionSet, same_name, sample
from evals.samples import read_samples
from evals.sources import read_questions
from evals.splits import Part, part_of
from tests.evals_kit import CAP, LAW

ROOT = Path(__file__).resolve().parent.parent
CATEGORY_QUESTIONS = ROOT / "training" / "data" / "category_questions.toml"


ANSWERS = {
    "Document Name-Answer": "SUPPLY AGREEMENT",
    "Parties-Answer": 'Acme, Inc. ("Supplier"); Bolt Ltd (\u201cBuyer\u201d); Acme and Bolt ("Parties")',
}


def write_cuad(folder: Path, rows: Sequence[tuple[str, dict[str, list[str]]]], files: Sequence[str]) -> None:
    (folder / "pdf").mkdir()
    for name in files:
        (folder / "pdf" / name).write_bytes(name.encode())
    with (folder / "master_clauses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["Filename", *sorted(METADATA), *ANSWERS, *QUESTIONS])
        writer.writeheader()
        for name, spans in rows:
            empty = dict.fromkeys((*METADATA, *QUESTIONS), "[]")
            cells = {key: repr(one) for key, one in spans.items()}
            writer.writerow({"Filename": name, **empty, **ANSWERS, **cells})


def test_cuad_makes_one_question_a_contract_and_category(tmp_path: Path) -> None:
    spans = {
        "Governing Law": [LAW],
        "Parties": ["Acme"],
        "Insurance": [f"{CAP} <omitted> and <omitted> {LAW}"],
    }
    write_cuad(
        tmp_path, [("A, Supply.PDF", spans), ("gone.pdf", {"Governing Law": [LAW]})], ["A, Supply.pdf"]
    )
    read = read_questions(tmp_path, "all")
    assert isinstance(read, QuestionSet)
    assert read == read_cuad(tmp_path, None)
    assert [file.name for file in read.files] == ["A, Supply.pdf"]
    scoped = [one for one in read.questions if one.section == SCOPED]
    assert len(scoped) == len(QUESTIONS) == 37
    answered = {one.category: one for one in scoped if not one.silent}
    assert answered.keys() == {"Governing Law", "Insurance"}
    assert answered["Insurance"].quotes == (CAP, LAW)
    assert answered["Insurance"].scope == ("A, Supply.pdf",)
    assert answered["Insurance"].question == QUESTIONS["Insurance"]
    assert any("1 annotated contracts have no PDF" in note for note in read.notes)


def test_a_clause_that_is_there_is_asked_for_by_name_as_well(tmp_path: Path) -> None:
    write_cuad(tmp_path, [("a.pdf", {"Governing Law": [LAW]})], ["a.pdf"])
    (named,) = (one for one in read_cuad(tmp_path, None).questions if one.section == NAMED)
    asked = QUESTIONS["Governing Law"]
    assert named.question == f"In the Supply Agreement between Acme, Inc and Bolt Ltd: {asked}"
    assert (named.scope, named.answer_file, named.quotes) == ((), "a.pdf", (LAW,))


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        (("Lease", "Acme; Bolt"), ("Lease", "Acme and Bolt")),
        (("LEASE OF LAND", 'Acme ("A")'), ("Lease Of Land", "Acme")),
        (("Lease", ' ("Parties"); '), ("Lease", "the parties")),
        (("", ""), ("agreement", "the parties")),
    ],
    ids=["plain", "capitals and one party", "no name", "nothing"],
)
def test_how_a_question_names_a_contract(answers: tuple[str, str], names: tuple[str, str]) -> None:
    row = dict(zip(ANSWERS, answers, strict=True))
    assert title_of(row) == names


def test_only_contracts_of_the_part_are_asked(tmp_path: Path) -> None:
    names = [f"Company{number}_Supply.pdf" for number in range(40)]
    write_cuad(tmp_path, [(name, {"Governing Law": [LAW]}) for name in names], names)
    held_out = {name for name in names if part_of(name) is Part.TEST}
    assert 0 < len(held_out) < len(names)
    for read in (read_questions(tmp_path), read_questions(tmp_path, "test")):
        assert isinstance(read, QuestionSet)
        assert {file.name for file in read.files} == held_out
        assert {one.answer_file for one in read.questions if not one.silent} == held_out


@pytest.mark.parametrize("part", ["tset", "valid"])
def test_an_unknown_part_is_rejected(tmp_path: Path, part: str) -> None:
    write_cuad(tmp_path, [("a.pdf", {})], ["a.pdf"])
    with pytest.raises(InvalidSettings, match=part):
        read_questions(tmp_path, part)


def test_a_part_without_contracts_is_rejected(tmp_path: Path) -> None:
    write_cuad(tmp_path, [("a.pdf", {})], ["a.pdf"])
    empty = next(part for part in Part if part_of("a.pdf") is not part)
    with pytest.raises(InvalidSettings, match=f"part {empty}"):
        read_cuad(tmp_path, empty)


def test_training_asks_other_questions_than_the_evaluation() -> None:
    tables = tomllib.loads(CATEGORY_QUESTIONS.read_text(encoding="utf-8"))
    trained = {same_name(words) for table in tables.values() for words in table["questions"]}
    assert len(trained) >= 500
    assert trained.isdisjoint(same_name(question) for question in QUESTIONS.values())


@pytest.mark.parametrize(
    ("span", "pieces"),
    [
        (LAW, (LAW,)),
        (f"{LAW}<omitted>{CAP}", (LAW, CAP)),
        (f"{LAW}<omitted>(b)", (LAW,)),
        ("5 years", ("5 years",)),
        ("<omitted>", ()),
    ],
    ids=["whole", "two pieces", "a scrap is dropped", "short is kept when alone", "nothing"],
)
def test_pieces(span: str, pieces: tuple[str, ...]) -> None:
    assert pieces_of(span) == pieces


def test_cuad_rejects_other_tables(tmp_path: Path) -> None:
    (tmp_path / "pdf").mkdir()
    (tmp_path / "master_clauses.csv").write_text("Filename,Insurance\na.pdf,[]\n", encoding="utf-8")
    with pytest.raises(InvalidSettings, match="lacks Affiliate License"):
        read_cuad(tmp_path, None)


def test_cuad_rejects_a_cell_that_is_no_list(tmp_path: Path) -> None:
    write_cuad(tmp_path, [("a.pdf", {})], ["a.pdf"])
    table = tmp_path / "master_clauses.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("[]", "__import__('os')"), encoding="utf-8")
    with pytest.raises(InvalidSettings, match="no list of spans"):
        read_cuad(tmp_path, None)


def sample_line(**changes: object) -> str:
    fields: dict[str, object] = {"id": "q1", "question": "Which law?", "contracts": ["a.pdf"]}
    return json.dumps({**fields, "contract": "a.pdf", "page": 1, "quote": LAW, "note": "", **changes})


def test_samples_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"a")
    lines = [sample_line(), "", sample_line(id="q2", contract=None, quote=None, contracts=[])]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    read = read_questions(tmp_path)
    assert isinstance(read, QuestionSet)
    answered, silent = read.questions
    assert answered == LabelledQuestion("q1", "Which law?", "a.pdf", ("a.pdf",), "a.pdf", (LAW,))
    assert silent == LabelledQuestion("q2", "Which law?", "silent", ())
    assert silent.silent


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        (sample_line(contract="b.pdf"), "no such file: b.pdf"),
        (sample_line(contracts=["c.pdf"]), "no such file: c.pdf"),
        (sample_line(quote=None), "both be given or both be null"),
        (sample_line(question=" "), "question is empty"),
    ],
    ids=["no JSON", "no object", "unknown answer", "unknown scope", "half silent", "empty"],
)
def test_samples_reject(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "a.pdf").write_bytes(b"a")
    (tmp_path / "questions.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InvalidSettings, match=reason):
        read_samples(tmp_path)


def test_two_files_of_one_name_are_rejected(tmp_path: Path) -> None:
    for name in ("a.pdf", "inner/a.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "questions.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InvalidSettings, match="same name"):
        read_samples(tmp_path)


def test_a_folder_without_questions_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="neither"):
        read_questions(tmp_path)


def test_the_command_rejects_a_folder_without_questions(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(evaluate)
    result = CliRunner().invoke(app, [str(tmp_path), "--data-dir", str(tmp_path / "data")])
    assert isinstance(result.exception, InvalidSettings)
    assert str(tmp_path) in str(result.exception)


def test_the_sample_corpus_is_a_question_set() -> None:
    read = read_questions(SAMPLE_CORPUS)
    assert isinstance(read, QuestionSet)
    assert len(read.files) >= 15
    assert sum(not one.silent for one in read.questions) >= 50
    assert all(one.scope for one in read.questions if one.silent)


def many_questions() -> QuestionSet:
    files = tuple(Path(f"{name}.pdf") for name in "abcd")
    questions = [
        LabelledQuestion(f"{file.name}/{n}", "Why?", "c", (file.name,), file.name, ("x",) if n < 5 else ())
        for file in files
        for n in range(8)
    ]
    anywhere = LabelledQuestion("anywhere", "Why?", "c", (), "a.pdf", ("x",))
    return QuestionSet("many", files, (*questions, anywhere))


def test_a_sample_keeps_to_its_contracts_and_sizes() -> None:
    whole = many_questions()
    part = sample(whole, seed=1, contracts=2, answered=6, silent=3)
    assert len(part.files) == 2
    assert {name for one in part.questions for name in one.scope} == {file.name for file in part.files}
    assert sum(not one.silent for one in part.questions) == 6
    assert sum(one.silent for one in part.questions) == 3
    assert part == sample(whole, seed=1, contracts=2, answered=6, silent=3)
    assert part != sample(whole, seed=2, contracts=2, answered=6, silent=3)


def test_a_sample_of_everything_is_the_whole() -> None:
    whole = many_questions()
    assert sample(whole, seed=1) == whole
    assert sample(whole, seed=1, contracts=9, answered=99) == whole


def test_own_labels_have_no_parts() -> None:
    with pytest.raises(InvalidSettings, match="--part test"):
        read_questions(SAMPLE_CORPUS, "test")


def test_sections_of_the_same_length_are_sampled_at_the_same_places() -> None:
    files = (Path("a.pdf"),)
    scoped = [LabelledQuestion(f"{n}", "Why?", "c", ("a.pdf",), "a.pdf", ("x",), SCOPED) for n in range(9)]
    named = [LabelledQuestion(f"{n}", "Why?", "c", (), "a.pdf", ("x",), NAMED) for n in range(9)]
    part = sample(QuestionSet("both", files, (*scoped, *named)), seed=3, answered=4)
    places = {
        section: [one.question_id for one in part.questions if one.section == section]
        for section in (SCOPED, NAMED)
    }
    assert len(places[SCOPED]) == 4
    assert places[SCOPED] == places[NAMED]


def test_an_unscoped_question_stays_while_its_contract_does() -> None:
    whole = many_questions()
    kept = [
        "anywhere" in {one.question_id for one in part.questions}
        for part in (sample(whole, seed=seed, contracts=2) for seed in range(8))
    ]
    sampled = [Path("a.pdf") in sample(whole, seed=seed, contracts=2).files for seed in range(8)]
    assert kept == sampled
    assert len(set(kept)) == 2
