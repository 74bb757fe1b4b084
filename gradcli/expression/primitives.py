"""Functions that SymPy lacks, or builds too slowly: SymPy functions that print under their own names and know `fdiff`.

They are inert on purpose: nothing is simplified when they are built, so that building them cannot hang.
How they are evaluated stands in `arithmetic`, which names mean them in `functions`.
"""
# ruff: noqa: N801, D101, D102, ARG005
# mypy: disallow-subclassing-any=False

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import sympy
from sympy import Basic, Eq, Function, Heaviside, Integer, Piecewise, Tuple, erf, exp, floor, log, pi, sign, sqrt
from sympy.functions.elementary.piecewise import ExprCondPair

Symbolic: TypeAlias = Any
"""A SymPy object; SymPy carries no types."""


class Primitive(Function):
    """A real function of real arguments with a partial derivative for each of them."""

    is_real = True
    partials: ClassVar[Symbolic]

    def fdiff(self, argindex: int = 1) -> Symbolic:
        return type(self).partials[argindex - 1](*self.args)


class log2(Primitive):
    nargs = 1
    partials = (lambda x: 1 / (x * log(2)),)


class log10(Primitive):
    nargs = 1
    partials = (lambda x: 1 / (x * log(10)),)


class log1p(Primitive):
    nargs = 1
    partials = (lambda x: 1 / (x + 1),)


class expm1(Primitive):
    nargs = 1
    partials = (exp,)


class cbrt(Primitive):
    """The real cube root, also of negative numbers."""

    nargs = 1
    partials = (lambda x: 1 / (3 * cbrt(x) ** 2),)


class hypot(Primitive):
    nargs = 2
    partials = (lambda x, y: x / hypot(x, y), lambda x, y: y / hypot(x, y))


class Mod(Primitive):
    """x - y*floor(x/y): the remainder with the sign of the divisor, as % in Python."""

    nargs = 2
    partials = (lambda x, y: Integer(1), lambda x, y: -floor(x / y))


class fmod(Primitive):
    """The remainder with the sign of the dividend, as in C."""

    nargs = 2
    partials = (lambda x, y: Integer(1), lambda x, y: -sign(x / y) * floor(sympy.Abs(x / y)))


class Extremum(Function):
    """The largest or smallest argument; nested ones are flattened, equal ones dropped."""

    is_real = True
    choose: ClassVar[Symbolic]

    def __new__(cls, *args: Symbolic) -> Symbolic:
        flat = [inner for arg in args for inner in (arg.args if isinstance(arg, cls) else (arg,))]
        numbers = [arg for arg in flat if arg.is_Number]
        others = list(dict.fromkeys(arg for arg in flat if not arg.is_Number))
        kept = [cls.choose(numbers), *others] if numbers else others
        return kept[0] if len(kept) == 1 else super().__new__(cls, *kept)

    def rivals(self, argindex: int) -> Symbolic:
        return type(self)(*(arg for index, arg in enumerate(self.args, 1) if index != argindex))


class Max(Extremum):
    choose = max

    def fdiff(self, argindex: int = 1) -> Symbolic:
        return Heaviside(self.args[argindex - 1] - self.rivals(argindex))


class Min(Extremum):
    choose = min

    def fdiff(self, argindex: int = 1) -> Symbolic:
        return Heaviside(self.rivals(argindex) - self.args[argindex - 1])


class logaddexp(Primitive):
    nargs = 2
    partials = (lambda a, b: sigmoid(a - b), lambda a, b: sigmoid(b - a))


class sigmoid(Primitive):
    nargs = 1
    partials = (lambda z: sigmoid(z) * (1 - sigmoid(z)),)


class log_sigmoid(Primitive):
    nargs = 1
    partials = (lambda z: sigmoid(-z),)


class logit(Primitive):
    nargs = 1
    partials = (lambda p: 1 / (p * (1 - p)),)


class softplus(Primitive):
    nargs = 1
    partials = (sigmoid,)


class softsign(Primitive):
    nargs = 1
    partials = (lambda z: 1 / (1 + sympy.Abs(z)) ** 2,)


class relu(Primitive):
    nargs = 1
    partials = (Heaviside,)


class leaky_relu(Primitive):
    nargs = 2
    partials = (
        lambda z, slope: Heaviside(z) + slope * Heaviside(-z),
        lambda z, slope: Min(z, Integer(0)),
    )


class elu(Primitive):
    nargs = 2
    partials = (
        lambda z, alpha: choice(z > 0, Integer(1), alpha * exp(z)),
        lambda z, alpha: expm1(Min(z, Integer(0))),
    )


class silu(Primitive):
    nargs = 1
    partials = (lambda z: sigmoid(z) + z * sigmoid(z) * (1 - sigmoid(z)),)


class gelu(Primitive):
    """z*Phi(z) with the normal distribution function Phi: the exact form, not its tanh approximation."""

    nargs = 1
    partials = (lambda z: (1 + erf(z / sqrt(2))) / 2 + z * exp(-(z**2) / 2) / sqrt(2 * pi),)


class mish(Primitive):
    nargs = 1
    partials = (lambda z: sympy.tanh(softplus(z)) + z * sigmoid(z) * (1 - sympy.tanh(softplus(z)) ** 2),)


class huber(Primitive):
    """r**2/2 up to |r| = delta, delta*(|r| - delta/2) beyond."""

    nargs = 2
    partials = (
        lambda r, delta: Max(-delta, Min(r, delta)),
        lambda r, delta: Max(sympy.Abs(r) - delta, Integer(0)),
    )


def heaviside(x: Symbolic, middle: Symbolic) -> Symbolic:
    """0 below zero, 1 above, `middle` at zero: there it has a derivative by a variable in the middle."""
    if middle.is_number:
        return Heaviside(x, middle)
    return piecewise((Integer(0), x < 0), (middle, Eq(x, 0)), (Integer(1), sympy.true))


def choice(condition: Symbolic, first: Symbolic, second: Symbolic) -> Symbolic:
    """`first` where the condition holds, else `second`."""
    return piecewise((first, condition), (second, sympy.true))


def piecewise(*branches: tuple[Symbolic, Symbolic]) -> Symbolic:
    """The first branch whose condition holds; no value where none does. Conditions stay as they were written."""
    kept = []
    for value, condition in branches:
        if condition == sympy.false:
            continue
        kept.append((value, condition))
        if condition == sympy.true:
            break
    if not kept:
        return sympy.nan
    if kept[0][1] == sympy.true:
        return kept[0][0]
    if any(condition.has(Piecewise) for _, condition in kept):  # SymPy would multiply choices within conditions out
        return Basic.__new__(Piecewise, *(Tuple.__new__(ExprCondPair, *pair) for pair in kept))
    return Piecewise(*kept, evaluate=False)
