"""One-sided slopes with a hundred digits tell kinks, jumps, vertical tangents, poles and edges from smooth points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from mpmath import mp, mpf

from gradcli.problem import Nature

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number

Function: TypeAlias = Callable[["Number"], "Number"]

PRECISIONS = (530, 1060, 2120, 4240)
"""Bits: with steps down to 1e-38 of x, or 1e-70 at 0, a difference keeps 80 digits; doubled until two answers agree."""
STEPS = (20, 26, 32, 38)
STEPS_AT_ZERO = (40, 50, 60, 70)
"""Powers of ten, each the same factor from the last: any power law in h is then a geometric sequence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A derivative to many digits, or why there is none; a `value` with a nature never occurs."""

    value: Number | None
    left: Number | None = None
    right: Number | None = None
    nature: Nature | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a point: changes f(x +- h) - f(x) and slopes for ever smaller h; `limit` infinite if they grow."""

    changes: Sequence[Number]
    slopes: Sequence[Number]

    @property
    def exists(self) -> bool:
        """Whether the function has values on this side."""
        return not any(map(mp.isnan, self.changes))

    @property
    def limit(self) -> Number | None:
        """What the slopes tend to; None if to nothing."""
        return limit(self.slopes)

    @property
    def nature(self) -> Nature:
        """Why slopes grow: the change stays (a jump), grows too (a pole), or falls more slowly than h (vertical)."""
        ratio = abs(self.changes[-1] / self.changes[-2])
        if ratio > 1.02:
            return Nature.POLE
        return Nature.JUMP if ratio > 0.98 else Nature.VERTICAL


def examine(function: Function, x: float, *, removable: bool = False) -> Finding:
    """The derivative of the function at x, from its values there and around, with digits enough for two equal answers.

    removable: if the function has no value at x, the one that its neighbours tend to is meant.
    """
    finding = None
    finer = max(0, -mp.mag(x)) if x else 0  # near 0 the steps are as much smaller beside the values
    for precision in PRECISIONS:
        with mp.workprec(precision + finer):
            before, finding = finding, _at_precision(function, mpf(x), removable=removable)
            if finding.nature is Nature.EDGE or (before is not None and _agree(before, finding)):
                break
    return finding or Finding(None)


def hole(function: Function, x: float) -> Finding:
    """Why a function without a value at x has none: its neighbours grow without bound, or they do not."""
    with mp.workprec(PRECISIONS[0]):
        steps = _steps(mpf(x))
        sides = ([function(x - step) for step in steps], [function(x + step) for step in steps])
        return Finding(None, nature=Nature.POLE if any(map(_grows, sides)) else Nature.OUTSIDE)


def _agree(first: Finding, second: Finding) -> bool:
    pairs = ((first.value, second.value), (first.left, second.left), (first.right, second.right))
    return first.nature == second.nature and all(_same(one, other) for one, other in pairs)


def _same(one: Number | None, other: Number | None) -> bool:
    if one is None or other is None or one == other:
        return one is other or one == other
    return bool(abs(one - other) <= abs(other) * mp.ldexp(1, -70))


def _at_precision(function: Function, x: Number, *, removable: bool) -> Finding:
    steps = _steps(x)
    center = function(x)
    left = [function(x - step) for step in steps]
    right = [function(x + step) for step in steps]
    if removable and mp.isnan(center):
        center = (left[-1] + right[-1]) / 2
    return compare(_side(left, center, [-step for step in steps]), _side(right, center, steps))


def compare(left: Side, right: Side) -> Finding:
    """A derivative where both sides tend to the same slope."""
    if not (left.exists or right.exists):
        return Finding(None, nature=Nature.OUTSIDE)
    if not (left.exists and right.exists):
        return Finding(None, left.limit if left.exists else None, right.limit if right.exists else None, Nature.EDGE)
    first, second = left.limit, right.limit
    steep = [side for side, slope in ((left, first), (right, second)) if slope is not None and mp.isinf(slope)]
    if steep:
        natures = [side.nature for side in steep]
        return Finding(None, first, second, next(n for n in SEVEREST if n in natures))
    if first is None or second is None:
        return Finding(None, first, second)
    if _meet(left.slopes, right.slopes):
        return Finding((first + second) / 2)
    return Finding(None, first, second, Nature.KINK)


SEVEREST = (Nature.POLE, Nature.JUMP, Nature.VERTICAL)


def limit(slopes: Sequence[Number]) -> Number | None:
    """The limit of slopes at geometrically shrinking steps: finite, infinite with its sign, or None.

    Slopes L + c h^q form a geometric sequence around L, which Aitken's formula finds for any q > 0.
    """
    if not all(map(mp.isfinite, slopes)):  # values too large to be computed
        return None
    first, second, third, last = slopes
    size = max(map(abs, slopes))
    if abs(third) <= abs(second) / 4 and abs(last) <= abs(third) / 4:
        return mpf(0)
    if abs(last - third) <= size * mpf(10) ** -18:
        return last
    if abs(last) > 1.02 * abs(third) > 1.04 * abs(second) and last * third > 0:
        return mp.inf if last > 0 else mp.ninf
    early, late = _aitken(first, second, third), _aitken(second, third, last)
    if abs(late - early) <= size * mpf(10) ** -12:
        return late if abs(late) > size * mpf(10) ** -30 else mpf(0)
    return None


def _aitken(a: Number, b: Number, c: Number) -> Number:
    bend = (c - b) - (b - a)
    return c - (c - b) ** 2 / bend if bend else c


def _meet(left: Sequence[Number], right: Sequence[Number]) -> bool:
    """Whether the gap between the slopes closes as the step shrinks; at a kink it stays."""
    wide, narrow = abs(right[0] - left[0]), abs(right[-1] - left[-1])
    return bool(narrow <= wide / 2 or narrow <= (abs(left[-1]) + abs(right[-1])) * mp.ldexp(1, -mp.prec // 3))


def _steps(x: Number) -> list[Number]:
    return [abs(x) / 10**k for k in STEPS] if x else [mpf(10) ** -k for k in STEPS_AT_ZERO]


def _side(values: Sequence[Number], center: Number, steps: Sequence[Number]) -> Side:
    changes = [value - center for value in values]
    return Side(changes, [change / step for change, step in zip(changes, steps, strict=True)])


def _grows(values: Sequence[Number]) -> bool:
    """Whether values near a point grow without bound, be it as slowly as a logarithm."""
    sizes = [abs(value) for value in values]
    return all(later > 1.02 * earlier for earlier, later in pairwise(sizes))
