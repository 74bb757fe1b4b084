"""The exact minimum of a linear regression, by orthogonal factorisation, refined until doubles end (`minimum`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcli.descent.scaling import Scaling, rank, standardised, triangle

if TYPE_CHECKING:
    from gradcli.models.regression import LinearRegression
    from gradcli.problem import Array

REFINED = 10**6
"""Numbers in the data up to which the solution is refined in doubled precision, at most a second or so."""


def minimum(model: LinearRegression) -> tuple[Array, int]:
    """The parameters with the least mean squared error, and the rank of the features and the intercept together.

    Below full rank the minimum is not unique: of all in the standardised features, the smallest is given.
    """
    scaling = standardised(model.columns, bias=model.intercept)
    # numbers near the limits of doubles overflow in the doubled precision, which is then done without
    with np.errstate(over="ignore", invalid="ignore"):
        return _whole(model, scaling) if model.rows * model.size <= REFINED else _in_blocks(model, scaling)


def _whole(model: LinearRegression, scaling: Scaling) -> tuple[Array, int]:
    design = _design(model, scaling)
    q, r = np.linalg.qr(design)
    independent = rank(np.linalg.svd(r, compute_uv=False), design.shape)
    if independent == model.size:
        return _refined(model, scaling, q, r), independent
    solution = np.linalg.lstsq(design, model.target, rcond=None)[0]
    return scaling.outside(solution, 1, bias=model.intercept), independent


def _design(model: LinearRegression, scaling: Scaling) -> Array:
    """(U, 1), (N, P): the standardised features and the column of the bias."""
    features = scaling.features(model.columns).T
    return np.column_stack([features, np.ones(model.rows)]) if model.intercept else features


def _refined(model: LinearRegression, scaling: Scaling, q: Array, r: Array) -> Array:
    """Iterative refinement of residual and parameters together, with residuals in doubled precision.

    [I X; X^T 0] [r; theta] = [y; 0]. A. Bjorck, Iterative refinement of linear least squares solutions I, BIT 7
    (1967), p. 257: also accurate where the residual is large.
    """
    theta, residual = np.zeros(r.shape[1]), np.zeros(model.rows)
    last = math.inf
    for _ in range(20):
        top, bottom = _misfits(model, theta, residual)
        bottom = _carried(bottom, scaling, bias=model.intercept)
        # [I A; A^T 0] [dr; dv] = [top; bottom] with A = QR
        h = np.linalg.solve(r.T, bottom)
        along = q.T @ top
        change = scaling.outside(np.linalg.solve(r, along - h), 1, bias=model.intercept)
        size = float(np.abs(q.T @ top - h).max())
        if not size < last / 2:
            break
        theta, residual, last = theta + change, residual + (top - q @ along + q @ h), size
    return theta


def _carried(gradient: Array, scaling: Scaling, *, bias: bool) -> Array:
    """A derivative by the parameters of x as one by those of u: dw = T^T (dw - m db)."""
    if not bias:
        return scaling.transform * gradient
    return np.append(scaling.transform * (gradient[:-1] - scaling.shift * gradient[-1]), gradient[-1])


def _misfits(model: LinearRegression, theta: Array, residual: Array) -> tuple[Array, Array]:
    """What is left of both equations, y - r - X theta and -X^T r, as if computed in twice the digits."""
    high, low = two_sum(model.target, -residual)
    sums = np.empty(theta.size)
    for index, weight in enumerate(theta):
        column = model.columns[index] if index < len(model.columns) else np.ones(model.rows)
        product, rest = two_product(column, -weight)
        high, lost = two_sum(high, product)
        low += rest + lost
        product, rest = two_product(column, -residual)
        sums[index] = math.fsum(product) + math.fsum(rest)
    return high + low, sums


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The sum as rounded, and what rounding lost. D. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B."""
    total = a + b
    shift = total - a
    return total, (a - (total - shift)) + (b - shift)


def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """The product as rounded, and what rounding lost, below 1e292. T. Dekker, Numer. Math. 18 (1971), p. 224."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: Array) -> tuple[Array, Array]:
    spread = (2.0**27 + 1) * a
    high = spread - (spread - a)
    return high, a - high


def _in_blocks(model: LinearRegression, scaling: Scaling) -> tuple[Array, int]:
    """The same for data too large to be factorised whole: R alone, then two corrections by R^T R dv = A^T r.

    The corrected semi-normal equations: A. Bjorck, Linear Algebra Appl. 88/89 (1987), p. 31.
    """
    r = triangle(model.columns, scaling)
    if model.intercept:
        # centred features are orthogonal to the ones
        r = np.block([[r, np.zeros((len(r), 1))], [np.zeros((1, r.shape[1])), np.full((1, 1), np.sqrt(model.rows))]])
    independent = rank(np.sort(np.linalg.svd(r, compute_uv=False))[::-1], (model.rows, r.shape[1]))
    inverse = np.linalg.pinv(r, rcond=max(model.rows, r.shape[1]) * np.finfo(float).eps)
    theta = np.zeros(r.shape[1])
    for _ in range(3):
        # A^T (y - X theta)
        downhill = _carried(model.gradient(theta) * (-model.rows / 2), scaling, bias=model.intercept)
        theta = theta + scaling.outside(inverse @ (inverse.T @ downhill), 1, bias=model.intercept)
    return theta, independent
