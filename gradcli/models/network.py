"""A small net: tanh layers, then Linear -> sigmoid -> binary cross-entropy, and its gradient by hand (`Network`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gradcli.models.logistic import probability_error, sigmoid, softplus, tanh_slope
from gradcli.models.regression import Latest, as_array, second_moments, steps_taken, weight_names
from gradcli.models.shifting import losses_beside

if TYPE_CHECKING:
    from gradcli.problem import Array, Indices, Point


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, and where it lies among the parameters: weights (inputs, units) up to `middle`, biases up to `end`."""

    inputs: int
    units: int
    start: int
    middle: int
    end: int

    @classmethod
    def behind(cls, start: int, inputs: int, units: int, *, bias: bool) -> Layer:
        """The layer whose first parameter is `start`."""
        middle = start + inputs * units
        return cls(inputs, units, start, middle, middle + units * bias)

    @property
    def bias(self) -> bool:
        """Whether it has biases."""
        return self.end > self.middle

    def weights(self, theta: Array) -> Array:
        """W, (inputs, units)."""
        return theta[self.start : self.middle].reshape(self.inputs, self.units)

    def biases(self, theta: Array) -> Array:
        """The biases as a column, (units, 1), or a zero."""
        return theta[self.middle : self.end, None] if self.end > self.middle else np.zeros((1, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """One evaluation: what goes into each layer, X, A_1, ..., and its logits, Z_1, ..., z; arrays (units, N)."""

    inputs: list[Array]
    logits: list[Array]

    def part(self, rows: slice) -> Pass:
        """The same of some rows."""
        return Pass([values[:, rows] for values in self.inputs], [values[:, rows] for values in self.logits])


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Labels 0 and 1 from A_0 = X, A_l = tanh(A_(l-1) W_l + b_l), a logit z and a probability a = 1/(1 + exp(-z)).

    L = -1/N sum (y log a + (1 - y) log(1 - a)). Without hidden layers it is the single neuron, z = X w + b.
    Arrays of units are kept as (units, N): one unit's values over all rows are contiguous. W[i, j] leads from i to j.

    columns: (d, N), the features. target: (N,), zeros and ones. hidden: units of each tanh layer.
    sign: 2y - 1, (N,): a label's loss is log(1 + exp(-sign z)), which never forms log(0).
    """

    names: tuple[str, ...]
    columns: Array
    target: Array
    intercept: bool = True
    hidden: tuple[int, ...] = ()
    layers: tuple[Layer, ...] = field(init=False, repr=False)
    sign: Array = field(init=False, repr=False)
    _latest: Latest[Pass] = field(default_factory=Latest, init=False, repr=False)

    name: ClassVar[str] = "nn"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", _layers((len(self.columns), *self.hidden, 1), bias=self.intercept))
        object.__setattr__(self, "sign", 2 * self.target - 1)

    @property
    def rows(self) -> int:
        """N."""
        return self.target.size

    @property
    def size(self) -> int:
        """P."""
        return self.layers[-1].end

    @property
    def parameters(self) -> tuple[str, ...]:
        """As in linear regression for the single neuron, else `W1[i,j]`, `b1[j]`, `W2[i,j]`, ..."""
        if not self.hidden:
            return weight_names(self.names) + ("b",) * self.intercept
        return tuple(name for number, layer in enumerate(self.layers, 1) for name in _names(number, layer))

    def forward(self, point: Point) -> Pass:
        """Every layer's inputs and logits; the last logits are z."""
        theta = as_array(point)
        inputs, logits = [self.columns], []
        for layer in self.layers:
            # Z_l = A_(l-1) W_l + b_l
            z = layer.weights(theta).T @ inputs[-1]
            z += layer.biases(theta)
            logits.append(z)
            # A_l = tanh(Z_l)
            if layer.end < self.layers[-1].end:
                inputs.append(np.tanh(z))
        return Pass(inputs, logits)

    def value(self, point: Point) -> float | complex:
        """L for real and complex points."""
        with np.errstate(over="ignore", invalid="ignore"):
            margins = self.sign * self.forward(point).logits[-1][0]
            mean: float | complex = (softplus(-margins).sum() / self.rows).item()
        return mean

    def loss(self, point: Point) -> float:
        """L at a real point."""
        return self.value(point).real

    def gradient(self, point: Point) -> Array:
        """dL/dW_1, dL/db_1, dL/dW_2, ... (P,)."""
        return self.loss_and_gradient(point)[1]

    def loss_and_gradient(self, point: Point, *, slope: bool = True) -> tuple[float, Array]:
        """L and its gradient, forward and backward once; `slope` False forgets tanh', a mistake to be caught."""
        theta = as_array(point)
        layers = self.layers
        gradient = np.empty(layers[-1].end)
        with np.errstate(over="ignore", invalid="ignore"):
            done = self.forward(theta)
            margins = self.sign * done.logits[-1][0]
            loss = float(softplus(-margins).sum()) / self.rows
            # dL/dz = (a - y) / N
            delta = (probability_error(margins, self.sign) / self.rows)[None, :]
            for depth in range(len(layers) - 1, -1, -1):
                layer = layers[depth]
                # dL/dW_l = A_(l-1)^T dL/dZ_l
                gradient[layer.start : layer.middle] = (done.inputs[depth] @ delta.T).ravel()
                if layer.bias:
                    # dL/db_l = sum dL/dZ_l
                    gradient[layer.middle : layer.end] = delta.sum(axis=1)
                if depth:
                    # dL/dZ_(l-1) = dL/dZ_l W_l^T tanh'(Z_(l-1))
                    delta = layer.weights(theta) @ delta
                    delta *= tanh_slope(done.logits[depth - 1]) if slope else 1.0
        return loss, gradient

    def curvature(self, point: Point) -> Array:
        """The second derivatives of the single neuron's L, (P, P): 1/N (X, 1)^T diag(a (1 - a)) (X, 1)."""
        z = self.forward(point).logits[-1][0]
        # a (1 - a) = sigmoid(z) sigmoid(-z)
        weights = sigmoid(z) * sigmoid(-z)
        return second_moments(self.columns, weights, intercept=self.intercept) / self.rows

    def accuracy(self, point: Point) -> float:
        """The share of rows whose probability lies on the side of their label; 1/2 is on neither."""
        return float(np.mean(self.sign * self.forward(point).logits[-1][0] > 0))

    def parts(self, point: Point) -> bool:
        """Whether every logit has its label's sign: then any larger last layer has a smaller loss."""
        return bool(np.all(self.sign * self.forward(point).logits[-1][0] > 0))

    def shifted(self, point: Point, indices: Indices, steps: Point) -> Array:
        """L at point + steps[k] * e_indices[k]: one unit's logits move by step * input, and what follows, anew."""
        theta = as_array(point)
        index = np.asarray(indices, dtype=np.intp)
        with np.errstate(over="ignore", invalid="ignore"):
            done = self._latest.at(theta, self.forward)
            return losses_beside(self, theta, done, index, steps_taken(theta, index, steps)) / self.rows


def _layers(widths: Sequence[int], *, bias: bool) -> tuple[Layer, ...]:
    """From the features to the logit; without an intercept only the first layer has no bias."""
    found: list[Layer] = []
    for inputs, units in pairwise(widths):
        found.append(Layer.behind(found[-1].end if found else 0, inputs, units, bias=bias or bool(found)))
    return tuple(found)


def _names(number: int, layer: Layer) -> Iterator[str]:
    for i in range(layer.inputs):
        yield from (f"W{number}[{i},{j}]" for j in range(layer.units))
    if layer.bias:
        yield from (f"b{number}[{j}]" for j in range(layer.units))
