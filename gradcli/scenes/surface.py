"""A loss over its two parameters, with the path that gradient descent takes down it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.errors import GradcliError
from gradcli.scenes.field import GRID, Grid, Plate, grid, ranges

if TYPE_CHECKING:
    from gradcli.models import Model
    from gradcli.problem import Array
    from gradcli.scenes.views import Range

SHARE = 0.2
"""Part of 1/L that pictures take as learning rate: 1/L may arrive in one step, and there would be no path to see."""

ITERATIONS = 5000
"""Steps at most down an expression."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where gradient descent went: points (k, 2), losses (k,), with the alpha it began with, and why it stopped.

    halvings: how often alpha was halved on the way.
    standardised: the steps were taken on standardised features, and are shown in the data's units.
    """

    points: Array
    losses: Array
    learning_rate: float
    stopped: str
    halvings: int = 0
    standardised: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """A function of two variables and a path on it; `height` is what its values are called."""

    title: str
    names: tuple[str, str]
    grid: Grid
    path: Path
    height: str


def surface_of_expression(
    plate: Plate, view: Mapping[str, Range], *, lr: float | None = None, iterations: int | None = None
) -> Surface:
    """Descent on an expression, from the point that is given or else from high up near the edge of the view."""
    x_range, y_range = ranges(plate, view)
    given = set(plate.names) <= plate.point.keys()
    start = tuple(plate.point[name] for name in plate.names) if given else high_up(plate, x_range, y_range)
    shown = grid(plate, x_range, y_range)
    path = descend(plate, (start[0], start[1]), (x_range, y_range), lr, iterations or ITERATIONS)
    fixed = "".join(f", {name} = {value:g}" for name, value in plate.fixed.items())
    height = f"f({', '.join(plate.names)})"
    return Surface(f"f = {plate.expression.text.strip()}{fixed}", plate.names, shown, path, height)


def high_up(plate: Plate, x_range: Range, y_range: Range) -> tuple[float, float]:
    """A point to start from: where f is higher than over 85 % of the view and steep, and on no line of symmetry."""
    shares = (np.linspace(0.08, 0.9, 9), np.linspace(0.13, 0.86, 9))
    ends = zip(shares, (x_range, y_range), strict=True)
    x, y = (part.ravel() for part in np.meshgrid(*(low + share * (high - low) for share, (low, high) in ends)))
    heights, steep = plate(x, y), np.hypot(plate.slope(0, x, y), plate.slope(1, x, y))
    known = np.isfinite(heights) & np.isfinite(steep)
    if not known.any():
        raise GradcliError("f has no values here to descend from", "give a start with --at, or another --range")
    wanted = np.percentile(heights[known], 85)
    far_off = np.where(known, np.abs(heights - wanted) / (np.ptp(heights[known]) or 1.0), np.inf)
    best = int(np.argmax(np.where(far_off <= far_off.min() + 0.03, steep, -1.0)))
    return _brief(float(x[best])), _brief(float(y[best]))


def _brief(place: float) -> float:
    """Three digits are enough to start from."""
    return float(f"{place:.3g}")


def descend(
    plate: Plate, start: tuple[float, float], view: tuple[Range, Range], lr: float | None, iterations: int
) -> Path:
    """Theta <- theta - alpha grad f, until the gradient has vanished or the path leaves the picture.

    alpha is a fifth of 1/L at the start if not given, and then halved should f ever rise.
    """
    theta = np.array(start, dtype=float)
    loss, gradient = _at(plate, theta)
    if not (math.isfinite(loss) and np.isfinite(gradient).all()):
        raise GradcliError(f"f has no gradient at the start {start}", "give another start with --at")
    first = alpha = lr or float(f"{SHARE / _curvature(plate, theta, view):.2g}")
    steep, small = float(np.linalg.norm(gradient)), 1e-9 * max(high - low for low, high in view)
    points, losses, halvings = [theta], [loss], 0
    stopped = "the iterations ran out"
    while len(points) <= iterations:
        # theta <- theta - alpha grad f
        after = theta - alpha * gradient
        risen, slope = _at(plate, after)
        if lr is None and risen > loss + 1e-12 * abs(loss) and halvings < 60:
            alpha, halvings = alpha / 2, halvings + 1
            continue
        points.append(after)
        losses.append(risen)
        if not math.isfinite(risen) or not _inside(after, view):
            stopped = "the path left the picture"
            break
        if np.linalg.norm(slope) <= 1e-6 * steep or np.abs(after - theta).max() <= small:
            stopped = "the gradient has vanished"
            break
        theta, loss, gradient = after, risen, slope
    return Path(np.array(points), np.array(losses), first, stopped, halvings)


def _at(plate: Plate, theta: Array) -> tuple[float, Array]:
    """F and its gradient at one point."""
    x, y = theta.tolist()
    return plate.at(x, y)


def _curvature(plate: Plate, theta: Array, view: tuple[Range, Range]) -> float:
    """The largest change of the gradient per unit of way around theta, in any direction."""
    reach = 1e-4 * min(high - low for low, high in view)
    _, here = _at(plate, theta)
    columns = []
    for axis in (0, 1):
        moved = theta.copy()
        moved[axis] += reach
        columns.append((_at(plate, moved)[1] - here) / reach)
    bent = float(np.linalg.norm(np.column_stack(columns), 2))
    # where f is straight, a step of a hundredth of the view
    straight = 100 * float(np.linalg.norm(here)) * SHARE / min(high - low for low, high in view)
    return bent if math.isfinite(bent) and bent > straight / 100 else straight or 1.0


def _inside(theta: Array, view: tuple[Range, Range]) -> bool:
    return all(low <= place <= high for place, (low, high) in zip(theta.tolist(), view, strict=True))


def surface_of_model(
    model: Model,
    view: Mapping[str, Range],
    *,
    lr: float | None = None,
    iterations: int | None = None,
    start: Mapping[str, float] | None = None,
    standardize: bool = True,
) -> Surface:
    """Descent on the loss of a model with two parameters, in the data's units."""
    from gradcli import descent

    if model.size != 2:
        found = ", ".join(model.parameters[:6]) + (", ..." if model.size > 6 else "")
        raise GradcliError(
            f"a surface has two parameters, and {model.name} here {model.size}: {found}",
            "choose one column: --features NAME" if len(model.columns) > 1 else "leave out --hidden and --no-intercept",
        )
    lr = lr or visible_rate(model, standardize=standardize)
    steps: list[descent.Step] = []
    done = descent.descend(
        model, lr=lr, iterations=iterations, start=start, standardize=standardize, trace=steps.append, tol=1e-6
    )
    points = np.array([step.parameters for step in steps])
    losses = np.array([step.loss for step in steps])
    path = Path(points, losses, done.learning_rate, done.stopped, standardised=standardize)
    names = (model.parameters[0], model.parameters[1])
    shown = [view.get(name) or _around_path(model, points, axis) for axis, name in enumerate(names)]
    height = "loss L (mean squared error)" if model.name == "linreg" else "loss L (binary cross-entropy)"
    title = f"{model.name}: loss over {names[0]} and {names[1]}"
    return Surface(title, names, _losses(model, shown, points[-1]), path, height)


