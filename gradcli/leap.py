"""After a long calm stretch of the ladder f departs at once from what it did below: a hinge, a staircase, or growth?

A hinge (relu at some distance) says nothing about x. A staircase does: f rounds its argument, or part of itself, and
what it hides is unknown. `find` sees that there is a leap, `kind` tells from values in between what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

from gradcli.noise import half_widths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ladder import Ladder

SUDDEN = 1e3
"""A departure so many times the one before is no smooth growth: cubic terms grow 64 times a rung."""
CALM = 4
"""Rungs that must be calm before a leap is one."""
ISOLATED = 8.0
IN_LINE = 6
"""Values in line that make a hinge."""


class Kind(Enum):
    """What a leap turned out to be."""

    HINGE = "hinge"
    STAIRCASE = "staircase"
    GROWTH = "growth"


@dataclass(frozen=True, slots=True)
class Leap:
    """Between the signed steps start and end f leaves centre + slope * h + curve * h^2 by `size`."""

    start: float
    end: float
    centre: float
    slope: float
    curve: float
    size: float

    def departure(self, step: float, value: float) -> float:
        """How far f is from what it did below."""
        return (value - self.centre) - step * (self.slope + self.curve * step)


def find(ladder: Ladder) -> tuple[int, Leap] | None:
    """The first rung that f reaches by a leap; noise is no leap, for it shows below."""
    slopes, even, widths = ladder.central(), ladder.even(), half_widths(ladder, 0.0)
    before = 0.0
    for k in range(1, len(ladder)):
        slope, curve = slopes[k - 1], even[k - 1] / ladder.steps[k - 1] / ladder.steps[k - 1]
        start, end, size = ladder.steps[k - 1], ladder.steps[k], 0.0
        for sign, value in ((1.0, ladder.above[k]), (-1.0, ladder.below[k])):
            leap = Leap(sign * start, sign * end, ladder.centre, slope, curve, size)
            departure = abs(leap.departure(leap.end, value))
            if departure > size:
                size, found = departure, leap
        if k >= CALM and size > SUDDEN * max(before, widths[k]):
            return k, replace(found, size=size)
        before = max(before, size)
    return None


def kind(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> Kind:
    """What f at growing steps from start to end shows."""
    away = [leap.departure(step, value) for step, value in zip(steps, values, strict=True)]
    moves = [abs(later - earlier) for earlier, later in pairwise(away)]
    for k, move in enumerate(moves):
        around = max(moves[max(0, k - 1) : k] + moves[k + 1 : k + 2], default=0.0)
        if move > 0.2 * leap.size and move > ISOLATED * around:
            return Kind.STAIRCASE
    slopes = [move / abs(t - h) for move, (h, t) in zip(moves, pairwise(steps), strict=True)][-IN_LINE:]
    return Kind.HINGE if max(slopes) < 1.5 * min(slopes) else Kind.GROWTH
