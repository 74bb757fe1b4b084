"""A model as descent sees it: the same model on standardised or orthogonalised features (`Frame`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli import models, parameters
from gradcli.descent.scaling import ROWS, Scaling, orthogonalised, standardised, unscaled
from gradcli.models.regression import second_moments

if TYPE_CHECKING:
    from gradcli.models import Model
    from gradcli.problem import Array

ITERATIONS = 100_000
"""Iterations at most by default, for small data; a fifth of it with hidden layers, whose minimum nobody knows."""

WORK = 10**10
"""Rows x parameters x iterations at most by default, some ten seconds."""

ILL_CONDITIONED = 1e3
"""Largest over smallest curvature from which standardised features are orthogonalised as well, for small data."""

DEPENDENT = "some features are combinations of others: the minimum is not unique, and one of many is given"

LARGE = 2_000
"""Features up to which their conditioning is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The model in the data's units, the same one on the inside features, and the way between their parameters."""

    model: Model
    inside: Model
    scaling: Scaling
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: Model, *, standardize: bool) -> Frame:
        """Features as they are, or standardised, and orthogonalised too where descent would hardly get on otherwise."""
        if not standardize:
            return cls(model, model, unscaled(model.columns), _warning(model))
        notes: tuple[str, ...] = ()
        scaling = standardised(model.columns, bias=model.intercept)
        ratio = conditioning(model, scaling)
        if ratio > min(ILL_CONDITIONED, affordable(model) / 20):
            scaling = orthogonalised(model.columns, scaling)
            notes = (_note(ratio, dependent=scaling.width < len(model.columns)),)
        names = tuple(f"u{number}" for number in range(1, scaling.width + 1))
        inside = replace(model, names=names, columns=scaling.features(model.columns))
        return cls(model, inside, scaling, notes)

    def outside(self, theta: Array) -> Array:
        """The parameters in the data's units."""
        return self.scaling.outside(theta, self._units, bias=self.model.intercept)

    def start(self, given: Mapping[str, float] | None, seed: int) -> Array:
        """Where descent starts: at what was given in the data's units, else at zero, at random with hidden layers."""
        if given is not None:
            theta = parameters.arranged(given, self.model.parameters, source="the start")
            return self.scaling.inside(theta, self._units, bias=self.model.intercept)
        if self.model.hidden:
            return models.random_point(self.inside, seed)
        return np.zeros(self.inside.size)

    @property
    def _units(self) -> int:
        return self.model.hidden[0] if self.model.hidden else 1


def affordable(model: Model) -> int:
    """Iterations at most by default: fewer where rows x parameters are many, never below 100."""
    most = ITERATIONS // 5 if model.hidden else ITERATIONS
    return max(100, min(most, WORK // (model.rows * model.size)))


def conditioning(model: Model, scaling: Scaling) -> float:
    """The largest over the smallest mean square of the scaled features' combinations: curvatures of a squared loss."""
    d = len(model.columns)
    if d > LARGE:
        return 1.0
    moments = np.zeros((d, d))
    for row in range(0, model.rows, ROWS):
        moments += second_moments(scaling.features(model.columns[:, row : row + ROWS]), None, intercept=False)
    sizes = np.linalg.eigvalsh(moments / model.rows)
    largest, smallest = max(sizes[-1], 1.0), min(sizes[0], 1.0)
    return float(largest / max(smallest, 1e-16))


def _warning(model: Model) -> tuple[str, ...]:
    """What learners see when they turn standardising off."""
    if model.size > LARGE:
        return ()
    sizes = np.linalg.eigvalsh(second_moments(model.columns, None, intercept=model.intercept) / model.rows)
    ratio = float(sizes[-1] / max(sizes[0], sizes[-1] * 1e-16))
    slow = (
        f"without standardising, curvatures differ by a factor {ratio:.1e}, and descent takes about as many iterations"
    )
    return (slow,) if ratio > ILL_CONDITIONED else ()


def _note(ratio: float, *, dependent: bool) -> str:
    if dependent:
        return DEPENDENT
    return (
        f"the features are nearly collinear (curvatures differ by {ratio:.1e}): they were orthogonalised as well as "
        "standardised, or descent would take far too many iterations"
    )
