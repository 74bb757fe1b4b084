"""Derivations: what is known of one expression's derivatives at many points, as columns.

A point becomes a `Derivation` only when somebody looks at it. No NumPy here: columns are views of its memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from gradcli.derivation import Derivation, titled
from gradcli.problem import Estimate, Slope
from gradcli.report import VERDICTS, Comparison, Verdict, known


@dataclass(frozen=True, slots=True)
class Partial:
    """The exact derivative by one variable at n points, NaN where there is none.

    note: what is to be said of it where it was not looked at one by one.
    """

    variable: str
    exact: memoryview[float]
    note: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one method made of a partial at n points, NaN where a number is missing; verdicts as places in VERDICTS."""

    partial: Partial
    method: str
    numeric: memoryview[float]
    step: memoryview[float]
    error: memoryview[float]
    absolute_error: memoryview[float]
    relative_error: memoryview[float]
    verdict: memoryview[int]


@dataclass(frozen=True, slots=True)
class Derivations:
    """A block of n points of one expression.

    point: n values of each name; measured: in the order of rows; apart: the rows of the points that were looked at one
    by one, whose numbers stand in the columns too; first: did no block of the same expression come before?
    """

    expression: str
    parsed: str
    order: int
    formulas: Mapping[str, str | None]
    rtol: float
    point: Mapping[str, memoryview[float]]
    measured: tuple[Measured, ...]
    apart: Mapping[int, tuple[Comparison, ...]]
    first: bool

    def __len__(self) -> int:
        return len(self.measured[0].numeric)

    def __iter__(self) -> Iterator[Derivation]:
        return map(self.derivation, range(len(self)))

    def derivation(self, number: int) -> Derivation:
        """The point with this number alone."""
        point = {name: values[number] for name, values in self.point.items()}
        rows = self.apart.get(number) or tuple(self._row(row, number) for row in self.measured)
        return Derivation(self.expression, self.parsed, self.order, self.formulas, point, rows)

    def _row(self, row: Measured, number: int) -> Comparison:
        partial = row.partial
        return Comparison(
            0,
            partial.variable,
            self.point[partial.variable][number],
            Slope(known(partial.exact[number])),
            Estimate(Slope(row.numeric[number]), row.method, known(row.step[number]), known(row.error[number])),
            self.rtol,
            VERDICTS[row.verdict[number]],
            partial.note,
        )

    @property
    def values(self) -> list[float | None]:
        """A number per row; None where there is no derivative."""
        columns: list[list[float | None]] = [[*row.numeric] for row in self.measured]
        for number, rows in self.apart.items():
            for column, row in zip(columns, rows, strict=True):
                column[number] = None if row.analytic.nature else row.numeric.slope.value
        return columns[0] if len(columns) == 1 else list(chain.from_iterable(zip(*columns, strict=True)))

    @property
    def verdicts(self) -> set[Verdict]:
        """Every verdict that occurs."""
        return {VERDICTS[place] for row in self.measured for place in set(row.verdict)}

    @property
    def remarks(self) -> list[str]:
        """What rows cannot say in numbers, each once; what holds for every block, with the first."""
        notes = [row.partial.note for row in self.measured] if self.first else []
        messages = (row.message for rows in self.apart.values() for row in rows)
        return list(dict.fromkeys(text for text in (*notes, *messages) if text))

    @property
    def titled_formulas(self) -> dict[str, str]:
        """The formulas under the names that mathematicians give them."""
        return titled(self.formulas, self.order)
