"""How a candidate was found: by which modules, with which wordings, at which ranks."""

from collections.abc import Sequence

from core.found_by import best_ranks, module_name, writer
from core.plural import plural
from core.records import Candidate, FoundBy, Judged
from pages.parts.markup import one_line, safe

WORDING = 160
MISSED = "\u2013"


def ranks_html(judged: Judged, modules: Sequence[str]) -> str:
    """The way of a passage through both stages on one line; a dash stands for a module that did not find it."""
    candidate = judged.candidate
    ranks = best_ranks(candidate)
    moved = candidate.fused_rank - judged.rank
    kind, words = (
        ("up", f"up {moved}") if moved > 0 else ("down", f"down {-moved}") if moved < 0 else ("", "same")
    )
    note = "; end of the passage not read" if judged.truncated else ""
    of_part = f"<span>Judged by the part <b>{safe(judged.wording)}</b></span>" if judged.wording else ""
    found = "".join(
        f"<span>{safe(_capital(module_name(module)))} <b>{ranks.get(module, MISSED)}</b></span>"
        for module in modules
    )
    return (
        f"{found}<span>Fused <b>{candidate.fused_rank}</b> \u2192 final <b>{judged.rank}</b>"
        f' <i class="{kind}">{words}</i>{note}</span>{of_part}'
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def found_html(candidate: Candidate, *, opened: bool = False) -> str:
    """Every find of a candidate, closed at first unless ``opened``; empty where nothing is known of it."""
    found = candidate.found_by
    if not found:
        return ""
    rows = "".join(_row(one) for one in found)
    return (
        f'<details class="found"{" open" if opened else ""}>'
        f"<summary>How it was found: {plural(len(found), 'way')}</summary><table><thead><tr>"
        '<th scope="col">Module</th><th scope="col">Searched with</th><th scope="col">Written by</th>'
        f'<th scope="col">Rank</th></tr></thead><tbody>{rows}</tbody></table></details>'
    )


def _row(one: FoundBy) -> str:
    return (
        f"<tr><td>{safe(module_name(one.module))}</td><td>{safe(one_line(one.wording, WORDING))}</td>"
        f"<td>{safe(writer(one.origin))}</td><td>{one.rank}</td></tr>"
    )
