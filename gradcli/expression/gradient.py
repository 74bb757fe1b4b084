"""The symbolic gradient of an expression, at a cost linear in the size of its graph, shared parts once.

`sympy.diff` walks the whole tree once per variable. Here only what depends on a variable is walked (`forward`), for
that gives the shorter formulas. Where much depends on many variables, one pass over the graph serves them all: every
node hands its adjoint, the derivative of the expression by that node, down to its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradcli.expression import algebra
from gradcli.expression.forward import Rule, by_variable
from gradcli.expression.partials import ONE, ZERO, is_flat, partial
from gradcli.expression.primitives import piecewise
from gradcli.expression.tape import Tape

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

WALKS = 8
"""How often a node may be walked on average, once for each variable that it depends on, rather than once for all."""

UNKNOWN = None
"""In the place of a derivative: no rule leads there."""


def gradient(
    expression: Symbolic,
    variables: Sequence[Symbolic],
    rule: Rule = partial,
) -> list[Symbolic | None]:
    """The derivative by each of the variables; None where SymPy knows no rule for a function on the way.

    `rule` gives the derivative of one node by one of its arguments.
    """
    tape = Tape.of(expression, variables)
    dependents = tape.dependents(WALKS * len(tape.nodes))
    if dependents is not None:
        return [by_variable(tape, index, places, rule) for index, places in enumerate(dependents)]
    return _by_adjoints(tape, rule)


def derivative(expression: Symbolic, variable: Symbolic, order: int = 1, rule: Rule = partial) -> Symbolic | None:
    """The derivative of some order by one variable; None where no rule is known."""
    for _ in range(order):
        if expression is not None:
            (expression,) = gradient(expression, [variable], rule)
    return expression


def _by_adjoints(tape: Tape, rule: Rule) -> list[Symbolic | None]:
    depends = tape.depending_on(range(tape.variables))
    received: list[list[Symbolic | None]] = [[] for _ in tape.nodes]
    received[-1].append(ONE)
    for place in range(len(tape.nodes) - 1, tape.variables - 1, -1):
        if depends[place] and received[place]:
            adjoint = _total(received[place])
            active = [(k, argument) for k, argument in enumerate(tape.arguments[place]) if depends[argument]]
            for argument, change in _passed_on(tape, place, active, adjoint, rule):
                received[argument].append(change)
    return [_total(received[place]) for place in range(tape.variables)]


def _passed_on(
    tape: Tape, place: int, active: Sequence[tuple[int, int]], adjoint: Symbolic | None, rule: Rule
) -> Iterator[tuple[int, Symbolic | None]]:
    """What a node passes on to its active arguments: their places, and the adjoint times the derivative by each."""
    node = tape.nodes[place]
    if is_flat(node):
        return
    if node.is_Piecewise and adjoint is not UNKNOWN:
        yield from _through_branches(node, adjoint, tape.nodes[: tape.variables], rule)
        return
    for position, argument in active:
        yield argument, adjoint if adjoint is UNKNOWN or node.is_Dummy else _product(adjoint, rule(node, position))


def _through_branches(
    node: Symbolic, adjoint: Symbolic, variables: Sequence[Symbolic], rule: Rule
) -> Iterator[tuple[int, Symbolic | None]]:
    """The derivatives of a Piecewise by the variables, branch by branch under the same conditions."""
    gradients = [gradient(value, variables, rule) for value, _ in node.args]
    for place in range(len(variables)):
        slopes = [slopes[place] for slopes in gradients]
        if UNKNOWN in slopes:
            yield place, UNKNOWN
        elif any(slope != ZERO for slope in slopes):
            branches = zip(slopes, (condition for _, condition in node.args), strict=True)
            yield place, _product(adjoint, piecewise(*branches))


def _total(parts: Sequence[Symbolic | None]) -> Symbolic | None:
    if UNKNOWN in parts:
        return UNKNOWN
    return parts[0] if len(parts) == 1 else algebra.total(parts)


def _product(adjoint: Symbolic, slope: Symbolic | None) -> Symbolic | None:
    if slope is UNKNOWN or adjoint is ONE:
        return slope
    return adjoint if slope is ONE else algebra.product((adjoint, slope))
