"""A browser session of the real app without a browser: the messages that Streamlit's page sends and gets."""

import re
from collections.abc import Callable
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

REPLY_SECONDS = 900
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
AHEAD = re.compile(r"Waiting: (\d+) question")


class StreamlitSession:
    """One session; what is on its screen is kept by place, as the page keeps it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cached: dict[str, ForwardMsg] = {}
        self._screen: dict[tuple[int, ...], Element] = {}
        self._fragments: dict[tuple[int, ...], str] = {}
        self.most_ahead = 0

    def __enter__(self) -> "StreamlitSession":
        self._socket: ClientConnection = connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(self._address),
            max_size=None,
            compression=None,
            open_timeout=120,
            ping_interval=None,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def open(self) -> None:
        """Run the first page once."""
        self._run(BackMsg())

    def ask(self, question: str) -> str:
        """Type a question, press the button, and give all HTML of the page when its script has ended."""
        field = self._find(lambda one: one.WhichOneof("type") == "text_input").text_input.id
        button = self._find(
            lambda one: one.WhichOneof("type") == "button" and one.button.label == "Ask"
        ).button.id
        message = BackMsg()
        states = message.rerun_script.widget_states.widgets
        states.add(id=field, string_value=question)
        states.add(id=button, trigger_value=True)
        self._run(message)
        return "\n".join(one.html.body for one in self._screen.values() if one.WhichOneof("type") == "html")

    def rerun(self) -> None:
        """Run the page again with nothing changed."""
        self._run(BackMsg())

    def choose(self, key: str, option: str) -> None:
        """Choose ``option`` in the list whose key is ``key``; only its part of the page is run again."""
        place = self._place(lambda one: one.WhichOneof("type") == "selectbox" and key in one.selectbox.id)
        message = BackMsg()
        states = message.rerun_script.widget_states.widgets
        states.add(id=self._screen[place].selectbox.id, string_value=option)
        self._run_part(message, place)

    def press(self, label: str) -> None:
        """Press the first button of this label."""
        place = self._place(lambda one: one.WhichOneof("type") == "button" and one.button.label == label)
        message = BackMsg()
        states = message.rerun_script.widget_states.widgets
        states.add(id=self._screen[place].button.id, trigger_value=True)
        self._run_part(message, place)

    def _run_part(self, message: BackMsg, place: tuple[int, ...]) -> None:
        fragment = self._fragments.get(place, "")
        if fragment:
            message.rerun_script.fragment_id = fragment
        self._run(message)

    def _place(self, wanted: Callable[[Element], bool]) -> tuple[int, ...]:
        return next(place for place, one in self._screen.items() if wanted(one))

    def _find(self, wanted: Callable[[Element], bool]) -> Element:
        return next(one for one in self._screen.values() if wanted(one))

    def _run(self, message: BackMsg) -> None:
        if message.WhichOneof("type") is None:
            message.rerun_script.query_string = ""
        self._socket.send(message.SerializeToString())
        while True:
            reply = self._receive()
            kind = reply.WhichOneof("type")
            if kind == "new_session":
                if not reply.metadata.run.fragment_ids:
                    self._screen.clear()
                    self._fragments.clear()
            elif kind == "delta":
                self._draw(reply)
            elif kind == "script_finished" and reply.script_finished in ENDED:
                return

    def _receive(self) -> ForwardMsg:
        content = self._socket.recv(timeout=REPLY_SECONDS)
        message: ForwardMsg = ForwardMsg.FromString(
            content if isinstance(content, bytes) else content.encode()
        )
        if message.WhichOneof("type") == "ref_hash":
            cached = ForwardMsg()
            cached.CopyFrom(self._cached[message.ref_hash])
            cached.metadata.CopyFrom(message.metadata)
            return cached
        if message.metadata.cacheable:
            self._cached[message.hash] = message
        return message

    def _draw(self, message: ForwardMsg) -> None:
        path = tuple(message.metadata.delta_path)
        for place in [place for place in self._screen if place[: len(path)] == path]:
            del self._screen[place]
        if message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self._screen[path] = element
            self._fragments[path] = message.delta.fragment_id
            if element.WhichOneof("type") == "html" and (found := AHEAD.search(element.html.body)):
                self.most_ahead = max(self.most_ahead, int(found[1]))
