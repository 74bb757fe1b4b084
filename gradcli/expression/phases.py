"""Which smooth piece of an expression each point of an array lies on, so that kinks and jumps between points are seen.

`singular` asks the same of one point with many digits; this module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradcli.expression.tape import Tape
    from gradcli.problem import Array

Phase: TypeAlias = Callable[..., "Array"]
"""Arguments of a function -> a number for each smooth piece of it, 0 where two of them meet."""

Where: TypeAlias = tuple[Phase, tuple[int, ...]]
"""How to tell the pieces of one node apart, and the places of its arguments."""


def pieces_of(tape: Tape) -> list[Where]:
    """The nodes of a tape that have pieces."""
    depends = tape.depending_on(range(tape.variables))
    return [
        (PHASES[name], tape.arguments[place])
        for place, node in enumerate(tape.nodes)
        if (name := type(node).__name__) in PHASES and depends[place] and not (node.is_Pow and _is_smooth(node))
    ]


def phases(pieces: Sequence[Where], values: Sequence[Array]) -> list[Array]:
    """The piece that each point lies on, of each node, from the values of all nodes."""
    return [phase(*[values[place] for place in places]) for phase, places in pieces]


def differ(first: Sequence[Array], other: Sequence[Array]) -> Array:
    """Where the points of two arrays do not lie on the same pieces, or where the first lie where two of them meet."""
    apart: Array = np.asarray(False)
    for one, two in zip(first, other, strict=True):
        apart = apart | (one != two) | (one == 0)
    return apart


def _is_smooth(power: object) -> bool:
    exponent = power.args[1]  # type: ignore[attr-defined]
    return bool(exponent.is_Integer and exponent.p >= 0)


def _around_one(x: Array) -> Array:
    return np.sign(np.abs(x) - 1)


def _between_integers(x: Array) -> Array:
    """An odd number between two integers."""
    return np.where(np.floor(x) == x, 0.0, 2 * np.floor(x) + 1)


def _multiples(x: Array, y: Array) -> Array:
    return _between_integers(np.asarray(x) / y)


def _largest(*values: Array) -> Array:
    """The place of the largest value, 0 where it is shared."""
    stacked = np.stack(np.broadcast_arrays(*values))
    shared = (stacked == stacked.max(axis=0)).sum(axis=0) > 1
    return np.where(shared, 0, stacked.argmax(axis=0) + 1)


def _side(a: Array, b: Array) -> Array:
    return np.sign(np.subtract(a, b))


def _second(_order: Array, x: Array) -> Array:
    return np.sign(x)


def _off_origin(x: Array, y: Array) -> Array:
    return np.not_equal(x, 0) | np.not_equal(y, 0)


def _off_cut(y: Array, x: Array) -> Array:
    return np.where(np.greater(x, 0), 1.0, np.sign(y))


PHASES: Mapping[str, Phase] = {
    **dict.fromkeys(
        ("Abs", "sign", "Heaviside", "relu", "leaky_relu", "elu", "cbrt", "acot", "li"), lambda x, *_: np.sign(x)
    ),
    **dict.fromkeys(("asin", "acos", "asec", "acsc", "acosh", "asech", "atanh", "acoth"), _around_one),
    **dict.fromkeys(("floor", "ceiling"), _between_integers),
    **dict.fromkeys(("Mod", "fmod"), _multiples),
    "Max": _largest,
    "Min": lambda *values: _largest(*(np.negative(value) for value in values)),
    **dict.fromkeys(
        ("StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "Equality", "Unequality"), _side
    ),
    **dict.fromkeys(("besselj", "bessely", "besseli", "besselk", "expint"), _second),
    "Pow": lambda base, _exponent: np.sign(base),
    "hypot": _off_origin,
    "atan2": _off_cut,
}
"""For the functions in `singular.TESTS`."""
