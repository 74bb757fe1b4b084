"""Exact slopes: derivatives to the last bit of a double, and a reason wherever there is none.

The derivative is accumulated over the expression's graph with 51 and with 81 digits, more until two agree. Where some
function is at an argument at which it may not be smooth, or the numbers do not settle, the one-sided slopes decide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mpmath import mp, mpf

from gradcli.expression.extended import EXTENDED
from gradcli.expression.gradient import derivative
from gradcli.expression.numeric import Program, variables_without_rule
from gradcli.expression.sides import Finding, examine, hole
from gradcli.expression.singular import singular_variables
from gradcli.expression.tape import Tape
from gradcli.problem import Slope

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.expression.primitives import Symbolic

PRECISIONS = (170, 270, 600, 1300, 2600)
"""Bits, in the order tried; the derivative is known when two in a row agree to 70 bits."""
FINEST = 5200
"""Bits that are tried besides at points as small as 1e-200."""
CONVINCING = 1300
"""Bits with which a zero is believed: what cancels down to the smallest double shows before."""
CANCELLED = 4
"""Powers of a small coordinate that larger terms may hide while they cancel: sin(x)/x^2 - 2(1 - cos(x))/x^3."""
SINGULAR = PRECISIONS[1]
"""Bits with which it is decided where the function may not be smooth."""
NONE: frozenset[int] = frozenset()
AGREEMENT = 70
VANISHING = mpf(2) ** -1100
"""Smaller than any double but zero."""


class Sample(NamedTuple):
    """The function at a point to some precision: value, derivatives, and the variables that may not be smooth there.

    overflown: there is no value because something on the way is too large to be computed.
    """

    value: Number
    gradient: Sequence[Number]
    singular: frozenset[int]
    overflown: bool


class Exact:
    """The exact slopes of an expression by its variables."""

    def __init__(self, tape: Tape, variables: Sequence[Symbolic]) -> None:
        self.variables = tuple(variables)
        self.program = Program(tape, EXTENDED)
        self.without_rule = variables_without_rule(tape)
        self._derived: dict[int, Exact | None] = {}

    def slopes(self, point: Sequence[float], indices: Sequence[int], order: int = 1) -> list[Slope]:
        """The derivatives of some order by the variables at `indices`, at a point of doubles."""
        samples = Samples(self.program, point)
        return [_rounded(self._of_order(order, samples, index)) for index in indices]

    def value(self, point: Sequence[float]) -> float:
        """The value of the expression at a point of doubles, rounded once; NaN where there is none."""
        value = Samples(self.program, point).settled(lambda sample: sample.value)
        return math.nan if value is None else float(value)

    def _of_order(self, order: int, samples: Samples, index: int) -> Finding:
        """A derivative of order N exists where that of order N - 1 does and is differentiable."""
        finding = self.finding(samples, index, removable=False)
        exact: Exact | None = self
        for _ in range(order - 1):
            exact = exact and exact.derived(index)
            if exact is None or finding.value is None:
                return Finding(None, nature=finding.nature)
            finding = exact.finding(Samples(exact.program, samples.point), index, removable=True)
        return finding

    def derived(self, index: int) -> Exact | None:
        """The exact slopes of the derivative by a variable, where that is known."""
        if index not in self._derived:
            tape = self.program.tape
            slope = derivative(tape.expression, self.variables[index])
            domain = (*(tape.nodes[place] for place in tape.domain), tape.expression)
            tape = tape if slope is None else Tape.of(slope, self.variables, domain)
            self._derived[index] = None if slope is None else Exact(tape, self.variables)
        return self._derived[index]

    def finding(self, samples: Samples, index: int, *, removable: bool) -> Finding:
        """The derivative by one variable. removable: the function has a value also where its formula has none."""
        value, point = samples.value, samples.point
        if mp.isnan(value) and samples.at(PRECISIONS[1]).overflown:
            return Finding(None)
        if mp.isnan(value) and not removable:
            return hole(samples.along(index), point[index])
        singular = index in samples.at(SINGULAR).singular
        ruled = index not in self.without_rule
        slope = samples.settled(lambda sample: sample.gradient[index]) if ruled and mp.isfinite(value) else mp.nan
        if not singular and (slope is None or mp.isfinite(slope)):
            return Finding(slope)
        if mp.isinf(value) or not (singular or ruled):
            return Finding(None)
        finding = examine(samples.along(index), point[index], removable=removable)
        if finding.value is None or not ruled:
            return Finding(None, finding.left, finding.right, finding.nature)
        return Finding(slope) if slope is not None and _close(slope, finding.value) else finding


class Samples:
    """What a program gives at one point, with more and more digits."""

    def __init__(self, program: Program, point: Sequence[float]) -> None:
        self.program = program
        self.point = [float(x) for x in point]
        self._exact_point = list(map(mpf, self.point))
        self._known: dict[int, Sample] = {}

    def at(self, precision: int) -> Sample:
        """Value and derivatives with this many bits."""
        if precision not in self._known:
            with mp.workprec(precision):
                values = self.program.values(self._exact_point)
                gradient = list(map(mp.convert, self.program.gradient(values)))
                overflown = mp.isnan(values[-1]) and any(map(mp.isinf, values))
                singular = singular_variables(self.program.tape, values) if precision == SINGULAR else NONE
                self._known[precision] = Sample(mp.convert(values[-1]), gradient, singular, overflown)
        return self._known[precision]

    @cached_property
    def value(self) -> Number:
        """The function's value; NaN where it has none, also where it grows with the digits: tan(pi*x/2) at 1."""
        coarse, fine = self.at(PRECISIONS[0]).value, self.at(PRECISIONS[1]).value
        return mp.nan if abs(fine) > 1 and abs(fine) > abs(coarse) * 2**40 else fine

    @cached_property
    def smallness(self) -> int:
        """Zeros after the binary point of the smallest coordinate that is not 0."""
        return max((-mp.mag(x) for x in self._exact_point if x), default=0)

    def settled(self, part: Callable[[Sample], Number]) -> Number | None:
        """A part of the sample with as many bits as it takes; NaN where it has no value, None if it never settles."""
        shown, vanished = 2 * self.smallness, max(CONVINCING, CANCELLED * self.smallness)
        for coarse, fine in pairwise(PRECISIONS if vanished <= PRECISIONS[-1] else (*PRECISIONS, FINEST)):
            before, after = part(self.at(coarse)), part(self.at(fine))
            if not mp.isfinite(after):
                return mp.nan
            if _agree(before, after) and fine >= (shown if after else vanished):
                return after
        return mpf(0) if abs(after) < VANISHING else None

    def along(self, index: int) -> Callable[[Number], Number]:
        """The function of one variable, the others as they are."""
        moving = self._exact_point

        def value(x: Number) -> Number:
            return self.program.value([*moving[:index], x, *moving[index + 1 :]])

        return value


def _agree(before: Number, after: Number) -> bool:
    """Whether two numbers have their first 70 bits in common; not if one is infinite or none."""
    _, mantissa, exponent, bits = (after - before)._mpf_
    if not mantissa:
        return not exponent
    return bool(after) and exponent + bits + AGREEMENT <= sum(after._mpf_[2:])


def _close(slope: Number, other: Number) -> bool:
    return bool(abs(slope - other) <= abs(other) * mpf(2) ** -40)


def _rounded(finding: Finding) -> Slope:
    """The nearest doubles; what is too large for one, or infinite, is not given."""
    return Slope(_double(finding.value), _double(finding.left), _double(finding.right), finding.nature)


def _double(value: Number | None) -> float | None:
    return None if value is None or not math.isfinite(number := float(value)) else number + 0.0
