"""Everything a whole ladder tells about f at x: its derivative with an error, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gradcli.problem import Nature, Slope
from gradcli.reference import leap as leaps
from gradcli.reference import noise, sides, smooth
from gradcli.reference.ladder import EPS, ROUNDING, Ladder
from gradcli.reference.noise import SINGLE

HIDDEN = 2.0**-12
FEWEST = 3
"""Rungs below which nothing can be said."""
COMMON, NOISY = 0.1, 0.01
"""f is nothing but noise, when that is a tenth of all f does on the ladder and a hundredth of its size."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found at x: the slope within `error`, or its nature, or neither where f is too noisy to tell.

    steepest: the largest one-sided slope met while f could be followed without a gap, which makes a zero a zero.
    silent: f did not change at all; independent: nor at steps a million times as large, nor for NaN.
    stepped: f is a staircase. quantum: what f is rounded to, 0 where that is the rounding of a double.
    noise: half-width of the noise of f.
    leap: what must be looked at before this can be relied upon, on which ladder.
    """

    slope: Slope
    error: float = math.inf
    step: float | None = None
    steepest: float = 0.0
    silent: bool = False
    independent: bool = False
    stepped: bool = False
    quantum: float = 0.0
    noise: float = 0.0
    leap: leaps.Leap | None = None
    ladder: Ladder | None = None


def survey(x: float, centre: float, steps: Sequence[float], above: Sequence[float], below: Sequence[float]) -> Survey:
    """Read a ladder: centre = f(x), above[k] = f(x + steps[k]), below[k] = f(x - steps[k]), NaN where there is none."""
    if not math.isfinite(centre):
        return Survey(Slope(None, nature=nowhere(centre, above, below)))
    end = next((k for k, pair in enumerate(zip(above, below, strict=True)) if not all(map(math.isfinite, pair))), None)
    if end is not None and end < FEWEST:
        return at_the_edge(x, centre, steps, above, below)
    return inside(Ladder(x, centre, steps[:end], above[:end], below[:end]))


def nowhere(centre: float, above: Sequence[float], below: Sequence[float]) -> Nature:
    """A pole where f is infinite or grows towards x, else outside the domain."""
    grows = any(all(abs(near) > 1.5 * abs(far) for near, far in pairwise(side[:5])) for side in (above, below))
    return Nature.POLE if math.isinf(centre) or grows else Nature.OUTSIDE


def at_the_edge(
    x: float, centre: float, steps: Sequence[float], above: Sequence[float], below: Sequence[float]
) -> Survey:
    """Where f has values on one side only: the slope on that side, and the nature."""
    nature = sides.edge(above, below)
    right = sides.lone(x, centre, steps, above) if nature is Nature.EDGE else None
    left = sides.lone(x, centre, [-h for h in steps], below) if nature is Nature.EDGE else None
    return Survey(Slope(None, left, right, nature or Nature.OUTSIDE))


def inside(ladder: Ladder) -> Survey:
    """Where f has values on both sides."""
    nature = sides.singularity(ladder, max(noise.grain(ladder), ladder.quanta[0]))
    if nature is not None:
        return Survey(Slope(None, nature=nature), noise=noise.noise(ladder))
    found = leaps.find(ladder)
    if found is None:
        return calm(ladder)
    rung, leap = found
    return replace(calm(ladder.below_rung(rung)), leap=leap, ladder=ladder)


def calm(ladder: Ladder) -> Survey:
    """Where f has no singularity at x and does not leap."""
    if ladder.still == len(ladder):
        return still(ladder.centre, ladder.steps[-1])
    return moving(ladder, noise.noise(ladder))


def moving(ladder: Ladder, level: float) -> Survey:
    """A kink, a slope, or noise."""
    quantum = ladder.quanta[0]
    bend = sides.bend(ladder, level)
    if bend is not None:
        slope = Slope(None, bend.left, bend.right, Nature.KINK)
        return Survey(slope, bend.error, bend.step, quantum=quantum, noise=level)
    reading = smooth.read(ladder, level)
    if reading is None or drowned(ladder, reading.noise):
        return Survey(Slope(None), quantum=quantum, noise=level)
    steep = steepest(ladder, reading)
    return Survey(Slope(reading.value), reading.error, reading.step, steep, quantum=quantum, noise=reading.noise)


def still(centre: float, step: float) -> Survey:
    """Where f stays the same to the last bit: a slope of zero, as far as rounding in single precision can tell.

    The rounding may be that of something near 1 inside f, as in log(sigmoid(40)), which is 0.
    """
    rounding = SINGLE * max(1.0, abs(centre))
    return Survey(Slope(0.0), rounding / step, step, silent=True, noise=rounding)


def motionless(
    centre: float, steps: Sequence[float], above: Sequence[float], below: Sequence[float], *, ignored: bool
) -> Survey:
    """What a silent f does far off: nothing at all, or something that has to be looked at."""
    near = still(centre, steps[0])
    for k in range(1, len(steps)):
        if not (math.isfinite(above[k]) and math.isfinite(below[k])):
            return near
        for sign, value in ((1.0, above[k]), (-1.0, below[k])):
            if value != centre:
                leap = leaps.Leap(sign * steps[k - 1], sign * steps[k], centre, size=abs(value - centre))
                return replace(near, leap=leap)
    return replace(near, independent=ignored)


def beyond(found: Survey, *, stepped: bool, straight: bool) -> Survey:
    """The survey corrected by what f does at many steps across its leap."""
    leap, ladder = found.leap, found.ladder
    if leap is None:
        return found
    if stepped and ladder is None:
        error = max(found.error, leap.size / (found.step or abs(leap.start)))
        return replace(found, error=error, stepped=True, quantum=leap.size, noise=leap.size, leap=None)
    if stepped and ladder is not None:
        return staircase(moving(ladder, max(noise.noise(ladder), leap.size)), leap.size)
    seen = replace(found, leap=None, ladder=None)
    if not (straight and found.silent):
        return seen
    near = min(abs(leap.start), found.step or math.inf)
    error = ROUNDING * EPS * abs(leap.centre) / near
    return replace(seen, error=error, silent=False, steepest=leap.size / abs(leap.end))


def staircase(found: Survey, height: float) -> Survey:
    """Of a slope taken across many stairs no more than three digits are certain: they may hide a kink."""
    hidden = 0.0 if found.slope.value is None else HIDDEN * abs(found.slope.value)
    return replace(found, stepped=True, quantum=found.quantum or height, error=found.error + hidden)


def drowned(ladder: Ladder, level: float) -> bool:
    """Whether f is nothing but noise."""
    if level == 0:
        return False
    values = [*ladder.above, *ladder.below, ladder.centre]
    low, high = min(values), max(values)
    return level > COMMON * (high / 2 - low / 2) and level > NOISY * max(abs(low), abs(high))


def steepest(ladder: Ladder, reading: smooth.Reading) -> float:
    """The largest one-sided slope up to the step answered from, or further while every rung was above the noise."""
    widths = noise.half_widths(ladder, reading.noise)
    largest = 0.0
    followed = True
    for h, right, left, width in zip(ladder.steps, ladder.right, ladder.left, widths, strict=True):
        slope = max(abs(right), abs(left))
        followed = followed and slope * h > 4 * width
        if not followed and h > reading.step:
            break
        largest = max(largest, slope)
    return largest
