"""One request to an OpenAI-compatible service: bounded in size, without redirects, tried again where that helps."""

import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from core.answering.chat_failures import retry_wait
from core.answering.deadline import Deadline
from core.answering.endpoint import Endpoint
from core.limited_body import LimitedBody, ReplyTooLarge

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI, Stream
    from openai.types.chat import (
        ChatCompletionChunk,
        ChatCompletionMessageParam,
        ChatCompletionToolUnionParam,
    )

RETRIES = 2
CONNECT_SECONDS = 10.0
# The longest answer, a letter an event, each event wrapped in some hundred bytes; and what services add.
MOST_BYTES = 32 * 1024 * 1024
# What these libraries log at DEBUG and INFO holds addresses and headers, and a service may repeat the key there.
TALKATIVE = ("openai", "httpx2", "httpcore2")


def open_client(endpoint: Endpoint) -> "OpenAI":
    """The library's client for ``endpoint``; it is closed by its context."""
    import openai

    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)

    return openai.OpenAI(
        # The library insists on a key; services on one's own machine mostly do not.
        api_key=endpoint.key.get_secret_value().strip() or "none",
        base_url=endpoint.address,
        max_retries=0,
        # Compressed, a small reply can be any size.
        default_headers={"Accept-Encoding": "identity"},
        # A redirect would send the passages to a host that nobody configured.
        http_client=openai.DefaultHttpxClient(follow_redirects=False, event_hooks={"response": [_limit]}),
    )


def _limit(response: "httpx2.Response") -> None:
    from httpx2 import SyncByteStream

    class Limited(LimitedBody, SyncByteStream):
        """A stream as the library wants it."""

    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ReplyTooLarge
    response.stream = Limited(cast("SyncByteStream", response.stream), MOST_BYTES)


def open_stream(
    client: "OpenAI",
    endpoint: Endpoint,
    temperature: float | None,
    parameters: "list[ChatCompletionMessageParam]",
    deadline: Deadline,
    tools: "list[ChatCompletionToolUnionParam] | None" = None,
) -> "Stream[ChatCompletionChunk]":
    """Ask for an answer, or for calls of ``tools``; again after a passing fault, within the deadline.

    Raises:
        TimeoutError: the deadline passed.
        openai.APIError: the service refuses or fails; see ``explain``.
    """
    import openai

    attempt = 0
    while not deadline.over:
        # A little longer than the deadline, which the waiting thread keeps: so one message says it, not two.
        patience = deadline.remaining + 1.0
        try:
            return client.chat.completions.create(
                model=endpoint.model,
                messages=parameters,
                temperature=openai.omit if temperature is None else temperature,
                tools=openai.omit if tools is None else tools,
                stream=True,
                timeout=openai.Timeout(patience, connect=min(patience, CONNECT_SECONDS)),
            )
        except openai.APIError as error:
            wait = retry_wait(error, attempt)
            if wait is None or attempt == RETRIES or wait >= deadline.remaining:
                raise
        attempt += 1
        deadline.sleep(wait)
    raise TimeoutError


def shut_down(stream: "Stream[ChatCompletionChunk]") -> None:
    """Break the connection under a thread that reads from it."""
    network_stream = stream.response.extensions.get("network_stream")
    connection = network_stream.get_extra_info("socket") if network_stream is not None else None
    if isinstance(connection, socket.socket):
        # Shut down, not closed: a closed descriptor may be another file's before the blocked reader wakes.
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
