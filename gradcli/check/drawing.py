"""Random directions over some of the parameters, and the slopes along them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.sight import Miss
from gradcli.problem import Slope
from gradcli.reference.along import Direction
from gradcli.reference.survey import Survey

if TYPE_CHECKING:
    from gradcli.check.sight import Sight
    from gradcli.problem import Array

KINDS = ("typical", "unit", "own")
"""What the parameters are moved by, see `scale`; the first is preferred."""
UNEVEN = 4.0
"""How much fewer partials may share in a slope, with one kind of sizes beside another, before it comes later."""


def followed(sight: Sight, indices: Array, generator: np.random.Generator) -> tuple[Direction, Survey]:
    """A direction and the slope of f along it: the first that is known well enough to tell, else the best, surveyed."""
    tried = []
    for kind in by_evenness(sight, indices):
        direction = drawn(sight.point, indices, kind, generator)
        reading = sight.read(direction, int(generator.integers(2**32)))
        size = sight.size(direction)
        if reading.error <= sight.rtol * size or Miss(sight.claim(direction) - reading.value, reading.error).shows:
            return direction, Survey(Slope(reading.value), reading.error, reading.step)
        tried.append((reading.error / size if size else math.inf, direction))
    _, direction = min(tried, key=lambda one: one[0])
    return direction, sight.survey(direction)


def by_evenness(sight: Sight, indices: Array) -> list[str]:
    """The kinds of sizes with which about as many claims as possible share in the slope come first.

    The number that share is (sum |c_i|)^2 / sum c_i^2; where one claim is most of the sum, the others cannot be seen.
    """
    shares = {}
    for kind in KINDS:
        parts = np.abs(sight.claims[indices] * scale(np.abs(sight.point[indices]), kind))
        largest = np.max(parts)
        shares[kind] = np.sum(parts / largest) ** 2 / np.sum((parts / largest) ** 2) if largest > 0 else 1.0
    enough = max(shares.values()) / UNEVEN
    return sorted(KINDS, key=lambda kind: shares[kind] < enough)


def drawn(point: Array, indices: Array, kind: str, generator: np.random.Generator) -> Direction:
    """A direction over these parameters with random signs, and sizes that differ by up to 3 beyond their scale."""
    weights = generator.uniform(0.5, 1.5, len(indices)) * generator.choice((-1.0, 1.0), len(indices))
    return Direction(indices, weights * scale(np.abs(point[indices]), kind))


def scale(sizes: Array, kind: str) -> Array:
    """What parameters of these sizes are moved by: at least their median, at least 1, or all of them in proportion."""
    nonzero = sizes[sizes > 0]
    median = float(np.median(nonzero)) if len(nonzero) else 1.0
    if kind == "own":
        return np.where(sizes > 0, sizes, median)
    return np.maximum(sizes, median if kind == "typical" else 1.0)
