"""FUNCTIONS: every name an expression may call, in SymPy's spelling and NumPy's, and how it becomes a SymPy object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy
from sympy import Integer, Rational, pi

from gradcli.expression import primitives as own
from gradcli.expression.construct import number, real

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic


@dataclass(frozen=True, slots=True)
class Function:
    """A function of `least` to `most` arguments (None: any number) that `construct` turns into a SymPy expression."""

    name: str
    aliases: tuple[str, ...]
    construct: Callable[..., Symbolic]
    least: int
    most: int | None
    summary: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling, its own name first."""
        return (self.name, *self.aliases)


def inert(head: Symbolic) -> Callable[..., Symbolic]:
    """The constructor of a SymPy function that evaluates nothing: gamma(170), zeta(1001) must not start computing."""
    return lambda *args: head(*args, evaluate=False)


def optional(head: Callable[..., Symbolic], *defaults: Symbolic) -> Callable[..., Symbolic]:
    """A constructor that fills in the last arguments where they are left out."""
    return lambda first, *rest: head(first, *rest, *defaults[len(rest) :])


def _row(
    spellings: str, construct: Callable[..., Symbolic], arguments: int | tuple[int, int | None], summary: str
) -> Function:
    name, *aliases = spellings.split()
    least, most = (arguments, arguments) if isinstance(arguments, int) else arguments
    return Function(name, tuple(aliases), construct, least, most, summary)


ELEMENTARY = (
    _row("exp", sympy.exp, 1, "e to the power x"),
    _row("exp2", lambda x: Integer(2) ** x, 1, "2 to the power x"),
    _row("expm1", own.expm1, 1, "exp(x) - 1, accurate near 0"),
    _row(
        "log ln",
        lambda x, *base: real(sympy.log(x)) / real(sympy.log(*base)) if base else sympy.log(x),
        (1, 2),
        "natural logarithm; log(x, b) to the base b",
    ),
    _row("log2", own.log2, 1, "logarithm to the base 2"),
    _row("log10", own.log10, 1, "logarithm to the base 10"),
    _row("log1p", own.log1p, 1, "log(1 + x), accurate near 0"),
    _row("logaddexp", own.logaddexp, 2, "log(exp(a) + exp(b)), without overflow"),
    _row("sqrt", sympy.sqrt, 1, "square root"),
    _row("rsqrt", lambda x: 1 / sympy.sqrt(x), 1, "1/sqrt(x)"),
    _row("cbrt", own.cbrt, 1, "real cube root, also of negative numbers"),
    _row("hypot", own.hypot, 2, "sqrt(x**2 + y**2), without overflow"),
    _row("pow Pow power float_power", sympy.Pow, 2, "x to the power y, as x**y"),
    _row("square", lambda x: x**2, 1, "x**2"),
    _row("reciprocal", lambda x: 1 / x, 1, "1/x"),
)

TRIGONOMETRIC = (
    _row("sin", sympy.sin, 1, "sine of x in radians"),
    _row("cos", sympy.cos, 1, "cosine"),
    _row("tan", sympy.tan, 1, "tangent"),
    _row("cot", sympy.cot, 1, "cotangent, 1/tan(x)"),
    _row("sec", sympy.sec, 1, "secant, 1/cos(x)"),
    _row("csc cosec", sympy.csc, 1, "cosecant, 1/sin(x)"),
    _row("asin arcsin", sympy.asin, 1, "inverse sine, -1 <= x <= 1"),
    _row("acos arccos", sympy.acos, 1, "inverse cosine, -1 <= x <= 1"),
    _row("atan arctan", sympy.atan, 1, "inverse tangent"),
    _row("acot arccot", inert(sympy.acot), 1, "inverse cotangent, atan(1/x), pi/2 at 0"),
    _row("asec arcsec", sympy.asec, 1, "inverse secant, acos(1/x)"),
    _row("acsc arccsc", sympy.acsc, 1, "inverse cosecant, asin(1/x)"),
    _row("atan2 arctan2", inert(sympy.atan2), 2, "angle of the point (x, y), written atan2(y, x)"),
    _row("sinc", sympy.sinc, 1, "sin(x)/x, 1 at 0 (as in SymPy; NumPy's is sinc(pi*x))"),
    _row("radians deg2rad", lambda x: x * pi / 180, 1, "degrees to radians"),
    _row("degrees rad2deg", lambda x: x * 180 / pi, 1, "radians to degrees"),
)

