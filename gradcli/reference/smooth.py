"""The derivative of a function that is smooth at x, from a ladder of central differences, with its error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile

from gradcli.reference.ladder import EPS, LOOK_AHEAD, LOWEST, Ladder, Settled, settle
from gradcli.reference.noise import half_widths

POINTS = (3, 2, 1)
"""How many rungs an extrapolation uses: more take away more truncation error, and carry more noise."""

MOST_CLIMBS = 8
STAIRS = 8.0
"""How many times the noise at the foot of a staircase noise can be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """f'(x) = value +- error, taken with `step`; `noise` is the half-width of the noise it had to assume."""

    value: float
    error: float
    step: float
    noise: float


def read(ladder: Ladder, noise: float) -> Reading | None:
    """Climb; where the climb ends early though the misfit does not grow, f was noisier than assumed: climb again.

    A staircase is not much noisier than its foot shows: beyond that it bends faster than its stairs let see.
    """
    settled = best(ladder, noise)
    most = STAIRS * max(noise, ladder.quanta[0]) if ladder.quanta[0] else math.inf
    for _ in range(MOST_CLIMBS):
        more = underestimated(ladder, settled, noise) if settled else None
        if more is None:
            break
        if more > most:
            return None
        noise = more
        settled = best(ladder, noise)
    if settled is None:
        return foot(ladder, noise)
    error = settled.error + hidden_kink(ladder, settled.rung, noise)
    return Reading(settled.value, error, ladder.steps[settled.rung], noise)


def best(ladder: Ladder, noise: float) -> Settled | None:
    """The narrowest of the answers from one, two and three rungs at a time."""
    slopes, heights = ladder.central, [h * h for h in ladder.relative_steps]
    widths = roundoff(ladder, noise)
    answers = [settle(slopes, heights, widths, points) for points in POINTS]
    return min((answer for answer in answers if answer is not None), key=lambda one: one.error, default=None)


def roundoff(ladder: Ladder, noise: float) -> list[float]:
    """Half-width of a central difference: the noise of f over h, and 4 EPS scale |f''|.

    Where f rounds x on its way, as (1000 x - 1000 a)^2 does, its slope is that of a neighbouring point; and a claim
    that cancels terms as large as the slopes a scale away cannot be better than this either.
    """
    widths = half_widths(ladder, noise)
    scale = ladder.steps[0] / LOWEST
    rungs = zip(widths, ladder.even, ladder.steps, strict=True)
    return [width / h + 8 * EPS * (scale / h) * (max(0.0, abs(even) - 2 * width) / h) for width, even, h in rungs]


def hidden_kink(ladder: Ladder, rung: int, noise: float) -> float:
    """The gap between the one-sided slopes where noise hides the steps at which it would have to shrink like h."""
    last = min(rung + 1, len(ladder) - 1)
    pairs = list(zip(ladder.even, half_widths(ladder, noise), ladder.steps, strict=True))[: last + 1]
    shown = takewhile(lambda pair: abs(pair[0]) > 1.5 * pair[1], reversed(pairs))
    gaps = [2 * abs(even) / h for even, _, h in shown]
    return min(gaps) if len(gaps) > 1 and gaps[0] < 2.0 ** (len(gaps) - 1) * gaps[-1] else 0.0


def foot(ladder: Ladder, noise: float) -> Reading | None:
    """Where no two rungs agree though nothing is noisy (x|x| at 0): the lowest rung, if the slopes converge there."""
    if len(ladder) < 3:
        return None
    low, middle, high = ladder.central[:3]
    if abs(low - middle) > abs(middle - high) / 2:
        return None
    return Reading(low, 2 * abs(low - middle) + roundoff(ladder, noise)[0], ladder.steps[0], noise)


def underestimated(ladder: Ladder, settled: Settled, noise: float) -> float | None:
    """The noise that explains the first miss, where it is noise: truncation error only grows with the step."""
    if len(settled.misses) < LOOK_AHEAD or settled.allowed == 0 or max(settled.misses[1:]) >= settled.misses[0]:
        return None
    return 1.5 * settled.misses[0] / settled.allowed * half_widths(ladder, noise)[settled.missed]
