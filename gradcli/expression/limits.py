"""How large an expression may be, checked before SymPy evaluates anything: one number per kind, and what exceeds it.

Bits are estimated: `bits` of an exact constant, times the exponent, before a power is taken; `magnitude` of any
constant before a function of it is built. What is still too slow is ended from outside.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import log2
from typing import Any, TypeAlias

from sympy import Add, Float, Function, Mul, Pow, Rational, S, log

from gradcli.errors import LimitError
from gradcli.expression.signs import varies

Symbolic: TypeAlias = Any
"""A SymPy object; SymPy carries no types."""

LENGTH = 100_000
"""Characters of a text."""
NESTING = 100
"""Parentheses, calls and exponents within each other."""
NODES = 50_000
"""Numbers, names and operators."""
DIGITS = 400
"""Digits of a literal; a double has at most 309 before its point."""
BITS = 4_096
"""Bits of an exact constant, and of the binary exponent of any constant."""
FACTORIAL = 170
"""Constant argument of a factorial, and order of a polygamma function: 171! does not fit a double."""
ARGUMENTS = 50
"""Arguments of Max, branches of Piecewise, parts of a condition."""
ROOTS = 100
"""Roots of constants in one product, which SymPy combines pair by pair."""
VARIABLES = 10_000
"""Different names."""
DERIVATIVE = 60_000_000
"""Nodes of a derivative, estimated as the nodes of the expression times 3 for each order."""

LARGEST_ARGUMENT = {"factorial": FACTORIAL, "gamma": FACTORIAL + 1}
EXPONENTIAL = {"exp", "exp2", "expm1", "sinh", "cosh"}

QUICK = ("sympy.functions.elementary", "sympy.functions.combinatorial", "sympy.functions.special.gamma_functions")
"""Modules of functions that are evaluated at once within these limits."""

STACK = 5_000
"""Python frames that SymPy may use for 100 nested functions; its default of 1,000 ends at about 35."""


def check_length(text: str) -> None:
    """Characters, before anything else looks at the text."""
    _check(len(text), LENGTH, "characters")


def check_nodes(count: int) -> None:
    """Numbers, names and operators, before anything is built."""
    _check(count, NODES, "numbers, names and operators")


def check_variables(count: int) -> None:
    """Different names."""
    _check(count, VARIABLES, "different names")


def check_conditions(count: int) -> None:
    """Parts of one `and` or `or`."""
    _check(count, ARGUMENTS, "conditions joined by one `and` or `or`")


def check_derivative(nodes: int, order: int) -> None:
    """Refuse an order whose derivative could not be written down: each order triples a formula at least."""
    if nodes * 3 ** min(order, 100) > DERIVATIVE:
        message = f"the derivative of order {order} of an expression of {nodes:,} nodes is too large"
        raise LimitError(message, "ask for a lower order, or for a numeric --method")


def bits(value: Symbolic) -> float:
    """Bits of the exact constants that SymPy takes to the power along with `value`: 3 in (3*x)**n, 2 in sqrt(2)**n."""
    if value.is_Rational:
        return _size(value)
    if value.is_Float:
        return abs(_log2_float(value))
    if isinstance(value, Pow) and value.exp.is_Number:
        return bits(value.base) * abs(_approximate(value.exp)) + (_size(value.exp) if value.exp.is_Rational else 0)
    if isinstance(value, Mul):
        return sum(bits(factor) for factor in value.args)
    return 0


def bits_of_power(base: Symbolic, exponent: Symbolic) -> float:
    """An upper bound on the bits that base**exponent takes once SymPy has evaluated it; 0 where it stays as it is."""
    if base is S.Exp1:
        return max((_bits_of_exponential(term) for term in Add.make_args(exponent)), default=0)
    if not varies(base) and not varies(exponent) and not base.is_zero:
        return max(bits(base), abs(magnitude(base))) * abs(value_of(exponent))
    if exponent.is_Number:
        size = bits(base)
        return size and size * abs(_approximate(exponent))
    return max((_bits_of_exponential(term) for term in Add.make_args(exponent)), default=0) if exponent.has(log) else 0


def _bits_of_exponential(term: Symbolic) -> float:
    """exp(n*log(a)) is a**n; the exponential of a constant c has c*log2(e) bits before its point."""
    if term.is_number:
        return abs(value_of(term)) * 1.4427
    coefficient, rest = term.as_coeff_Mul()
    logarithms = [factor.args[0] for factor in Mul.make_args(rest) if isinstance(factor, log)]
    return abs(_approximate(coefficient)) * sum(map(bits, logarithms))


def magnitude(constant: Symbolic) -> float:
    """log2 of |constant|, -inf for zero; 0 for what is not evaluated."""
    if constant.is_Rational:
        return float(abs(constant.p).bit_length() - constant.q.bit_length()) if constant.p else float("-inf")
    if constant.is_Float:
        return _log2_float(constant)
    number = constant.evalf(5) if is_elementary(constant) else constant
    return _log2_float(number) if number.is_Float else 0.0


def value_of(constant: Symbolic) -> float:
    """The constant as a float, +-inf beyond, 0 for what is not evaluated."""
    if constant.is_Number:
        return _approximate(constant)
    number = constant.evalf(5) if is_elementary(constant) else constant
    return _approximate(number) if number.is_Float else 0.0


def is_elementary(constant: Symbolic) -> bool:
    """Whether SymPy evaluates the constant at once: elliptic_pi(1e8, 2) takes mpmath a minute."""
    return all(type(node).__module__.startswith(QUICK) for node in constant.atoms(Function))


def decimal_exponent(exponent: Symbolic) -> Symbolic:
    """0.5, 1.5, 0.25 as exact fractions, so that x**0.5 is sqrt(x); other decimals as they are."""
    if exponent.is_Float:
        sign, mantissa, power, count = exponent._mpf_
        if power >= -10 and count + power <= 53:
            return Rational((-1) ** sign * int(mantissa) * 2 ** max(power, 0), 2 ** max(-power, 0))
    return exponent


@contextmanager
def deep_recursion(frames: int = STACK) -> Iterator[None]:
    """Room for SymPy to recurse through a nested expression; what is deeper still is a LimitError."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, frames))
    try:
        yield
    except RecursionError as error:
        raise LimitError("the expression is nested too deeply", f"the limit is {NESTING} levels") from error
    finally:
        sys.setrecursionlimit(before)


def _check(count: int, limit: int, things: str) -> None:
    if count > limit:
        message = f"the expression has {count:,} {things}; the limit is {limit:,}"
        raise LimitError(message, "--no-limits lifts it for input you trust")


def _size(number: Symbolic) -> float:
    """Bits of a fraction; 0 for 0, 1 and -1, whose powers do not grow."""
    return log2(abs(number.p)) + log2(number.q) if number.p else 0.0


def _log2_float(number: Float) -> float:
    _, mantissa, exponent, count = number._mpf_
    if not mantissa:
        return float("-inf")
    return float(exponent + count) + log2(int(mantissa) / (1 << count))


def _approximate(number: Symbolic) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
