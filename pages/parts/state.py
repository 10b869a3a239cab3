"""What one session remembers: its questions with their evidence and answers. The only session_state key."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from core.audit.browser import COOKIE, browser_actor, is_identity
from core.background_answer import Writing
from core.conversation.records import StandAlone, Thread
from core.errors import ProvisoError
from core.records import Answer, Finding, Inquiry
from core.redact import printable
from core.review.records import CellPlace
from core.search import Cancelled, Report, Search
from pages.parts.explain_state import Explained

KEY = "proviso"
# A question with 100 candidates is about 0.3 MB; older ones leave the session, so that its memory is bounded.
MOST_TURNS = 20


@dataclass(frozen=True)
class Turn:
    """One question and how far it has come; without finding or answer it is worked on when it is shown.

    A follow-up has the number of the turn it ``follows`` and, in ``rewritten``, what was typed and how it became
    the question that is searched. ``decision_id`` is that of its record.
    """

    number: int
    inquiry: Inquiry
    finding: Finding | None = None
    answer: Answer | None = None
    failure: ProvisoError | None = None
    follows: int = 0
    rewritten: StandAlone | None = None
    decision_id: str = ""


@dataclass(frozen=True)
class Place:
    """A page of a contract, pages counted from 1, and the passage to highlight on it, if any."""

    contract_id: str
    page: int = 1
    chunk_id: str = ""


@dataclass(frozen=True)
class FollowUp:
    """A follow-up before it is searched: put after turn ``follows``, with the settings of ``like``."""

    follows: int
    like: Inquiry
    rewriting: Search[StandAlone]


@dataclass
class Session:
    """All that a session remembers: its latest turns, the number of the one on the screen (counted from 1), the
    answers being written by number of their turn, the contract looked at, why a password
    could not be tried, the page in the dialog, the review or question set whose removal was confirmed, the grid's cell
    clicked last, the question set to look at, and why a judgement of a passage could not be kept; ``enough_of`` is the
    number of the turn of which the reader wants judged what was found.
    ``identity`` is random and tells it apart in the audit log. Whoever checks how far a turn is and then changes it
    holds ``lock``: two runs of the script may be under way at once.
    """

    identity: str = field(default_factory=lambda: uuid.uuid4().hex)
    turns: list[Turn] = field(default_factory=list)
    current: int = 0
    asked: int = 0
    search: Search[Finding] | None = None
    search_number: int = 0
    enough_of: int = 0
    chosen_contract: str = ""
    picked_row: str = ""
    to_delete: str = ""
    unlock_failure: ProvisoError | None = None
    viewed: Place = Place("")
    writings: dict[int, Writing] = field(default_factory=dict)
    follow_up: FollowUp | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    opened_decision: str = ""
    explained: Explained = field(default_factory=Explained)
    review_to_delete: str = ""
    set_to_remove: str = ""
    picked_cell: CellPlace | None = None
    set_to_show: str = ""
    label_failures: dict[str, ProvisoError] = field(default_factory=dict)

    def ask(self, inquiry: Inquiry, follows: int = 0, rewritten: StandAlone | None = None) -> None:
        """Add a question and put it on the screen; the oldest is forgotten when there are too many."""
        self.asked += 1
        self.follow_up = None
        self.turns.append(Turn(self.asked, inquiry, follows=follows, rewritten=rewritten))
        del self.turns[:-MOST_TURNS]
        self.explained.forget_others({turn.number for turn in self.turns})
        self.current = self.asked

    @property
    def turn(self) -> Turn | None:
        """The turn on the screen."""
        return next((turn for turn in self.turns if turn.number == self.current), None)

    def thread(self, turn: Turn, titles: tuple[tuple[str, str], ...]) -> Thread:
        """What was asked up to ``turn``, following the follow-ups back to where they began."""
        known = {one.number: one for one in self.turns}
        questions = []
        at: Turn | None = turn
        while at is not None:
            questions.append(at.inquiry.question)
            at = known.get(at.follows)
        return Thread(tuple(reversed(questions)), turn.inquiry.contract_ids, titles)

    def reopen(self, finding: Finding, answer: Answer | None, decision_id: str) -> None:
        """Put a decision of the record on the screen as a turn of this session."""
        self.ask(finding.inquiry)
        turn = Turn(self.asked, finding.inquiry, finding, answer, decision_id=decision_id)
        self.update(turn)

    def adopt(self, like: Turn, finding: Finding, decision_id: str) -> None:
        """Put what another pipeline found for the question of ``like`` on the screen as a turn that is answered."""
        self.ask(finding.inquiry, like.follows, like.rewritten)
        self.update(replace(self.turns[-1], finding=finding, decision_id=decision_id))

    def show(self, number: int) -> None:
        """Put an earlier question back on the screen."""
        self.current = number
        self.follow_up = None

    def latest(self, turn: Turn) -> Turn:
        """How far a turn has come by now. A click starts another run of the script before the present one has
        ended, so what a run took up at its start may be out of date.
        """
        return next((one for one in self.turns if one.number == turn.number), turn)

    def update(self, turn: Turn) -> None:
        """Remember how far a turn has come."""
        self.turns = [turn if one.number == turn.number else one for one in self.turns]

    def searching(self, turn: Turn, work: Callable[[Report], Finding]) -> Search[Finding]:
        """The search of a turn: the one under way, or a new one. A session has one at a time."""
        with self.lock:
            if self.search is None or self.search_number != turn.number or self.search.given_up:
                self._leave()
                self.search = Search(work).start()
                self.search_number = turn.number
            return self.search

    def found(self, turn: Turn) -> None:
        """Remember a turn whose search has ended or failed."""
        self.update(turn)
        if self.search_number == turn.number:
            self.search = None

    def writing(self, turn: Turn, begin: Callable[[], Writing]) -> Writing | None:
        """The answer of a turn that is on its way, begun now if it was not; None where the turn is settled."""
        with self.lock:
            now = self.latest(turn)
            if now.answer is not None or now.failure is not None:
                return None
            if turn.number not in self.writings:
                self.writings[turn.number] = begin()
            return self.writings[turn.number]

    def cancel(self, turn: Turn) -> None:
        """Take a question back; it leaves the line."""
        if self.search_number == turn.number:
            self._leave()
        self.update(replace(turn, failure=Cancelled()))

    def enough(self, turn: Turn) -> None:
        """End the looking of a turn at the next step; what is found by then is judged."""
        self.enough_of = turn.number

    def _leave(self) -> None:
        if self.search is not None:
            self.search.cancel()
        self.search = None

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


def actor() -> str:
    """Who uses this session: the user who signed in where that is configured, else the browser by the identity that
    the server gave it, else the session's own number.
    """
    if st.user.get("is_logged_in"):
        name = st.user.get("email") or st.user.get("sub") or "without a name"
        return f"signed in {printable(str(name))}"
    identity = str(st.context.cookies.get(COOKIE, ""))
    return browser_actor(identity) if is_identity(identity) else f"session {session().identity}"
