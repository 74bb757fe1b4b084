"""A ladder of steps around a point, from a few units in the last place of x to a quarter of its scale.

`steps` chooses the rungs, `Ladder` holds what f said there, and `settle` follows extrapolated differences up the
ladder while only roundoff separates them (intersecting confidence intervals: O. Lepski, Theory Probab. Appl. 35, 1990).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul

EPS = 2.0**-52
RATIO = 4.0
LOWEST = 64 * EPS
HIGHEST = 0.25
ROUNDING = 2.0
"""Half-width of the rounding of one value of f, in units of EPS * |f|."""


def steps(x: float, scale: float, seed: int = 0) -> list[float]:
    """Growing steps from 64 EPS * scale to scale / 4 with x - h, x, x + h exact in binary.

    Each is stretched by a seeded factor in 1..1.3, so that no period of f fits them all.
    """
    jitter = random.Random(seed)
    rungs: list[float] = []
    height = LOWEST * scale
    while height <= HIGHEST * scale:
        step = representable(x, height * jitter.uniform(1.0, 1.3))
        if step > (rungs[-1] if rungs else 0.0):
            rungs.append(step)
        height *= RATIO
    return rungs


def representable(x: float, step: float) -> float:
    """The step nearest to this one that can be added to x and subtracted from it without rounding."""
    unit = math.ulp(abs(x) + step)
    return max(1.0, round(step / unit)) * unit


@dataclass(frozen=True, slots=True)
class Ladder:
    """f around x: centre = f(x), above[k] = f(x + steps[k]), below[k] = f(x - steps[k]), all finite; steps growing."""

    x: float
    centre: float
    steps: Sequence[float]
    above: Sequence[float]
    below: Sequence[float]

    def __len__(self) -> int:
        return len(self.steps)

    def below_rung(self, rung: int) -> Ladder:
        """The ladder up to this rung."""
        return Ladder(self.x, self.centre, self.steps[:rung], self.above[:rung], self.below[:rung])

    def relative_steps(self) -> list[float]:
        """The steps as fractions of the largest, so that their squares stay finite."""
        return [h / self.steps[-1] for h in self.steps]

    def central(self) -> list[float]:
        """(f(x+h) - f(x-h)) / 2h."""
        return [(a / 2 - b / 2) / h for h, a, b in self._rungs()]

    def right(self) -> list[float]:
        """(f(x+h) - f(x)) / h."""
        return [(a - self.centre) / h for h, a in zip(self.steps, self.above, strict=True)]

    def left(self) -> list[float]:
        """(f(x) - f(x-h)) / h."""
        return [(self.centre - b) / h for h, b in zip(self.steps, self.below, strict=True)]

    def even(self) -> list[float]:
        """(f(x+h) + f(x-h)) / 2 - f(x): h^2 f''/2 where f is smooth, h (right - left)/2 at a kink, else noise."""
        return [(a - self.centre) / 2 + (b - self.centre) / 2 for _, a, b in self._rungs()]

    def sizes(self) -> list[float]:
        """The largest |f| met on each rung."""
        return [max(abs(a), abs(b), abs(self.centre)) for _, a, b in self._rungs()]

    def moves(self) -> list[bool]:
        """On which rungs f differs from f(x) at all."""
        return [a != self.centre or b != self.centre for _, a, b in self._rungs()]

    def _rungs(self) -> Iterator[tuple[float, float, float]]:
        return zip(self.steps, self.above, self.below, strict=True)


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer of a ladder: value +- error, taken at rung `rung`.

    misses: how far the first rungs that disagree are from it; missed: the first of them; allowed: its roundoff.
    """

    value: float
    error: float
    rung: int
    misses: tuple[float, ...]
    missed: int
    allowed: float


CONFIDENCE = 0.6
"""Half-widths add up the largest noise of each value; so much of them covers 99.5 % of random cases."""
LOOK_AHEAD = 3


def settle(
    slopes: Sequence[float], heights: Sequence[float], half_widths: Sequence[float], points: int
) -> Settled | None:
    """Climb while extrapolations through `points` rungs agree within roundoff, and step back by one rung.

    heights: what truncation error is a polynomial of, h^2 for central and h for one-sided slopes, in any unit.
    half_widths: roundoff of each slope. The rung before the last that agreed is answered from: on the last one
    truncation error may already be as large as roundoff (stepping back raised coverage from 0.85 to 0.986).
    None where fewer than two rungs agree: one interval alone proves nothing.
    """
    low, high = -math.inf, math.inf
    agreed: list[tuple[float, float]] = []
    later: list[tuple[float, float]] = []
    for value, width in extrapolated(slopes, heights, half_widths, points):
        low, high = max(low, value - width), min(high, value + width)
        (later if low > high else agreed).append((value, width))
        if len(later) == LOOK_AHEAD:
            break
    if len(agreed) < 2:
        return None
    rung = max(1, len(agreed) - 2)
    value, width = agreed[rung]
    error = max(CONFIDENCE * width, abs(value - agreed[rung - 1][0]) / 2)
    misses = tuple(abs(other - value) for other, _ in later)
    allowed = later[0][1] if later else 0.0
    return Settled(value, error, rung + points - 1, misses, len(agreed) + points - 1, allowed)


def extrapolated(
    slopes: Sequence[float], heights: Sequence[float], half_widths: Sequence[float], points: int
) -> Iterator[tuple[float, float]]:
    """Polynomial extrapolation to height 0 through each `points` neighbours, with the roundoff it carries."""
    for end in range(points, len(slopes) + 1):
        window = slice(end - points, end)
        weights = at_zero(heights[window])
        value = sum(map(mul, weights, slopes[window]))
        yield value, sum(map(mul, map(abs, weights), half_widths[window]))


def at_zero(nodes: Sequence[float]) -> list[float]:
    """Weights of the polynomial through these nodes at 0: w_j = prod_m t_m / (t_m - t_j)."""
    return [math.prod(other / (other - one) for other in nodes if other != one) for one in nodes]
