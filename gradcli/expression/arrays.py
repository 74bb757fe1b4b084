"""ARRAYS: the arithmetic of NumPy's arrays, for many points at once; poles and points outside are NaN.

This module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gradcli.expression import extended
from gradcli.expression.arithmetic import Arithmetic, Operation, add
from gradcli.expression.floats import FLOATS
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.problem import Array


def each(function: Callable[..., float]) -> Operation:
    """A function of floats, called for every element, which may take long in all."""

    def guarded(*values: float) -> float:
        alive()
        try:
            return function(*values)
        except FLOATS.errors:
            return math.nan

    def looped(*arrays: Array) -> Array:
        return np.asarray(np.frompyfunc(guarded, len(arrays), 1)(*arrays), dtype=float)

    return looped


def poleless(function: Operation) -> Operation:
    """A function whose infinite values at finite points are no values."""

    def finite(*arrays: Array) -> Array:
        values = function(*arrays)
        if np.all(np.isfinite(values)):
            return np.asarray(values)
        return np.where(np.isinf(values) & functools.reduce(np.logical_and, map(np.isfinite, arrays)), np.nan, values)

    return finite


def power(base: Array, exponent: Array) -> Array:
    """base**exponent where that is real; none at 0 for negative exponents."""
    if np.ndim(exponent) == 0 and exponent in SMALL_EXPONENTS:
        return repeated(base, int(exponent))
    values = np.asarray(np.power(base, exponent))
    return np.where((base == 0) & np.isinf(values), np.nan, values) if np.any(np.less(exponent, 0)) else values


SMALL_EXPONENTS = frozenset(range(3, 9))
"""Three products or four are many times faster than a power, and as exact to a few units in the last place."""


def repeated(base: Array, exponent: int) -> Array:
    """base**exponent by squaring, for exponent > 0."""
    if exponent == 1:
        return base
    half = repeated(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half


def compared(function: Operation) -> Operation:
    """A comparison as 1 or 0, NaN where a side is NaN."""

    def known(*sides: Array) -> Array:
        return np.where(functools.reduce(np.logical_or, map(np.isnan, sides)), np.nan, function(*sides))

    return known


def select(*branches: Array) -> Array:
    """The value before the first condition that holds (value, condition, value, condition, ...)."""
    chosen: Array = np.asarray(np.nan)
    for value, condition in reversed(list(zip(branches[::2], branches[1::2], strict=True))):
        chosen = np.where(np.isnan(condition), np.nan, np.where(condition, value, chosen))
    return chosen


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), with the exponential that cannot overflow."""
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, small) / (1 + small))


def softplus(z: Array) -> Array:
    """log(1 + exp(z))"""
    return np.asarray(np.logaddexp(0.0, z))


def logit(p: Array) -> Array:
    """log(p / (1 - p)) = 2 artanh(2p - 1), the latter where the quotient is near 1."""
    quotient: Array = poleless(np.log)(p / (1 - p))
    return np.where(np.abs(p - 0.5) < 0.2, 2 * np.arctanh(2 * p - 1), quotient)


def huber(r: Array, delta: Array) -> Array:
    """r^2/2 up to |r| = delta, delta (|r| - delta/2) beyond."""
    size = np.abs(r)
    return np.where(size <= delta, r * r / 2, delta * (size - delta / 2))


ARRAYS = Arithmetic(
    name="arrays",
    operations={
        **{name: each(FLOATS.operations[name]) for name in extended.SPECIAL},
        "Dummy": lambda same: same,
        "Add": add,
        "Mul": lambda *factors: functools.reduce(operator.mul, factors),
        "Pow": power,
        "square": np.square,
        "reciprocal": poleless(lambda x: np.divide(1.0, x)),
        "sqrt": np.sqrt,
        "rsqrt": poleless(lambda x: np.divide(1.0, np.sqrt(x))),
        "cbrt": np.cbrt,
        "hypot": np.hypot,
        "exp": np.exp,
        "expm1": np.expm1,
        "log": poleless(np.log),
        "log2": poleless(np.log2),
        "log10": poleless(np.log10),
        "log1p": poleless(np.log1p),
        "logaddexp": np.logaddexp,
        "sin": np.sin,
        "cos": np.cos,
        "tan": np.tan,
        "cot": poleless(lambda x: 1 / np.tan(x)),
        "sec": lambda x: 1 / np.cos(x),
        "csc": poleless(lambda x: 1 / np.sin(x)),
        "asin": np.arcsin,
        "acos": np.arccos,
        "atan": np.arctan,
        "acot": lambda x: np.where(x == 0, np.pi / 2, np.arctan(np.divide(1.0, x))),
        "asec": lambda x: np.arccos(np.divide(1.0, x)),
        "acsc": lambda x: np.arcsin(np.divide(1.0, x)),
        "atan2": np.arctan2,
        "sinc": lambda x: np.sinc(x / np.pi),
        "sinh": np.sinh,
        "cosh": np.cosh,
        "tanh": np.tanh,
        "coth": poleless(lambda x: np.divide(1.0, np.tanh(x))),
        "sech": lambda x: 1 / np.cosh(x),
        "csch": poleless(lambda x: np.divide(1.0, np.sinh(x))),
        "asinh": np.arcsinh,
        "acosh": np.arccosh,
        "atanh": poleless(np.arctanh),
        "acoth": poleless(lambda x: np.arctanh(np.divide(1.0, x))),
        "asech": poleless(lambda x: np.arccosh(np.divide(1.0, x))),
        "acsch": poleless(lambda x: np.arcsinh(np.divide(1.0, x))),
        "Abs": np.abs,
        "sign": np.sign,
        "floor": np.floor,
        "ceiling": np.ceil,
        "Mod": np.mod,
        "fmod": np.fmod,
        "Max": lambda *values: functools.reduce(np.maximum, values),
        "Min": lambda *values: functools.reduce(np.minimum, values),
        "Heaviside": lambda x, middle=0.5: np.heaviside(x, middle),
        "Piecewise": select,
        "StrictLessThan": compared(np.less),
        "LessThan": compared(np.less_equal),
        "StrictGreaterThan": compared(np.greater),
        "GreaterThan": compared(np.greater_equal),
        "Equality": compared(np.equal),
        "Unequality": compared(np.not_equal),
        "And": compared(lambda *conditions: functools.reduce(np.logical_and, conditions)),
        "Or": compared(lambda *conditions: functools.reduce(np.logical_or, conditions)),
        "Not": lambda condition: 1 - condition,
        "ITE": lambda condition, yes, no: select(yes, condition, no, np.asarray(1.0)),
        "sigmoid": sigmoid,
        "log_sigmoid": lambda z: -softplus(-z),
        "logit": logit,
        "softplus": softplus,
        "softsign": lambda z: z / (1 + np.abs(z)),
        "relu": lambda z: np.maximum(z, 0.0),
        "leaky_relu": lambda z, slope: np.where(z > 0, z, slope * z),
        "elu": lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0.0))),
        "silu": lambda z: z * sigmoid(z),
        "mish": lambda z: z * np.tanh(softplus(z)),
        "gelu": lambda z: z * each(math.erfc)(-z / math.sqrt(2)) / 2,
        "huber": huber,
    },
    constant=FLOATS.constant,
    errors=FLOATS.errors,
)
