"""After a long calm stretch of the ladder f departs at once from what it did below: a hinge, a staircase, or growth?

A hinge (relu at some distance) says nothing about x. A staircase does: f rounds its argument, or part of itself, and
what it hides is unknown. `find` sees that there is a leap; `jumps` and `straight` tell from values in between what
it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.reference.ladder import Ladder

SUDDEN = 1e3
"""A departure so many times the one before is no smooth growth: cubic terms grow 64 times a rung."""
RESTLESS = 1e6
"""Departures so many times roundoff are the growth of a function whose slope is known by then."""
CALM = 4
"""Rungs that must be calm before a leap is one."""
ABRUPT = 0.4
"""The share of a move that a continuous function does not make in one of many small steps."""
IN_LINE = 4
"""Moves in line that make a hinge."""


@dataclass(frozen=True, slots=True)
class Leap:
    """Between the signed steps start and end f leaves centre + slope h + corner |h| + curve h^2 by `size`."""

    start: float
    end: float
    centre: float
    slope: float = 0.0
    corner: float = 0.0
    curve: float = 0.0
    size: float = 0.0

    def departure(self, step: float, value: float) -> float:
        """How far f is from what it did below."""
        bend = self.corner + self.curve * abs(step)
        return (value - self.centre) - (step * self.slope + abs(step) * bend)


def find(ladder: Ladder) -> tuple[int, Leap] | None:
    """The first rung that f reaches by a leap out of calm; noise is no leap, for it shows below.

    The odd part of f grows like h and the even part like h or h^2 (a kink at x, curvature) as long as all is calm.
    """
    even, steps = ladder.even, ladder.steps
    before = 0.0
    for k in range(1, len(ladder)):
        grown = steps[k] / steps[k - 1]
        bent = even[k] - grown * even[k - 1], even[k] - grown * grown * even[k - 1]
        size = max(abs(ladder.central[k] - ladder.central[k - 1]) * steps[k], min(map(abs, bent)))
        if k >= CALM and size > SUDDEN * max(before, ladder.rounding[k]):
            return k, leap_at(ladder, k)
        before = max(before, size)
        if before > RESTLESS * ladder.rounding[k]:
            return None
    return None


def leap_at(ladder: Ladder, rung: int) -> Leap:
    """What f did up to the rung below this one, and on which side it leaps."""
    even, (low, high) = ladder.even[rung - 2 : rung], ladder.steps[rung - 2 : rung]
    kinked = abs(even[1] - high / low * even[0]) < abs(even[1] - (high / low) ** 2 * even[0])
    corner, curve = (even[1] / high, 0.0) if kinked else (0.0, even[1] / high / high)
    ends = ladder.steps[rung], ladder.above[rung], ladder.below[rung]
    sides = [
        Leap(sign * high, sign * ends[0], ladder.centre, ladder.central[rung - 1], corner, curve) for sign in (1, -1)
    ]
    sizes = [abs(side.departure(side.end, value)) for side, value in zip(sides, ends[1:], strict=True)]
    return max((replace(side, size=size) for side, size in zip(sides, sizes, strict=True)), key=lambda side: side.size)


def widest(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The neighbouring steps between which f departs most."""
    moves = departures(leap, steps, values)
    most = max(range(len(moves)), key=moves.__getitem__)
    return steps[most], steps[most + 1]


def beginning(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The first neighbouring steps between which a silent f moves, and as much again beyond."""
    first = next((k for k, value in enumerate(values) if value != leap.centre), len(values) - 1)
    start, end = steps[max(0, first - 1)], steps[first]
    return start, 2 * end - start


def jumps(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> bool:
    """Whether f departs at once, between two of many small steps: then it is a staircase."""
    whole = abs(leap.departure(steps[-1], values[-1]) - leap.departure(steps[0], values[0]))
    return highest(leap, steps, values) > ABRUPT * whole


def straight(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> bool:
    """Whether f departs in a straight line, as past a hinge, and not like something that grew out of its rounding."""
    moves = departures(leap, steps, values)
    slopes = [move / abs(t - h) for move, (h, t) in zip(moves, pairwise(steps), strict=True) if t != h][-IN_LINE:]
    return len(slopes) == IN_LINE and max(slopes) < 1.5 * min(slopes)


def highest(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> float:
    """The highest of the stairs that these steps climb."""
    return max(departures(leap, steps, values))


def departures(leap: Leap, steps: Sequence[float], values: Sequence[float]) -> list[float]:
    """How much farther f departs from step to step, 0 where it has no value."""
    away = [leap.departure(step, value) for step, value in zip(steps, values, strict=True)]
    moves = (abs(later - earlier) for earlier, later in pairwise(away))
    return [move if math.isfinite(move) else 0.0 for move in moves]
