"""What a person names on the command line, turned into problems and answered; this is what runs inside a worker."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from gradcli.errors import GradcliError
from gradcli.report import Cause, Diagnosis, Verdict
from gradcli.workers import one_thread_each

if TYPE_CHECKING:
    from gradcli.batch import Item
    from gradcli.datasets import Dataset
    from gradcli.expression import Expression, FormulaComparison, Function
    from gradcli.expression.points import Points
    from gradcli.models import Model
    from gradcli.problem import Array, Point, Problem
    from gradcli.report import Report
    from gradcli.userfile.sharing import Sharing

MODELS = ("linreg", "nn")
At: TypeAlias = str | Mapping[str, object]


def compiled(
    text: str | None, at: tuple[At, ...], *, var: str | None = None, limits: bool = True
) -> tuple[Expression, Points]:
    """The expression, and its points with a value for each variable."""
    from gradcli.expression import Expression
    from gradcli.expression.points import names_in, points

    if not text or not text.strip():
        raise GradcliError("there is no expression", 'write one, for example gradcli derive "x**2" --at 3')
    named = tuple(name for place in at for name in names_in(place))
    expression = Expression.compile(text, variables=names_of(var), named=named, limits=limits)
    places = points(at, expression.variables)
    if places and not expression.variables:
        expression = Expression.compile(text, named=tuple(places[0]), limits=limits)
    return expression, places


def names_of(text: str | None) -> tuple[str, ...]:
    """The names in `--wrt x,y`."""
    from gradcli.expression.points import parse_names

    return tuple(parse_names(text)) if text else ()


@dataclass(frozen=True, slots=True)
class Modelling:
    """Which data and which model: the options that `check` and `train` share for linreg and nn."""

    data: str | None = None
    target: str | None = None
    features: tuple[str, ...] | None = None
    intercept: bool = True
    hidden: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Checking:
    """The options of `check`."""

    at: tuple[At, ...] = ()
    grad: tuple[str, ...] | None = None
    wrt: str | None = None
    var: str | None = None
    points: int = 2
    only: str | None = None
    directions: int | None = None
    rtol: float = 1e-6
    seed: int = 0
    mistake: str | None = None
    limits: bool = True
    modelling: Modelling = Modelling()
    vectorized: bool = False

    def of(self, item: Item) -> Checking:
        """The options for one line of a batch, whose own point, variables and gradient win."""
        at = self.at if item.at is None else (item.at,)
        return replace(self, at=at, wrt=item.wrt or self.wrt, grad=item.grad or self.grad)


def check_model(name: str, asked: Checking) -> tuple[Report, ...]:
    """The gradient of linreg or nn over its parameters, and that of nn over its logits."""
    from gradcli import models

    model, _ = modelled(name, asked.modelling)
    places = [model_point(model, at, asked.seed) for at in asked.at or (None,)]
    problem = models.problem(model, places[0], mistake=asked.mistake)
    asked = replace(asked, directions=asked.directions or 0)
    reports = [_checked(problem, places, asked)]
    if name == "nn" and asked.only is None and asked.mistake is None:
        logits = models.logits(model, places[0])  # type: ignore[arg-type]
        reports.append(_checked(logits, [logits.point], replace(asked, points=1)))
    return tuple(reports)


def model_point(model: Model, at: At | None, seed: int) -> Array:
    """zeros, random and files; otherwise values of the parameters as for a person's code."""
    from gradcli import models
    from gradcli.expression.values import number
    from gradcli.userfile.startpoint import start_point

    if at is None or isinstance(at, Mapping) or at in {"zeros", "random"} or at.endswith((".json", ".npy", ".csv")):
        return models.point(model, at, seed=seed)  # type: ignore[arg-type]
    return start_point(at, model.parameters, models.point(model, "zeros"), seed=seed, number=number)


def modelled(name: str, asked: Modelling) -> tuple[Model, Dataset]:
    """The model and the data it is to learn."""
    from gradcli import datasets, models

    if asked.data is None:
        data = datasets.sample(name)
    else:
        labels = name == "nn"
        data = datasets.read(
            asked.data, target=asked.target, features=asked.features, intercept=asked.intercept, labels=labels
        )
    if name == "nn":
        net = models.nn(data.X, data.y, hidden=asked.hidden, names=data.features, intercept=asked.intercept)
        return net, data
    return models.linreg(data.X, data.y, names=data.features, intercept=asked.intercept), data


def check_code(
    target: str, asked: Checking, timeout: float | None = None, memory: int | None = None, jobs: int = 1
) -> tuple[Report, ...]:
    """The gradients in a person's own file or module, each at its x0 or at the points given.

    jobs: processes that evaluate the losses, under the same limits as this one; 1 is this one.
    """
    if jobs == 1:
        return _check_code(target, asked, None)
    one_thread_each()
    from gradcli.userfile.sharing import Sharing

    with Sharing(jobs, timeout, memory) as sharing:
        return _check_code(target, asked, sharing)


