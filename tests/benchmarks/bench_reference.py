"""One derivative: the reference beside its peers on the same functions and points.

Accuracy: median and 99th percentile of the relative error. Honesty: how often the truth lies within the error that
is claimed, and the median of claim over true error. Cost: values of f, and time as a multiple of the article's central
difference. `no answer`: an exception or no finite number. Functions: seeded random expressions at scales 1e-3, 1 and
1e3 that nothing was tuned on, and a list of hard ones.
"""

from __future__ import annotations

import math
import warnings
from statistics import median
from time import perf_counter

import mpmath
import numpy as np
from figures import Figure
from random_functions import cases

from gradcli.reference import derivative

COUNT = 100
"""Random functions at each scale."""
SCALES = (1e-3, 1.0, 1e3)
ROUNDS = 3
HARD = [
    (math.sin, mpmath.sin, 1e6),
    (lambda x: math.sin(1e7 * x), lambda x: mpmath.sin(10**7 * x), 1.0),
    (lambda x: x + 1e-3 * math.sin(1e4 * x), lambda x: x + mpmath.mpf(1e-3) * mpmath.sin(10**4 * x), 1.0),
    (lambda x: 1e8 + math.sin(x), mpmath.sin, 0.7),
    (math.log, mpmath.log, 1e-5),
    (math.log, mpmath.log, 1e-12),
    (math.exp, mpmath.exp, -20.0),
    (math.exp, mpmath.exp, 300.0),
    (math.tan, mpmath.tan, 1.5707),
    (lambda x: (1 - math.cos(x)) / x**2, lambda x: (1 - mpmath.cos(x)) / x**2, 1e-2),
    (lambda x: math.exp(-1e6 * x * x), lambda x: mpmath.exp(-(10**6) * x * x), 1e-3),
    (lambda x: 1 / (1 + 1e8 * (x - 1) ** 2), lambda x: 1 / (1 + 10**8 * (x - 1) ** 2), 1.0001),
    (lambda x: abs(x - 1 + 1e-6), lambda x: abs(x - 1 + mpmath.mpf(1e-6)), 1.0),
    (math.sqrt, mpmath.sqrt, 1e-9),
    (lambda x: x**20, lambda x: x**20, 3.0),
    (
        lambda x: sum(math.sin(k * x) for k in range(1, 200)),
        lambda x: sum(mpmath.sin(k * x) for k in range(1, 200)),
        0.3,
    ),
    (lambda x: float(np.float32(math.sin(x))), mpmath.sin, 0.7),
    (lambda x: math.sin(x) + 1e-9 * math.sin(1e17 * x), mpmath.sin, 0.7),
]


def problems(count):
    """name -> (function of one variable, point, truth)."""
    for scale in SCALES:
        for case in cases(count, scale, seed="held out"):
            for variable, truth in case.partials.items():
                yield f"scale {scale:g}", along(case, variable), case.point[variable], truth
    with mpmath.workdps(60):
        for function, exactly, x in HARD:
            truth = mpmath.diff(exactly, mpmath.mpf(x), h=mpmath.mpf(abs(x)) * mpmath.mpf(10) ** -25)
            yield "hard", function, x, float(truth)


def along(case, variable):
    def function(x):
        point = list(case.point)
        point[variable] = x
        return case.function(point)

    return function


def gradcli(function, x):
    estimate = derivative(function, x)
    return estimate.slope.value, estimate.error


def central(function, x):
    return (function(x + 1e-6) - function(x - 1e-6)) / 2e-6, math.nan


def numdifftools(function, x):
    import numdifftools as nd

    value, error, *_ = (*nd.Derivative(function, full_output=True)(x),)
    error = getattr(error, "error_estimate", error)  # a field of the second of two in older versions
    return np.asarray(value).item(), np.asarray(error).item()


def scipy(function, x):
    from scipy.differentiate import derivative as differentiate

    result = differentiate(function, x)
    return float(result.df), float(result.error)


