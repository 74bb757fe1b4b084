"""The order in which SymPy keeps the terms of a sum and the factors of a product, found by fewer steps than it takes.

`Basic.compare` makes a tuple of all that a symbol is at every comparison. The order here is the same: by class, by the
number of arguments, by the arguments; atoms by what they are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key, lru_cache
from typing import TYPE_CHECKING, TypeAlias

from sympy.core.basic import ordering_of_classes

if TYPE_CHECKING:
    from gradcli.expression.primitives import Symbolic

Rank: TypeAlias = tuple[int, str]


def arrange(pieces: list[Symbolic]) -> None:
    """Sort terms or factors in place."""
    if len(pieces) > 1:
        pieces.sort(key=in_order)


def compare(one: Symbolic, other: Symbolic) -> int:
    """Negative, zero or positive, as `one` stands before, beside or after the other."""
    first: Symbolic = type(one)
    second: Symbolic = type(other)
    if first is not second and rank(first) != rank(second):
        return -1 if rank(first) < rank(second) else 1
    if one.is_Symbol and one.name != other.name:
        return -1 if one.name < other.name else 1
    if one.is_Atom:
        found: int = one.compare(other)
        return found
    return _by_arguments(one._args, other._args)  # noqa: SLF001


def _by_arguments(ours: Sequence[Symbolic], theirs: Sequence[Symbolic]) -> int:
    if len(ours) != len(theirs):
        return len(ours) - len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        if one is not other and (order := compare(one, other)):
            return order
    return 0


in_order = cmp_to_key(compare)


@lru_cache(maxsize=1024)
def rank(kind: Symbolic) -> Rank:
    """Where SymPy lists a class, else behind all of those by its name."""
    name: str = kind.__name__
    return (ordering_of_classes.index(name), "") if name in ordering_of_classes else (len(ordering_of_classes), name)
