"""Where neighbouring samples must not be joined: jumps and poles between them, found by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array

    Along: TypeAlias = Callable[[Array], Array]

HALVINGS = 45
"""A thousandth of the picture, halved so often, is as narrow as doubles allow; a cube root then changes by 3e-5."""

REMAINS = 1e-3
"""Part of the curve's own height that may remain over so narrow a gap before it counts as a jump."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A function of one variable: xs (n,) rising, ys (n,) with NaN where the pen is lifted.

    holes: points (x, y) that the function approaches but has no value at, nor at anything else nearby.
    """

    xs: Array
    ys: Array
    holes: tuple[tuple[float, float], ...] = ()


MOST = 25_601
"""Samples of a curve that goes up and down very often."""


def sampled(function: Along, low: float, high: float, count: int = 801) -> Curve:
    """The curve from low to high, broken at jumps and poles and drawn up to the edges of its domain."""
    xs = np.linspace(low, high, count)
    ys = function(xs)
    if turns(ys) > count / 10 and count < MOST:
        return sampled(function, low, high, 2 * count - 1)
    near, far = close_in(function, xs[:-1], xs[1:], ys[:-1], ys[1:])
    return Curve(*_with_gaps(function, xs, ys, near, far, _height(ys)), _holes(function, xs, ys))


def turns(ys: Array) -> int:
    """How often the samples turn from rising to falling or back."""
    directions = np.sign(np.diff(ys[np.isfinite(ys)]))
    directions = directions[directions != 0]
    return int(np.count_nonzero(directions[1:] != directions[:-1]))


def close_in(function: Along, near: Array, far: Array, at_near: Array, at_far: Array) -> tuple[Array, Array]:
    """Halve every interval again and again, each time into the half over which the function changes more.

    A half with one end that has no value is where it changes most. All intervals at once: a call per halving.
    """
    for _ in range(HALVINGS):
        middle = near + (far - near) / 2
        at_middle = function(middle)
        left = _change(at_near, at_middle) >= _change(at_middle, at_far)
        near, at_near = np.where(left, near, middle), np.where(left, at_near, at_middle)
        far, at_far = np.where(left, middle, far), np.where(left, at_middle, at_far)
    return near, far


def _change(one: Array, other: Array) -> Array:
    """|one - other|; without end where one of them has no value, nothing where both have none."""
    with np.errstate(invalid="ignore"):
        change = np.abs(one - other)
    missing = np.isnan(one).astype(int) + np.isnan(other)
    return np.where(missing == 1, np.inf, np.where(missing == 2, -1.0, change))


def is_broken(at_near: Array, at_far: Array, height: float) -> Array:
    """Does the function still change over these all but closed intervals?"""
    return _change(at_near, at_far) > REMAINS * height


def _height(ys: Array) -> float:
    """How high the curve is where most of it lies."""
    known = ys[np.isfinite(ys)]
    if not known.size:
        return 1.0
    low, high = np.percentile(known, [5, 95])
    return float(high - low) or float(np.ptp(known)) or 1.0


def _with_gaps(function: Along, xs: Array, ys: Array, near: Array, far: Array, height: float) -> tuple[Array, Array]:
    """The samples with the two sides of each break added, and NaN between them."""
    at_near, at_far = function(near), function(far)
    broken = np.flatnonzero(is_broken(at_near, at_far, height))
    middle = near[broken] + (far[broken] - near[broken]) / 2
    more_x = np.column_stack([near[broken], middle, far[broken]]).ravel()
    more_y = np.column_stack([at_near[broken], np.full(broken.size, np.nan), at_far[broken]]).ravel()
    where = np.repeat(broken + 1, 3)
    return np.insert(xs, where, more_x), np.insert(ys, where, more_y)


def _holes(function: Along, xs: Array, ys: Array) -> tuple[tuple[float, float], ...]:
    """Lone samples without a value between neighbours that agree however near they are."""
    found, height = [], _height(ys)
    for k in np.flatnonzero(np.isnan(ys[1:-1]) & np.isfinite(ys[:-2]) & np.isfinite(ys[2:])) + 1:
        gap = 1e-4 * (xs[k + 1] - xs[k - 1])
        left, right = function(np.array([xs[k] - gap, xs[k] + gap]))
        if abs(left - right) <= REMAINS * height and abs(left - ys[k - 1]) <= height:
            found.append((float(xs[k]), float(left + right) / 2))
    return tuple(found)