def jacobi(function, x):
    from jacobi import jacobi as differentiate

    value, error = differentiate(function, x)
    return float(value), float(error)


METHODS = {"gradcli": gradcli, "central 1e-6": central, "numdifftools": numdifftools, "scipy": scipy, "jacobi": jacobi}


def measure(method, function, x):
    """value, claimed error, values of f taken, seconds (the best of a few rounds)."""
    calls = 0

    def counted(at):
        nonlocal calls
        if np.ndim(at):
            return np.array([counted(one) for one in np.ravel(at)]).reshape(np.shape(at))
        calls += 1
        try:
            return function(float(at))
        except (ArithmeticError, ValueError):
            return math.nan

    seconds = math.inf
    for _ in range(ROUNDS):
        calls, start = 0, perf_counter()
        try:
            value, error = method(counted, x)
        except Exception:  # noqa: BLE001 - a peer may fail in any way
            value, error = None, math.nan
        seconds = min(seconds, perf_counter() - start)
    if value is None or not math.isfinite(value):
        value = None
    return value, error, calls, seconds


def score(rows):
    """rows of (value, claimed error, calls, seconds, truth) as the figures of the table."""
    answers = [(abs(value - truth), claim, abs(truth)) for value, claim, _, _, truth in rows if value is not None]
    answers = answers or [(math.nan, math.nan, 1.0)]
    relative = sorted(miss / size for miss, _, size in answers)
    honest = [miss <= claim + 1e-15 * size for miss, claim, size in answers]
    return {
        "cases": len(rows),
        "no answer": len(rows) - len(answers),
        "median error": median(relative),
        "99 % error": relative[int(0.99 * (len(relative) - 1))],
        "honest": sum(honest) / len(answers),
        "claim / error": median(
            [claim / miss for miss, claim, _ in answers if miss and math.isfinite(claim)] or [math.nan]
        ),
        "claims 1e-6": sum(claim <= 1e-6 * size for _, claim, size in answers) / len(rows),
        "right to 1e-6": sum(miss <= 1e-6 * size for miss, _, size in answers) / len(rows),
        "evaluations": sum(calls for _, _, calls, _, _ in rows) / len(rows),
        "microseconds": 1e6 * median([seconds for *_, seconds, _ in rows]),
    }


def run(count):
    """group -> method -> figures; time also as a ratio to the article's central difference."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        groups = {}
        for group, function, x, truth in problems(count):
            for name, method in METHODS.items():
                row = (*measure(method, function, x), truth)
                for key in (group, "all"):
                    groups.setdefault(key, {}).setdefault(name, []).append(row)
    found = {group: {name: score(rows) for name, rows in methods.items()} for group, methods in groups.items()}
    for methods in found.values():
        for figures in methods.values():
            figures["x central"] = figures["microseconds"] / methods["central 1e-6"]["microseconds"]
    return found


def table(found):
    lines = []
    for group, methods in sorted(found.items()):
        first = next(iter(methods.values()))
        lines.append(
            f"{group}, {first['cases']} derivatives".ljust(34) + "".join(f"{key:>15}" for key in list(first)[1:])
        )
        for name, figures in methods.items():
            lines.append(f"  {name}".ljust(34) + "".join(f"{figures[key]:>15.4g}" for key in list(first)[1:]))
    return "\n".join(lines)


def figures():
    found = run(COUNT)
    print(table(found))
    ours = found["all"].pop("gradcli")
    yield Figure("truth inside the claimed error", ours["honest"], "share", at_least=0.985)
    yield Figure("claims a relative error of 1e-6", ours["claims 1e-6"], "share", at_least=0.9)
    yield Figure("claimed error / true error", ours["claim / error"], "median", at_most=25)
    for name, peer in found["all"].items():
        yield Figure(
            f"truth inside the claimed error, less {name}", ours["honest"] - peer["honest"], "share", at_least=0
        )
        right = ours["right to 1e-6"] - peer["right to 1e-6"]
        yield Figure(f"right to 1e-6, less {name}", right, "share", at_least=0)
