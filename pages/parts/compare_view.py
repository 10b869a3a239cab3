"""One question through several pipelines as a table: a row for each passage kept by any, a column for each pipeline."""

from collections.abc import Callable, Mapping
from typing import Final

from core.compare_pipelines import Column, PipelineComparison, Place, Row
from core.found_by import found_words, written_by
from core.page_words import pages
from core.pipeline.records import Recipe
from core.plural import plural
from core.records import Judged
from core.reflow import reflowed
from core.what_left import what_left
from pages.parts.markup import bar, one_line, page_link, safe

# Of what only one pipeline found, the best.
NEAREST: Final = 5
NONE: Final = "none"
SCORED_ONCE: Final = (
    "A passage that was scored for one pipeline is not scored again for the next one, so the times of scoring grow"
    " shorter in the order in which they ran and do not compare."
)


def table_html(made: PipelineComparison, recipes: Mapping[str, Recipe], host: str) -> str:
    """The verdict and the table; ``host`` is that of the model service, empty where there is none."""
    return (
        '<section class="versus" aria-label="Pipelines side by side">'
        f'<p class="result">{safe(made.verdict)}</p>{_table(made, recipes, host)}'
        f'<p class="hint">{SCORED_ONCE}</p></section>'
    )


def alone_html(made: PipelineComparison) -> str:
    """What each pipeline alone has among its candidates, kept or not."""
    parts = "".join(_found_alone(column) for column in made.columns)
    return (
        '<section class="versus" aria-label="Found by one pipeline alone">'
        f'<h3 class="quiet">Found by one of them alone</h3><div class="alone">{parts}</div></section>'
    )


def _table(made: PipelineComparison, recipes: Mapping[str, Recipe], host: str) -> str:
    heads = "".join(_head(column, first=not number) for number, column in enumerate(made.columns))
    rows = "".join(_row(row, made) for row in made.rows)
    facts: tuple[tuple[str, Callable[[Column], str]], ...] = (
        ("What it does", lambda column: _description(column, recipes)),
        ("Candidates", lambda column: f"{len(column.finding.ranking.all)}"),
        ("Search", lambda column: f"{column.searching:.2f} s"),
        ("Scoring", lambda column: f"{column.seconds - column.searching:.1f} s"),
        ("Model service", _calls),
        ("What left this machine", lambda column: safe(what_left(None, column.finding, host))),
        ("Searched beside the question", _wordings),
        ("Notes", _notes),
    )
    below = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{say(column)}</td>" for column in made.columns)}</tr>'
        for name, say in facts
        if any(say(column) != NONE for column in made.columns)
    )
    return (
        '<div class="rows" tabindex="0" role="region" aria-label="Kept passages by pipeline"><table>'
        f'<thead><tr><th scope="col">Kept passages, best first</th>{heads}</tr></thead>'
        f'<tbody>{rows}</tbody><tbody class="about">{below}</tbody></table></div>'
    )


def _head(column: Column, *, first: bool) -> str:
    note = "on the screen" if first else f"keeps {len(column.finding.ranking.kept)}"
    return f'<th scope="col">{safe(column.pipeline)}<small>{note}</small></th>'


def _row(row: Row, made: PipelineComparison) -> str:
    chunk = row.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 60)
    alone = ' <span class="flag only">kept by one</span>' if row.kept_by == 1 else ""
    cells = "".join(_place(place, column) for place, column in zip(row.places, made.columns, strict=True))
    return (
        f'<tr><th scope="row"><details><summary><b>{safe(row.candidate.contract_title)}</b>'
        f"<span>{safe(one_line(heading, 70))}, {pages(chunk.page_start, chunk.page_end)}{alone}</span></summary>"
        f'<div class="text">{safe(reflowed(chunk.text))}</div>'
        f'<a href="{safe(page_link(chunk))}" target="_blank">Open page</a></details></th>{cells}</tr>'
    )


def _place(place: Place | None, column: Column) -> str:
    if place is None:
        return '<td class="missing">not a candidate</td>'
    said = f"relevance {place.relevance:.3f} of 1"
    part = f"<small>judged by the part: {safe(one_line(place.part, 80))}</small>" if place.part else ""
    if place.kept:
        return (
            f'<td class="kept"><b>Kept, rank {place.rank}</b>'
            f'<span class="score">{place.relevance:.3f}</span>{bar(place.relevance, said)}{part}</td>'
        )
    minimum = column.finding.inquiry.minimum_relevance
    why = "below the minimum" if place.relevance < minimum else "not kept"
    return (
        f'<td class="out">Rank {place.rank}, {why}<span class="score">{place.relevance:.3f}</span>{part}</td>'
    )


def _description(column: Column, recipes: Mapping[str, Recipe]) -> str:
    recipe = recipes.get(column.pipeline)
    return NONE if recipe is None else safe(recipe.description)


def _calls(column: Column) -> str:
    return f"{plural(column.calls, 'call')}, about {column.tokens:,} tokens" if column.calls else "not asked"


def _wordings(column: Column) -> str:
    items = "".join(
        f"<li>{safe(one_line(one.text, 120))} <small>{safe(written_by(one))}</small></li>"
        for one in column.finding.wordings
    )
    if not items:
        return NONE
    count = plural(len(column.finding.wordings), "wording")
    return f"<details><summary>{count}</summary><ul>{items}</ul></details>"


def _notes(column: Column) -> str:
    items = "".join(f"<li>{safe(note)}</li>" for note in column.finding.notes)
    return f"<ul>{items}</ul>" if items else NONE


def _found_alone(column: Column) -> str:
    count = len(column.only_found)
    if not count:
        return (
            f"<section><h4>{safe(column.pipeline)}</h4>"
            "<p>Each of its candidates was found by another one as well.</p></section>"
        )
    items = "".join(_alone_item(one) for one in column.only_found[:NEAREST])
    more = f"<p>and {plural(count - NEAREST, 'other')}, less relevant</p>" if count > NEAREST else ""
    only = [one for one in column.only_found if one in column.only_kept]
    kept = f"{len(only)} of them kept" if only else "none of them kept"
    return (
        f"<section><h4>{safe(column.pipeline)} <small>{plural(count, 'candidate')}, {kept}</small></h4>"
        f"<ol>{items}</ol>{more}</section>"
    )


def _alone_item(judged: Judged) -> str:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 60)
    return (
        f'<li><details><summary><span class="score">{judged.relevance:.3f}</span>'
        f" <b>{safe(candidate.contract_title)}</b>"
        f"<span>{safe(one_line(heading, 60))}, {pages(chunk.page_start, chunk.page_end)};"
        f" {safe(found_words(candidate))}</span></summary>"
        f'<div class="text">{safe(reflowed(chunk.text))}</div></details></li>'
    )
