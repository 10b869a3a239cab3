"""``proviso pipelines``: the recipes that a question may name, and what is wrong with those that are none."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.options import DataDirectory
from core.errors import ProvisoError
from core.pipeline.describe import asks_model, model_words
from core.pipeline.recipe_file import OWN_RECIPES, RECIPES, read_recipe
from core.pipeline.records import Recipe
from core.redact import json_text, printable_line
from core.settings import load_settings
from ingest.open_trail import chat_host

console = Console(highlight=False)


def pipelines(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    data_dir: DataDirectory = None,
) -> None:
    """List the pipelines with what they do: those that ship, and this library's own in its folder pipelines.

    Exit code 1: one of the library's own is not valid; the file and its fault are named.
    """
    settings = load_settings(data_dir)
    own = settings.directory / OWN_RECIPES
    recipes: dict[str, tuple[Recipe, Path]] = {}
    faults: list[tuple[Path, ProvisoError]] = []
    for path in (*sorted(RECIPES.glob("*.toml")), *sorted(own.glob("*.toml"))):
        try:
            recipes[path.stem] = read_recipe(path), path
        except ProvisoError as error:
            faults.append((path, error))
    host = chat_host(settings)
    if as_json:
        told = [_as_json(recipe, path) for _, (recipe, path) in sorted(recipes.items())]
        wrong = [{"file": str(path), "fault": str(fault)} for path, fault in faults]
        sys.stdout.write(
            json_text({"pipelines": told, "faults": wrong, "default": settings.pipeline}, 2) + "\n"
        )
    else:
        for name, (recipe, path) in sorted(recipes.items()):
            mark = ", the default" if name == settings.pipeline else ""
            mine = f", this library's own: {path}" if path.parent == own else ""
            console.print(Text(printable_line(f"{name}{mark}{mine}"), style="bold"), soft_wrap=True)
            console.print(Text(f"  {printable_line(recipe.description)}"), soft_wrap=True)
            console.print(Text(f"  {printable_line(modules(recipe))}"), soft_wrap=True)
            console.print(Text(f"  {printable_line(model_words(recipe, host))}"), soft_wrap=True)
        for path, fault in faults:
            console.print(Text(printable_line(f"{path}: {fault}"), style="red"), soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


def modules(recipe: Recipe) -> str:
    """The modules in the order in which they run, those of a layer that run beside each other joined by a plus."""
    layers = (
        recipe.pre_retrieval,
        recipe.retrieval,
        (recipe.fusion,),
        recipe.post_retrieval,
        (recipe.generation,),
    )
    return " > ".join(" + ".join(step.module for step in layer) for layer in layers if layer)


def _as_json(recipe: Recipe, path: Path) -> dict[str, object]:
    return {
        "name": recipe.name,
        "description": recipe.description,
        "asks_model": asks_model(recipe),
        "modules": [
            {"layer": layer.value, "module": step.module, "options": dict(step.options)}
            for layer, step in recipe.steps
        ],
        "file": str(path),
    }
