"""Numbers, sums, products, powers and calls as SymPy objects, each bounded before SymPy evaluates it.

What a person typed stays recognisable: SymPy's automatic evaluation is left on, except that 2*(x + 1) is not multiplied
out (in doubles 1e8*(x - 1) and 1e8*x - 1e8 are different functions), and that comparisons are not decided (SymPy would
solve inequalities). Refusals are `Refused`: a predicate that the parser puts behind the piece of text concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from mpmath.libmp import from_float
from sympy import And, Float, I, Integer, Mul, Pow, Rational, S, Symbol
from sympy.core.relational import Equality, GreaterThan, LessThan, StrictGreaterThan, StrictLessThan, Unequality
from sympy.logic.boolalg import Not, Or, false, true

from gradcli.expression import algebra, limits
from gradcli.expression.signs import REAL, TOLD

if TYPE_CHECKING:
    from gradcli.expression.functions import Function
    from gradcli.expression.limits import Symbolic

PRECISION = 336
"""Bits (101 digits) of what is computed from decimal literals while parsing: sin(0.1) is that sine, not a double."""
EXACT_INTEGERS = 2.0**53

ENDLESS = frozenset((S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity))
POWERS = {"sqrt": Rational(1, 2), "rsqrt": Rational(-1, 2), "square": Integer(2), "reciprocal": S.NegativeOne}
RELATIONS = {
    "<": StrictLessThan,
    "<=": LessThan,
    ">": StrictGreaterThan,
    ">=": GreaterThan,
    "==": Equality,
    "!=": Unequality,
}


def _not_positive_integer(n: Symbolic) -> bool:
    return bool(n.is_Integer and n.p <= 0)


POLES: Mapping[str, Callable[[Symbolic], bool]] = {
    **dict.fromkeys(("gamma", "loggamma", "digamma", "trigamma", "polygamma"), _not_positive_integer),
    "factorial": lambda n: bool(n.is_Integer and n.p < 0),
    "zeta": lambda n: bool(n == 1),
    **dict.fromkeys(("log2", "log10", "Ei", "E1", "Ci", "Chi"), lambda n: bool(n == 0)),
    "log1p": lambda n: bool(n == -1),
    **dict.fromkeys(("Mod", "fmod"), lambda n: bool(n == 0)),
    "logit": lambda n: n in (S.Zero, S.One),
}
"""Constants at which functions that nobody evaluates here are infinite."""


class Refused(Exception):  # noqa: N818
    """Why a piece of text has no SymPy object, as a predicate: "has no value". `limit`: a limit was exceeded."""

    def __init__(self, predicate: str, hint: str | None = None, *, limit: bool = False) -> None:
        super().__init__(predicate, hint)
        self.predicate = predicate
        self.hint = hint
        self.limit = limit


@lru_cache(maxsize=4096)
def symbol(name: str) -> Symbolic:
    """The one place where Symbols are made: they are real (x and a complex x are different to SymPy)."""
    made = Symbol(name, real=True)
    made._assumptions = TOLD[REAL]  # noqa: SLF001
    return made


def number(literal: str, limited: bool = True) -> Symbolic:
    """Digits are that integer; a decimal is the nearest double, an Integer where that is one below 2**53.

    The Float carries `PRECISION` bits: it is exactly the double, and what is folded from it is not rounded to one.
    """
    if literal.isdigit():
        if len(literal) > limits.DIGITS and limited:
            raise Refused("does not fit a double", "the largest is about 1.8e308", limit=True)
        try:
            integer = Integer(int(literal))
            float(integer.p)
        except (ValueError, OverflowError):
            if limited or len(literal) > limits.DIGITS:
                raise Refused("does not fit a double", "the largest is about 1.8e308", limit=True) from None
        return integer
    value = float(literal)
    if value == float("inf"):
        raise Refused("does not fit a double", "the largest is about 1.8e308", limit=True)
    if value == 0 and literal.lower().partition("e")[0].strip("0."):
        raise Refused("is smaller than the smallest double", "the smallest is about 4.9e-324", limit=True)
    if value.is_integer() and value < EXACT_INTEGERS:
        return Integer(int(value))
    return Float._new(from_float(value, PRECISION), PRECISION)  # noqa: SLF001


def add(terms: Sequence[Symbolic], limited: bool = True) -> Symbolic:
    """The sum; fractions are added one by one, so that their denominators cannot explode."""
    fractions = [term for term in terms if term.is_Rational]
    if len(fractions) < 2 or not limited:
        return algebra.total(terms)
    total = fractions[0]
    for fraction in fractions[1:]:
        total = _bounded(total + fraction)
    return algebra.total([total, *(term for term in terms if not term.is_Rational)])


def multiply(factors: Iterable[Symbolic], limited: bool = True) -> Symbolic:
    """The product; exact coefficients are multiplied one by one, and stay in front of a sum."""
    coefficient: Symbolic = S.One
    others: list[Symbolic] = []
    for factor in factors:
        number, *rest = factor.args if factor.is_Mul else (factor,)
        if not number.is_Rational:
            others += (number, *rest)
            continue
        others += rest
        coefficient = number if coefficient is S.One else coefficient * number
        if limited:
            _bounded(coefficient)
    if not others:
        return coefficient
    if limited and sum(map(_roots, others)) > limits.ROOTS:
        raise Refused(f"has more than {limits.ROOTS} roots of constants", limit=True)
    if coefficient is S.Zero:
        return S.Zero
    product = others[0] if len(others) == 1 else algebra.product(others)
    if product.is_Add and coefficient not in (S.One, S.NegativeOne):
        return Mul(coefficient, product, evaluate=False)
    return product if coefficient is S.One else algebra.scaled(coefficient, product)


def negative(value: Symbolic) -> Symbolic:
    """-value."""
    return multiply((S.NegativeOne, value), limited=False)


def opposite_factor(value: Symbolic) -> Symbolic:
    """-value as the first factor of a product: its minus sign goes before the whole, -(x + 1)*y is not (-x - 1)*y."""
    return Mul(S.NegativeOne, value, evaluate=False) if value.is_Add else negative(value)


def power(base: Symbolic, exponent: Symbolic, limited: bool = True) -> Symbolic:
    """The power, unless its exact constants would have more bits than are allowed."""
    exponent = limits.decimal_exponent(exponent)
    if limited:
        size = limits.bits_of_power(base, exponent)
        if size > limits.BITS:
            raise Refused(f"would be a number of about {_count(size)} bits; the limit is {limits.BITS:,}", limit=True)
        if isinstance(base, Pow) and exponent.is_Rational and base.exp.is_Rational:
            _bounded(base.exp * exponent)
    return finite(algebra.power(base, exponent), "it divides by zero")


def call(function: Function, arguments: Sequence[Symbolic], limited: bool = True) -> Symbolic:
    """The function of the arguments, unless they are constants of a size that would be computed at once."""
    if function.name == "pow":
        base, exponent = arguments
        return power(base, exponent, limited)
    if function.name in POWERS:
        return power(arguments[0], POWERS[function.name], limited)
    if limited:
        _check_arguments(function, arguments)
    pole = POLES.get(function.name)
    if pole and arguments[-1].is_Rational and pole(arguments[-1]):
        raise Refused("has no value: it is infinite there, or divides by zero")
    head = function.construct
    made = algebra.call(head, *arguments) if isinstance(head, type) and len(arguments) == 1 else head(*arguments)
    value = finite(made)
    if limited and limits.bits(value) > limits.BITS:
        raise Refused(f"is an exact number of more than {limits.BITS:,} bits", limit=True)
    return value


def finite(value: Symbolic, because: str | None = None) -> Symbolic:
    """The value, unless SymPy says that it is infinite or undefined."""
    if is_endless(value):
        raise Refused("has no value" + (f": {because}" if because else ""))
    if any(map(_is_imaginary, value.args if value.is_Add else (value,))) and not value.is_number:
        raise Refused("has no real value")
    return value


def is_endless(value: Symbolic) -> bool:
    """Whether SymPy divided by zero."""
    return (value.is_Atom and value in ENDLESS) or (
        (value.is_Mul or value.is_Add) and not ENDLESS.isdisjoint(value.args)
    )


def _is_imaginary(term: Symbolic) -> bool:
    """Whether SymPy took a root of what is never positive: sqrt(-x**4) is I*x**2 to it."""
    return term.is_Mul and any(factor is I or _is_root_of_negative(factor) for factor in term.args)


def _is_root_of_negative(factor: Symbolic) -> bool:
    return bool(isinstance(factor, Pow) and factor.base.is_Rational and factor.base.p < 0 and factor.exp.is_Rational)


def real(constant: Symbolic) -> Symbolic:
    """The constant, unless SymPy knows that it is infinite or not a real number."""
    if constant.is_Number:
        return finite(constant)
    if isinstance(constant, Pow) and constant.base.is_Rational and constant.base.p > 0 and constant.exp.is_Rational:
        return constant
    if not limits.is_elementary(constant):
        return constant
    if constant.has(*ENDLESS):
        raise Refused("has no value")
    if constant.has(I) or constant.is_extended_real is False:
        hint = "cbrt(x) is the real cube root" if constant.has(Pow) else None
        raise Refused("has no real value", hint)
    return constant


def compare(relation: str, left: Symbolic, right: Symbolic) -> Symbolic:
    """The comparison, decided only between numbers."""
    kind = RELATIONS[relation]
    decided = left.is_number and right.is_number and all(map(limits.is_elementary, (left, right)))
    return kind(left, right, evaluate=decided)


def both(parts: Sequence[Symbolic]) -> Symbolic:
    """`and` of conditions; true ones are left out, the rest stays as typed."""
    kept = [part for part in parts if part != true]
    if false in kept:
        return false
    return And(*kept, evaluate=False) if len(kept) > 1 else (kept or [true])[0]


def either(parts: Sequence[Symbolic]) -> Symbolic:
    """`or` of conditions; false ones are left out, the rest stays as typed."""
    kept = [part for part in parts if part != false]
    if true in kept:
        return true
    return Or(*kept, evaluate=False) if len(kept) > 1 else (kept or [false])[0]


def opposite(condition: Symbolic) -> Symbolic:
    """`not` of a condition."""
    return Not(condition)


def _roots(factor: Symbolic) -> int:
    if isinstance(factor, Mul):
        return sum(map(_roots, factor.args))
    return int(isinstance(factor, Pow) and bool(factor.base.is_Rational))


def _bounded(constant: Symbolic) -> Symbolic:
    if constant.p.bit_length() + constant.q.bit_length() > limits.BITS:
        raise Refused(f"is an exact number of more than {limits.BITS:,} bits", limit=True)
    return constant


def _check_arguments(function: Function, arguments: Sequence[Symbolic]) -> None:
    name = function.name
    if function.most is None:
        _check_count(name, arguments)
    constants = [argument for argument in arguments if not isinstance(argument, tuple) and argument.is_number]
    for constant in constants:
        _check_constant(name, constant)
    if name == "polygamma" and constants and limits.value_of(constants[0]) > limits.FACTORIAL:
        raise Refused(f"has an order beyond {limits.FACTORIAL}", limit=True)
    if name in limits.EXPONENTIAL and limits.bits_of_power(S.Exp1, arguments[0]) > limits.BITS:
        raise Refused(f"would be a number of more than {limits.BITS:,} bits", limit=True)


def _check_constant(name: str, constant: Symbolic) -> None:
    largest = limits.LARGEST_ARGUMENT.get(name)
    if largest and abs(limits.value_of(constant)) > largest:
        raise Refused(f"has a constant beyond {largest}, the limit for {name}", limit=True)
    if limits.magnitude(constant) > limits.BITS:
        raise Refused(f"has a constant of more than {limits.BITS:,} bits", limit=True)


def _check_count(name: str, arguments: Sequence[Symbolic]) -> None:
    count = sum(
        len(argument.args) if getattr(type(argument), "__name__", None) == name else 1 for argument in arguments
    )
    if count > limits.ARGUMENTS:
        raise Refused(f"has {count:,} arguments; the limit is {limits.ARGUMENTS}", limit=True)


def _count(size: float) -> str:
    return f"{size:,.0f}" if size < 1e15 else "very many"
