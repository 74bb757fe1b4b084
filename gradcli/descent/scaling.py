"""Features as descent sees them: standardised, or orthogonalised as well, and parameters carried there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array

ROWS = 2**14
"""Rows worked on at once, so that no second copy of large data is made on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Inside features u = T^T (x - m), so that a layer x W + b is u V + c with W = T V and b = c - m W, exactly.

    shift: m (d,), zeros where there is no bias to take it up. transform: T (d, inside), or its diagonal (d,).
    """

    shift: Array
    transform: Array

    @property
    def width(self) -> int:
        """The number of inside features."""
        return int(self.transform.shape[-1])

    def features(self, columns: Array) -> Array:
        """The features u for all rows, (inside, N), a new array; `columns` is (d, N)."""
        found = np.empty((self.width, columns.shape[1]))
        for row in range(0, columns.shape[1], ROWS):
            moved = columns[:, row : row + ROWS] - self.shift[:, None]
            found[:, row : row + ROWS] = self._times(self.transform.T, moved)
        return found

    def outside(self, theta: Array, units: int, *, bias: bool) -> Array:
        """Parameters for u as parameters for x; the first layer has `units` units."""
        inside = self.width * units
        weights = self._times(self.transform, theta[:inside].reshape(self.width, units))
        moved = np.concatenate([weights.ravel(), theta[inside:]])
        if bias:
            moved[weights.size : weights.size + units] -= self.shift @ weights
        return moved

    def inside(self, theta: Array, units: int, *, bias: bool) -> Array:
        """Parameters for x as parameters for u."""
        outside = len(self.shift) * units
        weights = theta[:outside].reshape(-1, units)
        if self.transform.ndim == 1:
            scaled = weights / self.transform[:, None]
        else:
            scaled = np.linalg.lstsq(self.transform, weights, rcond=None)[0]
        moved = np.concatenate([scaled.ravel(), theta[outside:]])
        if bias:
            moved[scaled.size : scaled.size + units] += self.shift @ weights
        return moved

    @staticmethod
    def _times(transform: Array, values: Array) -> Array:
        product: Array = transform[:, None] * values if transform.ndim == 1 else transform @ values
        return product


def unscaled(columns: Array) -> Scaling:
    """Features as they are."""
    return Scaling(np.zeros(len(columns)), np.ones(len(columns)))


def standardised(columns: Array, *, bias: bool) -> Scaling:
    """(x - mean) / standard deviation; without a bias x / root mean square, since nothing could take up the mean."""
    shift = columns.mean(axis=1) if bias else np.zeros(len(columns))
    largest = np.empty(len(columns))
    spread = np.empty(len(columns))
    for index, values in enumerate(columns):
        moved = values - shift[index]
        # scaled by its largest value first: the squares of 1e-200 are zero
        largest[index] = np.abs(moved).max(initial=0.0) or 1.0
        moved /= largest[index]
        spread[index] = np.sqrt(np.square(moved, out=moved).mean()) or 1.0
    return Scaling(shift, 1 / (largest * spread))


def orthogonalised(columns: Array, standard: Scaling) -> Scaling:
    """Combinations of the standardised features that are uncorrelated and of size 1, as many as are independent."""
    _, sizes, directions = np.linalg.svd(triangle(columns, standard))
    sizes = sizes[: rank(sizes, columns.shape)]
    combined = directions[: sizes.size].T / sizes * np.sqrt(columns.shape[1])
    return Scaling(standard.shift, standard.transform[:, None] * combined)


def triangle(columns: Array, scaling: Scaling) -> Array:
    """R of the QR factorisation of the scaled features, (d, d) or flatter, row block by row block."""
    found: Array = np.empty((0, scaling.width))
    height = max(ROWS, 4 * scaling.width)
    for row in range(0, columns.shape[1], height):
        block = scaling.features(columns[:, row : row + height]).T
        found = np.asarray(np.linalg.qr(np.concatenate([found, block]), mode="r"))
    return found


def rank(sizes: Array, shape: tuple[int, ...]) -> int:
    """How many singular values, sorted downwards, stand out from rounding."""
    return int(np.sum(sizes > sizes[:1] * max(shape) * np.finfo(float).eps))
