"""COMPLEX: the arithmetic of complex numbers, for the complex step; only analytic functions have a place here."""

from __future__ import annotations

import cmath
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

from mpmath import mp, mpf

from gradcli.expression import extended, floats
from gradcli.expression.arithmetic import ANALYTIC, Arithmetic, Operation, activations, algebra, reciprocals

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

# mpmath rounds a complex number as a whole: an imaginary part of 1e-20 needs its own 53 bits behind the 66 before it.
PRECISION = 200


def constant(node: Symbolic) -> complex | int:
    """A number of SymPy; a whole one stays an int, which Python raises to by multiplication."""
    return int(node) if node.is_Integer and abs(node) <= 100 else floats.constant(node)


def power(base: complex, exponent: complex) -> complex:
    """The power; whole powers of a negative base keep their small imaginary part."""
    if base.real < 0 and exponent == int(exponent.real):
        return -((-base) ** exponent) if int(exponent.real) % 2 else (-base) ** exponent
    return base**exponent


def log1p(z: complex) -> complex:
    """Accurate near 0, where log|1 + z| is half the log1p of 2 Re z + |z|^2."""
    return complex(math.log1p(2 * z.real + abs(z) ** 2) / 2, cmath.phase(1 + z))


def expm1(z: complex) -> complex:
    """The value exp(z) - 1 to first order in the imaginary part."""
    return complex(floats.expm1(z.real), cmath.exp(z).imag)


def atan2(y: complex, x: complex) -> complex:
    """The angle to first order in the imaginary parts: its differential is (x dy - y dx) / (x^2 + y^2)."""
    turn = x.real * y.imag - y.real * x.imag
    return complex(math.atan2(y.real, x.real), turn / (x.real**2 + y.real**2))


def cbrt(z: complex) -> complex:
    """The cube root that is real for real numbers."""
    return z ** (1 / 3) if z.real > 0 else -((-z) ** (1 / 3))


def special(name: str) -> Operation:
    """A special function by mpmath, with enough digits for an imaginary part of 1e-20."""
    function = extended.SPECIAL[name]

    def computed(*arguments: complex) -> complex:
        with mp.workprec(PRECISION):
            return complex(function(*(z if z.imag else mpf(z.real) for z in arguments)))

    return computed


def integral(z: complex) -> complex:
    """Ei(z) beside the real line: -E1(-z) on the left, where Ei has its cut."""
    return -first_integral(-z) if z.real <= 0 else complex(special("Ei")(z))


def first_integral(z: complex) -> complex:
    """E1(z) = expint(1, z)"""
    return complex(special("expint")(1, z))


SMOOTH = SimpleNamespace(**{**vars(cmath), "log1p": log1p, "expm1": expm1, "erfc": special("erfc")})

COMPLEX = Arithmetic(
    name="complex numbers",
    hint="the complex step needs a smooth formula: no absolute values, branches or rounding; use another method",
    operations={
        **{name: special(name) for name in extended.SPECIAL if name not in {"erfinv", "erfcinv"}},
        **algebra(math.prod),
        **reciprocals(SMOOTH),
        **activations(SMOOTH, real=lambda z: z.real),
        **{name: getattr(SMOOTH, name) for name in ANALYTIC},
        "Pow": power,
        "rsqrt": lambda z: 1 / cmath.sqrt(z),
        "log2": lambda z: cmath.log(z) / math.log(2),
        "cbrt": cbrt,
        "hypot": lambda x, y: cmath.sqrt(x * x + y * y),
        "atan2": atan2,
        "Ei": integral,
        "li": lambda z: integral(cmath.log(z)),
        "loggamma": lambda z: cmath.log(special("gamma")(z) ** 2) / 2,
    },
    constant=constant,
    errors=extended.ERRORS,
)
