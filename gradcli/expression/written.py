"""The derivatives of an expression as text, each written down when somebody first looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from gradcli.expression.compiled import Expression


@dataclass(frozen=True, slots=True)
class Formulas(Sequence[str | None]):
    """The symbolic derivatives by some variables as text, each written down when it is first looked at."""

    expression: Expression
    names: tuple[str, ...]
    order: int

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str | None, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str | None, ...] | None:
        """One derivative, or several."""
        if isinstance(index, slice):
            return tuple(self.expression.formula(name, self.order) for name in self.names[index])
        return self.expression.formula(self.names[index], self.order)
