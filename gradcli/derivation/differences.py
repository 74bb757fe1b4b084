"""Finite differences over whole arrays of points: what `finite_difference` does for one.

This module loads NumPy: import it only for many points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from sys import float_info
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.stencil import Stencil, weights

if TYPE_CHECKING:
    from gradcli.problem import Array


class Difference(NamedTuple):
    """A method's derivatives at n points, the half-widths of their errors, and the steps as taken."""

    value: Array
    error: Array
    step: Array


class Line:
    """n points, an array (n,) for each variable, that move along one variable; each place is evaluated once.

    center: the function's values at the points themselves. step: absolute, None for the automatic one of a stencil.
    """

    def __init__(
        self,
        function: Callable[[Sequence[Array]], Array],
        point: Sequence[Array],
        index: int,
        center: Array,
        step: float | None,
    ) -> None:
        self.function, self.point, self.index, self.step = function, point, index, step
        self._size = np.maximum(1.0, np.abs(point[index]))
        self._center = (0.0, center)
        self._steps: dict[tuple[float, int], Any] = {}
        self._known: dict[tuple[float, int], tuple[Any, Array]] = {}

    def difference(self, stencil: Stencil) -> Difference:
        """The stencil's derivatives; the same stencil at twice the step gives the error estimate."""
        if self.step is None:
            self._known.clear()  # no two stencils have a place in common but the center
        near = self._samples(stencil, stencil.offsets)
        terms = _terms(near, stencil.order)
        value = reduce(np.add, terms)
        error = reduce(np.add, _terms(self._samples(stencil, [2 * k for k in stencil.offsets]), stencil.order))
        error -= value
        np.abs(error, out=error)
        if stencil.accuracy > 1:
            error /= 2**stencil.accuracy - 1
        roundoff = reduce(np.add, [np.abs(term, out=term) for term in terms])
        roundoff *= float_info.epsilon
        error += roundoff
        value += 0.0  # -0.0 becomes 0.0
        taken = [np.abs(offset) for k, (offset, _) in zip(stencil.offsets, near, strict=True) if k]
        return Difference(value, error, reduce(np.minimum, taken))

    def scale(self, stencil: Stencil) -> Array:
        """Spread of the secant slopes between neighbouring samples, per h, times max(1, |x|)."""
        samples = self._samples(stencil, sorted({*stencil.offsets, *(2 * k for k in stencil.offsets)}))
        slopes = [(after - before) / (right - left) for (left, before), (right, after) in pairwise(samples)]
        spread: Array = reduce(np.maximum, slopes) - reduce(np.minimum, slopes)
        spread *= self._size / self._distance(_unit(stencil, self.step), 1)
        return spread

    def _samples(self, stencil: Stencil, multiples: Sequence[int]) -> list[tuple[Any, Array]]:
        """The offsets as taken, (x + kh) - x, and the values there, for several k."""
        return [self._sample(stencil, k) if k else self._center for k in multiples]

    def _sample(self, stencil: Stencil, k: int) -> tuple[Any, Array]:
        unit = _unit(stencil, self.step)
        if (unit, k) not in self._known:
            x, distance = self.point[self.index], self._distance(unit, abs(k))
            moved = x + distance if k > 0 else x - distance
            values = self.function([*self.point[: self.index], moved, *self.point[self.index + 1 :]])
            self._known[unit, k] = moved - x, values
        return self._known[unit, k]

    def _distance(self, unit: float, k: int) -> Any:  # noqa: ANN401  a number, or an array (n,)
        """The distance k h, for k > 0."""
        if self.step is not None:
            return k * self.step
        if (unit, k) not in self._steps:
            self._steps[unit, k] = unit * self._size if k == 1 else k * self._distance(unit, 1)
        return self._steps[unit, k]


def _unit(stencil: Stencil, step: float | None) -> float:
    """The step itself, or that of points near 0, which tells the samples of one stencil from those of another."""
    return stencil.automatic_step(0.0) if step is None else step


def _terms(samples: Sequence[tuple[Any, Array]], order: int) -> list[Array]:
    """The values, each times its weight."""
    offsets: Any = [offset for offset, _ in samples]
    return [weight * value for weight, (_, value) in zip(weights(offsets, order), samples, strict=True)]
