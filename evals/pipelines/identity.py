"""On what outcomes rest: another recipe, module, index, model or setting, and they are made anew."""

import hashlib
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

import core
from core.file_digest import file_digest
from core.inference.prior import PRIOR_FILE
from core.models import reranker_directory
from core.pipeline.records import Recipe
from core.settings import Settings
from evals.report import Environment

# Outcomes of another format are not read.
FORMAT = 1
_ROOT = Path(core.__file__).parent
_RECIPE = TypeAdapter(Recipe)


def recipe_digest(recipe: Recipe) -> str:
    """The sha256 of what a recipe says, its modules' defaults included."""
    return hashlib.sha256(_RECIPE.dump_json(recipe)).hexdigest()


def outcome_digest(recipe: Recipe, index: str, environment: Environment, settings: Settings) -> str:
    """The sha256 of everything that shapes the outcomes of ``recipe``, the service's key left out.

    Args:
        recipe: which modules run, with which options.
        index: changes with what is searched.
        environment: the weights and the limits of the search.
        settings: name the model service.
    """
    used = environment
    service = f"{settings.openai_base_url} {settings.chat_model}" if settings.chat_configured else "none"
    parts = (
        str(FORMAT),
        _RECIPE.dump_json(recipe).decode(),
        code_digest(),
        index,
        *(f"{model.weights or model.name} {model.backend}" for model in (used.encoder, used.reranker)),
        prior_digest(settings),
        f"{used.candidates} {used.keep} {used.rrf_k}",
        service,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def prior_digest(settings: Settings) -> str:
    """The sha256 of what says how the encoder's similarity counts; empty where nothing does."""
    path = Path(reranker_directory(settings.reranker)) / PRIOR_FILE
    return file_digest(path) if path.is_file() else ""


@cache
def code_digest() -> str:
    """The sha256 of the modules and of the stages that run them, with the words they work with."""
    pipeline = (path for path in (_ROOT / "pipeline").rglob("*") if path.is_file() and path.suffix != ".pyc")
    whole = hashlib.sha256()
    for path in sorted((*_ROOT.glob("*.py"), *pipeline)):
        whole.update(
            str(path.relative_to(_ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest()
        )
    return whole.hexdigest()
