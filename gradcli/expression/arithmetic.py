"""Arithmetic: what the functions of an expression do to one kind of number; with definitions that several kinds share.

Operations are keyed by the names of SymPy's classes. Where a function has no value, an operation returns NaN or raises
one of the arithmetic's errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Number: TypeAlias = Any
"""A float, an array, a complex number or a number of mpmath."""

Operation: TypeAlias = Callable[..., Number]

CIRCULAR = ("sin", "cos", "tan", "asin", "acos", "atan")
HYPERBOLIC = ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
EXPONENTIAL = ("exp", "expm1", "log", "log10", "log1p", "sqrt")
ANALYTIC = (*CIRCULAR, *HYPERBOLIC, *EXPONENTIAL)
"""Functions that math, cmath and mpmath have under the same names."""


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How to turn SymPy's numbers and functions into one kind of number.

    name: of the numbers, in the plural.
    hint: what to do where a function has no operation.
    precision: the bits now in use, where that can change; constants are kept per precision.
    double: whether 53 bits is all there ever is.
    """

    name: str
    operations: Mapping[str, Operation]
    constant: Callable[[Symbolic], Number]
    errors: tuple[type[Exception], ...]
    hint: str | None = None
    precision: Callable[[], int] = lambda: 53
    double: bool = True


def is_known(value: Number) -> bool:
    """Whether a number is one: NaN differs from itself."""
    return bool(value == value)  # noqa: PLR0124


def known(function: Operation) -> Operation:
    """A function that compares its arguments: it has no value where one of them has none."""

    def checked(*arguments: Number) -> Number:
        return function(*arguments) if all(map(is_known, arguments)) else math.nan

    return checked


def heaviside(x: Number, middle: Number = 0.5) -> Number:
    """0, middle, 1 for negative, zero, positive x."""
    return middle if x == 0 else float(x > 0)


def huber(r: Number, delta: Number) -> Number:
    """r^2/2 up to |r| = delta, delta (|r| - delta/2) beyond."""
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def select(*branches: Number) -> Number:
    """The value before the first condition that holds (value, condition, value, condition, ...)."""
    for value, condition in zip(branches[::2], branches[1::2], strict=True):
        if condition:  # NaN counts as true here
            return value if is_known(condition) else math.nan
    return math.nan


ORDERED: Mapping[str, Operation] = {
    "sign": known(lambda x: float((x > 0) - (x < 0))),
    "Max": known(max),
    "Min": known(min),
    "Heaviside": known(heaviside),
    "relu": known(lambda z: max(z, 0.0)),
    "leaky_relu": known(lambda z, slope: z if z > 0 else slope * z),
    "huber": known(huber),
    "softsign": lambda z: z / (1 + abs(z)),
    "Piecewise": select,
    "StrictLessThan": known(lambda a, b: float(a < b)),
    "LessThan": known(lambda a, b: float(a <= b)),
    "StrictGreaterThan": known(lambda a, b: float(a > b)),
    "GreaterThan": known(lambda a, b: float(a >= b)),
    "Equality": known(lambda a, b: float(a == b)),
    "Unequality": known(lambda a, b: float(a != b)),
    "And": known(lambda *conditions: float(all(conditions))),
    "Or": known(lambda *conditions: float(any(conditions))),
    "Not": known(lambda condition: 1 - condition),
    "ITE": lambda condition, yes, no: select(yes, condition, no, 1.0),
}
"""For numbers with an order, floats and mpmath's alike."""


def algebra(prod: Callable[[tuple[Number, ...]], Number]) -> dict[str, Operation]:
    """What every kind of number can do."""
    return {
        "Dummy": lambda same: same,
        "Add": add,
        "Mul": lambda *factors: prod(factors),
        "square": lambda x: x * x,
        "reciprocal": lambda x: 1 / x,
    }


def add(*terms: Number) -> Number:
    """Terms from left to right; `sum` compensates its rounding from Python 3.12 on."""
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def reciprocals(m: Any) -> dict[str, Operation]:  # noqa: ANN401
    """The functions that are others of 1/x or one over others; `m` is math, cmath or the like."""
    return {
        "cot": lambda x: 1 / m.tan(x),
        "sec": lambda x: 1 / m.cos(x),
        "csc": lambda x: 1 / m.sin(x),
        "coth": lambda x: 1 / m.tanh(x),
        "sech": lambda x: 1 / m.cosh(x),
        "csch": lambda x: 1 / m.sinh(x),
        "acot": lambda x: m.atan(1 / x) if x else m.pi / 2,
        "asec": lambda x: m.acos(1 / x),
        "acsc": lambda x: m.asin(1 / x),
        "acoth": lambda x: m.atanh(1 / x),
        "asech": lambda x: m.acosh(1 / x),
        "acsch": lambda x: m.asinh(1 / x),
        "sinc": lambda x: m.sin(x) / x if x else 1.0,
    }


def activations(m: Any, real: Callable[[Number], Any] = lambda z: z) -> dict[str, Operation]:  # noqa: ANN401
    """The smooth functions of machine learning, each with exponentials that cannot overflow.

    `m` has exp, log, log1p, expm1, tanh, atanh and erfc; `real` is the part of a number that is compared.
    """

    def sigmoid(z: Number) -> Number:
        return 1 / (1 + m.exp(-z)) if real(z) >= 0 else m.exp(z) / (1 + m.exp(z))

    def softplus(z: Number) -> Number:
        return z + m.log1p(m.exp(-z)) if real(z) > 0 else m.log1p(m.exp(z))

    def logaddexp(a: Number, b: Number) -> Number:
        return a + m.log1p(m.exp(b - a)) if real(a) > real(b) else b + m.log1p(m.exp(a - b))

    def logit(p: Number) -> Number:
        return 2 * m.atanh(2 * p - 1) if 0.3 < real(p) < 0.7 else m.log(p / (1 - p))

    return {
        "sigmoid": sigmoid,
        "softplus": softplus,
        "logaddexp": logaddexp,
        "logit": logit,
        "log_sigmoid": lambda z: -softplus(-z),
        "silu": lambda z: z * sigmoid(z),
        "mish": lambda z: z * m.tanh(softplus(z)),
        "gelu": lambda z: z * m.erfc(-z / m.sqrt(2)) / 2,
        "elu": known(lambda z, alpha: z if real(z) > 0 else alpha * m.expm1(z)),
    }
