"""The command `sweep`: error against step size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from gradcli.cli import options as given
from gradcli.cli.commands import Allowed, answers, modelling, positive, showing
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.sweep import Sweep
    from gradcli.sweep.sweeping import Sweeping

Steps = Annotated[
    str, Option("--steps", metavar="LARGEST:SMALLEST", help="The steps to sweep, two in each decade between these.")
]


def sweep(
    target: given.Target = None,
    at: given.CheckAt = None,
    method: given.Methods = None,
    steps: Steps = "1e-1:1e-16",
    order: given.Order = 1,
    wrt: given.Wrt = None,
    only: given.Only = None,
    var: given.Var = None,
    rtol: given.Rtol = 1e-6,
    seed: given.Seed = 0,
    data: given.Data = None,
    column: given.DataTarget = None,
    features: given.Features = None,
    no_intercept: given.NoIntercept = False,
    hidden: given.Hidden = None,
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
    """Error against step size: the V of each method, its best step, its observed order of accuracy.

    gradcli sweep "sin(x)" --at 1

    gradcli sweep model.py:loss
    """
    from gradcli.sweep.sweeping import Sweeping, sweep_expression

    asked = Sweeping(
        at=tuple(at or ()),
        wrt=wrt,
        only=only,
        var=var,
        order=order,
        methods=tuple(dict.fromkeys(map(str, method or ()))) or Sweeping().methods,
        steps=grid(steps),
        rtol=positive(rtol, "--rtol"),
        seed=seed,
        limits=not no_limits,
        modelling=modelling(data, column, features, hidden, no_intercept=no_intercept),
    )
    show = showing(format_, color, output, quiet=quiet, verbose=verbose)
    single = file is None and target not in {None, "-"}
    if target is not None and single:
        return show.answer(swept(target, asked, timeout, memory, meanwhile=show.prepare), kind())
    allowed = Allowed.of(timeout, memory, jobs, limits=not no_limits)
    return show.show(answers(sweep_expression, asked, target, file, show, allowed), kind())


def swept(
    target: str, asked: Sweeping, timeout: float | None, memory: float | None, *, meanwhile: Callable[[], object]
) -> tuple[Sweep, ...]:
    """The sweeps of one model, or by a worker those of an expression or of a person's code."""
    from gradcli import targets
    from gradcli.items import Item
    from gradcli.loading import load_expressions
    from gradcli.sweep import sweeping
    from gradcli.workers import call

    if target in targets.MODELS:
        return sweeping.sweep_model(target, asked)
    code = targets.is_code(target)
    allowed = Allowed.of(timeout, memory, 1, limits=asked.limits, seconds=20.0 if code else 5.0)
    return call(
        sweeping.sweep_code if code else sweeping.sweep_expression,
        target if code else Item(expr=target.strip()),
        asked,
        timeout=allowed.timeout,
        memory=allowed.memory,
        initializer=None if code else load_expressions,
        meanwhile=meanwhile,
    )


def grid(text: str) -> tuple[float, ...]:
    """The steps that LARGEST:SMALLEST means."""
    from gradcli.sweep import steps_between

    largest, colon, smallest = text.partition(":")
    try:
        ends = float(largest), float(smallest)
    except ValueError:
        ends = None
    if not colon or ends is None:
        raise GradcliError(f"--steps takes two numbers, not {text!r}", "for example --steps 1e-1:1e-16")
    return steps_between(max(ends), min(ends))


def kind() -> Any:  # noqa: ANN401  a Kind, whose module is loaded where it is used
    """How sweeps are shown: exit code 1 for a wrong gradient, 3 where there is no derivative."""
    from gradcli.output import GOOD, NO_VERDICT, WRONG, sweeprecords, sweeptext
    from gradcli.output.showing import Kind

    def table(sweep: Sweep, width: int) -> Any:  # noqa: ANN401  Rich is imported where it is used
        from gradcli.output.sweeptable import of_sweep

        return of_sweep(sweep, width)

    def remarks(sweep: Sweep, _: bool) -> list[str]:
        return sweeptext.remarks(sweep)

    def exit_code(sweep: Sweep) -> int:
        if sweep.claim_is_wrong:
            return WRONG
        return GOOD if sweep.exact.slope.value is not None else NO_VERDICT

    return Kind(sweeprecords.SWEEP_COLUMNS, sweeprecords.of_sweep, table, remarks, exit_code)
