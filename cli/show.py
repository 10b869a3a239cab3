"""Findings, answers and reports on the terminal."""

from rich.console import Console
from rich.text import Text

from core.explain.margin import cut
from core.explain.silence_records import ContractAtMost, SilenceReport
from core.explain.silence_statement import statement
from core.found_by import found_words, wording_words
from core.records import Answer, Finding, Judged
from core.redact import printable, printable_line


def print_silence(report: SilenceReport, console: Console) -> None:
    """The statement of what was searched, then a line for every contract, best first."""
    console.print(Text("\nWhat each contract says at most", style="bold"))
    for sentence in statement(report):
        console.print(Text(printable_line(sentence)))
    console.print()
    for one in report.contracts:
        console.print(Text(_line(one)))


def _line(one: ContractAtMost) -> str:
    unread = f"; not read: {', '.join(map(str, one.unread_pages))}" if one.unread_pages else ""
    title = printable_line(f"{one.title} ({one.file_name})")
    if one.best is None:
        return f"     -  {title}: no passage{unread}"
    pages = f"p. {one.best.page_start}"
    where = printable_line(one.best.heading) or printable_line(one.best.text)[:60]
    return f"{one.relevance:.3f}  {title}: {pages}, {where}{unread}"


def print_finding(finding: Finding, near_miss_margin: float, console: Console) -> None:
    """The kept passages and the first ten that were discarded, near misses marked, and the cautions."""
    print_search(finding, console)
    near = cut(finding.ranking, near_miss_margin, finding.inquiry.minimum_relevance).near_ids
    for heading, group in (("Kept", finding.ranking.kept), ("Discarded", finding.ranking.discarded[:10])):
        console.print(Text(f"{heading}", style="bold"))
        for judged in group:
            mark = "  near miss" if judged.candidate.chunk.chunk_id in near else ""
            console.print(Text(_judged(judged, mark)))
        console.print()
    more = len(finding.ranking.discarded) - 10
    if more > 0:
        console.print(Text(f"and {more} more; --json has them all\n"))
    for caution in finding.cautions:
        console.print(Text(printable_line(caution), style="yellow"))


def print_search(finding: Finding, console: Console) -> None:
    """What was searched beside the question, and the notes of the pipeline; nothing where there is neither."""
    for wording in finding.wordings:
        console.print(Text(f"Searched as well: {printable_line(wording_words(wording))}"))
    for note in finding.notes:
        console.print(Text(f"Note: {printable_line(note)}", style="yellow"))
    if finding.wordings or finding.notes:
        console.print()


def print_answer(given: Answer | None, console: Console) -> None:
    """The answer, said to be incomplete where it is."""
    if given is None:
        return
    heading = "Answer" if given.complete else f"{given.kind.value.upper()} ANSWER"
    console.print(Text(heading, style="bold" if given.complete else "bold red"))
    if given.text:
        console.print(Text(printable(given.text)))
    console.print(Text(printable_line(given.note), style="italic"))


def _judged(judged: Judged, mark: str) -> str:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    found = found_words(candidate) or "not known"
    pages = f"p. {chunk.page_start}" + (f"-{chunk.page_end}" if chunk.page_end > chunk.page_start else "")
    head = f"{judged.rank:>3}  {judged.relevance:.3f}  {found}, fused {candidate.fused_rank}{mark}"
    where = printable_line(f"{candidate.contract_title}, {pages}, {chunk.heading}")
    return f"{head}  {where}\n     {printable_line(chunk.text)[:300]}"
