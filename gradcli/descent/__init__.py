"""Gradient descent, theta <- theta - alpha grad L: what it reached, why it stopped, and whether to trust it.

`descend` trains a model and returns a `Descent`; the steps themselves are in `walk`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.descent import leastsquares, separation
from gradcli.descent.convergence import Convergence, largest_curvature
from gradcli.descent.frame import DEPENDENT, Frame, affordable
from gradcli.descent.scaling import standardised
from gradcli.descent.walk import INTERRUPTED, Check, Checks, Walk
from gradcli.errors import GradcliError
from gradcli.models.network import Network

if TYPE_CHECKING:
    from gradcli.models import Model
    from gradcli.models.regression import LinearRegression
    from gradcli.problem import Array, Problem
    from gradcli.report import Report

SEPARABLE = 1_000
"""Iterations by default on separable data, where the loss falls for ever, ever more slowly."""

SEPARATION = 2 * 10**7
"""Numbers in the data up to which separability is decided beforehand."""


@dataclass(frozen=True, slots=True)
class Step:
    """One iteration; the gradient's length is in the descent's coordinates, the parameters are in the data's units."""

    iteration: int
    loss: float
    gradient_norm: float
    parameters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The exact minimum of a linear regression."""

    parameters: Mapping[str, float]
    loss: float


@dataclass(frozen=True, slots=True)
class Descent:
    """What training reached.

    parameters: by name, in the data's units. loss: at these parameters. iterations: steps taken.
    gradient_norm, learning_rate: in the descent's coordinates; largest_rate: 2/L there, None if unknown.
    stopped: why, as a sentence. converged: the loss is within `tol` of its minimum. separable: there is none.
    optimum: for linreg. accuracy: for nn. notes: what a reader should know. start: the parameters at iteration 0.
    """

    target: str
    rows: int
    parameters: Mapping[str, float]
    loss: float
    gradient_norm: float
    iterations: int
    learning_rate: float
    largest_rate: float | None
    converged: bool
    stopped: str
    start: tuple[float, ...]
    separable: bool = False
    interrupted: bool = False
    optimum: Optimum | None = None
    accuracy: float | None = None
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def excess(self) -> float | None:
        """The loss over the optimal loss, less 1; None without an optimum; infinite beside an optimum of 0."""
        if self.optimum is None:
            return None
        over = max(0.0, self.loss - self.optimum.loss)
        return over / self.optimum.loss if self.optimum.loss > 0 else (math.inf if over else 0.0)

    @property
    def distance(self) -> float | None:
        """The largest difference of a parameter from its optimum, relative to the largest parameter's size there."""
        if self.optimum is None:
            return None
        best = self.optimum.parameters
        size = max(map(abs, best.values()))
        gap = max(abs(value - best[name]) for name, value in self.parameters.items())
        return gap / size if size else gap


def descend(
    model: Model,
    *,
    lr: float | None = None,
    iterations: int | None = None,
    tol: float = 1e-8,
    seed: int = 0,
    start: Mapping[str, float] | None = None,
    standardize: bool = True,
    check: Callable[[Problem], Report] | None = None,
    check_every: int | None = None,
    progress: Callable[[int, int, float, float], None] | None = None,
    trace: Callable[[Step], None] | None = None,
) -> Descent:
    """Train a model; the default learning rate is 1/L, where L is the largest curvature of the loss.

    iterations: at most so many. tol: converged when the loss is within tol of its minimum, relatively, as judged
    from gradient and curvature. seed: for the start of nets with hidden layers; the others start at zero.
    check: called with the problem at the start, in the middle and at the end, or every `check_every` iterations.
    progress(iteration, iterations, loss, gradient norm): called at every iteration; trace: likewise.
    Raises GradcliError when the loss grows (diverges). KeyboardInterrupt ends it with what has been reached.
    """
    _refuse_nonsense(lr, iterations, tol, check_every)
    frame = Frame.of(model, standardize=standardize)
    theta = frame.start(start, seed)
    largest = largest_curvature(frame.inside, theta, seed)
    parted = parting(frame)
    limit = iterations if iterations is not None else SEPARABLE if parted else affordable(model)
    walk = Walk(frame.inside, theta, lr, largest)
    done = None if parted else Convergence(frame.inside, largest, tol, floor(model))
    checks = Checks(frame, check, check_every)

    def look(iteration: int, loss: float, norm: float) -> None:
        checks.see(iteration, walk.theta)
        if trace:
            trace(Step(iteration, loss, norm, tuple(frame.outside(walk.theta).tolist())))
        if progress:
            progress(iteration, limit, loss, norm)

    walk.follow(limit, done, look)
    return _result(frame, walk, checks, parted)


