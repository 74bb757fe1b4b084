"""The figure of a sweep: error against step on logarithmic axes, a V for each method, with lines of slope h and h^2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plots.style import (
    BLACK,
    GREY,
    LOOKS,
    PALE,
    VERMILION,
    brief,
    canvas,
    legend_below,
    logarithmic,
    number,
    raised,
    settings,
    shortened,
)
from gradcli.sweep.vcurve import Shape, power_of_h

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradcli.sweep import Curve, Sweep

MOST = 6
"""Panels of a figure."""


def sweep(sweeps: Sequence[Sweep]) -> Figure:
    """A panel for each sweep, six at most."""
    shown = sweeps[:MOST]
    columns = 1 if len(shown) == 1 else 2
    rows = math.ceil(len(shown) / columns)
    with settings():
        figure = canvas(8.0 if columns == 1 else 13.0, 5.4 if rows == 1 else 4.9 * rows)
        for k, one in enumerate(shown):
            axes = figure.add_subplot(rows, columns, k + 1)
            logarithmic(axes, "x")
            axes.set_xlabel("step h")
            axes.set_xlim(one.steps[-1] / 3, one.steps[0] * 30)
            axes.set_title(_title(one, most=30 if columns == 1 else 22))
            if one.exact.slope.value is None:
                _slopes(axes, one)
            else:
                _errors(axes, one)
            legend_below(axes, 10.0 if columns == 1 else 8.5)
        return figure


def _title(one: Sweep, most: int) -> str:
    point = one.point or {one.parameter: one.value}
    place = ", ".join(f"{name} = {number(value)}" for name, value in point.items())
    symbol = "d" if len(point) == 1 else "\N{PARTIAL DIFFERENTIAL}"
    power = f"^{one.order}" if one.order > 1 else ""
    slope = f"{symbol}{power}f/{symbol}{one.parameter}{power}"
    title = f"{slope}, f = {shortened(one.target, most)}, at {shortened(place, most)}"
    nature = one.exact.slope.nature
    return title if nature is None else f"{title}\nno derivative here: {nature}"


def _errors(axes: Axes, one: Sweep) -> None:
    logarithmic(axes, "y")
    axes.set_ylabel("absolute error |numeric \N{MINUS SIGN} exact|")
    least, most = _heights(one)
    zero = least / 10
    axes.set_ylim(zero / 3, most * 10)
    for curve in one.curves:
        _curve(axes, curve, zero)
    if one.claim_is_wrong:
        _claim(axes, one)
    for curve in one.curves:
        _guide(axes, curve, most)
    if one.exact.source == "reference":
        axes.axhspan(zero / 3, one.exact.error, color=PALE, alpha=0.7, zorder=0, linewidth=0,
                     label=f"reference known to \N{PLUS-MINUS SIGN}{brief(one.exact.error)}")  # fmt: skip
    if _has_zeros(one):
        axes.axhline(zero, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)), zorder=1)
        axes.text(
            0.995, zero * 1.5, "error 0", transform=axes.get_yaxis_transform(), ha="right", color=GREY, fontsize=9
        )


def _has_zeros(one: Sweep) -> bool:
    return any(difference.error == 0 for curve in one.curves for difference in curve.differences)


def _heights(one: Sweep) -> tuple[float, float]:
    """The smallest and the largest error in the picture, in whole powers of ten."""
    errors = [difference.error for curve in one.curves for difference in curve.differences if difference.error]
    errors += [one.disagreement] if one.claim_is_wrong and one.disagreement else []
    errors += [one.exact.error] if one.exact.source == "reference" and one.exact.error else []
    low, high = min(errors, default=1e-16), max(errors, default=1.0)
    return 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))


def _curve(axes: Axes, curve: Curve, zero: float) -> None:
    """The errors, and on a line of their own at the bottom those that are exactly 0; a ring marks the best step."""
    look, told = LOOKS[curve.method], [one for one in curve.differences if one.error is not None and one.taken]
    steps = [one.taken or math.nan for one in told]
    drawn: dict[str, Any] = {**look.line, "linewidth": 1.5, "marker": look.marker, "markersize": 4.5, "zorder": 4}
    axes.plot(steps, [one.error or math.nan for one in told], label=_label(curve), **drawn)
    axes.plot(steps, [math.nan if one.error else zero for one in told], **drawn)
    best = next((one for one in told if one.step == curve.reading.best_step), None)
    if best is not None:
        axes.plot([best.taken or math.nan], [best.error or zero], linestyle="none", marker=look.marker, markersize=11,
                  markerfacecolor="none", markeredgecolor=BLACK, markeredgewidth=1.4, zorder=6)  # fmt: skip


def _label(curve: Curve) -> str:
    reading = curve.reading
    if reading.best_step is None:
        return f"{curve.method}: no values"
    order = "" if reading.observed_order is None else f"order {number(float(f'{reading.observed_order:.2f}'))}, "
    order = "no truncation error seen, " if reading.shape == Shape.EXACT else order
    return f"{curve.method}: {order}best h = {brief(reading.best_step)}"


def _claim(axes: Axes, one: Sweep) -> None:
    """The differences held against a wrong gradient: they go flat where its own error is."""
    curve = next((curve for curve in one.curves if curve.method == "central"), one.curves[-1])
    told = [
        (each.taken, abs(each.numeric - (one.claim or 0.0))) for each in curve.differences if each.numeric is not None
    ]
    axes.plot(*zip(*told, strict=True), color=VERMILION, linewidth=2.2, marker="x", markersize=5, zorder=5,
              label=f"{curve.method} \N{MINUS SIGN} gradient: flat at {brief(one.disagreement or 0.0)}")  # fmt: skip


def _guide(axes: Axes, curve: Curve, most: float) -> None:
    """A thin line of the observed order along the truncation side, named h, h^2, ..."""
    reading = curve.reading
    if reading.fitted is None or not reading.observed_order or reading.observed_order < 0.3:
        return
    low, high = reading.fitted
    inside = [one for one in curve.differences if one.error and one.taken and low <= one.step <= high]
    scale = float(np.median([(one.error or 0.0) / (one.taken or 1.0) ** reading.observed_order for one in inside]))
    steps = np.array([low / 10, 10 * curve.differences[0].step])
    heights = 2.5 * scale * steps**reading.observed_order
    axes.plot(steps, heights, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
    if not any(math.isclose(other.get_position()[1], heights[-1], rel_tol=0.5) for other in axes.texts):
        axes.text(
            1.05, min(heights[-1], most * 3), raised(power_of_h(reading.observed_order)), color="#505050", va="center"
        )


def _slopes(axes: Axes, one: Sweep) -> None:
    """Where there is no derivative: what each method gives, and the one-sided slopes."""
    axes.set_ylabel("numeric slope")
    for curve in one.curves:
        look = LOOKS[curve.method]
        told = [(each.taken, each.numeric) for each in curve.differences if each.numeric is not None]
        if told:
            axes.plot(*zip(*told, strict=True), **look.line, linewidth=1.5, marker=look.marker, markersize=4.5,
                      label=curve.method)  # fmt: skip
    for name, value in _sides(one):
        axes.axhline(value, color=BLACK, linewidth=1.0, zorder=1)
        axes.annotate(f"{name} slope {number(value)}", (1.0, value), xycoords=("axes fraction", "data"), xytext=(-4, 3),
                      textcoords="offset points", ha="right", fontsize=9.5)  # fmt: skip


def _sides(one: Sweep) -> Iterator[tuple[str, float]]:
    slope = one.exact.slope
    if slope.left is not None:
        yield "left", slope.left
    if slope.right is not None:
        yield "right", slope.right
