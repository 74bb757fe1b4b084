"""What commands share: words that may be expressions, what an answer may take, and workers that give the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import asdict, astuple, dataclass
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from gradcli.errors import GradcliError
from gradcli.loading import load_expressions, load_for_many

if TYPE_CHECKING:
    from gradcli.items import Item
    from gradcli.output.showing import Output, Source
    from gradcli.targets import Modelling


MEBIBYTE = 1 << 20
USUAL_MEMORY = 1024.0  # MiB
MOST_MEMORY = 1e9  # MiB; the system counts bytes in 64 bits
MOST_SECONDS = 1e9


class ExpressionCommand(TyperCommand):
    """A command whose words may be expressions that start with a minus sign."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  Typer keeps the type to itself
        """Shield such words before options are looked for."""
        from gradcli.cli.tokens import shielded

        names = {name: not getattr(option, "is_flag", True) for option in self.get_params(ctx) for name in option.opts}
        with suppress(GradcliError) if ctx.resilient_parsing else nullcontext():  # a completion is of unfinished words
            args = shielded(args, names)
        return super().parse_args(ctx, args)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an answer may take: seconds without a sign of life, bytes beyond the worker's own size, processes."""

    timeout: float | None
    memory: int | None
    jobs: int

    @classmethod
    def of(
        cls, timeout: float | None, memory: float | None, jobs: int | None, *, limits: bool = True, seconds: float = 5.0
    ) -> Allowed:
        """From the options as a person gives them; 0 is no limit, as are those left out with --no-limits."""
        from gradcli.workers import cores

        if timeout is None:
            timeout = seconds if limits else 0.0
        if memory is None:
            memory = USUAL_MEMORY if limits else 0.0
        return cls(
            within(timeout, "--timeout", MOST_SECONDS) or None,
            int(within(memory, "--memory", MOST_MEMORY) * MEBIBYTE) or None,
            jobs or cores(),
        )


def modelling(
    data: str | None, target: str | None, features: str | None, hidden: str | None, *, no_intercept: bool
) -> Modelling:
    """Which data and which model, from the options as a person gives them."""
    from gradcli.targets import Modelling

    if data is None and (target or features):
        option = "--target" if target else "--features"
        raise GradcliError(f"{option} names columns of a file, and there is none", "give the file with --data")
    columns = None if features is None else tuple(name.strip() for name in features.split(","))
    return Modelling(data, target, columns, not no_intercept, _sizes(hidden))


def _sizes(text: str | None) -> tuple[int, ...]:
    try:
        return () if text is None else tuple(int(size) for size in text.split(","))
    except ValueError:
        raise GradcliError(f"--hidden takes sizes of layers, not {text!r}", "for example --hidden 8,4") from None


def per_block(directions: int | None, *, every: bool) -> int | None:
    """Random directions over each block: 0 to look at every partial, None for what is usual."""
    if every and directions is not None:
        raise GradcliError("--all looks at each partial and --directions does not", "give one of them")
    return 0 if every else directions


def refuse(options: Mapping[str, object], target: str) -> None:
    """Raise GradcliError for an option that would be passed over: nobody is to be answered what he did not ask."""
    for option, value in options.items():
        if value is not None and value is not False:
            raise GradcliError(f"{option} means nothing for {target}", f"leave {option} out")


def showing(format_: str, color: str, path: str | None, *, quiet: bool = False, verbose: bool = False) -> Output:
    """Where and how the answer is to be written."""
    from gradcli.output.showing import Output

    return Output(str(format_), str(color), path, quiet=quiet, verbose=verbose)


def answer_to(
    answer: Callable[[str, Any], Any], target: str, asked: object, show: Output, allowed: Allowed
) -> Iterator[tuple[Source, Any]]:
    """One answer about a person's own code, given by a worker."""
    from gradcli.output.progress import counting
    from gradcli.output.showing import Source
    from gradcli.workers import call

    with counting(wanted=not show.quiet) as progress:
        outcome = call(
            answer,
            target,
            asked,
            *astuple(allowed),
            timeout=allowed.timeout,
            memory=allowed.memory,
            meanwhile=show.prepare,
            progress=progress,
        )
    yield Source(), outcome


def answers(
    answer: Callable[..., Any],
    asked: Any,  # noqa: ANN401  the options of one command or another
    text: str | None,
    file: str | None,
    show: Output,
    allowed: Allowed,
) -> Iterator[tuple[Source, Any]]:
    """One answer, or an answer per line of standard input or of a file."""
    from functools import partial

    from gradcli.output.showing import Source

    if file is None and text != "-":
        if text is None:
            raise GradcliError("there is no expression", 'write one, for example gradcli derive "x**2" --at 3')
        for outcome in _one(answer, text, asked, show, allowed):
            yield Source(), outcome
        return
    from gradcli import batch
    from gradcli.output.progress import is_wanted, watched

    if file is not None and text not in {None, "-"}:
        raise GradcliError("an expression and --file are one too many", "give one of them")
    items = batch.lines("-" if file is None else file, limits=asked.limits)
    ends = (0 if file in {None, "-"} else file, 1 if show.path in {None, "-"} else show.path)
    show.live = not any(map(batch.is_regular_file, ends))
    answered = batch.run(
        items,
        partial(answer, asked=asked),
        initializer=load_for_many,
        meanwhile=show.flush if show.live else None,
        **asdict(allowed),
    )
    outcomes = ((Source(item.id, item.line, item.expr, batch=True), outcome) for item, outcome in answered)
    yield from watched(outcomes, file) if not show.quiet and is_wanted(path=show.path) else outcomes


def _one(
    answer: Callable[[Item, Any], Any], text: str, asked: object, show: Output, allowed: Allowed
) -> Iterator[object]:
    from gradcli.items import Item
    from gradcli.workers import parts

    item = Item(expr=text.strip())
    return parts(
        answer,
        item,
        asked,
        timeout=allowed.timeout,
        memory=allowed.memory,
        initializer=load_expressions,
        meanwhile=show.prepare,
    )


def step_size(text: str) -> float | None:
    """None for `auto`, else a positive number."""
    if text.strip() == "auto":
        return None
    try:
        return positive(float(text), "--step")
    except ValueError:
        raise GradcliError(f"--step is auto or a number, not {text!r}", "for example --step 1e-6") from None


def within(number: float, option: str, most: float) -> float:
    """The number, if it is between 0 and `most`."""
    if not 0 <= number <= most:
        raise GradcliError(f"{option} must be a number from 0 to {most:g}, not {number:g}", f"{option} 0 sets no limit")
    return number


def positive(number: float, option: str) -> float:
    """The number, if it is one above 0."""
    if not 0 < number < float("inf"):
        raise GradcliError(f"{option} must be a positive number, not {number!r}", f"for example {option} 1e-6")
    return number
