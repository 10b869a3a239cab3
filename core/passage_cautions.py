"""What must be said beside a passage: hidden text in it, or text that speaks to an AI model."""

from collections.abc import Sequence
from typing import Final

from core.instructions import holds_instruction
from core.records import Chunk, Page

HIDDEN: Final = "It holds text that a reader of the page cannot see."
COMMANDING: Final = "It holds text that gives orders to an AI model."


def passage_cautions(chunk: Chunk, pages: Sequence[Page]) -> tuple[str, ...]:
    """Sentences about ``chunk``, none for nearly every passage.

    Args:
        chunk: the passage.
        pages: the pages that it stands on.
    """
    hidden = any(
        run.hidden and run.start < chunk.end and chunk.start < run.start + run.length
        for page in pages
        for run in page.runs
    )
    return (*([HIDDEN] if hidden else []), *([COMMANDING] if holds_instruction(chunk.text) else []))
