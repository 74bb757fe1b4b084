"""An independent opinion: expressions as trees of our own, what they are worth in mpmath's numbers, and their slopes.

It shares no code with the package: the trees are written, evaluated and differentiated (by differences) here.

A tree is a tuple: ("number", "0.5"), ("name", "x"), ("constant", "pi"), (operator, tree, tree), ("negative", tree),
("call", spelling, name, *trees), ("where", condition, tree, tree), ("Piecewise", (tree, condition), ...);
a condition is (relation, tree, tree), ("between", tree, tree, tree), ("and", c, d), ("or", c, d), ("not", c).
"""

import math
from dataclasses import dataclass

from mpmath import mp, mpc, mpf
from mpmath.libmp.libhyper import NoConvergence


class Outside(Exception):
    """The function has no value."""


class Unsure(Exception):
    """No opinion: too large, too small, too slow, or mpmath gives up."""


# --- how a tree is written ---

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(9)
LEVEL = {
    "or": OR,
    "and": AND,
    "not": NOT,
    "between": COMPARISON,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARISON),
    "+": SUM,
    "-": SUM,
    **dict.fromkeys(("*", "/", "%", "beside"), PRODUCT),
    "negative": UNARY,
    "**": POWER,
    "^": POWER,
}


def text(tree, level=OR):
    """The tree as a person would type it, in parentheses where it binds less tightly than `level`."""
    written = _written(tree)
    return f"({written})" if LEVEL.get(tree[0], ATOM) < level else written


def _written(tree):
    match tree:
        case ("number" | "name" | "constant", what):
            return what
        case ("negative", a):
            return f"-{text(a, POWER)}"
        case ("+" | "-" as operator, a, b):
            return f"{text(a, SUM)} {operator} {text(b, PRODUCT)}"
        case ("*" | "/" | "%" as operator, a, b):
            return f"{text(a, PRODUCT)}{operator}{text(b, UNARY)}"
        case ("beside", a, b):
            return _side_by_side(a, text(b, POWER))
        case ("**" | "^" as operator, a, b):
            return f"{text(a, ATOM)}{operator}{text(b, UNARY)}"
        case ("call", spelling, _, *arguments):
            return f"{spelling}({', '.join(map(text, arguments))})"
        case ("where", condition, a, b):
            return f"where({text(condition)}, {text(a)}, {text(b)})"
        case ("Piecewise", *branches):
            return f"Piecewise({', '.join(f'({text(a)}, {text(condition)})' for a, condition in branches)})"
        case ("between", a, b, c):
            return f"{text(a, SUM)} < {text(b, SUM)} <= {text(c, SUM)}"
        case ("not", a):
            return f"not {text(a, NOT)}"
        case ("and", a, b):
            return f"{text(a, AND)} and {text(b, NOT)}"
        case ("or", a, b):
            return f"{text(a, OR)} or {text(b, AND)}"
        case (relation, a, b):
            return f"{text(a, SUM)} {relation} {text(b, SUM)}"


def _side_by_side(a, right):
    """2x, 3(x + 1), (x + 1)(x - 1); with a sign between them where the digits would run into what follows."""
    if a[0] == "number":
        return f"{a[1]}*{right}" if right[0].isdigit() or right[0] in ".eE" else a[1] + right
    return f"({text(a)})*{right}" if right[0].isdigit() or right[0] == "." else f"({text(a)}){right}"


def names(tree):
    """The variables of a tree."""
    if isinstance(tree, str):
        return set()
    if tree[0] in ("number", "constant"):
        return set()
    return {tree[1]} if tree[0] == "name" else set().union(*map(names, tree))


def heads(tree):
    """The functions that a tree calls."""
    if isinstance(tree, str):
        return set()
    own = {tree[2]} if tree[0] == "call" else set()
    return own.union(*map(heads, tree))


# --- what it is worth ---

LARGEST = 100_000  # bits before or after the point


def value(tree, point):
    """The value at {name: mpf} in the working precision; raises Outside and Unsure."""
    match tree:
        case ("number", digits):
            return mpf(int(digits)) if digits.isdigit() else mpf(float(digits))
        case ("name", name):
            return point[name]
        case ("constant", "pi"):
            return +mp.pi
        case ("constant", _):
            return +mp.e
        case ("negative", a):
            return -value(a, point)
        case ("where", condition, a, b):
            return value(a if holds(condition, point) else b, point)
        case ("Piecewise", *branches):
            for a, condition in branches:
                if holds(condition, point):
                    return value(a, point)
            raise Outside
        case ("call", _, name, *arguments):
            return checked(DEFINITIONS[name], *(value(argument, point) for argument in arguments))
        case (operator, a, b):
            return checked(OPERATIONS[operator], value(a, point), value(b, point))


