"""How far rounding may have moved what a program over arrays gives.

Every operation hands on the errors of its arguments, times its derivatives, and adds its own: a running error analysis,
to first order (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 3.3).
This module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from sys import float_info
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from gradcli.expression.arrays import ARRAYS
from gradcli.expression.extended import SPECIAL
from gradcli.expression.numeric import local_slopes
from gradcli.expression.partials import is_flat

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.numeric import Slopes
    from gradcli.expression.primitives import Symbolic
    from gradcli.expression.tape import Tape
    from gradcli.problem import Array

UNIT = float_info.epsilon / 2
"""The largest relative error of one rounding."""
FUNCTION, SPECIAL_FUNCTION = 8 * UNIT, 256 * UNIT
"""Relative errors of the functions of NumPy and `math`, and of those that are computed otherwise."""
SMALL = 2.0**-1010
"""A result below this may have lost digits to underflow."""
NEVER_SMALL = frozenset(
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh log log2 log10 log1p expm1 sqrt cbrt".split()  # noqa: SIM905
)
"""Functions whose results are as small as that only where their arguments are."""


class Bound(NamedTuple):
    """|computed - true| <= relative * |computed| + absolute, both 0 where the number is exact."""

    relative: float = 0.0
    absolute: Array | float = 0.0

    def of(self, value: Number) -> Number:
        """The whole bound on a value."""
        if not self.relative:
            return self.absolute
        part = self.relative * np.abs(value)
        return part if self.is_relative else part + self.absolute

    @property
    def is_relative(self) -> bool:
        """Is the absolute part zero everywhere?"""
        return isinstance(self.absolute, float) and not self.absolute


EXACT = Bound()
Rule: TypeAlias = Callable[["Number", Sequence["Number"], Sequence[Bound]], Bound]
"""(value of a node, values of its arguments, their bounds) -> its bound."""


class Bounds:
    """The bounds of all nodes of a tape."""

    def __init__(self, tape: Tape) -> None:
        self._variables = tape.variables
        self._rules: list[tuple[Rule, tuple[int, ...]]] = []
        exact = [True] * tape.variables
        for node, arguments in zip(tape.nodes[tape.variables :], tape.arguments[tape.variables :], strict=True):
            inexact = tuple(k for k, argument in enumerate(arguments) if not exact[argument])
            rule = _rule(node, inexact) if arguments else _of_constant(node)
            exact.append(rule is _exact)
            self._rules.append((rule, arguments))

    def of(self, values: Sequence[Number]) -> list[Bound]:
        """The bound of every node, from the values of all of them."""
        bounds = [EXACT] * self._variables
        for value, (rule, arguments) in zip(values[self._variables :], self._rules, strict=True):
            bounds.append(rule(value, [values[k] for k in arguments], [bounds[k] for k in arguments]))
        return bounds


def _of_constant(node: Symbolic) -> Rule:
    """A double stands for itself; of any other number it is the nearest."""
    return _exact if node.is_Boolean or node.is_Float or _is_double(node) else _rounded


def _is_double(number: Symbolic) -> bool:
    value = ARRAYS.constant(number)
    return bool(number.is_Rational and math.isfinite(value) and value.as_integer_ratio() == (number.p, number.q))


def _rule(node: Symbolic, inexact: tuple[int, ...]) -> Rule:
    """How a node's bound follows from those of its arguments, of which the ones at `inexact` are not exact."""
    name = type(node).__name__
    if is_flat(node) or (not inexact and name in HANDING_ON):
        return _exact
    if name in HANDING_ON:
        return HANDING_ON[name]
    if name == "Add":
        return _sum
    if name == "Mul":
        return _of_product(node, inexact)
    slopes = local_slopes(node, inexact, ARRAYS) if inexact else None
    if node.is_Pow and node.args[1].is_Number and 1 not in inexact:
        return functools.partial(_power, abs(ARRAYS.constant(node.args[1])), slopes)
    own = SPECIAL_FUNCTION if name in SPECIAL else FUNCTION
    return functools.partial(_function, own, inexact, slopes, name not in NEVER_SMALL)


def _of_product(node: Symbolic, inexact: tuple[int, ...]) -> Rule:
    """Doubling, halving and changing the sign round nothing."""
    scalings = sum(arg.is_number and _is_power_of_two(arg) for arg in node.args)
    roundings = len(node.args) - 1 - scalings
    if not roundings and not inexact:
        return _exact
    return functools.partial(_product, roundings)


