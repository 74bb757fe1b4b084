"""Error against step size: every method at steps from 1e-1 down to 1e-16, held against the exact slope (`Sweep`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from sys import float_info
from typing import TYPE_CHECKING

from gradcli.derivation import DEFAULT_METHODS, Samples, combine, measure
from gradcli.errors import GradcliError
from gradcli.stencil import STENCILS, Stencil, weights
from gradcli.sweep.vcurve import Difference, Reading, read

if TYPE_CHECKING:
    from gradcli.problem import Problem, Slope

STEPS = tuple(float(f"{lead}e-{power:02}") for power in range(1, 17) for lead in ("1", "0.3"))[:-1]
"""Two steps in a decade, 0.1, 0.03, 0.01, .. 1e-16."""

CAUTION = 8.0
"""Half-widths by which a claimed derivative must miss the exact one to be called wrong."""


@dataclass(frozen=True, slots=True)
class Exact:
    """What the differences are held against: a slope, or why there is none, known within a half-width.

    source: `symbolic` or `reference`; the reference is itself measured, and errors below its half-width mean nothing.
    """

    slope: Slope
    error: float
    source: str
    formula: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """One method at every step, largest first, and what can be read from it."""

    method: str
    differences: tuple[Difference, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Sweep:
    """One derivative by several methods with steps from large to small.

    point: by name, where there are few names. claim: the derivative that somebody's gradient gives, to be judged.
    evaluations: values of f that it cost, without those of the exact side. notes: what else a reader should know.
    """

    target: str
    parameter: str
    value: float
    order: int
    steps: tuple[float, ...]
    exact: Exact
    curves: tuple[Curve, ...]
    point: Mapping[str, float] | None = None
    claim: float | None = None
    rtol: float = 1e-6
    evaluations: int = 0
    notes: tuple[str, ...] = ()

    @property
    def disagreement(self) -> float | None:
        """|claim - exact|, None where either is missing."""
        exact = self.exact.slope.value
        return None if exact is None or self.claim is None else abs(self.claim - exact)

    @property
    def claim_is_wrong(self) -> bool:
        """Is the claim further from the exact slope than tolerance and half-width explain, or no number at all?"""
        if self.claim is None or self.exact.slope.value is None:
            return False
        size = max(abs(self.claim), abs(self.exact.slope.value))
        return not abs(self.claim - self.exact.slope.value) <= max(self.rtol * size, CAUTION * self.exact.error)

    @property
    def vanished_below(self) -> float | None:
        """The largest step that is lost in rounding beside x, None if none is."""
        lost = [one.step for curve in self.curves for one in curve.differences if one.taken is None]
        return max(lost, default=None)


def sweep(
    problem: Problem,
    index: int,
    *,
    methods: Sequence[str] = DEFAULT_METHODS,
    steps: Sequence[float] = STEPS,
    order: int = 1,
    rtol: float = 1e-6,
) -> Sweep:
    """Sweep the derivative by one parameter; every value of the function is taken once, for all methods together.

    The exact side is the problem's own slope where it has one, else the reference. Raises GradcliError for methods
    without a step and for orders that a method does not have.
    """
    _refuse(methods, steps, order)
    exact = exact_side(problem, index, order)
    samples = Samples(problem, index, float(problem.point[index]))
    stencils = [STENCILS[method](order) for method in methods if method in STENCILS]
    # one call for all of them: an expression, a model or a person's code may have a fast way for many
    samples.at(sorted({offset for one in stencils for h in steps for offset in _offsets(samples, one, h) or ()}))
    curves = []
    for method in methods:
        measured = along(problem, index, method, samples, steps, order)
        curves.append(_judged(method, measured, exact, order))
    return Sweep(
        problem.name,
        problem.parameters[index],
        samples.x,
        order,
        tuple(steps),
        exact,
        tuple(curves),
        claim=_claim(problem, index) if order == 1 else None,
        rtol=rtol,
        evaluations=len(samples.known) + len(steps) * ("complex" in methods),
    )


def steps_between(largest: float, smallest: float) -> tuple[float, ...]:
    """Two steps in a decade, 1 and 3 times a power of ten, from the largest to the smallest one."""
    if not 0 < smallest <= largest < math.inf:
        raise GradcliError(f"no steps from {largest:g} down to {smallest:g}", "for example --steps 1e-1:1e-16")
    first, last = math.floor(math.log10(smallest)) - 1, math.ceil(math.log10(largest)) + 1
    grid = (float(f"{lead}e{power}") for power in range(last, first, -1) for lead in ("3", "1"))
    # a millionth more: 0.1 is meant to include 0.1
    found = tuple(step for step in grid if smallest * (1 - 1e-6) <= step <= largest * (1 + 1e-6))
    if len(found) < 2:
        raise GradcliError(
            f"fewer than two steps from {largest:g} to {smallest:g}", "give a decade at least: 1e-1:1e-3"
        )
    return found


def exact_side(problem: Problem, index: int, order: int = 1) -> Exact:
    """The symbolic slope where the problem knows one or why there is none, else the reference."""
    if problem.slopes is not None:
        slope = problem.slopes(problem.point)[index]
        if slope.value is not None or slope.nature is not None:
            formula = problem.formulas[index] if problem.formulas else None
            return Exact(slope, float_info.epsilon / 2 * abs(slope.value or 0.0), "symbolic", formula)
    estimate, _ = measure(problem, index, "reference", order=order)
    return Exact(estimate.slope, estimate.error or 0.0, "reference", message=estimate.message)


def along(
    problem: Problem, index: int, method: str, samples: Samples, steps: Sequence[float], order: int
) -> list[Difference]:
    """One method at every step, not yet held against anything."""
    if method == "complex":
        return [_complex(problem, index, h) for h in steps]
    return [_real(samples, STENCILS[method](order), h) for h in steps]


def _real(samples: Samples, stencil: Stencil, h: float) -> Difference:
    offsets = _offsets(samples, stencil, h)
    if offsets is None:
        return Difference(h)
    numeric, roundoff = combine(offsets, samples.at(offsets), stencil.order)
    weight = sum(map(abs, weights(offsets, stencil.order)))
    return Difference(h, min(abs(offset) for offset in offsets if offset), numeric, None, roundoff, weight)


def _offsets(samples: Samples, stencil: Stencil, h: float) -> list[float] | None:
    """The offsets really taken, None where one of them vanishes beside x."""
    try:
        taken = samples.taken(stencil, h)
    except GradcliError:
        return None
    lost = any(asked and not offset for asked, offset in zip(stencil.offsets, taken, strict=True))
    return None if lost else taken


def _complex(problem: Problem, index: int, h: float) -> Difference:
    """Im f(x + ih) / h, which subtracts nothing and so has no roundoff but that of f itself."""
    moving: list[complex] = [complex(value) for value in problem.point]
    moving[index] += complex(0.0, h)
    try:
        value = complex(_extended(problem)(moving)).imag / h
    except (ArithmeticError, ValueError, TypeError):
        return Difference(h, h)
    return Difference(h, h, value if math.isfinite(value) else None, None, 4 * float_info.epsilon * abs(value))


def _extended(problem: Problem) -> Callable[[Sequence[complex]], complex]:
    if problem.extended is None:
        raise GradcliError(
            f"{problem.name} does not accept complex numbers", "leave out --method complex, or use --method five-point"
        )
    return problem.extended


def _judged(method: str, measured: Sequence[Difference], exact: Exact, order: int) -> Curve:
    truth = exact.slope.value
    if truth is not None:
        measured = [one if one.numeric is None else replace(one, error=abs(one.numeric - truth)) for one in measured]
    expected = 2 if method == "complex" else STENCILS[method](order).accuracy
    return Curve(method, tuple(measured), read(measured, expected=expected, order=order, floor=exact.error))


def _claim(problem: Problem, index: int) -> float | None:
    """What the problem's own gradient says, where that is a claim and not the exact side."""
    if problem.gradient is None or problem.slopes is not None:
        return None
    return float(problem.gradient(problem.point)[index])


def _refuse(methods: Sequence[str], steps: Sequence[float], order: int) -> None:
    if "reference" in methods:
        raise GradcliError("the reference chooses its own steps", "sweep forward, backward, central or five-point")
    if "complex" in methods and order != 1:
        raise GradcliError("the complex step gives first derivatives only", "leave out --method complex")
    if not steps:
        raise GradcliError("there are no steps to sweep", "for example --steps 1e-1:1e-16")