def holds(condition, point):
    """Whether a condition is true; all of its parts must have values."""
    match condition:
        case ("not", a):
            return not holds(a, point)
        case ("and", a, b):
            return all([holds(a, point), holds(b, point)])
        case ("or", a, b):
            return any([holds(a, point), holds(b, point)])
        case ("between", a, b, c):
            low, middle, high = (value(each, point) for each in (a, b, c))
            return low < middle <= high
        case ("true",):
            return True
        case (relation, a, b):
            return RELATIONS[relation](value(a, point), value(b, point))


def checked(function, *arguments):
    """A real number of moderate size."""
    try:
        result = function(*arguments)
    except (ZeroDivisionError, ValueError) as error:
        raise Outside from error
    except (NoConvergence, ArithmeticError, NotImplementedError, MemoryError, TypeError) as error:
        raise Unsure from error
    if isinstance(result, mpc):
        if abs(result.imag) > abs(result.real) * mp.ldexp(1, -64):
            raise Outside
        if abs(result.imag) > abs(result.real) * mp.ldexp(1, -mp.prec + 32):
            raise Unsure
        result = result.real
    result = mpf(result)
    if not mp.isfinite(result):
        raise Outside
    if result and abs(mp.mag(result)) > LARGEST:
        raise Unsure
    return result


def power(x, y):
    if y and abs(y * (mp.mag(x) if x else 1)) > LARGEST:
        raise NotImplementedError
    return x**y


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "beside": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a - b * mp.floor(a / b),
    "**": power,
    "^": power,
}
RELATIONS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def moderate(function, largest=LARGEST):
    """A function that is only taken of arguments up to some size."""

    def bounded(*arguments):
        if any(abs(argument) > largest for argument in arguments):
            raise NotImplementedError
        return function(*arguments)

    return bounded


def logarithm(x):
    return checked(mp.log, x)


def softplus(z):
    return mp.log1p(mp.exp(-abs(z))) + max(z, mpf(0))


def logaddexp(a, b):
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b)))


def sigmoid(z):
    return 1 / (1 + mp.exp(-z)) if z > 0 else mp.exp(z) / (1 + mp.exp(z))


def whole_order(n, x):
    if n != mp.nint(n) or n < 0:
        raise NotImplementedError
    return mp.psi(int(n), x)


def log_gamma(x):
    return mp.loggamma(x).real if x > 0 else mp.log(abs(mp.gamma(x)))


def branch(x, k=0):
    if k not in (0, -1):
        raise NotImplementedError
    return mp.lambertw(x, int(k))


