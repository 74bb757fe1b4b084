"""The derivative of every node by one variable, from the variable up: the chain rule as people write it.

A sum stays a factor: cos(u)*(x + y) where reverse accumulation, which hands the derivative of the whole down, arrives
at x*cos(u) + y*cos(u). It costs as much as there are nodes that depend on the variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from sympy import log

from gradcli.expression.algebra import call, power, product, total
from gradcli.expression.partials import ONE, ZERO, is_flat
from gradcli.expression.primitives import piecewise

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic
    from gradcli.expression.tape import Tape

Rule: TypeAlias = Callable[["Symbolic", int], "Symbolic | None"]
"""The derivative of a node by one of its arguments; None where none is known."""

Slopes: TypeAlias = Mapping[int, "Symbolic | None"]
"""The derivatives of nodes by their places: None where there is none, no entry where it is zero."""


def by_variable(tape: Tape, index: int, dependents: Sequence[int], rule: Rule) -> Symbolic | None:
    """The derivative of a tape's expression by one variable, whose `dependents` are in evaluation order."""
    slopes: dict[int, Symbolic | None] = {index: ONE}
    for place in dependents:
        slope = _of_node(tape, place, slopes, rule)
        if slope is not ZERO:
            slopes[place] = slope
    return slopes.get(len(tape.nodes) - 1, ZERO)


def _of_node(tape: Tape, place: int, slopes: Slopes, rule: Rule) -> Symbolic | None:
    node, arguments = tape.nodes[place], tape.arguments[place]
    if is_flat(node):
        return ZERO
    if node.is_Piecewise:
        return _of_choice(node, [slopes.get(argument, ZERO) for argument in arguments[::2]])
    active = [(k, slopes[argument]) for k, argument in enumerate(arguments) if argument in slopes]
    if any(slope is None for _, slope in active):
        return None
    if node.is_Add or node.is_Dummy:
        return total([slope for _, slope in active])
    if node.is_Pow and len(active) == 2:
        return _of_power(node, *(slope for _, slope in active))
    parts = [_through(node, position, slope, rule) for position, slope in active]
    return None if None in parts else total(parts)


def _through(node: Symbolic, position: int, slope: Symbolic, rule: Rule) -> Symbolic | None:
    """The rule for one argument times its slope, at once: 2*(x + 1)*y keeps its sum, as (2*x + 2)*y would not."""
    if slope is ONE:
        return rule(node, position)
    if node.is_Mul:
        return product((*node.args[:position], slope, *node.args[position + 1 :]))
    if node.is_Pow and position == 0:
        base, exponent = node.args
        return product((exponent, power(base, exponent - ONE), slope))
    outer = rule(node, position)
    return None if outer is None else product((outer, slope))


def _of_power(node: Symbolic, base_slope: Symbolic, exponent_slope: Symbolic) -> Symbolic:
    """The rule d b^e = b^e (log(b) de + e/b db)"""
    base, exponent = node.args
    growth = product((exponent_slope, call(log, base)))
    return product((node, total([growth, product((base_slope, exponent, power(base, -ONE)))])))


def _of_choice(node: Symbolic, slopes: Sequence[Symbolic | None]) -> Symbolic | None:
    """The derivatives of the branches, under the same conditions."""
    if None in slopes:
        return None
    if all(slope is ZERO for slope in slopes):
        return ZERO
    return piecewise(*zip(slopes, (condition for _, condition in node.args), strict=True))
