"""Where the cross-encoder stops reading a passage, found with nothing but its own word that a text was too long."""

import re
from itertools import islice

from core.explain.pieces import situated
from core.models import Scorer
from core.records import Chunk

# Prefixes read at once: 8 to the power of 3 is 512 words.
PREFIXES = 7

_WORD = re.compile(r"\S+")


def reading_end(question: str, chunk: Chunk, scorer: Scorer) -> tuple[int, int, bool]:
    """Where the model stops reading the passage.

    Returns:
        The number of characters of the passage that it reads, the number of texts that were judged to find
        out, and whether the passage is longer than that.
    """
    if not scorer.score_pairs(question, [chunk.situated_text]).truncated[0]:
        return len(chunk.text), 0, False
    ends = [0, *(word.end() for word in _WORD.finditer(chunk.text))]
    # ends[low] is read in full, ends[high] is not.
    low, high, judged = 0, len(ends) - 1, 0
    while high - low > 1:
        step = max(1, (high - low) // (PREFIXES + 1))
        tries = list(islice(range(low + step, high, step), PREFIXES))
        prefixes = [situated(chunk.context, chunk.text[: ends[at]]) for at in tries]
        cut_off = scorer.score_pairs(question, prefixes).truncated
        judged += len(tries)
        low = max([low, *(at for at, cut in zip(tries, cut_off, strict=True) if not cut)])
        high = min([high, *(at for at, cut in zip(tries, cut_off, strict=True) if cut)])
    return ends[low], judged, True
