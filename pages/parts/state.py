"""What one session remembers: its questions with their evidence and answers. The only session_state key."""

from dataclasses import dataclass, field, replace

import streamlit as st

from core.background_answer import Writing
from core.errors import ProvisoError
from core.records import Answer, Finding, Inquiry

KEY = "proviso"


@dataclass(frozen=True)
class Turn:
    """One question and how far it has come; without finding or answer it is worked on when it is shown."""

    number: int
    inquiry: Inquiry
    finding: Finding | None = None
    answer: Answer | None = None
    failure: ProvisoError | None = None


@dataclass(frozen=True)
class Place:
    """A page of a contract, pages counted from 1, and the passage to highlight on it, if any."""

    contract_id: str
    page: int = 1
    chunk_id: str = ""


@dataclass
class Session:
    """All that a session remembers: its turns, the number of the one on the screen (counted from 1), the
    answers being written by number of their turn, the contract looked at, and the page in the dialog.
    """

    turns: list[Turn] = field(default_factory=list)
    current: int = 0
    chosen_contract: str = ""
    picked_row: str = ""
    to_delete: str = ""
    viewed: Place = Place("")
    writings: dict[int, Writing] = field(default_factory=dict)

    def ask(self, inquiry: Inquiry) -> None:
        """Add a question and put it on the screen."""
        self.turns.append(Turn(len(self.turns) + 1, inquiry))
        self.current = len(self.turns)

    @property
    def turn(self) -> Turn | None:
        """The turn on the screen."""
        return self.turns[self.current - 1] if self.turns else None

    def show(self, number: int) -> None:
        """Put an earlier question back on the screen."""
        self.current = number

    def update(self, turn: Turn) -> None:
        """Remember how far a turn has come."""
        self.turns[turn.number - 1] = turn

    def settle(self, turn: Turn) -> None:
        """Remember a turn whose answer is there or has failed."""
        self.update(turn)
        self.writings.pop(turn.number, None)

    def stop(self, number: int) -> None:
        """Have the answer to a turn end where it is."""
        if number in self.writings:
            self.writings[number].stop()

    def retry(self, turn: Turn) -> None:
        """Do again what failed, with the evidence that is there already."""
        self.update(replace(turn, answer=None, failure=None))


def session() -> Session:
    """This session's memory."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    remembered: Session = st.session_state[KEY]
    return remembered
