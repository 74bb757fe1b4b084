"""Text to a SymPy expression: `read` gives a `Formula`, `parse` its expression alone.

The names known are FUNCTIONS, e and pi; nothing is evaluated as code, and no SymPy function is ever given a string.
Decimals are the doubles nearest to them, as SymPy Floats of more precision than a double has (`construct.number`), so
that evaluation at 50 digits is exact in them; x**0.5 is sqrt(x). `writer.write` writes what is read here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.expression import domain
from gradcli.expression import limits as bounds
from gradcli.expression.grammar import Grammar
from gradcli.expression.lexer import tokens

if TYPE_CHECKING:
    from gradcli.expression.limits import Symbolic


@dataclass(frozen=True, slots=True)
class Formula:
    """What was read: the expression, all names in order of appearance, and the pieces that must have a value besides.

    `names` has also those that cancelled (x in x - x); `domain` are expressions, mostly none: see `domain.lost`.
    """

    text: str
    expression: Symbolic
    names: tuple[str, ...]
    domain: tuple[Symbolic, ...]


def parse(text: str, *, variables: Collection[str] = (), limits: bool = True) -> Symbolic:
    """The expression that the text means, with `variables` as names that are variables whatever else they could be."""
    return read(text, variables=variables, limits=limits).expression


def read(text: str, *, variables: Collection[str] = (), limits: bool = True) -> Formula:
    """The formula that the text means; a GradcliError with a caret where it means none, a LimitError beyond a limit."""
    if limits:
        bounds.check_length(text)
    found = tokens(text)
    if limits:
        bounds.check_nodes(len(found) - 1 - sum(map(text.count, "(),")))
    with bounds.deep_recursion():
        grammar = Grammar(text, found, frozenset(variables), limited=limits)
        expression = grammar.whole()
        return Formula(text, expression, tuple(grammar.names), domain.lost(grammar.partial, expression))
