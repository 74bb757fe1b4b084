"""The narrow waist: a function of named parameters at a point, and the gradient that somebody claims it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
    Point: TypeAlias = Sequence[float] | Array
    Loss: TypeAlias = Callable[[Point], float]
    Indices: TypeAlias = Sequence[int] | Array
    Shifted: TypeAlias = Callable[[Point, Indices, Point], Point]


class Nature(StrEnum):
    """Why a function has no derivative at a point."""

    KINK = "kink"
    JUMP = "jump"
    VERTICAL = "vertical"
    POLE = "pole"
    EDGE = "edge"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Slope:
    """A derivative at a point, or why there is none: `value` None with its nature and the one-sided slopes, if any.

    `value` None and `nature` None together mean that the derivative is not known.
    """

    value: float | None
    left: float | None = None
    right: float | None = None
    nature: Nature | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A slope that was measured: by which method, with which step as taken, within which half-width, at what cost."""

    slope: Slope
    method: str
    step: float | None = None
    error: float | None = None
    evaluations: int = 0
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A scalar function of P named parameters, the point to look at, and its claimed gradient.

    function: point (P,) -> float; may raise or return NaN outside its domain.
    gradient: point (P,) -> P floats, the analytic gradient to be checked; NaN where it has no value. None: none given.
    slopes: point (P,) -> P exact slopes with their natures, where a symbolic derivative is known.
    formulas: the symbolic derivative of each parameter as text, or empty.
    shifted: (point, indices (k,), steps (k,)) -> the k values of function at point + step * e_index. The default
        perturbs, evaluates and restores one parameter at a time; whoever knows a cheaper way gives it here.
    extended: the function over complex numbers, for the complex step.
    source: FILE and line of the gradient's code, where an annotation belongs.
    """

    name: str
    function: Loss
    point: Point
    parameters: Sequence[str]
    gradient: Callable[[Point], Point] | None = None
    slopes: Callable[[Point], Sequence[Slope]] | None = None
    formulas: Sequence[str | None] = ()
    shifted: Shifted | None = None
    extended: Callable[[Sequence[complex]], complex] | None = None
    source: tuple[str, int] | None = None

    def at(self, point: Point) -> Problem:
        """The same problem at another point."""
        return replace(self, point=point)

    def losses(self, indices: Indices, steps: Point) -> Point:
        """The function at point + steps[k] * e_indices[k] for each k; NaN where it has no value."""
        shifted = self.shifted or one_at_a_time(self.function)
        return shifted(self.point, indices, steps)


def one_at_a_time(function: Loss) -> Shifted:
    """Perturb one parameter, evaluate, restore it exactly, also when the function raises."""

    def shifted(point: Point, indices: Indices, steps: Point) -> list[float]:
        moving: Any = point.copy() if hasattr(point, "copy") else list(point)
        values = []
        for index, step in zip(indices, steps, strict=True):
            saved = moving[index]
            moving[index] = saved + step
            try:
                values.append(value_or_nan(function, moving))
            finally:
                moving[index] = saved
        return values

    return shifted


def value_or_nan(function: Loss, point: Point) -> float:
    """The function's value, NaN where arithmetic says that there is none; every other exception is the caller's."""
    try:
        value = function(point)
    except (ArithmeticError, ValueError):
        return float("nan")
    return value
