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
        terms, divisor = _terms(near, stencil.order)
        value = _total(terms, divisor)
        value += 0.0  # -0.0 becomes 0.0
        error = _total(*_terms([self._samples[place] for place in wide], stencil.order))
        error -= value
        np.abs(error, out=error)
        error /= ratio**stencil.accuracy - 1
        roundoff = reduce(np.add, map(np.abs, terms))
        roundoff *= float_info.epsilon
        roundoff /= divisor
        error += roundoff
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


def _terms(samples: Sequence[Sample], order: int) -> tuple[list[Array], Array | float]:
    """Terms and a divisor, as in `combine`; of two values, the terms are those that are subtracted."""
    offsets, values = zip(*samples, strict=True)
    if len(samples) == 2:
        return list(values), offsets[1] - offsets[0]
    return [weight * value for weight, value in zip(weights(offsets, order), values, strict=True)], 1.0


def _total(terms: Sequence[Array], divisor: Array | float) -> Array:
    total: Array = terms[1] - terms[0] if len(terms) == 2 else reduce(np.add, terms)
    total /= divisor
    return total
