"""A ladder of steps around a point, from a few units in the last place of x to a quarter of its scale.

`steps` chooses the rungs, `Ladder` holds what f said there, and `settle` follows extrapolated differences up the
ladder while only roundoff separates them (intersecting confidence intervals: O. Lepski, Theory Probab. Appl. 35, 1990).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul

from gradcli.reference.quantum import quanta

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
    jitter = random.Random(seed)  # noqa: S311 - no secret
    rungs: list[float] = []
    height = LOWEST * scale
    while height <= HIGHEST * scale:
        step = representable(x, height * jitter.uniform(1.0, 1.3))
        if step > (rungs[-1] if rungs else 0.0):
            rungs.append(step)
        height *= RATIO
    return rungs


def representable(x: float, step: float) -> float:
    """A step near this one that is really taken: (x + h) - x = h, to the last digits of h at least."""
    return (abs(x) + step) - abs(x)


@dataclass(frozen=True)
class Ladder:
    """The function around x: centre = f(x), above[k] = f(x + steps[k]), below[k] = f(x - steps[k]), steps growing.

    All values are finite. Lists derived from them are kept, for they are asked for many times.
    """

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

    @cached_property
    def relative_steps(self) -> list[float]:
        """The steps as fractions of the largest, so that their squares stay finite."""
        return [h / self.steps[-1] for h in self.steps]

    @cached_property
    def central(self) -> list[float]:
        """(f(x+h) - f(x-h)) / 2h."""
        return [(a / 2 - b / 2) / h for h, a, b in zip(self.steps, self.above, self.below, strict=True)]

    @cached_property
    def right(self) -> list[float]:
        """(f(x+h) - f(x)) / h."""
        return [(a - self.centre) / h for h, a in zip(self.steps, self.above, strict=True)]

    @cached_property
    def left(self) -> list[float]:
        """(f(x) - f(x-h)) / h."""
        return [(self.centre - b) / h for h, b in zip(self.steps, self.below, strict=True)]

    @cached_property
    def even(self) -> list[float]:
        """(f(x+h) + f(x-h)) / 2 - f(x): h^2 f''/2 where f is smooth, h (right - left)/2 at a kink, else noise."""
        half = self.centre / 2
        return [(a / 2 - half) + (b / 2 - half) for a, b in zip(self.above, self.below, strict=True)]

    @cached_property
    def rounding(self) -> list[float]:
        """Half-width of the rounding of one value of f on each rung."""
        size = abs(self.centre)
        values = zip(map(abs, self.above), map(abs, self.below), self.quanta, strict=True)
        return [max(ROUNDING * EPS * max(size, a, b), quantum) for a, b, quantum in values]

    @cached_property
    def quanta(self) -> list[float]:
        """What f is rounded to on each rung, 0 where that is the rounding of a double."""
        return quanta(self.centre, self.above, self.below)

    @cached_property
    def still(self) -> int:
        """The number of rungs below the first on which f differs from f(x) at all."""
        pairs = enumerate(zip(self.above, self.below, strict=True))
        return next((k for k, (a, b) in pairs if a != self.centre or b != self.centre), len(self))


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
    if points == 1:
        yield from zip(slopes, half_widths, strict=True)
        return
    for end in range(points, len(slopes) + 1):
        start = end - points
        weights = at_zero(heights[start:end])
        value = sum(map(mul, weights, slopes[start:end]))
        yield value, sum(map(mul, map(abs, weights), half_widths[start:end]))


def at_zero(nodes: Sequence[float]) -> Sequence[float]:
    """Weights of the polynomial through these nodes at 0: w_j = prod_m t_m / (t_m - t_j), fast for two and three."""
    if len(nodes) == 2:
        a, b = nodes
        return b / (b - a), a / (a - b)
    if len(nodes) == 3:
        a, b, c = nodes
        ab, ac, bc = a - b, a - c, b - c
        return b * c / (ab * ac), -a * c / (ab * bc), a * b / (ac * bc)
    return [math.prod(other / (other - one) for other in nodes if other != one) for one in nodes]
