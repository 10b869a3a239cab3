"""Questions from a folder of the Contract Understanding Atticus Dataset (CUAD, Atticus Project, CC BY 4.0).

The folder holds ``pdf/`` and ``master_clauses.csv``: a row a contract, a column a clause category with the
list of annotated spans as a Python literal. Each contract and category make one question that is asked of that
contract alone and, where the contract has such a clause, one that is asked of all contracts and names it.
"""

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import InvalidSettings
from evals.questions import LabelledQuestion, QuestionSet, same_name
from evals.splits import Part, part_of
from ingest.collect_files import collect_files

ANNOTATIONS_FILE = "master_clauses.csv"
OMITTED = "<omitted>"
# Pieces of a span cut down to a word or two say nothing about where the clause is.
SHORTEST_PIECE = 20

METADATA: Final = frozenset(("Document Name", "Parties", "Agreement Date", "Effective Date"))
QUESTIONS: Final[Mapping[str, str]] = {
    "Expiration Date": "When does the first term of the agreement come to an end?",
    "Renewal Term": "Is the agreement renewed after its first term, and for how long?",
    "Notice Period To Terminate Renewal": "How much notice stops the agreement from renewing itself?",
    "Governing Law": "Which state's or country's law governs the agreement?",
    "Most Favored Nation": "Is a party promised prices or terms as good as anyone else gets?",
    "Competitive Restriction Exception": "What is carved out of a non-compete or exclusivity promise?",
    "Non-Compete": "Is a party forbidden to compete or to work with competing products?",
    "Exclusivity": "Is a party bound to deal only with the other, or given exclusive rights?",
    "No-Solicit Of Customers": "Is a party prevented from approaching the other party's customers?",
    "No-Solicit Of Employees": "Is a party prevented from soliciting the other party's employees?",
    "Non-Disparagement": "Must a party avoid saying anything bad about the other?",
    "Termination For Convenience": "Can a party end the agreement by notice without giving any reason?",
    "Rofr/Rofo/Rofn": "Does a party have a right of first refusal, first offer or first negotiation?",
    "Change Of Control": "What happens when a party is taken over or merges?",
    "Anti-Assignment": "Does a party need consent to assign the agreement or transfer its rights?",
    "Revenue/Profit Sharing": "Does one party have to share its revenue or profit with the other?",
    "Price Restrictions": "How far may prices be raised or lowered during the term?",
    "Minimum Commitment": "Is there a minimum that a party must buy, sell, pay or deliver?",
    "Volume Restriction": "Is there an upper limit on how much may be used or ordered?",
    "Ip Ownership Assignment": "Who will own intellectual property created under the agreement?",
    "Joint Ip Ownership": "Is any intellectual property owned by both parties together?",
    "License Grant": "What licence does one party grant to the other?",
    "Non-Transferable License": "May a licence be passed on to somebody else?",
    "Affiliate License-Licensor": "Does a licence cover rights that belong to the licensor's affiliates?",
    "Affiliate License-Licensee": "May affiliates of the licensee use the licensed rights as well?",
    "Unlimited/All-You-Can-Eat-License": "Is a licence without limits on users, copies or usage?",
    "Irrevocable Or Perpetual License": "Does a licence last for ever, or can it not be taken back?",
    "Source Code Escrow": "Is source code deposited with an escrow agent, and when is it released?",
    "Post-Termination Services": "What must the parties still do after the agreement has ended?",
    "Audit Rights": "May a party inspect the other's books, records or premises?",
    "Uncapped Liability": "For which breaches is liability not limited?",
    "Cap On Liability": "What is the most that a party can be liable for?",
    "Liquidated Damages": "Is a fixed sum or a formula payable on breach or early termination?",
    "Warranty Duration": "How long does the warranty last, and by when must defects be reported?",
    "Insurance": "What insurance must a party keep?",
    "Covenant Not To Sue": "Has a party promised not to attack the other's rights or not to sue it?",
    "Third Party Beneficiary": "Can somebody who is not a party enforce the agreement?",
}
SCOPED, NAMED = "asked of one contract", "contract named, asked of all"
# The title and parties are the annotators', not what Proviso read from the contract. Nobody types capitals only.
NAMED_QUESTION = "In the {title} between {parties}: {question}"
NAMED_PARTIES = 2
_DEFINED_AS = re.compile(r"\s*[(\[][^)\]]*[)\]]?")
NOTES = (
    "CUAD: a question for each contract and category, asked of that contract alone, and for each clause that is"
    " there one that names the contract and is asked of all of them.",
    "The contracts of the part 'test' are kept out of training and tuning by training/; figures on 'train' are"
    " in-sample, and 'tune' chose the weights and their calibration.",
    "Annotators marked what they were asked for, not every passage that answers a question: a kept passage that"
    " is right but not annotated counts as wrong, in the hits as in the calibration.",
)


