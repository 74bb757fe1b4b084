"""The data of a model with one feature, and what the model makes of it before and after training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.models.network import Network

if TYPE_CHECKING:
    from gradcli.datasets import Dataset
    from gradcli.descent import Descent
    from gradcli.models import Model
    from gradcli.problem import Array, Point

MOST = 3000
"""Rows that are drawn, evenly picked."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Rows x, y (n,); predictions (k,) over xs (k,) at the start and the end of training. labels: y is 0 or 1."""

    feature: str
    target: str
    x: Array
    y: Array
    xs: Array
    before: Array
    after: Array
    labels: bool


def fit(model: Model, data: Dataset, descent: Descent) -> Fit | None:
    """What there is to draw, None for several features."""
    if len(model.columns) != 1:
        return None
    x = model.columns[0]
    room = 0.05 * float(np.ptp(x)) or 0.5
    xs = np.linspace(x.min() - room, x.max() + room, 301)
    some = np.unique(np.linspace(0, x.size - 1, MOST).astype(int))
    end = [descent.parameters[name] for name in model.parameters]
    return Fit(
        model.names[0],
        data.target,
        x[some],
        model.target[some],
        xs,
        predicted(model, descent.start, xs),
        predicted(model, end, xs),
        isinstance(model, Network),
    )


def predicted(model: Model, point: Point, xs: Array) -> Array:
    """W x + b, or the probability that a net gives, (k,)."""
    here = replace(model, columns=xs[None, :], target=np.zeros(xs.size))
    if isinstance(here, Network):
        z = here.forward(point).logits[-1][0]
        return np.asarray(np.exp(-np.logaddexp(0.0, -z)))
    return here.residual(point)
