"""What a model service wrote about parts of contracts, once for all questions: by kind and by a key of what was asked.

It cost money or time, so nothing is asked twice: the key is a hash of the content, whatever contract holds it and
however often that is indexed.
"""

import hashlib
import json
from collections.abc import Collection, Mapping

from core.storage.sqlite_file import Database


def text_key(kind: str, version: str, content: str) -> str:
    """The key of what a model writes about ``content``: equal content, equal key."""
    return hashlib.sha256("\0".join((kind, version, content)).encode("utf-8", "surrogatepass")).hexdigest()


class ModelTexts:
    """Reads and writes such texts; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, contract_id: str, kind: str, texts: Mapping[str, str], model: str) -> None:
        """Store texts by their keys; of a contract that is gone meanwhile nothing is stored."""
        self._database.connection.executemany(
            "INSERT OR REPLACE INTO model_texts (kind, key, contract_id, text, model)"
            " SELECT ?, ?, contract_id, ?, ? FROM contracts WHERE contract_id = ? AND state = 'ready'",
            [(kind, key, text, model, contract_id) for key, text in texts.items()],
        )

    def of(self, contract_id: str, kind: str) -> dict[str, str]:
        """The texts of one contract, by key."""
        rows = self._database.connection.execute(
            "SELECT key, text FROM model_texts WHERE contract_id = ? AND kind = ?", (contract_id, kind)
        )
        return {row["key"]: row["text"] for row in rows}

    def adopt(self, contract_id: str, kind: str, keys: Collection[str]) -> int:
        """Give a contract what was written about the same content in others; returns how many texts it has now of
        ``keys``.
        """
        wanted = json.dumps(list(keys))
        self._database.connection.execute(
            "INSERT OR IGNORE INTO model_texts (kind, key, contract_id, text, model)"
            " SELECT m.kind, m.key, c.contract_id, m.text, m.model FROM model_texts m, contracts c"
            " WHERE m.kind = ? AND m.key IN (SELECT value FROM json_each(?))"
            " AND c.contract_id = ? AND c.state = 'ready' GROUP BY m.key",
            (kind, wanted, contract_id),
        )
        row = self._database.connection.execute(
            "SELECT count(*) FROM model_texts WHERE kind = ? AND contract_id = ?"
            " AND key IN (SELECT value FROM json_each(?))",
            (kind, contract_id, wanted),
        ).fetchone()
        return int(row[0])
