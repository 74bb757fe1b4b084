"""Derivations at many points: one formula, whole arrays of points, and the ordinary way where arrays could be wrong.

The exact side is the symbolic derivative in double precision. One by one go points where something is not finite, where
a kink or a jump is within reach of a step, and where a method is off by more than its estimated error explains.
This module loads NumPy: import it only for many points.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gradcli.derivation import BEST, NO_FORMULA, Derivation
from gradcli.derivation.columns import APART, Derivations, Measured
from gradcli.derivation.rows import Question, Row, Rows, all_apart
from gradcli.derivation.trust import LOST, differences, sampled
from gradcli.stencil import STENCILS
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.expression import Expression
    from gradcli.expression.points import Points
    from gradcli.problem import Array

LONGEST, HELD, ONE_BY_ONE = 16_384, 4_000_000, 100
"""Points of a block: at most, times the arrays held at once, and where each takes the ordinary way."""
FEW = 64
"""Points of a block with a difference that nothing explains that are all looked at with 50 digits."""

T = TypeVar("T")


class ManyPoints:
    """The derivatives of one expression by the variables `names` at many points, block by block.

    one: the ordinary way for one point. methods, order, step, rtol: as in `compare_methods`.
    """

    def __init__(
        self,
        expression: Expression,
        points: Points,
        names: Sequence[str],
        one: Callable[[Mapping[str, float]], Derivation],
        *,
        methods: Sequence[str],
        order: int,
        step: float | None,
        rtol: float,
    ) -> None:
        self.expression, self.points, self.one = expression, points, one
        self.example = one(points.largest())  # where a step vanishes first
        known = None not in self.example.formulas.values()
        self.together = all(method in STENCILS or (method == BEST and known) for method in methods)
        vectors = expression.vectors(names, order)
        self.question = Question(vectors, expression.variables, names, methods, order, step, rtol)
        self.messages = self._messages() if self.together else {}

    def _messages(self) -> dict[str, str]:
        trust = sampled(self.expression, self.question, self.points)
        formulas = self.example.formulas
        return {name: NO_FORMULA if formulas[name] is None else trust for name in self.question.names}

    @property
    def size(self) -> int:
        """Points of a block, always the same for the same question."""
        if not self.together:
            return ONE_BY_ONE
        return max(1, min(LONGEST, HELD // self.question.vectors.weight))

    def blocks(self, start: int, count: int = 1, threads: int = 1) -> Iterator[Derivations]:
        """The points from number `start` on, in at most so many blocks."""
        starts = range(start, len(self.points), self.size)[:count]
        for block, rows in in_order(self._block, starts, threads):
            alive()
            for number in np.flatnonzero(rows.apart | self._doubted(rows)).tolist():
                block.apart[number] = self._one(block.place(number))
                for column in block.measured:
                    column.verdict[number] = APART
            yield block

    def _block(self, start: int) -> tuple[Derivations, Rows]:
        """A block with nothing looked at one by one yet, and the arrays it is made of; mpmath has one thread only."""
        columns = self.points.columns(start, min(start + self.size, len(self.points)))
        found = self.question.rows(columns) if self.together else all_apart(columns)
        block = Derivations(
            self.expression.text,
            self.example.parsed,
            self.question.order,
            self.example.formulas,
            self.question.rtol,
            {name: doubles(column) for name, column in columns.items()},
            {name: doubles(_unsigned(exact, len(found.apart))) for name, exact in found.exact.items()},
            tuple(map(_measured, found.rows)),
            {},
            self.messages,
            first=start == 0,
        )
        return block, found

    def _one(self, place: Mapping[str, float]) -> Derivation:
        alive()
        return self.one(place)

    def _doubted(self, found: Rows) -> Array:
        """Where a method is off for no reason of its own, unless 50 digits speak for the exact side."""
        doubted = np.logical_or.reduce(found.doubted) & ~found.apart if found.doubted else np.zeros_like(found.apart)
        places = np.flatnonzero(doubted).tolist()
        some = places[:: len(places) // FEW + 1]
        if len(places) > FEW and all(self._is_right(found, number) for number in some):
            doubted[:] = False
        return doubted

    def _is_right(self, found: Rows, number: int) -> bool:
        alive()
        doubles = [None if exact is None else float(exact[number]) for exact in found.exact.values()]
        off = differences(self.expression, self.question, _place(found, number), doubles)
        return max(off, default=0.0) <= LOST


def in_order(function: Callable[[int], T], items: Sequence[int], threads: int) -> Iterator[T]:
    """The function of each item, by several threads where that is asked for."""
    if threads == 1 or len(items) == 1:
        yield from map(function, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(function, items)


def _place(found: Rows, number: int) -> dict[str, float]:
    return {name: float(column[number]) for name, column in found.columns.items()}


def _measured(row: Row) -> Measured:
    """A row of arrays as columns that travel."""
    verdict = array("b")
    verdict.frombytes(row.verdict.data.cast("B"))
    return Measured(row.variable, row.method, *map(doubles, (row.numeric + 0.0, row.step, row.error)), verdict)


def _unsigned(numbers: Array | None, count: int) -> Array:
    """The numbers, zeros without their sign; NaN where there are none."""
    return np.full(count, math.nan) if numbers is None else numbers + 0.0


def doubles(numbers: Array | None) -> array[float]:
    """An array as a column; empty where there is none."""
    column = array("d")
    if numbers is not None:
        column.frombytes(np.ascontiguousarray(numbers).data.cast("B"))
    return column
