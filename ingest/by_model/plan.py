"""What would be asked of the model service: nothing is sent here, and nothing that is known is planned."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from core.storage.model_texts import ModelTexts
from ingest.by_model.records import Part, Plan, Request, TextKind
from ingest.by_model.reply import messages

# Characters of the parts of one request: small models lose track of more.
LONGEST_REQUEST = 12_000


def plan_texts(kind: TextKind, parts: Iterable[Part], store: ModelTexts) -> Plan:
    """The requests for the parts that nothing is written about yet; equal content is asked about once.

    Args:
        kind: of the texts.
        parts: those of one contract follow one another.
        store: where the texts are kept.
    """
    known = 0
    asked: set[str] = set()
    sharing: list[str] = []
    requests: list[Request] = []
    for contract_id, group in groupby(parts, key=lambda part: part.contract_id):
        by_key = {part.key(kind): part for part in group}
        store.adopt(contract_id, kind.name, by_key)
        have = store.of(contract_id, kind.name).keys()
        due = [part for key, part in by_key.items() if key not in have and key not in asked]
        sharing += [contract_id] if any(key in asked for key in by_key) else []
        known += len(by_key) - len(due)
        asked.update(part.key(kind) for part in due)
        requests += [Request(batch, messages(kind, batch)) for batch in _batches(due, kind.batch)]
    return Plan(kind, tuple(requests), known, tuple(sharing))


def _batches(parts: list[Part], most: int) -> Iterator[tuple[Part, ...]]:
    batch: list[Part] = []
    size = 0
    for part in parts:
        if batch and (len(batch) == most or size + len(part.content) > LONGEST_REQUEST):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(part)
        size += len(part.content)
    if batch:
        yield tuple(batch)
