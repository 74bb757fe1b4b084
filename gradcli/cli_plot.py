"""The commands `plot tangent|arrows|surface|sweep|training`: pictures in files, on standard output or in windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from gradcli import options as given  # noqa: TC001  Typer reads the annotations
from gradcli.cli_sweep import Steps, grid, swept
from gradcli.commands import Allowed, ExpressionCommand, modelling, positive, step_size
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


class FileType(StrEnum):
    """What kind of file a picture becomes."""

    AUTO = "auto"
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


Into = Annotated[
    str | None,
    Option("--output", "-o", metavar="FILE", help="FILE.png, .svg or .pdf, or - for standard output; else a window."),
]
Type = Annotated[FileType, Option("--format", help="The type of file; auto: by the suffix, PNG for -o -.")]
Dpi = Annotated[int, Option("--dpi", metavar="N", min=30, max=1200, help="Dots per inch of a PNG.")]
View = Annotated[
    str | None, Option("--range", metavar="RANGES", help="What to show: x=-2:2,y=-1:3. [default: by the function]")
]
Picture = Annotated[
    str | None, Option("--plot", metavar="FILE", help="Draw the training as well: FILE.png, .svg or .pdf.")
]
Formula = Annotated[str, Argument(metavar="EXPR", help="The expression.")]
Place = Annotated[list[str] | None, Option("--at", metavar="POINT", help="The point: 3, or x=1,y=2.")]
Held = Annotated[list[str] | None, Option("--at", metavar="POINT", help="Values of the variables that are not shown.")]
Start = Annotated[list[str] | None, Option("--at", metavar="POINT", help="Where the descent starts: x=-1,y=2.")]
Pair = Annotated[str | None, Option("--wrt", metavar="NAMES", help="The two variables to show: x,y.")]
Along = Annotated[str | None, Option("--wrt", metavar="NAME", help="The variable along which to draw.")]
Swept = Annotated[str, Argument(metavar="TARGET", help="EXPR, linreg, nn, or FILE.py[:loss[,grad]].")]
Secant = Annotated[str, Option("--step", metavar="auto|NUMBER", help="The step h between the points of the secants.")]
Rate = Annotated[
    float | None, Option("--lr", metavar="ALPHA", help="Learning rate. [default: 0.2/L, which leaves steps to be seen]")
]


@app.command(cls=ExpressionCommand)
def tangent(
    expression: Formula,
    at: Place = None,
    step: Secant = "auto",
    wrt: Along = None,
    view: View = None,
    var: given.Var = None,
    output: Into = None,
    format_: Type = FileType.AUTO,
    dpi: Dpi = 150,
    timeout: given.Timeout = 5.0,
    memory: given.Memory = 1024.0,
    no_limits: given.NoLimits = False,
) -> int:
    """A curve with its tangent, and the secants of forward, backward and central differences.

    gradcli plot tangent "x**2" --at 3 --step 0.5 -o tangent.png
    """
    from gradcli import plots
    from gradcli.plotting import Picturing, tangent_scene

    asked = Picturing(_texts(at), wrt, var, view, step=step_size(step), limits=not no_limits)
    allowed = Allowed.of(timeout, memory, 1, limits=not no_limits)
    return _drawn(plots.tangent, tangent_scene, expression, asked, _into(output, format_, dpi), allowed)


@app.command(cls=ExpressionCommand)
def arrows(
    expression: Formula,
    at: Held = None,
    wrt: Pair = None,
    view: View = None,
    var: given.Var = None,
    output: Into = None,
    format_: Type = FileType.AUTO,
    dpi: Dpi = 150,
    timeout: given.Timeout = 5.0,
    memory: given.Memory = 1024.0,
    no_limits: given.NoLimits = False,
) -> int:
    """Contours of a function of two variables with arrows of its gradient, uphill.

    gradcli plot arrows "x**2 + y**2" -o arrows.png
    """
    from gradcli import plots
    from gradcli.plotting import Picturing, field_scene

    asked = Picturing(_texts(at), wrt, var, view, limits=not no_limits)
    allowed = Allowed.of(timeout, memory, 1, limits=not no_limits)
    return _drawn(plots.arrows, field_scene, expression, asked, _into(output, format_, dpi), allowed)


@app.command(cls=ExpressionCommand)
def surface(
    target: Annotated[str, Argument(metavar="TARGET", help="linreg, nn, or an expression of two variables.")],
    at: Start = None,
    wrt: Pair = None,
    view: View = None,
    var: given.Var = None,
    lr: Rate = None,
    iterations: given.Iterations = None,
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    no_standardize: given.NoStandardize = False,
    output: Into = None,
    format_: Type = FileType.AUTO,
    dpi: Dpi = 150,
    timeout: given.Timeout = 5.0,
    memory: given.Memory = 1024.0,
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
    return _drawn(plots.surface, surface_scene, target, asked, into, allowed)


@app.command(cls=ExpressionCommand)
def sweep(
    target: Swept,
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
    output: Into = None,
    format_: Type = FileType.AUTO,
    dpi: Dpi = 150,
    timeout: given.Timeout = None,
    memory: given.Memory = 1024.0,
    no_limits: given.NoLimits = False,
) -> int:
    """Error against step size on logarithmic axes: the V of each method.

    gradcli plot sweep "sin(x)" --at 1 -o sweep.png
    """
    from gradcli import plots
    from gradcli.sweeping import Sweeping

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
    model: Annotated[str, Argument(metavar="MODEL", help="linreg or nn.")],
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
    lr: Rate = None,
    iterations: given.Iterations = None,
    tol: given.Tol = 1e-8,
    seed: given.Seed = 0,
    check_every: given.CheckEvery = None,
    no_standardize: given.NoStandardize = False,
    output: Into = None,
    format_: Type = FileType.AUTO,
    dpi: Dpi = 150,
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
    into = _into(path, FileType.AUTO, 150)
    trained, fit = lesson(model, asked, visible=False, progress=progress)
    into.receive(plots.training(trained.descent, trained.steps, fit))
    return trained if asked.trace else replace(trained, steps=())


def _texts(at: list[str] | None) -> tuple[str, ...]:
    return tuple(at or ())


def _into(output: str | None, kind: FileType, dpi: int) -> Destination:
    from gradcli.plots.saving import Destination

    return Destination.of(output, str(kind), dpi)


def _drawn(
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
