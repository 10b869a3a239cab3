"""``proviso eval --pipelines``: the same questions through several pipelines, as one table."""

import functools
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.text import Text

from core.audit.actor import system_user
from core.choose_answerer import open_chat
from core.errors import InvalidSettings
from core.pipeline.recipe_file import OWN_RECIPES, named_recipe, read_recipes
from core.pipeline.records import Recipe
from core.redact import printable
from core.settings import Settings
from evals.evaluate import OnProgress
from evals.pipelines.compare import compare, open_models
from evals.pipelines.drawing import draw, to_markdown
from evals.pipelines.files import pipelines_directory, save, to_json
from evals.pipelines.material import Wanted
from evals.pipelines.records import BASELINE, PipelineReport
from ingest.open_trail import chat_host, open_trail

EVERY = "all"
# Columns of a file or a pipe, which have no width of their own.
WIDTH = 220


def chosen_recipes(names: str, settings: Settings) -> tuple[Recipe, ...]:
    """The recipes that ``names`` (separated by commas, or ``all``) means; the baseline always among them.

    Raises:
        InvalidSettings: there is no such recipe, or one is not valid.
    """
    recipes = read_recipes(settings.directory / OWN_RECIPES)
    wanted = list(recipes) if names.strip() == EVERY else [name.strip() for name in names.split(",")]
    return tuple(named_recipe(name, recipes) for name in dict.fromkeys((BASELINE, *wanted)))


def wanted_folders(
    folders: Sequence[Path], parts: Sequence[str], contracts: int | None, questions: int | None
) -> tuple[Wanted, ...]:
    """The folders given, each with its part.

    Raises:
        InvalidSettings: there are parts, and not one for each folder.
    """
    if parts and len(parts) != len(folders):
        raise InvalidSettings(
            f"--part {' '.join(parts)}",
            f"{len(parts)} parts do not go with {len(folders)} folders.",
            "Give --part once for each folder, in their order, or leave it out.",
        )
    return tuple(Wanted(folder, part, contracts, questions) for folder, part in zip_longest(folders, parts))


def run(
    wanted: Sequence[Wanted], recipes: Sequence[Recipe], settings: Settings, seed: int, show: OnProgress
) -> PipelineReport:
    """Compare, with the model service where one is configured; what is sent to it is in the audit log before.

    Raises:
        ProvisoError: a folder, model or store cannot be used.
    """
    with open_models(settings) as models:
        if not settings.chat_configured:
            return compare(wanted, recipes, settings, models, seed, show)
        sys.stderr.write(f"Modules that ask a model service send questions to {chat_host(settings)}.\n")
        log = functools.partial(open_trail(settings).evaluated, system_user())
        return compare(wanted, recipes, settings, models, seed, show, open_chat(settings), log)


def tell(report: PipelineReport, settings: Settings, as_json: bool, markdown: Path | None) -> None:
    """Save the comparison and print it."""
    saved = save(report, pipelines_directory(settings))
    if markdown is not None:
        markdown.write_text(to_markdown(report), encoding="utf-8")
    if as_json:
        sys.stdout.write(to_json(report, indent=2).decode() + "\n")
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    for part in draw(report):
        console.print(part)
    console.print(Text(printable(f"Saved as {saved}; the app shows it on the page Evaluation.")))
