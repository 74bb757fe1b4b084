"""How much of a function to show: ranges as people give them, or chosen from where something happens."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcli.errors import GradcliError
from gradcli.scenes.breaks import turns

if TYPE_CHECKING:
    from gradcli.problem import Array

    Along: TypeAlias = Callable[[Array], Array]
    Plane: TypeAlias = Callable[[Array, Array], Array]

Range: TypeAlias = tuple[float, float]

HINT = "for example --range x=-2:2,y=-1:3"


def parse_ranges(text: str, variables: Sequence[str]) -> dict[str, Range]:
    """`x=-2:2,y=-1:3`, or `-2:2` for the only variable; ends may be constants such as pi/2."""
    found: dict[str, Range] = {}
    for piece in text.split(","):
        name, equals, ends = piece.rpartition("=")
        name = name.strip() if equals else variables[0]
        if name not in variables or (not equals and len(variables) > 1):
            raise GradcliError(f"--range {text!r} does not name {', '.join(variables)}", HINT)
        low, colon, high = ends.partition(":")
        if not colon or ":" in high:
            raise GradcliError(f"--range takes low:high, not {ends.strip()!r}", HINT)
        found[name] = ordered(number(low, name), number(high, name))
    return found


def number(text: str, name: str) -> float:
    """One number, or a constant."""
    from gradcli.expression.values import parse_values

    return float(parse_values(text.strip(), name)[0])


def ordered(low: float, high: float) -> Range:
    """Both ends, if the first is below the second."""
    if not low < high:
        raise GradcliError(f"a range from {low:g} to {high:g} is empty", HINT)
    return low, high


def natural_step(function: Along, x: float) -> float:
    """A step at which a secant can be told from the tangent, while f still looks simple over 2.5 steps either way.

    The largest of max(1, |x|)/2, halved again and again, over which f has values everywhere, turns at most three times,
    has no spike, and stays near enough to its tangent.
    """
    size = max(1.0, abs(x))
    nearby = x + np.array([-1e-6, 0.0, 1e-6]) * size
    below, here, above = function(nearby).tolist()
    slope = (above - below) / (nearby[2] - nearby[0])
    for halving in range(45):
        h = size / 2 ** (halving + 1)
        # spread by the golden ratio, and so in step with no period of f
        xs = x + 2.5 * h * (2 * np.sort(np.arange(1, 400) * 0.6180339887498949 % 1) - 1)
        ys = function(xs)
        strays = np.abs(ys - here - slope * (xs - x))
        if np.isfinite(ys).all() and turns(ys) <= 3 and not _has_spike(ys) and not strays.max() > 2.5 * np.ptp(ys):
            return _round(h)
    return _round(size / 2)


def _has_spike(ys: Array) -> bool:
    low, most_low, most_high, high = np.percentile(ys, [0, 10, 90, 100])
    return bool(high - low > 8 * (most_high - most_low))


def _round(h: float) -> float:
    """One digit, 1, 2 or 5, not above h."""
    power = 10.0 ** math.floor(math.log10(h) + 1e-9)
    return float(f"{max(lead for lead in (1, 2, 5) if lead * power <= h * (1 + 1e-9)) * power:.1g}")


BOXES = (10.0, 3.0, 1.0, 100.0, 1000.0, 10000.0, 0.1)
"""Half-widths of the squares around the middle that are searched for stationary points, in this order."""

MOST = 16
"""Stationary points that a picture is made to hold; with more, f repeats itself and a part will do."""


CANDIDATES = 200
"""Cells looked at more closely, about; f has far fewer stationary points, or they repeat."""


def box(
    function: Plane, given: Mapping[int, Range], middle: tuple[float, float], *, holding: bool, search: bool = True
) -> tuple[Range, Range]:
    """Ranges of both variables in which a function of two variables shows itself.

    Around its stationary points if there are a few, else around the middle; less where f has no values. `given` ranges
    stay; with `holding` the middle is in the picture whatever else is. Without `search` it takes few values.
    """
    spots = _few_spots(function, middle) if search and len(given) < 2 else None
    if spots:
        around = [_around([spot[axis] for spot in spots] + [middle[axis]] * holding) for axis in (0, 1)]
    else:
        reach = 4.0 if spots is not None else 2.0
        around = [(place - reach, place + reach) for place in middle]
    chosen = [given.get(axis, around[axis]) for axis in (0, 1)]
    trimmed = _trimmed(function, chosen, 81 if search else 21)
    return given.get(0, trimmed[0]), given.get(1, trimmed[1])


def _few_spots(function: Plane, middle: tuple[float, float]) -> list[tuple[float, float]] | None:
    """The stationary points in the first box that has a few; an empty list where there are many, None for none."""
    many = False
    for half in BOXES:
        spots = stationary(function, middle, half)
        if 0 < len(spots) < MOST:
            return spots
        many |= len(spots) >= MOST
    return [] if many else None


def _around(places: Sequence[float]) -> Range:
    """With room to see: at least 2 either way at scale 1, in round numbers."""
    low, high = min(places), max(places)
    room = max(0.25 * (high - low), 2.0 if max(abs(low), abs(high)) < 20 else 0.4 * max(abs(low), abs(high)))
    unit = 10 ** math.floor(math.log10(room)) / 2
    return math.floor((low - room) / unit + 1e-9) * unit, math.ceil((high + room) / unit - 1e-9) * unit


def stationary(function: Plane, middle: tuple[float, float], half: float) -> list[tuple[float, float]]:
    """Points in a square where the gradient vanishes: cells over which both partials change sign, made sharp."""
    xs, ys = (np.linspace(place - half, place + half, 81) + half * 1e-3 for place in middle)
    z = function(*np.meshgrid(xs, ys))
    with np.errstate(invalid="ignore"):
        across, along = np.diff(z, axis=1)[:-1], np.diff(z, axis=0)[:, :-1]
        rows, columns = np.nonzero(_changes(across) & _changes(along))
    some = slice(None, None, 1 + len(rows) // CANDIDATES)
    spots = _sharpened(function, np.column_stack([xs[columns + 1], ys[rows + 1]])[some], half)
    inside = [spot for spot in spots if max(abs(spot[0] - middle[0]), abs(spot[1] - middle[1])) <= half]
    return _merged(inside, half / 40)


def _sharpened(function: Plane, spots: Array, half: float) -> list[tuple[float, float]]:
    """Newton's method from each spot; those that it does not bring to rest were bends of a valley, or kinks."""
    h = half * 1e-4
    moved = np.inf
    for _ in range(25):
        x, y = spots.T
        f = function(x, y)
        east, west, north, south = function(x + h, y), function(x - h, y), function(x, y + h), function(x, y - h)
        both = function(x + h, y + h) + function(x - h, y - h) - function(x + h, y - h) - function(x - h, y + h)
        gx, gy = (east - west) / (2 * h), (north - south) / (2 * h)
        xx, yy, xy = (east - 2 * f + west) / h**2, (north - 2 * f + south) / h**2, both / (4 * h**2)
        with np.errstate(all="ignore"):
            step = np.column_stack([gx * yy - gy * xy, gy * xx - gx * xy]) / (xx * yy - xy**2)[:, None]
        moved = np.abs(step).max(axis=1)
        # no further than a tenth of the square at once; NaN stays where it is and never comes to rest
        spots = spots - np.nan_to_num(step * np.minimum(1.0, half / 10 / np.maximum(moved, 1e-300))[:, None])
    at_rest = np.flatnonzero(moved < half * 1e-5)
    return [(_tidy(spots[k, 0], half), _tidy(spots[k, 1], half)) for k in at_rest]


