"""How much of f is noise: roundoff, single precision, rounding inside f, randomness.

Roundoff of one value is taken as ROUNDING * EPS * |f|; `noise` measures what exceeds it from values that a ladder
holds anyway, in the manner of a difference table (J. More and S. Wild, Estimating computational noise, SIAM J. Sci.
Comput. 33, 2011, p. 1292).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gradcli.reference.ladder import EPS, Ladder

EVEN_SAFETY = 2.0
COARSE, SINGLE = 2.0**12, 2.0**-23
AHEAD = 4
ENOUGH = 8
"""Rungs that show all there is of noise."""
LONG = 17
"""Rungs up to 2e-4 of the scale: what single precision does to x would have shown below."""


def half_widths(ladder: Ladder, noise: float) -> list[float]:
    """Half-width of the roundoff in one value of f on each rung."""
    return [max(rounding, noise) for rounding in ladder.rounding] if noise else ladder.rounding


def noise(ladder: Ladder) -> float:
    """Half-width of the noise of f that is not roundoff of its last place, 0 where none shows."""
    still = ladder.still if ladder.still < len(ladder) else 0
    even, odd = [abs(value) for value in ladder.even], odd_scatter(ladder)
    lowest = max(0, still - 1)
    bent, torn = signal(even, ladder.rounding, still), signal(odd, ladder.rounding, lowest)
    if bent >= still + AHEAD:
        torn = min(torn, bent)
    if still and ladder.quanta[0]:
        bent, torn = min(bent, still + 1), min(torn, still + 1)
    level = max(EVEN_SAFETY * max(even[still:bent], default=0.0), max(odd[lowest:torn], default=0.0))
    return max(level, grain(ladder))


def odd_scatter(ladder: Ladder) -> list[float]:
    """|D(h) - D(4h)| h, D the central difference: as large as the noise of f where noise is all there is."""
    slopes, steps = ladder.central, ladder.steps
    return [abs(one - two) * h for h, one, two in zip(steps, slopes, slopes[1:], strict=False)]


def signal(sizes: Sequence[float], base: Sequence[float], lowest: int) -> int:
    """The rung from which these sizes are signal: well above all before, and growing.

    Noise stays as large as it is at the smallest steps. The even part of f grows 4 times a rung at a kink and 16 times
    from curvature, the odd part 64 times from truncation. Where f does not move at all below `lowest`, the first
    change may be a quantum.
    """
    before = 0.0
    for k in range(lowest, min(len(sizes), max(LONG, lowest + ENOUGH))):
        before = max(before, base[k])
        ahead = sizes[k : k + AHEAD]
        run = AHEAD if k < lowest + 3 else AHEAD - 1
        if min(ahead) > 4 * before and grows(ahead, run) and (k > lowest or lowest == 0):
            return k
        before = max(before, sizes[k])
    return min(len(sizes), max(LONG, lowest + ENOUGH))


def grows(ahead: Sequence[float], run: int) -> bool:
    """At least twice as large on each of `run` rungs, or as many as there are."""
    return len(ahead) > 1 and all(high >= 2 * low for low, high in pairwise(ahead[:run]))


def grain(ladder: Ladder) -> float:
    """The largest power of two that divides all values of f, where double precision would leave a far smaller one.

    Single precision rounds f to multiples of 2^-24 |f|; that a double has as many trailing zeros by chance, in four
    values or more, does not happen. A few values prove less, and single precision at most.
    """
    values = {*ladder.above, *ladder.below, ladder.centre} - {0.0}
    largest = max(map(abs, values), default=0.0)
    quantum = SINGLE * largest if len(values) < 5 else math.inf
    for value in values:
        quantum = min(quantum, last_place(value))
        if quantum <= COARSE * EPS * largest:
            return 0.0
    return quantum if values else 0.0


def last_place(value: float) -> float:
    """The largest power of two that divides the value."""
    numerator, denominator = value.as_integer_ratio()
    try:
        return (numerator & -numerator) / denominator
    except OverflowError:
        return math.inf
