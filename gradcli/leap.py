"""After a long calm stretch of the ladder f departs at once from what it did below: a hinge, a staircase, or growth?

A hinge (relu at some distance) says nothing about x. A staircase does: f rounds its argument, or part of itself, and
what it hides is unknown. `find` sees that there is a leap; `jumps` and `straight` tell from values in between what
it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
ABRUPT = 0.4
"""The share of a move that a continuous function does not make in one of many small steps."""
IN_LINE = 4
"""Moves in line that make a hinge."""


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


def widest(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """The neighbouring steps between which f departs most, and how much."""
    away = [leap.departure(step, value) for step, value in zip(steps, values, strict=True)]
    moves = [move if (move := abs(later - earlier)) == move else 0.0 for earlier, later in pairwise(away)]
    most = max(range(len(moves)), key=moves.__getitem__)
    return steps[most], steps[most + 1], moves[most]


def jumps(leap: Leap, steps: Sequence[float], values: Sequence[float], move: float) -> bool:
    """Whether most of a move between two steps is made between two of many steps there: then f is a staircase."""
    return widest(leap, steps, values)[2] > ABRUPT * move


def straight(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> bool:
    """Whether f departs in a straight line, as past a hinge, and not like something that grew out of its rounding."""
    away = [leap.departure(step, value) for step, value in zip(steps, values, strict=True)]
    slopes = [abs((w - v) / (t - h)) for (h, t), (v, w) in zip(pairwise(steps), pairwise(away), strict=True)][-IN_LINE:]
    return max(slopes) < 1.5 * min(slopes)
