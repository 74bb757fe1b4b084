"""Vectors: an expression and its derivatives over arrays of points, in double precision.

This module loads NumPy: import it only where there are arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.expression.arrays import ARRAYS
from gradcli.expression.bounds import Bounds
from gradcli.expression.extended import SPECIAL
from gradcli.expression.numeric import Program
from gradcli.expression.pieces import borders, reached
from gradcli.expression.tape import Tape

if TYPE_CHECKING:
    from gradcli.expression.bounds import Bound
    from gradcli.expression.primitives import Symbolic
    from gradcli.problem import Array

SLOW = 10_000
"""How many doubles weigh as much as a special function, which is computed one by one."""


@dataclass(frozen=True, slots=True)
class VectorSlopes:
    """The values and derivatives of an expression at n points.

    slopes: by each variable asked for, None where no rule is known. doubtful: where doubles cannot be trusted: some
    number is not finite, a slope has lost digits, or the expression may not be smooth.
    """

    value: Array
    slopes: Sequence[Array | None]
    doubtful: Array


class Vectors:
    """An expression and its derivatives by some of its variables, compiled for arrays.

    asked: the places of these variables; slopes: the derivatives, None where no rule is known; domain: what must have a
    value wherever the expression has one.
    """

    def __init__(
        self,
        expression: Symbolic,
        variables: Sequence[Symbolic],
        asked: Sequence[int],
        slopes: Sequence[Symbolic | None],
        domain: Sequence[Symbolic],
    ) -> None:
        self._value = Program(Tape.of(expression, variables, domain), ARRAYS)
        known = [slope for slope in slopes if slope is not None]
        tape = Tape.of(expression, variables, (*domain, *known))
        places = iter(tape.domain[len(domain) :])
        self._slopes = [None if slope is None else next(places) for slope in slopes]
        self._whole = Program(replace(tape, domain=tape.domain[: len(domain)]), ARRAYS)
        self._bounds = Bounds(tape)
        self._borders = borders(tape, asked)

    def weight(self, places: int) -> int:
        """What a point costs: the doubles held at once, and more where functions are computed one by one.

        places: how many more the values are asked for together with each point.
        """
        special = sum(type(node).__name__ in SPECIAL for node in self._whole.tape.nodes)
        return len(self._whole.tape.nodes) + places * len(self._value.tape.nodes) + SLOW * special

    def values(self, point: Sequence[Array]) -> Array:
        """The values at n points, given as an array (n,) for each variable; not finite where there is none.

        An array of one variable may be (k, n): there are k values then of each point, as there are of it.
        """
        return _full(self._value.value(point), np.broadcast_shapes(*map(np.shape, point)))

    def slopes(self, point: Sequence[Array], most_lost: float) -> VectorSlopes:
        """The values and the derivatives; in doubt where rounding may have moved one by more than `most_lost` of it."""
        nodes, shape = self._whole.values(point), point[0].shape
        bounds = self._bounds.of(nodes)
        value = _full(nodes[-1], shape)
        doubtful = ~np.isfinite(value) | reached(self._borders, nodes, bounds)
        for place in self._slopes:
            if place is not None:
                doubtful |= _doubtful(nodes[place], bounds[place], most_lost)
        slopes = [None if place is None else _full(nodes[place], shape) for place in self._slopes]
        return VectorSlopes(value, slopes, doubtful)


def _doubtful(slope: Array, bound: Bound, most_lost: float) -> Array:
    if bound.is_relative:
        return ~np.isfinite(slope) | (bound.relative > most_lost)
    room = np.abs(slope)
    room *= most_lost - bound.relative
    return ~(np.isfinite(slope) & (bound.absolute <= room))


def _full(value: Array | float, shape: tuple[int, ...]) -> Array:
    """What is constant, also along an axis, as a whole array."""
    return np.asarray(value) if np.shape(value) == shape else np.full(shape, value, dtype=float)
