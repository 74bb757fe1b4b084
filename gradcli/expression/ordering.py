"""The order in which SymPy prints terms and factors, found once for every part that formulas share.

SymPy computes a key anew for each sum and each product around a part, and asks for the numeric value of every
coefficient besides. The order here is the same (`Expr.as_ordered_terms`, `Expr.sort_key`): terms by the powers of their
bases, lexicographically; factors by class, arguments and exponent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from sympy import Expr, Mul, Number, NumberSymbol, Pow, S
from sympy.core.exprtools import decompose_power

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Key: TypeAlias = tuple[Any, ...]
ONE_KEY: Key = S.One.sort_key()
CONSTANT = (Number, NumberSymbol)
END: Key = (1,)


class Ordering:
    """The order of terms and of factors; keys are kept as long as this is, by the identity of the part."""

    def __init__(self) -> None:
        self._keys: dict[int, tuple[Symbolic, Key]] = {}

    def factors(self, product: Symbolic) -> tuple[Symbolic, list[Symbolic]]:
        """The number before the product, and its other factors as SymPy prints them."""
        number, *factors = product.args if product.args[0].is_Number else (S.One, *product.args)
        return number, sorted(factors, key=self.key)

    def terms(self, total: Symbolic) -> Sequence[Symbolic]:
        """The terms as SymPy prints them: those with the highest power of the first base first, 1 - x as such."""
        terms: Sequence[Symbolic] = total.args
        if len(terms) == 2 and (pair := number_minus(*terms)):
            return pair
        exponents = [dict(powers(term)) for term in terms]
        bases = sorted(dict.fromkeys(base for power in exponents for base in power), key=self.key)
        places = {base: place for place, base in enumerate(bases)}
        keys = [_lexicographic({places[base]: exponent for base, exponent in power.items()}) for power in exponents]
        if len(set(keys)) < len(keys):  # SymPy goes by the coefficients, too
            ordered: Sequence[Symbolic] = total.as_ordered_terms()
            return ordered
        return [terms[k] for k in sorted(range(len(terms)), key=keys.__getitem__)]

    def leading(self, total: Symbolic) -> Symbolic:
        """The first term, whatever the signs: mostly the only one with the highest power of the first base."""
        terms: Sequence[Symbolic] = total.args
        exponents = [dict(powers(term)) for term in terms]
        bases = dict.fromkeys(base for power in exponents for base in power)
        first = min(bases, key=self.key, default=None)
        powers_of_first = [power.get(first, 0) for power in exponents]
        highest = max(powers_of_first)
        if highest > 0 and powers_of_first.count(highest) == 1:
            return terms[powers_of_first.index(highest)]
        alike = dict(powers(self.terms(total)[0]))
        tied = [term for term, power in zip(terms, exponents, strict=True) if power == alike]
        return min(tied, key=lambda term: self.key(term.as_coeff_Mul()[1]))

    def key(self, node: Symbolic) -> Key:
        """SymPy's sort key of a part."""
        known = self._keys.get(id(node))
        if known is None:
            known = self._keys[id(node)] = (node, self._key(node))
        return known[1]

    def _key(self, node: Symbolic) -> Key:
        coefficient, base, exponent = S.One, node, ONE_KEY
        if node.is_Mul:
            coefficient, base = node.as_coeff_Mul()
        if base.is_Pow:
            base, power = base.args if base.base.is_Symbol else base.as_base_exp()
            exponent = self.key(power)
        if node.is_Atom or base is S.Exp1 or not isinstance(node, Expr):
            own: Key = node.sort_key()
            return own
        arguments = (str(base),) if base.is_Atom else tuple(map(self.key, self._arguments(base)))
        kind: Symbolic = type(base)
        return _class_key(kind), (len(arguments), arguments), exponent, coefficient

    def _arguments(self, node: Symbolic) -> Sequence[Symbolic]:
        if node.is_Add:
            return self.terms(node)
        if node.is_Mul:
            number, factors = self.factors(node)
            return factors if number is S.One else [number, *factors]
        arguments: Sequence[Symbolic] = node.args
        return arguments


@lru_cache(maxsize=1024)
def _class_key(kind: Symbolic) -> Key:
    key: Key = kind.class_key()
    return key


def number_minus(first: Symbolic, second: Symbolic) -> tuple[Symbolic, Symbolic] | None:
    """The terms of 1 - 2*x: a positive number, then a negative number times something."""
    if isinstance(second, CONSTANT) and not isinstance(first, CONSTANT):
        first, second = second, first
    if not (isinstance(first, CONSTANT) and isinstance(second, Mul) and len(second.args) == 2):
        return None
    coefficient = second.args[0] if isinstance(second.args[0], CONSTANT) else second.args[1]
    negative = isinstance(coefficient, Number) and coefficient.is_negative
    return (first, second) if negative and first.is_positive else None


def has_minus(piece: Symbolic) -> bool:
    """Whether SymPy takes a minus sign out of what is not constant: of most terms; if of half, of the first."""
    if not piece.is_Add:
        return is_negative(leading(piece))
    terms = piece.args
    excess = 2 * sum(is_negative(leading(term)) for term in terms) - len(terms)
    if excess:
        return excess > 0
    if len(terms) == 2 and (pair := number_minus(*terms)):
        return next(powers(pair[1]))[1] > 0  # SymPy turns 1 - x round, but not 1 - 1/x
    return is_negative(leading(Ordering().leading(piece)))


def leading(term: Symbolic) -> Symbolic:
    """A number, or what stands first in a product."""
    return term.args[0] if term.is_Mul else term


def is_negative(number: Symbolic) -> bool:
    """Whether this is a number below zero."""
    return bool(number.p < 0) if number.is_Rational else bool(number.is_Float and number._mpf_[0])


def powers(term: Symbolic) -> Iterator[tuple[Symbolic, int]]:
    """Bases and whole exponents of a term, without its numbers."""
    for factor in term.args if term.is_Mul else (term,):
        if factor.is_Symbol:
            yield factor, 1
        elif isinstance(factor, Pow) and factor.exp.is_Integer and not factor.base.is_number:
            yield factor.base, int(factor.exp)
        elif not factor.is_number or not _has_value(factor):
            yield decompose_power(factor)


def _has_value(constant: Symbolic) -> bool:
    if isinstance(constant, CONSTANT):
        return True
    try:
        complex(constant)
    except (TypeError, ValueError):
        return False
    return True


def _lexicographic(exponents: dict[int, int]) -> Key:
    """A key that puts higher powers of earlier bases first, as if every base had an exponent, most of them 0."""
    return (*((0, k, -n) if n > 0 else (2, -k, -n) for k, n in sorted(exponents.items())), END)