def _tidy(place: float, half: float) -> float:
    """Without the digits that differences leave."""
    return round(float(place), 4 - math.floor(math.log10(half))) + 0.0


def _changes(slope: Array) -> Array:
    """Cells over whose corners a slope has both signs."""
    corners = np.stack([slope[:-1, :-1], slope[1:, :-1], slope[:-1, 1:], slope[1:, 1:]])
    return np.asarray((corners.min(axis=0) < 0) & (corners.max(axis=0) > 0))


def _merged(spots: list[tuple[float, float]], near: float) -> list[tuple[float, float]]:
    """One of every cluster."""
    kept: list[tuple[float, float]] = []
    for spot in spots:
        if all(math.dist(spot, other) > near for other in kept):
            kept.append(spot)
    return kept


def _trimmed(function: Plane, ranges: Sequence[Range], count: int) -> list[Range]:
    """Without the margins in which f has no values."""
    (left, right), (bottom, top) = ranges
    xs, ys = np.linspace(left, right, count), np.linspace(bottom, top, count)
    known = np.isfinite(function(*np.meshgrid(xs, ys)))
    if not known.any():
        raise GradcliError("f has no values in this range", HINT)
    return [_part(xs, known.any(axis=0)), _part(ys, known.any(axis=1))]


def _part(places: Array, known: Any) -> Range:  # noqa: ANN401  an array of bools, which NumPy types as it pleases
    """From the first to the last known place, with a margin where something was cut off."""
    first, last = np.flatnonzero(known)[[0, -1]]
    if last - first < 4:
        return float(places[0]), float(places[-1])
    margin = 0.04 * (places[last] - places[first])
    return float(max(places[first] - margin, places[0])), float(min(places[last] + margin, places[-1]))
