"""The classic mistakes in a gradient written by hand, planted on purpose so that one can watch them being caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gradcli.errors import GradcliError
from gradcli.models.logistic import probability_error
from gradcli.models.network import Network
from gradcli.models.regression import LinearRegression

if TYPE_CHECKING:
    from gradcli.problem import Array, Point

    Model = LinearRegression | Network

MISTAKES = {
    "sign": "the sign is flipped, as if the error were target - prediction",
    "factor": "the factor 2 is lost for linreg and added for nn",
    "mean": "the sum over the rows stands where the mean should",
    "swap": "the first and the last partial are swapped",
    "chain": "the inner derivative is left out of the chain rule: x where there are no hidden layers, else tanh'",
}
"""What `planted` can plant, and how it reads in words."""


def planted(model: Model, mistake: str) -> Callable[[Point], Array]:
    """The model's gradient with one of the mistakes in it."""
    if mistake not in MISTAKES:
        raise GradcliError(f"unknown mistake '{mistake}'", f"choose one of {', '.join(MISTAKES)}")
    if mistake == "swap" and model.size < 2:
        raise GradcliError("'swap' needs two parameters, and this model has one", "leave out --no-intercept")
    if mistake == "chain":
        return lambda point: without_inner_derivative(model, point)
    return lambda point: _spoiled(model, model.gradient(point), mistake)


def without_inner_derivative(model: Model, point: Point) -> Array:
    """dL/dw without the x, or dL/dW without the tanh' of the layers above."""
    if isinstance(model, Network) and model.hidden:
        return model.loss_and_gradient(point, slope=False)[1]
    total = 2 * model.residual(point) if isinstance(model, LinearRegression) else _logit_gradient(model, point)
    # dL/dw should be the mean of total * x
    return np.full(model.size, total.mean())


def _spoiled(model: Model, gradient: Array, mistake: str) -> Array:
    match mistake:
        case "sign":
            return -gradient
        case "factor":
            return gradient / 2 if isinstance(model, LinearRegression) else 2 * gradient
        case "mean":
            return model.rows * gradient
        case _:
            return np.concatenate([gradient[-1:], gradient[1:-1], gradient[:1]])


def _logit_gradient(model: Network, point: Point) -> Array:
    sign = model.sign
    return probability_error(sign * model.forward(point).logits[-1][0], sign)
