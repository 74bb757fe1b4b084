"""Random smooth functions of three variables in doubles, with partials from dual numbers of mpmath."""

import math
import random
from dataclasses import dataclass

import mpmath

UNARY = {
    "sin": (math.sin, lambda u: (mpmath.sin(u), mpmath.cos(u))),
    "cos": (math.cos, lambda u: (mpmath.cos(u), -mpmath.sin(u))),
    "exp": (math.exp, lambda u: (mpmath.exp(u), mpmath.exp(u))),
    "log": (math.log, lambda u: (mpmath.log(u), 1 / u)),
    "sqrt": (math.sqrt, lambda u: (mpmath.sqrt(u), 1 / (2 * mpmath.sqrt(u)))),
    "tanh": (math.tanh, lambda u: (mpmath.tanh(u), 1 - mpmath.tanh(u) ** 2)),
    "atan": (math.atan, lambda u: (mpmath.atan(u), 1 / (1 + u * u))),
    "erf": (math.erf, lambda u: (mpmath.erf(u), 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-u * u))),
    "sigmoid": (
        lambda u: 1 / (1 + math.exp(-u)),
        lambda u: (1 / (1 + mpmath.exp(-u)), mpmath.exp(-u) / (1 + mpmath.exp(-u)) ** 2),
    ),
    "square": (lambda u: u * u, lambda u: (u * u, 2 * u)),
    "cube": (lambda u: u**3, lambda u: (u**3, 3 * u * u)),
    "inverse": (lambda u: 1 / u, lambda u: (1 / u, -1 / u**2)),
}
BINARY = {
    "+": (lambda a, b: a + b, lambda a, da, b, db: (a + b, da + db)),
    "-": (lambda a, b: a - b, lambda a, da, b, db: (a - b, da - db)),
    "*": (lambda a, b: a * b, lambda a, da, b, db: (a * b, da * b + a * db)),
    "/": (lambda a, b: a / b, lambda a, da, b, db: (a / b, (da * b - a * db) / b**2)),
}
VARIABLES = 3


@dataclass(frozen=True)
class Case:
    """A function, a point, and its partials by variable, for those that it depends on."""

    text: str
    function: object
    point: list[float]
    partials: dict[int, float]


def cases(count, scale, seed, depths=(2, 3, 4, 5)):
    """Functions with finite values and partials at points of this scale; deterministic in seed and scale."""
    rng = random.Random(f"{seed} {scale}")
    found = []
    with mpmath.workdps(60):
        while len(found) < count:
            case = _case(_tree(rng, rng.choice(depths)), rng, scale)
            if case:
                found.append(case)
    return found


def _tree(rng, depth):
    if depth == 0 or rng.random() < 0.12:
        return rng.randrange(VARIABLES) if rng.random() < 0.75 else round(rng.uniform(-3, 3), 2)
    if rng.random() < 0.5:
        return rng.choice(list(UNARY)), _tree(rng, depth - 1)
    return rng.choice("+-**/+"), _tree(rng, depth - 1), _tree(rng, depth - 1)


def _case(tree, rng, scale):
    used = sorted(_used(tree))
    point = [rng.choice([1, 1, -1]) * rng.uniform(0.3, 3) * scale for _ in range(VARIABLES)]
    try:
        value = _value(tree, point)
        duals = [_dual(tree, point, variable) for variable in used]
    except (ArithmeticError, ValueError):
        return None
    partials = [slope for _, slope in duals]
    if not used or any(isinstance(part, mpmath.mpc) for dual in duals for part in dual):
        return None
    if not math.isfinite(value) or abs(value) > 1e100 or any(not 1e-60 < abs(slope) < 1e100 for slope in partials):
        return None
    exact = dict(zip(used, map(float, partials), strict=True))
    return Case(_text(tree), lambda p: _value(tree, p), point, exact)


def _used(tree):
    if isinstance(tree, int):
        return {tree}
    return set() if isinstance(tree, float) else set().union(*map(_used, tree[1:]))


def _value(tree, point):
    if isinstance(tree, int):
        return point[tree]
    if isinstance(tree, float):
        return tree
    parts = [_value(part, point) for part in tree[1:]]
    return (UNARY if len(parts) == 1 else BINARY)[tree[0]][0](*parts)


def _dual(tree, point, variable):
    if isinstance(tree, int):
        return mpmath.mpf(point[tree]), mpmath.mpf(int(tree == variable))
    if isinstance(tree, float):
        return mpmath.mpf(tree), mpmath.mpf(0)
    parts = [_dual(part, point, variable) for part in tree[1:]]
    if len(parts) == 1:
        value, slope = UNARY[tree[0]][1](parts[0][0])
        return value, slope * parts[0][1]
    return BINARY[tree[0]][1](*parts[0], *parts[1])


def _text(tree):
    if isinstance(tree, int):
        return f"x{tree}"
    if isinstance(tree, float):
        return str(tree)
    parts = [_text(part) for part in tree[1:]]
    return f"{tree[0]}({parts[0]})" if len(parts) == 1 else f"({parts[0]} {tree[0]} {parts[1]})"
