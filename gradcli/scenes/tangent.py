"""A curve, its tangent at a point, and the secants whose slopes the difference methods take for the tangent's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.scenes.breaks import Curve, drawable, sampled
from gradcli.scenes.views import Range, natural_step
from gradcli.sweep import exact_side

if TYPE_CHECKING:
    from gradcli.expression import Expression
    from gradcli.problem import Array, Slope

SIDES = {"forward": (0, 1), "backward": (-1, 0), "central": (-1, 1)}
"""The two points of each secant, in steps from x."""


@dataclass(frozen=True, slots=True)
class Secant:
    """The line through two points of the curve; the slope is None where the function has no value at one of them."""

    method: str
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def slope(self) -> float | None:
        """(f(b) - f(a)) / (b - a)"""
        slope = (self.end[1] - self.start[1]) / (self.end[0] - self.start[0])
        return slope if math.isfinite(slope) else None


@dataclass(frozen=True, slots=True)
class Tangent:
    """What a picture of a derivative shows; `fixed` are the values of the other variables.

    formula: the symbolic derivative, None where none is known and `slope` is the reference's.
    """

    expression: str
    variable: str
    formula: str | None
    x: float
    value: float
    step: float
    slope: Slope
    curve: Curve
    secants: tuple[Secant, ...]
    fixed: Mapping[str, float]


def tangent_at(
    expression: Expression,
    point: Mapping[str, float],
    variable: str,
    *,
    step: float | None = None,
    view: Range | None = None,
) -> Tangent:
    """The scene around a point, along one variable; step and view are chosen from the function where not given."""
    x = point[variable]

    def along(xs: Array) -> Array:
        places: list[Any] = [xs if name == variable else point[name] for name in expression.variables]
        return drawable(expression.values(places))

    h = step or natural_step(along, x)
    low, high = view or (x - 2.5 * h, x + 2.5 * h)
    left, right = (x - h) - x, (x + h) - x
    if not left < 0 < right:
        raise GradcliError(f"step {h!r} vanishes beside {variable} = {x!r}", "take a larger --step")
    places = np.array([x + left, x, x + right])
    values = dict(zip((-1, 0, 1), zip(places.tolist(), along(places).tolist(), strict=True), strict=True))
    exact = exact_side(expression.problem(point, [variable]), 0)
    return Tangent(
        expression.text.strip(),
        variable,
        exact.formula,
        x,
        values[0][1],
        h,
        exact.slope,
        sampled(along, low, high),
        tuple(Secant(method, values[a], values[b]) for method, (a, b) in SIDES.items()),
        {name: value for name, value in point.items() if name != variable and name in expression.variables},
    )
