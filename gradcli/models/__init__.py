"""The article's models as problems: `linreg`, `nn`, the logits of `nn`, and the points to look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradcli import parameters
from gradcli.errors import GradcliError
from gradcli.models.logistic import probability_error, softplus
from gradcli.models.mistakes import planted
from gradcli.models.network import Network
from gradcli.models.regression import LinearRegression
from gradcli.problem import Problem

if TYPE_CHECKING:
    from gradcli.problem import Array, Indices, Point

    Model = LinearRegression | Network

MOST_UNITS = 100_000
"""Units of a hidden layer."""


def linreg(X: Array, y: Array, *, names: Sequence[str] | None = None, intercept: bool = True) -> LinearRegression:
    """Linear regression on features X (N, d) and a target y (N,); the columns' names, x1, x2, ... if not given."""
    return LinearRegression(*_arranged(X, y, names), intercept)


def nn(
    X: Array, y: Array, *, hidden: Sequence[int] = (), names: Sequence[str] | None = None, intercept: bool = True
) -> Network:
    """A net on features X (N, d) and labels y (N,) of 0 and 1; `hidden` gives the units of each tanh layer."""
    if any(units < 1 for units in hidden):
        raise GradcliError(f"a hidden layer of {min(hidden)} units", "every layer needs one unit at least")
    if any(units > MOST_UNITS for units in hidden):
        raise GradcliError(f"a hidden layer of {max(hidden):,} units", f"{MOST_UNITS:,} is the most")
    names, columns, target = _arranged(X, y, names)
    if not np.isin(target, (0.0, 1.0)).all():
        raise GradcliError("there are labels other than 0 and 1", "nn tells two classes apart, 0 and 1")
    return Network(names, columns, target, intercept, tuple(hidden))


def problem(model: Model, point: Point, *, mistake: str | None = None) -> Problem:
    """The model's loss and gradient at a point; with `mistake`, a gradient that has one (see `mistakes.MISTAKES`)."""
    return Problem(
        name=model.name,
        function=model.loss,
        point=point,
        parameters=model.parameters,
        gradient=planted(model, mistake) if mistake else model.gradient,
        shifted=model.shifted,
        extended=lambda theta: complex(model.value(np.asarray(theta, dtype=complex))),
    )


def logits(model: Network, point: Point) -> Problem:
    """The sum over the rows of the net's loss as a function of its N logits z[0], z[1], ...: dL/dz = a - y."""
    sign = model.sign

    def total(z: Point) -> float:
        with np.errstate(invalid="ignore"):
            return float(softplus(-sign * np.asarray(z, dtype=float)).sum())

    def shifted(z: Point, indices: Indices, steps: Point) -> Array:
        index, values = np.asarray(indices, dtype=np.intp), np.asarray(z, dtype=float)
        losses = softplus(-sign * values)
        # the sum without z_i's loss, plus that of z_i + h
        others: Array = losses.sum() - losses[index]
        return others + softplus(-sign[index] * (values[index] + np.asarray(steps)))

    def gradient(z: Point) -> Array:
        return probability_error(sign * np.asarray(z, dtype=float), sign)

    z = model.forward(point).logits[-1][0]
    names = [f"z[{row}]" for row in range(model.rows)]
    return Problem("nn logits", total, z, names, gradient, shifted=shifted)


def point(model: Model, at: str | Mapping[str, float] | None = None, *, seed: int = 0) -> Array:
    """Values of the parameters: 'zeros', 'random' (or None), numbers by name, or a .json, .npy or .csv file."""
    if at is None or at == "random":
        return random_point(model, seed)
    if at == "zeros":
        return np.zeros(model.size)
    if isinstance(at, str):
        return parameters.read(at, model.parameters)
    return parameters.arranged(at, model.parameters)


def random_point(model: Model, seed: int = 0) -> Array:
    """Normal numbers of 3 digits, scaled so that predictions are of the target's size and logits of size 1."""
    rng = np.random.default_rng(seed)
    sizes = np.sqrt(np.square(model.columns).mean(axis=1))
    sizes[sizes == 0] = 1.0
    if isinstance(model, LinearRegression):
        wanted = float(np.sqrt(np.square(model.target).mean())) or 1.0
        scales = np.append(wanted / sizes / np.sqrt(sizes.size), [wanted] * model.intercept)
    else:
        scales = _glorot_scales(model, sizes)
    return np.array([float(f"{value:.3g}") for value in (rng.standard_normal(scales.size) * scales).tolist()])


def _glorot_scales(model: Network, sizes: Array) -> Array:
    """1/sqrt(inputs) for each weight, in units of its feature in the first layer; biases likewise."""
    scales = np.empty(model.layers[-1].end)
    for layer in model.layers:
        scales[layer.start : layer.end] = 1 / np.sqrt(layer.inputs)
    first = model.layers[0]
    scales[: first.middle] /= np.repeat(sizes, first.units)
    return scales


def _arranged(X: Array, y: Array, names: Sequence[str] | None) -> tuple[tuple[str, ...], Array, Array]:
    """Names, features by column (d, N), contiguous rows and no copy where X is kept so already, and target (N,)."""
    features, target = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if features.ndim == 1:
        features = features[:, None]
    if features.ndim != 2 or target.shape != features.shape[:1] or not features.size:
        message = f"X has shape {features.shape} and y {target.shape}, not (N, d) and (N,)"
        raise GradcliError(message, "give one row of X and one element of y for each observation")
    if names is not None and len(names) != features.shape[1]:
        raise GradcliError(f"{len(names)} names for {features.shape[1]} features", "give one name for each column of X")
    columns = np.ascontiguousarray(features.T)
    # sums are finite if all numbers are, unless they overflow, which the losses could not bear either
    with np.errstate(over="ignore", invalid="ignore"):
        if not (np.isfinite(columns.sum()) and np.isfinite(target.sum())):
            raise GradcliError("X or y holds NaN, infinity or numbers too large to be added up", "leave out those rows")
    return tuple(names) if names is not None else tuple(f"x{n}" for n in range(1, len(columns) + 1)), columns, target
