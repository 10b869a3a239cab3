"""The Ask page: empty, ready, asked; what it shows of every kind of answer, and hostile text."""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.explain.margin import cut
from core.export.json_file import answer_json
from core.records import Answer, AnswerKind, Citation, Passage, Profile, Quote, Statement
from core.reflow import reflowed
from pages.parts.answer_view import answer_html
from pages.parts.evidence_view import cut_words
from pages.parts.export_menu import record_of
from pages.parts.markup import file_name, label, marked
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import WordEncoder, add_contract
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, ask, opened, provided, screen
from tests.stub_endpoint import StubEndpoint, fails, says


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


PAGES = (
    "app.py",
    "pages/1_Contracts.py",
    "pages/2_Rerank_inspector.py",
    "pages/3_Page_view.py",
    "pages/4_Evaluation.py",
)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_with_an_empty_library(services: Services, page: str) -> None:  # noqa: ARG001
    app = opened(page)
    assert not app.exception
    assert 'class="panel"' in screen(app)
    assert 'role="alert"' not in screen(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_with_a_contract(services: Services, page: str) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened(page)
    assert not app.exception
    assert 'role="alert"' not in screen(app)
    assert "1 contract in the library" in screen(app)


def test_examples_are_offered_until_the_first_question(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened()
    examples = [button for button in app.button if str(button.key).startswith("example_")]
    assert len(examples) == 6
    app = examples[1].click().run()
    assert f'<h1 class="question">{examples[1].label}</h1>' in screen(app)
    assert not [button for button in app.button if str(button.key).startswith("example_")]


def test_a_question_shows_kept_and_discarded_with_every_rank(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    shown = screen(ask(opened()))
    assert shown.count('<article class="passage kept"') == 5
    assert shown.count('<details class="passage"') == 2
    assert "The <mark>cap</mark> on <mark>liability</mark> is one million dollars" in shown
    assert "5 of 7 candidates kept" in shown
    assert "Discarded: rank 6 of 7, and only the best 5 are kept." in shown
    assert "What left this machine: nothing." in shown


def test_the_kept_passages_are_the_ones_with_the_best_scores(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened())
    turn = app.session_state[KEY].turn
    # The question has two words that count, cap and liability: both in the first clause, none elsewhere.
    assert [judged.logit for judged in turn.finding.ranking.kept[:2]] == [1.0, -1.0]
    fallen = cut(turn.finding.ranking, 0.05, 0.0)
    assert cut_words(turn.finding, fallen)[1:4] == ("Kept down to 0.26894", "next 0.26894", "margin 0.00000")


def test_a_rerun_computes_nothing_again(tmp_path: Path) -> None:
    class CountingEncoder(WordEncoder):
        questions = 0

        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.questions += QUESTION in texts
            return super().encode(texts)

    encoder = CountingEncoder()
    with provided(tmp_path, encoder=encoder) as services:
        add_contract(services.library, "Supply", CLAUSES)
        app = ask(opened())
        answer = app.session_state[KEY].turn.answer
        app.run()
        assert encoder.questions == 1
        assert app.session_state[KEY].turn.answer is answer


def test_earlier_questions_keep_their_evidence(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(ask(opened()), "Which law governs?")
    assert "<mark>law</mark> of Ohio" in screen(app)
    app = app.button(key="turn_1").click().run()
    assert "<mark>cap</mark>" in screen(app)
    assert f'<h1 class="question">{QUESTION}</h1>' in screen(app)


def test_an_empty_question_is_not_asked(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened(), "   ")
    assert "Type a question first." in screen(app)
    assert app.session_state[KEY].turns == []


def test_the_scope_limits_the_search(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    lease = add_contract(services.library, "Lease", ["The cap on liability under this lease is the rent."])
    app = opened()
    app.multiselect(key="scope").set_value([lease])
    shown = screen(ask(app))
    assert "1 of 1 candidate kept" in shown
    assert "<h3>Supply</h3>" not in shown


def test_a_filter_narrows_the_search_and_never_widens_it(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    lease = add_contract(
        services.library, "Office Lease", ["The cap on liability under this lease is the rent."]
    )
    services.library.catalogue.correct(
        lease, Profile("Office Lease", ("Acme",), "2020-05-01", "Ohio", "Lease")
    )
    app = opened()
    app = app.multiselect(key="filter_type").set_value(["Lease"]).run()
    assert "that meet the filter" in app.multiselect(key="scope").placeholder
    app = ask(app)
    assert "1 of 1 candidate kept" in screen(app)
    app = app.date_input(key="filter_from").set_value(datetime.date(2021, 1, 1)).run()
    assert "No contract meets the filter." in screen(app)
    assert len(ask(app).session_state[KEY].turns) == 1


def test_nothing_reaches_a_high_minimum_and_the_answer_is_refused(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened()
    app.slider(key="minimum").set_value(0.99)
    shown = screen(ask(app))
    assert "No answer in these contracts" in shown
    assert "nothing reaches the minimum relevance" in shown
    assert "is below the minimum of 0.99." in shown


def test_sorting_and_searching_the_discarded(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened()
    app.slider(key="keep").set_value(1)
    app = ask(app)
    app = app.text_input(key="discarded_search").set_value("OHIO law").run()
    assert screen(app).count('<details class="passage"') == 1
    app = app.text_input(key="discarded_search").set_value("").run()
    app = app.selectbox(key="discarded_order").set_value("dense rank").run()
    ranking = app.session_state[KEY].turn.finding.ranking
    expected = sorted((one.candidate.dense.rank, one.rank) for one in ranking.discarded)
    numbers = re.findall(r'<summary><span class="number">(\d+)</span>', screen(app))
    assert [int(number) for number in numbers] == [rank for _, rank in expected]


def test_a_generated_answer_says_what_left_the_machine(tmp_path: Path) -> None:
    text = 'The cap is "one million dollars in each year" [1]. It never ends.'
    with StubEndpoint([says(text)]) as stub:
        given = {"openai_base_url": stub.base_url, "chat_model": "stub-model"}
        with provided(tmp_path, settings=given) as services:
            add_contract(services.library, "Supply", CLAUSES)
            shown = screen(ask(opened()))
    assert '<a class="chip" href="#passage-1"' in shown
    assert '<span class="flag">no citation</span>' in shown
    assert "the question and 5 passages, to stub-model at 127.0.0.1." in shown
    assert len(stub.requests) == 1


def test_a_failed_model_can_be_tried_again_with_the_same_evidence(tmp_path: Path) -> None:
    with StubEndpoint([fails(401), says("It is one million. [1]")]) as stub:
        given = {"openai_base_url": stub.base_url, "chat_model": "stub-model"}
        with provided(tmp_path, settings=given) as services:
            add_contract(services.library, "Supply", CLAUSES)
            app = ask(opened())
            assert "No answer from the model" in screen(app)
            assert screen(app).count('<article class="passage kept"') == 5
            finding = app.session_state[KEY].turn.finding
            app = app.button(key="retry").click().run()
            assert "It is one million." in screen(app)
            assert app.session_state[KEY].turn.finding is finding


def test_a_store_failure_is_a_panel_with_a_next_step(tmp_path: Path) -> None:
    class FailingEncoder(WordEncoder):
        broken = False

        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if self.broken:
                raise StoreUnavailable("The vector store", "is away.", "Start it.")
            return super().encode(texts)

    encoder = FailingEncoder()
    with provided(tmp_path, encoder=encoder) as services:
        add_contract(services.library, "Supply", CLAUSES)
        encoder.broken = True
        app = ask(opened())
        assert "<h2>The vector store</h2><p>is away.</p>" in screen(app)
        encoder.broken = False
        app = app.button(key="retry").click().run()
        assert '<article class="passage kept"' in screen(app)


def test_a_fault_shows_a_sentence_and_no_details(tmp_path: Path) -> None:
    class FaultyScorer:
        def score_pairs(self, question, passages, on_progress=None, keep=None, similarities=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG002
            raise ZeroDivisionError("secret detail")

    with provided(tmp_path, scorer=FaultyScorer()) as services:
        add_contract(services.library, "Supply", CLAUSES)
        app = ask(opened())
        assert "because of a fault in Proviso" in screen(app)
        assert "secret detail" not in str(app)
        assert not app.exception


def test_the_record_holds_every_candidate(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened())
    assert app.download_button(key="export_json").label == "JSON"
    turn = app.session_state[KEY].turn
    record = json.loads(answer_json(record_of(turn, turn.finding, services, "session x")))
    assert len(record["kept"]) + len(record["discarded"]) == 7


PASSAGE = Passage(1, "c1", "a" * 64, "Supply", "8 Cap", 4, 5, "The cap is one million.", 0.9)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement("It is so.", ()), '<span class="flag">no citation</span>'),
        (Statement("It is so [7].", (Citation(7, None),)), "[7] not in the evidence</span>."),
        (
            Statement('"two million" [1]', (Citation(1, PASSAGE),), (Quote("two million", False),)),
            "quote not found verbatim</span>",
        ),
        (Statement("A [1-2].", (Citation(1, PASSAGE), Citation(2, None))), "[2] not in the evidence"),
        (Statement("No marker", (Citation(1, PASSAGE),)), 'No marker<a class="chip" href="#passage-1"'),
        (Statement("A (see [9]) [1]", (Citation(1, PASSAGE),)), "A (see [9]) <a class"),
    ],
    ids=[
        "uncited",
        "unknown marker",
        "false quote",
        "range",
        "citation without marker",
        "brackets of the contract",
    ],
)
def test_what_is_not_supported_is_marked(services: Services, statement: Statement, expected: str) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    finding = ask(opened()).session_state[KEY].turn.finding
    answer = Answer(AnswerKind.GENERATED, statement.text, (statement,), "m", "note")
    assert expected in answer_html(answer, finding, "host")


def test_cautions_are_shown_once(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    finding = replace(
        ask(opened()).session_state[KEY].turn.finding, cautions=("Supply: page 2 was not read.",)
    )
    answer = Answer(AnswerKind.EXTRACT, "", (), "", "note", cautions=("Supply: page 2 was not read.",))
    assert answer_html(answer, finding, "").count("page 2 was not read") == 1


def test_hostile_text_appears_literally(tmp_path: Path) -> None:
    with StubEndpoint([says(f"{HOSTILE} [1]")]) as stub:
        given = {"openai_base_url": stub.base_url, "chat_model": "stub-model"}
        with provided(tmp_path, settings=given) as services:
            add_contract(services.library, f"Supply {HOSTILE}", [f"{CLAUSES[0]} {HOSTILE}", *CLAUSES[1:]])
            app = ask(opened(), f"{QUESTION} {HOSTILE}")
    shown = screen(app)
    assert shown.count("&lt;script&gt;alert(1)") >= 4  # question, answer, title, passage
    for forbidden in ("<script", "<img", "onerror=alert(2)>"):
        assert forbidden not in shown
    assert not app.markdown
    assert not [button.label for button in app.button if re.search(r"(?<!\\)[<$!\[]", button.label)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b *c* [d](e)", r"a\_b \*c\* \[d\]\(e\)"),
        ("two\nlines   here", "two lines here"),
        ("\u00a7 5 caf\u00e9", "\u00a7 5 caf\u00e9"),
    ],
    ids=["markdown", "white space", "not ASCII"],
)
def test_labels_are_escaped_for_markdown(text: str, expected: str) -> None:
    assert label(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lease 2019.pdf", "Lease 2019.pdf"),
        ("../../etc/evil.pdf", "evil.pdf"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ('<img src="x">.pdf', "img src_x_.pdf"),
        ("...", "contract.pdf"),
    ],
    ids=["plain", "path", "windows path", "direction mark", "markup", "nothing left"],
)
def test_file_names_for_download_are_harmless(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_marking_follows_the_stems() -> None:
    assert (
        marked("Terminating parties & terms", "terminate?") == "<mark>Terminating</mark> parties &amp; terms"
    )


def test_only_the_breaks_of_the_page_width_are_joined() -> None:
    assert reflowed("") == ""
    kept = "\n(a) No cap\n(b) No end"
    text = f"8. Liability\nThe supplier is liable for every loss that\nit causes to the buyer.\n{kept}"
    joined = f"8. Liability\nThe supplier is liable for every loss that it causes to the buyer.{kept}"
    assert reflowed(text) == joined


def test_a_pipeline_is_chosen_for_a_question_and_its_steps_are_shown(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = opened()
    app.selectbox(key="pipeline").set_value("lexical")
    shown = screen(ask(app))
    assert app.session_state[KEY].turn.inquiry.pipeline == "lexical"
    assert "<td>retrieval</td><td>bm25</td>" in shown
    assert "<td>dense</td>" not in shown
    assert "<td>post-retrieval</td><td>rerank</td>" in shown
