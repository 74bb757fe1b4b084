"""The loss of each row as a curve over the logit of one unit: read plainly at nine points, elsewhere by a polynomial.

All parameters that lead to a unit move its logits, row n's by step * input[n]. So the loss at any of them moved is a
sum over the rows of values of the same N curves, and sums of powers of the inputs are matrix products. A polynomial is
relied upon only where it tells values that it has not seen to within their rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array

DEGREE = 6
NODES = np.delete(np.cos(np.pi * np.arange(1, 14, 2) / 14), 3)
"""The zeros of the seventh Chebyshev polynomial, but for the middle one, 0, which is always read."""
UNSEEN = np.array([-0.88, 0.88])
"""Where a polynomial through them misses most."""
PLACES = np.concatenate([[0.0], NODES, UNSEEN])
POWERS = np.arange(1, DEGREE + 1)
FROM_VALUES = np.linalg.inv(NODES[:, None] ** POWERS)
LONGEST = 2.0**-5
"""How far a logit may move for its curves to be worth a try: 1/50 of the distance to the nearest pole of tanh."""
FEWEST = 3 * len(PLACES)
"""Steps of one unit that are worth its curves."""
ROUNDING = 2.0**-52
BLOCK = 2**18
"""Numbers in a block of values of curves, 2 MB."""


def read_off(
    losses: Callable[[Array, Array], Array], inputs: Array, unit: Array, source: Array, steps: Array, rounding: float
) -> Array:
    """By how much the sum of the rows' losses moves when the logits of unit[k] move by steps[k] * inputs[source[k]].

    Steps are compared by how far they move the logits: features may have any unit.

    losses: units (m,) and how far their logits move, (c, m, n) -> the losses of the rows, (c, m, n). inputs: (i, n);
    source i stands for a bias, whose input is 1. NaN where a unit has few steps, or where its curves are no
    polynomials to within `rounding`, a sum over the rows.
    """
    moved = np.full(unit.size, np.nan)
    sizes = np.append(np.maximum(inputs.max(axis=1), -inputs.min(axis=1)), 1.0)
    reach = steps * sizes[source]
    short = np.flatnonzero(np.abs(reach) <= LONGEST)
    reach, unit, source = reach[short], unit[short], source[short]
    longest = np.zeros(int(unit.max(initial=-1)) + 1)
    np.maximum.at(longest, unit, np.abs(reach))
    busy = np.flatnonzero((np.bincount(unit) >= FEWEST) & (longest > 0))
    if not busy.size:
        return moved
    sizes[sizes == 0] = 1.0
    shares = np.concatenate([inputs, np.ones((1, inputs.shape[1]))])
    shares /= sizes[:, None]
    for units in parts(busy, max(1, BLOCK // max(len(PLACES) * inputs.shape[1], DEGREE * len(shares)))):
        sums, fits = summed_powers(losses, units, longest[units], shares, rounding)
        place = np.full(longest.size, -1)
        place[units[fits]] = np.flatnonzero(fits)
        mine = np.flatnonzero(place[unit] >= 0)
        flat = place[unit[mine]] * len(shares) + source[mine]
        u = reach[mine] / longest[unit[mine]]
        moved[short[mine]] = polynomial(sums.reshape(DEGREE, -1).take(flat, axis=1), u)
    return moved


def parts(whole: Array, size: int) -> Iterator[Array]:
    """The elements, at most `size` at a time."""
    for first in range(0, whole.size, size):
        yield whole[first : first + size]


def summed_powers(
    losses: Callable[[Array, Array], Array], units: Array, reach: Array, shares: Array, rounding: float
) -> tuple[Array, Array]:
    """Coefficients of the sums of curves over the rows, (DEGREE, m, inputs), and whether those of a unit may be used.

    reach: (m,), how far the curves are read; shares: (inputs, n), in -1..1, of that reach.
    """
    values = losses(units, np.repeat((PLACES[:, None] * reach)[:, :, None], shares.shape[1], axis=2))
    values -= values[0].copy()
    seen, unseen = values[1 : DEGREE + 1], values[DEGREE + 1 :]
    curves = np.tensordot(FROM_VALUES, seen, axes=1)
    misses = np.abs(polynomial(curves, UNSEEN[:, None, None]) - unseen).sum(axis=2)
    sums = np.empty((DEGREE, len(units), len(shares)))
    power = shares.copy()
    for curve, total in zip(curves, sums, strict=True):
        # sum over n of c_m[j, n] (A[i, n] / size[i])^m
        np.matmul(curve, power.T, out=total)
        power *= shares
    return sums, np.all(misses <= rounding, axis=0)


def polynomial(coefficients: Array, u: Array) -> Array:
    """c_1 u + c_2 u^2 + ... + c_6 u^6."""
    total: Array = coefficients[-1] * u
    for coefficient in coefficients[-2::-1]:
        total = (total + coefficient) * u
    return total
