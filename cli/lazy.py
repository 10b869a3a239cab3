"""Commands that are imported when they are asked for: none waits for what another one needs."""

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

# Typer brings its own click, whose names are not public.
_Context = typer.Context


class LazyGroup(TyperGroup):
    """A group whose ``lazy`` commands are given as ``module:name`` of a function or of a ``typer.Typer``."""

    lazy: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: _Context) -> list[str]:  # type: ignore[override]
        """The names of all commands, the lazy ones first."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: _Context, cmd_name: str):  # type: ignore[no-untyped-def, override]  # noqa: ANN201
        """The command of this name, imported now; None when there is none."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return get_command(alone)
