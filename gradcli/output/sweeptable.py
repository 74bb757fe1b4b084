"""A sweep on a terminal: a row per step, and for each method its error with a bar, so that the V can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from gradcli.output.bars import bar, logarithmic
from gradcli.output.sweeptext import notes, sentence
from gradcli.output.wording import cell, printable

if TYPE_CHECKING:
    from gradcli.sweep import Sweep

WIDEST, NARROWEST = 24, 4
"""Characters of a bar."""
NUMBER = 9
"""Characters of an error and the blank behind it."""
AGAINST = "central - gradient"
"""The heading of the column that shows the flat line of a wrong gradient."""
STYLES = ("dark_orange", "deep_sky_blue1", "green", "magenta", "yellow")


@dataclass(frozen=True, slots=True)
class Bar:
    """A number and its bar; ASCII where the terminal can do no more."""

    number: str
    share: float | None
    width: int
    style: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.number.ljust(NUMBER)) + Text(
            bar(self.share or 0.0, self.width, ascii_only=options.ascii_only), style=self.style
        )

    def __rich_measure__(self, _: Console, __: ConsoleOptions) -> Measurement:
        return Measurement(NUMBER + self.width, NUMBER + self.width)


def of_sweep(sweep: Sweep, width: int) -> RenderableType:
    """What is differentiated, the V as a table, what each method's V says, and notes."""
    parts: list[RenderableType] = [*_heading(sweep), *_tables(sweep, width)]
    for curve, style in zip(sweep.curves, _styles(len(sweep.curves)), strict=True):
        parts.append(Text(f"{curve.method}: ", style=style).append(sentence(sweep, curve), style="default"))
    return Group(*parts, *(Text(printable(note), style="dim") for note in notes(sweep)))


def _heading(sweep: Sweep) -> Iterator[Text]:
    yield Text("f = ", style="bold").append(printable(sweep.target), style="not bold")
    place = ", ".join(f"{name} = {cell(x)}" for name, x in (sweep.point or {sweep.parameter: sweep.value}).items())
    yield Text("at ", style="bold").append(printable(place), style="not bold")
    power = f"^{sweep.order}" if sweep.order > 1 else ""
    exact = sweep.exact
    if exact.slope.value is not None:
        formula = f"{exact.formula} = " if exact.formula else ""
        doubt = f" +- {exact.error:.1g} (reference)" if exact.source == "reference" else ""
        text = f"{formula}{exact.slope.value!r}{doubt}"
        yield Text(f"d{power}f/d{sweep.parameter}{power} = ", style="bold").append(printable(text), style="not bold")


def _tables(sweep: Sweep, width: int) -> list[RenderableType]:
    """All methods side by side, or one below the other where the terminal is narrow."""
    columns = _columns(sweep)
    room = (width - len("step") - 10) // len(columns) - NUMBER - 3
    if room >= NARROWEST:
        return [_table(sweep, columns, min(room, WIDEST))]
    room = max(1, min(width - 26, WIDEST))
    return [_table(sweep, {name: values}, room) for name, values in columns.items()]


def _columns(sweep: Sweep) -> dict[str, list[float | None]]:
    """The errors of each method; where there is nothing to err from, the differences themselves."""
    known = sweep.exact.slope.value is not None
    columns = {
        curve.method: [one.error if known else one.numeric for one in curve.differences] for curve in sweep.curves
    }
    if sweep.claim_is_wrong:
        curve = next((curve for curve in sweep.curves if curve.method == "central"), sweep.curves[-1])
        columns[AGAINST.replace("central", curve.method)] = [
            None if one.numeric is None or sweep.claim is None else abs(one.numeric - sweep.claim)
            for one in curve.differences
        ]
    return columns


def _table(sweep: Sweep, columns: Mapping[str, Sequence[float | None]], width: int) -> Table:
    known = sweep.exact.slope.value is not None
    every = [value for values in columns.values() for value in values]
    shares = iter(logarithmic(every)) if known else iter([None] * len(every))
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    table.add_column("step", justify="right", no_wrap=True)
    cells = []
    for (name, values), style in zip(columns.items(), _styles(len(columns)), strict=True):
        table.add_column(f"{name} error" if known and len(columns) == 1 else name, no_wrap=True)
        cells.append([Bar(_text(value, known=known), next(shares), width, style) for value in values])
    for step, *row in zip(sweep.steps, *cells, strict=True):
        if any(one.number != "-" for one in row):
            table.add_row(f"{step:g}", *row)
    return table


def _text(value: float | None, *, known: bool) -> str:
    if value is None:
        return "-"
    return "0" if value == 0 else f"{value:.1e}" if known else f"{value:.6g}"


def _styles(count: int) -> list[str]:
    return [STYLES[k % len(STYLES)] for k in range(count)]
