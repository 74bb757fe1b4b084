"""What `plot` does before it draws: the scenes of its pictures, worked out where expressions are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.targets import Modelling, compiled, modelled, names_of

if TYPE_CHECKING:
    from gradcli.expression import Expression
    from gradcli.items import Item
    from gradcli.scenes.field import Field, Plate
    from gradcli.scenes.fit import Fit
    from gradcli.scenes.surface import Surface
    from gradcli.scenes.tangent import Tangent
    from gradcli.scenes.views import Range
    from gradcli.training import Trained, Training


@dataclass(frozen=True, slots=True)
class Picturing:
    """The options that say what is in a picture."""

    at: tuple[str, ...] = ()
    wrt: str | None = None
    var: str | None = None
    view: str | None = None
    step: float | None = None
    lr: float | None = None
    iterations: int | None = None
    standardize: bool = True
    limits: bool = True
    modelling: Modelling = field(default_factory=Modelling)


def tangent_scene(item: Item, asked: Picturing) -> Tangent:
    """The curve of an expression around a point, along its only variable or the one that `--wrt` names."""
    from gradcli.scenes.tangent import tangent_at

    expression, point = _placed(item, asked)
    if not point:
        raise GradcliError("a tangent needs a point", "give one with --at, for example --at 3")
    names = names_of(asked.wrt) or tuple(point)
    if len(names) > 1:
        raise GradcliError(f"a curve has one variable, not {', '.join(names)}", f"choose one: --wrt {names[0]}")
    view = _view(asked, names).get(names[0])
    expression.index(names[0])
    return tangent_at(expression, point, names[0], step=asked.step, view=view)


def field_scene(item: Item, asked: Picturing) -> Field:
    """The gradient field of an expression of two variables."""
    from gradcli.scenes.field import field as scene

    surface = _plate(item, asked)
    return scene(surface, _view(asked, surface.names))


def surface_scene(item: Item, asked: Picturing) -> Surface:
    """The surface of an expression of two variables, with a descent from the point that is given."""
    from gradcli.scenes.surface import surface_of_expression

    surface = _plate(item, asked)
    return surface_of_expression(surface, _view(asked, surface.names), lr=asked.lr, iterations=asked.iterations)


def model_surface(name: str, asked: Picturing) -> Surface:
    """The loss of linreg or nn over its two parameters, with the descent that trains it."""
    from gradcli.scenes.surface import surface_of_model

    model, _ = modelled(name, asked.modelling)
    start = _model_start(asked, model.parameters)
    return surface_of_model(
        model,
        _view(asked, model.parameters),
        lr=asked.lr,
        iterations=asked.iterations,
        start=start,
        standardize=asked.standardize,
    )


def lesson(name: str, asked: Training, *, visible: bool = True, progress: bool = True) -> tuple[Trained, Fit | None]:
    """A training with all its steps, and the data and the fit where there is one feature.

    visible: where no learning rate is given and the loss is convex, take a fifth of 1/L, which leaves steps to be seen.
    """
    from gradcli.scenes.fit import fit
    from gradcli.scenes.surface import visible_rate
    from gradcli.training import train_on

    model, data = modelled(name, asked.modelling)
    if visible and asked.lr is None and not model.hidden:
        asked = replace(asked, lr=visible_rate(model, standardize=asked.standardize))
    trained = train_on(model, data, replace(asked, trace=True), progress=progress)
    return trained, fit(model, data, trained.descent)


def _placed(item: Item, asked: Picturing) -> tuple[Expression, Mapping[str, float]]:
    """The expression and one point, which may be empty."""
    expression, places = compiled(item.expr, asked.at, var=asked.var, limits=asked.limits)
    if len(places) > 1:
        raise GradcliError(f"a picture has one point, not {len(places)}", "give one --at")
    return expression, places[0] if places else {}


def _plate(item: Item, asked: Picturing) -> Plate:
    """The expression over two variables; `--at` may leave those out that the picture moves."""
    from gradcli.expression import Expression
    from gradcli.expression.points import names_in, parse_point
    from gradcli.scenes.field import plate

    named = tuple(name for place in asked.at for name in names_in(place))
    expression = Expression.compile(item.expr or "", variables=names_of(asked.var), named=named, limits=asked.limits)
    point = {
        name: float(values[0])
        for place in asked.at
        for name, values in parse_point(place).named([*names_in(place)]).items()
    }
    return plate(expression, point, names_of(asked.wrt))


def _view(asked: Picturing, names: tuple[str, ...]) -> dict[str, Range]:
    from gradcli.scenes.views import parse_ranges

    return parse_ranges(asked.view, names) if asked.view else {}


def _model_start(asked: Picturing, names: tuple[str, ...]) -> dict[str, float] | None:
    if not asked.at:
        return None
    from gradcli.userfile.startpoint import start_point

    values = start_point(asked.at[0], names, [0.0] * len(names))
    return dict(zip(names, values.tolist(), strict=True))
