"""Derivations at many points: whole arrays of them, and the ordinary way where doubles cannot be trusted.

The exact side is the symbolic derivative in double precision, within a bound on its rounding errors. This module loads
NumPy: import it only for many points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.derivation import BEST, NO_FORMULA, Derivation
from gradcli.derivation.columns import Derivations, Measured, Partial
from gradcli.derivation.differences import Around, Difference, Line
from gradcli.derivation.trust import check_steps, sampled
from gradcli.report import VERDICTS, Verdict
from gradcli.stencil import STENCILS
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.derivation.question import Question
    from gradcli.problem import Array
    from gradcli.report import Comparison

LONGEST, HELD = 24_576, 4_000_000
"""Points of a block, whose arrays stay in the processor's cache; and doubles that a block may hold at once."""
WARM = 1 << 20
"""Doubles whose memory is taken and freed once: from then on glibc keeps the memory of smaller arrays, up to twice as
much, instead of handing it back and asking for it again."""
SHORTEST, LOOKED_AT = 64, 256
"""Points of the shortest block, and how many of a block should be looked at one by one, so that others wait less."""
MOST_LOST = 2.0**-33
"""The relative error bound beyond which an exact side in doubles is not trusted: 10 digits are left."""
TINY = 1e-12
"""The relative error of numbers below this is taken of it."""
PASS, OFF, UNRESOLVED = (np.int8(VERDICTS.index(one)) for one in (Verdict.PASS, Verdict.OFF, Verdict.UNRESOLVED))


class Row(NamedTuple):
    """What one method made of one partial at n points, NaN where a number is missing; verdicts as in VERDICTS."""

    numeric: Array
    step: Array
    error: Array
    absolute_error: Array
    relative_error: Array
    verdict: Array


class Draft(NamedTuple):
    """n points, a column for each name; exact slopes by variable, NaN for none; rows by variable and method."""

    point: Mapping[str, Array]
    exact: Mapping[str, Array]
    rows: Mapping[tuple[str, str], Row]

    def put(self, number: int, derivation: Derivation) -> None:
        """The numbers of one point go into their places in the columns."""
        for found, row in zip(derivation.comparisons, self.rows.values(), strict=True):
            self.exact[found.parameter][number] = _number(found.analytic.value)
            row.numeric[number] = _number(found.numeric.slope.value)
            row.step[number] = _number(found.numeric.step)
            row.error[number] = _number(found.numeric.error)
            row.absolute_error[number] = _number(found.absolute_error)
            row.relative_error[number] = _number(found.relative_error)
            row.verdict[number] = VERDICTS.index(found.verdict)


