"""What `sweep` does: an expression, a model or a person's code becomes problems, and each partial of these a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gradcli.derivation import DEFAULT_METHODS
from gradcli.errors import GradcliError
from gradcli.sweep import STEPS, Sweep, sweep
from gradcli.targets import At, Modelling, compiled, model_point, modelled, names_of

if TYPE_CHECKING:
    from gradcli.items import Item
    from gradcli.problem import Problem

MOST = 6
"""Partials that are swept unless others are named: each is a table of its own."""


@dataclass(frozen=True, slots=True)
class Sweeping:
    """The options of `sweep`."""

    at: tuple[At, ...] = ()
    wrt: str | None = None
    only: str | None = None
    var: str | None = None
    order: int = 1
    methods: tuple[str, ...] = DEFAULT_METHODS
    steps: tuple[float, ...] = STEPS
    rtol: float = 1e-6
    seed: int = 0
    limits: bool = True
    modelling: Modelling = field(default_factory=Modelling)

    def of(self, item: Item) -> Sweeping:
        """The options for one line of a batch, whose own point and variables win."""
        at = self.at if item.at is None else (item.at,)
        return replace(self, at=at, wrt=item.wrt or self.wrt)


def sweep_expression(item: Item, asked: Sweeping) -> tuple[Sweep, ...]:
    """A sweep of an expression per point and variable."""
    options = asked.of(item)
    expression, places = compiled(item.expr, options.at, var=options.var, limits=options.limits)
    if not places:
        raise GradcliError("a sweep needs a point", "give one with --at, for example --at 3 or --at x=1,y=2")
    found: list[Sweep] = []
    for place in places:
        problem = expression.problem(place, names_of(options.wrt) or None, order=options.order)
        found += [replace(one, point=dict(place)) for one in sweeps(problem, options)]
    return tuple(found)


def sweep_code(target: str, asked: Sweeping) -> tuple[Sweep, ...]:
    """A sweep of a person's own losses per point and parameter."""
    from gradcli.userfile import load, point_at

    first, *others = asked.at or (None,)
    found: list[Sweep] = []
    for problem in load(target, at=None if first is None else str(first), seed=asked.seed):
        further = [problem.at(point_at(problem, str(at), seed=asked.seed)) for at in others]
        for here in (problem, *further):
            found += sweeps(here, asked)
    return tuple(found)


def sweep_model(name: str, asked: Sweeping) -> tuple[Sweep, ...]:
    """A sweep of the loss of linreg or nn per point and parameter."""
    from gradcli import models

    model, _ = modelled(name, asked.modelling)
    places = [model_point(model, at, asked.seed) for at in asked.at or (None,)]
    return tuple(one for place in places for one in sweeps(models.problem(model, place), asked))


def sweeps(problem: Problem, asked: Sweeping) -> Iterator[Sweep]:
    """Sweeps of the partials that were asked for, of the first few if none were: the last one says so."""
    chosen = _chosen(problem.parameters, asked.only)
    few = chosen if asked.only or asked.wrt else chosen[:MOST]
    point = dict(zip(problem.parameters, map(float, problem.point), strict=True))
    for index in few:
        found = sweep(problem, index, methods=asked.methods, steps=asked.steps, order=asked.order, rtol=asked.rtol)
        left_out = len(chosen) - len(few) if index == few[-1] else 0
        note = (f"{left_out} more partials; --only PATTERN or --wrt NAMES sweeps others",) if left_out else ()
        yield replace(found, point=point, notes=note)


def _chosen(parameters: Sequence[str], only: str | None) -> list[int]:
    found = [k for k, name in enumerate(parameters) if only is None or name == only or fnmatchcase(name, only)]
    if not found:
        raise GradcliError(f"no parameter matches {only!r}", f"the parameters are {', '.join(parameters[:10])}")
    return found
