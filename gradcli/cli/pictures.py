"""The commands `plot tangent|arrows|surface|sweep|training`: pictures in files, on standard output or in windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument

from gradcli.cli import options as given
from gradcli.cli import picture_options as drawn
from gradcli.cli.commands import Allowed, ExpressionCommand, modelling, positive, step_size
from gradcli.cli.sweeps import Steps, grid, swept
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.plots.saving import Destination
    from gradcli.plotting import Picturing
    from gradcli.training import Trained, Training

app = typer.Typer(
    help="Pictures: secants and tangent, gradient arrows, loss surfaces, V-curves, training.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command(cls=ExpressionCommand)
def tangent(
    expression: drawn.Formula,
    at: drawn.Place = None,
    step: drawn.Secant = "auto",
    wrt: drawn.Along = None,
    view: drawn.View = None,
    var: given.Var = None,
    output: drawn.Into = None,
    format_: drawn.Type = drawn.FileType.AUTO,
    dpi: drawn.Dpi = 150,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    no_limits: given.NoLimits = False,
) -> int:
    """A curve with its tangent, and the secants of forward, backward and central differences.

    gradcli plot tangent "x**2" --at 3 --step 0.5 -o tangent.png
    """
    from gradcli import plots
    from gradcli.plotting import Picturing, tangent_scene

    asked = Picturing(_texts(at), wrt, var, view, step=step_size(step), limits=not no_limits)
    allowed = Allowed.of(timeout, memory, 1, limits=not no_limits)
    return _draw(plots.tangent, tangent_scene, expression, asked, _into(output, format_, dpi), allowed)


@app.command(cls=ExpressionCommand)
def arrows(
    expression: drawn.Formula,
    at: drawn.Held = None,
    wrt: drawn.Pair = None,
    view: drawn.View = None,
    var: given.Var = None,
    output: drawn.Into = None,
    format_: drawn.Type = drawn.FileType.AUTO,
    dpi: drawn.Dpi = 150,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    no_limits: given.NoLimits = False,
) -> int:
    """Contours of a function of two variables with arrows of its gradient, uphill.

    gradcli plot arrows "x**2 + y**2" -o arrows.png
    """
    from gradcli import plots
    from gradcli.plotting import Picturing, field_scene

    asked = Picturing(_texts(at), wrt, var, view, limits=not no_limits)
    allowed = Allowed.of(timeout, memory, 1, limits=not no_limits)
    return _draw(plots.arrows, field_scene, expression, asked, _into(output, format_, dpi), allowed)


@app.command(cls=ExpressionCommand)
def surface(
    target: Annotated[
        str,
        Argument(metavar="TARGET", help="linreg, nn, or an expression of two variables.", autocompletion=given.models),
    ],
    at: drawn.Start = None,
    wrt: drawn.Pair = None,
    view: drawn.View = None,
    var: given.Var = None,
    lr: drawn.Rate = None,
    iterations: given.Iterations = None,
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    no_standardize: given.NoStandardize = False,
    output: drawn.Into = None,
    format_: drawn.Type = drawn.FileType.AUTO,
    dpi: drawn.Dpi = 150,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    no_limits: given.NoLimits = False,
) -> int:
    """A loss surface beside its contours, with the path of gradient descent in red.

    gradcli plot surface linreg -o surface.png

    gradcli plot surface "(1-x)**2 + 100*(y-x**2)**2" --at x=-1,y=2 -o valley.png
    """
    from gradcli import plots, targets
    from gradcli.plotting import Picturing, model_surface, surface_scene

    asked = Picturing(
        _texts(at),
        wrt,
        var,
        view,
        lr=lr if lr is None else positive(lr, "--lr"),
        iterations=iterations,
        standardize=not no_standardize,
        limits=not no_limits,
        modelling=modelling(data, column, features, None, no_intercept=no_intercept),
    )
    into = _into(output, format_, dpi)
    if target in targets.MODELS:
        into.receive(plots.surface(model_surface(target, asked)))
        return 0
    allowed = Allowed.of(timeout, memory, 1, limits=not no_limits)
    return _draw(plots.surface, surface_scene, target, asked, into, allowed)


@app.command(cls=ExpressionCommand)
def sweep(
    target: drawn.Swept,
    at: given.CheckAt = None,
    method: given.Methods = None,
    steps: Steps = "1e-1:1e-16",
    order: given.Order = 1,
    wrt: given.Wrt = None,
    only: given.Only = None,
    var: given.Var = None,
    seed: given.Seed = 0,
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
    output: drawn.Into = None,
    format_: drawn.Type = drawn.FileType.AUTO,
    dpi: drawn.Dpi = 150,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    no_limits: given.NoLimits = False,
) -> int:
    """Error against step size on logarithmic axes: the V of each method.

    gradcli plot sweep "sin(x)" --at 1 -o sweep.png
    """
    from gradcli import plots
    from gradcli.sweep.sweeping import Sweeping

    asked = Sweeping(
        _texts(at),
        wrt,
        only,
        var,
        order,
        tuple(dict.fromkeys(map(str, method or ()))) or Sweeping().methods,
        grid(steps),
        seed=seed,
        limits=not no_limits,
        modelling=modelling(data, column, features, hidden, no_intercept=no_intercept),
    )
    into = _into(output, format_, dpi)
    into.receive(plots.sweep(swept(target, asked, timeout, memory, meanwhile=_prepare)))
    return 0


@app.command()
def training(
    model: Annotated[str, Argument(metavar="MODEL", help="linreg or nn.", autocompletion=given.models)],
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
    lr: drawn.Rate = None,
    iterations: given.Iterations = None,
    tol: given.Tol = 1e-8,
    seed: given.Seed = 0,
    check_every: given.CheckEvery = None,
    no_standardize: given.NoStandardize = False,
    output: drawn.Into = None,
    format_: drawn.Type = drawn.FileType.AUTO,
    dpi: drawn.Dpi = 150,
) -> int:
    """Loss and gradient norm at every iteration, the gradient checks, and the data with the fitted curve.

    gradcli plot training linreg -o training.png
    """
    from gradcli import plots, targets
    from gradcli.plotting import lesson
    from gradcli.training import Training

    if model not in targets.MODELS:
        raise GradcliError(f"there is no model {model!r}", f"choose {' or '.join(targets.MODELS)}")
    asked = Training(
        modelling=modelling(data, column, features, hidden, no_intercept=no_intercept),
        lr=lr if lr is None else positive(lr, "--lr"),
        iterations=iterations,
        tol=tol,
        seed=seed,
        check_every=check_every,
        standardize=not no_standardize,
    )
    into = _into(output, format_, dpi)
    trained, fit = lesson(model, asked)
    into.receive(plots.training(trained.descent, trained.steps, fit))
    return 0


def train_and_draw(model: str, asked: Training, path: str, progress: bool) -> Trained:
    """Train as `train` does, and draw it; the steps stay in the result only if they were asked for."""
    from gradcli import plots
    from gradcli.plotting import lesson

    if path == "-":
        raise GradcliError("--plot - would mix a picture with the records", "name a file: --plot training.png")
    into = _into(path, drawn.FileType.AUTO, 150)
    trained, fit = lesson(model, asked, visible=False, progress=progress)
    into.receive(plots.training(trained.descent, trained.steps, fit))
    return trained if asked.trace else replace(trained, steps=())


def _texts(at: list[str] | None) -> tuple[str, ...]:
    return tuple(at or ())


def _into(output: str | None, kind: drawn.FileType, dpi: int) -> Destination:
    from gradcli.plots.saving import Destination

    return Destination.of(output, str(kind), dpi)


def _draw(
    draw: Callable[[Any], Any],
    scene: Callable[..., Any],
    text: str,
    asked: Picturing,
    into: Destination,
    allowed: Allowed,
) -> int:
    """Have a worker set the scene while this process loads matplotlib, then draw it."""
    from gradcli.items import Item
    from gradcli.loading import load_expressions
    from gradcli.targets import is_code
    from gradcli.workers import call

    if is_code(text):
        raise GradcliError(f"{text} is code, and this picture is of an expression", "of code there is plot sweep")
    found = call(
        scene,
        Item(expr=text.strip()),
        asked,
        timeout=allowed.timeout,
        memory=allowed.memory,
        initializer=load_expressions,
        meanwhile=_prepare,
    )
    into.receive(draw(found))
    return 0


def _prepare() -> None:
    import matplotlib.figure  # noqa: F401  imported for its effect
