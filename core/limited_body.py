"""A reply of a service, read no further than a limit: a service that never stops must not fill the memory."""

import time
from collections.abc import Iterable, Iterator


class ReplyTooLarge(Exception):
    """The service sends more than any reply of its kind can be."""


class ReplyTooSlow(Exception):
    """The service sends, but so slowly that the reply is not worth waiting for."""


class LimitedBody:
    """The bytes of a reply as they come.

    The HTTP libraries ask for a stream of a class of their own: derive from this class and from theirs.

    Args:
        stream: the bytes as the library gives them.
        most_bytes: more than this raises ReplyTooLarge.
        seconds: longer than this, counted from now, raises ReplyTooSlow. The libraries' own limit starts anew
            with every byte.
    """

    def __init__(self, stream: Iterable[bytes], most_bytes: int, seconds: float = float("inf")) -> None:
        self._stream = stream
        self._left = most_bytes
        self._end = time.monotonic() + seconds

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            self._left -= len(piece)
            if self._left < 0:
                raise ReplyTooLarge
            if time.monotonic() > self._end:
                raise ReplyTooSlow
            yield piece

    def close(self) -> None:
        """Let go of the connection."""
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()
