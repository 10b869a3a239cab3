"""The commands as a user runs them, over a library with one sample contract."""

from pathlib import Path

from typer.testing import CliRunner

from cli.main import app

RUNNER = CliRunner()
SAMPLE = Path(__file__).parent.parent / "sample_corpus" / "meridian_mutual_nda.pdf"


def with_sample(directory: Path) -> Path:
    """``directory`` as a data directory that holds the sample contract."""
    assert RUNNER.invoke(app, ["ingest", str(SAMPLE), "--data-dir", str(directory)]).exit_code == 0
    return directory