class ManyPoints:
    """A question made ready for all its points, which are answered block by block."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.around = Around(question.stencils, question.step)
        self.formulas = {name: question.expression.formula(name, question.order) for name in question.names}
        self.vectors = question.expression.vectors(question.names, question.order)
        self.most_lost = min(MOST_LOST, 1e-3 * question.rtol)
        np.empty(WARM)
        check_steps(question)
        self.trust = sampled(question, self.vectors, self.most_lost) if self._all_have_arrays() else None
        self._longest = max(1, min(LONGEST, HELD // self._weight))
        self.first_size = min(self._longest, 4 * SHORTEST)

    def _all_have_arrays(self) -> bool:
        known = None not in self.formulas.values()
        return all(method in STENCILS or (method == BEST and known) for method in self.question.methods)

    @property
    def _weight(self) -> int:
        """How many doubles a point of a block needs."""
        names, methods = len(self.question.names), len(self.question.methods)
        places = len(self.around.places)
        return self.vectors.weight(places) + names * (2 * places + methods * len(Row._fields))

    def block(self, start: int, size: int) -> tuple[Derivations, int]:
        """`size` points from number `start` on, or fewer, and the size that the next block should have."""
        point = self.question.points.columns(start, start + size)
        block, doubtful = self._together(point) if self.trust else self._apart(point)
        alone = self._alone(block, doubtful)
        wanted = LOOKED_AT * len(doubtful) // len(alone) if alone else self._longest
        return self._columns(block, alone, first=start == 0), min(max(wanted, SHORTEST), self._longest)

    def _together(self, point: Mapping[str, Array]) -> tuple[Draft, Array]:
        """All rows, and where they are in doubt."""
        asked = self.question
        columns = [point[name] for name in asked.expression.variables]
        exact, rows = {}, {}
        with np.errstate(all="ignore"):
            found = self.vectors.slopes(columns, self.most_lost)
            doubtful = found.doubtful
            for name, slope in zip(asked.names, found.slopes, strict=True):
                exact[name] = np.full(doubtful.shape, math.nan) if slope is None else slope + 0.0
                index = asked.expression.index(name)
                line = Line(self.vectors.values, columns, index, found.value, self.around)
                judge = None if slope is None else Judge(slope, asked.rtol)
                for method in asked.methods:
                    if method == BEST:
                        rows[name, method] = _blank(len(doubtful))._replace(numeric=exact[name].copy())
                        continue
                    rows[name, method] = row = _row(method, line, judge)
                    if not math.isfinite(row.error.sum()):
                        doubtful |= ~np.isfinite(row.error)
        return Draft(point, exact, rows), doubtful

    def _apart(self, point: Mapping[str, Array]) -> tuple[Draft, Array]:
        """Nothing is known yet, and all of it is to be looked at one by one."""
        count = len(next(iter(point.values())))
        names = self.question.names
        exact = {name: np.full(count, math.nan) for name in names}
        rows = {(name, method): _blank(count) for name in names for method in self.question.methods}
        return Draft(point, exact, rows), np.ones(count, dtype=bool)

    def _alone(self, block: Draft, doubtful: Array) -> dict[int, tuple[Comparison, ...]]:
        """What is in doubt is looked at one by one."""
        found = {}
        for number in np.flatnonzero(doubtful).tolist():
            alive()
            derivation = self.question.one({name: float(column[number]) for name, column in block.point.items()})
            block.put(number, derivation)
            found[number] = derivation.comparisons
        return found

    def _columns(self, block: Draft, apart: Mapping[int, tuple[Comparison, ...]], *, first: bool) -> Derivations:
        """The block as it travels."""
        partials = {
            name: Partial(name, _column(exact), NO_FORMULA if self.formulas[name] is None else self.trust)
            for name, exact in block.exact.items()
        }
        return Derivations(
            self.question.expression.text,
            self.question.expression.parsed,
            self.question.order,
            self.formulas,
            self.question.rtol,
            {name: _column(values) for name, values in block.point.items()},
            tuple(_measured(partials[name], method, row) for (name, method), row in block.rows.items()),
            apart,
            first,
        )


def _measured(partial: Partial, method: str, row: Row) -> Measured:
    numeric, step, error, absolute_error, relative_error = (_column(part) for part in row[:5])
    return Measured(partial, method, numeric, step, error, absolute_error, relative_error, _column(row.verdict))


class Judge:
    """Is a method within rtol of the exact slopes, or where those are zero of the scale of derivatives there?"""

    def __init__(self, exact: Array, rtol: float) -> None:
        self.exact, self.rtol = exact, rtol
        self.size = np.abs(exact)
        least = self.size.min()
        self.zero = None if least > 0 else self.size == 0
        self.some_tiny = not least >= TINY

    def row(self, found: Difference, method: str, line: Line) -> Row:
        """A method's row."""
        gap = np.subtract(self.exact, found.value)
        np.abs(gap, out=gap)
        size = np.abs(found.value)
        np.maximum(size, self.size, out=size)
        relative = gap / (np.maximum(size, TINY) if self.some_tiny else size)
        if self.zero is not None:
            size = np.where(self.zero, line.scale(method), size)
        size *= self.rtol
        return Row(found.value, found.step, found.error, gap, relative, _verdicts(gap <= size))


def _verdicts(within: Array) -> Array:
    """PASS where a method is within rtol, else OFF."""
    codes = np.logical_not(within).view(np.int8)
    codes *= OFF - PASS
    codes += PASS
    return codes


def _row(method: str, line: Line, judge: Judge | None) -> Row:
    """One method by one variable; without an exact side it stands alone."""
    found = line.difference(method)
    if judge is not None:
        return judge.row(found, method, line)
    missing = np.full(found.value.shape, math.nan)
    return Row(found.value, found.step, found.error, missing, missing.copy(), np.full(missing.shape, UNRESOLVED))


def _blank(count: int) -> Row:
    """A row that passes, without numbers."""
    none = np.full(count, math.nan)
    return Row(none.copy(), none.copy(), none.copy(), none.copy(), none, np.full(count, PASS))


def _number(value: float | None) -> float:
    return math.nan if value is None or not math.isfinite(value) else value


def _column(values: Array) -> memoryview[Any]:
    """An array as a column, without a copy."""
    return np.ascontiguousarray(values).data
