"""How a passage was reached over the graph of contracts, drawn as a chain from the question to the clause."""

from core.records import Candidate
from pages.parts.markup import safe


def path_html(path: tuple[str, ...]) -> str:
    """Each step as a box with an arrow to the next; empty for an empty path."""
    if not path:
        return ""
    steps = "".join(f"<li>{safe(step)}</li>" for step in path)
    return f'<ol class="way" aria-label="How this passage was reached">{steps}</ol>'


def reached_html(candidate: Candidate) -> str:
    """The paths of a candidate, each once, closed at first; empty where no module followed one to it."""
    paths = dict.fromkeys(one.path for one in candidate.found_by if one.path)
    if not paths:
        return ""
    drawn = "".join(path_html(path) for path in paths)
    return f'<details class="found"><summary>How this passage was reached</summary>{drawn}</details>'