def _is_power_of_two(number: Symbolic) -> bool:
    return _is_double(number) and abs(math.frexp(ARRAYS.constant(number))[0]) == 0.5


def _exact(_value: Number, _arguments: Sequence[Number], _bounds: Sequence[Bound]) -> Bound:
    return EXACT


def _rounded(_value: Number, _arguments: Sequence[Number], _bounds: Sequence[Bound]) -> Bound:
    return Bound(UNIT)


def _sum(_value: Number, terms: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    """Each partial sum is rounded; two exact terms have but one."""
    if len(terms) == 2 and all(bound is EXACT for bound in bounds):
        return Bound(UNIT)
    more = (len(terms) - 2) * UNIT
    parts = [Bound(bound.relative + more, bound.absolute).of(term) for term, bound in zip(terms, bounds, strict=True)]
    return Bound(UNIT, functools.reduce(np.add, parts))


def _product(roundings: int, value: Number, factors: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    """Relative errors add up; an absolute one is multiplied by the other factors."""
    relative = roundings * UNIT + sum(bound.relative for bound in bounds)
    parts = [
        bound.absolute * np.abs(functools.reduce(np.multiply, [*factors[:place], *factors[place + 1 :]]))
        for place, bound in enumerate(bounds)
        if not bound.is_relative
    ]
    return _with_underflow(value, factors, Bound(relative, functools.reduce(np.add, parts) if parts else 0.0))


def _power(
    exponent: float, slopes: Slopes | None, value: Number, arguments: Sequence[Number], bounds: Sequence[Bound]
) -> Bound:
    """The rule d(b^e)/b^e = e db/b, for an exact exponent."""
    own = UNIT if exponent in {0.5, 1.0, 2.0} else FUNCTION
    base, absolute = bounds[0], 0.0
    if slopes is not None and not base.is_relative:
        absolute = np.abs(slopes(value, *arguments)[0]) * base.absolute
    return _with_underflow(value, arguments[:1], Bound(own + exponent * base.relative, absolute))


def _function(
    own: float,
    inexact: tuple[int, ...],
    slopes: Slopes | None,
    may_underflow: bool,
    value: Number,
    arguments: Sequence[Number],
    bounds: Sequence[Bound],
) -> Bound:
    """What is handed on is multiplied by the derivative; by infinity where none is known."""
    bound = Bound(own)
    if slopes is not None:
        local = slopes(value, *arguments)
        parts = [_steepness(slope) * bounds[k].of(arguments[k]) for k, slope in zip(inexact, local, strict=True)]
        bound = Bound(own, functools.reduce(np.add, parts))
    return _with_underflow(value, arguments, bound) if may_underflow else bound


def _steepness(slope: Number) -> Number:
    return math.inf if isinstance(slope, float) and math.isnan(slope) else np.abs(slope)


def _with_underflow(value: Number, arguments: Sequence[Number], bound: Bound) -> Bound:
    """Where a result is next to nothing, but no argument is zero, its last digits may be gone."""
    size = np.abs(value)
    if size.min() >= SMALL:
        return bound
    lost = functools.reduce(np.logical_and, [np.not_equal(argument, 0) for argument in arguments], size < SMALL)
    return bound._replace(absolute=bound.absolute + np.where(lost, float_info.min, 0.0)) if np.any(lost) else bound


def _same(_value: Number, _arguments: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    return bounds[0]


def _rectified(_value: Number, arguments: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    """Relu is 0, whatever its negative argument."""
    bound = bounds[0]
    return bound if bound.is_relative else bound._replace(absolute=np.where(arguments[0] > 0, bound.absolute, 0.0))


def _extremum(_value: Number, arguments: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    return Bound(0.0, functools.reduce(np.maximum, _totals(arguments, bounds)))


def _choice(_value: Number, branches: Sequence[Number], bounds: Sequence[Bound]) -> Bound:
    """The bound of the branch that is taken."""
    parts = list(branches)
    parts[::2] = _totals(branches[::2], bounds[::2])
    return Bound(0.0, ARRAYS.operations["Piecewise"](*parts))


def _totals(values: Sequence[Number], bounds: Sequence[Bound]) -> list[Number]:
    return [bound.of(value) for value, bound in zip(values, bounds, strict=True)]


HANDING_ON: Mapping[str, Rule] = {
    "Dummy": _same,
    "Abs": _same,
    "relu": _rectified,
    "Max": _extremum,
    "Min": _extremum,
    "Piecewise": _choice,
}
"""Functions that give back one of their arguments."""
