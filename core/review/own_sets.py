"""The firm's own question sets, beside those that come with Proviso."""

from core.review.question_files import shipped_sets
from core.review.records import InvalidQuestionSet, QuestionSet
from core.review.stored import set_json, set_of
from core.storage.sqlite_file import Database
from core.timestamps import utc_now


class QuestionSets:
    """Every question set that can be chosen; own ones are kept in the workbench's file.

    Everything raises what ``Database`` raises.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[QuestionSet, ...]:
        """The shipped sets, then the firm's own, each in the order of their names."""
        return (*shipped_sets(), *self.own())

    def own(self) -> tuple[QuestionSet, ...]:
        """The firm's own sets in the order of their names."""
        rows = self._database.connection.execute("SELECT content FROM question_sets ORDER BY name")
        return tuple(set_of(row["content"]) for row in rows)

    def named(self, name: str) -> QuestionSet:
        """The set of this name; case does not count.

        Raises:
            InvalidQuestionSet: there is none.
        """
        for one in self.all():
            if one.name.casefold() == name.strip().casefold():
                return one
        raise InvalidQuestionSet(
            repr(name),
            "is no question set.",
            f"These are there: {'; '.join(one.name for one in self.all())}.",
        )

    def save(self, question_set: QuestionSet, actor: str, replacing: str = "") -> None:
        """Keep an own set.

        Args:
            question_set: the set.
            actor: who saves it.
            replacing: name of the own set in whose place it comes, which may be its own; empty adds a new one.

        Raises:
            InvalidQuestionSet: another set has this name, or ``replacing`` was removed meanwhile.
        """
        at = utc_now()
        with self._database.transaction() as connection:
            if (
                replacing
                and not connection.execute("DELETE FROM question_sets WHERE name = ?", (replacing,)).rowcount
            ):
                raise InvalidQuestionSet(
                    f"The question set {replacing!r}",
                    "is no set of your own, or was removed.",
                    "Copy it first.",
                )
            taken = question_set.name.casefold() in {one.name.casefold() for one in self.all()}
            if taken:
                raise InvalidQuestionSet(
                    f"The name {question_set.name!r}",
                    "is that of another question set.",
                    "Choose another name.",
                )
            connection.execute(
                "INSERT INTO question_sets VALUES (?, ?, ?, ?)",
                (question_set.name, set_json(question_set), actor, at),
            )

    def remove(self, name: str) -> None:
        """Remove an own set; reviews that used it keep it as it was."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM question_sets WHERE name = ?", (name,))

    def free_name(self, name: str) -> str:
        """``name``, or the first of ``name (2)``, ``name (3)`` that no set has."""
        taken = {one.name.casefold() for one in self.all()}
        numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
        return next(one for one in (name, *numbered) if one.casefold() not in taken)
