"""What every contract says at most: each has its best passage, and what was searched is said plainly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.ask import find_evidence
from core.explain.silence import MOST_PAIRS, passages_each, silence_report
from core.explain.silence_records import BestPassage, ContractAtMost, SilenceReport
from core.explain.silence_statement import LIMITS, statement
from core.models import ignore_progress
from core.records import Contract, Finding, Inquiry
from core.search import Cancelled
from core.storage.library import Library
from core.storage.snapshot import Snapshot
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library

QUESTION = "What is the cap on liability?"
NAMES = ("words", "overlap")
NOW = datetime(2026, 11, 25, 9, 5, tzinfo=UTC)


def library_of(tmp_path: Path, contracts: dict[str, list[str]]) -> Library:
    library = open_test_library(tmp_path)
    for name, clauses in contracts.items():
        add_contract(library, name, clauses)
    return library


def found(library: Library, question: str = QUESTION, **inquiry: object) -> Finding:
    asked = replace(Inquiry(question, candidates=20, minimum_relevance=0.5), **inquiry)  # type: ignore[arg-type]
    return find_evidence(asked, library.snapshot(), WordEncoder(), OverlapScorer())


def report(library: Library, finding: Finding, **more: object) -> SilenceReport:
    return silence_report(
        finding,
        library.snapshot(),
        WordEncoder(),
        OverlapScorer(),
        NAMES,
        now=lambda: NOW,
        **more,  # type: ignore[arg-type]
    )


LOUD = {"Loud": [f"The cap on liability in case {at} is one million." for at in range(30)]}


def test_a_contract_without_a_candidate_is_searched_on_its_own(tmp_path: Path) -> None:
    library = library_of(
        tmp_path, {**LOUD, "Quiet": ["Goods are delivered.", "The cap is worn on the head."]}
    )
    finding = found(library)
    assert {one.candidate.contract_title for one in finding.ranking.all} == {"Loud"}
    made = report(library, finding)
    assert [(one.title, one.judged, one.kept) for one in made.contracts] == [("Loud", 20, 5), ("Quiet", 2, 0)]
    quiet = made.contracts[1].best
    assert quiet is not None
    assert (quiet.text, quiet.page_start, quiet.logit, quiet.relevance) == (
        "The cap is worn on the head.",
        1,
        0.0,
        0.5,
    )


def test_what_was_judged_already_is_not_searched_again(tmp_path: Path) -> None:
    class NoEncoder(WordEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            assert list(texts) == [QUESTION]
            return super().encode(texts)

    library = library_of(tmp_path, LOUD)
    finding = found(library)
    steps: list[tuple[int, int]] = []
    silence_report(
        finding,
        library.snapshot(),
        NoEncoder(),
        OverlapScorer(),
        NAMES,
        on_contract=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(1, 1)]


def test_other_questions_come_in_between_and_it_can_be_given_up(tmp_path: Path) -> None:
    library = library_of(tmp_path, {**LOUD, **{f"Quiet {at}": ["Nothing here."] for at in range(20)}})
    finding = found(library)
    turns: list[str] = []

    @contextmanager
    def turn() -> Iterator[None]:
        turns.append("begin")
        yield
        turns.append("end")

    made = report(library, finding, turn=turn)
    assert turns == ["begin", "end"] * 3
    assert len(made.contracts) == 21

    def give_up(done: int, of: int) -> None:
        if done > 1:
            raise Cancelled
        assert of == 21

    turns.clear()
    with pytest.raises(Cancelled):
        report(library, finding, turn=turn, on_contract=give_up)
    assert turns == ["begin", "end"]


def test_the_scope_of_the_question_is_the_scope_of_the_report(tmp_path: Path) -> None:
    library = library_of(tmp_path, {**LOUD, "Quiet": ["Goods are delivered."], "Other": ["Rent is due."]})
    quiet = next(one.contract_id for one in library.catalogue.contracts() if one.profile.title == "Quiet")
    made = report(library, found(library, contract_ids=(quiet,)))
    assert [one.title for one in made.contracts] == ["Quiet"]
    assert made.silent


def test_a_contract_that_left_the_library_is_said_to_be_missing(tmp_path: Path) -> None:
    library = library_of(tmp_path, {**LOUD, "Quiet": ["Goods are delivered."]})
    finding = found(library)
    library.delete(finding.ranking.kept[0].candidate.chunk.contract_id)
    made = report(library, finding)
    assert [one.title for one in made.contracts] == ["Quiet"]
    assert made.cautions == (
        "The library has changed: 2 contracts were searched for the question, and this report is about 1.",
    )


@pytest.mark.parametrize(("contracts", "each"), [(0, 6), (1, 6), (200, 6), (400, 3), (1200, 1), (5000, 1)])
def test_many_contracts_share_the_budget(contracts: int, each: int) -> None:
    assert passages_each(contracts) == each
    assert each == 1 or contracts * each <= MOST_PAIRS


class OnePage(Snapshot):
    """A snapshot whose contracts have pages that were not read."""

    def contract(self, contract_id: str) -> Contract | None:
        found = super().contract(contract_id)
        return found and replace(found, page_count=9, unread_pages=(3, 4), ocr_pages=(5,))


def test_the_statement_says_what_was_searched_and_what_was_not(tmp_path: Path) -> None:
    library = library_of(tmp_path, {"Quiet": ["Goods are delivered."], "Still": ["Rent is due.", "In May."]})
    snapshot = library.snapshot()
    unread = OnePage(
        snapshot.titles,
        snapshot.keywords,
        snapshot.vectors,
        snapshot.catalogue,
        snapshot.derived,
        snapshot.fingerprint,
    )
    finding = found(library)
    made = silence_report(
        finding, unread, WordEncoder(), OverlapScorer(), NAMES, on_contract=ignore_progress, now=lambda: NOW
    )
    assert statement(made) == (
        "No passage of 2 contracts reaches the minimum relevance of 0.50.",
        "Searched: 2 contracts, 18 pages, 3 passages, on 25 November 2026 at 09:05 UTC.",
        "Meaning (words) and keywords (BM25) proposed 3 passages; contracts with fewer than 6 among them were"
        " searched on their own. The reranker (overlap) judged 3 in all, at least 6 passages of every contract or"
        " all that it has.",
        "Not read: 4 pages of 2 contracts.",
        "Read by OCR, which makes mistakes: 2 pages.",
        LIMITS,
    )


def at_most(letter: str, relevance: float) -> ContractAtMost:
    best = BestPassage("x", "1 Cap", 1, 1, "text", 0.0, relevance, truncated=False)
    return ContractAtMost(letter, letter, "a.pdf", 1, 1, (), (), 1, 0, best, 0)


@pytest.mark.parametrize(
    ("relevances", "result"),
    [
        pytest.param((), ["No contract was searched."], id="nothing searched"),
        pytest.param(
            (0.01,), ["No passage of 1 contract reaches the minimum relevance of 0.02."], id="silent"
        ),
        pytest.param(
            (0.9, 0.01, 0.0),
            [
                "1 contract of 3 has a passage that reaches the minimum relevance of 0.02; no passage of the other 2"
                " does."
            ],
            id="one speaks",
        ),
        pytest.param(
            (0.2, 0.1),
            [
                "No contract matches more than weakly: the best passage of all stands at 0.200 of 1.",
                "Each of 2 contracts has a passage that reaches the minimum relevance of 0.02.",
            ],
            id="all weak",
        ),
    ],
)
def test_the_result_comes_first(relevances: tuple[float, ...], result: list[str]) -> None:
    contracts = tuple(at_most(letter, value) for letter, value in zip("abc", relevances, strict=False))
    made = SilenceReport("q", 0.02, 100, NOW.isoformat(), "e", "r", 6, contracts)
    assert list(statement(made)[: len(result)]) == result
    assert statement(made)[len(result)].startswith("Searched:")
