"""Tape: the graph of a SymPy expression in evaluation order, every shared node once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Dummy

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic


SAME = Dummy("same")
"""A node that has the value of its only argument; it makes the expression the last node where it is not."""


@dataclass(frozen=True, slots=True)
class Tape:
    """nodes[k] is computed from nodes[i], i in arguments[k], all of them earlier; the first P nodes are the variables.

    The last node is the expression itself. A leaf has no arguments. `domain` are places of nodes that must have a value
    wherever the expression has one.
    """

    nodes: tuple[Symbolic, ...]
    arguments: tuple[tuple[int, ...], ...]
    variables: int
    domain: tuple[int, ...] = ()

    @property
    def expression(self) -> Symbolic:
        """What the tape computes."""
        return self.nodes[self.arguments[-1][0]] if self.nodes[-1] is SAME else self.nodes[-1]

    @classmethod
    def of(cls, expression: Symbolic, variables: Sequence[Symbolic], domain: Sequence[Symbolic] = ()) -> Tape:
        """The graph below `expression` and below the pieces that must have a value, without recursion."""
        places = {variable: place for place, variable in enumerate(variables)}
        known = {id(variable): place for variable, place in places.items()}
        nodes = list(variables)
        arguments: list[tuple[int, ...]] = [()] * len(nodes)
        waiting = [expression, *domain]
        while waiting:
            node = waiting[-1]
            if id(node) in known:
                waiting.pop()
                continue
            operands = operands_of(node)
            missing = [operand for operand in operands if id(operand) not in known]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            place = known[id(node)] = places.setdefault(node, len(nodes))
            if place == len(nodes):
                nodes.append(node)
                arguments.append(tuple([known[id(operand)] for operand in operands]))
        if places[expression] != len(nodes) - 1:
            nodes.append(SAME)
            arguments.append((places[expression],))
        return cls(tuple(nodes), tuple(arguments), len(variables), tuple(places[piece] for piece in domain))

    def depending_on(self, indices: Sequence[int]) -> list[bool]:
        """For each node, whether it depends on one of these variables."""
        depends = [False] * len(self.nodes)
        for index in indices:
            depends[index] = True
        for place in range(self.variables, len(self.nodes)):
            depends[place] = any(map(depends.__getitem__, self.arguments[place]))
        return depends

    def dependents(self, most: int) -> list[list[int]] | None:
        """For each variable, the places of the nodes that depend on it, in order; None if they are more than `most`."""
        users = self.users()
        found = []
        for index in range(self.variables):
            places = reached(users, index, most)
            most -= len(places)
            if most < 0:
                return None
            found.append(sorted(places))
        return found

    def users(self) -> list[list[int]]:
        """For each node, the places of those that are computed from it."""
        users: list[list[int]] = [[] for _ in self.nodes]
        for place, arguments in enumerate(self.arguments):
            for argument in arguments:
                users[argument].append(place)
        return users


def reached(users: Sequence[Sequence[int]], start: int, most: int) -> set[int]:
    """All that is computed from a node; if it is more than `most`, only that much is certain."""
    found: set[int] = set()
    waiting = [start]
    while waiting and len(found) <= most:
        fresh = set(users[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    return found


def operands_of(node: Symbolic) -> tuple[Symbolic, ...]:
    """What a node is computed from: its SymPy arguments; value, condition, value, condition... of a Piecewise."""
    if node.is_Atom:
        return ()
    if node.is_Piecewise:
        return tuple(part for branch in node.args for part in branch.args)
    arguments: tuple[Symbolic, ...] = node.args
    return arguments
