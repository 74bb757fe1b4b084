"""The steps of gradient descent, and the gradient checks on the way (`Walk`, `Checks`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli import models
from gradcli.errors import GradcliError
from gradcli.models.network import Network
from gradcli.report import Verdict

if TYPE_CHECKING:
    from gradcli.descent.convergence import Convergence
    from gradcli.descent.frame import Frame
    from gradcli.models import Model
    from gradcli.problem import Array, Problem
    from gradcli.report import Report


@dataclass(frozen=True, slots=True)
class Check:
    """What checking the gradient at one iteration gave, with the worst relative error of the partials judged."""

    iteration: int
    verdict: Verdict
    relative_error: float | None


INTERRUPTED = "interrupted"


class Walk:
    """Steps theta <- theta - alpha grad L; alpha is `rate`, or 1/L if None, and then halved should the loss ever rise.

    `follow` ends with `stopped`, why, and `converged`.
    """

    def __init__(self, model: Model, theta: Array, rate: float | None, largest: float) -> None:
        self.model = model
        self.start = theta
        self.theta = theta
        self.largest = largest
        self.adaptive = rate is None
        self.rate = rate if rate is not None else 1 / largest if largest else 1.0
        self.halvings = 0
        self.iteration = 0
        self.stopped = INTERRUPTED
        self.converged = False
        self.loss, self.gradient = model.loss_and_gradient(theta)
        self._first = self.loss
        if not math.isfinite(self.loss):
            raise GradcliError("the loss is not finite at the start", "start nearer to zero")

    def follow(self, limit: int, done: Convergence | None, look: Callable[[int, float, float], None]) -> None:
        """Walk until done, for at most `limit` steps or until Ctrl-C; `look` sees iteration, loss and gradient norm."""
        with suppress(KeyboardInterrupt):
            for _ in self.steps():
                look(self.iteration, self.loss, float(np.linalg.norm(self.gradient)))
                if done and done.reached(self.iteration, self.theta, self.loss, self.gradient):
                    self.stopped, self.converged = done.sentence, True
                    return
                if self.iteration >= limit:
                    self.stopped = "the iterations ran out"
                    return
            self.stopped = "the steps became smaller than rounding"

    def steps(self) -> Iterator[None]:
        """Pauses before each step; ends only when one no longer changes theta."""
        while True:
            yield
            # theta <- theta - alpha grad L
            theta = self.theta - self.rate * self.gradient
            loss, gradient = self.model.loss_and_gradient(theta)
            if self._rises(loss):
                self._slow_down(loss)
                continue
            if np.array_equal(theta, self.theta):
                return
            self.theta, self.loss, self.gradient, self.iteration = theta, loss, gradient, self.iteration + 1

    def _rises(self, loss: float) -> bool:
        """More than rounding explains. A squared loss that rises once rises for ever; a net's may recover."""
        if not math.isfinite(loss):
            return True
        if not self.adaptive and isinstance(self.model, Network):
            return loss > 2 * max(self._first, math.log(2))
        return loss > self.loss * (1 + 1e-9) + 1e-12 * self._first

    def _slow_down(self, loss: float) -> None:
        if self.adaptive and self.halvings < 60:
            self.rate /= 2
            self.halvings += 1
            return
        limit = 2 / self.largest if self.largest else math.inf
        about = "about " if self.model.hidden else ""
        raise GradcliError(
            f"training diverged: iteration {self.iteration + 1} took the loss from {self.loss:.4g} to {loss:.4g} "
            f"with the learning rate {self.rate:g}",
            f"lower --lr below 2/L = {about}{limit:.3g}; 1/L = {limit / 2:.3g} is the default",
        )


class Checks:
    """The gradient checks of one descent: at the start, on the way and at the end, in the data's units."""

    def __init__(self, frame: Frame, check: Callable[[Problem], Report] | None, every: int | None) -> None:
        self.found: list[Check] = []
        self._frame = frame
        self._check = check
        self._every = every
        self._passed: dict[int, Array] = {}

    def see(self, iteration: int, theta: Array) -> None:
        """Check at 0 and every so many iterations; else remember powers of two, one of which will be the middle."""
        if iteration == 0 or (self._every and iteration % self._every == 0):
            self._look(iteration, theta)
        elif not self._every and iteration & (iteration - 1) == 0:
            self._passed[iteration] = theta

    def finish(self, iteration: int, theta: Array) -> tuple[Check, ...]:
        """Check what was remembered nearest to the middle, and the end."""
        before = [passed for passed in self._passed if passed < iteration]
        if before:
            middle = min(before, key=lambda passed: abs(2 * passed - iteration))
            self._look(middle, self._passed[middle])
        if iteration and (not self.found or self.found[-1].iteration != iteration):
            self._look(iteration, theta)
        return tuple(self.found)

    def _look(self, iteration: int, theta: Array) -> None:
        if self._check is None:
            return
        report = self._check(models.problem(self._frame.model, self._frame.outside(theta)))
        judged = [row for row in report if row.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.KINK)]
        errors = [row.relative_error for row in judged if row.relative_error is not None]
        self.found.append(Check(iteration, report.verdict, max(errors, default=None)))
