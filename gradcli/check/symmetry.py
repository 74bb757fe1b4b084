"""Is a claimed gradient the gradient of anything? Only if d ga_i / d theta_j = d ga_j / d theta_i everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.report import Mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array, Point, Problem

STEP = 1e-4
"""Relative step: central differences of a gradient are exact to about 1e-8 then, mixed ones of the loss to 1e-6."""


def mixed_slopes(problem: Problem, points: Sequence[Point], *, seed: int = 0, pairs: int = 2) -> tuple[Mixed, ...]:
    """A few seeded pairs of directions at each point; none with a single parameter or without a gradient.

    Costs 4 gradients and 4 values of the loss for each pair; what is not finite is left out.
    """
    if problem.gradient is None or len(problem.parameters) < 2:
        return ()
    generator = np.random.default_rng(seed)
    with np.errstate(invalid="ignore", over="ignore"):
        found = [_mixed(problem, np.array(point, dtype=float), generator) for point in points for _ in range(pairs)]
    return tuple(one for one in found if np.all(np.isfinite([one.one, one.other, one.loss, one.size])))


def _mixed(problem: Problem, point: Array, generator: np.random.Generator) -> Mixed:
    """One pair of directions: random signs times the size of each parameter, half of them in u, half in v."""
    scale = np.where(point == 0, 1.0, np.abs(point)) * generator.choice((-1.0, 1.0), point.shape)
    first = generator.permutation(len(point)) < (len(point) + 1) // 2
    u, v = STEP * np.where(first, scale, 0.0), STEP * np.where(first, 0.0, scale)
    along_u, along_v = (_claim(problem, point + w) - _claim(problem, point - w) for w in (u, v))
    f = problem.function
    corners = float(f(point + u + v)) - float(f(point + u - v)) - float(f(point - u + v)) + float(f(point - u - v))
    size = float(np.sum(np.abs(u * along_v)) + np.sum(np.abs(v * along_u))) / 2
    unit = 2 * STEP**2
    return Mixed(float(u @ along_v) / unit, float(v @ along_u) / unit, corners / (2 * unit), size / unit)


def _claim(problem: Problem, point: Array) -> Array:
    return np.array(problem.gradient(point), dtype=float).ravel() if problem.gradient else np.zeros(0)
