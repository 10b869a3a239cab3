"""The sample corpus: its questions point at what the committed PDFs say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

CORPUS = Path(__file__).resolve().parent.parent / "sample_corpus"
QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
MULTI_HOP: list[dict[str, Any]] = [
    json.loads(line) for line in (CORPUS / "multi_hop.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERED = [question for question in QUESTIONS if question["quote"]]
CONTRACTS = sorted(path.name for path in CORPUS.glob("*.pdf"))


@cache
def pages(contract: str) -> list[str]:
    with pdfium.PdfDocument(CORPUS / contract) as pdf:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def is_scan(contract: str) -> bool:
    return not any(pages(contract))


def starts_on(quote: str, contract: str, page: int) -> bool:
    """Whether the page has the quote, or its beginning while the next page has the rest."""
    here, following = [*pages(contract), ""][page - 1 : page + 1]
    if quote in here:
        return True
    words = quote.split()
    return any(
        " ".join(words[:cut]) in here and " ".join(words[cut:]) in following for cut in range(1, len(words))
    )


def test_size() -> None:
    assert len(CONTRACTS) >= 15
    assert len(QUESTIONS) >= 60
    assert sum(question["quote"] is None for question in QUESTIONS) >= 10


def test_layouts() -> None:
    assert sum(is_scan(contract) for contract in CONTRACTS) >= 1


def test_ids_and_wording_are_unique() -> None:
    for key in ("id", "question"):
        repeated = [value for value, count in Counter(q[key] for q in QUESTIONS).items() if count > 1]
        assert not repeated


def test_keys() -> None:
    keys = ["id", "question", "contracts", "contract", "page", "quote", "note"]
    assert all(list(question) == keys for question in QUESTIONS)


def test_every_contract_has_questions() -> None:
    asked = {question["contract"] for question in ANSWERED}
    assert asked == set(CONTRACTS)


def test_answers_are_in_contracts_that_are_asked() -> None:
    for question in QUESTIONS:
        assert set(question["contracts"]) <= set(CONTRACTS), question["id"]
        if question["quote"] is None:
            assert question["contract"] is None, question["id"]
            assert question["page"] is None, question["id"]
            assert question["contracts"], question["id"]
        else:
            assert question["contract"] in (question["contracts"] or CONTRACTS), question["id"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_quotes_are_on_their_pages(contract: str) -> None:
    asked = [question for question in ANSWERED if question["contract"] == contract]
    assert all(1 <= question["page"] <= len(pages(contract)) for question in asked)
    if not is_scan(contract):
        missing = [q["id"] for q in asked if not starts_on(q["quote"], contract, q["page"])]
        assert not missing


def test_several_passages_are_needed_by_each_question_of_the_second_set() -> None:
    assert Counter(question["kind"] for question in MULTI_HOP) == {
        "multi-hop": 54,
        "comparative": 19,
        "compound": 12,
    }
    keys = ["id", "kind", "question", "contracts", "passages", "note"]
    assert all(list(question) == keys for question in MULTI_HOP)
    for key in ("id", "question"):
        assert len({question[key] for question in [*QUESTIONS, *MULTI_HOP]}) == len(QUESTIONS) + len(
            MULTI_HOP
        )
    for question in MULTI_HOP:
        needed = {(passage["contract"], passage["quote"]) for passage in question["passages"]}
        assert 2 <= len(needed) == len(question["passages"]) <= 4, question["id"]
        about = set(question["contracts"] or CONTRACTS)
        assert {contract for contract, _ in needed} <= about <= set(CONTRACTS), question["id"]


def test_every_kind_of_question_is_asked_of_the_whole_corpus_or_of_several_contracts() -> None:
    comparative = [question for question in MULTI_HOP if question["kind"] == "comparative"]
    assert sum(not question["contracts"] for question in comparative) >= 5
    assert all(len({one["contract"] for one in question["passages"]}) > 1 for question in comparative)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_needed_passages_are_on_their_pages(contract: str) -> None:
    needed = [
        (question["id"], passage["quote"], passage["page"])
        for question in MULTI_HOP
        for passage in question["passages"]
        if passage["contract"] == contract
    ]
    assert all(1 <= page <= len(pages(contract)) for _, _, page in needed)
    if is_scan(contract):
        source = " ".join((CORPUS / "sources" / contract).with_suffix(".txt").read_text("utf-8").split())
        assert all(quote in source for _, quote, _ in needed)
    else:
        assert not [name for name, quote, page in needed if not starts_on(quote, contract, page)]


def test_committed_files_are_what_the_sources_give() -> None:
    pytest.importorskip("reportlab")
    command = [sys.executable, str(CORPUS / "render.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
