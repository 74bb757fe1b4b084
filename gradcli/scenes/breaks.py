"""Where neighbouring samples must not be joined: jumps and poles between them, found by bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.problem import Array

    Along: TypeAlias = Callable[[Array], Array]

HALVINGS = 45
"""A thousandth of the picture, halved so often, is as narrow as doubles allow; a cube root then changes by 3e-5."""

REMAINS = 1e-3
"""Part of the curve's own height that may remain over so narrow a gap before it counts as a jump."""


LARGEST = 1e250
"""What is larger cannot be drawn: differences and margins of such numbers overflow."""


def drawable(values: Array) -> Array:
    """NaN in the place of values too large for a picture."""
    values = np.asarray(values, dtype=float)
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


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


LONG = 5e-5
"""Seconds a value: some functions that NumPy does not know are computed one value at a time."""


def sampled(function: Along, low: float, high: float) -> Curve:
    """The curve from low to high, broken at jumps and poles and drawn up to the edges of its domain."""
    xs = np.linspace(low, high, 201 if is_slow(function, 1) else 801)
    ys = function(xs)
    alive()
    while turns(ys) > len(xs) / 10 and 801 <= len(xs) < MOST:
        xs = np.linspace(low, high, 2 * len(xs) - 1)
        ys = function(xs)
    return Curve(*_with_gaps(function, xs, ys), _holes(function, xs, ys))


def is_slow(function: Callable[..., Array], variables: int) -> bool:
    """Does a value take long? The time that 200 more of them take, the least of three attempts."""
    few, many = np.linspace(0.3, 1.1, 20), np.linspace(0.3, 1.1, 220)
    took = []
    for _ in range(3):
        start = perf_counter()
        function(*[few] * variables)
        middle = perf_counter()
        function(*[many] * variables)
        took.append((perf_counter() - middle) - (middle - start))
        alive()
    return min(took) > 200 * LONG


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


def _with_gaps(function: Along, xs: Array, ys: Array) -> tuple[Array, Array]:
    """The samples with the two sides of each break added, and NaN between them."""
    where = np.flatnonzero(_suspicious(ys))
    near, far = close_in(function, xs[where], xs[where + 1], ys[where], ys[where + 1])
    at_near, at_far = function(near), function(far)
    broken = is_broken(at_near, at_far, _height(ys))
    middle = near + (far - near) / 2
    more_x = np.column_stack([near, middle, far])[broken].ravel()
    more_y = np.column_stack([at_near, np.full(near.size, np.nan), at_far])[broken].ravel()
    places = np.repeat(where[broken] + 1, 3)
    return np.insert(xs, places, more_x), np.insert(ys, places, more_y)


def _suspicious(ys: Array) -> Array:
    """Intervals over which the function changes more than over both neighbours, or comes to have a value."""
    change = _change(ys[:-1], ys[1:])
    before, after = np.append(np.inf, change[:-1]), np.append(change[1:], np.inf)
    return np.asarray(change > 1.2 * np.minimum(before, after))


def _holes(function: Along, xs: Array, ys: Array) -> tuple[tuple[float, float], ...]:
    """Lone samples without a value between neighbours that agree however near they are."""
    found, height = [], _height(ys)
    for k in np.flatnonzero(np.isnan(ys[1:-1]) & np.isfinite(ys[:-2]) & np.isfinite(ys[2:])) + 1:
        gap = 1e-4 * (xs[k + 1] - xs[k - 1])
        left, right = function(np.array([xs[k] - gap, xs[k] + gap]))
        if abs(left - right) <= REMAINS * height and abs(left - ys[k - 1]) <= height:
            found.append((float(xs[k]), float(left + right) / 2))
    return tuple(found)
