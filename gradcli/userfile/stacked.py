"""A person's loss over many points at once, (k, P) -> (k,), believed only after it agreed with single calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.userfile.blame import blame
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.problem import Array, Indices, Point
    from gradcli.userfile.usercode import UserLoss

MOST_BYTES = 32 * 2**20
"""Size of the points that are handed over at once."""
ROWS_TRIED = 5
AGREEMENT = 1e-12
"""Relative difference that another order of summation explains."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """`Problem.shifted` by way of the stacked loss: (point, indices (k,), steps (k,)) -> k values."""

    losses: Callable[[Any], object]
    loss: UserLoss

    def __call__(self, point: Point, indices: Indices, steps: Point) -> Array:
        """The loss at point + steps[k] * e_indices[k] for each k, in blocks of bounded size."""
        at, where, by = np.asarray(point, dtype=float), np.asarray(indices, dtype=int), np.asarray(steps, dtype=float)
        block = max(1, MOST_BYTES // (8 * len(at)))
        blocks = [slice(i, i + block) for i in range(0, len(where), block)]
        return np.concatenate([self._block(at, where[part], by[part]) for part in blocks] or [np.empty(0)])

    def _block(self, point: Array, indices: Array, steps: Array) -> Array:
        rows = np.tile(point, (len(indices), 1))
        rows[np.arange(len(indices)), indices] += steps
        try:
            return values(self.losses, self.loss, rows)
        except (ArithmeticError, ValueError):
            return np.array(self.loss.shifted(point, indices.tolist(), steps.tolist()))


def values(losses: Callable[[Any], object], loss: UserLoss, rows: Array) -> Array:
    """One value per row; raises ValueError for any other number of them."""
    alive(len(rows))
    found = np.asarray(losses(loss.layout.stack(rows.copy())), dtype=float)
    if found.shape != (len(rows),):
        raise ValueError(f"returned shape {found.shape} for {len(rows)} points")
    return found


def trusted(losses: Callable[..., object], loss: UserLoss, point: Point) -> Stacked:
    """The stacked loss, after it gave the same values as single calls; raises GradcliError where it does not."""
    rows = np.tile(np.asarray(point, dtype=float), (ROWS_TRIED, 1))
    noise = np.random.default_rng(0).normal(size=rows.shape)
    rows += 10.0 ** np.arange(-ROWS_TRIED, 0)[:, None] * noise * np.maximum(1, np.abs(rows))
    if loss.layout.stack(rows) is None:
        raise GradcliError("it needs x0 to be a vector, or a dict of arrays")
    single = np.array([loss(row) for row in rows])
    try:
        stacked = values(losses, loss, rows)
    except BaseException as refused:
        raise blame(refused, "it", None) from refused
    scale = float(np.nanmax(np.abs(single), initial=0.0))
    wrong = ~np.isclose(stacked, single, rtol=AGREEMENT, atol=AGREEMENT * scale, equal_nan=True)
    for i in np.flatnonzero(wrong)[:1]:
        raise GradcliError(f"it gave {stacked[i]} where {loss.name} gives {single[i]}")
    return Stacked(losses, loss)
