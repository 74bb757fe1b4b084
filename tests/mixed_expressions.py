"""Expressions of one to three variables as people type them, each with a point where it is smooth: seeded and mixed.

Two in five are forms out of textbooks, losses and surfaces with random numbers and pieces in their places; the others
are random sums, products, quotients, powers and calls. SymPy's own reader knows every function in them.
"""

import random
import re
from dataclasses import dataclass

NAMES = (("x", "y", "z"), ("x", "y", "z"), ("w", "b", "x"), ("t", "a", "k"), ("u", "v", "r"), ("x1", "x2", "x3"))

EVERYWHERE = ("sin", "cos", "exp", "tanh", "atan", "sinh", "cosh", "asinh", "erf", "Abs", "sin", "cos", "exp")
POSITIVE = ("log", "sqrt", "log", "sqrt", "log", "gamma", "loggamma")
BOUNDED = ("asin", "acos", "atanh")
"""Functions of any number, of positive ones, of those between -1 and 1; their arguments are made so."""

FORMS = (
    "({c}*x + {c} - y)**2",
    "{n}*x**3 - {n}*x**2 + {n}*x - {c}",
    "(1 - x)**2 + {n}00*(y - x**2)**2",
    "(x**2 + y - 1{n})**2 + (x + y**2 - {n})**2",
    "exp(-{c}*x)*sin({n}*x + {c})",
    "1/(1 + exp(-({c}*x + {c})))",
    "log(1 + exp({c}*x + {c}*y))",
    "-(y*log(1/(1 + exp(-x))) + (1 - y)*log(1 - 1/(1 + exp(-x))))",
    "exp(-(x - {c})**2/(2*{c}**2))/({c}*sqrt(2*pi))",
    "sqrt((x - {n})**2 + (y - {n})**2)",
    "(x**{n} + {n})/(x**2 + {n})",
    "{c}*x*y*exp(-x**2 - y**2)",
    "sin(x*y) + cos({c}*y - z)",
    "x*log(x) + y*log(y)",
    "tanh({c}*x + {c}*y + {c})**2",
    "({p})*({p})",
    "({p})/(({p})**2 + {n})",
    "sin({p})**2 + cos({p})**2",
    "exp({c}*sin({p}))",
    "sqrt(1 + ({p})**2)",
    "log(1 + ({p})**2)/({n} + y**2)",
    "{n}*x**2 + {n}*x*y - {n}*y**2 + {c}*x - z",
    "x**y + {c}*z",
    "atan(y/x) + {c}*z",
    "({c}*x - {c})**{n} + {n}*(y - {n})**4",
    "Max({c}*x + {n}0, {c}*y)",
    "Piecewise((x**2, x < {n}0), ({p}, True))",
    "{n}**x - x**{n}",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "20 - 20*exp(-{c}*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)",
    "{n} + x**2 - {n}*cos(2*pi*x)",
)
"""Of the variables x, y, z; {n} is a small integer, {c} a decimal, {p} a random piece."""


LENGTH = 200


@dataclass(frozen=True, slots=True)
class Mixed:
    """A text, and a value for each of its variables."""

    text: str
    point: dict[str, float]

    @property
    def line(self):
        """As a line of a stream."""
        return f"{self.text} @ {', '.join(f'{name}={value!r}' for name, value in self.point.items())}"


def mixed(number, seed=0):
    """This many expressions, always the same for a seed."""
    rng = random.Random(seed)
    return [one(rng) for _ in range(number)]


def one(rng):
    """The next expression that a random.Random gives, of at most LENGTH characters."""
    names = rng.choice(NAMES)
    text = _form(rng, names) if rng.random() < 0.4 else _random(rng, names)
    while len(text) > LENGTH or not (occurring := [name for name in names if re.search(rf"\b{name}\b", text)]):
        text = _random(rng, names)
    return Mixed(text, {name: round(rng.uniform(0.3, 1.9), 3) for name in occurring})


def _random(rng, names):
    return _bare(_sum(rng, names[: rng.choice((1, 1, 1, 1, 2, 2, 3))], rng.choice((0, 1, 1, 1, 1, 2))))


def _form(rng, names):
    """A form with its places filled and its variables renamed."""
    fill = {"n": _integer, "c": _decimal, "p": lambda rng: _bare(_sum(rng, ("x", "y"), 1))}
    text = re.sub(r"\{(\w)\}", lambda place: fill[place[1]](rng), rng.choice(FORMS))
    other = dict(zip("xyz", names, strict=True))
    return re.sub(r"\b[xyz]\b", lambda name: other[name[0]], text)


def _integer(rng):
    return str(rng.choice((2, 2, 3, 3, 4, 5, 7)))


def _decimal(rng):
    return rng.choice(
        ("0.5", "1.5", "2", "3", "0.1", "0.25", f"{rng.uniform(0.1, 3):.2f}", f"{rng.uniform(0.1, 3):.1f}")
    )


def _sum(rng, names, depth):
    """One to three terms."""
    terms = [_product(rng, names, depth) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    return "".join(term if not k else rng.choice((" + ", " + ", " - ")) + term for k, term in enumerate(terms))


def _product(rng, names, depth):
    """One to three factors, the last perhaps a divisor; often with a number before them."""
    count = rng.choice((1, 1, 2, 2, 3) if depth > 0 else (1, 1, 1, 2))
    factors = list(dict.fromkeys(_factor(rng, names, depth) for _ in range(count)))
    if rng.random() < 0.3:
        factors.insert(0, _decimal(rng))
    text = "*".join(factors)
    return f"{text}/{_divisor(rng, names, depth)}" if rng.random() < 0.15 else text


def _divisor(rng, names, depth):
    """Something that is not zero at positive points, now and then only a number."""
    if rng.random() < 0.5:
        return rng.choice((_integer(rng), rng.choice(names)))
    return f"({_integer(rng)} + {rng.choice((f'{rng.choice(names)}**2', f'({_sum(rng, names, depth - 1)})**2'))})"


def _factor(rng, names, depth):
    """A variable, a power, a call or a sum in parentheses."""
    name = rng.choice(names)
    if depth <= 0 or rng.random() < 0.3:
        return rng.choice((name, name, name, f"{name}**2", f"{name}**{_integer(rng)}", f"sqrt({name})"))
    draw = rng.random()
    inner = _bare(_sum(rng, names, depth - 1))
    if draw < 0.35:
        return f"{rng.choice(EVERYWHERE)}({inner})"
    if draw < 0.5:
        positive = rng.choice((name, f"{name} + {_integer(rng)}", f"1 + ({inner})**2"))
        return f"{rng.choice(POSITIVE)}({positive})"
    if draw < 0.55:
        return f"{rng.choice(BOUNDED)}({name}/{_integer(rng)})"
    if draw < 0.7:
        return f"exp(-{name}**2)" if rng.random() < 0.3 else f"exp(-({inner})/{_integer(rng)})"
    return f"({inner})**{_integer(rng)}" if rng.random() < 0.5 else f"({inner})"


def _bare(text):
    """Without the parentheses around the whole."""
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text
