"""Settings: sources, their order, and what is refused."""

import re
from pathlib import Path

import pytest

from core.errors import InvalidSettings
from core.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PROVISO_{name.upper()}", raising=False)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.candidates, settings.keep, settings.rrf_k) == (100, 5, 60)
    assert settings.directory == Path.home() / ".local/share/proviso"
    assert not settings.chat_configured


def test_the_environment_wins_over_the_file_and_the_argument_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("proviso.toml").write_text('keep = 3\ncandidates = 50\ndata_dir = "from-file"\n')
    monkeypatch.setenv("PROVISO_KEEP", "4")
    settings = load_settings(tmp_path / "given")
    assert (settings.keep, settings.candidates, settings.directory) == (4, 50, tmp_path / "given")


def test_the_key_is_read_from_its_usual_name_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-123")
    settings = load_settings()
    assert settings.openai_api_key.get_secret_value() == "sk-secret-123"
    assert "sk-secret-123" not in repr(settings)


@pytest.mark.parametrize(
    ("environment", "toml", "named"),
    [
        pytest.param({"PROVISO_KEPT": "5"}, "", "PROVISO_KEPT", id="unknown variable"),
        pytest.param({}, "kept = 5\n", "kept", id="unknown key in the file"),
        pytest.param({"PROVISO_CANDIDATES": "10"}, "", "candidates", id="below its range"),
        pytest.param({"PROVISO_KEEP": "many"}, "", "keep", id="not a number"),
        pytest.param({}, "keep = = 5\n", "proviso.toml", id="broken file"),
    ],
)
def test_mistakes_are_named(
    environment: dict[str, str], toml: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if toml:
        Path("proviso.toml").write_text(toml)
    with pytest.raises(InvalidSettings, match=named):
        load_settings()


def test_env_example_lists_every_setting() -> None:
    example = (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8")
    names = {
        name.upper() if name.startswith("openai") else f"PROVISO_{name.upper()}"
        for name in Settings.model_fields
    }
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert listed == names
