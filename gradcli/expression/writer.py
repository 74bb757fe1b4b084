"""A SymPy expression as text that a person can read and `parser.parse` reads back."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from sympy import Basic
from sympy.printing.str import StrPrinter

from gradcli.expression.construct import EXACT_INTEGERS
from gradcli.expression.limits import Symbolic, deep_recursion

SORTED = 200
"""Terms of a sum that are sorted."""


def write(expression: Symbolic) -> str:
    """The expression in the spelling of the parser: e for Euler's number, decimals as the shortest that mean them."""
    with deep_recursion():
        text: str = Writer().doprint(expression)
    return text


class Writer(StrPrinter):  # type: ignore[misc]
    """SymPy's own spelling but for decimals (0.1, whatever precision they carry) and e (E is a variable)."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[Symbolic, str] = {}

    def _print(self, expr: Symbolic, **kwargs: Any) -> str:  # noqa: ANN401
        """Parts that occur again are not sorted again: all partials of a product share its factors."""
        if kwargs or not isinstance(expr, Basic):
            return super()._print(expr, **kwargs)  # type: ignore[no-any-return]
        if expr not in self.written:
            self.written[expr] = super()._print(expr)
        return self.written[expr]

    def _print_Float(self, number: Symbolic) -> str:  # noqa: N802
        nearest = float(number)
        if nearest.is_integer() and abs(nearest) < EXACT_INTEGERS:
            return str(int(nearest))
        return repr(nearest) if isfinite(nearest) and (nearest or not number) else str(number.n(17))

    def _as_ordered_terms(self, expression: Symbolic, order: str | None = None) -> Sequence[Symbolic]:
        """Terms by degree, as people write them; as they are where they are so many that sorting takes seconds."""
        terms: Sequence[Symbolic] = expression.args
        if len(terms) > SORTED:
            return terms
        try:
            return super()._as_ordered_terms(expression, order)  # type: ignore[no-any-return]
        except Exception:  # noqa: BLE001 - SymPy evaluates constants to sort them, and mpmath raises what it likes
            return terms

    def _print_Exp1(self, _: Symbolic) -> str:  # noqa: N802
        return "e"
