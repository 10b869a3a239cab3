"""Recipes from TOML files, and everything that makes one invalid.

description = "..."
pre_retrieval = []                      # module names, layer by layer
retrieval = ["dense", "bm25"]
fusion = "reciprocal_rank"
post_retrieval = ["rerank"]
generation = "answer"
[options.reciprocal_rank]               # what differs from the module's defaults
k = 30
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from core.errors import InvalidSettings
from core.pipeline.module import Module
from core.pipeline.modules import ANSWER, MODULES, RERANK
from core.pipeline.records import Option, Recipe, Step
from core.records import Layer

RECIPES: Final = Path(__file__).with_name("recipes")
DEFAULT: Final = "hybrid"
OWN_RECIPES: Final = "pipelines"
"""The folder of the data directory where the recipes of a library lie."""
_LISTS = (Layer.PRE_RETRIEVAL, Layer.RETRIEVAL, Layer.POST_RETRIEVAL)
_FIELDS = frozenset({"description", "options", *(layer.value for layer in Layer)})


class InvalidRecipe(InvalidSettings):
    """A recipe that is no pipeline."""


@cache
def default_recipe() -> Recipe:
    """The recipe that runs where none is named."""
    return read_recipe(RECIPES / f"{DEFAULT}.toml")


def read_recipes(own: Path | None = None) -> dict[str, Recipe]:
    """Every recipe by name: those that ship, and those in the folder ``own``, which win over the former.

    Raises:
        InvalidRecipe: one of them is not valid.
    """
    files = [*sorted(RECIPES.glob("*.toml")), *(sorted(own.glob("*.toml")) if own else ())]
    return {recipe.name: recipe for recipe in map(read_recipe, files)}


def named_recipe(name: str, recipes: Mapping[str, Recipe], subject: str = "The pipeline") -> Recipe:
    """The recipe of this name, asked for by ``subject``.

    Raises:
        InvalidSettings: there is none.
    """
    if name not in recipes:
        raise InvalidSettings(
            f"{subject} {name!r}",
            "does not exist.",
            f"Choose one of {', '.join(sorted(recipes))}; proviso pipelines describes them.",
        )
    return recipes[name]


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; its name is the file's.

    Raises:
        InvalidRecipe: the file cannot be read, or what it says is no pipeline.
    """
    try:
        return parse_recipe(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRecipe(f"The recipe {path.name}", f"cannot be read ({error}).", "Correct it.") from None


def parse_recipe(name: str, fields: Mapping[str, Any]) -> Recipe:
    """The recipe that ``fields`` describe.

    Raises:
        InvalidRecipe: a field or module is unknown or missing, stands in the wrong layer, or the reranker is not the
            one that comes last before the answer.
    """
    check = _Checked(name, fields)
    check.names()
    options = check.options()
    lists = {layer: [Step(one, options[one]) for one in check.modules(layer)] for layer in _LISTS}
    fusion, generation = check.module(Layer.FUSION), check.module(Layer.GENERATION)
    check.reranker([step.module for step in lists[Layer.POST_RETRIEVAL]])
    if not lists[Layer.RETRIEVAL]:
        raise check.fault("retrieval names no module", "Name one, such as dense.")
    return Recipe(
        name,
        str(fields["description"]),
        tuple(lists[Layer.PRE_RETRIEVAL]),
        tuple(lists[Layer.RETRIEVAL]),
        Step(fusion, options[fusion]),
        tuple(lists[Layer.POST_RETRIEVAL]),
        Step(generation, options[generation]),
    )


class _Checked:
    """Reads the fields of one recipe and says what is wrong with them."""

    def __init__(self, name: str, fields: Mapping[str, Any]) -> None:
        self._name = name
        self._fields = fields
        self._known = {module.name: module for module in MODULES}

    def fault(self, reason: str, next_step: str) -> InvalidRecipe:
        return InvalidRecipe(f"The recipe {self._name!r}", f"is not valid: {reason}.", next_step)

    def names(self) -> None:
        unknown = sorted(set(self._fields) - _FIELDS)
        if unknown:
            raise self.fault(f"{unknown[0]!r} is no field", f"The fields are {', '.join(sorted(_FIELDS))}.")
        missing = sorted(_FIELDS - set(self._fields) - {"options"})
        if missing:
            raise self.fault(f"{missing[0]!r} is missing", "Add it.")
        if not isinstance(self._fields["description"], str) or not self._fields["description"].strip():
            raise self.fault("it describes nothing", "Say in one sentence what it does.")

    def modules(self, layer: Layer) -> list[str]:
        names = self._fields[layer]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.fault(f"{layer} is {names!r}, not a list of names", 'Write a list, such as ["dense"].')
        if len(set(names)) != len(names):
            raise self.fault(f"{layer} names a module twice", "Name each once.")
        return [self._of(layer, name) for name in names]

    def module(self, layer: Layer) -> str:
        name = self._fields[layer]
        if not isinstance(name, str):
            raise self.fault(f"{layer} is {name!r}, not one name", "Write one name.")
        return self._of(layer, name)

    def _of(self, layer: Layer, name: str) -> str:
        offered = sorted(module.name for module in MODULES if module.layer is layer)
        if name not in offered:
            raise self.fault(
                f"{layer} names {name!r}, which is no module of it", f"Its modules: {', '.join(offered)}."
            )
        return name

    def reranker(self, post_retrieval: Sequence[str]) -> None:
        if not post_retrieval or post_retrieval[-1] != RERANK.name:
            raise self.fault(
                "the answer would not rest on the reranker's choice",
                f"End post_retrieval with {RERANK.name!r}; {ANSWER.name} sees what it keeps and nothing else.",
            )

    def options(self) -> dict[str, dict[str, Option]]:
        given = self._fields.get("options", {})
        if not isinstance(given, dict):
            raise self.fault(f"options is {given!r}, not a table", "Write [options.MODULE].")
        unknown = sorted(set(given) - set(self._known))
        if unknown:
            raise self.fault(f"options are given for {unknown[0]!r}, which is no module", "Remove them.")
        return {name: self._options_of(module, given.get(name, {})) for name, module in self._known.items()}

    def _options_of(self, module: Module, given: Any) -> dict[str, Option]:  # noqa: ANN401
        if not isinstance(given, dict):
            raise self.fault(f"the options of {module.name} are {given!r}, not a table", "Write a table.")
        for option, value in given.items():
            if option not in module.options:
                offered = ", ".join(sorted(module.options)) or "none"
                raise self.fault(f"{module.name} has no option {option!r}", f"Its options: {offered}.")
            wanted = type(module.options[option])
            if type(value) is not wanted and not (wanted is float and type(value) is int):
                raise self.fault(
                    f"the option {option} of {module.name} is {value!r}",
                    f"Give a value of the type {wanted.__name__}.",
                )
            bounds = module.bounds.get(option)
            if bounds is not None and not bounds[0] <= float(value) <= bounds[1]:
                raise self.fault(
                    f"the option {option} of {module.name} is {value!r}",
                    f"Give a value from {bounds[0]} to {bounds[1]}.",
                )
        return {**module.options, **given}