SAME_NAME = (
    "sin cos tan cot sec csc asin acos atan acot asec acsc tanh coth sech csch asinh acosh atanh acoth asech "
    "acsch sqrt log1p log10 erf erfc hypot floor sign sinc atan2"
)
SPECIAL = (
    "erfi erfinv gamma digamma factorial beta zeta besselj bessely besseli besselk airyai airybi li fresnels fresnelc "
    "expint"
)
DEFINITIONS = {name: getattr(mp, name) for name in SAME_NAME.split()} | {
    **{name: moderate(getattr(mp, name)) for name in ("exp", "sinh", "cosh", "expm1")},
    **{name: moderate(getattr(mp, name), 1000) for name in SPECIAL.split()},
    "Abs": abs,
    "log": lambda x, base=None: mp.log(x) if base is None else mp.log(x) / logarithm(base),
    "log2": lambda x: mp.log(x, 2),
    "exp2": lambda x: power(mpf(2), x),
    "logaddexp": logaddexp,
    "rsqrt": lambda x: 1 / mp.sqrt(x),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "pow": power,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "radians": lambda x: x * mp.pi / 180,
    "degrees": lambda x: x * 180 / mp.pi,
    "ceiling": mp.ceil,
    "Mod": OPERATIONS["%"],
    "fmod": lambda x, y: mp.sign(x) * (abs(x) % abs(y)),
    "Max": max,
    "Min": min,
    "clip": lambda x, low, high: min(max(x, low), high),
    "Heaviside": lambda x, middle=mpf(0.5): mpf(x > 0) if x else middle,
    "sigmoid": moderate(sigmoid),
    "logit": lambda p: mp.log(p / (1 - p)),
    "log_sigmoid": moderate(lambda z: -softplus(-z)),
    "softplus": moderate(softplus),
    "softsign": lambda z: z / (1 + abs(z)),
    "relu": lambda z: max(z, mpf(0)),
    "relu6": lambda z: min(max(z, mpf(0)), mpf(6)),
    "leaky_relu": lambda z, slope=mpf(0.01): z if z > 0 else slope * z,
    "elu": lambda z, alpha=mpf(1): z if z > 0 else alpha * moderate(mp.expm1)(z),
    "silu": moderate(lambda z: z * sigmoid(z)),
    "gelu": moderate(lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2, 1000),
    "mish": moderate(lambda z: z * mp.tanh(softplus(z))),
    "huber": lambda r, delta=mpf(1): r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2),
    "erfcinv": moderate(lambda x: mp.erfinv(1 - x), 1000),
    "loggamma": moderate(log_gamma, 1000),
    "trigamma": moderate(lambda x: mp.psi(1, x), 1000),
    "polygamma": moderate(whole_order, 1000),
    "airyaiprime": moderate(lambda x: mp.airyai(x, derivative=1), 1000),
    "airybiprime": moderate(lambda x: mp.airybi(x, derivative=1), 1000),
    "elliptic_k": moderate(mp.ellipk, 1000),
    "elliptic_e": moderate(mp.ellipe, 1000),
    "elliptic_f": moderate(mp.ellipf, 1000),
    "elliptic_pi": moderate(mp.ellippi, 1000),
    "LambertW": branch,
    "Ei": moderate(mp.ei, 1000),
    "E1": moderate(mp.e1, 1000),
    "Si": moderate(mp.si, 1000),
    "Ci": moderate(mp.ci, 1000),
    "Shi": moderate(mp.shi, 1000),
    "Chi": moderate(mp.chi, 1000),
}
"""Every function by its first name, as mpmath has it or as it is defined."""

# --- its slopes ---

LOOKS = ((400, 100), (700, 150), (1000, 200))
"""Bits to work with, and h = |x| 2^-n: the answer is believed where all say the same."""
AGREEMENT = mpf(10) ** -22


@dataclass(frozen=True)
class Opinion:
    """The value at a point (None outside), and the slopes on both sides: a number, infinite, or None (outside)."""

    value: mpf | None
    left: mpf | None = None
    right: mpf | None = None

    @property
    def smooth(self):
        return same(self.left, self.right) and bool(mp.isfinite(self.left))


def opinion(tree, point, name):
    """What can be said about the derivative by one variable at {name: float}; raises Unsure."""
    values, lefts, rights = [], [], []
    for bits, places in LOOKS:
        with mp.workprec(bits + 2 * max((abs(mp.mag(each)) for each in point.values() if each), default=0)):
            exact = {each: mpf(number) for each, number in point.items()}
            x = exact[name]
            h = mp.ldexp(abs(x) or 1, -places)
            at = [_at(tree, {**exact, name: moved}) for moved in (x, x - h, x + h)]
            values.append(at[0])
            lefts.append(None if None in at[:2] else (at[0] - at[1]) / h)
            rights.append(None if None in at[::2] else (at[2] - at[0]) / h)
    if not all(same(value, values[-1]) for value in values):
        raise Unsure
    return Opinion(values[-1], _limit(*lefts), _limit(*rights))


def _at(tree, point):
    try:
        return value(tree, point)
    except Outside:
        return None


def same(a, b):
    if a is None or b is None:
        return a is b
    return a == b or (mp.isfinite(a) and mp.isfinite(b) and abs(a - b) <= AGREEMENT * max(abs(a), abs(b)))


def _limit(wide, middle, narrow):
    """What slopes tend to at steps 2^50 apart; those of x^q are a geometric sequence, with ratio 2^(50 (1 - q))."""
    if same(wide, middle) and same(middle, narrow):
        return narrow
    if None in (wide, middle, narrow) or not wide or not middle:
        raise Unsure
    first, second = middle / wide, narrow / middle
    if first <= 0 or abs(first - second) > first / 1000 or 1 / 32 < first < 32:
        raise Unsure
    return mp.inf * mp.sign(narrow) if first > 1 else mpf(0)


def fits(number):
    """Whether a double can hold the number to its last bit."""
    return number == 0 or mpf(10) ** -290 < abs(number) < mpf(10) ** 300


def rounded(number):
    return math.inf if number is None else float(number)
