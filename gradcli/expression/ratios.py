"""How far a wrong formula is from the right one, in words: by a number, by a factor, by a term."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from mpmath import mp, mpf
from sympy import cancel, preorder_traversal
from sympy.polys.polyerrors import PolynomialError

from gradcli.expression.writer import write

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.primitives import Symbolic

CONSTANTS: Mapping[str, Callable[[], Number]] = {
    "": lambda: mpf(1),
    "pi": lambda: +mp.pi,
    "log(10)": lambda: +mp.ln10,
    "log(2)": lambda: +mp.ln2,
    "e": lambda: +mp.e,
    "sqrt(2)": lambda: mp.sqrt(2),
    "sqrt(pi)": lambda: mp.sqrt(mp.pi),
    "sqrt(2*pi)": lambda: mp.sqrt(2 * mp.pi),
}
"""What ratios of formulas are made of beside fractions, to the precision in force."""
LARGEST = 1000
"""Numerator and denominator of a fraction that is worth a name."""
CLOSE = mpf(2) ** -200

SHORT = 12
"""Nodes of a factor or a term that is worth showing."""
SMALL, STEEP = 60, 8
"""Nodes and whole exponents of formulas that SymPy may simplify."""


def constant_ratio(claimed: Sequence[Number], exact: Sequence[Number]) -> str | None:
    """What is wrong with values that are all the same multiple of the right ones: "yours is 2x too large"."""
    if not any(claimed):
        return "yours is 0"
    if not all(exact):
        return None
    ratios = [one / other for one, other in zip(claimed, exact, strict=True)]
    if any(abs(ratio - ratios[0]) > CLOSE * abs(ratio) for ratio in ratios):
        return None
    return _sized(ratios[0])


def _sized(ratio: Number) -> str:
    size = abs(ratio)
    if abs(size - 1) < CLOSE:
        return "yours has the opposite sign"
    sign = "has the opposite sign and " if ratio < 0 else ""
    amount, comparison = (size, "large") if size > 1 else (1 / size, "small")
    return f"yours {sign}is {_named(amount)} too {comparison}"


def _named(amount: Number) -> str:
    """A number above 1: "2x", "3/2 times", "180/pi times"."""
    for name, constant in CONSTANTS.items():
        times, over = _fraction(amount / constant()), _fraction(amount * constant())
        if times:
            return _written(times, name, "")
        if over:
            return _written(over, "", name)
    return f"{mp.nstr(amount, 6)}x"


def _fraction(number: Number) -> Fraction | None:
    """The small fraction that a number is, if it is one."""
    fraction = Fraction(mp.nstr(number, 30)).limit_denominator(LARGEST)
    exact = abs(number - mpf(fraction.numerator) / fraction.denominator) < CLOSE * number
    return fraction if exact and 0 < fraction.numerator <= LARGEST else None


def _written(fraction: Fraction, times: str, over: str) -> str:
    above = [str(fraction.numerator)] if fraction.numerator > 1 or not times else []
    below = [str(fraction.denominator)] if fraction.denominator > 1 else []
    if not (times or over or below):
        return f"{fraction}x"
    below += [over] if over else []
    divisor = "*".join(below) if len(below) == 1 else f"({'*'.join(below)})"
    return "*".join([*above, *([times] if times else [])]) + (f"/{divisor}" if below else "") + " times"


def structure(claimed: Symbolic, exact: Symbolic) -> str | None:
    """The factor or the term by which two formulas differ, whichever is shorter, if one is short."""
    if claimed == 0 or exact == 0:
        return None
    simplify = _simplified if _is_small(claimed) and _is_small(exact) else _unchanged
    factor, term = simplify(exact / claimed), simplify(exact - claimed)
    extra = simplify(1 / factor)
    words = {
        f"missing factor {write(factor)}": _size(factor),
        f"extra factor {write(extra)}": _size(extra),
        _term(term): _size(term),
    }
    best = min(words, key=words.__getitem__)
    return best if words[best] <= SHORT else None


def _term(missing: Symbolic) -> str:
    if missing.could_extract_minus_sign():
        return f"extra term {write(-missing)}"
    return f"missing term {write(missing)}"


def _simplified(formula: Symbolic) -> Symbolic:
    try:
        shorter = cancel(formula)
    except PolynomialError:
        return formula
    return min(formula, shorter, key=_size)


def _unchanged(formula: Symbolic) -> Symbolic:
    return formula


def _is_small(formula: Symbolic) -> bool:
    nodes = list(preorder_traversal(formula))
    return len(nodes) <= SMALL and all(abs(node) <= STEEP for node in nodes if node.is_Integer)


def _size(formula: Symbolic) -> int:
    return sum(1 for _ in preorder_traversal(formula))
