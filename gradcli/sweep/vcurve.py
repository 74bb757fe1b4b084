"""The V of one method: its error against the step, and what can be read from it.

A `Difference` is one point of the V, `read` finds its best step, its observed order and where roundoff takes over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise
from statistics import median

NEGLIGIBLE = 30.0
"""Times that an error must exceed the roundoff in it to speak of truncation alone: 3 % of it change no slope much."""

FITTED = 5
"""Differences whose slope is the observed order: two decades of steps, the smallest where roundoff is negligible."""

NEAR = 0.2
"""How far an observed order may be from a whole one and still be called that."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A derivative by one method with one step.

    step: as asked for. taken: (x+h) - x, None where that vanishes. numeric: None where the function has no value.
    error: |numeric - exact|. roundoff: eps * sum |w f|. weight: sum |w|, by which noise of f is multiplied.
    """

    step: float
    taken: float | None = None
    numeric: float | None = None
    error: float | None = None
    roundoff: float = 0.0
    weight: float = 0.0


class Shape(StrEnum):
    """What the left and the right arm of the V look like."""

    EXPECTED = "expected"
    FASTER = "faster"
    SLOWER = "slower"
    FLAT = "flat"
    GROWING = "growing"
    UNSTEADY = "unsteady"
    EXACT = "exact"
    HIDDEN = "hidden"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a V says.

    observed_order: the slope of log error over log h on the truncation side; fitted: the steps between which it holds.
    roundoff_below: the step at which roundoff equals truncation error. floor: smaller errors cannot be told from 0.
    cliff: two steps between which the error falls all at once.
    """

    shape: Shape
    expected_order: int
    best_step: float | None = None
    smallest_error: float | None = None
    observed_order: float | None = None
    fitted: tuple[float, float] | None = None
    roundoff_below: float | None = None
    floor: float = 0.0
    cliff: tuple[float, float] | None = None


def read(curve: Sequence[Difference], *, expected: int, order: int = 1, floor: float = 0.0) -> Reading:
    """Read the V of a method of order of accuracy `expected` for a derivative of `order`; steps fall along the curve.

    floor: half-width of what the errors were taken against.
    """
    told = [one for one in curve if one.error is not None and one.taken is not None]
    if not told:
        return Reading(Shape.NOTHING, expected, floor=floor)
    best = _best(told)
    noise = _noise(told, best)
    doubt = [max(one.roundoff, noise * one.weight) + floor for one in told]
    run = _truncation(told, doubt)
    slope = _slope(run[-FITTED:])
    shape = _shape(run, slope, expected, told, floor)
    if shape == Shape.EXACT:
        best = told[0]
    known = slope if shape not in {Shape.UNSTEADY, Shape.EXACT, Shape.HIDDEN} else None
    return Reading(
        shape,
        expected,
        best.step,
        best.error,
        known,
        (run[-1].step, run[-FITTED:][0].step) if known is not None else None,
        _crossing(run[-FITTED:], known, noise, order) if known and known > NEAR else None,
        floor,
        _cliff(told, doubt, run),
    )


