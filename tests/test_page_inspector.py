"""The rerank inspector: its figures against hand-made rankings, and the page itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.records import Candidate, Hit, Judged, Ranking, Verdict
from pages.parts.inspector_charts import rank_chart, score_chart
from pages.parts.inspector_data import alternatives, movers, table
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import add_contract, make_chunk
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, ask, opened, provided, screen

PAGE = "pages/2_Rerank_inspector.py"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def judged(rank: int, fused: int, dense: int | None, bm25: int | None, keep: int = 2) -> Judged:
    chunk = make_chunk(f"passage {rank}", rank)
    candidate = Candidate(
        chunk,
        "Supply",
        Hit(chunk.chunk_id, dense, 0.5) if dense else None,
        Hit(chunk.chunk_id, bm25, 9.0) if bm25 else None,
        fused,
        1 / (60 + fused),
    )
    verdict = Verdict.KEPT if rank <= keep else Verdict.BEYOND_KEEP
    return Judged(candidate, 2.0 - rank, 1 / rank, rank, False, verdict)


#                 final  fused  dense  bm25
ROWS = [judged(1, 4, None, 1), judged(2, 2, 1, 3), judged(3, 1, 2, 2), judged(4, 3, 3, None)]
RANKING = Ranking(tuple(ROWS[:2]), tuple(ROWS[2:]))


def test_the_other_orders_keep_what_their_ranks_say() -> None:
    found = {one.name: [kept.rank for kept in one.kept] for one in alternatives(RANKING, 2)}
    assert found == {
        "Reranked": [1, 2],
        "Fused rank alone": [3, 2],
        "BM25 alone": [1, 3],
        "Dense alone": [2, 3],
    }
    assert [one.shared for one in alternatives(RANKING, 2)] == [2, 1, 1, 1]


def test_movers_are_sorted_by_how_far_they_moved() -> None:
    risers, fallers = movers(RANKING)
    assert [one.rank for one in risers] == [1]  # 4 -> 1, the only one that rose
    assert [one.rank for one in fallers] == [3, 4]  # 1 -> 3 fell by 2, 3 -> 4 by 1


def test_the_table_has_every_candidate_and_every_number() -> None:
    rows = table(RANKING)
    assert list(rows["final"]) == [1, 2, 3, 4]
    assert list(rows["change"]) == [3, 0, -2, -1]
    assert list(rows["kept"]) == [True, True, False, False]
    assert rows["dense"].isna().tolist() == [True, False, False, False]


def test_the_charts_hold_the_ranks_and_the_cut() -> None:
    rows = table(RANKING)
    assert "Final rank, after" in rank_chart(rows).to_json()
    drawn = score_chart(rows, 0.5, 0.05).to_json()
    assert "kept down to 0.500" in drawn
    assert "minimum 0.05" in drawn
    assert "kept down to" not in score_chart(rows, None, 0.05).to_json()


def test_without_a_question_it_says_how_to_begin(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    assert "No question yet" in screen(opened(PAGE))


def test_a_new_question_is_inspected_without_an_answer(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened(PAGE)
    app.text_input(key="inspect_text").set_value(QUESTION)
    app = app.button(key="inspect_send").click().run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 7
    assert "Kept without the reranker" in screen(app)
    assert "Dense alone" in screen(app)
    assert app.session_state[KEY].turn.answer is None


def test_the_questions_of_the_session_can_be_inspected(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(ask(opened()), "Which law governs?")
    app.switch_page(PAGE)
    app = app.run()
    assert '<h2 class="question">Which law governs?</h2>' in screen(app)
    choice = next(box for box in app.selectbox if box.label == "Question of this session")
    app = choice.set_value(1).run()
    assert f'<h2 class="question">{QUESTION}</h2>' in screen(app)


def test_two_passages_are_compared_with_all_numbers(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened())
    app.switch_page(PAGE)
    app = app.run()
    assert (app.selectbox(key="compare_left").value, app.selectbox(key="compare_right").value) == (1, 6)
    app = app.selectbox(key="compare_right").set_value(7).run()
    assert screen(app).count('<dl class="numbers">') == 2
    assert "<dt>Final rank</dt><dd>7</dd>" in screen(app)


def test_hostile_text_appears_literally(services: Services) -> None:
    add_contract(services.library, f"Supply {HOSTILE}", [f"{CLAUSES[0]} {HOSTILE}", *CLAUSES[1:]])
    app = ask(opened(), f"{QUESTION} {HOSTILE}")
    app.switch_page(PAGE)
    app = app.run()
    shown = screen(app)
    assert "&lt;script&gt;alert(1)" in shown
    assert "Two passages side by side" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert not app.markdown
