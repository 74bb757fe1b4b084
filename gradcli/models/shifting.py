"""The losses of a net beside a point, one parameter moved at a time: only what follows from it is computed anew.

A parameter moves the logits of one unit, by step * input. Then its tanh moves, and with it the logits of the next
layer, by change * weight, up to the net's logit. Values alone are computed here, never slopes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.models.curves import ROUNDING, parts, read_off
from gradcli.models.logistic import softplus, total_softplus
from gradcli.models.regression import column

if TYPE_CHECKING:
    from gradcli.models.network import Network, Pass
    from gradcli.problem import Array

ROWS = 2**10
"""Rows at a time."""
BLOCK = 2**15
"""Numbers in a block of moved logits, 256 kB: the handful of such blocks in use stays in a core's cache."""
LAYER = 2**17
"""Numbers in a block of all the moved logits of a layer."""
LARGEST = 2**21
"""Numbers in all the rows at a time of the widest layer's inputs, 16 MB."""


def losses_beside(net: Network, theta: Array, done: Pass, index: Array, steps: Array) -> Array:
    """N L at theta + steps[k] * e_index[k], (k,), where `done` is what the net computes at theta."""
    sums = np.zeros(index.size)
    widest = max(len(inputs) for inputs in done.inputs)
    for rows in spans(net.rows, max(1, min(ROWS, LARGEST // widest))):
        part = done.part(rows)
        for depth, layer in enumerate(net.layers):
            mine = np.flatnonzero((index >= layer.start) & (index < layer.end))
            if mine.size:
                source, unit = np.divmod(index[mine] - layer.start, layer.units)
                sums[mine] += Beside(net, theta, part, -net.sign[rows], depth).losses(source, unit, steps[mine])
    return sums


def spans(count: int, size: int) -> Iterator[slice]:
    """Slices of at most `size` that cover `count`."""
    for first in range(0, count, size):
        yield slice(first, min(count, first + size))


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Some rows of a net whose parameters of the layer `depth` are to be moved.

    turned: -sign, by which a logit becomes the margin m of the loss log(1 + exp(m)).
    """

    net: Network
    theta: Array
    part: Pass
    turned: Array
    depth: int

    def losses(self, source: Array, unit: Array, steps: Array) -> Array:
        """The sum of the rows' losses, (k,), when the logits of unit[k] move by steps[k] * input number source[k]."""
        z = self.part.logits[-1][0]
        before = softplus(self.turned * z)
        rounding = ROUNDING * float(before @ (1 + np.abs(z)))
        sums = read_off(self.of_rows, self.part.inputs[self.depth], unit, source, steps, rounding)
        sums += before.sum()
        for which in parts(np.flatnonzero(np.isnan(sums)), max(1, BLOCK // z.size)):
            logits = column(self.part.inputs[self.depth], source[which], slice(None))
            logits *= steps[which, None]
            margins = self.moved(unit[which], logits)
            margins *= self.turned
            sums[which] = total_softplus(margins)
        return sums

    def of_rows(self, units: Array, change: Array) -> Array:
        """The losses of the rows, (c, m, n), when the logits of units (m,) move by change (c, m, n)."""
        count, _, rows = change.shape
        margins = self.moved(np.tile(units, count), change.reshape(-1, rows))
        margins *= self.turned
        return softplus(margins).reshape(change.shape)

    def moved(self, unit: Array, change: Array) -> Array:
        """The net's logits, (k, n), when those of unit[k] in this layer move by `change` (k, n); overwrites it."""
        part, depth = self.part, self.depth
        # Z_l[:, j] + h A_(l-1)[:, i]
        change += part.logits[depth].take(unit, axis=0)
        if depth == len(self.net.layers) - 1:
            return change
        # (A_l[:, j] as moved - A_l[:, j]) W_(l+1)[j, :] + Z_(l+1)
        np.tanh(change, out=change)
        change -= part.inputs[depth + 1].take(unit, axis=0)
        leading = self.net.layers[depth + 1].weights(self.theta)
        if depth == len(self.net.layers) - 2:
            change *= leading[unit]
            change += part.logits[-1]
            return change
        few = max(1, LAYER // (leading.shape[1] * change.shape[1]))
        for some in spans(len(change), few):
            z = leading.T.take(unit[some], axis=1)[:, :, None] * change[some]
            z += part.logits[depth + 1][:, None, :]
            change[some] = self.through(depth + 2, z)
        return change

    def through(self, depth: int, z: Array) -> Array:
        """The net's logits, (k, n), that follow from moved logits (units, k, n) of the layer before `depth`."""
        _, k, n = z.shape
        for layer in self.net.layers[depth:]:
            # Z_l = tanh(Z_(l-1)) W_l + b_l
            np.tanh(z, out=z)
            z = (layer.weights(self.theta).T @ z.reshape(layer.inputs, k * n)).reshape(layer.units, k, n)
            z += layer.biases(self.theta)[:, :, None]
        logits: Array = z[0]
        return logits
