"""What a person names on the command line, turned into problems and answered; this is what runs inside a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradcli.derivation import DEFAULT_METHODS, Derivation, compare_methods
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.batch import Item
    from gradcli.expression import Expression

At = str | Mapping[str, object]


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


def derive(item: Item, options: Deriving) -> tuple[Derivation, ...]:
    """The derivations of one expression at every point, or its formulas where no point is given."""
    asked = options.of(item)
    expression, places = compiled(item.expr, asked.at, var=asked.var, limits=asked.limits)
    wrt = _names(asked.wrt)
    if places:
        return tuple(_at(expression, place, wrt, asked) for place in places)
    if asked.value:
        raise GradcliError("--value needs a point", "give one with --at, for example --at 3")
    formulas = {name: expression.formula(name, asked.order) for name in wrt or expression.variables}
    return (Derivation(expression.text, expression.parsed, asked.order, formulas),)


def compiled(
    text: str | None, at: tuple[At, ...], *, var: str | None = None, limits: bool = True
) -> tuple[Expression, list[dict[str, float]]]:
    """The expression, and its points with a value for each variable."""
    from gradcli.expression import Expression
    from gradcli.expression.points import names_in, points

    if not text or not text.strip():
        raise GradcliError("there is no expression", 'write one, for example gradcli derive "x**2" --at 3')
    named = tuple(name for place in at for name in names_in(place))
    expression = Expression.compile(text, variables=_names(var), named=named, limits=limits)
    return expression, points(at, expression.variables)


def _names(text: str | None) -> tuple[str, ...]:
    from gradcli.expression.points import parse_names

    return tuple(parse_names(text)) if text else ()


def _at(expression: Expression, place: dict[str, float], wrt: tuple[str, ...], asked: Deriving) -> Derivation:
    problem = expression.problem(place, wrt or None, order=asked.order)
    formulas = dict(zip(problem.parameters, problem.formulas, strict=True))
    methods = asked.methods or (("reference",) if asked.value else DEFAULT_METHODS)
    rows = compare_methods(problem, order=asked.order, methods=methods, step=asked.step, rtol=asked.rtol)
    return Derivation(expression.text, expression.parsed, asked.order, formulas, place, rows)
