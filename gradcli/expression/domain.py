"""Where an expression has a value although SymPy's form of it has one everywhere: x/x is 1 to SymPy, also at 0.

SymPy cancels x/x, sqrt(x)**2, exp(log(x)) and 0*log(x) as it builds them. The pieces that were typed, are not defined
everywhere and are gone from the result are its lost domain: the expression has a value only where each of them has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sympy import Pow, S

from gradcli.expression.signs import varies
from gradcli.expression.suggestions import words

if TYPE_CHECKING:
    from gradcli.expression.limits import Symbolic

TOTAL = words(
    "sin cos atan acot sinc sinh cosh tanh sech asinh exp expm1 Abs sign floor ceiling Max Min Heaviside hypot "
    "cbrt sigmoid log_sigmoid softplus softsign relu leaky_relu elu silu gelu mish huber logaddexp erf erfc erfi "
    "Si Shi fresnels fresnelc airyai airybi airyaiprime airybiprime"
)
"""Functions with a value at every real point; losing one loses no domain."""


def partial(value: Symbolic) -> Iterator[Symbolic]:
    """The pieces of a freshly built power, quotient or call that are not defined everywhere."""
    for piece in value.args if value.is_Mul else (value,):
        if _is_partial(piece):
            yield piece


def lost(pieces: Iterable[Symbolic], expression: Symbolic) -> tuple[Symbolic, ...]:
    """Those pieces that the expression does not show any more, also not as another power with the same domain."""
    pieces = dict.fromkeys(pieces)
    if not pieces:
        return ()
    present = _subexpressions(expression)
    powers: dict[Symbolic, list[Symbolic]] = {}
    for node in present:
        if isinstance(node, Pow):
            powers.setdefault(node.base, []).append(node.exp)
    return tuple(piece for piece in pieces if piece not in present and not _implied(piece, powers))


def _is_partial(value: Symbolic) -> bool:
    if isinstance(value, Pow):
        exponent = value.exp
        total = (exponent.is_Integer and exponent.p >= 0) or (value.base.is_Atom and value.base.is_positive)
        return not total and varies(value)
    return value.is_Function and type(value).__name__ not in TOTAL and varies(value)


def _implied(piece: Symbolic, powers: dict[Symbolic, list[Symbolic]]) -> bool:
    """x**-2 is defined where 1/x is, x**(3/2) where sqrt(x) is."""
    if not isinstance(piece, Pow) or not piece.exp.is_Number:
        return False
    exponents = [exponent for exponent in powers.get(piece.base, ()) if exponent.is_Number]
    away_from_zero = piece.exp >= S.Zero or any(exponent < S.Zero for exponent in exponents)
    not_below_zero = piece.exp.is_Integer or any(not exponent.is_Integer for exponent in exponents)
    return bool(away_from_zero and not_below_zero)


def _subexpressions(expression: Symbolic) -> set[Symbolic]:
    found: set[Symbolic] = set()
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(node.args)
    return found
