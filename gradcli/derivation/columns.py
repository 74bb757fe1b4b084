"""Derivations: what is known of one expression's derivatives at many points, as columns of doubles.

A point becomes a `Derivation`, or records, only when somebody looks at it. No NumPy here: columns travel and are read as
`array` of the standard library.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradcli.derivation import Derivation, titled
from gradcli.problem import Estimate, Slope
from gradcli.report import VERDICTS, Comparison, Verdict, known

APART = -1
"""In the place of the verdict on a point that was looked at one by one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One method and variable at n points, verdicts as places in VERDICTS; a formula has neither steps nor errors."""

    variable: str
    method: str
    numeric: array[float]
    step: array[float]
    error: array[float]
    verdict: array[int]


@dataclass(frozen=True, slots=True)
class Derivations:
    """A block of n points, each with a row per variable and method.

    point: n values of each name; exact: the n derivatives by each variable, NaN where no formula is known; measured: in
    the order of rows; apart: what was looked at one by one, by number within the block; notes: by variable, what to
    say of all other rows; first: whether no block of the same expression came before.
    """

    expression: str
    parsed: str | None
    order: int
    formulas: Mapping[str, str | None]
    rtol: float
    point: Mapping[str, array[float]]
    exact: Mapping[str, array[float]]
    measured: tuple[Measured, ...]
    apart: Mapping[int, Derivation]
    notes: Mapping[str, str]
    first: bool = False

    def __len__(self) -> int:
        return len(next(iter(self.point.values())))

    def __iter__(self) -> Iterator[Derivation]:
        return (self.apart.get(number) or self._derivation(number) for number in range(len(self)))

    def place(self, number: int) -> dict[str, float]:
        """The point with this number."""
        return {name: values[number] for name, values in self.point.items()}

    def _derivation(self, number: int) -> Derivation:
        rows = tuple(self._row(column, number) for column in self.measured)
        return Derivation(self.expression, self.parsed, self.order, self.formulas, self.place(number), rows)

    def _row(self, column: Measured, number: int) -> Comparison:
        step, error = (None if not values else values[number] for values in (column.step, column.error))
        return Comparison(
            0,
            column.variable,
            self.point[column.variable][number],
            Slope(known(self.exact[column.variable][number])),
            Estimate(Slope(column.numeric[number]), column.method, step, error),
            self.rtol,
            VERDICTS[column.verdict[number]],
            self.notes.get(column.variable),
        )

    @property
    def values(self) -> Iterator[float | None]:
        """A number per row; None where there is no derivative."""
        for number in range(len(self)):
            if number in self.apart:
                yield from self.apart[number].values
            else:
                yield from (column.numeric[number] for column in self.measured)

    @property
    def verdicts(self) -> set[Verdict]:
        """Every verdict that occurs."""
        together = {place for column in self.measured for place in set(column.verdict)} - {APART}
        return {VERDICTS[place] for place in together} | {
            row.verdict for one in self.apart.values() for row in one.comparisons
        }

    @property
    def messages(self) -> list[str]:
        """What rows cannot say in numbers, each once; what holds for all blocks with the first of them."""
        about_all = self.notes.values() if self.first else ()
        return list(dict.fromkeys((*about_all, *(message for one in self.apart.values() for message in one.messages))))

    @property
    def titled_formulas(self) -> dict[str, str]:
        """The formulas under the names that mathematicians give them."""
        return titled(self.formulas, self.order)
