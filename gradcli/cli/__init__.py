"""The command line: options -> problem -> result -> show -> exit code."""

from __future__ import annotations

import os
import sys
from errno import EIO, ENOSPC
from typing import Annotated, Any

import typer
from typer.main import get_command

from gradcli import __version__
from gradcli.cli import options as given
from gradcli.cli import picture_options as drawn
from gradcli.cli.commands import (
    Allowed,
    ExpressionCommand,
    answer_to,
    answers,
    modelling,
    per_block,
    positive,
    refuse,
    showing,
    step_size,
)
from gradcli.cli.endings import heeded
from gradcli.cli.lazily import Command, Commands, group_of
from gradcli.errors import GradcliError
from gradcli.output import (
    BUG,
    COULD_NOT_RUN,
    GOOD,
    INTERRUPTED,
    READER_GONE,
    ReaderGoneError,
    prepare_streams,
    silence,
    tell,
    unwritable,
)

NO_ROOM = {ENOSPC, EIO, None}
"""How writing to a full disk, a broken one, or a closed standard output fails."""

UsageError: Any = typer.BadParameter.__base__

settings: dict[str, Any] = {"rich_markup_mode": None, "context_settings": {"help_option_names": ["-h", "--help"]}}
commands = Commands(**settings)
app = typer.Typer(cls=group_of(commands), no_args_is_help=True, pretty_exceptions_enable=False, **settings)


@app.callback(invoke_without_command=True)
def version(
    *, show: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False
) -> None:
    """Is this gradient right? Symbolic against numeric, with an honest error, a verdict and a likely cause."""
    if show:
        sys.stdout.write(f"gradcli {__version__}\n")
        raise typer.Exit


@commands.command(cls=ExpressionCommand)
def derive(
    expression: given.Expression = None,
    at: given.At = None,
    wrt: given.Wrt = None,
    order: given.Order = 1,
    method: given.Methods = None,
    step: given.Step = "auto",
    rtol: given.Rtol = 1e-6,
    value: Annotated[bool, typer.Option("--value", help="Print the best known number alone.")] = False,
    var: given.Var = None,
    file: given.File = None,
    format_: given.OutputFormat = given.Format.AUTO,
    output: given.OutputFile = None,
    color: given.WhenColor = given.Color.AUTO,
    quiet: given.Quiet = False,
    verbose: given.Verbose = False,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    jobs: given.Jobs = None,
    no_limits: given.NoLimits = False,
) -> int:
    """Derivative or gradient of an expression: symbolic against forward, backward and central differences.

    gradcli derive "x**2" --at 3
    """
    from gradcli.deriving import Deriving
    from gradcli.deriving import derive as answer
    from gradcli.output.kinds import DERIVATIONS

    allowed = Allowed.of(timeout, memory, jobs, limits=not no_limits)
    asked = Deriving(
        at=tuple(at or ()),
        wrt=wrt,
        var=var,
        order=order,
        methods=tuple(str(one) for one in method or ()),
        step=step_size(step),
        rtol=positive(rtol, "--rtol"),
        value=value,
        limits=not no_limits,
    )
    show = showing(format_, color, output, quiet=quiet, verbose=verbose)
    outcomes = answers(answer, asked, expression, file, show, allowed)
    return show.values(outcomes) if value else show.show(outcomes, DERIVATIONS)


