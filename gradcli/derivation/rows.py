"""The rows of one block of points, a row per variable and method, before any point is looked at one by one.

Arrays in, arrays out: blocks may be worked on by several threads at once. This module loads NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradcli.derivation import BEST
from gradcli.derivation.differences import Line
from gradcli.report import VERDICTS, Verdict
from gradcli.stencil import STENCILS

if TYPE_CHECKING:
    from gradcli.expression.vectors import Vectors
    from gradcli.problem import Array
    from gradcli.stencil import Stencil

UNEXPLAINED = 10
"""Times its estimated error by which a method is off for another reason."""
PASS, OFF, UNRESOLVED = (np.int8(VERDICTS.index(one)) for one in (Verdict.PASS, Verdict.OFF, Verdict.UNRESOLVED))


class Row(NamedTuple):
    """One variable and method at n points; error and step are None where the formula itself is the method."""

    variable: str
    method: str
    numeric: Array
    error: Array | None
    step: Array | None
    verdict: Array


class Rows(NamedTuple):
    """A block of n points.

    exact: the slopes by each variable, None where no formula is known; apart: where the rows may be wrong; doubted:
    where a method is off by more than its estimated error explains, of the methods that are off anywhere.
    """

    columns: Mapping[str, Array]
    exact: Mapping[str, Array | None]
    rows: list[Row]
    apart: Array
    doubted: list[Array]


class Question(NamedTuple):
    """What is asked at every point: the derivatives by `names`, some of the variables, by these methods."""

    vectors: Vectors
    variables: Sequence[str]
    names: Sequence[str]
    methods: Sequence[str]
    order: int
    step: float | None
    rtol: float

    def rows(self, columns: Mapping[str, Array]) -> Rows:
        """The answer at n points, given as n values of each name."""
        point = [columns[name] for name in self.variables]
        with np.errstate(all="ignore"):
            center, slopes = self.vectors.slopes_at(point)
            found = Rows(columns, dict(zip(self.names, slopes, strict=True)), [], _missing(center.value), [])
            for name, exact in found.exact.items():
                line = Line(self.vectors, point, self.variables.index(name), center)
                self._add(found, name, exact, line)
                np.logical_or(found.apart, line.crossed, out=found.apart)
        return found

    def _add(self, found: Rows, name: str, exact: Array | None, line: Line) -> None:
        """A row for each method by one variable."""
        if exact is not None:
            _note(found.apart, exact)
            tolerance = self.rtol * np.abs(exact)
        for method in self.methods:
            if method == BEST and exact is not None:
                found.rows.append(Row(name, "symbolic", exact, None, None, np.full(exact.shape, PASS)))
                continue
            stencil = STENCILS[method](self.order)
            difference = line.difference(stencil, self.step)
            _note(found.apart, difference.error)
            verdict = np.full(line.x.shape, UNRESOLVED if exact is None else PASS)
            if exact is not None:
                gap = np.abs(exact - difference.value)
                far = gap > tolerance
                if far.any():
                    far &= self._off(gap, exact, difference.value, line, stencil)
                    verdict[far] = OFF
                    found.doubted.append(far & (gap > UNEXPLAINED * difference.error))
            found.rows.append(Row(name, method, *difference, verdict))

    def _off(self, gap: Array, exact: Array, value: Array, line: Line, stencil: Stencil) -> Array:
        """Beyond rtol of the measured value, or where the exact slope is zero of the scale of derivatives there."""
        off: Array = gap > self.rtol * np.abs(value)
        zero = exact == 0
        off[zero] = gap[zero] > self.rtol * line.scale(stencil, self.step, zero)
        return off


def all_apart(columns: Mapping[str, Array]) -> Rows:
    """A block without rows, all of it to be looked at one by one."""
    count = len(next(iter(columns.values())))
    return Rows(columns, {}, [], np.ones(count, dtype=bool), [])


def _note(apart: Array, numbers: Array) -> None:
    """Mark where a number is not finite."""
    if not math.isfinite(numbers.sum()):
        np.logical_or(apart, ~np.isfinite(numbers), out=apart)


def _missing(numbers: Array) -> Array:
    """Where a number is not finite."""
    missing = np.zeros(numbers.shape, dtype=bool)
    _note(missing, numbers)
    return missing
