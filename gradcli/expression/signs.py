"""What SymPy would find out about the sign of a piece, told to it in advance.

SymPy simplifies by what it knows (sqrt(x**2) is Abs(x), log(0) has no value), and asks every sum and every product
again and again whether it is zero, real, finite or positive; four fifths of the time of `diff` are such questions. The
answers follow from the pieces: a complete set, shared by all pieces of a kind, is put where SymPy keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from sympy import Float, Symbol
from sympy.core.assumptions import _assume_defined

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Sign: TypeAlias = str
UNKNOWN, COMPLEX, REAL = "unknown", "complex", "real"
NONNEGATIVE, POSITIVE, NONPOSITIVE, NEGATIVE = "nonnegative", "positive", "nonpositive", "negative"

OPPOSITE = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE, NONNEGATIVE: NONPOSITIVE, NONPOSITIVE: NONNEGATIVE, REAL: REAL}
AT_LEAST_ZERO = frozenset({POSITIVE, NONNEGATIVE})
AT_MOST_ZERO = frozenset({NEGATIVE, NONPOSITIVE})
NOT_ZERO = frozenset({POSITIVE, NEGATIVE})
IS_REAL = frozenset(OPPOSITE)
IS_FINITE = IS_REAL | {COMPLEX}


def answers(specimen: Symbolic) -> Any:  # noqa: ANN401
    """All that SymPy says of a specimen, what it does not know included."""
    for fact in _assume_defined:
        getattr(specimen, f"is_{fact}")
    known = specimen._assumptions.copy()  # noqa: SLF001
    for fact in _assume_defined:
        known.setdefault(fact, None)
    return known


TOLD: Mapping[Sign, Any] = {
    sign: answers(Symbol(f"any_{sign}", **({} if sign == UNKNOWN else {sign: True})))
    for sign in (UNKNOWN, COMPLEX, *OPPOSITE)
}
DECIMALS = {POSITIVE: answers(Float(0.5)), NEGATIVE: answers(Float(-0.5))}
SIGN_OF = {id(known): sign for table in (TOLD, DECIMALS) for sign, known in table.items()}
VARYING = frozenset(map(id, TOLD.values()))


def tell(piece: Symbolic) -> Symbolic:
    """The piece itself, with the answers of its kind."""
    if id(piece._assumptions) not in SIGN_OF:  # noqa: SLF001
        sign_of(piece)
    return piece


def varies(piece: Symbolic) -> bool:
    """Whether a piece is no constant: what was told its sign is none."""
    return id(piece._assumptions) in VARYING or not piece.is_number  # noqa: SLF001


def sign_of(piece: Symbolic) -> Sign:
    """Where the values of a piece lie, for real variables; those of its parts are found and told first."""
    known = SIGN_OF.get(id(piece._assumptions))  # noqa: SLF001
    if known is not None:
        return known
    if piece.is_Atom:
        return _of_atom(piece)
    rule = RULES.get(type(piece).__name__)
    sign = rule(piece) if rule else UNKNOWN
    if rule is None or not any(map(varies, piece.args)):
        return REAL if type(piece).default_assumptions.get("real") else UNKNOWN
    if sign is not UNKNOWN or not piece.is_Function:
        piece._assumptions = TOLD[sign]  # noqa: SLF001
    return sign


def _of_atom(atom: Symbolic) -> Sign:
    if atom.is_Rational and atom.q:
        return POSITIVE if atom.p > 0 else NEGATIVE if atom.p else NONNEGATIVE
    if atom.is_Symbol:
        return REAL if atom.is_real else UNKNOWN
    if atom.is_Float and atom._mpf_[1]:
        sign = NEGATIVE if atom._mpf_[0] else POSITIVE
        if atom._mpf_[2] < 0:
            atom._assumptions = DECIMALS[sign]  # noqa: SLF001
        return sign
    return POSITIVE if atom.is_NumberSymbol else UNKNOWN


def _of_sum(total: Symbolic) -> Sign:
    signs = set(map(sign_of, total.args))
    if signs <= AT_LEAST_ZERO:
        return POSITIVE if POSITIVE in signs else NONNEGATIVE
    if signs <= AT_MOST_ZERO:
        return NEGATIVE if NEGATIVE in signs else NONPOSITIVE
    return _common(signs)


def _common(signs: set[Sign]) -> Sign:
    return REAL if signs <= IS_REAL else COMPLEX if signs <= IS_FINITE else UNKNOWN


def _of_product(product: Symbolic) -> Sign:
    signs = list(map(sign_of, product.args))
    kinds = set(signs)
    if REAL in kinds or not kinds <= IS_REAL:
        return _common(kinds)
    negative = sum(sign in AT_MOST_ZERO for sign in signs) % 2
    sign = POSITIVE if kinds <= NOT_ZERO else NONNEGATIVE
    return OPPOSITE[sign] if negative else sign


def _of_power(power: Symbolic) -> Sign:
    base, exponent = map(sign_of, power.args)
    if base == POSITIVE:
        return POSITIVE if exponent in IS_REAL else _of_exponential_of(exponent)
    number = power.args[1]
    if not number.is_Rational:
        return UNKNOWN
    if number.is_Integer and base in IS_REAL and (number.p > 0 or base in NOT_ZERO):
        return base if number.p % 2 else POSITIVE if base in NOT_ZERO else NONNEGATIVE
    if number.p < 0 or base not in IS_FINITE:
        return UNKNOWN
    return NONNEGATIVE if base in AT_LEAST_ZERO and not number.is_Integer else COMPLEX


def _of_exponential_of(exponent: Sign) -> Sign:
    return POSITIVE if exponent in IS_REAL else COMPLEX if exponent in IS_FINITE else UNKNOWN


def _real_function(call: Symbolic) -> Sign:
    return REAL if sign_of(call.args[0]) in IS_REAL else UNKNOWN


def _odd_function(call: Symbolic) -> Sign:
    """As positive or negative as its argument."""
    sign = sign_of(call.args[0])
    return sign if sign in IS_REAL else UNKNOWN


RULES: Mapping[str, Callable[[Symbolic], Sign]] = {
    "Add": _of_sum,
    "Mul": _of_product,
    "Pow": _of_power,
    "exp": lambda call: _of_exponential_of(sign_of(call.args[0])),
    "cosh": lambda call: POSITIVE if sign_of(call.args[0]) in IS_REAL else UNKNOWN,
    "Abs": lambda call: NONNEGATIVE if sign_of(call.args[0]) in IS_REAL else UNKNOWN,
    "gamma": lambda call: POSITIVE if sign_of(call.args[0]) == POSITIVE else UNKNOWN,
    **dict.fromkeys(("sin", "cos", "asinh"), _real_function),
    **dict.fromkeys(("sinh", "tanh", "atan", "erf"), _odd_function),
}
"""By the names of classes. SymPy may find out more about other functions, and is let."""
