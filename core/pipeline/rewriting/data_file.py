"""The data of this package: TOML files of tables, checked as they are read."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from core.errors import ProvisoError

Table = Mapping[str, Any]


class DamagedData(ProvisoError):
    """A file that ships with Proviso and is not as it was shipped."""


def read_tables(file: str, name: str, fields: frozenset[str]) -> tuple[Table, ...]:
    """The tables ``[[name]]`` of a file of this package.

    Args:
        file: its name.
        name: of the tables; the file holds no others.
        fields: what each table has, neither more nor less.

    Raises:
        DamagedData: the file cannot be read, or holds something else; the message says where.
    """
    try:
        read = tomllib.loads(files(__package__).joinpath(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise damaged(file, f"cannot be read ({error})") from None
    return checked_tables(file, read, name, fields)


def checked_tables(file: str, read: Table, name: str, fields: frozenset[str]) -> tuple[Table, ...]:
    """As ``read_tables``, of what was read."""
    tables = read.get(name)
    if set(read) != {name} or not isinstance(tables, list) or not tables:
        raise damaged(file, f"is not a list of [[{name}]] alone")
    for number, table in enumerate(tables, start=1):
        if not isinstance(table, dict) or set(table) != fields:
            raise damaged(file, f"{name} {number} does not have exactly {', '.join(sorted(fields))}")
    return tuple(tables)


def text_of(file: str, value: object, where: str) -> str:
    """``value`` where it is a text that says something.

    Raises:
        DamagedData: it is not; ``where`` says which value it is.
    """
    if not isinstance(value, str) or not value.strip() or value != value.strip():
        raise damaged(file, f"{where} is {value!r:.80}, not a text without space around it")
    return value


def texts_of(file: str, value: object, where: str, least: int = 1) -> tuple[str, ...]:
    """``value`` where it is a list of at least ``least`` distinct texts.

    Raises:
        DamagedData: it is not.
    """
    if not isinstance(value, list) or len(value) < least:
        raise damaged(file, f"{where} is {value!r:.80}, not a list of at least {least}")
    texts = tuple(text_of(file, one, where) for one in value)
    if len(set(texts)) < len(texts):
        raise damaged(file, f"{where} holds a text twice: {value!r:.80}")
    return texts


def damaged(file: str, reason: str) -> DamagedData:
    """The error that says what is wrong with ``file``."""
    return DamagedData(f"Proviso's own file {file}", f"is damaged: {reason}.", "Install Proviso again.")
