"""EXTENDED: the arithmetic of mpmath's real numbers at the precision in force; and its functions rounded to doubles.

A complex result is no value. What exceeds 2^262144 counts as infinite: a double cannot tell, and exp(exp(1000)) ends.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from operator import mul
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias

from mpmath import mp, mpc, mpf
from mpmath.libmp import mpf_mul, mpf_sum
from mpmath.libmp.libhyper import NoConvergence

from gradcli.expression.arithmetic import (
    ANALYTIC,
    ORDERED,
    Arithmetic,
    Number,
    Operation,
    activations,
    add,
    algebra,
    is_known,
    reciprocals,
)

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Parts: TypeAlias = tuple[int, int, int, int]
"""Sign, mantissa, exponent and bits of a number of mpmath."""

LARGEST_EXPONENT = 2**18
LARGEST_LOGARITHM = LARGEST_EXPONENT * math.log(2)
ERRORS = (ArithmeticError, ValueError, TypeError, NotImplementedError, NoConvergence)


def constant(node: Symbolic) -> Number:
    """A number of SymPy to the precision in force, 1 and 0 for true and false; NaN where it is not a real number."""
    if node.is_Boolean:
        return float(bool(node))
    if node.is_Float:
        return mp.make_mpf(node._mpf_)
    if node.is_Rational:
        return mpf(int(node.p)) / int(node.q) if node.q else mp.nan
    if node.is_NumberSymbol:
        return mp.make_mpf(node._as_mpf_val(mp.prec))  # noqa: SLF001
    return mp.nan


def tamed(value: Number) -> Number:
    """A real number within bounds: infinite or zero beyond them, NaN if complex."""
    if isinstance(value, mpc):
        real = abs(value.imag) <= abs(value.real) * mp.ldexp(1, -mp.prec // 2)  # mpmath leaves a trace of rounding
        return tamed(value.real) if real else mp.nan
    return within_bounds(value._mpf_) if isinstance(value, mpf) else value


def within_bounds(parts: Parts) -> Number:
    """The number of these parts; infinite or zero beyond the bounds."""
    sign, mantissa, exponent, bits = parts
    if mantissa and abs(exponent + bits) > LARGEST_EXPONENT:
        return mpf(0) if exponent < 0 else mp.ninf if sign else mp.inf
    return mp.make_mpf(parts)


def total(*terms: Number) -> Number:
    """The sum, rounded once."""
    try:
        return within_bounds(mpf_sum([term._mpf_ for term in terms], *mp._prec_rounding))  # noqa: SLF001
    except AttributeError:  # a float is among them
        return tamed(add(*terms))


def product(*factors: Number) -> Number:
    """The product, from the left."""
    precision, rounding = mp._prec_rounding  # noqa: SLF001
    try:
        first, *others = [factor._mpf_ for factor in factors]
    except AttributeError:
        return tamed(functools.reduce(mul, factors))
    for other in others:
        first = mpf_mul(first, other, precision, rounding)
    return within_bounds(first)


def exponential(function: Operation, below: float, above: float = math.inf) -> Operation:
    """A function that grows like exp, and where it need not be computed its limits on the left and on the right."""

    def bounded(x: Number) -> Number:
        if abs(x) <= LARGEST_LOGARITHM or not is_known(x):
            return function(x)
        return mpf(below if x < 0 else above)

    return bounded


def power(base: Number, exponent: Number) -> Number:
    """base**exponent, not computed where it is too large or too small to matter."""
    if not base and exponent < 0:
        return mp.nan  # mpmath's 0**-1e-40 is infinite
    if base and abs(mp.mag(base) * exponent) > LARGEST_EXPONENT:
        logarithm = exponent * mp.log(abs(base), 2)
        if logarithm < -LARGEST_EXPONENT:
            return mpf(0)
        if logarithm > LARGEST_EXPONENT:
            return mp.inf if base > 0 else mp.nan
    return base**exponent


GROWING: Mapping[str, Operation] = {
    "exp": exponential(mp.exp, 0.0),
    "expm1": exponential(mp.expm1, -1.0),
    "sinh": exponential(mp.sinh, -math.inf),
    "cosh": exponential(mp.cosh, math.inf),
}
OVERFLOWING = {*GROWING, "gamma", "factorial", "Pow"}
WITHIN_BOUNDS = {"Add": total, "Mul": product, "square": lambda x: product(x, x)}
SMOOTH = SimpleNamespace(**{**{name: getattr(mp, name) for name in (*ANALYTIC, "pi", "erfc")}, **GROWING})


def remainder(x: Number, y: Number) -> Number:
    """The remainder x % y; that of a small x by 0 is x to mpmath."""
    return x % y if y else mp.nan


def bessel_k(order: Number, x: Number) -> Number:
    """K_n(x), the integral of exp(-x cosh t) cosh(n t) over t > 0, by the trapezoidal rule; mpmath may take seconds.

    The rule's error is M exp(-2 pi a / h), where M bounds the integral along Im t = a, relative to K_n at most
    exp(x) / cos(a)^n. L. N. Trefethen, J. A. C. Weideman, SIAM Review 56 (2014), p. 385; a = 1.3 here.
    """
    if mp.re(x) < 1e-3:
        return mp.besselk(order, x)
    decay = (mp.prec + 20) * mp.ln2
    step = 2.6 * mp.pi / (decay + mp.re(x) - abs(order) * mp.log(mp.cos(mpf(1.3))))
    reach = mpf(1)
    for _ in range(6):  # x (cosh t - 1) - n t = decay
        reach = mp.acosh(1 + (decay + abs(order) * reach) / mp.re(x))
    nodes = [step * k for k in range(1, int(reach / step) + 2)]
    return step * (mp.exp(-x) / 2 + mp.fsum(mp.exp(-x * mp.cosh(t)) * mp.cosh(order * t) for t in nodes))


def inverse_erfc(x: Number) -> Number:
    """erfcinv(x) = erfinv(1 - x), with as many more digits as 1 - x needs beside 1."""
    with mp.workprec(mp.prec + max(0, -mp.mag(x)) + 10 if x else mp.prec):
        return mp.erfinv(1 - x)


SPECIAL: Mapping[str, Callable[..., Number]] = {
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfi": mp.erfi,
    "erfinv": mp.erfinv,
    "erfcinv": inverse_erfc,
    "gamma": exponential(mp.gamma, math.nan),
    "loggamma": lambda x: mp.re(mp.loggamma(x)),
    "polygamma": mp.psi,
    "factorial": exponential(mp.factorial, math.nan),
    "beta": mp.beta,
    "zeta": exponential(mp.zeta, math.nan, 1.0),
    "besselj": mp.besselj,
    "bessely": mp.bessely,
    "besseli": mp.besseli,
    "besselk": bessel_k,
    "airyai": mp.airyai,
    "airybi": mp.airybi,
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "elliptic_k": mp.ellipk,
    "elliptic_e": mp.ellipe,
    "elliptic_f": mp.ellipf,
    "elliptic_pi": mp.ellippi,
    "LambertW": lambda x, branch=0: mp.lambertw(x, int(branch)),
    "Ei": mp.ei,
    "expint": mp.expint,
    "li": mp.li,
    "Si": mp.si,
    "Ci": mp.ci,
    "Shi": mp.shi,
    "Chi": mp.chi,
    "fresnels": mp.fresnels,
    "fresnelc": mp.fresnelc,
}


def rounded(name: str) -> Callable[..., float]:
    """A special function of doubles, computed with 27 more bits than they have."""
    function = SPECIAL[name]

    def special(*arguments: float) -> float:
        with mp.workprec(80):
            try:
                return float(tamed(function(*map(mpf, arguments))))
            except ERRORS:
                return math.nan

    return special


def _table() -> dict[str, Operation]:
    operations = {
        **SPECIAL,
        **ORDERED,
        **algebra(math.prod),
        **reciprocals(SMOOTH),
        **activations(SMOOTH),
        **{name: getattr(SMOOTH, name) for name in ANALYTIC},
        "Pow": power,
        "rsqrt": lambda x: 1 / mp.sqrt(x),
        "log2": lambda x: mp.log(x) / mp.ln2,
        "log10": mp.log10,
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "hypot": mp.hypot,
        "atan2": mp.atan2,
        "Abs": abs,
        "floor": mp.floor,
        "ceiling": mp.ceil,
        "Mod": remainder,
        "fmod": lambda x, y: mp.sign(x) * remainder(abs(x), abs(y)),
    }
    return {name: _tame(name, operation) for name, operation in operations.items()} | WITHIN_BOUNDS


def _tame(name: str, operation: Operation) -> Operation:
    """A real number within bounds; a pole has no value, too large is infinite."""
    if name in OVERFLOWING:
        return lambda *arguments: tamed(operation(*arguments))

    def poleless(*arguments: Number) -> Number:
        value = operation(*arguments)
        return mp.nan if mp.isinf(value) and not any(map(mp.isinf, arguments)) else tamed(value)

    return poleless


EXTENDED = Arithmetic(
    name="mpmath's numbers",
    operations=_table(),
    constant=constant,
    errors=ERRORS,
    precision=lambda: int(mp.prec),
    double=False,
)
