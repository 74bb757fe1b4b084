"""Finite differences over whole arrays of points: the formulas of `finite_difference`, many points at once.

This module loads NumPy: import it only for many points.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from sys import float_info
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.stencil import Stencil, weights

if TYPE_CHECKING:
    from gradcli.expression.vectors import Values, Vectors
    from gradcli.problem import Array


class Difference(NamedTuple):
    """A method's derivatives at n points, with the half-widths of their errors and the steps as taken."""

    value: Array
    error: Array
    step: Array


class Line:
    """n points (P arrays) that move along the variable at `index`; each place is evaluated once.

    crossed: where a step has left the smooth piece of the expression on which its point lies.
    """

    def __init__(self, vectors: Vectors, point: Sequence[Array], index: int, center: Values) -> None:
        self.vectors, self.point, self.index, self.center = vectors, point, index, center
        self.x = point[index]
        self.size = np.maximum(1.0, np.abs(self.x))
        self.crossed = center.leaves(center)
        self._steps: dict[float, Any] = {}
        self._known: dict[tuple[float, int], tuple[Any, Array]] = {}

    def difference(self, stencil: Stencil, step: float | None = None) -> Difference:
        """The stencil's derivatives; the same stencil at twice the step gives the error estimate."""
        near = self._samples(stencil.offsets, stencil, step)
        terms = _terms(near, stencil.order)
        value = reduce(np.add, terms)
        error = reduce(np.add, _terms(self._samples([2 * k for k in stencil.offsets], stencil, step), stencil.order))
        np.abs(np.subtract(error, value, out=error), out=error)
        if stencil.accuracy > 1:
            error /= 2**stencil.accuracy - 1
        error += float_info.epsilon * reduce(np.add, [np.abs(term, out=term) for term in terms])
        sizes = [np.abs(offset) for k, (offset, _) in zip(stencil.offsets, near, strict=True) if k]
        return Difference(value, error, reduce(np.minimum, sizes))

    def scale(self, stencil: Stencil, step: float | None, where: Array) -> Array:
        """Spread of the secant slopes between neighbouring samples, per h, times max(1, |x|), at some of the points."""
        multiples = sorted({*stencil.offsets, *(2 * k for k in stencil.offsets)})
        samples = self._samples(multiples, stencil, step)
        offsets, values = ([np.broadcast_to(part, where.shape)[where] for part in parts] for parts in zip(*samples))
        slopes = np.diff(values, axis=0) / np.diff(offsets, axis=0)
        h = np.broadcast_to(self._step(_unit(stencil, step), step), where.shape)[where]
        return np.asarray(np.ptp(slopes, axis=0) / h * self.size[where])

    def _samples(self, multiples: Sequence[int], stencil: Stencil, step: float | None) -> list[tuple[Any, Array]]:
        """Offsets as taken, (x + kh) - x, and the values there, for several k."""
        unit = _unit(stencil, step)
        for k in multiples:
            if (unit, k) not in self._known:
                self._known[unit, k] = self._sample(k * self._step(unit, step)) if k else (0.0, self.center.value)
        return [self._known[unit, k] for k in multiples]

    def _sample(self, distance: Array | float) -> tuple[Array, Array]:
        moved = [*self.point]
        moved[self.index] = self.x + distance
        values = self.vectors.at(moved)
        if values.phases:
            self.crossed = self.crossed | self.center.leaves(values)
        return moved[self.index] - self.x, values.value

    def _step(self, unit: float, step: float | None) -> Any:  # noqa: ANN401  a number or n of them
        if step is not None:
            return step
        if unit not in self._steps:
            self._steps[unit] = unit * self.size
        return self._steps[unit]


def _unit(stencil: Stencil, step: float | None) -> float:
    """The step of points near 0, which tells the samples of one stencil from those of another."""
    return stencil.automatic_step(0.0) if step is None else step


def _terms(samples: Sequence[tuple[Any, Array]], order: int) -> list[Array]:
    """The values, each times its weight."""
    offsets: Any = [offset for offset, _ in samples]
    return [weight * value for weight, (_, value) in zip(weights(offsets, order), samples, strict=True)]
