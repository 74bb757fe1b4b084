"""Expressions: text parsed for SymPy, evaluated without `eval`, differentiated exactly. Nothing else knows SymPy.

`Expression` is a text compiled once, `compare_formulas` says what is wrong with a derivative worked out by hand,
`FUNCTIONS` lists what an expression may call. They are imported when first asked for, so that `points` and `lexer` can
be used without SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.expression.compiled import Expression
    from gradcli.expression.formulas import FormulaComparison, claimed_problem, compare_formulas
    from gradcli.expression.functions import FUNCTIONS, GROUPS, Function

__all__ = [
    "FUNCTIONS",
    "GROUPS",
    "Expression",
    "FormulaComparison",
    "Function",
    "claimed_problem",
    "compare_formulas",
]

HOMES = {
    "Expression": "compiled",
    "FormulaComparison": "formulas",
    "claimed_problem": "formulas",
    "compare_formulas": "formulas",
    "FUNCTIONS": "functions",
    "GROUPS": "functions",
    "Function": "functions",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
