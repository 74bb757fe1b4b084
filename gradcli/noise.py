"""How much of f is noise: roundoff, single precision, rounding inside f, randomness.

Roundoff of one value is taken as ROUNDING * EPS * |f|; `noise` measures what exceeds it from values that a ladder
holds anyway, in the manner of a difference table (J. More and S. Wild, Estimating computational noise, SIAM J. Sci.
Comput. 33, 2011, p. 1292).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from gradcli.ladder import EPS, ROUNDING, Ladder

EVEN_SAFETY = 2.0
COARSE = 2.0**12
AHEAD = 4
LONG = 15
"""Rungs up to 1e-5 of the scale: what single precision does to x would have shown below."""


def half_widths(ladder: Ladder, noise: float) -> list[float]:
    """Half-width of the roundoff in one value of f on each rung."""
    return [max(ROUNDING * EPS * size, noise) for size in ladder.sizes()]


def noise(ladder: Ladder) -> float:
    """Half-width of the noise of f that is not roundoff of its last place, 0 where none shows."""
    still = next((k for k, moved in enumerate(ladder.moves()) if moved), 0)
    base = half_widths(ladder, 0.0)
    even = [abs(value) for value in ladder.even()]
    odd = odd_scatter(ladder)
    from_even = even[still : signal(even, even, base, still)]
    lowest = max(0, still - 1)
    from_odd = odd[lowest : signal(odd, even, base, lowest)]
    return max(EVEN_SAFETY * max(from_even, default=0.0), max(from_odd, default=0.0), grain(ladder))


def odd_scatter(ladder: Ladder) -> list[float]:
    """h |D(h) - D(4h)|, D the central difference: as large as the noise of f where noise is all there is."""
    slopes, steps = ladder.central(), ladder.steps
    return [abs(one - two) * h for h, one, two in zip(steps, slopes, slopes[1:], strict=False)]


def signal(sizes: Sequence[float], even: Sequence[float], base: Sequence[float], lowest: int) -> int:
    """The rung from which these sizes are signal: well above all before, and growing or explained by a kink.

    Noise stays as large as it is at the smallest steps. The even part of f grows 4 times a rung at a kink and 16 times
    from curvature, the odd part 64 times from truncation; beyond a kink near x the odd part is flat while the even
    part grows. Where f does not move at all below `lowest`, the first change may be a quantum.
    """
    before = 0.0
    for k in range(lowest, len(sizes)):
        before = max(before, base[k])
        ahead = sizes[k : k + AHEAD]
        trend = grows(ahead, AHEAD if k < lowest + 2 else AHEAD - 1) and (k > lowest or lowest == 0)
        kink = k not in (1, 2) and bends(even[k : k + AHEAD + 1]) and 8 * even[k + AHEAD] > sizes[k]
        leap = k - lowest >= LONG and sizes[k] > 1e3 * before
        if leap or (min(ahead) > 4 * before and (trend or kink)):
            return k
        before = max(before, sizes[k])
    return len(sizes)


def grows(ahead: Sequence[float], run: int) -> bool:
    """At least twice as large on each of `run` rungs, or as many as there are."""
    return len(ahead) > 1 and all(high >= 2 * low for low, high in pairwise(ahead[:run]))


def bends(even: Sequence[float]) -> bool:
    """The even part grows as it does at a kink, 4 times a rung, apart from the first rungs that reach the kink."""
    return len(even) == AHEAD + 1 and 6 * even[2] < even[4] < 64 * even[2]


def grain(ladder: Ladder) -> float:
    """The largest power of two that divides all values of f, where double precision would leave a far smaller one.

    Single precision rounds f to multiples of 2^-24 |f|; that a double has as many trailing zeros by chance, in four
    values or more, does not happen.
    """
    values = {*ladder.above, *ladder.below, ladder.centre} - {0.0}
    if len(values) < 5:
        return 0.0
    quantum = min(map(last_place, values))
    largest = max(map(abs, values))
    return quantum if quantum > COARSE * EPS * largest else 0.0


def last_place(value: float) -> float:
    """The largest power of two that divides the value."""
    numerator, denominator = value.as_integer_ratio()
    try:
        return (numerator & -numerator) / denominator
    except OverflowError:
        return math.inf
