"""Expression: a text compiled once, to be evaluated, differentiated and made a Problem at any point."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.expression import limits as allowed
from gradcli.expression.complexes import COMPLEX
from gradcli.expression.construct import symbol
from gradcli.expression.exact import Exact
from gradcli.expression.floats import FLOATS
from gradcli.expression.gradient import derivative, gradient
from gradcli.expression.lexer import shorten
from gradcli.expression.numeric import Program
from gradcli.expression.parser import read
from gradcli.expression.partials import stable
from gradcli.expression.shifts import Shifts
from gradcli.expression.tape import Tape
from gradcli.expression.writer import Writer, write
from gradcli.expression.written import Formulas
from gradcli.problem import Problem, Slope

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic
    from gradcli.expression.vectors import Vectors
    from gradcli.problem import Array, Point


@dataclass(frozen=True)
class Expression:
    """A function of named variables that somebody wrote down.

    text: as it was written. symbolic: what SymPy makes of it. variables: in the order of points (P,).
    domain: pieces that SymPy cancelled but that must have a value, such as log(x) in exp(log(x)).
    limited: whether the limits on the size of derivatives hold.
    """

    text: str
    symbolic: Symbolic
    variables: tuple[str, ...]
    domain: tuple[Symbolic, ...] = ()
    limited: bool = True

    @classmethod
    def compile(
        cls, text: str, *, variables: Iterable[str] = (), named: Iterable[str] = (), limits: bool = True
    ) -> Expression:
        """The expression that a text means.

        `variables` are variables whatever else their names could mean; `named` have values and are variables too, the
        first ones, even if they do not occur. The others follow in natural order: x1, x2, x10.
        Raises GradcliError with the place in the text, or LimitError.
        """
        first = tuple(dict.fromkeys(named))
        formula = read(text, variables={*variables, *first}, limits=limits)
        others = sorted(set(formula.names) - set(first), key=_natural)
        return cls(text, formula.expression, (*first, *others), formula.domain, limits)

    @classmethod
    def of(cls, symbolic: Symbolic, variables: Sequence[str]) -> Expression:
        """An expression of SymPy whose symbols are real."""
        return cls(write(symbolic), symbolic, tuple(variables))

    @cached_property
    def parsed(self) -> str:
        """The expression as it was understood."""
        return self._writer.write(self.symbolic)

    def function(self, point: Point) -> float:
        """The value at a point (P,); NaN outside the domain and where it does not fit a double."""
        value: float = self._floats.value([float(x) for x in point])
        return value if math.isfinite(value) else math.nan

    def gradient(self, point: Point) -> list[float]:
        """All P derivatives in double precision by reverse accumulation, in a few times the cost of one value."""
        values = self._floats.values([float(x) for x in point])
        return self._floats.gradient(values)

    def values(self, arrays: Sequence[Array]) -> Array:
        """The values at many points: P arrays of a common shape (or shapes that broadcast) -> that shape."""
        return _over_arrays(self._tape, arrays)

    def derivative_values(self, variable: str, arrays: Sequence[Array], order: int = 1) -> Array | None:
        """The derivatives at many points in double precision; None where no symbolic derivative is known.

        Only the formula is evaluated: what it gives at a kink is not a derivative.
        """
        self._check_order(order)
        slope = derivative(self.symbolic, symbol(variable), order, rule=_stable_for_doubles)
        domain = (*self.domain, self.symbolic)
        return None if slope is None else _over_arrays(Tape.of(slope, self._symbols, domain), arrays)

    def vectors(self, names: Sequence[str], order: int = 1) -> Vectors:
        """The expression and its derivatives of this order by some variables, for arrays of points."""
        from gradcli.expression.vectors import Vectors

        self._check_order(order)
        symbols = [symbol(name) for name in names]
        if order == 1:
            slopes = gradient(self.symbolic, symbols, _stable_for_doubles)
        else:
            before = [self.derivative(name, order - 1) for name in names]
            slopes = [
                None if slope is None else derivative(slope, one, rule=_stable_for_doubles)
                for slope, one in zip(before, symbols, strict=True)
            ]
        return Vectors(self.symbolic, self._symbols, [self.index(name) for name in names], slopes, self.domain)

    def extended(self, point: Sequence[complex]) -> complex:
        """The value at a complex point beside a real one; NaN where the real one has no value.

        Raises GradcliError where a function of the expression is not analytic.
        """
        program = self._complex
        if math.isnan(self.function([z.real for z in point])):
            return complex(math.nan, math.nan)
        return complex(program.value([complex(z) for z in point]))

    def formula(self, variable: str, order: int = 1) -> str | None:
        """The symbolic derivative as text; None where SymPy knows no rule for a function on the way."""
        key = (variable, order)
        if key not in self._formulas:
            slope = self.derivative(variable, order)
            self._formulas[key] = None if slope is None else self._writer.write(slope)
        return self._formulas[key]

    def derivative(self, variable: str, order: int = 1) -> Symbolic | None:
        """The symbolic derivative."""
        self._check_order(order)
        first = self._gradient[self.index(variable)]
        return None if first is None else derivative(first, symbol(variable), order - 1)

    def slope(self, point: Point, variable: str, order: int = 1) -> Slope:
        """The derivative at a point to the last bit of a double, or why there is none."""
        return self.slopes(point, [variable], order)[0]

    def slopes(self, point: Point, variables: Sequence[str] | None = None, order: int = 1) -> list[Slope]:
        """The derivatives by these variables, by default all, at a point (P,)."""
        self._check_order(order)
        indices = range(len(self.variables)) if variables is None else [self.index(name) for name in variables]
        return self._exact.slopes([float(x) for x in point], indices, order)

    def problem(self, point: Mapping[str, float] | Point, wrt: Sequence[str] | None = None, order: int = 1) -> Problem:
        """The expression at a point as a function of the variables `wrt`, by default all; the others stay as they are.

        `slopes` and `formulas` are the derivatives of this order.
        """
        start = self._start(point)
        names = tuple(wrt or self.variables)
        places = [self.index(name) for name in names]
        return Problem(
            name=self.text,
            function=lambda part: self.function(self.placed(start, names, part)),
            point=[start[place] for place in places],
            parameters=names,
            slopes=lambda part: self.slopes(self.placed(start, names, part), names, order),
            formulas=Formulas(self, names, order),
            shifted=lambda part, indices, steps: self._shifts.values(
                [float(x) for x in self.placed(start, names, part)], [places[k] for k in indices], steps
            ),
            extended=lambda part: self.extended(self.placed(start, names, part)),
        )

    def placed(self, point: Mapping[str, float] | Point, names: Sequence[str], part: Any) -> Any:  # noqa: ANN401
        """The whole point with other values for the variables `names`."""
        if names == self.variables:
            return part
        whole: list[Any] = self._start(point)
        for name, value in zip(names, part, strict=True):
            whole[self.index(name)] = value
        return whole

    def index(self, variable: str) -> int:
        """The place of a variable in points."""
        try:
            return self._places[variable]
        except KeyError:
            known = shorten(", ".join(self.variables[:10]), 80) or "none"
            message = f"{shorten(variable)} is not a variable of {shorten(self.text, 80)}"
            raise GradcliError(message, f"its variables: {known}") from None

    def exact_value(self, point: Point) -> float:
        """The value at a point to the last bit of a double; NaN where there is none."""
        return self._exact.value([float(x) for x in point])

    def _start(self, point: Mapping[str, float] | Point) -> list[float]:
        if not isinstance(point, Mapping):
            return [float(x) for x in point]
        missing = [name for name in self.variables if name not in point]
        if missing:
            raise GradcliError(f"{missing[0]} has no value", f"give it one: --at {missing[0]}=1")
        return [float(point[name]) for name in self.variables]

    def _check_order(self, order: int) -> None:
        if self.limited and order > 1:
            allowed.check_derivative(len(self._tape.nodes), order)

    @cached_property
    def _formulas(self) -> dict[tuple[str, int], str | None]:
        return {}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {variable: place for place, variable in enumerate(self.variables)}

    @cached_property
    def _writer(self) -> Writer:
        return Writer()

    @cached_property
    def _symbols(self) -> tuple[Symbolic, ...]:
        return tuple(symbol(name) for name in self.variables)

    @cached_property
    def _tape(self) -> Tape:
        return Tape.of(self.symbolic, self._symbols, self.domain)

    @cached_property
    def _floats(self) -> Program:
        return Program(self._tape, FLOATS)

    @cached_property
    def _shifts(self) -> Shifts:
        return Shifts(self._floats)

    @cached_property
    def _complex(self) -> Program:
        return Program(self._tape, COMPLEX)

    @cached_property
    def _exact(self) -> Exact:
        return Exact(self._tape, self._symbols)

    @cached_property
    def _gradient(self) -> list[Symbolic | None]:
        return gradient(self.symbolic, self._symbols)


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts x2 before x10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name) if part]


def _stable_for_doubles(node: Symbolic, position: int) -> Symbolic | None:
    return stable(node, position, double=True)


def _over_arrays(tape: Tape, arrays: Sequence[Array]) -> Array:
    import numpy as np

    from gradcli.expression.arrays import ARRAYS

    points = [np.asarray(array, dtype=float) for array in arrays]
    with np.errstate(all="ignore"):
        values = np.asarray(Program(tape, ARRAYS).value(points), dtype=float)
        values = np.where(np.isfinite(values), values, np.nan)
    return np.broadcast_to(values, np.broadcast_shapes(*(point.shape for point in points)))
