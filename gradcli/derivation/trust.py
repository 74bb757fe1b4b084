"""How far can the exact side be trusted where it is computed in double precision? A sample of points says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.derivation.rows import Question
    from gradcli.expression import Expression
    from gradcli.expression.points import Points

SAMPLE = 30
"""Points at which doubles are compared with 50 digits."""
UNREMARKABLE, LOST = 1e-12, 1e-9
"""Relative differences that need no second look, and that mean that digits are lost."""
NEARBY = 1 + 2.0**-20


def sampled(expression: Expression, question: Question, points: Points) -> str:
    """A sentence on the largest difference between doubles and 50 digits at some points, spread over all of them."""
    count = min(SAMPLE, len(points))
    places = [points[k * (len(points) - 1) // max(count - 1, 1)] for k in range(count)]
    columns = [np.array([place[name] for place in places]) for name in expression.variables]
    with np.errstate(all="ignore"):
        _, slopes = question.vectors.slopes_at(columns)
    found = []
    for number, place in enumerate(places):
        alive()
        doubles = [None if slope is None else float(slope[number]) for slope in slopes]
        found += differences(expression, question, place, doubles)
    if not found:
        return f"the exact side is in double precision; none of {count} points looked at has a derivative to compare"
    largest, looked = max(found), f"at {len(found)} derivatives looked at"
    if largest <= LOST:
        return f"the exact side is in double precision, {_within(largest)} 50 digits {looked}"
    return f"the exact side is in double precision and its formula loses digits: {largest:.1g} off 50 digits {looked}"


def _within(difference: float) -> str:
    return f"within {difference:.1g} of" if difference else "equal to the rounded"


def differences(
    expression: Expression, question: Question, place: Mapping[str, float], doubles: Sequence[float | None]
) -> list[float]:
    """How far doubles are off, relative to the slope, or to |x| times its change where that is larger."""
    point = [place[name] for name in expression.variables]
    slopes = expression.slopes(point, question.names, question.order)
    found = []
    for name, double, slope in zip(question.names, doubles, slopes, strict=True):
        if double is None or slope.value is None:
            continue
        off, size = abs(double - slope.value), abs(slope.value)
        if not off <= UNREMARKABLE * size:
            beside = expression.slope([x * NEARBY for x in point], name, question.order).value
            size = max(size, 0.0 if beside is None else abs(beside - slope.value) / (NEARBY - 1))
        found.append(off / size if size else off)
    return [math.inf if math.isnan(off) else off for off in found]
