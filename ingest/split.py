"""Splitting a contract into chunks that follow its clauses and fit the models that read them."""

import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator

from core.records import Chunk, ContractText
from ingest.clauses.cutting import cut
from ingest.clauses.lines import plain_signs
from ingest.clauses.packing import measure, pack
from ingest.clauses.tree import read_clauses

CHUNKER_VERSION = "3"

CONTEXT_TOKENS = 56
_SMALLEST_LIMIT = 24
_SEPARATOR = " > "
# Estimated token counts are this much too low for nineteen chunks in twenty.
_ESTIMATE_MARGIN = 12


def split(
    contract: ContractText,
    title: str,
    count_tokens: Callable[[str], int],
    fingerprint: str,
    token_limit: int = 256,
) -> tuple[Chunk, ...]:
    """Split ``contract`` into chunks, in order, that hold every character of its text but white space once.

    Args:
        contract: the text and its pages.
        title: the contract's title, the first part of every chunk's context line.
        count_tokens: tokens of a text as the model counts them, special tokens included.
        fingerprint: names the pipeline; the same contract and fingerprint give the same chunk ids.
        token_limit: the most tokens that ``chunk.situated_text`` may have.

    Raises:
        ValueError: ``token_limit`` is too small to hold a context line and some text.
    """
    if token_limit < _SMALLEST_LIMIT:
        raise ValueError(f"The token limit must be at least {_SMALLEST_LIMIT}, not {token_limit}.")
    context_limit = min(CONTEXT_TOKENS, token_limit // 2)
    page_starts = [page.start for page in contract.pages]
    plain = plain_signs(contract.text)
    clauses = read_clauses(plain, page_starts)
    pieces = pack(plain, clauses, token_limit - context_limit) if clauses else []
    chunks: list[Chunk] = []
    for piece in pieces:
        context = situate(title, piece.path, count_tokens, context_limit)
        room = max(1, token_limit - measure(context).tokens - _ESTIMATE_MARGIN)

        def fits(start: int, end: int, context: str = context) -> bool:
            text = contract.text[start:end].strip()
            return count_tokens(f"{context}\n{text}" if context else text) <= token_limit

        for start, end in _stripped(contract.text, cut(plain, piece.clauses, room, fits)):
            chunks.append(
                Chunk(
                    chunk_id=str(
                        uuid.uuid5(uuid.NAMESPACE_URL, f"{contract.contract_id}/{fingerprint}/{len(chunks)}")
                    ),
                    contract_id=contract.contract_id,
                    ordinal=len(chunks),
                    start=start,
                    end=end,
                    text=contract.text[start:end],
                    heading_path=piece.path,
                    kind=piece.kind,
                    page_start=_page_of(contract, page_starts, start),
                    page_end=_page_of(contract, page_starts, end - 1),
                    context=context,
                )
            )
    return tuple(chunks)


def situate(title: str, path: tuple[str, ...], count_tokens: Callable[[str], int], limit: int) -> str:
    """The context line ``title > heading > heading`` in at most ``limit`` tokens.

    What is too long gives way in this order: the end of the title, the title, the outer headings one by one, and
    at last the end of the innermost heading.
    """
    line = ""
    for line in _shortenings(" ".join(title.split()), path):
        # Counting is slow: a line that is short by any measure is not counted.
        if 2 * measure(line).tokens <= limit or count_tokens(line) <= limit:
            return line
    words = line
    while words and count_tokens(words) > limit:
        words = words[: len(words) // 2].rstrip()
    return words


def _shortenings(title: str, path: tuple[str, ...]) -> Iterator[str]:
    words = title.split(" ") if title else []
    for kept in (len(words), 12, 8, 5, 3):
        if words and kept <= len(words):
            yield _SEPARATOR.join((" ".join(words[:kept]), *path))
    for first in range(len(path)):
        yield _SEPARATOR.join(path[first:])
    if path:
        last = path[-1].split(" ")
        for kept in (12, 8, 5, 3, 1):
            yield " ".join(last[:kept])
    elif words:
        yield words[0]


def _stripped(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        body = text[start:end]
        if body.strip():
            yield start + len(body) - len(body.lstrip()), start + len(body.rstrip())


def _page_of(contract: ContractText, page_starts: list[int], offset: int) -> int:
    at = bisect_right(page_starts, offset) - 1
    return contract.pages[max(at, 0)].number if contract.pages else 1
