"""One answer as a document to be filed: the answer first, what it rests on, and the whole choice as an appendix."""

from typing import Final

from docx.document import Document

from core.export.document import (
    alarm,
    data_table,
    facts_table,
    new_document,
    paragraph,
    running_lines,
    saved,
    turn_page,
)
from core.export.plain_text import document_text
from core.export.records import HEADINGS, AnswerRecord
from core.export.sentences import (
    NO_ANSWER,
    READING,
    cautions,
    cited,
    facts,
    faults,
    moment,
    quotes_of,
    verdict,
)
from core.found_by import found_words
from core.page_words import pages
from core.records import Hit, Judged, Passage
from core.reflow import reflowed

LEGS: Final = ("Dense rank, score", "BM25 rank, score", "Fused rank, score", "Found by")
BEGINNING: Final = 160
SCORES: Final = ("Rank", "Contract, heading, page", "Passage", "Relevance", "Logit", *LEGS, "Verdict")
WIDTHS: Final = (12, 49, 62, 19, 14, 20, 20, 21, 24, 26)


def answer_docx(record: AnswerRecord) -> bytes:
    """Question, answer with its citations, sources, and an appendix with every candidate and its numbers."""
    question = record.finding.inquiry.question
    document = new_document(question, record.made_at)
    decision = f" \u00b7 {record.decision}" if record.decision else ""
    running_lines(document, f"Record of a question{decision}", f"Proviso \u00b7 {moment(record.made_at)}")
    paragraph(document, "Record of a question", "Title")
    paragraph(document, question, "Subtitle")
    _answer(document, record)
    _sources(document, record)
    document.add_heading("How this was found", 1)
    facts_table(document, facts(record))
    paragraph(document, READING, "Small print")
    _appendix(document, record)
    return saved(document)


def _answer(document: Document, record: AnswerRecord) -> None:
    answer = record.answer
    document.add_heading("No answer" if answer is None else HEADINGS[answer.kind], 1)
    if answer is None:
        paragraph(document, NO_ANSWER, "Warning")
    else:
        paragraph(document, answer.note, "Source" if answer.complete else "Warning")
        for statement in answer.statements:
            said = paragraph(document, statement.text)
            wrong = faults(statement)
            if wrong:
                alarm(said, f"NOT SUPPORTED: {'; '.join(wrong)}")
        if answer.text and not answer.statements:
            alarm(paragraph(document, answer.text), "NOT SUPPORTED: no citation")
    told = cautions(record)
    if told:
        document.add_heading("Cautions", 2)
        for caution in told:
            paragraph(document, caution, "List Bullet")


def _sources(document: Document, record: AnswerRecord) -> None:
    """The passages cited, or all that were kept where nothing is cited."""
    passages = cited(record)
    document.add_heading("Sources cited" if passages else "Passages kept", 1)
    shown = passages or record.finding.evidence.passages
    if not shown:
        paragraph(document, "No passage reached the minimum relevance.")
    for passage in shown:
        _source(document, record, passage)


def _source(document: Document, record: AnswerRecord, passage: Passage) -> None:
    document.add_heading("", 2).add_run(document_text(f"[{passage.number}] {passage.contract_title}"))
    where = ", ".join(filter(None, (pages(passage.page_start, passage.page_end), passage.heading)))
    paragraph(document, f"{where}; relevance {passage.relevance:.3f}", "Source")
    for quote in quotes_of(record, passage.number):
        paragraph(document, f"Quoted: \u201c{quote}\u201d")
    paragraph(document, reflowed(passage.text), "Quote")


def _appendix(document: Document, record: AnswerRecord) -> None:
    turn_page(document)
    ranking = record.finding.ranking
    document.add_heading("Appendix: every candidate and its scores", 1)
    document.add_heading(f"Kept: {len(ranking.kept)}", 2)
    data_table(document, SCORES, [_scores(judged) for judged in ranking.kept], WIDTHS)
    document.add_heading(f"Discarded: {len(ranking.discarded)}", 2)
    data_table(document, SCORES, [_scores(judged) for judged in ranking.discarded], WIDTHS)
    paragraph(
        document,
        "Of each passage its beginning; the whole text stands in the XLSX, CSV and JSON files. A dash: this leg of"
        " the search did not find it.",
        "Small print",
    )


def _scores(judged: Judged) -> tuple[str, ...]:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    where = (candidate.contract_title, chunk.heading, pages(chunk.page_start, chunk.page_end))
    text = " ".join(chunk.text.split())
    return (
        str(judged.rank),
        ", ".join(filter(None, where)),
        text if len(text) <= BEGINNING else f"{text[:BEGINNING].rstrip()}\u2026",
        f"{judged.relevance:.4f}",
        f"{judged.logit:.3f}",
        _hit(candidate.dense),
        _hit(candidate.bm25),
        f"{candidate.fused_rank}, {candidate.fused_score:.5f}",
        found_words(candidate),
        verdict(judged),
    )


def _hit(hit: Hit | None) -> str:
    return f"{hit.rank}, {hit.score:.4f}" if hit else "\u2013"
