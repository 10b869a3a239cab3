"""One frozen settings object, read once from ``proviso.toml``, ``.env`` and the environment."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.errors import InvalidSettings
from core.web_address import fault_of

PREFIX = "PROVISO_"
OcrEngine = Literal["rapidocr", "ocrmypdf"]
# What nobody finds by trying.
SHORTEST_TOKEN = 16
Inference = Literal["auto", "openvino", "openvino-bf16", "openvino-f32", "torch", "cuda"]
CONFIG_FILE = Path("proviso.toml")
ENV_FILE = Path(".env")


class Settings(BaseSettings):
    """Everything that can be set. The environment wins over ``.env``, which wins over ``proviso.toml``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        toml_file=CONFIG_FILE,
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Path("~/.local/share/proviso")
    encoder: str = "contract-encoder"
    reranker: str = "contract-reranker"
    inference: Inference = "auto"
    first_look: bool = False

    candidates: Annotated[int, Field(ge=20, le=200)] = 100
    keep: Annotated[int, Field(ge=1, le=20)] = 5
    minimum_relevance: Annotated[float, Field(ge=0.0, le=1.0)] = 0.02
    pipeline: str = "hybrid"
    near_miss_margin: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    rrf_k: Annotated[int, Field(ge=1)] = 60

    qdrant_url: str = ""
    qdrant_api_key: SecretStr = SecretStr("")
    qdrant_timeout: Annotated[int, Field(ge=1)] = 10

    openai_api_key: Annotated[
        SecretStr, Field(validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"))
    ] = SecretStr("")
    openai_base_url: Annotated[
        str, Field(validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"))
    ] = ""
    chat_model: str = ""
    chat_deadline: Annotated[float, Field(gt=0, le=600)] = 60.0
    allow_plain_http: bool = False

    ocr: bool | OcrEngine = True
    max_pages: Annotated[int, Field(ge=1)] = 2000
    max_upload_mb: Annotated[int, Field(ge=1)] = 200
    read_timeout: Annotated[int, Field(ge=1)] = 120

    address: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    allowed_hosts: str = ""
    max_batch_files: Annotated[int, Field(ge=1)] = 200
    max_batch_mb: Annotated[int, Field(ge=1)] = 1000
    max_library_gb: Annotated[float, Field(gt=0)] = 50.0

    max_waiting: Annotated[int, Field(ge=0)] = 50
    api: bool = False
    api_token: SecretStr = SecretStr("")

    audit_questions: bool = True
    audit_text: bool = False
    keep_decisions: bool = True

    @field_validator("openai_api_key", "qdrant_api_key", "api_token")
    @classmethod
    def _bare_key(cls, key: SecretStr) -> SecretStr:
        # A key pasted into a file ends with a newline more often than not; in a header it would be an error
        # whose message holds the key.
        bare = key.get_secret_value().strip()
        if not (bare.isascii() and bare.isprintable()) or " " in bare:
            raise ValueError("the key holds characters that no key has; copy it again")
        return SecretStr(bare)

    @field_validator("api_token")
    @classmethod
    def _long_token(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"a token of at least {SHORTEST_TOKEN} characters is needed, or none")
        return token

    @model_validator(mode="after")
    def _safe_addresses(self) -> Self:
        if self.chat_configured and self.openai_base_url.strip():
            fault = fault_of(self.openai_base_url.strip(), plain_http=self.allow_plain_http)
            if fault is not None:
                raise ValueError(f"OPENAI_BASE_URL {fault[0]} {fault[1]}")
        if self.qdrant_url.strip():
            # Vectors alone go there, mostly inside one's own network.
            fault = fault_of(self.qdrant_url.strip(), plain_http=True)
            if fault is not None:
                raise ValueError(f"PROVISO_QDRANT_URL {fault[0]} {fault[1]}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the optional ``proviso.toml`` below the environment."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def directory(self) -> Path:
        """The data directory with ``~`` expanded."""
        return self.data_dir.expanduser()

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names besides ``localhost`` under which the server may be asked for, in lower case."""
        return tuple(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())

    @property
    def chat_configured(self) -> bool:
        """True when answers are to be written by a model service."""
        return bool(self.chat_model)


def load_settings(data_dir: Path | None = None) -> Settings:
    """Read the settings; ``data_dir`` (from the command line) wins over every other source.

    Raises:
        InvalidSettings: an unknown key or a value out of range, named in the message.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name not in known)
    if unknown:
        raise InvalidSettings(
            ", ".join(unknown), "no such setting.", "See .env.example for every setting, or unset it."
        )
    try:
        return Settings(data_dir=data_dir) if data_dir is not None else Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "The settings"
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InvalidSettings(name, f"{said}.", "See .env.example for every setting.") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(str(CONFIG_FILE), f"is not valid TOML: {error}.", "Correct the file.") from None
