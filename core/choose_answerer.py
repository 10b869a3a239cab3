"""Which answerer the settings ask for: a model service when one is named, else extracts."""

from core.answering.chat import OpenAIChat
from core.answering.extract import ExtractAnswerer
from core.models import Scorer
from core.settings import Settings
from core.stage3_answer import Answerer, GeneratedAnswerer


def choose_answerer(settings: Settings, scorer: Scorer) -> Answerer:
    """A generated answer when ``chat_model`` is set, otherwise the contracts' own words."""
    if not settings.chat_configured:
        return ExtractAnswerer(scorer)
    return GeneratedAnswerer(open_chat(settings), settings.chat_model)


def open_chat(settings: Settings) -> OpenAIChat:
    """The model service of the settings; nothing is sent until it is asked."""
    return OpenAIChat(
        base_url=settings.openai_base_url,
        key=settings.openai_api_key,
        model=settings.chat_model,
        deadline_seconds=settings.chat_deadline,
        plain_http=settings.allow_plain_http,
    )
