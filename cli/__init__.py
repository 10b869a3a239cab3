"""The command line: thin commands over ingest and core."""