HYPERBOLIC = (
    _row("sinh", sympy.sinh, 1, "hyperbolic sine"),
    _row("cosh", sympy.cosh, 1, "hyperbolic cosine"),
    _row("tanh", sympy.tanh, 1, "hyperbolic tangent"),
    _row("coth", sympy.coth, 1, "hyperbolic cotangent"),
    _row("sech", sympy.sech, 1, "hyperbolic secant"),
    _row("csch", sympy.csch, 1, "hyperbolic cosecant"),
    _row("asinh arcsinh", sympy.asinh, 1, "inverse hyperbolic sine"),
    _row("acosh arccosh", sympy.acosh, 1, "inverse hyperbolic cosine, x >= 1"),
    _row("atanh arctanh", sympy.atanh, 1, "inverse hyperbolic tangent, -1 < x < 1"),
    _row("acoth arccoth", sympy.acoth, 1, "inverse hyperbolic cotangent, |x| > 1"),
    _row("asech arcsech", sympy.asech, 1, "inverse hyperbolic secant, 0 < x <= 1"),
    _row("acsch arccsch", sympy.acsch, 1, "inverse hyperbolic cosecant"),
)

PIECES = (
    _row("Abs abs fabs absolute", sympy.Abs, 1, "absolute value"),
    _row("sign sgn", sympy.sign, 1, "-1, 0 or 1"),
    _row("floor", inert(sympy.floor), 1, "largest integer not above x"),
    _row("ceiling ceil", inert(sympy.ceiling), 1, "smallest integer not below x"),
    _row("Mod mod remainder", own.Mod, 2, "x - y*floor(x/y), as x % y"),
    _row("fmod", own.fmod, 2, "remainder with the sign of x, as in C"),
    _row("Max max maximum fmax", own.Max, (1, None), "largest argument"),
    _row("Min min minimum fmin", own.Min, (1, None), "smallest argument"),
    _row("clip clamp", lambda x, low, high: own.Min(own.Max(x, low), high), 3, "x held between low and high"),
    _row(
        "Heaviside heaviside",
        optional(own.heaviside, Rational(1, 2)),
        (1, 2),
        "0 below 0, 1 above, 1/2 at 0",
    ),
    _row(
        "Piecewise", own.piecewise, (1, None), "Piecewise((x**2, x < 1), (1/x, True)): the first whose condition holds"
    ),
    _row(
        "where",
        own.choice,
        3,
        "where(condition, a, b): a where it holds, else b",
    ),
)

LEARNING = (
    _row("sigmoid expit logistic", own.sigmoid, 1, "1/(1 + exp(-x))"),
    _row("logit", own.logit, 1, "log(x/(1 - x)), 0 < x < 1"),
    _row("log_sigmoid logsigmoid log_expit", own.log_sigmoid, 1, "log(sigmoid(x))"),
    _row("softplus", own.softplus, 1, "log(1 + exp(x))"),
    _row("softsign", own.softsign, 1, "x/(1 + abs(x))"),
    _row("relu", own.relu, 1, "max(x, 0)"),
    _row("relu6", lambda x: own.Min(own.Max(x, Integer(0)), Integer(6)), 1, "x held between 0 and 6"),
    _row("leaky_relu", optional(own.leaky_relu, number("0.01")), (1, 2), "x above 0, slope*x below; slope 0.01"),
    _row("elu", optional(own.elu, Integer(1)), (1, 2), "x above 0, alpha*(exp(x) - 1) below; alpha 1"),
    _row("silu swish", own.silu, 1, "x*sigmoid(x)"),
    _row("gelu", own.gelu, 1, "x*(1 + erf(x/sqrt(2)))/2"),
    _row("mish", own.mish, 1, "x*tanh(softplus(x))"),
    _row("huber", optional(own.huber, Integer(1)), (1, 2), "x**2/2 up to abs(x) = delta, linear beyond; delta 1"),
)

