"""Settings: sources, their order, and what is refused."""

import re
import traceback
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


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "PROVISO_QDRANT_API_KEY"])
def test_white_space_around_a_key_is_taken_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, " sk-secret-123\r\n")
    settings = load_settings()
    key = settings.openai_api_key if name.startswith("OPENAI") else settings.qdrant_api_key
    assert key.get_secret_value() == "sk-secret-123"


@pytest.mark.parametrize("key", ["sk-secret\n-123", "sk-secret -123", "sk-secret\u00e9"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InvalidSettings, match="holds characters that no key has") as caught:
        load_settings()
    assert "sk-secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("http://127.0.0.1:8000/v1", "", id="http to this machine"),
        pytest.param("http://[::1]:8000/v1", "", id="http to this machine, IPv6"),
        pytest.param("http://localhost/v1", "", id="localhost"),
        pytest.param("https://api.example.com/v1", "", id="https"),
        pytest.param("http://api.example.com/v1", "unencrypted", id="http to elsewhere"),
        pytest.param("http://127.0.0.1.example.com/v1", "unencrypted", id="a name like this machine's"),
        pytest.param("https://u:hunter2@example.com/v1", "user name or a password", id="password"),
        pytest.param("https://example.com/v1?k=hunter2", "more than host and path", id="query"),
        pytest.param("ftp://example.com/", "is not a web address", id="another scheme"),
        pytest.param("example.com/v1", "is not a web address", id="no scheme"),
        pytest.param("hunter2", "is not a web address", id="a key in the wrong place"),
    ],
)
def test_the_address_of_the_model_service_is_checked(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    # Many programs read this variable: as long as Proviso asks no model, it is none of its business.
    assert load_settings().openai_base_url == address
    monkeypatch.setenv("PROVISO_CHAT_MODEL", "m")
    if not said:
        assert load_settings().openai_base_url == address
        return
    with pytest.raises(InvalidSettings, match=said) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_plain_http_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://10.0.0.5:11434/v1")
    monkeypatch.setenv("PROVISO_CHAT_MODEL", "m")
    monkeypatch.setenv("PROVISO_ALLOW_PLAIN_HTTP", "true")
    assert load_settings().allow_plain_http


def test_a_password_in_the_address_of_qdrant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISO_QDRANT_URL", "http://u:hunter2@10.0.0.5:6333")
    with pytest.raises(InvalidSettings, match="PROVISO_QDRANT_URL holds a user name") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


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
