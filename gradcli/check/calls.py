"""Calls of a person's functions: at the point itself an exception is an error, beside it the edge of the domain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcli.errors import GradcliError, LimitError
from gradcli.reference import centre_of

if TYPE_CHECKING:
    from gradcli.problem import Array, Loss, Point, Problem


def forgiving(function: Loss) -> Loss:
    """The function with NaN where it raises, whatever it raises; only limits stay limits."""

    def value(point: Point) -> float:
        try:
            return float(function(point))
        except LimitError:
            raise
        except Exception:  # noqa: BLE001 - a person's function may raise anything at a point it was not made for
            return math.nan

    return value


def value_at(problem: Problem, point: Array) -> float:
    """The loss at the point itself; NaN where a formula has no value."""
    if problem.shifted is not None:
        return centre_of(problem)
    try:
        return float(problem.function(point.copy()))
    except GradcliError:
        raise
    except Exception as raised:
        if problem.slopes is not None and isinstance(raised, ArithmeticError | ValueError):
            return math.nan
        raise trouble(problem, point, raised) from raised


def claims_at(problem: Problem, point: Array) -> Array:
    """The gradient to be judged, (P,) floats; without one, the formulas' own values."""
    if problem.gradient is not None:
        claims = gradient_at(problem, point)
    elif problem.slopes is not None:
        claims = np.array([math.nan if slope.value is None else slope.value for slope in problem.slopes(point)])
    else:
        raise GradcliError(f"{problem.name} has no gradient to check", "give one, or an expression")
    if len(claims) != len(point):
        message = f"the gradient has {len(claims)} values for {len(point)} parameters"
        raise GradcliError(message, "return one value for each parameter, in their order")
    return claims


def gradient_at(problem: Problem, point: Array) -> Array:
    """What the person's gradient returns, flat."""
    try:
        return np.array(problem.gradient(point.copy()), dtype=float).ravel() if problem.gradient else np.zeros(0)
    except GradcliError:
        raise
    except Exception as raised:
        raise trouble(problem, point, raised, "gradient of ") from raised


def trouble(problem: Problem, point: Array, raised: Exception, what: str = "") -> GradcliError:
    """An exception of a person's code, with the point at which it rose."""
    pairs = [f"{name} = {value!r}" for name, value in zip(problem.parameters, point.tolist(), strict=False)]
    place = ", ".join(pairs[:4]) + (", .." if len(pairs) > 4 else "")
    return GradcliError(f"the {what}{problem.name} raised {type(raised).__name__}: {raised} at {place}")
