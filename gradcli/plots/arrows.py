"""The figure of a gradient field: contours, and arrows that point uphill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plots.style import BLACK, brief, canvas, number, settings, shortened
from gradcli.scenes.field import ARROWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradcli.problem import Array
    from gradcli.scenes.field import Field, Grid

COLORS = "cividis"
"""From dark blue to yellow, ever lighter: the same to the colour-blind, and in grey."""

PALER = 0.42
"""White mixed into the colours, so that black arrows can be seen on all of them."""

SQUARE = 4.0
"""Largest quotient of two ranges that are still drawn to the same scale, so that arrows stand upright on contours."""


def arrows(scene: Field) -> Figure:
    """Contours with gradient arrows, uphill; the longer the steeper, by the cube root, so that small ones are seen."""
    with settings():
        figure = canvas(7.2, 6.0)
        axes = figure.add_subplot()
        axes.grid(visible=False)
        shades = contours(axes, scene.grid)
        scale(figure, shades, axes, f"f({', '.join(scene.names)})")
        _draw(axes, scene)
        names_and_scale(axes, scene.names, scene.grid)
        axes.set_title(_title(scene))
        return figure


def _title(scene: Field) -> str:
    fixed = "".join(f", {name} = {number(value)}" for name, value in scene.fixed.items())
    partials = ", ".join(formula or "?" for formula in scene.formulas)
    gradient = f"\N{NABLA}f = ({partials})" if len(partials) < 50 else "The gradient"
    return f"f = {shortened(scene.expression, 56)}{fixed}\n{gradient} points uphill"


def contours(axes: Axes, grid: Grid) -> Any:  # noqa: ANN401  a set of matplotlib's contours
    """Filled contours and thin lines between them, at levels that show both a flat floor and steep walls."""
    chosen = levels(grid.zs)
    zs = np.ma.masked_invalid(grid.zs)
    shades = axes.contourf(grid.xs, grid.ys, zs, levels=chosen, cmap=palette(), norm=even(chosen), extend="both")
    axes.contour(grid.xs, grid.ys, zs, levels=chosen, colors="white", linewidths=0.7, linestyles="solid", alpha=0.7)
    return shades


def palette() -> Any:  # noqa: ANN401  a colormap of matplotlib's
    """The colours, paler."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    pure = colormaps[COLORS](np.linspace(0.0, 1.0, 256))
    pure[:, :3] += PALER * (1 - pure[:, :3])
    return ListedColormap(pure)


STEEP = 0.05
"""Where the median stands so low between the smallest and the largest value, levels crowd at the bottom; or less so."""


def levels(zs: Array) -> Array:
    """Round values, evenly spaced; or crowded near the smallest where most of f lies there, as losses do."""
    from matplotlib.ticker import MaxNLocator

    known = zs[np.isfinite(zs)]
    low, middle, high = np.percentile(known, [1, 50, 98]).tolist()
    least = float(known.min())
    least = 0.0 if 0 < least < 1e-3 * high else least
    if not high > low:
        return np.array([least - 1.0, least, least + 1.0])
    if high - low > 20 * np.ptp(np.percentile(known, [10, 90])):
        low, high = np.percentile(known, [4, 96]).tolist()
    elif middle - least < 4 * STEEP * (high - least):
        power = 4 if middle - least < STEEP * (high - least) else 2
        above = (high - least) * np.linspace(0.0, 1.0, 14) ** power
        return np.array([least + float(f"{step:.2g}") for step in above.tolist()])
    return np.asarray(MaxNLocator(14, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))


def even(chosen: Array) -> Any:  # noqa: ANN401  a norm of matplotlib's
    """As many colours to each step between levels."""
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(chosen, 256, extend="both")


def scale(figure: Figure, shades: Any, axes: Axes, name: str) -> None:  # noqa: ANN401  matplotlib's contours
    """What the colours mean, in plain numbers."""
    bar = figure.colorbar(shades, ax=axes, shrink=0.9, pad=0.02, format=lambda value, _: brief(value))
    bar.set_label(name)


def names_and_scale(axes: Axes, names: tuple[str, str], grid: Grid) -> None:
    """Labels, and the same scale on both axes where the ranges allow it."""
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    width, height = np.ptp(grid.xs), np.ptp(grid.ys)
    axes.set_xlim(grid.xs[0], grid.xs[-1])
    axes.set_ylim(grid.ys[0], grid.ys[-1])
    if 1 / SQUARE <= width / height <= SQUARE:
        axes.set_aspect("equal")


def _draw(axes: Axes, scene: Field) -> None:
    """Arrows of f's gradient; their directions are those of the data, whatever the scales."""
    size = np.hypot(scene.across, scene.along)
    if not size.size or not size.max():
        return
    longest = 0.86 * np.array([np.ptp(scene.grid.xs), np.ptp(scene.grid.ys)]) / ARROWS
    stretched = np.cbrt(size / np.percentile(size, 98)).clip(0.0, 1.15)
    unit = np.divide(stretched, size, out=np.zeros_like(size), where=size > 0) / _unit(scene, longest)
    axes.quiver(
        scene.x, scene.y, scene.across * unit, scene.along * unit, angles="xy", scale_units="xy", scale=1.0,
        pivot="mid", color=BLACK, width=0.004, headwidth=4.2, headlength=5.0, headaxislength=4.5, zorder=5,
        label="gradient",
    )  # fmt: skip


def _unit(scene: Field, longest: Array) -> Array:
    """By how much a gradient of length 1 must shrink to fit between its neighbours."""
    size = np.hypot(scene.across, scene.along)
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.maximum(np.abs(scene.across / size) / longest[0], np.abs(scene.along / size) / longest[1])
    return np.where(np.isfinite(reach) & (reach > 0), reach, 1.0)
