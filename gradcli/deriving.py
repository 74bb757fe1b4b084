"""What `derive` does: an expression and its points become derivations; this is what runs inside a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from gradcli.derivation import BEST, DEFAULT_METHODS, Derivation, compare_methods
from gradcli.errors import GradcliError
from gradcli.targets import At, compiled, names_of
from gradcli.workers import More

if TYPE_CHECKING:
    from gradcli.derivation.columns import Derivations
    from gradcli.derivation.many import ManyPoints
    from gradcli.expression import Expression
    from gradcli.items import Item

MANY = 1000
"""Points of one expression beyond which they are evaluated together."""
REMEMBERED = 4
"""Expressions at many points whose parts may be asked for in turn."""


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

    @property
    def chosen(self) -> tuple[str, ...]:
        """The methods: one that is named, always; for the best number alone none where the exact slope is known."""
        if len(self.methods) == 1:
            return self.methods
        return (BEST,) if self.value else self.methods or DEFAULT_METHODS


@dataclass(frozen=True, slots=True)
class Rest:
    """The points of an item from number `start` on, the next `size` of them first; 0 leaves the size open."""

    item: Item
    start: int = 0
    size: int = 0


def derive(item: Item | Rest, asked: Deriving) -> tuple[Derivation, ...] | tuple[Derivations, ...] | More:
    """The derivations of one expression at every point, or its formulas where no point is given.

    Many points are answered in parts.
    """
    if isinstance(item, Rest):
        return _rest(item, asked)
    here = asked.of(item)
    expression, places = compiled(item.expr, here.at, var=here.var, limits=here.limits)
    if len(places) > MANY:
        return More((), Rest(item))
    wrt = names_of(here.wrt)
    if places:
        return tuple(_at(expression, wrt, here, place) for place in places)
    if here.value:
        raise GradcliError("--value needs a point", "give one with --at, for example --at 3")
    formulas = {name: expression.formula(name, here.order) for name in wrt or expression.variables}
    return (Derivation(expression.text, expression.parsed, here.order, formulas),)


def _at(expression: Expression, wrt: tuple[str, ...], asked: Deriving, place: Mapping[str, float]) -> Derivation:
    problem = expression.problem(place, wrt or None, order=asked.order)
    formulas = dict(zip(problem.parameters, problem.formulas, strict=True))
    rows = compare_methods(problem, order=asked.order, methods=asked.chosen, step=asked.step, rtol=asked.rtol)
    return Derivation(expression.text, expression.parsed, asked.order, formulas, place, rows)


def _rest(rest: Rest, asked: Deriving) -> tuple[Derivations, ...] | More:
    """The next block of points."""
    many = _many_points(rest.item, asked)
    block, size = many.block(rest.start, rest.size or many.first_size)
    stop = rest.start + len(block)
    return More((block,), Rest(rest.item, stop, size)) if stop < len(many.question.points) else (block,)


_recent: list[tuple[Item, Deriving, ManyPoints]] = []


def _many_points(item: Item, asked: Deriving) -> ManyPoints:
    """The expression made ready for all its points, which it stays until some others have been asked for."""
    for place, (one, options, many) in enumerate(_recent):
        if one == item and options == asked:
            _recent.append(_recent.pop(place))
            return many
    del _recent[: max(0, len(_recent) + 1 - REMEMBERED)]
    many = _prepared(item, asked.of(item))
    _recent.append((item, asked, many))
    return many


def _prepared(item: Item, asked: Deriving) -> ManyPoints:
    from gradcli.derivation.many import ManyPoints
    from gradcli.derivation.question import Question

    expression, places = compiled(item.expr, asked.at, var=asked.var, limits=asked.limits)
    wrt = names_of(asked.wrt)
    one = partial(_at, expression, wrt, asked)
    names = wrt or expression.variables
    question = Question(expression, places, names, asked.chosen, asked.order, asked.step, asked.rtol, one)
    return ManyPoints(question)
