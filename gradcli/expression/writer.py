"""A SymPy expression as text that a person can read and `parser.parse` reads back."""

from __future__ import annotations

from math import isfinite

from sympy.printing.str import StrPrinter

from gradcli.expression.limits import Symbolic, deep_recursion


def write(expression: Symbolic) -> str:
    """The expression in the spelling of the parser: e for Euler's number, decimals as the shortest that mean them."""
    with deep_recursion():
        text: str = Writer().doprint(expression)
    return text


class Writer(StrPrinter):  # type: ignore[misc]
    """SymPy's own spelling but for decimals (0.1, whatever precision they carry) and e (E is a variable)."""

    def _print_Float(self, number: Symbolic) -> str:  # noqa: N802
        nearest = float(number)
        return repr(nearest) if isfinite(nearest) and (nearest or not number) else str(number.n(17))

    def _print_Exp1(self, _: Symbolic) -> str:  # noqa: N802
        return "e"
