"""Gradients of expressions beside `sympy.diff`, and streams of expressions beside the article's way.

The article's way is sympify, diff, lambdify and a central difference by two calls: see `by_the_article`. Both sides of a
stream are processes of their own, from their imports to their end; the time for a single expression is subtracted.
"""

import subprocess
import sys
import time
from pathlib import Path
from random import Random
from statistics import median

from figures import Figure, paired, seconds

VARIABLES = 1000
SECONDS_OF_DIFF = 4
LEVELS = 12
MIXED = 1000
ROUNDS = 3


def figures():
    yield from gradients()
    yield from streams()
    yield from parts()


# Gradients of many variables


def rosenbrock(n):
    return " + ".join(f"100*(x{k + 1} - x{k}**2)**2 + (1 - x{k})**2" for k in range(n - 1))


def product(n):
    return "*".join(f"(x{k} + {k % 7 + 1}/10)" for k in range(n))


def pairs(n):
    return " + ".join(f"x{k}*x{k + 1}" for k in range(n - 1))


def nested(levels):
    text = "x"
    for k in range(levels):
        text = f"(sin({text}*y{k}) + ({text})**2/4)"
    return text


def neural(n, units=8):
    weights = n // units - 2
    drawn = Random(0)
    sums = [
        " + ".join(f"w{unit}_{k}*{drawn.uniform(0.1, 2):.2f}" for k in range(weights)) + f" + b{unit}"
        for unit in range(units)
    ]
    return "(" + " + ".join(f"v{unit}*tanh({inner})" for unit, inner in enumerate(sums)) + " - 0.5)**2"


SHAPES = {
    f"Rosenbrock, n = {VARIABLES}": rosenbrock(VARIABLES),
    f"product of {VARIABLES} factors": product(VARIABLES),
    f"sum of pairwise products, n = {VARIABLES}": pairs(VARIABLES),
    f"shared parts nested {LEVELS} deep": nested(LEVELS),
    f"net of {VARIABLES} weights": neural(VARIABLES),
}


def gradients():
    import gradcli
    from gradcli.expression import Expression

    for name, text in SHAPES.items():
        expression = Expression.compile(text, limits=False)
        drawn = Random(1)
        point = {variable: drawn.uniform(0.5, 1.5) for variable in expression.variables}
        peer, spelled, sampled = by_diff(expression)
        formulas = median(seconds(lambda text=text: written(text)) for _ in range(ROUNDS))
        numbers = median(slopes_of(text, point) for _ in range(ROUNDS))
        whole_way = median(seconds(lambda text=text, point=point: gradcli.gradient(text, point)) for _ in range(ROUNDS))
        note = f"(diff by {sampled} of {len(point)} variables, scaled up; we read and write text, diff does not)"
        yield Figure(f"formulas: {name}", peer / formulas, "x faster", 30, ours=formulas, peer=peer, note=note)
        if spelled is not None:
            both = peer + spelled
            yield Figure(f"formulas, str(diff): {name}", both / formulas, "x faster", 30, ours=formulas, peer=both)
        yield Figure(f"numbers, both from the tree: {name}", peer / numbers, "x faster", 200, ours=numbers, peer=peer)
        yield Figure(
            f"numbers, ours from the text: {name}", peer / whole_way, "x faster", 200, ours=whole_way, peer=peer
        )


def by_diff(expression):
    """Seconds of `[diff(e, v) for v in variables]`, of `str` of all of them, and how many were really taken.

    The variables are a sample, as large as there is time for, scaled up. No `str` of millions of characters. The tree is
    ours: SymPy knows its signs, which saves it time.
    """
    from sympy import diff

    derivatives = []
    start = time.perf_counter()
    for variable in Random(2).sample(expression._symbols, 5):
        derivatives.append(diff(expression.symbolic, variable))
        taken = time.perf_counter() - start
        if taken > SECONDS_OF_DIFF:
            break
    share = len(expression.variables) / len(derivatives)
    spelled = None
    if len(expression.text) < 50_000:
        spelled = seconds(lambda: [str(derivative) for derivative in derivatives]) * share
    return taken * share, spelled, len(derivatives)


def slopes_of(text, point):
    """Seconds from the tree of an expression to its exact gradient at a point; nothing is known of it before."""
    from gradcli.expression import Expression

    expression = Expression.compile(text, named=point)
    return seconds(lambda: expression.slopes(list(point.values())))


def written(text):
    """A text to the texts of its partials."""
    from gradcli.expression import Expression

    expression = Expression.compile(text, limits=False)
    return [expression.formula(variable) for variable in expression.variables]


# Streams


