"""What `derive` does: an expression and its points become derivations; this is what runs inside a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradcli.derivation import BEST, DEFAULT_METHODS, Derivation, compare_methods
from gradcli.errors import GradcliError
from gradcli.targets import At, compiled, names_of

if TYPE_CHECKING:
    from gradcli.expression import Expression
    from gradcli.items import Item


@dataclass(frozen=True, slots=True)
class Deriving:
    """The options of `derive`."""

    at: tuple[At, ...] = ()
    wrt: str | None = None
    var: str | None = None
    order: int = 1
    methods: tuple[str, ...] = ()
    step: float | None = None
    rtol: float = 1e-6
    value: bool = False
    limits: bool = True

    def of(self, item: Item) -> Deriving:
        """The options for one line of a batch, whose own point and variables win."""
        at = self.at if item.at is None else (item.at,)
        return replace(self, at=at, wrt=item.wrt or self.wrt)


def derive(item: Item, asked: Deriving) -> tuple[Derivation, ...]:
    """The derivations of one expression at every point, or its formulas where no point is given."""
    here = asked.of(item)
    expression, places = compiled(item.expr, here.at, var=here.var, limits=here.limits)
    wrt = names_of(here.wrt)
    if places:
        return tuple(_at(expression, place, wrt, here) for place in places)
    if here.value:
        raise GradcliError("--value needs a point", "give one with --at, for example --at 3")
    formulas = {name: expression.formula(name, here.order) for name in wrt or expression.variables}
    return (Derivation(expression.text, expression.parsed, here.order, formulas),)


def _at(expression: Expression, place: Mapping[str, float], wrt: tuple[str, ...], asked: Deriving) -> Derivation:
    problem = expression.problem(place, wrt or None, order=asked.order)
    formulas = dict(zip(problem.parameters, problem.formulas, strict=True))
    methods = asked.methods if len(asked.methods) == 1 else (BEST,) if asked.value else asked.methods or DEFAULT_METHODS
    rows = compare_methods(problem, order=asked.order, methods=methods, step=asked.step, rtol=asked.rtol)
    return Derivation(expression.text, expression.parsed, asked.order, formulas, place, rows)
