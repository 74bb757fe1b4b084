"""The four questions of the command line as Python functions; `gradcli` gives them out by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.problem import Estimate, Problem, Slope
from gradcli.report import WORST_FIRST, Report, Verdict
from gradcli.userfile.reading import read
from gradcli.userfile.usercode import Functions, loss_of, problem_of

if TYPE_CHECKING:
    from gradcli.expression import Expression
    from gradcli.output.records import Record
    from gradcli.problem import Array

Function = Callable[..., Any]
MOST_ROWS = 20
"""Rows of a report that an assertion shows."""


def derivative(
    function: Function | str,
    x: float | Mapping[str, float],
    *,
    method: str | None = None,
    order: int = 1,
    step: float | None = None,
) -> Estimate:
    """The derivative of a function of one variable, or of an expression as a text, at x.

    function: float -> float, or a text such as "x**2". method: None for the best there is: the symbolic derivative of
    a text, else the reference, a numeric derivative whose error holds; or forward, backward, central, five-point,
    complex (of a text), reference. order: of the derivative, above 1 five-point by default. step: h, by default chosen.

    The `slope` of the estimate has a `value`, or None with the `nature` of the point (kink, jump, ..) and the one-sided
    `left` and `right`; `error` is a half-width. Raises GradcliError for a text that cannot be read, a function that
    raises, and more than one variable.

    >>> derivative("x**2", 3).slope.value
    6.0
    >>> derivative(abs, 0.0).slope.nature.value
    'kink'
    >>> round(derivative(lambda x: x**2, 3.0, method="central", step=1e-6).slope.value, 6)
    6.0
    """
    estimates = gradient(function, x, method=method, order=order, step=step)
    if len(estimates) > 1:
        raise GradcliError(f"there are {len(estimates)} variables: {', '.join(estimates)}", "use gradient for them all")
    return next(iter(estimates.values()))


def gradient(
    function: Function | str, x: object, *, method: str | None = None, order: int = 1, step: float | None = None
) -> dict[str, Estimate]:
    """The partials at x by the names of the parameters, in their order; for order 2 the pure second partials.

    function: as for `derivative`, of parameters like x: a vector (n,), nested lists, a dict of arrays, .. (float64
    copies of them are handed over), or a text, for which x is a dict of numbers by name.

    >>> {name: partial.slope.value for name, partial in gradient("x**2*y", {"x": 1, "y": 2}).items()}
    {'x': 4.0, 'y': 1.0}
    >>> list(gradient(lambda w: w[0] * w[1], [2.0, 3.0]))
    ['w[0]', 'w[1]']
    """
    if isinstance(function, str):
        return _of_text(function, x, method, order, step)
    loss = loss_of(Functions(function, loss_name=_name(function, "the function")), x)
    problem = Problem(loss.name, loss, loss.layout.start, loss.layout.names)
    every = range(len(problem.parameters))
    if method is None and order == 1:
        return _references(problem, every)
    return _measured(problem, every, method or "five-point", order, step)


def check_gradient(
    loss: Function,
    grad: Function | None,
    x0: object,
    *,
    points: int | Sequence[object] = 2,
    rtol: float = 1e-6,
    names: Sequence[str] | None = None,
    only: str | None = None,
    seed: int = 0,
    losses: Function | None = None,
    directions: int | None = None,
) -> Report:
    """Is `grad` the gradient of `loss`? Every partial is compared with a numeric derivative whose error holds.

    loss: parameters like x0 -> float. grad: parameters like x0 -> the partials in the same shape; None where loss
    returns (value, gradient). x0: a number, a vector (n,), nested lists, an array of any shape, or a dict or list of
    those; float64 copies are handed over. points: how many points are looked at, x0 and seeded ones near it; or the
    points themselves. rtol: relative error up to which a partial is right. names: of the P parameters, by default
    `w[0]`, `W1[3,0]`, .. only: a pattern of the names to look at. losses: parameters with a leading axis of length
    k -> k values, to be faster; believed where it agrees with loss. directions: how many random directions over each
    block (W1, b1, ..) are judged instead of each partial, and a block that is wrong partial by partial; 0 for each
    partial; None for 1 above 4,096 partials.

    Returns a `Report`, which iterates over its rows and has a `verdict` and `diagnoses`. Raises GradcliError where
    loss or grad raises, or returns no numbers; a gradient of the wrong shape is a verdict.

    >>> report = check_gradient(lambda w: w[0] ** 2 * w[1], lambda w: [2 * w[0] * w[1], w[0] ** 2], [1.0, 2.0])
    >>> report.verdict.value, len(report)
    ('pass', 4)
    """
    from gradcli.check import check_gradient as check

    functions = Functions(loss, grad, losses, _name(loss, "loss"), _name(grad, "grad"))
    problem = problem_of(functions, x0, name=_name(loss, "loss"), names=names)
    places, count = (None, points) if isinstance(points, int) else (_flat(problem, points), len(points))
    if count < 1:
        raise GradcliError(f"points is {count}", "look at 1 point at least")
    if directions is not None and directions < 0:
        raise GradcliError(
            f"directions is {directions}", "give 1 or more over each block, or 0 to look at each partial"
        )
    with np.errstate(all="ignore"):  # the steps beside x0 are ours, not the caller's
        return check(problem, places, count=count, rtol=rtol, seed=seed, only=only, directions=directions)


def assert_gradient(
    loss: Function,
    grad: Function | None,
    x0: object,
    *,
    points: int | Sequence[object] = 2,
    rtol: float = 1e-6,
    names: Sequence[str] | None = None,
    only: str | None = None,
    seed: int = 0,
    losses: Function | None = None,
    directions: int | None = None,
    allow_unresolved: bool = False,
) -> None:
    """Raise an AssertionError that says what is wrong with the gradient, if something is; arguments of check_gradient.

    Partials without a verdict (unresolved, no derivative) are not right either, unless `allow_unresolved` says so
    and others passed.

    >>> assert_gradient(lambda w: w[0] ** 2, lambda w: [2 * w[0]], [3.0])
    """
    __tracebackhide__ = True
    options: dict[str, Any] = {"points": points, "rtol": rtol, "names": names, "only": only, "seed": seed}
    report = check_gradient(loss, grad, x0, losses=losses, directions=directions, **options)
    if report.verdict in (Verdict.PASS, Verdict.KINK):
        return
    if report.verdict != Verdict.FAIL and allow_unresolved and report.count(Verdict.PASS):
        return
    raise AssertionError(as_text(report))


def as_text(report: Report) -> str:
    """A report in words, and its rows that are not right, the worst first."""
    from gradcli.output import formats, records, wording
    from gradcli.output.sheets import one_by_one

    *every, summary = one_by_one(records.of_report(report))
    rows = sorted((record for record in every if record["verdict"] != Verdict.PASS), key=_badness)
    lines = wording.conclusion(summary)
    if len(rows) > MOST_ROWS:
        lines.append(f"the worst {MOST_ROWS} of {len(rows)} rows:")
    table = formats.plain(rows[:MOST_ROWS], TEXT_COLUMNS) if rows else ()
    return "\n".join([*lines, *(line.rstrip("\n") for line in table)])


TEXT_COLUMNS = (
    "point_index", "parameter", "value", "analytic", "numeric", "error_estimate", "rel_error", "nature", "verdict",
)  # fmt: skip


def _badness(record: Record) -> tuple[int, float]:
    """Wrong rows first, the largest relative error first within each verdict."""
    return WORST_FIRST.index(record["verdict"]), -(record["rel_error"] or 0.0)


def _flat(problem: Problem, points: Sequence[object]) -> list[Array]:
    """Points of the kind of x0 as flat vectors (P,)."""
    layout: Any = getattr(problem.function, "layout", None)
    readings = [read(layout, point, f"point {number}") for number, point in enumerate(points)]
    for reading in readings:
        for _, fault in reading.faults[:1]:
            raise GradcliError(fault.replace(" returned ", " has "), "give points of the same shape as x0")
    return [reading.values for reading in readings]


def _references(problem: Problem, indices: Sequence[int]) -> dict[str, Estimate]:
    """The references of some partials."""
    from gradcli.reference import centre_of, estimate
    from gradcli.reference.surveyor import surveys

    with np.errstate(all="ignore"):
        found = surveys(problem, indices, centre_of(problem))
    return {
        problem.parameters[index]: estimate(survey, evaluations + 1)
        for index, (survey, evaluations) in zip(indices, found, strict=True)
    }


def _measured(
    problem: Problem, indices: Sequence[int], method: str, order: int, step: float | None
) -> dict[str, Estimate]:
    """Some partials by one finite-difference method."""
    from gradcli.derivation import METHODS, measure

    if method not in METHODS:
        raise GradcliError(f"there is no method {method}", f"the methods are {', '.join(METHODS)}")
    with np.errstate(all="ignore"):
        return {
            problem.parameters[index]: measure(problem, index, method, order=order, step=step)[0] for index in indices
        }


def _of_text(text: str, x: object, method: str | None, order: int, step: float | None) -> dict[str, Estimate]:
    """Partials of an expression: symbolic, rounded, and numeric where SymPy knows no derivative."""
    expression, point = _compiled(text, x)
    problem = expression.problem(point, order=order)
    if method is not None:
        return _measured(problem, range(len(problem.parameters)), method, order, step)
    slopes = problem.slopes(problem.point) if problem.slopes else [Slope(None)] * len(problem.parameters)
    found = {name: _exact(slope) for name, slope in zip(problem.parameters, slopes, strict=True)}
    unknown = [index for index, slope in enumerate(slopes) if slope == Slope(None)]
    if unknown:
        found |= _references(problem, unknown) if order == 1 else _measured(problem, unknown, "five-point", order, step)
    return found


def _compiled(text: str, x: object) -> tuple[Expression, dict[str, float]]:
    """An expression with a value for each of its variables; a number is the value of the only one."""
    from gradcli.expression import Expression

    if isinstance(x, Mapping):
        expression = Expression.compile(text, named=x)
        missing = [name for name in expression.variables if name not in x]
        if missing:
            raise GradcliError(f"{', '.join(missing)} in {text} has no value", "give one for each variable")
        return expression, {name: float(value) for name, value in x.items()}
    expression = Expression.compile(text)
    if len(expression.variables) > 1:
        hint = "gradient(text, {" + ", ".join(f"{name!r}: .." for name in expression.variables) + "})"
        raise GradcliError(f"{text} has {len(expression.variables)} variables: {', '.join(expression.variables)}", hint)
    if not expression.variables:
        expression = Expression.compile(text, named=["x"])
    value: Any = x
    return expression, {expression.variables[0]: float(value)}


def _exact(slope: Slope) -> Estimate:
    """A symbolic derivative rounded to a double."""
    return Estimate(slope, "symbolic", error=None if slope.value is None else math.ulp(slope.value) / 2)


def _name(function: Function | None, otherwise: str) -> str:
    """A function's own name, where it has a good one."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else otherwise
