"""The way to a passage, drawn: every step, in order, escaped."""

import pytest

from core.records import Candidate, FoundBy
from pages.parts.path_view import path_html, reached_html
from tests.fakes import make_chunk


def candidate(*paths: tuple[str, ...]) -> Candidate:
    found = tuple(FoundBy("graph", "q", "question", 1, 0.1, path) for path in paths)
    return Candidate(make_chunk("The cap."), "Supply", None, None, 1, 0.1, found)


def test_each_step_is_a_box_in_order() -> None:
    assert path_html(("the question: licence", "defined term Licence", "is defined in 2.1")) == (
        '<ol class="way" aria-label="How this passage was reached"><li>the question: licence</li>'
        "<li>defined term Licence</li><li>is defined in 2.1</li></ol>"
    )


def test_headings_of_a_contract_are_escaped() -> None:
    drawn = path_html(("<img src=x onerror=alert(1)>", '"><script>'))
    assert "<img" not in drawn
    assert "<script" not in drawn


@pytest.mark.parametrize("paths", [(), ((),)], ids=["not found over the graph", "near the question itself"])
def test_without_a_path_nothing_is_drawn(paths: tuple[tuple[str, ...], ...]) -> None:
    assert reached_html(candidate(*paths)) == ""


def test_a_path_is_drawn_once() -> None:
    drawn = reached_html(
        candidate(("the question", "is near 1"), ("the question", "is near 1"), ("other", "way"))
    )
    assert drawn.count("<ol") == 2
    assert drawn.startswith('<details class="found"><summary>How this passage was reached</summary>')
