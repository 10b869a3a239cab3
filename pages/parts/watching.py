"""Watch a search in the background from the page that shows it, with its progress in a sentence."""

from collections.abc import Callable
from typing import TypeVar

from streamlit.delta_generator import DeltaGenerator

from core.plural import plural
from core.search import Phase, Search, Standing
from pages.parts.markup import safe

# How often a page that waits is drawn; a click is noticed as soon.
LOOK_SECONDS = 0.3
Result = TypeVar("Result")


def watched(search: Search[Result], place: DeltaGenerator, working: Callable[[Standing], str]) -> Result:
    """The result of a search, waiting for it.

    Args:
        search: under way already; a rerun of the page finds it again.
        place: where the progress is drawn.
        working: what is being done, once the models are there and it is our turn.

    Raises:
        ProvisoError: whatever kept it from being found.
    """
    while (standing := search.wait(LOOK_SECONDS)) is not None:
        place.html(f'<p class="stage" role="status">{safe(_sentence(standing, working))}</p>')
    place.empty()
    return search.result()


def _sentence(standing: Standing, working: Callable[[Standing], str]) -> str:
    match standing:
        case Standing(Phase.LOADING):
            return "Loading the models, once after the start of Proviso\u2026"
        case Standing(Phase.WAITING, ahead=ahead):
            return f"Waiting: {plural(ahead, 'question')} ahead\u2026"
        case _:
            return working(standing)
