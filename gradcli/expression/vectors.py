"""Vectors: an expression with its derivatives over arrays of points, in double precision.

This module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.expression.arrays import ARRAYS
from gradcli.expression.extended import SPECIAL
from gradcli.expression.numeric import Program
from gradcli.expression.phases import differ, phases, pieces_of
from gradcli.expression.tape import Tape

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic
    from gradcli.problem import Array

SLOW = 50_000


@dataclass(frozen=True, slots=True)
class Values:
    """The expression at n points, and which smooth pieces of it they lie on."""

    value: Array
    phases: Sequence[Array] = ()

    def leaves(self, other: Values) -> Array:
        """Where the other points lie on other pieces, or these where two pieces meet."""
        return differ(self.phases, other.phases)


class Vectors:
    """An expression and its derivatives by some variables, compiled for arrays.

    symbols: the P variables; slopes: the derivatives, None where no rule is known; domain: what must have a value.
    """

    def __init__(
        self,
        expression: Symbolic,
        symbols: Sequence[Symbolic],
        slopes: Sequence[Symbolic | None],
        domain: Sequence[Symbolic],
    ) -> None:
        known = [slope for slope in slopes if slope is not None]
        tape = Tape.of(expression, symbols, (*domain, *known))
        below = iter(tape.domain[len(domain) :])
        self._slopes = [None if slope is None else next(below) for slope in slopes]
        self._whole = Program(replace(tape, domain=tape.domain[: len(domain)]), ARRAYS)
        self._value = Program(Tape.of(expression, symbols, domain), ARRAYS)
        self._pieces = pieces_of(self._value.tape)
        places = {node: place for place, node in enumerate(tape.nodes)}
        self._pieces_of_whole = [
            (phase, tuple(places[self._value.tape.nodes[k]] for k in arguments)) for phase, arguments in self._pieces
        ]

    @property
    def weight(self) -> int:
        """What a point costs: the numbers held at once, and more where mpmath computes them one by one."""
        slow = sum(type(node).__name__ in SPECIAL for node in self._whole.tape.nodes)
        return len(self._whole.tape.nodes) + SLOW * slow

    def at(self, point: Sequence[Array]) -> Values:
        """The values at n points: P arrays (n,); NaN or infinite where there are none."""
        values = self._value.values(point)
        return Values(_full(values[-1], point[0]), phases(self._pieces, values))

    def slopes_at(self, point: Sequence[Array]) -> tuple[Values, list[Array | None]]:
        """The values and all derivatives at n points; None for one that has no rule."""
        values = self._whole.values(point)
        slopes = [None if place is None else _full(values[place], point[0]) for place in self._slopes]
        return Values(_full(values[-1], point[0]), phases(self._pieces_of_whole, values)), slopes


def _full(value: Array, like: Array) -> Array:
    """A constant as an array."""
    return value if np.shape(value) == like.shape else np.broadcast_to(np.asarray(value, dtype=float), like.shape)
