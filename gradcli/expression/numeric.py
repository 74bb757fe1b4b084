"""Program: an expression compiled for one kind of number. Forward it gives values, backward derivatives.

Nothing is turned into Python source: a program is a list of functions to be called in turn, shared parts once.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING, TypeAlias

from sympy import Integer, Pow, S

from gradcli.errors import GradcliError
from gradcli.expression.partials import dummies, has_rule, is_flat, stable
from gradcli.expression.tape import Tape

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Arithmetic, Number, Operation
    from gradcli.expression.primitives import Symbolic

Slopes: TypeAlias = Callable[..., Sequence["Number"]]
"""(value of a node, value of each argument) -> its derivative by each argument."""

Step: TypeAlias = "tuple[int, Operation, tuple[int, ...]]"
"""A node, how it is computed, and from which nodes."""

BackwardStep: TypeAlias = tuple[int, tuple[int, ...], tuple[int, ...], Slopes | None]
"""A node, its arguments, those that depend on a variable, and the derivatives by these; None: all are 1."""

POWERS = {S.NegativeOne: "reciprocal", S.Half: "sqrt", -S.Half: "rsqrt", Integer(2): "square"}
WHOLE = 1.0
"""The derivative of the expression by itself."""


class Program:
    """The tape of an expression with the operations of one arithmetic."""

    __slots__ = ("_backward", "_constants", "_prepared", "arithmetic", "steps", "tape")

    def __init__(self, tape: Tape, arithmetic: Arithmetic) -> None:
        self.tape = tape
        self.arithmetic = arithmetic
        self._prepared: dict[int, list[Number]] = {}
        self._constants: list[tuple[int, Symbolic]] = []
        self.steps: list[Step] = []
        self._backward: list[BackwardStep] | None = None
        for place in range(tape.variables, len(tape.nodes)):
            node, arguments = tape.nodes[place], tape.arguments[place]
            if arguments:
                self.steps.append((place, *_operation(node, arguments, arithmetic)))
            else:
                self._constants.append((place, node))

    def value(self, point: Sequence[Number]) -> Number:
        """The value of the expression at a point; NaN where there is none."""
        return self.values(point)[-1]

    def values(self, point: Sequence[Number]) -> list[Number]:
        """The value of every node at a point; NaN where there is none, for the last one also outside the domain."""
        values = self.nodes(point)
        values[-1] = self.within_domain(values)
        return values

    def nodes(self, point: Sequence[Number]) -> list[Number]:
        """The value of every node at a point as it is computed."""
        values = self._blank()
        values[: self.tape.variables] = point
        value_at = values.__getitem__
        try:
            for place, operation, arguments in self.steps:
                values[place] = operation(*map(value_at, arguments))
        except self.arithmetic.errors:
            self._finish(values, start=place)
        return values

    def within_domain(self, values: Sequence[Number]) -> Number:
        """The value of the last node; NaN where a node that must have a value has none."""
        value = values[-1]
        for place in self.tape.domain:
            value = value + 0 * values[place]  # NaN if that is
        return value

    def _blank(self) -> list[Number]:
        """The constants at the precision in force, and room for everything else."""
        precision = self.arithmetic.precision()
        if precision not in self._prepared:
            blank: list[Number] = [None] * len(self.tape.nodes)
            for place, node in self._constants:
                blank[place] = self.arithmetic.constant(node)
            self._prepared[precision] = blank
        return self._prepared[precision].copy()

    def _finish(self, values: list[Number], start: int) -> None:
        """The steps from the one that failed on: a Piecewise may not need it."""
        for place, operation, arguments in self.steps:
            if place >= start:
                try:
                    values[place] = operation(*[values[argument] for argument in arguments])
                except self.arithmetic.errors:
                    values[place] = math.nan

    def gradient(self, values: Sequence[Number]) -> list[Number]:
        """The derivative by each variable at the point with these `values`, by reverse accumulation.

        NaN where there is none and where no rule is known. Costs a few forward passes, for any number of variables.
        A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, ch. 3.
        """
        if self._backward is None:
            self._backward = list(_backward_steps(self.tape, self.arithmetic))
        adjoints: list[Number] = [None] * len(values)
        adjoints[-1] = WHOLE
        value_at = values.__getitem__
        for place, arguments, active, slopes in self._backward:
            adjoint = adjoints[place]
            if adjoint is None:
                continue
            changes: Sequence[Number]
            if slopes is None:
                changes = [adjoint] * len(active)
            else:
                try:
                    changes = slopes(values[place], *map(value_at, arguments))
                    if adjoint is not WHOLE:
                        changes = [None if slope is None else adjoint * slope for slope in changes]
                except self.arithmetic.errors:
                    changes = [math.nan] * len(active)
            for argument, change in zip(active, changes, strict=True):
                if change is not None:
                    known = adjoints[argument]
                    adjoints[argument] = change if known is None else known + change
        return [0.0 if adjoint is None else adjoint for adjoint in adjoints[: self.tape.variables]]


def _operation(node: Symbolic, arguments: tuple[int, ...], arithmetic: Arithmetic) -> tuple[Operation, tuple[int, ...]]:
    """How a node is computed, and from which places: powers with common exponents have operations of their own."""
    name = type(node).__name__
    if node.is_Pow and (special := POWERS.get(node.args[1])):
        return arithmetic.operations[special], arguments[:1]
    try:
        return arithmetic.operations[name], arguments
    except KeyError:
        raise GradcliError(f"{name} cannot be evaluated over {arithmetic.name}", arithmetic.hint) from None


def variables_without_rule(tape: Tape) -> frozenset[int]:
    """The variables by which no derivative is known, because a function on the way has none."""
    kinds = {(type(node), len(arguments)): node for node, arguments in zip(tape.nodes, tape.arguments, strict=True)}
    if all(has_rule(node, position) for (_, count), node in kinds.items() for position in range(count)):
        return frozenset()
    depends = tape.depending_on(range(tape.variables))
    lost = [False] * len(tape.nodes)
    for place in range(len(tape.nodes) - 1, tape.variables - 1, -1):
        node, arguments = tape.nodes[place], tape.arguments[place]
        for position, argument in enumerate(arguments):
            if depends[argument] and (lost[place] or not has_rule(node, position)):
                lost[argument] = True
    return frozenset(index for index in range(tape.variables) if lost[index])


def _backward_steps(tape: Tape, arithmetic: Arithmetic) -> Iterator[BackwardStep]:
    """From the expression back to its variables."""
    depends = tape.depending_on(range(tape.variables))
    for place in range(len(tape.nodes) - 1, tape.variables - 1, -1):
        node, arguments = tape.nodes[place], tape.arguments[place]
        positions = tuple(k for k, argument in enumerate(arguments) if depends[argument])
        if positions and not is_flat(node):
            yield place, arguments, tuple(arguments[k] for k in positions), local_slopes(node, positions, arithmetic)


def local_slopes(node: Symbolic, positions: tuple[int, ...], arithmetic: Arithmetic) -> Slopes | None:
    """The derivatives of one node by its arguments at `positions`."""
    name = type(node).__name__
    if name in ("Add", "Dummy"):
        return None
    if name == "exp":
        return _of_exponential
    if name in SHARING:
        return functools.partial(SHARING[name], positions)
    if node.is_Pow and positions == (0,):
        return OF_POWERS.get(node.args[1]) or functools.partial(_of_power, arithmetic.operations["Pow"])
    return _of_function(type(node), len(node.args), positions, arithmetic)


def _of_product(positions: tuple[int, ...], _value: Number, *factors: Number) -> list[Number]:
    """The products of all factors but one, by the products before and after it."""
    if len(factors) == 2:
        return [factors[1 - k] for k in positions]
    before = list(accumulate(factors[:-1], mul, initial=1.0))
    after = list(accumulate(factors[:0:-1], mul, initial=1.0))[::-1]
    return [before[k] * after[k] for k in positions]


def _of_choice(positions: tuple[int, ...], _value: Number, *branches: Number) -> list[Number]:
    """1 for the branch that was chosen; the others do not count, even if they have no value here."""
    for place, condition in enumerate(branches[1::2]):
        if condition:
            return [1.0 if k == 2 * place else None for k in positions]
    return [None] * len(positions)


def _of_extremum(positions: tuple[int, ...], value: Number, *arguments: Number) -> list[Number]:
    """1 for the argument that is the extremum, shared equally between several."""
    share = 1 / sum(argument == value for argument in arguments)
    return [share if arguments[k] == value else 0.0 for k in positions]


SHARING: Mapping[str, Slopes] = {
    "Mul": _of_product,
    "Piecewise": _of_choice,
    "Max": _of_extremum,
    "Min": _of_extremum,
}
"""Functions whose derivatives by their arguments are computed together."""


def _of_exponential(value: Number, _exponent: Number) -> tuple[Number]:
    """The rule d exp(x) = exp(x) dx"""
    return (value,)


def _of_power(power: Operation, _value: Number, base: Number, exponent: Number) -> tuple[Number]:
    """The rule d b^e = e b^(e-1) db, for a constant exponent."""
    return (exponent * power(base, exponent - 1),)


OF_POWERS: Mapping[Symbolic, Slopes] = {
    Integer(2): lambda _value, base, _exponent: (2 * base,),
    S.NegativeOne: lambda value, _base, _exponent: (-value * value,),
    S.Half: lambda value, _base, _exponent: (0.5 / value,),
}


def _of_function(head: Symbolic, count: int, positions: tuple[int, ...], arithmetic: Arithmetic) -> Slopes:
    """The rules of a function, each a small program of its own."""
    programs = [_partial_program(head, count, position, arithmetic) for position in positions]
    if len(programs) == 1 and (only := programs[0]):
        return lambda _value, *arguments: (only.value(arguments),)
    return lambda _value, *arguments: [program.value(arguments) if program else math.nan for program in programs]


@functools.cache
def _partial_program(head: Symbolic, count: int, position: int, arithmetic: Arithmetic) -> Program | None:
    """The derivative of a function by one argument, as a program of its arguments; None where no rule is known."""
    arguments = dummies(count)
    node = head(*arguments) if head is Pow else head(*arguments, evaluate=False)
    rule = stable(node, position, double=arithmetic.double)
    return None if rule is None else Program(Tape.of(rule, arguments), arithmetic)
