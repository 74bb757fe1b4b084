"""Sums, products, powers and calls as SymPy builds them, by a shorter way wherever there is little to simplify.

`Add`, `Mul` and the `eval` of functions look for infinities, imaginary units, roots of numbers, orders and noncommuting
factors every time. Real expressions have none of them: it is enough to add the coefficients of equal terms and the
exponents of equal bases. What could be anything else goes SymPy's way. Results are told their signs (see `signs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Abs, Add, Expr, Integer, Mul, NumberSymbol, Pow, S, exp

from gradcli.expression.arrangement import arrange
from gradcli.expression.ordering import has_minus
from gradcli.expression.signs import AT_LEAST_ZERO, AT_MOST_ZERO, sign_of, tell, varies
from gradcli.expression.surprises import PARITY, UNSURPRISING, factors_of, is_surprising

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic


def total(terms: Sequence[Symbolic]) -> Symbolic:
    """The sum, as `Add(*terms)` gives it, but that whole decimals become integers."""
    number: Symbolic = S.Zero
    found: dict[Symbolic, tuple[Symbolic, Symbolic | None]] = {}
    for term in _flat(terms, Add):
        if term.is_Number:
            number = number + term
        elif term.is_Pow and term.args[0].is_Number:
            return _simplified(Add(*terms))
        else:
            coefficient, rest = split(term)
            before = found.get(rest)
            found[rest] = (coefficient, term) if before is None else (before[0] + coefficient, None)
    kept = [_scaled(coefficient, rest) if term is None else term for rest, (coefficient, term) in found.items()]
    return _sum(number, [term for term in kept if term is not S.Zero])


def _sum(number: Symbolic, terms: list[Symbolic]) -> Symbolic:
    """A number plus terms of which no two are multiples of each other."""
    arrange(terms)
    number = tidied(number)
    if number is not S.Zero:
        terms.insert(0, number)
    if len(terms) < 2:
        return terms[0] if terms else S.Zero
    return tell(Add._from_args(terms, is_commutative=True))  # noqa: SLF001


def product(factors: Sequence[Symbolic]) -> Symbolic:
    """The product, as `Mul(*factors)` gives it, but that whole decimals become integers; 2*(x + 1) is multiplied out.

    Exponents stay as they are: SymPy makes exp(-x/2 - y/2) of exp(-(x + y)/2) wherever two exponentials meet.
    """
    if len(factors) == 2 and _is_kept(*factors):
        return tell(Mul(*factors))
    others: list[Symbolic] = []
    exponentials: list[Symbolic] = []
    for factor in _flat(factors, Mul):
        (exponentials if isinstance(factor, exp) and varies(factor) else others).append(factor)
    number, powers = _gathered(others) or _as_sympy_does(others)
    if not _is_ordinary(number):
        return _simplified(Mul(number, *powers, *exponentials))
    kept = [*powers, *_merged(exponentials)]
    arrange(kept)
    return _times(tidied(number), kept)


def scaled(number: Symbolic, piece: Symbolic) -> Symbolic:
    """The product of a fraction that is not zero and one piece; 2*(x + 1) is multiplied out."""
    coefficient, rest = split(piece)
    if rest.is_Number:
        return tidied(number * rest)
    if any(factor.is_Pow and not varies(factor.args[0]) for factor in Mul.make_args(rest)):
        return product((number, piece))
    return _times_sum(number, piece) if piece.is_Add else _scaled(number * coefficient, rest)


def _gathered(factors: Sequence[Symbolic]) -> tuple[Symbolic, list[Symbolic]] | None:
    """The number and the powers of different bases in a product; None where it takes more than adding exponents."""
    number: Symbolic = S.One
    found: dict[Symbolic, tuple[Symbolic, Symbolic | None]] = {}
    for factor in factors:
        if factor.is_Number:
            number = number * factor
            continue
        base, exponent = factor.args if factor.is_Pow else (factor, S.One)
        before = found.get(base)
        if before is None:
            found[base] = (exponent, factor)
        elif exponent.is_Rational and before[0].is_Rational:
            found[base] = (before[0] + exponent, None)
        else:
            return None
        if not varies(base) and not isinstance(base, NumberSymbol):
            return None
    powers = [power(base, exponent) if factor is None else factor for base, (exponent, factor) in found.items()]
    expected = all(
        factor is not None or piece is base or piece is S.One or (piece.is_Pow and piece.args[0] == base)
        for piece, (base, (_, factor)) in zip(powers, found.items(), strict=True)
    )
    return (number, [piece for piece in powers if piece is not S.One]) if expected else None


def _as_sympy_does(factors: Sequence[Symbolic]) -> tuple[Symbolic, list[Symbolic]]:
    """The number and the other factors of what `Mul` makes of a product."""
    made = Mul(*factors)
    parts = list(made.args if made.is_Mul else (made,))
    number = parts.pop(0) if parts[0].is_Number else S.One
    return number, list(map(_turned, parts))


def _turned(factor: Symbolic) -> Symbolic:
    """An even power of a sum as `power` has it: without a minus sign before the sum."""
    if not (factor.is_Pow and factor.args[0].is_Add and factor.args[1].is_Integer and factor.args[1].p % 2 == 0):
        return factor
    return power(*factor.args)


def _merged(exponentials: Sequence[Symbolic]) -> list[Symbolic]:
    """Exponentials of which none is a power of another one: exp(x)*exp(2*x) is exp(3*x)."""
    if len(exponentials) < 2:
        return list(exponentials)
    found: dict[Symbolic, Symbolic] = {}
    for one in exponentials:
        coefficient, rest = split(one.args[0])
        found[rest] = found.get(rest, S.Zero) + coefficient
    exponents = [_scaled(coefficient, rest) for rest, coefficient in found.items()]
    return [call(exp, exponent) for exponent in exponents if exponent is not S.Zero]


def _simplified(value: Symbolic) -> Symbolic:
    """What SymPy made, with the number before it as the integer it may be."""
    number = value.args[0] if value.is_Mul else value
    if number.is_Float and (integer := tidied(number)) is not number:
        value = _times(integer, list(value.args[1:])) if value.is_Mul else integer
    return tell(value)


def power(base: Symbolic, exponent: Symbolic) -> Symbolic:
    """What Pow makes of it, without asking at every term of a sum whether it is infinite."""
    if base.is_Add and exponent.is_Integer and exponent.p not in (0, 1) and varies(base):
        if exponent.p % 2 == 0 and has_minus(base):
            base = _times_sum(S.NegativeOne, base)
        return _raised(base, exponent)
    if base.is_Symbol and exponent.is_Integer and exponent.p not in (0, 1):
        return _raised(base, exponent)
    if base.is_Piecewise and exponent not in (S.Zero, S.One):  # SymPy would take every branch to the power
        return _raised(base, exponent)
    if base.is_Pow and base.args[0].is_Piecewise and exponent.is_Integer:
        return power(base.args[0], base.args[1] * exponent)
    if base.is_Mul and exponent.is_Integer and any(factor.is_Piecewise or factor.is_Add for factor in base.args):
        return product([power(factor, exponent) for factor in base.args])
    value = Pow(base, exponent)
    if value.is_Mul and not value.args[-1].is_Add:
        value = Mul(*value.args)  # SymPy takes apart, and leaves sqrt(Abs(x))*Abs(x) of the root of Abs(x)**3
    return _simplified(value)


def _raised(base: Symbolic, exponent: Symbolic) -> Symbolic:
    """The power that stays as it is."""
    made = Expr.__new__(Pow, base, exponent)
    made.is_commutative = True
    return tell(made)


def call(function: Symbolic, argument: Symbolic) -> Symbolic:
    """A function of one argument; its `eval` is asked only where it could find something about the argument."""
    name = function.__name__
    if name == "Abs" and (size := _size(argument)) is not None:
        return size
    if name not in UNSURPRISING or not varies(argument) or is_surprising(name, argument):
        return tell(function(argument))
    if name in PARITY and has_minus(argument):
        made = tell(function(scaled(S.NegativeOne, argument), evaluate=False))
        return made if PARITY[name] > 0 else scaled(S.NegativeOne, made)
    return tell(function(argument, evaluate=False))


def _size(argument: Symbolic) -> Symbolic | None:
    """The absolute value of a multiple of a variable, or of a polynomial in roots of variables."""
    number, rest = split(argument)
    if rest.is_Symbol:
        size = tell(Abs(rest, evaluate=False))
        return size if number is S.One else _scaled(abs(number), size)
    if not argument.is_Add or not all(map(_is_positive_power, factors_of(argument))):
        return None
    sign = sign_of(argument)
    if sign in AT_LEAST_ZERO:
        return argument
    turned = scaled(S.NegativeOne, argument) if sign in AT_MOST_ZERO or has_minus(argument) else argument
    return turned if sign in AT_MOST_ZERO else tell(Abs(turned, evaluate=False))


def _is_positive_power(factor: Symbolic) -> bool:
    base, exponent = factor.args if factor.is_Pow else (factor, S.One)
    return bool(base.is_Number or base.is_Symbol) and bool(exponent.is_Rational and exponent.p > 0)


def tidied(number: Symbolic) -> Symbolic:
    """A whole decimal below 2**53 as the integer it is."""
    if not number.is_Float:
        return number
    sign, mantissa, exponent, bits = number._mpf_
    if not mantissa or exponent < 0 or exponent + bits > 53:
        return number if mantissa else S.Zero
    return Integer((-1) ** sign * (int(mantissa) << exponent))


def split(term: Symbolic) -> tuple[Symbolic, Symbolic]:
    """The number before a term, and the rest."""
    if not term.is_Mul or not term.args[0].is_Number:
        return S.One, term
    number, *others = term.args
    return number, others[0] if len(others) == 1 else Mul._from_args(others, is_commutative=True)  # noqa: SLF001


def _flat(parts: Sequence[Symbolic], kind: Symbolic) -> Sequence[Symbolic]:
    """The terms of sums, or the factors of products, among the others."""
    if not any(isinstance(part, kind) for part in parts):
        return parts
    return [inner for part in parts for inner in (_flat(part.args, kind) if isinstance(part, kind) else (part,))]


def _scaled(number: Symbolic, rest: Symbolic) -> Symbolic:
    """A number times what `split` leaves."""
    number = tidied(number)
    if number is S.Zero or number is S.One:
        return rest if number is S.One else S.Zero
    factors = rest.args if rest.is_Mul else (rest,)
    return tell(Mul._from_args([number, *factors], is_commutative=True))  # noqa: SLF001


def _times(number: Symbolic, factors: list[Symbolic]) -> Symbolic:
    """A number times sorted factors without numbers."""
    if not factors:
        return number
    if number is S.One:
        return factors[0] if len(factors) == 1 else tell(Mul._from_args(factors, is_commutative=True))  # noqa: SLF001
    if len(factors) == 1 and factors[0].is_Add:
        return _times_sum(number, factors[0])
    return tell(Mul._from_args([number, *factors], is_commutative=True))  # noqa: SLF001


def _times_sum(number: Symbolic, added: Symbolic) -> Symbolic:
    """A number times a sum, multiplied out."""
    terms = [_multiplied(number, term) for term in added.args]
    return _sum(terms.pop(0) if terms[0].is_Number else S.Zero, terms)


def _multiplied(number: Symbolic, term: Symbolic) -> Symbolic:
    """A number times a term of a sum, whose own sum, if it is 3*(x + 1), is left."""
    if term.is_Number:
        return tidied(number * term)
    coefficient, rest = split(term)
    return _scaled(number * coefficient, rest)


def _is_ordinary(number: Symbolic) -> bool:
    """Finite and not zero."""
    return bool(number.p and number.q) if number.is_Rational else bool(number.is_Float and number._mpf_[1])


def _is_kept(first: Symbolic, second: Symbolic) -> bool:
    """Whether SymPy keeps the sum of a product 2 * 3*(x + 1) as it is."""
    return any(
        number.is_Rational and other.is_Mul and len(other.args) == 2 and other.args[1].is_Add
        for number, other in ((first, second), (second, first))
    )
