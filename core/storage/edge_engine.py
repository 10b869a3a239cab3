"""What Proviso says to Qdrant's own engine: its collection, its filters, its records."""

from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

import numpy as np
import qdrant_edge as engine

from core.storage.vector_index import StoredPoint

ENGINE = f"qdrant-edge-py {version('qdrant-edge-py')}"
CONTRACT = "contract_id"
MOST_CONTRACTS = 1 << 30


def created_shard(folder: Path, dimension: int) -> engine.EdgeShard:
    """An empty collection in ``folder``, for vectors of this dimension compared by cosine and searched exactly."""
    parameters = engine.EdgeVectorParams(size=dimension, distance=engine.Distance.Cosine)
    # No log of its own, for the catalogue has everything; no approximate index, for no clause may be missed.
    exact = engine.EdgeOptimizersConfig(indexing_threshold=0, default_segment_number=1)
    shard = engine.EdgeShard.create(
        str(folder), engine.EdgeConfig(vectors=parameters, optimizers=exact, wal_enabled=False)
    )
    shard.update(engine.UpdateOperation.create_field_index(CONTRACT, engine.PayloadSchemaType.Keyword))
    return shard


def contracts_in(shard: engine.EdgeShard) -> frozenset[str]:
    """The ids of all contracts that have a point."""
    facets = shard.facet(engine.FacetRequest(CONTRACT, limit=MOST_CONTRACTS, exact=True))
    return frozenset(str(hit.value) for hit in facets.hits)


def any_of(contract_ids: Collection[str]) -> engine.FieldCondition:
    """True of a point of one of these contracts."""
    return engine.FieldCondition(CONTRACT, match=engine.MatchAny(list(contract_ids)))


def stored_point(record: engine.Record) -> StoredPoint:
    """A record that was read with its payload and vector."""
    contract_id = (record.payload or {}).get(CONTRACT)
    return StoredPoint(
        str(record.id),
        contract_id if isinstance(contract_id, str) else "",
        np.asarray(record.vector, dtype=np.float32),
    )
