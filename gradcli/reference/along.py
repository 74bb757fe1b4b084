"""The slope of f along directions that move many parameters at once, read from a few central differences.

`along` makes a problem of one parameter for each direction, which may be surveyed as any other; `read` takes two
differences of each slope, and a few more where those do not tell enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from gradcli.problem import Problem, value_or_nan
from gradcli.reference.glance import FIRST, FURTHER, LARGEST, STRIDE, Differences, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array, Indices, Point

FINE = 1e-8
"""Error of a slope, relative to its size, that is sought; a wrong partial is a small part of a slope along many."""
CAUTION = 8.0
"""How many times what extrapolation corrects the error is."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Parameter indices[k] moves by t * weights[k], the others stay."""

    indices: Array
    weights: Array

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, chosen: slice | Array) -> Direction:
        return Direction(self.indices[chosen], self.weights[chosen])

    def moved(self, point: Array, t: float) -> Array:
        """Point + t * direction."""
        there = point.copy()
        there[self.indices] += t * self.weights
        return there


def along(problem: Problem, directions: Sequence[Direction]) -> Problem:
    """F as a function of how far one goes along each direction, from 0."""
    point = np.asarray(problem.point, dtype=float)

    def function(ways: Point) -> float:
        there = point
        for direction, t in zip(directions, ways, strict=True):
            there = direction.moved(there, t)
        return problem.function(there)

    def shifted(_: Point, indices: Indices, steps: Point) -> list[float]:
        places = (directions[k].moved(point, t) for k, t in zip(indices, steps, strict=True))
        return [value_or_nan(problem.function, place) for place in places]

    names = [f"t[{k}]" for k in range(len(directions))]
    return Problem(problem.name, function, np.zeros(len(directions)), names, shifted=shifted)


@dataclass(frozen=True, slots=True)
class Reading:
    """A slope: value +- error (inf: nothing is known), the smaller step it was read from, values of f it took.

    coarse: the error is mostly roundoff, so that larger steps may help, else smaller ones.
    """

    value: float
    error: float
    step: float
    evaluations: int
    coarse: bool


def read(lines: Problem, index: int, size: float, centre: float, seed: int = 0) -> Reading:
    """The slope at 0 along one direction, from a few steps more where its error is above FINE * size.

    Larger steps against roundoff, else smaller ones, and when that has gone too far one between the last two.
    """
    stretches = np.random.default_rng(seed).uniform(1.0, 1.3, 2 + FURTHER)
    small, large = (difference(lines, index, h * stretch, centre) for h, stretch in zip(FIRST, stretches, strict=False))
    best = last = extrapolated(small, large, 4)
    course = best.coarse
    for count, stretch in enumerate(stretches[2:], 3):
        if best.error <= FINE * size or (course and large.step[0] >= LARGEST):
            break
        turned = last.coarse != course
        if turned:
            small = difference(lines, index, math.sqrt(small.step[0] * large.step[0]), centre)
        elif course:
            small, large = large, difference(lines, index, min(large.step[0] * STRIDE * stretch, LARGEST), centre)
        else:
            small, large = difference(lines, index, small.step[0] / STRIDE * stretch, centre), small
        last = extrapolated(small, large, 2 * count)
        best = replace(min(best, last, key=attrgetter("error")), evaluations=2 * count)
        if turned:
            break
    return best


def difference(lines: Problem, index: int, step: float, centre: float) -> Differences:
    """The central difference of one slope."""
    return measure(lines, np.array([index]), np.array([step]), centre)


def extrapolated(small: Differences, large: Differences, evaluations: int) -> Reading:
    """A slope from two steps (Richardson), with its error.

    Truncation error is taken to shrink with the step at least, as it does where f bends in many places between. Where
    the gap between the one-sided slopes does not shrink, f bends at 0, and any slope between them may be meant.
    """
    with np.errstate(all="ignore"):
        ratio = large.step / small.step
        weight = 1 / (ratio**2 - 1)
        correction = small.slope - large.slope
        roundoff = small.roundoff() + large.roundoff() * weight
        bent = (small.gap > 0.5 * large.gap) & (small.gap > 4 * small.roundoff())
        value = np.where(bent, small.slope, small.slope + correction * weight)
        error = roundoff + np.abs(correction) * np.maximum(CAUTION * weight, 1.5 / ratio) + np.where(bent, small.gap, 0)
        known = np.isfinite(error) & ~small.still
        coarse = small.still | (roundoff > error / 2)
    error = np.where(known, error, np.inf)
    return Reading(float(value[0]), float(error[0]), float(small.step[0]), evaluations, bool(coarse[0]))
