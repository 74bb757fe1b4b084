"""Question: what is asked at many points of one expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcli.stencil import STENCILS

if TYPE_CHECKING:
    from gradcli.derivation import Derivation
    from gradcli.expression import Expression
    from gradcli.expression.points import Points
    from gradcli.stencil import Stencil


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked at every point: the derivatives by `names`, by methods as in `compare_methods`.

    one: the ordinary way for a single point.
    """

    expression: Expression
    points: Points
    names: Sequence[str]
    methods: Sequence[str]
    order: int
    step: float | None
    rtol: float
    one: Callable[[Mapping[str, float]], Derivation]

    @property
    def stencils(self) -> dict[str, Stencil]:
        """The methods that are finite differences."""
        return {method: STENCILS[method](self.order) for method in self.methods if method in STENCILS}
