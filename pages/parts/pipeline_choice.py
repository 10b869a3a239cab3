"""The pipelines in a list to choose from: each with what it does, and what it has to do with a model service."""

import streamlit as st

from core.pipeline.describe import asks_model, model_words
from core.pipeline.records import Recipe
from core.redact import printable_line
from pages.parts.markup import safe
from pages.parts.wiring import Services

HELP = (
    "How candidates are searched for. In every pipeline the reranker reads all of them and decides, and the answer"
    " rests on what it keeps."
)


def option(recipe: Recipe, host: str) -> str:
    """A recipe as a line of a list, which shows it as plain text; ``host`` is empty where there is no model service."""
    asks = " (asks the model service)" if host and asks_model(recipe) else ""
    return printable_line(f"{recipe.name}{asks}: {recipe.description}")


def pipeline_choice(services: Services, key: str = "pipeline") -> str:
    """Draw the list; the pipeline of the settings is chosen at first. What the chosen one asks of a model is said."""
    names = sorted(services.recipes)
    chosen = st.selectbox(
        "Pipeline",
        names,
        names.index(services.settings.pipeline),
        format_func=lambda name: option(services.recipes[name], services.chat_host),
        help=HELP,
        key=key,
        label_visibility="collapsed",
    )
    recipe = services.recipes[chosen or services.settings.pipeline]
    if asks_model(recipe):
        st.html(f'<p class="hint">{safe(model_words(recipe, services.chat_host))}</p>')
    return recipe.name
