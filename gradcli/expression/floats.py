"""FLOATS: the arithmetic of Python's floats. Too large is infinite; outside a domain is an error, as in `math`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

from gradcli.expression import extended
from gradcli.expression.arithmetic import ANALYTIC, ORDERED, Arithmetic, activations, algebra, reciprocals

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic


def constant(node: Symbolic) -> float:
    """The double nearest to a number of SymPy, 1 and 0 for true and false; NaN where it is not a real number."""
    if node.is_Boolean:
        return float(bool(node))
    try:
        return float(node)
    except OverflowError:
        return math.inf if node > 0 else -math.inf
    except TypeError:
        return math.nan


def power(base: float, exponent: float) -> float:
    """base**exponent where that is real."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf


def unbounded(function: Callable[[float], float], *, odd: bool = False) -> Callable[[float], float]:
    """A function that grows without bound."""

    def grown(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.copysign(math.inf, x) if odd else math.inf

    return grown


exp, expm1 = unbounded(math.exp), unbounded(math.expm1)
sinh, cosh = unbounded(math.sinh, odd=True), unbounded(math.cosh)
gamma = unbounded(math.gamma)

SMOOTH = SimpleNamespace(**{**vars(math), "exp": exp, "expm1": expm1, "sinh": sinh, "cosh": cosh})

FLOATS = Arithmetic(
    name="floats",
    operations={
        **{name: extended.rounded(name) for name in extended.SPECIAL},
        **ORDERED,
        **algebra(math.prod),
        **reciprocals(SMOOTH),
        **activations(SMOOTH),
        **{name: getattr(SMOOTH, name) for name in ANALYTIC},
        "log2": math.log2,
        "cbrt": math.cbrt,
        "hypot": math.hypot,
        "atan2": math.atan2,
        "Pow": power,
        "rsqrt": lambda x: 1 / math.sqrt(x),
        "Abs": abs,
        "floor": lambda x: float(math.floor(x)),
        "ceiling": lambda x: float(math.ceil(x)),
        "Mod": operator.mod,
        "fmod": math.fmod,
        "erf": math.erf,
        "erfc": math.erfc,
        "gamma": gamma,
        "loggamma": math.lgamma,
        "factorial": lambda x: gamma(x + 1),
    },
    constant=constant,
    errors=(ArithmeticError, ValueError),
)
