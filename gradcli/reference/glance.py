"""A first look at many partials at once: two central differences each, a few more where they do not suffice.

What a claimed gradient agrees with at two unrelated steps, within their own error, need not be measured further.
Everything else is left open for a survey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.reference.ladder import EPS, LOWEST, ROUNDING

if TYPE_CHECKING:
    from gradcli.problem import Array, Problem

FIRST = (3e-5, 2e-4)
"""The two steps of the first look, in units of max(1, |x|)."""
STRIDE = 30.0
"""How much larger or smaller each further step is."""
FURTHER = 3
LARGEST = 0.25
AT_TOP = 2
FAR_OFF = 100.0
"""How many times its error, and a millionth of itself, a slope must be off a claim that needs no survey to be wrong."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One entry per partial looked at: value +- error with `step`, and how many values of f that took.

    settled: the claim agrees; silent: f did not change at any step, and the claim is zero; wrong: the claim disagrees
    by far more than any error (see `confirm`). None of them: still open.
    """

    value: Array
    error: Array
    step: Array
    evaluations: Array
    settled: Array
    silent: Array
    wrong: Array

    @classmethod
    def blank(cls, count: int) -> Glance:
        """Nothing seen yet."""
        value, error, step = np.full((3, count), np.nan)
        return cls(value, error, step, np.zeros(count, int), *np.zeros((3, count), bool))


@dataclass(frozen=True, slots=True)
class Differences:
    """Central differences of n partials: step and slope, gap between the one-sided slopes, largest |f|, no change."""

    step: Array
    slope: Array
    gap: Array
    size: Array
    still: Array

    def __getitem__(self, chosen: Array) -> Differences:
        return Differences(*(getattr(self, name)[chosen] for name in NAMES))

    def roundoff(self) -> Array:
        """Half-width of the roundoff in each slope."""
        rounded: Array = 2 * ROUNDING * EPS * self.size / self.step
        return rounded


NAMES = ("step", "slope", "gap", "size", "still")


def glance(problem: Problem, indices: Array, claimed: Array, centre: float, rtol: float, seed: int = 0) -> Glance:
    """Compare claims with two central differences, and walk to other steps where those two cannot tell."""
    x = np.asarray(problem.point, dtype=float)[indices]
    jitter = np.random.default_rng(seed).uniform(1.0, 1.3, 2 + FURTHER)
    found = Glance.blank(len(indices))
    scale = np.maximum(1.0, np.abs(x))
    small, large = (
        measure(problem, indices, representable(x, first * stretch * scale), centre)
        for first, stretch in zip(FIRST, jitter[:2], strict=True)
    )
    found.evaluations[:] = 4
    active, course = np.arange(len(indices)), np.zeros(len(indices), int)
    for stretch in (*jitter[2:], None):
        ahead = judge(found, active, small, large, claimed[active], scale[active], rtol)
        stuck = (ahead == AT_TOP) | ((ahead != 0) & (ahead == -course))
        if stuck.any():
            between(problem, indices, found, active[stuck], small[stuck], large[stuck], claimed, centre, rtol)
        going = (np.abs(ahead) == 1) & (course != -ahead)
        if stretch is None or not going.any():
            return found
        small, large, active, course = small[going], large[going], active[going], ahead[going]
        aim = np.where(course > 0, large.step * STRIDE, small.step / STRIDE) * stretch
        steps = representable(x[active], np.minimum(aim, LARGEST * scale[active]))
        fresh = measure(problem, indices[active], steps, centre)
        found.evaluations[active] += 2
        small, large = either(course > 0, large, fresh), either(course > 0, fresh, small)
    return found


def representable(x: Array, step: Array) -> Array:
    """Steps near these that are really taken: (x + h) - x = h, to the last digits of h at least."""
    taken: Array = (np.abs(x) + step) - np.abs(x)
    return taken


def measure(problem: Problem, indices: Array, steps: Array, centre: float) -> Differences:
    """Move each parameter both ways."""
    signed = np.column_stack((steps, -steps)).ravel()
    values = np.asarray(problem.losses(np.repeat(indices, 2), signed), dtype=float).reshape(-1, 2)
    above, below = values[:, 0], values[:, 1]
    with np.errstate(all="ignore"):
        slope = (above / 2 - below / 2) / steps
        gap = np.abs((above - centre) + (below - centre)) / steps
    size = np.maximum(np.maximum(np.abs(above), np.abs(below)), abs(centre))
    still = (above == below) & (np.abs(above - centre) <= 4 * EPS * abs(centre))
    return Differences(steps, slope, gap, size, still)


def either(first: Array, one: Differences, other: Differences) -> Differences:
    """The one where `first` holds, else the other."""
    return Differences(*(np.where(first, getattr(one, name), getattr(other, name)) for name in NAMES))


def judge(
    found: Glance, active: Array, small: Differences, large: Differences, claimed: Array, scale: Array, rtol: float
) -> Array:
    """Settle what can be settled; 1 where larger steps would help, -1 where smaller ones, AT_TOP where both would.

    The slopes at both steps are extrapolated to 0 (Richardson); their error is 8 times the truncation error this
    removes from the smaller, plus roundoff. The gap between one-sided slopes must shrink with the step, or f bends.
    """
    with np.errstate(all="ignore"):
        weight = 1 / ((large.step / small.step) ** 2 - 1)
        correction = (small.slope - large.slope) * weight
        value = small.slope + correction
        error = 8 * np.abs(correction) + small.roundoff() + large.roundoff() * weight
        allowed = rtol * np.maximum(np.abs(value), np.abs(claimed))
        bent = bends(small, large, allowed)
        exact, coarse = error <= allowed, small.roundoff() > allowed / 2
        at_top = large.step > 0.5 * LARGEST * scale
    settled = settle(found, active, value, error, small.step, claimed, rtol, ~(bent | small.still | large.still))
    mute = small.still & large.still & (claimed == 0) & at_top & ~settled
    found.silent[active[mute]] = True
    up, down, top = coarse & ~bent & ~at_top, ~coarse & (~exact | bent), at_top & ~exact & ~bent
    ahead: Array = np.where(settled | mute, 0, np.where(top, AT_TOP, np.where(up, 1, np.where(down, -1, 0))))
    return ahead


def between(
    problem: Problem,
    indices: Array,
    found: Glance,
    active: Array,
    small: Differences,
    large: Differences,
    claimed: Array,
    centre: float,
    rtol: float,
) -> None:
    """Settle what a third step between two makes exact enough: the partials that are small beside f.

    The error is what the third slope corrects, some 10 times what is left of it on nets and random functions.
    """
    x = np.asarray(problem.point, dtype=float)[indices[active]]
    middle = measure(problem, indices[active], representable(x, np.sqrt(small.step * large.step)), centre)
    found.evaluations[active] += 2
    with np.errstate(all="ignore"):
        low, mid, high = small.step**2, middle.step**2, large.step**2
        near = small.slope + (small.slope - middle.slope) * low / (mid - low)
        far = middle.slope + (middle.slope - large.slope) * mid / (high - mid)
        correction = (near - far) * low / (high - low)
        error = np.abs(correction) + 1.5 * small.roundoff()
        allowed = rtol * np.maximum(np.abs(near), np.abs(claimed[active]))
        smooth = ~(bends(small, middle, allowed) | small.still | middle.still)
    settle(found, active, near + correction, error, small.step, claimed[active], rtol, smooth)


def bends(small: Differences, large: Differences, allowed: Array) -> Array:
    """Where the gap between the one-sided slopes does not shrink with the step."""
    kept: Array = small.gap > np.maximum(0.5 * large.gap, np.maximum(allowed, 4 * small.roundoff()))
    return kept


def settle(
    found: Glance, active: Array, value: Array, error: Array, step: Array, claimed: Array, rtol: float, smooth: Array
) -> Array:
    """Settle where the claim agrees with an exact value; the interval noted contains it then. Note the best values."""
    with np.errstate(all="ignore"):
        miss = np.abs(value - claimed)
        allowed = rtol * np.maximum(np.abs(value), np.abs(claimed))
        known = smooth & np.isfinite(claimed) & np.isfinite(error)
        settled: Array = known & (error <= allowed) & (miss <= allowed)
        best = settled | (known & ~(error >= found.error[active]))
    where = active[best]
    found.value[where], found.step[where], found.settled[where] = value[best], step[best], settled[best]
    found.error[where] = np.where(settled, np.maximum(error, miss), error)[best]
    return settled


def confirm(problem: Problem, indices: Array, found: Glance, claimed: Array, centre: float, seed: int = 0) -> None:
    """Mark open claims as wrong that are far off a slope which holds down to the smallest steps that would show them.

    At such a step roundoff is a sixteenth of the disagreement: were the claim right and f bent somewhere below the
    steps taken so far, the slope would be the claim's there. Two steps must agree, and f must be straight between them.
    """
    with np.errstate(all="ignore"):
        miss = np.abs(found.value - claimed)
        far = ~(found.settled | found.silent) & (miss > FAR_OFF * np.maximum(found.error, np.abs(found.value) * 1e-6))
    active = np.flatnonzero(far)
    x = np.asarray(problem.point, dtype=float)[indices[active]]
    size = np.maximum(abs(centre), np.abs(found.value[active]) * found.step[active])
    low = np.maximum(32 * ROUNDING * EPS * size / miss[active], LOWEST * np.maximum(1.0, np.abs(x)))
    agree = low < found.step[active]
    for stretch in np.random.default_rng(seed).uniform((1.0, 6.0), (1.5, 9.0)):
        seen = measure(problem, indices[active], representable(x, low * stretch), centre)
        found.evaluations[active] += 2
        near = np.abs(seen.slope - found.value[active]) <= np.minimum(2 * seen.roundoff(), miss[active] / 4)
        agree &= near & (seen.gap <= 4 * seen.roundoff() + miss[active] / 4)
    found.wrong[active[agree]] = True
