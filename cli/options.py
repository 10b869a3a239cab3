"""Options and arguments that several commands take, and what is made of them."""

from pathlib import Path
from typing import Annotated

import typer

from core.contract_filter import ContractFilter
from core.errors import InvalidSettings
from core.records import Selection
from core.settings import Settings

DataDirectory = Annotated[Path | None, typer.Option(help="Where the library is kept.")]
InContracts = Annotated[
    list[str] | None, typer.Option(help="Search only this contract: id, file name or title.")
]
Party = Annotated[list[str] | None, typer.Option(help="Only contracts with a party so named.")]
Law = Annotated[list[str] | None, typer.Option(help="Only contracts under this law.")]
Kind = Annotated[list[str] | None, typer.Option("--type", help="Only contracts of this type.")]
DatedFrom = Annotated[str, typer.Option(help="Only contracts of this day or later, YYYY-MM-DD.")]
DatedTo = Annotated[str, typer.Option(help="Only contracts of this day or earlier.")]
Candidates = Annotated[int | None, typer.Option(help="Candidates to rerank, 20 to 200.")]
Keep = Annotated[int | None, typer.Option(help="Passages to keep, 1 to 20.")]
MinimumRelevance = Annotated[float | None, typer.Option(help="Keep nothing below, 0 to 1.")]
BestOfEach = Annotated[bool, typer.Option("--best-of-each", help="Keep the best passage of each contract.")]
PipelineName = Annotated[str, typer.Option(help="Name of the pipeline; proviso pipelines lists them.")]


def conditions_of(
    party: list[str] | None, law: list[str] | None, kind: list[str] | None, dated_from: str, dated_to: str
) -> ContractFilter:
    """The filter that the options describe."""
    return ContractFilter(
        tuple(party or ()), tuple(law or ()), tuple(kind or ()), dated_from.strip(), dated_to.strip()
    )


def limits_of(
    settings: Settings, candidates: int | None, keep: int | None, minimum_relevance: float | None
) -> dict[str, int | float]:
    """The limits of a question by the names of its fields; what is not given is that of the settings."""
    given = {"candidates": candidates, "keep": keep, "minimum_relevance": minimum_relevance}
    return {name: getattr(settings, name) if value is None else value for name, value in given.items()}


def selection_of(best_of_each: bool) -> Selection:
    """How places are filled."""
    return Selection.BEST_OF_EACH if best_of_each else Selection.BEST


def require_service(settings: Settings) -> None:
    """Raise InvalidSettings where ``--model`` is given and no model service is configured."""
    if not settings.chat_configured:
        raise InvalidSettings(
            "--model", "needs a model service.", "Set PROVISO_CHAT_MODEL, see .env.example."
        )
