"""A recipe in words: what it does, and what it has to do with a model service."""

from core.pipeline.module import PreRetrieval, Retrieval
from core.pipeline.modules import MODULES
from core.pipeline.records import Recipe

_ASKING = frozenset(
    module.name for module in MODULES if isinstance(module, PreRetrieval | Retrieval) and module.asks
)


def asks_model(recipe: Recipe) -> bool:
    """True when one of its modules asks the model service where there is one."""
    return any(step.module in _ASKING for _, step in recipe.steps)


def model_words(recipe: Recipe, host: str) -> str:
    """What it has to do with a model service; ``host`` is empty where none is set up."""
    if not asks_model(recipe):
        return "It searches on this machine and asks no model service."
    if host:
        return f"For the search it asks the model service at {host}; the passages it finds are not sent for that."
    return "With a model service it would ask it for the search; none is set up, so it works without one."
