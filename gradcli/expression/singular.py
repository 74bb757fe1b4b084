"""Where a function may fail to be smooth: the arguments at which its formula for the derivative proves nothing.

Everywhere else the functions of FUNCTIONS are analytic, and the value of the symbolic derivative is the derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mpmath import mp

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.primitives import Symbolic
    from gradcli.expression.tape import Tape


def singular_variables(tape: Tape, values: Sequence[Number]) -> frozenset[int]:
    """The variables that enter a function which may not be smooth at its arguments, at the precision in force."""
    reached = [
        (test := TESTS.get(type(node).__name__)) is not None
        and not is_smooth(node)
        and test(*[values[argument] for argument in arguments])
        for node, arguments in zip(tape.nodes, tape.arguments, strict=True)
    ]
    if not any(reached):
        return frozenset()
    for place in range(len(tape.nodes) - 1, tape.variables - 1, -1):
        if reached[place]:
            for argument in tape.arguments[place]:
                reached[argument] = True
    return frozenset(index for index in range(tape.variables) if reached[index])


def is_smooth(node: Symbolic) -> bool:
    """Whether a node is a power that is smooth everywhere."""
    return bool(node.is_Pow and node.args[1].is_Integer and node.args[1].p >= 0)


def near(value: Number, target: Number = 0) -> bool:
    """Equal to half the digits in force; NaN is near nothing."""
    return bool(abs(value - target) <= mp.ldexp(1, -mp.prec // 2) * max(1, abs(target)))


def _at_zero(x: Number, *_others: Number) -> bool:
    return near(x)


def _at_one(x: Number) -> bool:
    return near(abs(x), 1)


def _at_integer(x: Number) -> bool:
    return near(x, mp.nint(x))


def _at_multiple(x: Number, y: Number) -> bool:
    """Beyond half the digits in force every quotient is near an integer, and only the remainder can tell."""
    if not y:
        return False
    quotient = x / y
    return not x % y if mp.isfinite(quotient) and mp.mag(quotient) > mp.prec // 2 else _at_integer(quotient)


def _tied(*values: Number) -> bool:
    """Two largest or two smallest values are equal; which of them counts is left to the one-sided slopes."""
    ordered = sorted(values)
    return near(ordered[0], ordered[1]) or near(ordered[-1], ordered[-2])


def _power(base: Number, exponent: Number) -> bool:
    return not (exponent >= 0 and mp.isint(exponent)) and near(base)


def _second_at_zero(_order: Number, x: Number) -> bool:
    return near(x)


def _at_origin(x: Number, y: Number) -> bool:
    return near(x) and near(y)


def _unless_positive(r: Number, delta: Number) -> bool:
    return near(r) and delta <= 0


def _at_cut(y: Number, x: Number) -> bool:
    return near(y) and x <= 0


TESTS: Mapping[str, Callable[..., bool]] = {
    **dict.fromkeys(("Abs", "sign", "Heaviside", "relu", "leaky_relu", "elu", "cbrt", "acot", "li"), _at_zero),
    **dict.fromkeys(("asin", "acos", "asec", "acsc", "acosh", "asech", "atanh", "acoth"), _at_one),
    **dict.fromkeys(("floor", "ceiling"), _at_integer),
    **dict.fromkeys(("Mod", "fmod"), _at_multiple),
    **dict.fromkeys(("Max", "Min"), _tied),
    **dict.fromkeys(("StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan", "Equality", "Unequality"), near),
    **dict.fromkeys(("besselj", "bessely", "besseli", "besselk", "expint"), _second_at_zero),
    "Pow": _power,
    "hypot": _at_origin,
    "atan2": _at_cut,
    "huber": _unless_positive,
}