def visible_rate(model: Model, *, standardize: bool = True, seed: int = 0) -> float | None:
    """A fifth of 1/L, None where that is unknown."""
    from gradcli.descent.convergence import largest_curvature
    from gradcli.descent.frame import Frame

    frame = Frame.of(model, standardize=standardize)
    largest = largest_curvature(frame.inside, frame.start(None, seed), seed)
    return float(f"{SHARE / largest:.2g}") if largest else None


def _around_path(model: Model, points: Array, axis: int) -> Range:
    """The whole path, and as much beside it as the loss takes to rise as high again as at the start."""
    end, start = points[-1], points[0]
    fallen = model.loss(start) - model.loss(end)
    curvature = float(model.curvature(end)[axis, axis])
    rising = math.sqrt(2 * fallen / curvature) if fallen > 0 < curvature else 0.0
    reach = 1.15 * max(float(np.abs(points[:, axis] - end[axis]).max()), rising) or 1.0
    return float(end[axis] - reach), float(end[axis] + reach)


def _losses(model: Model, view: list[Range], end: Array) -> Grid:
    """The loss over a rectangle: a row of perturbations at a time, or for linreg from its curvature alone."""
    xs, ys = (np.linspace(*ends, GRID) for ends in view)
    if model.name == "linreg":
        x, y = np.meshgrid(xs - end[0], ys - end[1])
        loss, gradient = model.loss_and_gradient(end)
        H = model.curvature(end)
        # L(theta + d) = L + g d + d H d / 2, without an error: L is quadratic
        zs = loss + gradient[0] * x + gradient[1] * y + (H[0, 0] * x**2 + 2 * H[0, 1] * x * y + H[1, 1] * y**2) / 2
        return Grid(xs, ys, zs)
    index = np.zeros(GRID, dtype=np.intp)
    zs = np.array([model.shifted(np.array([xs[0], y]), index, xs - xs[0]) for y in ys])
    return Grid(xs, ys, zs)
