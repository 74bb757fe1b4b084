"""The figure of a derivative: the curve, the tangent, and the three secants that differences take for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plots.style import BLACK, GREY, LOOKS, canvas, legend, number, settings, shortened
from gradcli.problem import Nature

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradcli.scenes.tangent import Tangent

FORMULAS = {
    "forward": "(f(x+h) \N{MINUS SIGN} f(x)) / h",
    "backward": "(f(x) \N{MINUS SIGN} f(x\N{MINUS SIGN}h)) / h",
    "central": "(f(x+h) \N{MINUS SIGN} f(x\N{MINUS SIGN}h)) / 2h",
}
REACH = 2.3
"""Steps to either side of x over which the lines are drawn: far enough out to fan apart."""


def tangent(scene: Tangent) -> Figure:
    """The curve around x, secants over h, and the tangent or why there is none; the slopes stand in the legend."""
    with settings():
        figure = canvas(8.0, 5.2)
        axes = figure.add_subplot()
        axes.plot(scene.curve.xs, scene.curve.ys, color=GREY, linewidth=3.2, label=_curve_label(scene), zorder=2)
        _secants(axes, scene)
        _tangent(axes, scene)
        _points(axes, scene)
        _limits(axes, scene)
        _step(axes, scene)
        axes.set_xlabel(scene.variable)
        axes.set_ylabel(f"f({scene.variable})")
        axes.set_title(_title(scene))
        legend(axes)
        return figure


def _curve_label(scene: Tangent) -> str:
    names = ", ".join([scene.variable, *scene.fixed])
    return f"f({names}) = {shortened(scene.expression, 40)}"


def _title(scene: Tangent) -> str:
    fixed = "".join(f", {name} = {number(value)}" for name, value in scene.fixed.items())
    return f"Secants and tangent at {scene.variable} = {number(scene.x)}{fixed}, h = {number(scene.step)}"


def _secants(axes: Axes, scene: Tangent) -> None:
    for secant in scene.secants:
        look, formula = LOOKS[secant.method], FORMULAS[secant.method]
        if secant.slope is None:
            axes.plot([], [], **look.line, label=f"{secant.method}: no value at one of its points")
            continue
        xs = np.array([scene.x - REACH * scene.step, scene.x + REACH * scene.step])
        ys = secant.start[1] + secant.slope * (xs - secant.start[0])
        axes.plot(xs, ys, **look.line, label=f"{secant.method}: {formula} = {number(secant.slope)}", zorder=3)


def _tangent(axes: Axes, scene: Tangent) -> None:
    slope = scene.slope
    style: dict[str, Any] = {"color": BLACK, "linewidth": 1.6, "zorder": 4}
    if slope.value is not None:
        axes.plot(
            *_line(scene, slope.value, -REACH, REACH), label=f"tangent: {_derivative(scene, slope.value)}", **style
        )
        return
    why = WHY[slope.nature] if slope.nature else "no derivative is known"
    sides = [(side, value) for side, value in ((-1, slope.left), (1, slope.right)) if value is not None]
    told = ", ".join(f"{'left' if side < 0 else 'right'} slope {number(value)}" for side, value in sides)
    for side, value in sides:
        axes.plot(*_line(scene, value, 0, REACH * side), **style)
    drawn: dict[str, Any] = style if sides else {"linestyle": "none"}
    axes.plot([], [], label=f"no tangent ({why})" + (f": {told}" if told else ""), **drawn)


def _derivative(scene: Tangent, value: float) -> str:
    name = (
        f"\N{PARTIAL DIFFERENTIAL}f/\N{PARTIAL DIFFERENTIAL}{scene.variable}"
        if scene.fixed
        else f"f\N{PRIME}({scene.variable})"
    )
    if scene.formula is None:
        return f"{name} = {number(value)} (measured)"
    formula = "" if scene.formula == number(value) else f" = {shortened(scene.formula, 32)}"
    return f"{name}{formula} = {number(value)}"


WHY = {
    Nature.KINK: "a kink",
    Nature.JUMP: "f jumps",
    Nature.VERTICAL: "it would be vertical",
    Nature.POLE: "a pole",
    Nature.EDGE: "the edge of the domain",
    Nature.OUTSIDE: "outside the domain",
}


def _line(scene: Tangent, slope: float, start: float, end: float) -> tuple[list[float], list[float]]:
    """A line through the point, between so many steps from it."""
    h = scene.step
    return (
        [scene.x + start * h, scene.x + end * h],
        [scene.value + slope * start * h, scene.value + slope * end * h],
    )


def _points(axes: Axes, scene: Tangent) -> None:
    spots = {secant.start for secant in scene.secants} | {secant.end for secant in scene.secants}
    known = sorted(spot for spot in spots if math.isfinite(spot[1]))
    axes.plot(*zip(*known, strict=True), linestyle="none", marker="o", color=BLACK, zorder=6) if known else None
    if scene.curve.holes:
        axes.plot(*zip(*scene.curve.holes, strict=True), linestyle="none", marker="o", markersize=8,
                  markerfacecolor="white", markeredgecolor=GREY, markeredgewidth=2, zorder=5)  # fmt: skip


def _limits(axes: Axes, scene: Tangent) -> None:
    """The curve where most of it lies, and the points of the secants; poles run out of the picture."""
    xs, ys = scene.curve.xs, scene.curve.ys
    known = ys[np.isfinite(ys)]
    spots = [y for secant in scene.secants for y in (secant.start[1], secant.end[1]) if math.isfinite(y)]
    if known.size:
        low, high = np.percentile(known, [4, 96])
        room = float(high - low)
        shown = known[(known >= low - room) & (known <= high + room)]
        spots += [float(shown.min()), float(shown.max())]
    low, high = (min(spots), max(spots)) if spots else (-1.0, 1.0)
    margin = 0.12 * (high - low) or 0.5 * max(1.0, abs(high))
    axes.set_xlim(float(xs[0]), float(xs[-1]))
    axes.set_ylim(low - 1.6 * margin, high + margin)


def _step(axes: Axes, scene: Tangent) -> None:
    """The step h as a measure below the curve, and the three places on the axis."""
    bottom, top = axes.get_ylim()
    level = bottom + 0.055 * (top - bottom)
    for side in (-1, 1):
        axes.annotate("", (scene.x + side * scene.step, level), (scene.x, level),
                      annotation_clip=True, arrowprops={"arrowstyle": "<->", "color": GREY, "linewidth": 1.2,
                                  "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        axes.text(scene.x + side * scene.step / 2, level, "h", color="#404040", ha="center", va="bottom", clip_on=True)
    for secant_x in (scene.x - scene.step, scene.x, scene.x + scene.step):
        axes.axvline(secant_x, color="#C8C8C8", linewidth=0.9, linestyle=(0, (2, 3)), zorder=1)