def parting(frame: Frame) -> str | None:
    """How the single neuron's classes can be parted, in words; None where they overlap, or it is not the question."""
    model = frame.model
    if not isinstance(model, Network) or model.hidden or model.columns.size > SEPARATION:
        return None
    features = frame.inside.columns
    if frame.inside is model:
        features = standardised(model.columns, bias=model.intercept).features(model.columns)
    left = int(separation.inseparable(features, model.target, intercept=model.intercept).sum())
    if left == model.rows:
        return None
    return (
        f"quasi-separable: a boundary parts all rows but {left}" if left else "separable: a boundary parts the classes"
    )


def floor(model: Model) -> float:
    """A loss so small beside the target's variation that its digits are rounding; 0 for labels."""
    if isinstance(model, Network):
        return 0.0
    return 1e-14 * float(np.var(model.target) if model.intercept else np.square(model.target).mean())


def _result(frame: Frame, walk: Walk, checks: Checks, parted: str | None) -> Descent:
    model, theta = frame.model, frame.outside(walk.theta)
    notes, optimum, accuracy = list(frame.notes), None, None
    if isinstance(model, Network):
        accuracy = model.accuracy(theta)
        if parted is None and model.parts(theta):
            parted = "separable: this net parts the classes"
    else:
        optimum = _optimum(model, notes)
    if parted:
        notes.append(f"{parted}, and the loss has no minimum: it falls for ever while the weights grow")
    if walk.halvings:
        notes.append(f"the loss rose on the way: the learning rate was halved {walk.halvings} times")
    return Descent(
        target=model.name,
        rows=model.rows,
        parameters=_named(model, theta),
        loss=model.loss(theta),
        gradient_norm=float(np.linalg.norm(walk.gradient)),
        iterations=walk.iteration,
        learning_rate=walk.rate,
        largest_rate=2 / walk.largest if walk.largest else None,
        converged=walk.converged and not parted,
        stopped=walk.stopped,
        start=tuple(frame.outside(walk.start).tolist()),
        separable=bool(parted),
        interrupted=walk.stopped == INTERRUPTED,
        optimum=optimum,
        accuracy=accuracy,
        checks=checks.finish(walk.iteration, walk.theta),
        notes=tuple(notes),
    )


def _optimum(model: LinearRegression, notes: list[str]) -> Optimum:
    best, rank = leastsquares.minimum(model)
    if rank < best.size and DEPENDENT not in notes:
        notes.append(DEPENDENT)
    return Optimum(_named(model, best), model.loss(best))


def _named(model: Model, theta: Array) -> dict[str, float]:
    return dict(zip(model.parameters, theta.tolist(), strict=True))


def _refuse_nonsense(lr: float | None, iterations: int | None, tol: float, check_every: int | None) -> None:
    if lr is not None and not (math.isfinite(lr) and lr > 0):
        raise GradcliError(f"the learning rate is {lr:g}", "give --lr a positive number")
    if iterations is not None and iterations < 0:
        raise GradcliError(f"{iterations} iterations", "give --iterations a number of steps, 0 or more")
    if not tol >= 0:
        raise GradcliError(f"the tolerance is {tol:g}", "give --tol a number, 0 or more")
    if check_every is not None and check_every < 1:
        raise GradcliError(f"check every {check_every} iterations", "give --check-every a number, 1 or more")
