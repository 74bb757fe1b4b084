"""The reference: a numeric derivative with an error that holds, from values of f alone.

`derivative` is for one variable, `gradient_reference` for the partials of a problem, whose claims are looked at
cheaply first (`glance`) and measured on a whole ladder of steps (`survey`) where that does not settle them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.problem import Estimate, Nature, Problem, Slope
from gradcli.reference.glance import Glance, confirm, glance
from gradcli.reference.survey import Survey
from gradcli.reference.surveyor import distant, surveys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.problem import Array

MANY = 1000
"""Open claims that are surveyed, each of them."""
BATCH = 2000
"""Partials surveyed at once."""


def derivative(function: Callable[[float], float], x: float, *, seed: int = 0) -> Estimate:
    """f'(x) with the half-width of its error, or why there is none.

    >>> estimate = derivative(math.sin, 1.0)
    >>> abs(estimate.slope.value - math.cos(1.0)) <= estimate.error < 1e-12
    True
    """
    return partial(Problem("f", lambda point: function(point[0]), [float(x)], ("x",)), 0, seed=seed)


def partial(problem: Problem, index: int, *, seed: int = 0) -> Estimate:
    """The slope of a problem along one parameter."""
    [(found, evaluations)] = surveys(problem, [index], centre_of(problem), seed)
    return estimate(found, evaluations + 1)


def centre_of(problem: Problem) -> float:
    """The value of f at the point itself, taken as its neighbours are taken; NaN where it has none."""
    return float(np.asarray(problem.losses([0], [0.0]), dtype=float)[0])


def estimate(found: Survey, evaluations: int) -> Estimate:
    """A survey as the estimate that the rest of the house knows."""
    error = found.error if math.isfinite(found.error) else None
    return Estimate(found.slope, "reference", found.step, error, evaluations, remark(found))


REMARKS = {
    Nature.KINK: "f has a kink here: its slope on the left differs from that on the right",
    Nature.JUMP: "f jumps here",
    Nature.VERTICAL: "the tangent is vertical here",
    Nature.POLE: "f has a pole here",
    Nature.EDGE: "f has values on one side only: the edge of its domain",
    Nature.OUTSIDE: "f has no value here: outside its domain",
}


def remark(found: Survey) -> str | None:
    """Why there is no derivative, or how little is known of it, as a sentence without its full stop."""
    if found.slope.nature is not None:
        return REMARKS[found.slope.nature]
    if found.slope.value is None:
        return "f is too noisy here for a derivative by differences"
    return "f does not react to this variable" if found.silent else None


@dataclass(frozen=True, slots=True)
class Reference:
    """The numeric side of L partials: what a glance settled, and a survey of each one it left open, by position."""

    seen: Glance
    surveys: dict[int, Survey]

    @property
    def doubted(self) -> list[int]:
        """Positions of the partials that were surveyed or are plainly wrong."""
        return sorted({*self.surveys, *np.flatnonzero(self.seen.wrong).tolist()})

    def at(self, position: int) -> Survey:
        """What is known of one partial, by whichever way."""
        if position in self.surveys:
            return self.surveys[position]
        seen = self.seen
        return Survey(Slope(float(seen.value[position])), float(seen.error[position]), float(seen.step[position]))


def gradient_reference(
    problem: Problem,
    centre: float,
    indices: Sequence[int],
    claimed: Array | None = None,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    many: int = MANY,
) -> Reference:
    """Measure these partials at problem.point, where f is `centre`: claims at a glance first, then the rest.

    many: open claims from which on those that are far off are confirmed to be wrong without a survey each.
    """
    looked = np.asarray(indices, dtype=int)
    if claimed is None or not math.isfinite(centre):
        seen = Glance.blank(len(looked))
    else:
        seen = glance(problem, looked, np.asarray(claimed, dtype=float), centre, rtol, seed)
    if claimed is not None and np.count_nonzero(~seen.settled) > many:
        confirm(problem, looked, seen, np.asarray(claimed, dtype=float), centre, seed)
    found: dict[int, Survey] = {}
    for method, wanted in ((surveys, ~(seen.settled | seen.silent | seen.wrong)), (distant, seen.silent)):
        left = np.flatnonzero(wanted).tolist()
        for start in range(0, len(left), BATCH):
            some = left[start : start + BATCH]
            batch = method(problem, [int(looked[k]) for k in some], centre, seed)
            for k, (result, evaluations) in zip(some, batch, strict=True):
                found[k] = result
                seen.evaluations[k] += evaluations
    return Reference(seen, found)
