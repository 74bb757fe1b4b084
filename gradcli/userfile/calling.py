"""How a person's function wants its parameters: all as one, or each by its name or place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcli.errors import GradcliError


def argument_of(function: Callable[..., object]) -> str:
    """The name a function gives its parameters, x where it has none."""
    for parameter in _arguments(function) or ():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            return parameter.name
    return "x"


def _arguments(function: Callable[..., object]) -> tuple[inspect.Parameter, ...] | None:
    """The arguments of a function, None where it does not tell (some are written in C)."""
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def caller(function: Callable[..., object], name: str, x0: object) -> Callable[[Any], object]:
    """How to call a function with parameters like x0: `loss(params)`; `loss(w, b)` where x0 is {"w": .., "b": ..} or
    has as many parts as the function has arguments.
    """
    arguments = _arguments(function)
    if arguments is None:
        return function
    if isinstance(x0, Mapping) and takes_keywords(arguments, tuple(x0)):
        return lambda parameters: function(**parameters)
    if parts_of(function, x0):
        return lambda parameters: function(*parameters)
    required = _required(arguments)
    places = [a for a in arguments if a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD, a.VAR_POSITIONAL)]
    demanded = [a.name for a in arguments if a.default is a.empty and a.kind is a.KEYWORD_ONLY]
    if len(required) <= 1 and places and not demanded:
        return function
    raise _unsuitable(name, [*required, *demanded])


def _unsuitable(name: str, arguments: Sequence[str]) -> GradcliError:
    """What to do about a function that takes something else than parameters like x0."""
    if not arguments:
        return GradcliError(f"{name} takes no argument", "write it as a function of the parameters")
    names = ", ".join(arguments)
    return GradcliError(
        f"{name} takes {len(arguments)} arguments ({names}), and is to be called with one: the parameters",
        f"let it take the parameters alone, and the data from its file; or let x0 be a dict with the keys {names}",
    )


def parts_of(function: Callable[..., object], x0: object) -> tuple[str, ...]:
    """The arguments w, b of `loss(w, b)` where x0 is a tuple or list with a part for each; else none."""
    required = _required(_arguments(function) or ())
    fits = isinstance(x0, tuple | list) and len(x0) == len(required) > 1
    return tuple(required) if fits else ()


def _required(arguments: Sequence[inspect.Parameter]) -> list[str]:
    """The arguments that a call must give by their place."""
    return [
        a.name for a in arguments if a.default is a.empty and a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)
    ]


def takes_keywords(arguments: Sequence[inspect.Parameter], keys: Sequence[object]) -> bool:
    """Do the keys of x0 fit the names of the arguments, each that has no default among them?"""
    named = [a for a in arguments if a.kind in (a.POSITIONAL_OR_KEYWORD, a.KEYWORD_ONLY)]
    required = {a.name for a in named if a.default is a.empty}
    if any(a.kind is a.POSITIONAL_ONLY for a in arguments) or not all(isinstance(key, str) for key in keys):
        return False
    if any(a.kind is a.VAR_KEYWORD for a in arguments):
        return required <= set(keys) and (bool(required) or not named)
    return bool(required) and required <= set(keys) <= {a.name for a in named}
