"""The figure of a loss surface: in three dimensions beside its contours, with the path of gradient descent in red."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plots.arrows import contours, levels, names_and_scale, palette, scale
from gradcli.plots.style import BLACK, VERMILION, brief, canvas, legend, number, settings, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradcli.problem import Array
    from gradcli.scenes.field import Grid
    from gradcli.scenes.surface import Surface

MOST = 400
"""Points of a path that are drawn."""


def surface(scene: Surface) -> Figure:
    """The surface beside its contours; start, steps and end of the descent are marked on both."""
    with settings():
        figure = canvas(11.5, 5.2)
        grid = figure.add_gridspec(1, 2, width_ratios=(1.0, 1.05))
        left = figure.add_subplot(grid[0], projection="3d", computed_zorder=False)
        right = figure.add_subplot(grid[1])
        _solid(left, scene)
        scale(figure, _flat(right, scene), right, scene.height)
        left.set_title(shortened(scene.title, 60))
        return figure


def _path(scene: Surface) -> tuple[Array, Array, Array]:
    """The path, thinned evenly along its way and cut off at the edge of the picture."""
    points, losses = scene.path.points, scene.path.losses
    if len(points) > MOST:
        way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        kept = np.unique(np.searchsorted(way, np.linspace(0, way[-1], MOST)).clip(0, len(points) - 1))
        points, losses = points[kept], losses[kept]
    return points[:, 0], points[:, 1], losses


def _flat(axes: Axes, scene: Surface) -> Any:  # noqa: ANN401  a set of matplotlib's contours
    axes.grid(visible=False)
    shades = contours(axes, scene.grid)
    x, y, _ = _path(scene)
    axes.plot(x, y, color="white", linewidth=3.6, zorder=4)
    axes.plot(x, y, color=VERMILION, linewidth=1.9, marker=".", markersize=5, zorder=5, label=_label(scene))
    _ends(axes, scene, x[[0, -1]], y[[0, -1]])
    names_and_scale(axes, scene.names, scene.grid)
    axes.set_title("Gradient descent" + (" on standardised features" if scene.path.standardised else ""))
    legend(axes)
    return shades


def _label(scene: Surface) -> str:
    path = scene.path
    steps = len(path.points) - 1
    halved = f" halved {path.halvings} times" if path.halvings else ""
    return f"\N{GREEK SMALL LETTER ALPHA} = {number(path.learning_rate)}{halved}, {steps} step{'s' * (steps != 1)}"


def _ends(axes: Any, scene: Surface, *places: Array) -> None:  # noqa: ANN401  axes of two or of three dimensions
    start, end = (number(float(f"{loss:.4g}")) for loss in scene.path.losses[[0, -1]].tolist())
    why = f", {scene.path.stopped}" if scene.path.stopped == "the iterations ran out" else ""
    for k, marker, size, color, label in (
        (0, "o", 9, "white", f"start: {start}"),
        (1, "*", 15, VERMILION, f"end: {end}{why}"),
    ):
        spot = [place[k : k + 1] for place in places]
        axes.plot(*spot, linestyle="none", marker=marker, markersize=size, markerfacecolor=color,
                  markeredgecolor=BLACK, markeredgewidth=1.3, zorder=9, label=label)  # fmt: skip


def _solid(axes: Any, scene: Surface) -> None:  # noqa: ANN401  Axes3D has no stubs of its own
    """Every other line of the grid, coloured as the contours are, but smoothly."""
    from matplotlib.colors import FuncNorm
    from matplotlib.ticker import MaxNLocator

    grid = scene.grid
    chosen = levels(grid.zs)
    even = np.linspace(0.0, 1.0, len(chosen))
    x, y = np.meshgrid(grid.xs[::2], grid.ys[::2])
    heights = _cut(grid)
    norm = FuncNorm((lambda z: np.interp(z, chosen, even), lambda share: np.interp(share, even, chosen)), clip=True)
    norm.vmin, norm.vmax = chosen[0], chosen[-1]
    axes.plot_surface(x, y, heights, cmap=palette(), norm=norm, rstride=1, cstride=1, linewidth=0, antialiased=False,
                      alpha=0.93, zorder=1)  # fmt: skip
    across, along, losses = _path(scene)
    axes.plot(across, along, losses, color=VERMILION, linewidth=2.2, marker=".", markersize=4, zorder=8)
    _ends(axes, scene, across[[0, -1]], along[[0, -1]], losses[[0, -1]])
    axes.set_xlabel(scene.names[0])
    axes.set_ylabel(scene.names[1])
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(lambda value, _: brief(value))
    axes.set_box_aspect((1.0, 1.0, 0.72), zoom=1.0)
    axes.view_init(elev=36, azim=_side(scene))


def _cut(grid: Grid) -> Array:
    """Heights on every other line, without the walls of poles, and torn wherever the finer grid is."""
    missing = np.isnan(grid.zs)
    missing[:, :-1] |= missing[:, 1:]
    missing[:-1] |= missing[1:]
    zs = np.where(missing, np.nan, grid.zs)[::2, ::2]
    known = zs[np.isfinite(zs)]
    low, high = np.percentile(known, [3, 97])
    room = 2.5 * (high - low) or 1.0
    return np.where((zs >= low - room) & (zs <= high + room), zs, np.nan)


def _side(scene: Surface) -> float:
    """Look from opposite the start, a little turned: the descent then comes down the inner side of the far wall."""
    start, middle = scene.path.points[0], np.array([np.mean(scene.grid.xs), np.mean(scene.grid.ys)])
    size = np.array([np.ptp(scene.grid.xs), np.ptp(scene.grid.ys)])
    across, along = ((start - middle) / size).tolist()
    return float(np.degrees(np.arctan2(along, across))) + 180.0 + 30.0
