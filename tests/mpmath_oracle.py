"""An independent opinion: expressions as Python evaluates them over mpmath's numbers, and derivatives by differences.

It shares no code with the package: Python's own grammar reads the text, the functions are defined from mpmath's here.
"""

import re

from mpmath import mp, mpc, mpf

LITERAL = re.compile(r"(?<![A-Za-z_\d.])(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)")
SAME_NAME = (
    "sin cos tan cot sec csc asin acos atan acot asec acsc sinh cosh tanh coth sech csch asinh acosh atanh acoth asech "
    "acsch exp sqrt log log1p expm1 log10 erf erfc erfi erfinv gamma digamma factorial beta zeta besselj bessely besseli "
    "besselk airyai airybi li fresnels fresnelc hypot floor sign sinc atan2 expint"
)


def real(function):
    def checked(*arguments):
        value = function(*arguments)
        if isinstance(value, mpc):
            if value.imag:
                raise ValueError("complex")
            value = value.real
        return value

    return checked


def softplus(z):
    return mp.log(1 + mp.exp(z))


def log_gamma(x):
    return mp.log(abs(mp.gamma(x)))


DEFINITIONS = {name: real(getattr(mp, name)) for name in SAME_NAME.split()} | {
    "abs": abs,
    "Abs": abs,
    "fabs": abs,
    "ln": real(mp.log),
    "log2": lambda x: mp.log(x, 2),
    "exp2": lambda x: mpf(2) ** x,
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "pow": real(lambda x, y: x**y),
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "radians": lambda x: x * mp.pi / 180,
    "degrees": lambda x: x * 180 / mp.pi,
    "ceiling": mp.ceil,
    "Mod": lambda x, y: x - y * mp.floor(x / y),
    "fmod": lambda x, y: mp.sign(x) * (abs(x) % abs(y)),
    "Max": max,
    "max": max,
    "Min": min,
    "min": min,
    "clip": lambda x, low, high: min(max(x, low), high),
    "Heaviside": lambda x, middle=mpf(0.5): mpf(x > 0) if x else middle,
    "where": lambda condition, yes, no: yes if condition else no,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "logit": real(lambda p: mp.log(p / (1 - p))),
    "log_sigmoid": lambda z: -softplus(-z),
    "softplus": softplus,
    "softsign": lambda z: z / (1 + abs(z)),
    "relu": lambda z: max(z, mpf(0)),
    "relu6": lambda z: min(max(z, mpf(0)), mpf(6)),
    "leaky_relu": lambda z, slope=mpf(0.01): z if z > 0 else slope * z,
    "elu": lambda z, alpha=mpf(1): z if z > 0 else alpha * (mp.exp(z) - 1),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "gelu": lambda z: z * (1 + mp.erf(z / mp.sqrt(2))) / 2,
    "mish": lambda z: z * mp.tanh(softplus(z)),
    "huber": lambda r, delta=mpf(1): r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2),
    "erfcinv": lambda x: mp.erfinv(1 - x),
    "loggamma": log_gamma,
    "trigamma": lambda x: mp.psi(1, x),
    "polygamma": lambda n, x: mp.psi(int(n), x),
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "elliptic_k": real(mp.ellipk),
    "elliptic_e": real(mp.ellipe),
    "elliptic_f": real(mp.ellipf),
    "elliptic_pi": real(mp.ellippi),
    "LambertW": real(mp.lambertw),
    "Ei": real(mp.ei),
    "E1": real(mp.e1),
    "Si": real(mp.si),
    "Ci": real(mp.ci),
    "Shi": real(mp.shi),
    "Chi": real(mp.chi),
}


def evaluator(text, names):
    """The text as a function of mpmath numbers; decimals are doubles, a complex value is an error."""
    code = compile(LITERAL.sub(r"mpf(\1)", text.replace("^", "**")), text, "eval")

    def value(*point):
        constants = {"mpf": mpf, "pi": +mp.pi, "e": +mp.e}
        return mpf(real(lambda: eval(code, {**DEFINITIONS, **constants, **dict(zip(names, point, strict=True))}))())

    return value


def difference(text, names, point, index=0, order=1):
    """The central difference of some order with step 2^-220 of x at 900 bits: 60 digits and more of the derivative."""
    function = evaluator(text, names)
    with mp.workprec(900 * order):
        step = mp.ldexp(max(1, abs(mpf(point[index]))), -220)
        total = mpf(0)
        for k in range(order + 1):
            moved = [mpf(x) for x in point]
            moved[index] += (order - 2 * k) * step / 2
            total += (-1) ** k * mp.binomial(order, k) * function(*moved)
        return total / step**order
