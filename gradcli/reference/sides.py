"""What f does at x itself, seen from each side at the smallest steps: regular, kink, jump, vertical, pole, edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gradcli.problem import Nature
from gradcli.reference.ladder import EPS, Ladder, Settled, settle
from gradcli.reference.noise import half_widths

DEPTH = 6
"""Rungs at the foot of the ladder whose trend decides."""


@dataclass(frozen=True, slots=True)
class Bend:
    """The two one-sided slopes at a kink, within `error`, taken with `step`."""

    left: float
    right: float
    error: float
    step: float


def singularity(ladder: Ladder, grain: float) -> Nature | None:
    """A jump, a vertical tangent or a pole at x: |f(x +- h) - f(x)| follows h^p with p = 0, 0 < p < 1, p < 0."""
    found = [nature_of(side, ladder, grain) for side in (ladder.above, ladder.below)]
    for nature in (Nature.POLE, Nature.JUMP, Nature.VERTICAL):
        if nature in found:
            return nature
    return None


def nature_of(side: Sequence[float], ladder: Ladder, grain: float) -> Nature | None:
    """The nature that the trend of one side shows, if it is clear and well above roundoff."""
    changes = [abs(value - ladder.centre) for value in side[:DEPTH]]
    sizes = [max(abs(value), abs(ladder.centre)) for value in side[:DEPTH]]
    if len(changes) < DEPTH or any(c <= max(64 * EPS * s, 8 * grain) for c, s in zip(changes, sizes, strict=True)):
        return None
    powers = [
        math.log(changes[k + 1] / changes[k]) / math.log(ladder.steps[k + 1] / ladder.steps[k])
        for k in range(DEPTH - 1)
    ]
    return trend(powers)


def trend(powers: Sequence[float]) -> Nature | None:
    """The nature of a function that grows like h^p near x; p must be much the same at all steps."""
    low, high = min(powers), max(powers)
    if high - low > 0.06 or low > 0.985:
        return None
    if high < -0.05:
        return Nature.POLE
    return Nature.JUMP if high < 0.05 else Nature.VERTICAL if high < 0.985 else None


def edge(above: Sequence[float], below: Sequence[float]) -> Nature | None:
    """The edge of the domain, where one side has no values at the smallest steps; outside where neither has."""
    nowhere = [all(not math.isfinite(value) for value in side[:DEPTH]) for side in (above, below)]
    if all(nowhere):
        return Nature.OUTSIDE
    return Nature.EDGE if any(nowhere) else None


def bend(ladder: Ladder, noise: float) -> Bend | None:
    """A kink: the gap J(h) between the one-sided slopes stays the same at the smallest steps that resolve it.

    Where f is smooth, J(h) shrinks like h. Four rungs must agree, and below them nothing may show that J vanishes.
    """
    widths = half_widths(ladder, noise)
    even = [abs(value) for value in ladder.even]
    first = next((k for k, (e, w) in enumerate(zip(even, widths, strict=True)) if e > 8 * w), len(even))
    gaps = [2 * e / h for e, h in zip(even[first : first + 4], ladder.steps[first:], strict=False)]
    if len(gaps) < 4 or max(gaps) > 1.5 * min(gaps):
        return None
    hidden = (min(gaps) * h / 2 < 16 * w for h, w in zip(ladder.steps[:first], widths, strict=False))
    return sided(ladder, noise) if all(hidden) else None


def lone(x: float, centre: float, steps: Sequence[float], values: Sequence[float]) -> float | None:
    """The slope on the only side that has values; steps are negative on the left."""
    end = next((k for k, value in enumerate(values) if not math.isfinite(value)), len(values))
    if end < DEPTH:
        return None
    ladder = Ladder(x, centre, [abs(h) for h in steps[:end]], values[:end], values[:end])
    if nature_of(ladder.above, ladder, 0.0) is not None:
        return None
    settled = one_sided(ladder, [(v - centre) / h for h, v in zip(steps, values[:end], strict=False)], 0.0)
    return None if settled is None else settled.value


def sided(ladder: Ladder, noise: float) -> Bend | None:
    """Both one-sided slopes, None where one of them does not converge."""
    left, right = (one_sided(ladder, slopes, noise) for slopes in (ladder.left, ladder.right))
    if left is None or right is None:
        return None
    return Bend(left.value, right.value, max(left.error, right.error), ladder.steps[min(left.rung, right.rung)])


def one_sided(ladder: Ladder, slopes: Sequence[float], noise: float) -> Settled | None:
    """The limit of (f(x +- h) - f(x)) / +-h."""
    roundoff = [2 * width / h for width, h in zip(half_widths(ladder, noise), ladder.steps, strict=True)]
    for points in (2, 1):
        settled = settle(slopes, ladder.relative_steps, roundoff, points)
        if settled is not None:
            return settled
    return None