def _best(told: Sequence[Difference]) -> Difference:
    """The step with the smallest error that is not mere luck: a neighbour must be good too, and roundoff allow it."""

    def badness(here: int) -> float:
        around = sorted(map(_size, told[max(0, here - 1) : here + 2]))
        return max(around[len(around) // 2], told[here].roundoff / 4)

    scores = [badness(here) for here in range(len(told))]
    good = [one for one, score in zip(told, scores, strict=True) if score <= 2 * min(scores)]
    return min(good, key=lambda one: (_size(one), -one.step))


def _noise(told: Sequence[Difference], best: Difference) -> float:
    """The noise of f that errors below the best step imply, error / sum |w|; 0 where they do not grow as h falls.

    The largest median of five neighbours: at the very smallest steps f may not move at all, and look less noisy.
    """
    below = [one for one in told if one.step < best.step and one.weight]
    windows = [below[k : k + FITTED] for k in range(max(1, len(below) - FITTED + 1))] if len(below) > 1 else []
    return max((_implied(window) for window in windows if _grows(window, best)), default=0.0)


def _implied(window: Sequence[Difference]) -> float:
    return median(_size(one) / one.weight for one in window)


def _grows(window: Sequence[Difference], best: Difference) -> bool:
    """Are these errors above the best one, and do they go as sum |w| rather than stay where they are?"""
    noise = [_size(one) / one.weight for one in window]
    return median(map(_size, window)) > 3 * _size(best) and max(noise[-2:]) > max(noise[:2]) / 10


def _truncation(told: Sequence[Difference], doubt: Sequence[float]) -> list[Difference]:
    """From the largest step down, the differences whose roundoff is negligible; a lone zero crossing is passed over."""
    clear = [_size(one) > NEGLIGIBLE * unsure for one, unsure in zip(told, doubt, strict=True)]
    end = len(clear)
    for here, (now, after) in enumerate(pairwise([*clear, False])):
        if not now and not after:
            end = here
            break
    return [one for one, yes in zip(told[:end], clear, strict=False) if yes]


def _size(one: Difference) -> float:
    return one.error or 0.0


def _slopes(run: Sequence[Difference]) -> Iterator[float]:
    for one, other in combinations(run, 2):
        if one.taken and other.taken and one.error and other.error:
            yield math.log(one.error / other.error) / math.log(one.taken / other.taken)


def _slope(run: Sequence[Difference]) -> float | None:
    """The median of the slopes between any two (Theil 1950, Sen 1968): one outlier does not move it."""
    slopes = list(_slopes(run))
    return median(slopes) if slopes else None


def _shape(
    run: Sequence[Difference], slope: float | None, expected: int, told: Sequence[Difference], floor: float
) -> Shape:
    if slope is None or (len(run) < 3 and abs(slope - expected) > NEAR):
        return Shape.UNSTEADY if run else _without_truncation(told, floor)
    steps = [next(_slopes(pair)) for pair in pairwise(run[-FITTED:])]
    if max(steps) - min(steps) > 1.5 and median(abs(step - slope) for step in steps) > 0.5:
        return Shape.UNSTEADY
    if abs(slope - expected) <= NEAR:
        return Shape.EXPECTED
    if slope > expected:
        return Shape.FASTER
    if slope > NEAR:
        return Shape.SLOWER
    return Shape.FLAT if slope >= -NEAR else Shape.GROWING


def _without_truncation(told: Sequence[Difference], floor: float) -> Shape:
    """Exact for this function where even the largest steps show no error; else it is hidden."""
    exact = all(_size(one) <= 4 * one.roundoff + 2 * floor for one in told[:3])
    return Shape.EXACT if exact else Shape.HIDDEN


def _crossing(run: Sequence[Difference], slope: float, noise: float, order: int) -> float | None:
    """The h at which c h^p = noise * sum |w|, where sum |w| goes as 1 / h^order."""
    if not noise:
        return None
    scale = median(_size(one) / one.step**slope for one in run)
    weight = median(one.weight * one.step**order for one in run)
    return float((noise * weight / scale) ** (1 / (slope + order)))


def _cliff(told: Sequence[Difference], doubt: Sequence[float], run: Sequence[Difference]) -> tuple[float, float] | None:
    """Two neighbouring steps between which the error falls a thousandfold, to where roundoff would allow more."""
    for (one, _), (other, unsure) in pairwise(zip(told, doubt, strict=True)):
        if one in run and _size(one) > 1000 * max(_size(other), unsure):
            return other.step, one.step
    return None


def power_of_h(order: float | None) -> str:
    """`h`, `h^2`, `h^0.5`: whole where the order is near a whole number."""
    if order is None:
        return "h"
    whole = round(order)
    if abs(order - whole) <= NEAR:
        return "h" if whole == 1 else f"h^{whole}"
    return f"h^{order:.1f}"
