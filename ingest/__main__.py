"""``python -m ingest PATH...`` is ``proviso ingest PATH...``."""

import typer

from ingest.command import ingest

if __name__ == "__main__":
    typer.run(ingest)
