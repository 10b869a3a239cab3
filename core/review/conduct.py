"""What people do with reviews: begin, stop, resume and delete them, and say what they think of a cell.

Everything is in the audit log before it is done.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.audit.trail import AuditTrail
from core.errors import ProvisoError
from core.records import Contract
from core.review.fill import Desk, fill_review
from core.review.own_sets import QuestionSets
from core.review.records import (
    LONGEST_NAME,
    CellPlace,
    Confirmation,
    ConfirmationKind,
    QuestionSet,
    Review,
    ReviewedContract,
    ReviewSettings,
)
from core.review.store import ReviewStore
from core.review.worker import ReviewWorker
from core.timestamps import utc_now

MOST_CELLS = 20_000
LONGEST_CORRECTION = 5000
LONGEST_NOTE = 1000


class InvalidReview(ProvisoError):
    """A review, or something said of one, that cannot be kept as it stands."""


@dataclass(frozen=True)
class Reviews:
    """The reviews of a library; safe to share between threads.

    Every method raises AuditUnavailable, and does nothing, when it could not be logged.
    """

    store: ReviewStore
    sets: QuestionSets
    worker: ReviewWorker
    desk: Desk
    trail: AuditTrail

    def begin(
        self,
        name: str,
        question_set: QuestionSet,
        contracts: Sequence[Contract],
        settings: ReviewSettings,
        actor: str,
    ) -> Review:
        """Keep a new review; ``resume`` fills it.

        Raises:
            InvalidReview: it has no name or an overlong one, no contract, or too many cells.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidReview(
                f"The name {name[:LONGEST_NAME]!r}",
                f"has {len(name)} characters; 1 to {LONGEST_NAME} are possible.",
                "Give the review another name.",
            )
        cells = len(contracts) * len(question_set.questions)
        if not 1 <= cells <= MOST_CELLS:
            raise InvalidReview(
                f"A review of {len(contracts)} contracts by {len(question_set.questions)} questions",
                f"has {cells:,} cells; 1 to {MOST_CELLS:,} are possible.",
                "Choose other contracts.",
            )
        rows = tuple(ReviewedContract(one.contract_id, one.profile.title, one.file_name) for one in contracts)
        review = Review(uuid.uuid4().hex, name, question_set, rows, settings, actor, utc_now())
        self.trail.reviewed(actor, "begun", name, tuple(row.contract_id for row in rows))
        self.store.add(review)
        return review

    def resume(self, review: Review, actor: str) -> None:
        """Have the cells that are pending filled in the background."""
        self.trail.reviewed(actor, "filling", review.name)
        self.worker.start(
            review.review_id, lambda cancelled: fill_review(review, self.store, self.desk, cancelled)
        )

    def again(self, review: Review, places: Collection[CellPlace], actor: str) -> None:
        """Have these cells filled anew; what reviewers said of them stays."""
        contracts = tuple(dict.fromkeys(place.contract_id for place in places))
        self.trail.reviewed(actor, f"{len(places)} cells filled again", review.name, contracts)
        self.store.clear(review.review_id, places)
        self.resume(review, actor)

    def cancel(self, review: Review, actor: str) -> None:
        """Stop filling; finished cells stay."""
        self.worker.cancel(review.review_id)
        self.trail.reviewed(actor, "stopped", review.name)

    def delete(self, review: Review, actor: str) -> None:
        """Remove the review, its cells and all that was said of them."""
        self.trail.reviewed(actor, "deleted", review.name)
        self.worker.cancel(review.review_id)
        self.store.delete(review.review_id)

    def say(
        self,
        review: Review,
        place: CellPlace,
        kind: ConfirmationKind,
        actor: str,
        text: str = "",
        note: str = "",
    ) -> None:
        """Keep what a reviewer says of a cell, beside all that was said before.

        Raises:
            InvalidReview: a correction without a text, or something too long.
        """
        text, note = text.strip(), note.strip()
        if kind is ConfirmationKind.CORRECTED and not text:
            raise InvalidReview("The correction", "is empty.", "Write what is right, or confirm the cell.")
        for what, value, longest in (("correction", text, LONGEST_CORRECTION), ("note", note, LONGEST_NOTE)):
            if len(value) > longest:
                raise InvalidReview(
                    f"The {what}", f"has {len(value):,} characters; {longest:,} are the most.", "Shorten it."
                )
        question = review.question_set.questions[place.question].text
        self.trail.reviewed(actor, kind.value, review.name, (place.contract_id,), question, text)
        self.store.confirm(review.review_id, Confirmation(place, kind, actor, utc_now(), text, note))

    def save_set(self, question_set: QuestionSet, actor: str, replacing: str = "") -> None:
        """Keep an own question set.

        Raises:
            InvalidQuestionSet: see ``QuestionSets.save``.
        """
        self.trail.reviewed(actor, "question set saved", question_set.name)
        self.sets.save(question_set, actor, replacing)

    def remove_set(self, name: str, actor: str) -> None:
        """Remove an own question set."""
        self.trail.reviewed(actor, "question set removed", name)
        self.sets.remove(name)