@commands.command(cls=ExpressionCommand)
def check(
    target: given.Target = None,
    grad: given.Grad = None,
    at: given.CheckAt = None,
    points: given.Points = 2,
    only: given.Only = None,
    all_: given.All = False,
    directions: given.Directions = None,
    wrt: given.Wrt = None,
    var: given.Var = None,
    rtol: given.Rtol = 1e-6,
    seed: given.Seed = 0,
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
    break_: given.Break = None,
    vectorized: given.Vectorized = False,
    allow_unresolved: given.AllowUnresolved = False,
    file: given.File = None,
    format_: given.OutputCheckFormat = given.CheckFormat.AUTO,
    output: given.OutputFile = None,
    color: given.WhenColor = given.Color.AUTO,
    quiet: given.Quiet = False,
    verbose: given.Verbose = False,
    timeout: given.Timeout = None,
    memory: given.Memory = None,
    jobs: given.CheckJobs = None,
    no_limits: given.NoLimits = False,
) -> int:
    """Is this gradient right? Yours of a formula, of your own code, or that of linreg and nn.

    gradcli check "x**2*y" --grad "2*x*y, x**2" --at x=1,y=2

    gradcli check model.py:loss

    gradcli check linreg
    """
    from gradcli import targets
    from gradcli.output.kinds import checks

    asked = targets.Checking(
        at=tuple(at or ()),
        grad=None if grad is None else (grad,),
        wrt=wrt,
        var=var,
        points=points,
        only=only,
        directions=per_block(directions, every=all_),
        rtol=positive(rtol, "--rtol"),
        seed=seed,
        mistake=None if break_ is None else str(break_),
        limits=not no_limits,
        modelling=modelling(data, column, features, hidden, no_intercept=no_intercept),
        vectorized=vectorized,
    )
    show = showing(format_, color, output, quiet=quiet, verbose=verbose)
    kind = checks(allow_unresolved=allow_unresolved)
    of_formulas = {"--grad": grad, "--wrt": wrt, "--var": var, "--file": file}
    of_code = {"--vectorized": vectorized}
    of_models = {"--data": data, "--no-intercept": no_intercept, "--hidden": hidden, "--break": break_}
    if target in targets.MODELS:
        refuse({**of_formulas, **of_code}, f"the model {target}")
        return show.answer(targets.check_model(target, asked), kind)
    refuse(of_models, "what is no model")
    if target is not None and targets.is_code(target):
        refuse(of_formulas, "code")
        allowed = Allowed.of(timeout, memory, jobs or 1, limits=not no_limits, seconds=20.0)
        return show.show(answer_to(targets.check_code, target, asked, show, allowed), kind)
    refuse(of_code, "an expression")
    allowed = Allowed.of(timeout, memory, jobs, limits=not no_limits)
    return show.show(answers(targets.check, asked, target, file, show, allowed), kind)


@commands.command()
def train(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="linreg or nn.", autocompletion=given.models)],
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
    lr: given.LearningRate = None,
    iterations: given.Iterations = None,
    tol: given.Tol = 1e-8,
    seed: given.Seed = 0,
    check_every: given.CheckEvery = None,
    no_standardize: given.NoStandardize = False,
    save: given.Save = None,
    trace: given.Trace = False,
    picture: drawn.Picture = None,
    format_: given.OutputFormat = given.Format.AUTO,
    output: given.OutputFile = None,
    color: given.WhenColor = given.Color.AUTO,
    quiet: given.Quiet = False,
    verbose: given.Verbose = False,
) -> int:
    """Gradient descent, theta <- theta - alpha grad L, the gradient checked on the way.

    gradcli train linreg --data data.csv --target y
    """
    from gradcli import targets, training
    from gradcli.cli.pictures import train_and_draw
    from gradcli.output.kinds import DESCENTS

    if model not in targets.MODELS:
        raise GradcliError(f"there is no model {model!r}", f"choose {' or '.join(targets.MODELS)}")
    asked = training.Training(
        modelling=modelling(data, column, features, hidden, no_intercept=no_intercept),
        lr=lr if lr is None else positive(lr, "--lr"),
        iterations=iterations,
        tol=tol,
        seed=seed,
        check_every=check_every,
        standardize=not no_standardize,
        save=save,
        trace=trace,
    )
    show = showing(format_, color, output, quiet=quiet, verbose=verbose)
    progress = not quiet
    outcome = (
        train_and_draw(model, asked, picture, progress) if picture else training.train(model, asked, progress=progress)
    )
    code = show.answer((outcome,), DESCENTS)
    return INTERRUPTED if outcome.descent.interrupted else code