def read_cuad(folder: Path, part: Part | None = Part.TEST) -> QuestionSet:
    """The questions about the contracts of ``part`` that have a PDF, silent where nothing is annotated.

    Args:
        folder: holds ``pdf/`` and ``master_clauses.csv``.
        part: of ``evals.splits``; None takes every contract.

    Raises:
        InvalidSettings: the annotations cannot be read, a row or column is not as described above, or there
            is no contract of this part.
    """
    source = folder / ANNOTATIONS_FILE
    files = {same_name(file.name): file for file in collect_files([folder / "pdf"])}
    annotated: dict[str, Mapping[str, str]] = {}
    without_pdf = 0
    for row in _rows(source):
        name = same_name(row["Filename"])
        if part is not None and part_of(row["Filename"]) is not part:
            continue
        if name in files:
            annotated[name] = row
        else:
            without_pdf += 1
    if not annotated:
        raise InvalidSettings(
            str(folder), f"holds no contract of the part {part or 'all'!s}.", "Choose another with --part."
        )
    rows = [(files[name], row) for name, row in sorted(annotated.items())]
    scoped = tuple(
        _question(file.name, category, row[category], source) for file, row in rows for category in QUESTIONS
    )
    titles = {file.name: title_of(row) for file, row in rows}
    named = tuple(_named(one, titles[one.answer_file]) for one in scoped if not one.silent)
    missing = (f"{without_pdf} annotated contracts have no PDF.",) if without_pdf else ()
    name = f"{folder.name} ({part or 'all'!s})"
    return QuestionSet(name, tuple(file for file, _ in rows), scoped + named, (*NOTES, *missing))


def title_of(row: Mapping[str, str]) -> tuple[str, str]:
    """How a question names the contract of ``row``: its title, and its first two parties in one phrase."""
    title = row.get("Document Name-Answer", "").strip() or "agreement"
    parties = list(_parties(row.get("Parties-Answer", "")))[:NAMED_PARTIES]
    return title.title() if title.isupper() else title, " and ".join(parties) or "the parties"


def _parties(answer: str) -> Iterator[str]:
    for party in answer.split(";"):
        name = _DEFINED_AS.sub("", party).strip(" .,")
        if name:
            yield name


def _named(scoped: LabelledQuestion, names: tuple[str, str]) -> LabelledQuestion:
    title, parties = names
    return replace(
        scoped,
        question_id=f"{scoped.question_id}/named",
        question=NAMED_QUESTION.format(title=title, parties=parties, question=scoped.question),
        scope=(),
        section=NAMED,
    )


def pieces_of(span: str) -> tuple[str, ...]:
    """The contiguous pieces of an annotated span, without those that are only a few characters long."""
    pieces = [piece.strip() for piece in span.split(OMITTED) if piece.strip()]
    long = [piece for piece in pieces if len(piece) >= SHORTEST_PIECE]
    return tuple(long or pieces)


def spans_of(literal: str) -> tuple[str, ...]:
    """The pieces of all spans in a cell of the annotations, each once.

    Raises:
        ValueError: the cell is no list of spans.
    """
    try:
        spans = [str(span) for span in ast.literal_eval(literal or "[]")]
    except (SyntaxError, TypeError) as error:
        raise ValueError(f"no list of spans: {literal[:60]!r}") from error
    return tuple(dict.fromkeys(piece for span in spans for piece in pieces_of(span)))


def _rows(source: Path) -> list[dict[str, str]]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidSettings(str(source), f"cannot be read ({type(error).__name__}).", "Check it.") from None
    missing = sorted({"Filename", *QUESTIONS} - rows[0].keys()) if rows else ["every row"]
    if missing:
        raise InvalidSettings(str(source), f"lacks {', '.join(missing)}.", "Give CUAD's own file.")
    return rows


def _question(file_name: str, category: str, literal: str, source: Path) -> LabelledQuestion:
    try:
        quotes = spans_of(literal)
    except ValueError:
        raise InvalidSettings(
            f"{source}, {file_name}, {category}", f"is no list of spans: {literal[:60]!r}.", "Correct it."
        ) from None
    return LabelledQuestion(
        f"{same_name(file_name)}/{category}",
        QUESTIONS[category],
        category,
        (file_name,),
        file_name if quotes else "",
        quotes,
        SCOPED,
    )
