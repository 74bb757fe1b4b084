"""The figure of a training: loss and gradient norm at every iteration, gradient checks, and the data with the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    canvas,
    legend,
    logarithmic,
    number,
    settings,
)
from gradcli.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gradcli.descent import Descent, Step
    from gradcli.problem import Array
    from gradcli.scenes.fit import Fit

MOST = 2000
"""Iterations that are drawn."""

LONG = 300
"""Iterations from which their axis is logarithmic: most happens early."""

CHECKED = {
    Verdict.PASS: (GREEN, "o", "gradient checked: pass"),
    Verdict.FAIL: (VERMILION, "X", "gradient checked: FAIL"),
}
UNJUDGED = (GREY, "s", "gradient checked: cannot be judged here")


def training(descent: Descent, steps: Sequence[Step], fit: Fit | None = None) -> Figure:
    """Loss above gradient norm, and beside them the data where there is one feature."""
    with settings():
        figure = canvas(11.5 if fit else 8.0, 6.0)
        grid = figure.add_gridspec(2, 2 if fit else 1)
        above = figure.add_subplot(grid[0, 0])
        below = figure.add_subplot(grid[1, 0], sharex=above)
        few = _thinned(steps)
        _loss(above, descent, few)
        _gradient(below, descent, few)
        above.tick_params(labelbottom=False)
        if fit:
            _fit(figure.add_subplot(grid[:, 1]), fit, descent)
        return figure


def _thinned(steps: Sequence[Step]) -> list[Step]:
    """Evenly on a logarithmic axis where there are many, with the first and the last."""
    if len(steps) <= MOST:
        return list(steps)
    kept = np.unique(np.geomspace(1, len(steps), MOST).astype(int) - 1)
    return [steps[k] for k in kept.tolist()]


def _loss(axes: Axes, descent: Descent, steps: Sequence[Step]) -> None:
    iterations, losses = _columns(steps, "loss")
    if losses.min() > 0 and losses.max() > 30 * losses.min():
        logarithmic(axes, "y")
    _iterations(axes, descent)
    axes.plot(iterations, losses, color=BLUE, **_points(steps), label=f"loss, at the end {number(descent.loss)}")
    if descent.optimum is not None:
        axes.axhline(descent.optimum.loss, color=BLACK, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1,
                     label=f"least squares {number(descent.optimum.loss)}")  # fmt: skip
    axes.set_ylabel("loss L")
    axes.set_title(_title(descent))
    legend(axes)


def _title(descent: Descent) -> str:
    ended = "converged" if descent.converged else descent.stopped
    times = "iteration" if descent.iterations == 1 else "iterations"
    alpha = f"\N{GREEK SMALL LETTER ALPHA} = {number(descent.learning_rate)}"
    return f"{descent.target}: {alpha}, {descent.iterations} {times}, {ended}"


def _gradient(axes: Axes, descent: Descent, steps: Sequence[Step]) -> None:
    iterations, norms = _columns(steps, "gradient_norm")
    logarithmic(axes, "y")
    _iterations(axes, descent)
    norms = np.where(norms > 0, norms, np.nan)
    axes.plot(iterations, norms, color=ORANGE, **_points(steps), label="|\N{NABLA}L|")
    _checks(axes, descent, dict(zip(iterations.tolist(), norms.tolist(), strict=True)))
    axes.set_xlabel("iteration")
    axes.set_ylabel("gradient norm |\N{NABLA}L|")
    legend(axes)


def _checks(axes: Axes, descent: Descent, norms: dict[int, float]) -> None:
    """Where the gradient was checked, on the curve: at the norm of the nearest iteration that is drawn."""
    told = set()
    for check in descent.checks:
        color, marker, label = CHECKED.get(check.verdict, UNJUDGED)
        nearest = min(norms, key=lambda iteration: abs(iteration - check.iteration))
        axes.plot([check.iteration], [norms[nearest]], linestyle="none", marker=marker, markersize=10, color=color,
                  markeredgecolor=BLACK, zorder=6, label=None if label in told else label)  # fmt: skip
        told.add(label)


def _columns(steps: Sequence[Step], name: str) -> tuple[Array, Array]:
    return np.array([step.iteration for step in steps]), np.array([getattr(step, name) for step in steps])


def _points(steps: Sequence[Step]) -> dict[str, Any]:
    """Few steps are drawn as points as well."""
    return {"marker": "." if len(steps) <= 80 else None, "linewidth": 1.8}


def _iterations(axes: Axes, descent: Descent) -> None:
    from matplotlib.ticker import MaxNLocator

    if descent.iterations > LONG:
        axes.set_xscale("symlog", linthresh=1.0)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def _fit(axes: Axes, fit: Fit, descent: Descent) -> None:
    few = fit.x.size < 500
    axes.plot(fit.x, fit.y, linestyle="none", marker="o", color=BLUE, markersize=6, alpha=0.8 if few else 0.3,
              markeredgecolor="white", markeredgewidth=0.5, label=f"data, {descent.rows} rows", zorder=5)  # fmt: skip
    axes.plot(fit.xs, fit.before, color=GREY, linestyle=(0, (4, 3)), linewidth=1.5, label="at the start", zorder=2)
    axes.plot(fit.xs, fit.after, color=VERMILION, linewidth=2.4, label=_fitted(fit, descent), zorder=4)
    axes.set_xlabel(fit.feature)
    axes.set_ylabel(f"{fit.target} (a = probability of 1)" if fit.labels else fit.target)
    if fit.labels:
        axes.set_ylim(-0.08, 1.08)
    axes.set_title("Data and probability" if fit.labels else "Data and fitted line")
    legend(axes)


def _fitted(fit: Fit, descent: Descent) -> str:
    if len(descent.parameters) > 2:
        return "a = net(x)"
    w, b = descent.parameters.get("w", 0.0), descent.parameters.get("b")
    intercept = "" if b is None else f" {'+' if b >= 0 else chr(0x2212)} {_short(abs(b))}"
    line = f"{_short(w)} x{intercept}"
    return f"a = sigmoid({line})" if fit.labels else f"y = {line}"


def _short(value: float) -> str:
    return number(float(f"{value:.4g}"))