@commands.later("Error against step size: the V of each method, its best step, its observed order of accuracy.")
def sweep() -> Command:
    """The command `sweep`."""
    from gradcli.cli import sweeps

    return commands.whole("sweep", sweeps.sweep, ExpressionCommand)


@commands.later("Pictures: secants and tangent, gradient arrows, loss surfaces, V-curves, training.")
def plot() -> Command:
    """The commands `plot ..`."""
    from gradcli.cli.pictures import app as pictures

    return get_command(pictures)


@commands.command()
def functions(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="This function only.")] = None,
    format_: given.OutputFormat = given.Format.AUTO,
    output: given.OutputFile = None,
    color: given.WhenColor = given.Color.AUTO,
) -> int:
    """List the names an expression may use, with their derivatives."""
    from gradcli.loading import load_expressions
    from gradcli.output.kinds import FUNCTIONS
    from gradcli.targets import listed_functions

    load_expressions()
    return showing(format_, color, output).answer(listed_functions(name), FUNCTIONS)


def run(arguments: list[str]) -> int:
    """Run one command: its exit code, with every error told on stderr."""
    prepare_streams()
    with heeded() as signals:
        code = _run(arguments)
    if signals:
        code = 128 + signals[0]
    try:
        sys.stdout.flush()
    except OSError as error:
        silence(sys.stdout)
        if code == GOOD and not isinstance(error, BrokenPipeError):
            from gradcli.output.wording import explain

            tell(explain(unwritable(error)))
            return COULD_NOT_RUN
        return READER_GONE if code == GOOD else code
    return code


def _run(arguments: list[str]) -> int:
    try:
        outcome = app(args=arguments, prog_name="gradcli", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except ReaderGoneError:
        silence(sys.stdout)
        return READER_GONE
    except SystemExit as end:
        return _ended(end)
    except Exception as error:  # noqa: BLE001  the last line of defence turns a bug into a sentence and exit code 70
        return _told(error)
    return outcome if isinstance(outcome, int) else GOOD


def _ended(end: SystemExit) -> int:
    """Typer exits with 0 after a completion, and with 1 where nobody reads the help that it writes."""
    if end.code in {None, GOOD}:
        return GOOD
    silence(sys.stdout)
    return READER_GONE


def _told(error: Exception) -> int:
    from gradcli.output.wording import explain

    if isinstance(error, GradcliError):
        tell(explain(error))
    elif isinstance(error, UsageError):
        tell(_help(error) or explain(_usage(error)))
    elif isinstance(error, OSError) and error.errno in NO_ROOM:
        silence(sys.stdout)
        tell(explain(unwritable(error)))
    else:
        return _bug(error)
    return COULD_NOT_RUN


def _help(error: Any) -> str:  # noqa: ANN401  Typer keeps the type to itself
    """What to say where no words were given."""
    return f"{error.format_message()}\n" if type(error).__name__ == "NoArgsIsHelpError" else ""


def _usage(error: Any) -> GradcliError:  # noqa: ANN401
    from gradcli.cli.tokens import SHIELD, better_usage

    sentence = error.format_message().strip()
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "gradcli"
    options = [name for option in context.command.params for name in option.opts] if context else []
    hint = better_usage(sentence, options) or f"{command} --help lists what it takes"
    return GradcliError(sentence[:1].lower() + sentence[1:].rstrip(".").replace(f"({SHIELD}", "("), hint)


def _bug(error: Exception) -> int:
    from gradcli.output.wording import printable

    if os.environ.get("GRADCLI_DEBUG"):
        import traceback

        tell("".join(traceback.format_exception(error)))
    tell(f"gradcli: bug: {type(error).__name__}: {printable(str(error))} (GRADCLI_DEBUG=1 shows where)\n")
    return BUG
