"""The derivative of every function by each of its arguments: as people write it, and as numbers evaluate it best."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import sympy
from sympy import Abs, Integer, Rational, cos, cosh, csc, erfc, exp, log, pi, sech, sign, sin, sinc, sinh, sqrt, tanh
from sympy.core.function import ArgumentIndexError

from gradcli.expression.algebra import call, power, product, total
from gradcli.expression.construct import is_endless
from gradcli.expression.primitives import choice, sigmoid, softplus

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Rule = Callable[..., "Symbolic"]
ZERO, ONE, TWO, HALF = Integer(0), Integer(1), Integer(2), Rational(1, 2)

REAL: Mapping[str, Rule] = {
    "Abs": sign,
    "sign": lambda _x: ZERO,
    "floor": lambda _x: ZERO,
    "ceiling": lambda _x: ZERO,
    "Heaviside": lambda _x, _middle=None: ZERO,
    "sinc": lambda x: (cos(x) - sinc(x)) / x,
    "acosh": lambda x: 1 / sqrt(x**2 - 1),
    "sin": lambda x: call(cos, x),
    "cos": lambda x: product((-ONE, call(sin, x))),
    "tanh": lambda x: total((ONE, product((-ONE, power(call(tanh, x), TWO))))),
    "sinh": lambda x: call(cosh, x),
    "cosh": lambda x: call(sinh, x),
    "log": lambda x: power(x, -ONE),
    "atan": lambda x: power(total((power(x, TWO), ONE)), -ONE),
    "erf": lambda x: product((TWO, power(pi, -HALF), call(exp, product((-ONE, power(x, TWO)))))),
}
"""By the first argument, for real numbers: where SymPy answers with DiracDelta, Derivative or a complex form, and where
it answers slowly."""

STABLE: Mapping[str, Rule] = {
    "tanh": lambda x: sech(x) ** 2,
    "cot": lambda x: -(csc(x) ** 2),
    "asin": lambda x: 1 / sqrt((1 - x) * (1 + x)),
    "acos": lambda x: -1 / sqrt((1 - x) * (1 + x)),
    "atanh": lambda x: 1 / ((1 - x) * (1 + x)),
    "acoth": lambda x: 1 / ((1 - x) * (1 + x)),
    "acosh": lambda x: 1 / (sqrt(x - 1) * sqrt(x + 1)),
    "asec": lambda x: 1 / (Abs(x) * sqrt((x - 1) * (x + 1))),
    "acsc": lambda x: -1 / (Abs(x) * sqrt((x - 1) * (x + 1))),
    "asech": lambda x: -1 / (x * sqrt((1 - x) * (1 + x))),
    "acsch": lambda x: -1 / (Abs(x) * sqrt(x**2 + 1)),
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
    "silu": lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    "mish": lambda z: tanh(softplus(z)) + z * sigmoid(z) * sech(softplus(z)) ** 2,
    "gelu": lambda z: erfc(-z / sqrt(2)) / 2 + z * exp(-(z**2) / 2) / sqrt(2 * pi),
}
"""The same derivatives without the cancellation of 1 - tanh(x)^2, 1 - sigmoid(z), 1 - x^2."""

SERIES: Mapping[str, Rule] = {
    "sinc": lambda x: choice(
        Abs(x) < HALF,
        x * (-ONE / 3 + x**2 * (ONE / 30 + x**2 * (-ONE / 840 + x**2 * (ONE / 45360 - x**2 / 3991680)))),
        (cos(x) - sinc(x)) / x,
    ),
}
"""Near a removable singularity, to double precision."""

WITHOUT_RULE = {("expint", 0), ("zeta", 0)}
"""Where SymPy has no derivative, or one by a Meijer G-function."""


FLAT = {"sign", "floor", "ceiling", "Heaviside"}
"""Functions whose derivative is zero wherever there is one; comparisons and conditions are flat too."""


def is_flat(node: Symbolic) -> bool:
    """Whether no derivative flows through a node."""
    return node.is_Boolean or node.is_Relational or type(node).__name__ in FLAT


def has_rule(node: Symbolic, position: int) -> bool:
    """Whether the derivative of a node by the argument at `position` is known, or none is needed."""
    head: Symbolic = type(node)
    return is_flat(node) or node.is_Dummy or node.is_Piecewise or _has_rule(head, len(node.args), position)


@functools.cache
def _has_rule(head: Symbolic, count: int, position: int) -> bool:
    if head.__name__ in ALGEBRAIC or head.__name__ in ("Max", "Min"):
        return True
    return partial(head(*dummies(count), evaluate=False), position) is not None


def partial(node: Symbolic, position: int) -> Symbolic | None:
    """The derivative of a node by its argument at `position` as an expression of its arguments; None: not known."""
    name = type(node).__name__
    if name in ALGEBRAIC:
        return ALGEBRAIC[name](node, position)
    if name in REAL and position == 0:
        return REAL[name](*node.args)
    if (name, position) in WITHOUT_RULE:
        return None
    try:
        slope = node.fdiff(position + 1)
    except ArgumentIndexError:
        return None
    return None if is_endless(slope) else slope  # elliptic_pi(x, x): SymPy divides by n - m


def without(node: Symbolic, position: int) -> Symbolic:
    """The product of all factors but one. What is left of a flat and sorted product is flat and sorted."""
    factors = node.args[:position] + node.args[position + 1 :]
    if len(factors) == 2 and factors[0].is_Number:
        return product(factors)  # 2*(x + 1) is distributed
    return node._from_args(factors, is_commutative=True)  # noqa: SLF001


def of_power(node: Symbolic, position: int) -> Symbolic | None:
    """The rule d b^e = e b^(e-1) db + b^e log(b) de; none by the exponent of a constant that has no logarithm."""
    base, exponent = node.args
    if position:
        return None if base.is_number and not base.is_positive else product((node, call(log, base)))
    return node if exponent == base else product((exponent, power(base, exponent - ONE)))


ALGEBRAIC: Mapping[str, Callable[[Symbolic, int], Symbolic | None]] = {
    "Add": lambda _node, _position: ONE,
    "Mul": without,
    "Pow": of_power,
    "exp": lambda node, _position: node,
}


def stable(node: Symbolic, position: int, *, double: bool) -> Symbolic | None:
    """The same derivative in the form that numbers, in particular doubles, evaluate best."""
    name = type(node).__name__
    rule = (SERIES.get(name) if double else None) or STABLE.get(name)
    return rule(*node.args) if rule else partial(node, position)


@functools.cache
def dummies(count: int) -> tuple[Symbolic, ...]:
    """Real variables that stand for the arguments of a function."""
    return tuple(sympy.Dummy(f"u{index}", real=True) for index in range(count))
