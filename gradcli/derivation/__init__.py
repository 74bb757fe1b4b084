"""How well do finite differences know a derivative? Each method beside the exact slope, one variable at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from sys import float_info

from gradcli.errors import GradcliError
from gradcli.problem import Estimate, Nature, Problem, Slope
from gradcli.report import Comparison, Verdict
from gradcli.stencil import STENCILS, Stencil, backward, forward, weights

METHODS = (*STENCILS, "complex", "reference")
BEST = "best"
"""Not measured where the exact slope is known, else the reference."""
DEFAULT_METHODS = ("forward", "backward", "central")
COMPLEX_STEP = 1e-20


@dataclass(frozen=True, slots=True)
class Derivation:
    """The derivatives of one expression at one point, or their formulas alone where no point was given.

    `parsed` is the expression as it was understood, `formulas` the symbolic derivative by each variable.
    """

    expression: str
    parsed: str
    order: int
    formulas: Mapping[str, str | None]
    point: Mapping[str, float] | None = None
    comparisons: tuple[Comparison, ...] = ()

    @property
    def values(self) -> list[float | None]:
        """A number per row; None where there is no derivative."""
        return [None if row.analytic.nature else row.numeric.slope.value for row in self.comparisons]

    @property
    def titled_formulas(self) -> dict[str, str]:
        """The formulas under the names that mathematicians give them: `df/dx`, `d^2f/dx^2`."""
        return titled(self.formulas, self.order)

    @property
    def verdicts(self) -> set[Verdict]:
        """Every verdict that occurs."""
        return {row.verdict for row in self.comparisons}

    @property
    def first(self) -> bool:
        """A single point comes after no other."""
        return True

    @property
    def remarks(self) -> list[str]:
        """What rows cannot say in numbers, each once."""
        return list(dict.fromkeys(row.message for row in self.comparisons if row.message))


def titled(formulas: Mapping[str, str | None], order: int) -> dict[str, str]:
    """The formulas under the names of derivatives."""
    power = f"^{order}" if order > 1 else ""
    return {
        f"d{power}f/d{name}{power}": formula or "no symbolic derivative is known" for name, formula in formulas.items()
    }


def compare_methods(
    problem: Problem,
    *,
    order: int = 1,
    methods: Sequence[str] = DEFAULT_METHODS,
    step: float | None = None,
    rtol: float = 1e-6,
) -> tuple[Comparison, ...]:
    """A row per parameter and method of how far the numeric derivative of `order` is from the exact slope.

    `step` is absolute, None chooses one per method. Raises GradcliError where a step vanishes beside the point, and
    for a complex step of an order other than 1.
    """
    exact = problem.slopes(problem.point) if problem.slopes else [Slope(None)] * len(problem.parameters)
    rows = []
    for index, (parameter, slope) in enumerate(zip(problem.parameters, exact, strict=True)):
        x = float(problem.point[index])
        for method in methods:
            known = method == BEST and (slope.value is not None or slope.nature is not None)
            estimate, scale = (
                (Estimate(slope, "symbolic"), 0.0) if known else measure(problem, index, method, order=order, step=step)
            )
            verdict, message = judge(slope, estimate, rtol, scale)
            rows.append(Comparison(0, parameter, x, slope, estimate, rtol, verdict, message))
    return tuple(rows)


def measure(
    problem: Problem, index: int, method: str, *, order: int = 1, step: float | None = None
) -> tuple[Estimate, float]:
    """The derivative by one method, and the scale of derivatives there: how much slopes change over max(1, |x|)."""
    if method in {"reference", BEST}:
        return _reference(problem, index, order), 0.0
    if method == "complex":
        return _complex_step(problem, index, order, step), 0.0
    return finite_difference(problem, index, STENCILS[method](order), step)


def judge(exact: Slope, estimate: Estimate, rtol: float, scale: float) -> tuple[Verdict, str | None]:
    """Is the method within rtol of the exact value, or where that is zero of the scale of derivatives there?"""
    if exact.nature is not None:
        return Verdict.UNDEFINED, NATURES[exact.nature]
    if exact.value is None:
        return Verdict.UNRESOLVED, estimate.message or NO_FORMULA
    numeric = estimate.slope.value
    if numeric is None:
        return Verdict.OFF, estimate.message or "the method has no value here"
    size = max(abs(exact.value), abs(numeric)) if exact.value else scale
    return (Verdict.PASS if abs(exact.value - numeric) <= rtol * size else Verdict.OFF), estimate.message


NO_FORMULA = "no symbolic derivative is known; the numeric one stands alone"
NATURES = {
    Nature.KINK: "no derivative here: the left and the right slope differ (kink)",
    Nature.JUMP: "no derivative here: the function jumps",
    Nature.VERTICAL: "no derivative here: the tangent is vertical",
    Nature.POLE: "no derivative here: the function has a pole",
    Nature.EDGE: "no derivative here: the edge of the domain",
    Nature.OUTSIDE: "no derivative here: outside the domain",
}


def finite_difference(
    problem: Problem, index: int, stencil: Stencil, step: float | None = None
) -> tuple[Estimate, float]:
    """A stencil's derivative of problem.function by one parameter, and the scale of derivatives around it.

    The same stencil at a wider step H, twice a given one, tells the truncation error |D(H) - D(h)| / ((H/h)^accuracy -
    1), to which the roundoff error eps * sum |w f| is added (L. F. Richardson, The deferred approach to the limit,
    Phil. Trans. A 226 (1927), p. 299). Where only one side has values, that side's stencil is used and said.
    """
    x = float(problem.point[index])
    values = Samples(problem, index, x)
    estimate = _apply(stencil, values, step)
    if estimate.slope.value is None:
        estimate = _one_sided(stencil, values, step) or estimate
    return estimate, values.scale()


class Samples:
    """Values of the function along one parameter, each evaluated once."""

    def __init__(self, problem: Problem, index: int, x: float) -> None:
        self.problem, self.index, self.x = problem, index, x
        self.known: dict[float, float] = {}

    def at(self, offsets: Sequence[float]) -> list[float]:
        """The values at x + offsets; only new offsets are evaluated, all of them together."""
        fresh = [offset for offset in offsets if offset not in self.known]
        self.known.update(zip(fresh, self.problem.losses([self.index] * len(fresh), fresh), strict=True))
        return [float(self.known[offset]) for offset in offsets]

    def taken(self, stencil: Stencil, h: float) -> list[float]:
        """The offsets really taken, (x + kh) - x in doubles; raises GradcliError where the step vanishes."""
        offsets = [(self.x + k * h) - self.x for k in stencil.offsets]
        if len(set(offsets)) < len(offsets) or not all(map(math.isfinite, offsets)):
            smallest = max(abs(self.x), float_info.min) * 2 * float_info.epsilon
            raise GradcliError(
                f"step {h!r} vanishes beside {self.problem.parameters[self.index]} = {self.x!r}",
                f"use --step auto, or at least {smallest:.1g}",
            )
        return offsets

    def scale(self) -> float:
        """How much the slopes between neighbouring samples change in half the way of all, times max(1, |x|)."""
        points = sorted((offset, value) for offset, value in self.known.items() if math.isfinite(value))
        slopes = [(right[1] - left[1]) / (right[0] - left[0]) for left, right in pairwise(points)]
        if not slopes:
            return 0.0
        return (max(slopes) - min(slopes)) / ((points[-1][0] - points[0][0]) / 2) * max(1.0, abs(self.x))


def _apply(stencil: Stencil, samples: Samples, step: float | None, message: str | None = None) -> Estimate:
    size = max(1.0, abs(samples.x)) if step is None else 1.0
    h, *wider = stencil.steps(step)
    offsets = samples.taken(stencil, h * size)
    value, roundoff = combine(offsets, samples.at(offsets), stencil.order)
    taken = min(abs(offset) for offset in offsets if offset)
    if value is None:
        message = "the function has no value at a point that the method needs"
        return Estimate(Slope(None), stencil.name, taken, None, len(samples.known), message)
    error = None
    for wide in wider:
        far = samples.taken(stencil, wide * size)
        coarse, _ = combine(far, samples.at(far), stencil.order)
        if coarse is not None:
            error = abs(coarse - value) / ((wide / h) ** stencil.accuracy - 1) + roundoff
            break
    return Estimate(Slope(value), stencil.name, taken, error, len(samples.known), message)


def combine(offsets: Sequence[float], values: Sequence[float], order: int) -> tuple[float | None, float]:
    """The derivative and its roundoff error; None where a value is missing or the sum overflows.

    Two values are not weighted one by one: (f(x+h) - f(x)) / h loses less to rounding.
    """
    try:
        if len(offsets) == 2:
            terms, divisor = [-values[0], values[1]], offsets[1] - offsets[0]
        else:
            terms, divisor = [w * value for w, value in zip(weights(offsets, order), values, strict=True)], 1.0
        value = math.fsum(terms) / divisor
        roundoff = float_info.epsilon * math.fsum(map(abs, terms)) / divisor
    except (OverflowError, ZeroDivisionError, ValueError):
        return None, math.inf
    return (value + 0.0, roundoff) if math.isfinite(value) else (None, math.inf)


def _one_sided(stencil: Stencil, samples: Samples, step: float | None) -> Estimate | None:
    for side in (forward, backward):
        if side.__name__ == stencil.name:
            continue
        message = f"one side is outside the domain; {side.__name__} difference used"
        estimate = _apply(side(stencil.order), samples, step, message)
        if estimate.slope.value is not None:
            return Estimate(
                estimate.slope, stencil.name, estimate.step, estimate.error, estimate.evaluations, estimate.message
            )
    return None


def _complex_step(problem: Problem, index: int, order: int, step: float | None) -> Estimate:
    """Im f(x + ih) / h, trusted only where it agrees with a central difference.

    Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Rev. 40 (1998), p. 110.
    """
    if order != 1:
        raise GradcliError("the complex step gives first derivatives only", "use --method central for a higher order")
    if problem.extended is None:
        return Estimate(Slope(None), "complex", message="the function does not accept complex numbers")
    h = COMPLEX_STEP if step is None else step
    moving: list[complex] = [complex(value) for value in problem.point]
    moving[index] += complex(0.0, h)
    try:
        value = complex(problem.extended(moving)).imag / h
    except (ArithmeticError, ValueError, TypeError, GradcliError) as refusal:
        return Estimate(Slope(None), "complex", h, evaluations=1, message=f"no complex step: {refusal}")
    check, _ = finite_difference(problem, index, STENCILS["central"](1))
    evaluations = 1 + check.evaluations
    if not math.isfinite(value) or not _agree(value, check):
        message = "the complex step disagrees with a central difference; the function is not analytic here"
        return Estimate(Slope(None), "complex", h, None, evaluations, message)
    return Estimate(Slope(value), "complex", h, 4 * float_info.epsilon * abs(value), evaluations)


def _agree(value: float, check: Estimate) -> bool:
    central = check.slope.value
    if central is None:
        return True
    return abs(value - central) <= max(1e-3 * max(abs(value), abs(central)), 100 * (check.error or 0.0))


def _reference(problem: Problem, index: int, order: int) -> Estimate:
    if order != 1:
        raise GradcliError("the reference gives first derivatives only", "use --method five-point for a higher order")
    from gradcli.reference import partial

    return partial(problem, index)
