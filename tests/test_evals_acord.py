"""Graded clauses: reading ACORD's folder, the shelf of loose clauses, and a run over them on fakes."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidSettings
from core.settings import Settings
from core.storage.tokens import tokenize
from evals.acord import ClauseSet, read_acord
from evals.clause_shelf import ClauseShelf, encode_clauses
from evals.evaluate import Models, evaluate_clauses
from evals.run import BM25, HYBRID, RERANKED
from evals.sources import read_questions
from tests.fakes import OverlapScorer, WordEncoder

CLAUSES = {
    "c1": "Liability is capped at the fees paid.",
    "c2": "Liability for fraud is not capped.",
    "c3": "Notices go by post.",
    "c4": "The cap on liability has carve-outs for fraud.",
}
HEADER = "query-id\tcorpus-id\tscore\n"
TRAIN = HEADER + '"""cap"" on liability"\tc1\t4\n"""cap"" on liability"\tc3\t0\n'
VALID = HEADER + "fraud\tc2\t2\nfraud\tc4\t1\nfraud\tc3\t0\n"


def write_acord(folder: Path, **tables: str) -> Path:
    (folder / "qrels").mkdir()
    clauses = [json.dumps({"_id": key, "text": text}) for key, text in CLAUSES.items()]
    (folder / "corpus.jsonl").write_text("\n".join(clauses), encoding="utf-8")
    queries = [
        {"_id": '"cap" on liability', "text": '"cap" on liability', "metadata": {"category": "Liability"}},
        {"_id": "fraud", "text": "fraud", "metadata": {}},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    for name, table in tables.items():
        (folder / "qrels" / f"{name}.tsv").write_text(table, encoding="utf-8")
    return folder


def test_each_query_is_asked_of_its_own_judged_clauses(tmp_path: Path) -> None:
    read = read_questions(write_acord(tmp_path, train=TRAIN, valid=VALID))
    assert isinstance(read, ClauseSet)
    assert read.clauses == CLAUSES
    cap, fraud = read.tasks
    assert (cap.question.question, cap.question.category) == ('"cap" on liability', "Liability")
    assert (cap.question.section, fraud.question.section) == ("train", "valid")
    assert cap.contract_ids == ("c1", "c3")
    assert cap.grades == {"c1": 4}
    assert cap.right == {"c1"}
    # No clause of four stars: the best there is counts as right.
    assert fraud.contract_ids == ("c2", "c3", "c4")
    assert fraud.right == {"c2"}
    assert fraud.grades == {"c2": 2, "c4": 1}


def test_a_part_is_a_table(tmp_path: Path) -> None:
    folder = write_acord(tmp_path, train=TRAIN, valid=VALID)
    assert [task.question.section for task in read_acord(folder, "valid").tasks] == ["valid"]
    assert read_questions(folder, "all") == read_questions(folder)
    with pytest.raises(InvalidSettings, match=r"part 'test'.*train, valid"):
        read_acord(folder, "test")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (f"{HEADER}fraud\tc9\t1\n", "line 2: names 'c9'"),
        (f"{HEADER}theft\tc1\t1\n", "line 2: names 'theft'"),
        (f"{HEADER}fraud\tc1\t5\n", "between 0 and 4, not 5"),
        (f"{HEADER}fraud\tc1\tgood\n", "'good'"),
        (f"{HEADER}fraud\tc1\n", "no table of judgements"),
        ("a\tb\nfraud\tc1\n", "no table of judgements"),
        (f"{HEADER}fraud\tc1\t0\n", "no clause is worth anything"),
        (HEADER, "holds no judgements"),
    ],
    ids=[
        "unknown clause", "unknown query", "grade 5", "no number", "short line", "other columns",
        "worthless", "empty",
    ],
)  # fmt: skip
def test_wrong_judgements_are_rejected(tmp_path: Path, table: str, reason: str) -> None:
    with pytest.raises(InvalidSettings, match=reason):
        read_acord(write_acord(tmp_path, train=table))


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"_id": "c1"}', '{"_id": "c1", "text": " "}'],
    ids=["cut", "list", "no text", "empty"],
)
def test_wrong_clauses_are_rejected(tmp_path: Path, line: str) -> None:
    folder = write_acord(tmp_path, train=TRAIN)
    (folder / "corpus.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InvalidSettings, match=r"corpus\.jsonl, line 1"):
        read_acord(folder)


def test_the_shelf_keeps_to_the_judged_clauses(tmp_path: Path) -> None:
    vectors = encode_clauses(CLAUSES, "words", WordEncoder, tmp_path)
    shelf = ClauseShelf(CLAUSES, vectors)
    scope = ("c2", "c3")
    dense = shelf.dense(CLAUSES["c2"], WordEncoder(), 5, scope)
    assert [hit.chunk_id for hit in dense] == ["c2", "c3"]
    assert dense[0].score == pytest.approx(1.0)
    assert [hit.chunk_id for hit in shelf.bm25(tokenize("post"), 5, scope)] == ["c3"]
    assert shelf.bm25(tokenize("fees"), 5, scope) == ()
    assert len(shelf.dense("liability", WordEncoder(), 3, None)) == 3
    assert shelf.chunks(["c1", "gone"])["c1"].situated_text == CLAUSES["c1"]


def test_vectors_are_kept_for_the_same_clauses_and_weights(tmp_path: Path) -> None:
    opened: list[str] = []

    def encoder() -> WordEncoder:
        opened.append("encoder")
        return WordEncoder()

    first = encode_clauses(CLAUSES, "weights", encoder, tmp_path)
    assert np.array_equal(first, WordEncoder().encode(list(CLAUSES.values())))
    assert np.array_equal(encode_clauses(CLAUSES, "weights", encoder, tmp_path), first)
    assert len(opened) == 1
    encode_clauses(CLAUSES, "other weights", encoder, tmp_path)
    encode_clauses({**CLAUSES, "c5": "More."}, "weights", encoder, tmp_path)
    assert len(opened) == 3


def test_damaged_vectors_are_made_again(tmp_path: Path) -> None:
    first = encode_clauses(CLAUSES, "weights", WordEncoder, tmp_path)
    (kept,) = tmp_path.glob("clauses-*.npy")
    kept.write_bytes(b"damaged")
    assert np.array_equal(encode_clauses(CLAUSES, "weights", WordEncoder, tmp_path), first)


def test_a_run_over_graded_clauses(tmp_path: Path) -> None:
    read = read_acord(write_acord(tmp_path, train=TRAIN, valid=VALID))
    models = Models(WordEncoder(), OverlapScorer())
    settings = Settings(candidates=20, data_dir=tmp_path)
    result = evaluate_clauses(read, settings, tmp_path / "kept", 0, models=models)
    assert [section.name for section in result.report.sections] == ["train", "valid"]
    cap, fraud = result.outcomes
    assert set(cap.ranked[HYBRID]) == {"c1", "c3"}
    assert set(fraud.ranked[BM25]) == {"c2", "c4"}
    assert fraud.ranked[RERANKED][-1] == "c3"
    row = result.report.sections[0].quality[-1].measures
    assert (row["nDCG@5"].mean, row["5-star P@5"].mean) == (1.0, 1 / 5)
    assert result.report.sections[0].minima == ()
    assert result.report.texts.documents == 4
