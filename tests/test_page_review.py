"""The Review page: empty, begun, looked at, confirmed and corrected; question sets; hostile text."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.audit.chain import verify
from core.audit.log import AuditLog
from core.records import Finding, Inquiry, Profile
from core.review.open_desk import review_settings
from core.review.records import CellStatus, QuestionSet, Review, ReviewQuestion
from core.search import Report, Searcher
from core.workbench.decision_store import DecisionFilter
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, HOSTILE, FullDisk, opened, provided, screen

PAGE = "pages/6_Review.py"
SET = QuestionSet(
    "Basics",
    "Two questions.",
    (
        ReviewQuestion("Cap", "What is the cap on liability?"),
        ReviewQuestion("Law", "Which law governs the agreement?"),
    ),
)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given
        given.review_worker.wait()


def begun(services: Services, *names: str, clauses: list[str] = CLAUSES) -> Review:
    """A review of new contracts, filled."""
    for name in names:
        add_contract(services.library, name, clauses)
    reviews = services.reviews
    contracts = services.library.catalogue.contracts()
    review = reviews.begin("November", SET, contracts, review_settings(services.settings), "ann")
    reviews.resume(review, "ann")
    services.review_worker.wait()
    return review


def cell_open(review: Review, number: int = 0) -> AppTest:
    place = review.places[number]
    return opened(PAGE, review=review.review_id, contract=place.contract_id, question=str(place.question))


def button(app: AppTest, key: str) -> AppTest:
    return next(one for one in app.button if one.key == key).click().run()


def test_without_contracts_it_says_how_to_begin(services: Services) -> None:  # noqa: ARG001
    assert "The library is empty" in screen(opened(PAGE))


def test_a_review_is_begun_filled_and_shown(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    add_contract(services.library, "Lease", CLAUSES)
    services.reviews.save_set(SET, "ann")
    app = opened(PAGE)
    app = app.selectbox(key="review_set").set_value("Basics").run()
    assert "2 contracts by 2 questions: 4 cells. Nothing leaves this machine." in screen(app)
    app = app.text_input(key="review_words").set_value("lease").run()
    assert "1 contract by 2 questions: 2 cells." in screen(app)
    app = button(app, "start_review")
    services.review_worker.wait()
    app = app.run()
    assert not app.exception
    (review,) = services.reviews.store.reviews()
    assert [one.title for one in review.contracts] == ["Lease"]
    assert services.reviews.store.counts(review)[CellStatus.ANSWERED] == 2
    shown = app.dataframe[0].value
    assert list(shown.columns) == ["Contract", "1 Cap", "2 Law"]
    assert shown["1 Cap"][0].startswith("Answered 0.")
    assert "The cap on liability is one million dollars" in shown["1 Cap"][0]


def test_every_cell_is_in_the_audit_log_and_so_is_every_word_of_a_reviewer(
    services: Services, tmp_path: Path
) -> None:
    review = begun(services, "Supply")
    app = cell_open(review)
    app = next(one for one in app.button if one.label == "Confirm").click().run()
    assert not app.exception
    log = AuditLog(tmp_path / "audit.sqlite3")
    entries = [row.entry for row in log.rows()]
    assert [entry.count('"action":"question"') for entry in entries] == [0, 0, 1, 1, 0]
    assert '"outcome":"begun"' in entries[0]
    assert '"outcome":"confirmed"' in entries[-1]
    assert verify(log).faults == ()


def test_every_cell_is_a_decision_that_says_nothing_left_this_machine(tmp_path: Path) -> None:
    service = {"chat_model": "stub-model", "openai_base_url": "http://127.0.0.1:9/v1"}
    with provided(tmp_path, settings=service) as services:
        object.__setattr__(services.trail.models, "endpoint", "127.0.0.1")
        begun(services, "Supply")
        found = services.decisions.find(DecisionFilter(actor="ann"))
        assert [one.kind.value for one in found] == ["review", "review"]
        assert not any(one.sent for one in found)
        decision = services.decisions.get(found[0].decision_id)
        assert (decision.models.answerer.name, decision.models.endpoint) == ("extract", "")
    entries = [row.entry for row in AuditLog(tmp_path / "audit.sqlite3").rows()]
    assert not [entry for entry in entries if '"endpoint"' in entry]


def test_an_open_cell_shows_its_evidence(services: Services) -> None:
    app = cell_open(begun(services, "Supply"))
    shown = screen(app)
    assert '<h2 class="question">What is the cap on liability?</h2>' in shown
    assert "Relevance 0.30 or more" in shown
    assert shown.count('<article class="passage kept"') == 3
    assert "4 passages of this contract" in shown
    assert "rank 4 of 7, and only the best 3 are kept" in shown
    assert "What left this machine: nothing" in shown


def test_a_correction_is_shown_changed_and_taken_back_with_its_history(services: Services) -> None:
    review = begun(services, "Supply")
    app = cell_open(review)
    app = next(one for one in app.button if one.label == "Correct").click().run()
    assert "The correction" in screen(app)
    assert "is empty" in screen(app)
    for text in ("Two million.", "Three million."):
        app.text_area[0].set_value(text)
        next(one for one in app.text_input if one.label == "Note").set_value("annex 2")
        app = next(one for one in app.button if one.label == "Correct").click().run()
    again = cell_open(review)
    shown = screen(again)
    assert shown.index("Three million.") < shown.index("Two million.")
    assert "annex 2" in shown
    assert again.dataframe[0].value["1 Cap"][0] == "Corrected: Three million."
    again = next(one for one in again.button if one.label == "Take back").click().run()
    assert "took back what was said before" in screen(again)
    assert again.dataframe[0].value["1 Cap"][0].startswith("Answered")
    assert [one.kind.value for one in services.reviews.store.said_of(review.review_id, review.places[0])] == [
        "corrected",
        "corrected",
        "withdrawn",
    ]


def test_what_cannot_be_logged_is_not_kept(services: Services) -> None:
    review = begun(services, "Supply")
    object.__setattr__(services.trail, "log", FullDisk())
    app = cell_open(review)
    app = next(one for one in app.button if one.label == "Confirm").click().run()
    assert "cannot take review" in screen(app)
    assert services.reviews.store.said_of(review.review_id, review.places[0]) == ()


def test_a_deleted_contract_makes_its_cells_stale(services: Services) -> None:
    review = begun(services, "Supply", "Lease")
    services.library.delete(review.contracts[0].contract_id)
    app = cell_open(review)
    assert "The contract was deleted after this cell was filled." in screen(app)
    assert "as they were then" in screen(app)
    texts = list(app.dataframe[0].value["1 Cap"])
    assert [", stale:" in text for text in texts] == [True, False]


def test_pending_cells_are_resumed_and_failed_ones_tried_again(services: Services) -> None:
    review = begun(services, "Supply")
    services.reviews.store.clear(review.review_id, [review.places[1]])
    app = opened(PAGE, review=review.review_id)
    assert "1</b> of 2 cells filled" in screen(app)
    app = button(app, "resume_review")
    services.review_worker.wait()
    app = app.run()
    assert services.reviews.store.counts(review)[CellStatus.ANSWERED] == 2
    assert "resume_review" not in {one.key for one in app.button}


def test_filters_narrow_the_grid(services: Services) -> None:
    review = begun(services, "Supply", "Lease")
    app = opened(PAGE, review=review.review_id)
    app = app.text_input(key="grid_words").set_value("lea").run()
    assert list(app.dataframe[0].value["Contract"]) == ["Lease"]
    app = app.selectbox(key="grid_said").set_value("confirmed").run()
    assert "No cell of this review is like that." in screen(app)


def test_reviews_are_listed_opened_and_deleted(services: Services) -> None:
    review = begun(services, "Supply")
    app = opened(PAGE)
    app.session_state["review_view"] = "Reviews"
    app = app.run()
    assert "November" in screen(app)
    assert "2 of 2 cells, all filled" in screen(app)
    app = button(app, f"see_{review.review_id}")
    assert app.query_params["review"] == review.review_id
    app = button(app, "delete_review")
    app = button(app, "confirm_delete_review")
    assert services.reviews.store.reviews() == ()
    assert "This review is gone" in screen(opened(PAGE, review=review.review_id))


def test_a_shipped_set_is_copied_changed_and_removed(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened(PAGE)
    app.session_state["review_view"] = "Question sets"
    app = app.run()
    assert "comes with Proviso and stays as it is" in screen(app)
    app = button(app, "copy_set")
    name = "Data protection and confidentiality, copy"
    assert app.selectbox(key="set_shown").value == name
    field = next(one for one in app.text_input if one.label == "Name")
    field.set_value("House set")
    app = next(one for one in app.button if one.label == "Save").click().run()
    assert not app.exception
    assert [one.name for one in services.reviews.sets.own()] == ["House set"]
    app = button(app, "remove_set")
    app = button(app, "confirm_remove_set")
    assert services.reviews.sets.own() == ()


def test_hostile_text_appears_literally(services: Services) -> None:
    evil = QuestionSet(HOSTILE[:80], HOSTILE, (ReviewQuestion(HOSTILE[:40], f"What is the cap? {HOSTILE}"),))
    add_contract(services.library, f"Supply {HOSTILE}", [f"{CLAUSES[0]} {HOSTILE}", *CLAUSES[1:]])
    reviews = services.reviews
    reviews.save_set(evil, "ann")
    contracts = services.library.catalogue.contracts()
    review = reviews.begin(HOSTILE[:80], evil, contracts, review_settings(services.settings), HOSTILE)
    reviews.resume(review, HOSTILE)
    services.review_worker.wait()
    pages = [opened(PAGE), cell_open(review)]
    pages[1].text_area[0].set_value(HOSTILE)
    pages[1] = next(one for one in pages[1].button if one.label == "Correct").click().run()
    for view in ("Reviews", "Question sets"):
        app = opened(PAGE)
        app.session_state["review_view"] = view
        pages.append(app.run())
    for app in pages:
        assert not app.exception
        assert not app.markdown
        assert "<script" not in screen(app)
        assert "<img" not in screen(app)
    assert "&lt;script&gt;alert(1)" in screen(pages[1])


def test_a_review_takes_a_pipeline_and_the_filters_of_the_ask_page(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    lease = add_contract(services.library, "Office Lease", CLAUSES)
    services.library.catalogue.correct(lease, Profile("Office Lease", contract_type="Lease"))
    services.reviews.save_set(SET, "ann")
    app = opened(PAGE)
    app = app.selectbox(key="review_set").set_value("Basics").run()
    app.selectbox(key="review_pipeline").set_value("lexical")
    app = app.multiselect(key="review_filter_type").set_value(["Lease"]).run()
    assert "1 contract by 2 questions: 2 cells." in screen(app)
    app = button(app, "start_review")
    services.review_worker.wait()
    (review,) = services.reviews.store.reviews()
    assert ([one.title for one in review.contracts], review.settings.pipeline) == (
        ["Office Lease"],
        "lexical",
    )
    found = services.decisions.find(DecisionFilter())
    assert {services.decisions.get(one.decision_id).finding.inquiry.pipeline for one in found} == {"lexical"}
    assert "pipeline lexical" in screen(app.run())


def test_a_review_of_extracts_has_its_pipeline_work_without_the_service(tmp_path: Path) -> None:
    """A module that asks would send the question, while such a review says that nothing leaves this machine."""
    service = {"chat_model": "stub-model", "openai_base_url": "http://127.0.0.1:9/v1"}
    with provided(tmp_path, settings=service) as services:
        assert services.searcher.chat is not None
        asked: list[bool] = []
        find = Searcher.find

        class Watched(Searcher):
            def find(
                self,
                inquiry: Inquiry,
                report: Report = lambda _: None,
                enough: Callable[[], bool] = lambda: False,
            ) -> Finding:
                asked.append(self.chat is not None)
                return find(self, inquiry, report, enough)

        services.__dict__["searcher"] = Watched(**vars(services.searcher))
        begun(services, "Supply")
    assert asked == [False, False]
