"""Commands that are built when they are used: reading the signatures of all takes longer than `--version` in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

Function = TypeVar("Function", bound=Callable[..., Any])
Command: TypeAlias = Any
"""A command or a group of them: Typer keeps the type to itself."""


class Commands(Mapping[str, Command]):
    """The commands by name, each built from its function, or from a Typer of its own, when it is first asked for."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  those of any Typer
        self._settings = settings
        self._builders: dict[str, Callable[[], Command]] = {}
        self._outlines: dict[str, str] = {}
        self._built: dict[str, Command] = {}

    def command(self, cls: type[TyperCommand] = TyperCommand) -> Callable[[Function], Function]:
        """Declare the decorated function as a command of its name."""

        def declare(function: Function) -> Function:
            name = function.__name__
            self._outlines[name] = str(function.__doc__).splitlines()[0]
            self._builders[name] = lambda: self.whole(name, function, cls)
            return function

        return declare

    def later(self, outline: str) -> Callable[[Callable[[], Command]], Callable[[], Command]]:
        """Declare the command that the decorated function makes; the outline is what a list of commands says of it."""

        def declare(build: Callable[[], Command]) -> Callable[[], Command]:
            self._outlines[build.__name__], self._builders[build.__name__] = outline, build
            return build

        return declare

    def whole(self, name: str, function: Callable[..., Any], cls: type[TyperCommand]) -> Command:
        """The command with all the options that the function has arguments for."""
        alone = typer.Typer(add_completion=False, **self._settings)
        alone.command(name, cls=cls)(function)
        return get_command(alone)

    def outlined(self) -> dict[str, Command]:
        """Commands without options, which suffice for a list."""
        return {name: TyperCommand(name, help=outline) for name, outline in self._outlines.items()}

    def __getitem__(self, name: str) -> Command:
        if name not in self._built:
            self._built[name] = self._builders[name]()
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)


def group_of(commands: Commands) -> type[TyperGroup]:
    """A group of these commands, which completes their names without building them."""

    class Group(TyperGroup):
        def __init__(self, **options: Any) -> None:  # noqa: ANN401  those of any group
            super().__init__(**options)
            self._show(commands)

        def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:  # noqa: ANN401  Typer keeps the type to itself
            self._show(commands.outlined())
            try:
                return super().shell_complete(ctx, incomplete)
            finally:
                self._show(commands)

        def _show(self, shown: Any) -> None:  # noqa: ANN401
            self.commands = shown

    return Group
