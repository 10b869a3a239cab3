"""What ``proviso doctor`` looks at: models and model service, each as one finding."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.answering.chat import ChatModel, Message
from core.errors import ProvisoError
from core.inference.choose import Choice
from core.models import EncoderSource, load_scorer
from core.settings import Settings

PROBE = (Message("user", "Reply with the word OK."),)


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check: what was looked at, whether it is sound, and the details."""

    name: str
    sound: bool
    detail: str


def check_models(settings: Settings) -> Iterator[Check]:
    """The encoder's weights are the expected ones and both models give a score."""

    def encoder() -> str:
        source = EncoderSource(settings.encoder)
        encoder = source.load(settings)
        dimension = encoder.encode(["probe"]).shape[1]
        return (
            f"{settings.encoder}, {dimension} dimensions, {source.identity[:12]}, {_running(encoder.choice)}"
        )

    def reranker() -> str:
        scorer = load_scorer(settings.reranker, settings)
        near, far = scorer.score(
            "Which law governs this agreement?",
            [
                "This Agreement is governed by the laws of the State of New York.",
                "The Supplier shall deliver the Goods to the Delivery Point.",
            ],
        )
        if not near > far:
            raise ProvisoError(settings.reranker, "prefers a wrong passage.", "Choose another reranker.")
        return (
            f"{settings.reranker}, right passage {near:.2f}, wrong passage {far:.2f}, {_running(scorer.choice)};"
            f" first look: {scorer.first_look_why}; the encoder's similarity counts"
            f" {'nothing' if scorer.prior is None else f'{scorer.prior.weight:.1f} logits a unit'}"
        )

    yield _check("encoder", encoder)
    yield _check("reranker", reranker)


def check_chat(settings: Settings, chat: ChatModel) -> Check:
    """The model service answers."""
    return _check("model service", lambda: f"{settings.chat_model} answered {_first_words(chat)!r}")


def _first_words(chat: ChatModel) -> str:
    return "".join(delta.text for delta in chat.stream(PROBE))[:40]


def _running(choice: Choice) -> str:
    return f"on {choice.recipe} ({choice.why})"


def _check(name: str, work: Callable[[], str]) -> Check:
    try:
        return Check(name, True, work())
    except ProvisoError as error:
        return Check(name, False, str(error))