def _check_code(target: str, asked: Checking, sharing: Sharing | None) -> tuple[Report, ...]:
    from gradcli.expression.values import number
    from gradcli.userfile import load, point_at

    first, *others = asked.at or (None,)
    problems = load(target, at=first, seed=asked.seed, number=number, vectorized=asked.vectorized)
    reports = []
    for position, problem in enumerate(problems):
        places = [problem.point, *(point_at(problem, str(at), seed=asked.seed, number=number) for at in others)]
        if sharing is not None:
            from gradcli.userfile.sharing import Code

            code = Code(target, first, asked.seed, number, asked.vectorized, position)
            problem = sharing.of(problem, code)  # noqa: PLW2901
        reports.append(_checked(problem, places, asked))
    return tuple(reports)


def check(item: Item, asked: Checking) -> tuple[Report, ...]:
    """The gradient of one expression: formulas of the person's, or without any SymPy's own."""
    from gradcli.expression import claimed_problem, compare_formulas

    options = replace(asked.of(item), directions=asked.directions or 0)
    expression, given = compiled(item.expr, options.at, var=options.var, limits=options.limits)
    wrt = names_of(options.wrt) or expression.variables
    if not wrt:
        raise GradcliError(f"{expression.text} has no variable", "name one with a value, for example --at x=3")
    places = list(given) or [_somewhere(expression, options.seed)]
    if options.grad is None:
        problems = [expression.problem(place, wrt) for place in places]
        return tuple(_checked(problem, [problem.point], replace(options, points=1)) for problem in problems)
    grad = options.grad[0] if len(options.grad) == 1 else options.grad
    problem = claimed_problem(expression, grad, places[0], wrt)
    inside = [[place[name] for name in wrt] for place in places]
    return (_with_formulas(_checked(problem, inside, options), compare_formulas(expression, grad, wrt)),)


def _with_formulas(report: Report, compared: Sequence[FormulaComparison]) -> Report:
    """What the formulas say goes before what the numbers say; beside right numbers it is a note."""
    wrong = [one for one in compared if one.equal is False]
    if report.verdict != Verdict.FAIL:
        notes = [f"{one.claimed} is not the derivative by {one.variable} everywhere: {one.text}" for one in wrong]
        if all(one.equal for one in compared):
            notes.append("equal to SymPy's derivative as a formula")
        return replace(report, notes=(*report.notes, *notes))
    named = [
        Diagnosis(Cause.FORMULA, (one.variable,), f"{one.claimed}: {one.text}", f"SymPy's derivative is {one.symbolic}")
        for one in wrong
    ]
    seen = [diagnosis for diagnosis in report.diagnoses if not named or diagnosis.cause not in WHERE_ONLY]
    return replace(report, diagnoses=(*named, *seen))


WHERE_ONLY = frozenset({Cause.ONE_PARTIAL, Cause.BLOCKS, Cause.ROWS, Cause.NO_PATTERN})
"""Causes that only say where: the formulas say more."""


def _somewhere(expression: Expression, seed: int) -> dict[str, float]:
    """A seeded point where the function has a value, for those who give none."""
    from random import Random

    drawn = Random(seed)  # noqa: S311  a point to look at is no secret
    for _ in range(100):
        point = {name: round(drawn.uniform(0.1, 2.0), 3) for name in expression.variables}
        if math.isfinite(expression.function(list(point.values()))):
            return point
    raise GradcliError("no point with a value of the function was found", "give one with --at")


def _checked(problem: Problem, places: Sequence[Point], asked: Checking) -> Report:
    """The report at these points, and at perturbed ones until there are as many as asked for."""
    from gradcli.check import check_gradient
    from gradcli.check.points import around

    nearby = around(problem, max(1, asked.points - len(places) + 1), asked.seed)[1:]
    return check_gradient(
        problem, [*places, *nearby], rtol=asked.rtol, seed=asked.seed, only=asked.only, directions=asked.directions
    )


def is_code(target: str) -> bool:
    """Does this name a person's file or module? An expression has no colon and does not end in .py."""
    if ":" not in target and not target.endswith(".py"):
        return False
    from gradcli.userfile import is_user_code

    return is_user_code(target)


@dataclass(frozen=True, slots=True)
class Listed:
    """A function of the expression language; `derivatives` by each variable of `call`, None where none is known."""

    name: str
    aliases: tuple[str, ...]
    call: str
    derivatives: Mapping[str, str | None]
    summary: str
    group: str


def listed_functions(name: str | None = None) -> tuple[Listed, ...]:
    """Every function an expression may call, or the one of this name in any spelling."""
    from gradcli.expression import FUNCTIONS, GROUPS

    if name is not None and name not in FUNCTIONS:
        near = get_close_matches(name, FUNCTIONS, n=1)
        raise GradcliError(
            f"there is no function {name!r}", f"did you mean {near[0]}?" if near else "gradcli functions lists them all"
        )
    return tuple(
        _listed(function, group)
        for group, functions in GROUPS.items()
        for function in functions
        if name is None or name in function.names
    )


CALLS = {
    "Max": "Max(x, y)",
    "Min": "Min(x, y)",
    "Piecewise": "Piecewise((x, x < 1), (y, True))",
    "where": "where(x < 1, x, y)",
}
"""How to call what does not take one argument for each name."""


def _listed(function: Function, group: str) -> Listed:
    from gradcli.expression import Expression

    names = ("x", "y", "z")[: function.least]
    call = CALLS.get(function.name, f"{function.name}({', '.join(names)})")
    expression = Expression.compile(call)
    derivatives = {name: expression.formula(name) for name in expression.variables}
    return Listed(function.name, function.aliases, call, derivatives, function.summary, group)
