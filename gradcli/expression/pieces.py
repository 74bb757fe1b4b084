"""Where the smooth pieces of an expression meet: how far the arguments of its functions are from such a place.

`singular` asks the same of one point with many digits. This module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradcli.expression.singular import is_smooth

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.bounds import Bound
    from gradcli.expression.tape import Tape
    from gradcli.problem import Array

Distance: TypeAlias = Callable[..., "Number"]
"""Arguments of a function -> how much they must change, at least, until it may not be smooth."""

Border: TypeAlias = tuple[Distance, tuple[int, ...]]
"""The distance of one node, and the places of its arguments."""


def borders(tape: Tape, asked: Sequence[int]) -> list[Border]:
    """The nodes that may not be smooth, of those that depend on the variables asked for."""
    depends = tape.depending_on(asked)
    return [
        (DISTANCES[name], arguments)
        for place, (node, arguments) in enumerate(zip(tape.nodes, tape.arguments, strict=True))
        if (name := type(node).__name__) in DISTANCES and depends[place] and not is_smooth(node)
    ]


def reached(found: Sequence[Border], values: Sequence[Number], bounds: Sequence[Bound]) -> Array | bool:
    """Where some node's arguments may be at such a place, as far as their bounds can tell."""
    near: Array | bool = False
    for distance, arguments in found:
        error = sum(bounds[k].of(values[k]) for k in arguments)
        near = near | (distance(*[values[k] for k in arguments]) <= error)
    return near


def _from_zero(x: Number, *_others: Number) -> Number:
    return np.abs(x)


def _from_one(x: Number) -> Number:
    return np.abs(np.abs(x) - 1)


def _from_integer(x: Number) -> Number:
    return np.abs(x - np.rint(x))


def _from_multiple(x: Number, y: Number) -> Number:
    """Of x from a multiple of y; a change of y counts x/y times."""
    rest = np.mod(x, y)
    return np.minimum(np.abs(rest), np.abs(y - rest)) / np.maximum(1.0, np.abs(np.divide(x, y)))


def _from_tie(*values: Number) -> Number:
    """Between the two largest, or the two smallest."""
    ordered = np.sort(np.stack(np.broadcast_arrays(*values)), axis=0)
    return np.minimum(ordered[1] - ordered[0], ordered[-1] - ordered[-2])


def _from_equal(a: Number, b: Number) -> Number:
    return np.abs(np.subtract(a, b))


def _second_from_zero(_order: Number, x: Number) -> Number:
    return np.abs(x)


def _from_origin(x: Number, y: Number) -> Number:
    return np.maximum(np.abs(x), np.abs(y))


def _from_cut(y: Number, x: Number) -> Number:
    """Of atan2, whose cut are the negative numbers."""
    return np.where(np.greater(x, 0), _from_origin(x, y), np.abs(y))


def _from_cone(r: Number, delta: Number) -> Number:
    """Of huber, which is smooth at zero unless its delta is not positive."""
    return np.where(np.greater(delta, 0), np.inf, np.abs(r))


DISTANCES: Mapping[str, Distance] = {
    **dict.fromkeys(("Abs", "sign", "Heaviside", "relu", "leaky_relu", "elu", "cbrt", "acot", "li", "Pow"), _from_zero),
    **dict.fromkeys(("asin", "acos", "asec", "acsc", "acosh", "asech", "atanh", "acoth"), _from_one),
    **dict.fromkeys(("floor", "ceiling"), _from_integer),
    **dict.fromkeys(("Mod", "fmod"), _from_multiple),
    **dict.fromkeys(("Max", "Min"), _from_tie),
    **dict.fromkeys(
        ("StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "Equality", "Unequality"), _from_equal
    ),
    **dict.fromkeys(("besselj", "bessely", "besseli", "besselk", "expint"), _second_from_zero),
    "hypot": _from_origin,
    "atan2": _from_cut,
    "huber": _from_cone,
}
"""For the functions in `singular.TESTS`."""
