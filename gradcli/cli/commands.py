"""What commands share: words that may be expressions, what an answer may take, and workers that give the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from gradcli.errors import GradcliError
from gradcli.loading import load_expressions, load_for_many
from gradcli.output import Output, Source

if TYPE_CHECKING:
    from gradcli.items import Item
    from gradcli.targets import Modelling


class ExpressionCommand(TyperCommand):
    """A command whose words may be expressions that start with a minus sign."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  Typer keeps the type to itself
        """Shield such words before options are looked for."""
        from gradcli.cli.tokens import shielded

        names = {name: not getattr(option, "is_flag", True) for option in self.get_params(ctx) for name in option.opts}
        return super().parse_args(ctx, shielded(args, names))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an answer may take: seconds without a sign of life, bytes beyond the worker's own size, processes."""

    timeout: float | None
    memory: int | None
    jobs: int

    @classmethod
    def of(cls, timeout: float | None, memory: float, jobs: int | None, *, limits: bool = True) -> Allowed:
        """From the options as a person gives them; 0 means no limit."""
        from gradcli.workers import cores

        mebibyte = 1 << 20
        return cls(
            timeout or None if limits else None,
            int(memory * mebibyte) or None if limits else None,
            jobs or cores(),
        )


def modelling(
    data: str | None, target: str | None, features: str | None, hidden: str | None, *, no_intercept: bool
) -> Modelling:
    """Which data and which model, from the options as a person gives them."""
    from gradcli.targets import Modelling

    columns = None if features is None else tuple(name.strip() for name in features.split(","))
    return Modelling(data, target, columns, not no_intercept, _sizes(hidden))


def _sizes(text: str | None) -> tuple[int, ...]:
    try:
        return () if text is None else tuple(int(size) for size in text.split(","))
    except ValueError:
        raise GradcliError(f"--hidden takes sizes of layers, not {text!r}", "for example --hidden 8,4") from None


def answer_to(
    answer: Callable[[str, Any], Any], target: str, asked: object, show: Output, allowed: Allowed
) -> Iterator[tuple[Source, Any]]:
    """One answer about a person's own code, given by a worker."""
    from gradcli.workers import call

    yield Source(), call(answer, target, asked, timeout=allowed.timeout, memory=allowed.memory, meanwhile=show.prepare)


def answers(
    answer: Callable[..., Any],
    asked: object,
    text: str | None,
    file: str | None,
    show: Output,
    allowed: Allowed,
) -> Iterator[tuple[Source, Any]]:
    """One answer, or an answer per line of standard input or of a file."""
    from functools import partial

    if file is None and text != "-":
        if text is None:
            raise GradcliError("there is no expression", 'write one, for example gradcli derive "x**2" --at 3')
        yield Source(), _one(answer, text, asked, show, allowed)
        return
    from gradcli import batch

    if file is not None and text not in {None, "-"}:
        raise GradcliError("an expression and --file are one too many", "give one of them")
    items = batch.lines(file or "-", limits=allowed.timeout is not None)
    show.live = file is None and not batch.is_regular_file(0)
    for item, outcome in batch.run(items, partial(answer, asked=asked), initializer=load_for_many, **asdict(allowed)):
        yield Source(item.id, item.line, item.expr, batch=True), outcome


def _one(answer: Callable[[Item, Any], Any], text: str, asked: object, show: Output, allowed: Allowed) -> object:
    from gradcli.items import Item
    from gradcli.workers import call

    item = Item(expr=text.strip())
    return call(
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


def positive(number: float, option: str) -> float:
    """The number, if it is one above 0."""
    if not 0 < number < float("inf"):
        raise GradcliError(f"{option} must be a positive number, not {number!r}", f"for example {option} 1e-6")
    return number
