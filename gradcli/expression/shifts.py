"""An expression beside a point, one variable moved at a time: only what depends on it is computed anew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gradcli.expression.tape import reached

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.numeric import Program, Step


class Shifts:
    """What a program gives where one variable is another, bit by bit the value of the program there."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._steps = {step[0]: step for step in program.steps}
        self._users = program.tape.users()
        self._moving: dict[int, list[Step]] = {}
        self._point: list[float] = []
        self._values: list[Number] = []

    def values(self, point: list[float], indices: Sequence[int], steps: Iterable[float]) -> list[float]:
        """The values at point + steps[k] * e_indices[k] for each k; NaN where there is none."""
        if point != self._point or not self._values:
            self._point, self._values = point, self._program.nodes(point)
        return [
            self._moved(int(index), point[int(index)] + float(step)) for index, step in zip(indices, steps, strict=True)
        ]

    def _moved(self, index: int, x: float) -> float:
        steps, values, errors = self._depending(index), self._values, self._program.arithmetic.errors
        before = [values[place] for place, _, _ in steps]
        values[index] = x
        for place, operation, arguments in steps:
            try:
                values[place] = operation(*[values[argument] for argument in arguments])
            except errors:
                values[place] = math.nan
        value = self._program.within_domain(values)
        values[index] = self._point[index]
        for (place, _, _), known in zip(steps, before, strict=True):
            values[place] = known
        return value if math.isfinite(value) else math.nan

    def _depending(self, index: int) -> list[Step]:
        """The steps that depend on a variable, in order."""
        if index not in self._moving:
            places = sorted(reached(self._users, index, len(self._users)))
            self._moving[index] = [self._steps[place] for place in places]
        return self._moving[index]