def streams():
    from mixed_expressions import mixed

    lines = [each.line for each in mixed(MIXED)]
    pairs = [(whole(lines), article(MIXED)) for _ in range(2)]
    begun = [(whole(lines[:1]), article(1)) for _ in range(3)]
    ours, peer = (
        (median(side) - median(start)) / MIXED
        for side, start in zip(zip(*pairs, strict=True), zip(*begun, strict=True), strict=True)
    )
    note = f"({MIXED} mixed expressions; start-up of both subtracted)"
    yield Figure(
        "a stream beside the article's way, one job", peer / ours, "x faster", 3, ours=ours, peer=peer, note=note
    )
    ratio = median(other / one for one, other in pairs)
    yield Figure("the same, start-up of both included", ratio, "x faster")
    longer = lines * 2
    one, two, ratio = paired(lambda: whole(longer), lambda: whole(longer, jobs=2), rounds=ROUNDS)
    yield Figure("two jobs beside one", 1 / ratio, "x faster", 1.6, ours=two, peer=one, note=f"({2 * MIXED} lines)")


def whole(lines, jobs=1):
    """Seconds of the command from its start to its end."""
    command = [sys.executable, "-m", "gradcli", "derive", "-", "--format", "jsonl", "--jobs", str(jobs)]
    start = time.perf_counter()
    done = subprocess.run(command, input="\n".join(lines), stdout=subprocess.DEVNULL, text=True, check=False)
    assert done.returncode in (0, 3)  # at some points there is no derivative
    return time.perf_counter() - start


def article(count):
    """Seconds of the article's way in a process of its own."""
    start = time.perf_counter()
    subprocess.run([sys.executable, __file__, str(count)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def by_the_article(text, point, h=1e-6):
    """The derivative by each variable as text and as a number, beside a central difference, with its relative error."""
    import sympy

    names = list(point)
    symbols = [sympy.Symbol(name, real=True) for name in names]
    expression = sympy.sympify(text, locals=dict(zip(names, symbols, strict=True)))
    function = sympy.lambdify(symbols, expression)
    rows = []
    for index, symbol in enumerate(symbols):
        slope = sympy.diff(expression, symbol)
        at = list(point.values())
        exact = sympy.lambdify(symbols, slope)(*at)
        above, below = at.copy(), at.copy()
        above[index] += h
        below[index] -= h
        numeric = (function(*above) - function(*below)) / (2 * h)
        rows.append((str(slope), exact, numeric, abs(exact - numeric) / max(abs(exact), abs(numeric), 1e-12)))
    return rows


def parts():
    """Where the time of one expression of a stream goes, in this process; the rest is transport."""
    from mixed_expressions import mixed

    from gradcli.derivation import compare_methods
    from gradcli.deriving import Deriving, derive
    from gradcli.expression import Expression
    from gradcli.items import item_of
    from gradcli.output import formats, records

    items = [item_of(each.line, line) for line, each in enumerate(mixed(MIXED, seed=1), 1)]
    points = [each.point for each in mixed(MIXED, seed=1)]
    for item in items[:50]:
        derive(item, Deriving())
    expressions = []
    problems = []
    results = []
    stages = {
        "read": lambda: expressions.extend(
            Expression.compile(item.expr, named=point) for item, point in zip(items, points, strict=True)
        ),
        "differentiated": lambda: [expression._gradient for expression in expressions],
        "written": lambda: [
            [expression.parsed, *map(expression.formula, expression.variables)] for expression in expressions
        ],
        "evaluated to 50 digits": lambda: problems.extend(
            exact(one, point) for one, point in zip(expressions, points, strict=True)
        ),
        "measured by three methods": lambda: [compare_methods(problem) for problem in problems],
    }
    for name, stage in stages.items():
        yield Figure(f"an expression is {name}", seconds(stage) / MIXED * 1e6, "us")
    results = [derive(item, Deriving()) for item in items]
    made = [record for result in results for each in result for record in records.of_derivation(each)]
    yield Figure(
        "its records are made",
        seconds(lambda: [list(records.of_derivation(each)) for result in results for each in result]) / MIXED * 1e6,
        "us",
    )
    yield Figure(
        "its records are spelled as JSON", seconds(lambda: list(map(formats.compact, made))) / MIXED * 1e6, "us"
    )


def exact(expression, point):
    """The problem of an expression whose exact slopes are known."""
    from dataclasses import replace

    problem = expression.problem(point)
    slopes = problem.slopes(problem.point)
    return replace(problem, slopes=lambda _: slopes)


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1])]
    import warnings

    from mixed_expressions import mixed

    warnings.simplefilter("ignore")  # some overflow where floats end
    for each in mixed(int(sys.argv[1])):
        by_the_article(each.text, each.point)