ERROR_AND_GAMMA = (
    _row("erf", inert(sympy.erf), 1, "error function"),
    _row("erfc", inert(sympy.erfc), 1, "1 - erf(x), accurate for large x"),
    _row("erfi", inert(sympy.erfi), 1, "imaginary error function"),
    _row("erfinv", inert(sympy.erfinv), 1, "inverse of erf, -1 < x < 1"),
    _row("erfcinv", inert(sympy.erfcinv), 1, "inverse of erfc, 0 < x < 2"),
    _row("gamma", inert(sympy.gamma), 1, "gamma function"),
    _row("loggamma gammaln lgamma", inert(sympy.loggamma), 1, "log of abs(gamma(x))"),
    _row("digamma psi", lambda x: sympy.polygamma(Integer(0), x, evaluate=False), 1, "derivative of loggamma"),
    _row("trigamma", lambda x: sympy.polygamma(Integer(1), x, evaluate=False), 1, "second derivative of loggamma"),
    _row("polygamma", inert(sympy.polygamma), 2, "polygamma(n, x): derivative of order n + 1 of loggamma"),
    _row("factorial", inert(sympy.factorial), 1, "gamma(x + 1)"),
    _row("beta", inert(sympy.beta), 2, "gamma(x)*gamma(y)/gamma(x + y)"),
    _row("zeta", inert(sympy.zeta), 1, "Riemann's zeta function; no symbolic derivative"),
)

BESSEL = (
    _row("besselj jv jn", inert(sympy.besselj), 2, "Bessel function of the first kind, besselj(n, x)"),
    _row("bessely yv yn", inert(sympy.bessely), 2, "Bessel function of the second kind"),
    _row("besseli iv", inert(sympy.besseli), 2, "modified Bessel function of the first kind"),
    _row("besselk kv", inert(sympy.besselk), 2, "modified Bessel function of the second kind"),
    _row("airyai", inert(sympy.airyai), 1, "Airy function Ai"),
    _row("airybi", inert(sympy.airybi), 1, "Airy function Bi"),
    _row("airyaiprime", inert(sympy.airyaiprime), 1, "derivative of Ai"),
    _row("airybiprime", inert(sympy.airybiprime), 1, "derivative of Bi"),
)

INTEGRALS = (
    _row(
        "elliptic_k ellipk",
        inert(sympy.elliptic_k),
        1,
        "complete elliptic integral of the first kind, parameter m = k**2",
    ),
    _row("elliptic_e ellipe", inert(sympy.elliptic_e), (1, 2), "elliptic integral of the second kind, (m) or (phi, m)"),
    _row("elliptic_f ellipf", inert(sympy.elliptic_f), 2, "elliptic integral of the first kind, (phi, m)"),
    _row(
        "elliptic_pi ellippi",
        inert(sympy.elliptic_pi),
        (2, 3),
        "elliptic integral of the third kind, (n, m) or (n, phi, m)",
    ),
    _row("LambertW lambertw", inert(sympy.LambertW), (1, 2), "w with w*exp(w) = x; branch 0 or LambertW(x, -1)"),
    _row("Ei expi", inert(sympy.Ei), 1, "exponential integral"),
    _row("expint expn", inert(sympy.expint), 2, "generalised exponential integral, expint(n, x)"),
    _row("E1 exp1", lambda x: sympy.expint(Integer(1), x, evaluate=False), 1, "exponential integral expint(1, x)"),
    _row("li", inert(sympy.li), 1, "logarithmic integral"),
    _row("Si", inert(sympy.Si), 1, "sine integral"),
    _row("Ci", inert(sympy.Ci), 1, "cosine integral"),
    _row("Shi", inert(sympy.Shi), 1, "hyperbolic sine integral"),
    _row("Chi", inert(sympy.Chi), 1, "hyperbolic cosine integral"),
    _row("fresnels", inert(sympy.fresnels), 1, "Fresnel integral of sin(pi*t**2/2)"),
    _row("fresnelc", inert(sympy.fresnelc), 1, "Fresnel integral of cos(pi*t**2/2)"),
)

GROUPS: Mapping[str, tuple[Function, ...]] = {
    "powers and logarithms": ELEMENTARY,
    "trigonometric": TRIGONOMETRIC,
    "hyperbolic": HYPERBOLIC,
    "pieces": PIECES,
    "machine learning": LEARNING,
    "error and gamma": ERROR_AND_GAMMA,
    "Bessel and Airy": BESSEL,
    "integrals and inverses": INTEGRALS,
}


def _by_spelling(functions: Iterable[Function]) -> dict[str, Function]:
    return {spelling: function for function in functions for spelling in function.names}


FUNCTIONS: Mapping[str, Function] = _by_spelling(function for group in GROUPS.values() for function in group)
