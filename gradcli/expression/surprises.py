"""What the `eval` of SymPy's functions could find out about an argument: where it is nothing, it need not be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcli.expression.signs import varies

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

PARITY = {
    **dict.fromkeys(("sin", "tan", "sinh", "tanh", "atan", "asin", "asinh", "erf"), -1),
    **dict.fromkeys(("cos", "cosh"), 1),
}
"""Of odd and even functions, which take a minus sign out of their argument."""
UNSURPRISING = frozenset((*PARITY, "acos", "exp", "log"))
"""Functions that stay what they are unless their argument is constant or has pi, I, a logarithm or an inverse function
in it, but for a minus sign."""
PLAIN = frozenset(("sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "Abs", "gamma", "loggamma"))
"""Functions that no other function undoes, for arguments that are not constant."""


def is_surprising(name: str, argument: Symbolic) -> bool:
    """Whether `eval` could find something about an argument; about most functions only if they are the whole of it."""
    if argument.is_Function or name == "exp":
        return not all(map(_is_plain, pieces_of(argument)))
    return not all(_is_plain(piece) or _is_other_function(piece) for piece in pieces_of(argument))


def _is_other_function(piece: Symbolic) -> bool:
    return bool(piece.is_Function and not piece.is_Piecewise and varies(piece))


def factors_of(argument: Symbolic) -> Iterator[Symbolic]:
    """The factors of all terms."""
    for term in argument.args if argument.is_Add else (argument,):
        yield from term.args if term.is_Mul else (term,)


def pieces_of(argument: Symbolic) -> Iterator[Symbolic]:
    """Factors and bases: all that `eval` looks at."""
    for factor in factors_of(argument):
        yield factor.args[0] if factor.is_Pow and factor.args[1].is_Number else factor


def _is_plain(piece: Symbolic) -> bool:
    """Whether there is nothing about a piece that could be simplified."""
    if piece.is_Function:
        return type(piece).__name__ in PLAIN and varies(piece)
    return bool(piece.is_Symbol or piece.is_Add or piece.is_Number)
