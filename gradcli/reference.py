"""The reference: a numeric derivative with an error that holds, from values of f alone.

`derivative` is for one variable, `gradient_reference` for the partials of a problem, whose claims are looked at
cheaply first (`glance`) and measured on a whole ladder of steps (`survey`) where that does not settle them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli import leap as leaps
from gradcli.glance import Glance, glance
from gradcli.ladder import steps as rungs
from gradcli.problem import Estimate, Nature, Problem, Slope
from gradcli.survey import Survey, beyond, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.problem import Array

BATCH = 2000
"""Partials surveyed at once."""
BETWEEN = 16
"""Values of f between two rungs, where it leaps, and a little beyond."""
BEYOND = 1.5


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
    """f at the point itself, taken as its neighbours are taken; NaN where it has no value."""
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


def surveys(problem: Problem, indices: Sequence[int], centre: float, seed: int = 0) -> list[tuple[Survey, int]]:
    """Survey each partial at the scale max(1, |x|), and at |x| where that is small and the first finds too little."""
    places = [float(problem.point[index]) for index in indices]
    found = climb(problem, indices, centre, [max(1.0, abs(x)) for x in places], seed)
    again = [k for k, x in enumerate(places) if 0 < abs(x) < 1 and unsure(found[k][0])]
    closer = climb(problem, [indices[k] for k in again], centre, [abs(places[k]) for k in again], seed)
    for k, (near, evaluations) in zip(again, closer, strict=True):
        found[k] = better(found[k][0], near), found[k][1] + evaluations
    return found


def across(problem: Problem, indices: Sequence[int], found: list[tuple[Survey, int]]) -> list[tuple[Survey, int]]:
    """Look closer at those partials for which f leaps somewhere."""
    leaping = [(k, one.leap) for k, (one, _) in enumerate(found) if one.leap is not None]
    if not leaping:
        return found
    moved = [indices[k] for k, _ in leaping]
    paths = [np.geomspace(leap.start, BEYOND * leap.end, BETWEEN).tolist() for _, leap in leaping]
    values = along(problem, moved, paths)
    gaps = [leaps.widest(leap, path, row) for (_, leap), path, row in zip(leaping, paths, values, strict=True)]
    closer = [np.linspace(start, end, BETWEEN).tolist() for start, end, _ in gaps]
    details = along(problem, moved, closer)
    for n, (k, leap) in enumerate(leaping):
        one, evaluations = found[k]
        stepped = leaps.jumps(leap, closer[n], details[n], gaps[n][2])
        found[k] = beyond(one, paths[n], values[n], stepped=stepped), evaluations + 2 * BETWEEN
    return found


def along(problem: Problem, indices: Sequence[int], paths: Sequence[Sequence[float]]) -> list[list[float]]:
    """f at many steps of each of these parameters."""
    moved = [index for index, path in zip(indices, paths, strict=True) for _ in path]
    values = np.asarray(problem.losses(moved, [step for path in paths for step in path]), dtype=float)
    rows: list[list[float]] = values.reshape(len(paths), -1).tolist()
    return rows


def climb(
    problem: Problem, indices: Sequence[int], centre: float, scales: Sequence[float], seed: int
) -> list[tuple[Survey, int]]:
    """One ladder for each partial, all their values taken together."""
    places = [float(problem.point[index]) for index in indices]
    ladders = [rungs(x, scale, seed) for x, scale in zip(places, scales, strict=True)]
    moved = [index for index, steps in zip(indices, ladders, strict=True) for _ in range(2 * len(steps))]
    signed = [step for steps in ladders for step in (*steps, *(-h for h in steps))]
    values = iter(np.asarray(problem.losses(moved, signed), dtype=float).tolist() if moved else ())
    sides = [([next(values) for _ in steps], [next(values) for _ in steps]) for steps in ladders]
    found = [
        (survey(x, centre, steps, above, below), 2 * len(steps))
        for x, steps, (above, below) in zip(places, ladders, sides, strict=True)
    ]
    return across(problem, indices, found)


def unsure(found: Survey) -> bool:
    """Whether smaller steps may help: fewer than seven digits are known, and not because f is a staircase."""
    value = found.slope.value
    return not found.stepped and (value is None or found.error > 1e-7 * abs(value))


def better(far: Survey, near: Survey) -> Survey:
    """Of two surveys at different scales, the one nearer to x where it found a number of some worth, else the other."""
    if near.slope.value is None or (far.slope.value is not None and far.error <= near.error):
        return far
    if far.slope.value is None and near.error > 0.5 * abs(near.slope.value):
        return far
    return near


@dataclass(frozen=True, slots=True)
class Reference:
    """The numeric side of L partials: what a glance settled, and a survey of each one it left open, by position."""

    seen: Glance
    surveys: dict[int, Survey]

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
) -> Reference:
    """Measure these partials at problem.point, where f is `centre`: claims at a glance first, then the rest."""
    looked = np.asarray(indices, dtype=int)
    if claimed is None or not math.isfinite(centre):
        seen = Glance.blank(len(looked))
    else:
        seen = glance(problem, looked, np.asarray(claimed, dtype=float), centre, rtol, seed)
    left = np.flatnonzero(~(seen.settled | seen.silent)).tolist()
    found: dict[int, Survey] = {}
    for start in range(0, len(left), BATCH):
        some = left[start : start + BATCH]
        batch = surveys(problem, [int(looked[k]) for k in some], centre, seed)
        for k, (result, evaluations) in zip(some, batch, strict=True):
            found[k] = result
            seen.evaluations[k] += evaluations
    return Reference(seen, found)
