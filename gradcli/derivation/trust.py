"""What is looked at before many points are evaluated together: steps that vanish, and a sample with 50 digits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcli.derivation import Samples
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.derivation.question import Question
    from gradcli.expression.vectors import Vectors

SAMPLE = 20
"""Points at which doubles are compared with 50 digits."""


def check_steps(asked: Question) -> None:
    """Raise GradcliError if a step vanishes beside the largest values of the points."""
    problem = asked.expression.problem(asked.points.largest(), asked.names)
    for index in range(len(asked.names)):
        x = float(problem.point[index])
        size = max(1.0, abs(x)) if asked.step is None else 1.0
        for stencil in asked.stencils.values():
            for step in stencil.steps(asked.step):
                Samples(problem, index, x).taken(stencil, step * size)


def sampled(asked: Question, vectors: Vectors, most_lost: float) -> str | None:
    """A sentence on how far doubles are from 50 digits at some points; None where that is more than they may."""
    found = list(_differences(asked, vectors, most_lost))
    largest = max(found, default=None)
    if largest is None:
        return f"exact side in doubles: at none of {SAMPLE} points can it be compared with 50 digits"
    if largest > most_lost:
        return None
    off = f"at most {largest:.1e} off" if largest else "equal to"
    return f"exact side in doubles: {off} 50 digits in a sample of {len(found)}"


def _differences(asked: Question, vectors: Vectors, most_lost: float) -> Iterator[float]:
    """Relative differences at points spread over all of them, where doubles are trusted."""
    last = len(asked.points) - 1
    places = [asked.points[number * last // (SAMPLE - 1)] for number in range(SAMPLE)]
    variables = asked.expression.variables
    with np.errstate(all="ignore"):
        doubles = vectors.slopes([np.array([place[name] for place in places]) for name in variables], most_lost)
    for number in np.flatnonzero(~doubles.doubtful).tolist():
        alive()
        exact = asked.expression.slopes([places[number][name] for name in variables], asked.names, asked.order)
        for slope, known in zip(doubles.slopes, exact, strict=True):
            if slope is not None:
                yield _difference(float(slope[number]), known.value)


def _difference(double: float, exact: float | None) -> float:
    if exact is None:
        return math.inf
    return abs(double - exact) / abs(exact) if exact else abs(double)
