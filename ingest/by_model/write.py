"""Carry out a plan: ask, read, keep. A text is kept as soon as it is there, so a killed run goes on where it was."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from core.answering.chat import ChatModel
from core.audit.trail import AuditTrail
from core.errors import ChatUnavailable
from core.storage.model_texts import ModelTexts
from ingest.by_model.records import Failure, Outcome, Plan, Request
from ingest.by_model.reply import read_reply

AT_ONCE = 4
# A service that refuses one request after the other refuses the rest too.
MOST_FAILURES = 3
AGAIN = "Run the command again: what is written is kept, and the rest is asked for."


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes, where it is kept, and on whose behalf: every request is in the audit log before it is sent."""

    chat: ChatModel
    model: str
    store: ModelTexts
    trail: AuditTrail
    actor: str


def write_texts(
    plan: Plan,
    desk: Desk,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Ask for every text of ``plan``, a few requests at a time.

    Args:
        plan: what is asked.
        desk: with what.
        on_progress: told how many parts are done and how many there are.
        stop: asked before every few requests; what is left is due at the next run.

    Raises:
        AuditUnavailable: a request could not be logged; it was not sent.
    """
    written: dict[str, int] = {}
    failures: list[Failure] = []
    done = in_a_row = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for first in range(0, len(plan.requests), AT_ONCE):
            if stop() or in_a_row >= MOST_FAILURES:
                break
            wave = plan.requests[first : first + AT_ONCE]
            for request in wave:
                desk.trail.describing(
                    desk.actor, _subject(request, plan), (request.contract_id,), request.sent
                )
            for request, reply in zip(wave, pool.map(lambda one: _ask(one, desk), wave), strict=True):
                texts, failure = _keep(request, reply, plan, desk)
                written[request.contract_id] = written.get(request.contract_id, 0) + texts
                failures += [failure] if failure else []
                in_a_row = in_a_row + 1 if failure and not texts else 0
                done += len(request.parts)
                on_progress(done, plan.parts)
    with_texts = dict.fromkeys([*(one for one, count in written.items() if count), *plan.sharing])
    return Outcome(sum(written.values()), tuple(with_texts), joined(failures), plan.parts - done)


def joined(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """One failure for each contract and reason."""
    counted: dict[tuple[str, str, str], int] = {}
    for one in failures:
        place = (one.contract, one.reason, one.next_step)
        counted[place] = counted.get(place, 0) + one.parts
    return tuple(
        Failure(contract, parts, reason, next_step)
        for (contract, reason, next_step), parts in counted.items()
    )


def _ask(request: Request, desk: Desk) -> tuple[str, bool] | ChatUnavailable:
    """The reply and whether it is whole, or why there is none."""
    try:
        deltas = tuple(desk.chat.stream(request.messages))
    except ChatUnavailable as failure:
        return failure
    whole = bool(deltas) and deltas[-1].finish_reason == "stop"
    return "".join(delta.text for delta in deltas), whole


def _keep(
    request: Request, reply: tuple[str, bool] | ChatUnavailable, plan: Plan, desk: Desk
) -> tuple[int, Failure | None]:
    """How many texts of a reply were kept, and what is missing of them."""
    name, count = request.parts[0].contract, len(request.parts)
    if isinstance(reply, ChatUnavailable):
        return 0, Failure(
            name, count, f"{reply.subject} {reply.reason}", f"{reply.next_step} {AGAIN}".strip()
        )
    texts = read_reply(reply[0], plan.kind, count, whole=reply[1])
    keyed = {request.parts[number - 1].key(plan.kind): text for number, text in texts.items()}
    desk.store.put(request.contract_id, plan.kind.name, keyed, desk.model)
    if len(keyed) == count:
        return count, None
    reason = "the model wrote nothing usable for these passages."
    return len(keyed), Failure(name, count - len(keyed), reason, AGAIN)


def _subject(request: Request, plan: Plan) -> str:
    return f"{plan.kind.name}: {len(request.parts)} passages, {len(request.sent)} characters"
