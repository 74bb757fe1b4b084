"""Finite differences over whole arrays of points: what `finite_difference` does for one.

This module loads NumPy: import it only for many points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from sys import float_info
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from gradcli.stencil import Stencil, weights

if TYPE_CHECKING:
    from gradcli.problem import Array


class Difference(NamedTuple):
    """A method's derivatives at n points, the half-widths of their errors, and the steps as taken."""

    value: Array
    error: Array
    step: Array


Place: TypeAlias = tuple[float, int]
"""A step, for |x| <= 1 where it is an automatic one, and how many of it."""
CENTER: Place = (0.0, 0)
Sample: TypeAlias = "tuple[Any, Array]"
"""An offset as taken, (x + kh) - x, and the values there."""


class Pattern(NamedTuple):
    """Where the values of a stencil are, where those for its error, and how many times as wide its steps are there."""

    stencil: Stencil
    near: list[Place]
    wide: list[Place]
    ratio: float

    @classmethod
    def of(cls, stencil: Stencil, step: float | None) -> Pattern:
        """step: absolute, None for the automatic one."""
        h, wider, *_ = stencil.steps(step)
        wide = [(wider, k) if step is None else (h, 2 * k) for k in stencil.offsets]
        return cls(stencil, _centered((h, k) for k in stencil.offsets), _centered(wide), wider / h)


def _centered(places: Iterable[Place]) -> list[Place]:
    return [place if place[1] else CENTER for place in places]


class Around:
    """The places that some methods need around every point. step: absolute, None for the automatic one of a stencil."""

    def __init__(self, stencils: Mapping[str, Stencil], step: float | None) -> None:
        self.step = step
        self.patterns = {method: Pattern.of(stencil, step) for method, stencil in stencils.items()}
        found = dict.fromkeys(place for one in self.patterns.values() for place in (*one.near, *one.wide))
        self.places = [place for place in found if place != CENTER]


class Line:
    """n points, an array (n,) for each variable, that move along one variable to the places around them.

    center: the function's values at the points themselves; those at all places are evaluated together, as arrays
    (places, n).
    """

    def __init__(
        self,
        function: Callable[[Sequence[Array]], Array],
        point: Sequence[Array],
        index: int,
        center: Array,
        around: Around,
    ) -> None:
        x = point[index]
        self._size, self._patterns = np.maximum(1.0, np.abs(x)), around.patterns
        moved = np.empty((len(around.places), len(x)))
        steps = {unit: unit * self._size if around.step is None else unit for unit, _ in around.places}
        for row, (unit, k) in enumerate(around.places):
            distance = steps[unit] if abs(k) == 1 else abs(k) * steps[unit]
            (np.add if k > 0 else np.subtract)(x, distance, out=moved[row])
        values = function([*point[:index], moved, *point[index + 1 :]])
        self._samples = dict(zip(around.places, zip(moved - x, values, strict=True), strict=True))
        self._samples[CENTER] = 0.0, center

    def difference(self, method: str) -> Difference:
        """The method's derivatives; the same stencil at a wider step gives the error estimate."""
        stencil, places, wide, ratio = self._patterns[method]
        near = [self._samples[place] for place in places]
        value = _combined(near, stencil.order)
        value += 0.0  # -0.0 becomes 0.0
        error = _combined([self._samples[place] for place in wide], stencil.order)
        error -= value
        np.abs(error, out=error)
        error /= ratio**stencil.accuracy - 1
        error += _roundoff(near, stencil.order)
        taken = [offset if k > 0 else -offset for k, (offset, _) in zip(stencil.offsets, near, strict=True) if k]
        return Difference(value, error, reduce(np.minimum, taken))

    def scale(self, method: str) -> Array:
        """How much the slopes between neighbouring samples change in half the way of all, times max(1, |x|)."""
        _, places, wide, _ = self._patterns[method]
        samples = [self._samples[place] for place in sorted({*places, *wide}, key=math.prod)]
        slopes = [(after - before) / (right - left) for (left, before), (right, after) in pairwise(samples)]
        spread: Array = reduce(np.maximum, slopes) - reduce(np.minimum, slopes)
        spread /= (samples[-1][0] - samples[0][0]) / 2
        spread *= self._size
        return spread


def _combined(samples: Sequence[Sample], order: int) -> Array:
    """The derivative, as in `combine`."""
    if len(samples) == 2:
        (left, before), (right, after) = samples
        value = after - before
        value /= right - left
        return value
    return reduce(np.add, _weighted(samples, order))


def _roundoff(samples: Sequence[Sample], order: int) -> Array:
    """The roundoff error of the derivative, as in `combine`."""
    if len(samples) == 2:
        (left, before), (right, after) = samples
        size = np.abs(before)
        size += np.abs(after)
        size *= float_info.epsilon
        size /= right - left
        return size
    size = reduce(np.add, map(np.abs, _weighted(samples, order)))
    size *= float_info.epsilon
    return size


def _weighted(samples: Sequence[Sample], order: int) -> list[Array]:
    offsets, values = zip(*samples, strict=True)
    return [weight * value for weight, value in zip(weights(offsets, order), values, strict=True)]
