"""A function of two variables on a grid, with its gradient at fewer points: what contours and arrows show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcli.errors import GradcliError
from gradcli.scenes.breaks import close_in, drawable, is_broken, is_slow
from gradcli.scenes.views import Range, box
from gradcli.workers import alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.expression import Expression
    from gradcli.problem import Array

    Plane: TypeAlias = Callable[[Array, Array], Array]

GRID = 161
"""Points of the grid in each direction."""

COARSE = 33
"""The same for functions that take long."""

ARROWS = 17
"""Arrows in each direction."""


@dataclass(frozen=True, slots=True)
class Grid:
    """xs (n,), ys (m,), and zs (m, n) with NaN where there is no value, or a jump that must not be joined."""

    xs: Array
    ys: Array
    zs: Array


@dataclass(frozen=True, slots=True)
class Field:
    """Contours and gradient arrows of a function of two variables; arrows, (k,) each, stand where there is a gradient.

    fixed: the values of the other variables. formulas: the partials as text.
    """

    expression: str
    names: tuple[str, str]
    grid: Grid
    x: Array
    y: Array
    across: Array
    along: Array
    formulas: tuple[str | None, str | None]
    fixed: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Plate:
    """An expression as a function of two of its variables, the others held where they are; arrays go in and out."""

    expression: Expression
    names: tuple[str, str]
    point: Mapping[str, float]

    def __call__(self, x: Array, y: Array) -> Array:
        """The values at many points."""
        return drawable(self.expression.values(self._places(x, y)))

    def at(self, x: float, y: float) -> tuple[float, Array]:
        """The value and the gradient (2,) at one point."""
        moving = dict(zip(self.names, (x, y), strict=True))
        place = [moving[name] if name in moving else self.point[name] for name in self.expression.variables]
        slopes = self.expression.gradient(place)
        return self.expression.function(place), np.array([slopes[self.expression.index(name)] for name in self.names])

    def slope(self, axis: int, x: Array, y: Array) -> Array:
        """The partial by one of the two: by its formula, or where none is known by central differences."""
        known = self.expression.derivative_values(self.names[axis], self._places(x, y))
        if known is not None:
            return drawable(known)
        h = 6e-6 * np.maximum(1.0, np.abs((x, y)[axis]))
        dx, dy = (h, 0.0) if axis == 0 else (0.0, h)
        return (self(x + dx, y + dy) - self(x - dx, y - dy)) / (2 * h)

    def _places(self, x: Array, y: Array) -> list[Any]:
        moving = dict(zip(self.names, np.broadcast_arrays(x, y), strict=True))
        return [moving[name] if name in moving else np.asarray(self.point[name]) for name in self.expression.variables]

    @property
    def fixed(self) -> dict[str, float]:
        """The variables that do not move."""
        return {name: value for name, value in self.point.items() if name not in self.names}


def plate(expression: Expression, point: Mapping[str, float], wrt: tuple[str, ...]) -> Plate:
    """The expression over two variables: those named by `wrt`, else its only two. The others need a value."""
    names = wrt or expression.variables
    if len(names) != 2:
        found = ", ".join(names) or "none"
        raise GradcliError(f"this picture is of two variables, not of {len(names)}: {found}", "name two: --wrt x,y")
    missing = [name for name in expression.variables if name not in names and name not in point]
    if missing:
        raise GradcliError(f"{missing[0]} has no value", f"hold it somewhere: --at {missing[0]}=1")
    return Plate(expression, (names[0], names[1]), {name: float(value) for name, value in point.items()})


def field(surface: Plate, view: Mapping[str, Range]) -> Field:
    """Contours and arrows over a view that is chosen from the function where it is not given."""
    x_range, y_range = ranges(surface, view)
    x, y = (part.ravel() for part in np.meshgrid(_inner(x_range), _inner(y_range)))
    across, along = surface.slope(0, x, y), surface.slope(1, x, y)
    alive()
    smooth = is_smooth(surface, x, y, across, along, (x_range, y_range))
    expression = surface.expression
    return Field(
        expression.text.strip(),
        surface.names,
        grid(surface, x_range, y_range),
        x[smooth],
        y[smooth],
        across[smooth],
        along[smooth],
        (expression.formula(surface.names[0]), expression.formula(surface.names[1])),
        surface.fixed,
    )


def ranges(surface: Plate, view: Mapping[str, Range]) -> tuple[Range, Range]:
    """The view of both variables; a point given for one of them is in the middle of the search."""
    given = {axis: view[name] for axis, name in enumerate(surface.names) if name in view}
    middle = tuple(surface.point.get(name, 0.0) for name in surface.names)
    holding = any(name in surface.point for name in surface.names)
    return box(surface, given, (middle[0], middle[1]), holding=holding, search=not is_slow(surface, 2))


def _inner(ends: Range) -> Array:
    """Places for arrows, not on the very edge."""
    margin = (ends[1] - ends[0]) / (2 * ARROWS)
    return np.linspace(ends[0] + margin, ends[1] - margin, ARROWS)


def is_smooth(surface: Plane, x: Array, y: Array, across: Array, along: Array, view: tuple[Range, Range]) -> Array:
    """Where the two one-sided differences agree in both directions: no arrow stands on a kink or a jump."""
    size = np.hypot(across, along)
    typical = float(np.median(size[np.isfinite(size)])) if np.isfinite(size).any() else 0.0
    smooth = np.isfinite(size)
    here = surface(x, y)
    for dx, dy in ((1e-6, 0.0), (0.0, 1e-6)):
        h = dx * (view[0][1] - view[0][0]) + dy * (view[1][1] - view[1][0])
        step_x, step_y = h * (dx > 0), h * (dy > 0)
        ahead, behind = surface(x + step_x, y + step_y) - here, here - surface(x - step_x, y - step_y)
        noise = 1e-14 * np.abs(here) / h
        with np.errstate(invalid="ignore"):
            smooth &= np.abs(ahead - behind) / h <= 0.01 * (size + typical) + noise
    return np.asarray(smooth)


def grid(surface: Plane, x_range: Range, y_range: Range) -> Grid:
    """Values over a rectangle, torn where the function jumps or has a pole; coarse for a function that takes long."""
    points = COARSE if is_slow(surface, 2) else GRID
    xs, ys = np.linspace(*x_range, points), np.linspace(*y_range, points)
    x, y = np.meshgrid(xs, ys)
    zs = surface(x, y)
    alive()
    torn = (
        _tears(zs, lambda at, row: surface(at, ys[row]), xs)
        | _tears(zs.T, lambda at, column: surface(xs[column], at), ys).T
    )
    return Grid(xs, ys, np.where(torn, np.nan, zs))


def _tears(zs: Array, along_row: Callable[[Array, Array], Array], places: Array) -> Array:
    """Points beyond which, along a row, the function jumps; only suspiciously large changes are looked at."""
    with np.errstate(invalid="ignore"):
        change = np.abs(np.diff(zs, axis=1))
    torn = np.zeros(zs.shape, dtype=bool)
    known = change[np.isfinite(change)]
    if not known.size:
        return torn
    around = np.minimum(np.roll(change, 1, axis=1), np.roll(change, -1, axis=1))
    rows, columns = np.nonzero((change > 3 * np.median(known)) & (change > 2 * around))
    if rows.size:

        def function(at: Array) -> Array:
            return along_row(at, rows)

        near, far = close_in(function, places[columns], places[columns + 1], zs[rows, columns], zs[rows, columns + 1])
        low, high = np.nanpercentile(zs, [5, 95])
        broken = is_broken(function(near), function(far), float(high - low))
        torn[rows[broken], columns[broken]] = True
    return torn
