"""What is known of a claimed gradient at one point: the loss there, and whatever is measured, kept and counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.calls import claims_at, forgiving, value_at
from gradcli.check.comparison import SAFETY, compare_gradient
from gradcli.reference.along import along, difference, read
from gradcli.reference.surveyor import surveys
from gradcli.report import VERDICTS, Verdict

if TYPE_CHECKING:
    from gradcli.problem import Array, Problem
    from gradcli.reference.along import Direction, Reading
    from gradcli.reference.survey import Survey
    from gradcli.report import Columns


@dataclass(frozen=True, slots=True)
class Miss:
    """How far the claim is off the slope along a direction, within which error."""

    amount: float
    error: float

    @property
    def shows(self) -> bool:
        """Whether it is more than the numbers can explain."""
        return abs(self.amount) > SAFETY * self.error

    def less(self, part: Miss) -> Miss:
        """What is left without the miss of a part of the direction."""
        return Miss(self.amount - part.amount, self.error + part.error)


@dataclass(slots=True)
class Sight:
    """A point that is looked at: (P,) claims, f there, the rows judged so far, values of f taken along directions."""

    problem: Problem
    claims: Array
    centre: float
    rtol: float
    seed: int
    rows: dict[int, Columns] = field(default_factory=dict)
    evaluations: int = 0

    @classmethod
    def of(cls, problem: Problem, rtol: float, seed: int) -> Sight:
        """The view at the problem's point; f is called there and beside it in the same way, one point after another."""
        point = np.array(problem.point, dtype=float)
        single = replace(problem, point=point, shifted=None)
        steady = replace(single, function=forgiving(problem.function))
        return cls(steady, claims_at(problem, point), value_at(single, point), rtol, seed)

    @property
    def point(self) -> Array:
        """Where it is."""
        return np.asarray(self.problem.point)

    def claim(self, direction: Direction) -> float:
        """The slope along a direction, as the claims have it."""
        return float(self.claims[direction.indices] @ direction.weights)

    def size(self, direction: Direction) -> float:
        """What the slope is typically: the parts it is made of have random signs, sqrt(sum (ga_i d_i)^2)."""
        return float(np.linalg.norm(self.claims[direction.indices] * direction.weights))

    def read(self, direction: Direction, seed: int) -> Reading:
        """The slope along a direction."""
        found = read(along(self.problem, [direction]), 0, self.size(direction), self.centre, seed)
        self.evaluations += found.evaluations
        return found

    def survey(self, direction: Direction) -> Survey:
        """All that can be said of f along a direction."""
        [(found, evaluations)] = surveys(along(self.problem, [direction]), [0], self.centre, self.seed)
        self.evaluations += evaluations
        return found

    def miss(self, direction: Direction, step: float, error: float) -> Miss:
        """By a single central difference, with a step at which truncation error is below `error`."""
        found = difference(along(self.problem, [direction]), 0, step, self.centre)
        self.evaluations += 2
        width = max(float(found.roundoff()[0]), error)
        return Miss(self.claim(direction) - float(found.slope[0]), width)

    def judge(self, index: int) -> Columns:
        """The row of one partial, judged once."""
        if index not in self.rows:
            self.rows[index] = compare_gradient(
                self.problem, self.claims, self.centre, [index], rtol=self.rtol, seed=self.seed, many=0
            )
        return self.rows[index]

    def is_wrong(self, index: int) -> bool:
        """Whether a partial is."""
        return VERDICTS[self.judge(index).verdict[0]] is Verdict.FAIL
