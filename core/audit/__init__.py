"""The audit log: who asked or changed what and when, append-only and hash-chained."""
