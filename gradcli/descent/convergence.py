"""How steep, how curved, how far: L, the largest curvature of a loss, and `Convergence`, when a descent is done."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.models import Model
    from gradcli.problem import Array

LARGE = 2_000
"""Parameters from which the matrix of second derivatives is not formed."""

FLAT = 1e3
"""How many times smaller than L the curvature is taken to be along the way still to go, where it is not known."""

SINGULAR = 1e-12
"""The smallest over the largest curvature below which the smallest is rounding."""


def has_matrix(model: Model) -> bool:
    """Whether the second derivatives can be had as a matrix: convex models of moderate size."""
    return not model.hidden and model.size <= LARGE


def largest_curvature(model: Model, theta: Array, seed: int = 0) -> float:
    """L: a bound everywhere for convex models, an estimate at theta for hidden layers and very many parameters.

    The neuron's curvature a (1 - a) x x^T is largest, 1/4, where z = 0.
    """
    if has_matrix(model):
        return float(np.linalg.eigvalsh(model.curvature(np.zeros(theta.size)))[-1])
    return _power_iteration(model, theta, np.random.default_rng(seed))


def _power_iteration(model: Model, theta: Array, rng: np.random.Generator) -> float:
    """|H v| for the direction v that H stretches most, H v by central differences of the gradient."""
    v = rng.standard_normal(theta.size)
    largest = 0.0
    for _ in range(30):
        v /= np.linalg.norm(v)
        step = 1e-4 * max(1.0, float(np.linalg.norm(theta)) / theta.size**0.5)
        v = (model.gradient(theta + step * v) - model.gradient(theta - step * v)) / (2 * step)
        stretched = float(np.linalg.norm(v))
        if stretched <= 1.001 * largest:
            break
        largest = stretched
    return largest


class Convergence:
    """Whether the loss is within `tol` of its minimum, relatively, or within the rounding of `floor`.

    The distance to the minimum is half the squared Newton decrement, g^T H^-1 g / 2: exact for a quadratic loss, and
    nearly so for the cross-entropy close to its minimum. Newton's method is not used to get there.
    """

    def __init__(self, model: Model, largest: float, tol: float, floor: float) -> None:
        self._model = model
        self._largest = largest
        self._tol = tol
        self._floor = floor
        self._next = 0
        self._matrix: Array | None = None

    @property
    def sentence(self) -> str:
        """What `reached` means."""
        if self._model.hidden:
            return "the gradient has all but vanished: a stationary point, of which a net can have many"
        return f"the loss is within {self._tol:g} of its minimum, judged from gradient and curvature"

    def reached(self, iteration: int, theta: Array, loss: float, gradient: Array) -> bool:
        """The verdict on one iteration; dear only where the gradient is small, and then in growing intervals."""
        allowed = self._tol * loss + self._floor
        # no minimum can be nearer than |g|^2 / 2L
        least = float(gradient @ gradient) / (2 * self._largest) if self._largest else 0.0
        if least > allowed:
            return False
        if not has_matrix(self._model):
            return FLAT * least <= allowed
        if iteration < self._next:
            return False
        self._next = iteration + iteration // 10 + 1
        return self._decrement(theta, gradient) <= allowed

    def _decrement(self, theta: Array, gradient: Array) -> float:
        matrix = self._matrix
        if matrix is None:
            matrix = self._model.curvature(theta)
            if self._model.name == "linreg":
                self._matrix = matrix
        sizes, directions = np.linalg.eigh(matrix)
        if not sizes[0] > SINGULAR * sizes[-1]:
            # directions this flat are lost in rounding, and with them what is still to be gained
            return math.inf
        return float(np.sum(np.square(gradient @ directions) / sizes)) / 2
