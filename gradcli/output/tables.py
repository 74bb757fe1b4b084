"""Results as Rich renderables: full numbers, errors to three digits, and a layout that never cuts either."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gradcli.output.records import summary_of
from gradcli.output.wording import AT_A_POINT, cell, conclusion, printable
from gradcli.report import MOST_DIGITS, Verdict

if TYPE_CHECKING:
    from gradcli.derivation import Derivation
    from gradcli.report import Comparison, Report
    from gradcli.targets import Listed
    from gradcli.training import Trained

STYLES = {
    "pass": "green",
    "off": "yellow",
    "kink": "cyan",
    "fail": "bold red",
    "error": "bold red",
    "unresolved": "yellow",
    "undefined": "magenta",
}
MOST_ROWS = 40
"""Rows of a check that are shown on a terminal; wrong ones come first, and what is left out is counted."""

MOST_MESSAGES = 3


def terminal(stream: TextIO, color: str = "auto") -> Console:
    """A console that never reads markup in what it prints; `color` is auto, always or never."""
    return Console(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
        no_color=True if color == "never" else None,
        force_terminal=True if color == "always" else None,
        color_system="standard" if color == "always" else "auto",
    )


def of_derivation(derivation: Derivation, width: int) -> RenderableType:
    """What was parsed, its symbolic derivatives, and a row per variable and method."""
    heading = [_fact("f", derivation.parsed)]
    if derivation.point is not None:
        heading.append(_fact("at", ", ".join(f"{name} = {cell(x)}" for name, x in derivation.point.items())))
    heading += [_fact(name, formula) for name, formula in derivation.titled_formulas.items()]
    if not derivation.comparisons:
        return Group(*heading, Text(AT_A_POINT, style="dim"))
    remarks = [Text(message, style="dim") for message in _messages(derivation.comparisons)]
    return Group(*heading, _grid(_derivative_columns(derivation), width), *remarks)


def _derivative_columns(derivation: Derivation) -> dict[str, list[str]]:
    rows = derivation.comparisons
    columns = {
        "variable": [row.parameter for row in rows],
        "method": [row.numeric.method for row in rows],
        "step": [_short(row.numeric.step) for row in rows],
        "numeric": [cell(row.numeric.slope.value) for row in rows],
        "exact": [cell(row.analytic.value) for row in rows],
        **_one_sided(row.analytic for row in rows),
        "absolute error": [_short(row.absolute_error) for row in rows],
        "relative error": [_short(row.relative_error) for row in rows],
        "verdict": [str(row.verdict) for row in rows],
    }
    if len(derivation.formulas) == 1:
        del columns["variable"]
    return columns


def _one_sided(slopes: Iterable[object]) -> dict[str, list[str]]:
    found = list(slopes)
    sides = {side: [getattr(slope, side) for slope in found] for side in ("left", "right", "nature")}
    return {side: [cell(value) for value in values] for side, values in sides.items() if any_given(values)}


def any_given(values: Sequence[object]) -> bool:
    """Is there one that is not None?"""
    return any(value is not None for value in values)


def of_report(report: Report, width: int) -> RenderableType:
    """The partials, wrong ones first, then the verdict on the whole with its likely causes."""
    shown = report.worst_first(MOST_ROWS)
    hidden = len(report) - len(shown)
    parts: list[RenderableType] = [Text(printable(report.target), style="bold"), _grid(_check_columns(shown), width)]
    if hidden > 0:
        parts.append(Text(f"and {hidden} more; --format plain shows every row", style="dim"))
    puzzling = [row for row in shown if row.verdict != Verdict.FAIL or not report.diagnoses]
    parts += [Text(message, style="dim") for message in _messages(puzzling)]
    return Group(*parts, _conclusion(report))


def _check_columns(rows: Sequence[Comparison]) -> dict[str, list[str]]:
    columns = {
        "point": [str(row.point_index + 1) for row in rows],
        "parameter": [row.parameter for row in rows],
        "value": ["-" if math.isnan(row.value) else f"{row.value:.6g}" for row in rows],
        "analytic": [_telling(row.analytic.value, row.digits) for row in rows],
        "numeric": [_telling(row.numeric.slope.value, row.digits) for row in rows],
        "+-": [_short(row.numeric.error) for row in rows],
        **_one_sided(row.numeric.slope for row in rows),
        "relative error": [_short(row.relative_error) for row in rows],
        "digits": [_digits(row.digits) for row in rows],
        "verdict": [str(row.verdict) for row in rows],
    }
    if len({row.point_index for row in rows}) == 1:
        del columns["point"]
    return columns


def _conclusion(report: Report) -> RenderableType:
    first, *rest = conclusion(summary_of(report))
    return Group(Text(first, style=STYLES[report.verdict]), *(Text(line) for line in rest))


def of_training(trained: Trained, width: int) -> RenderableType:
    """The parameters reached beside the exact optimum, the loss, and how the gradient fared on the way."""
    descent = trained.descent
    best = descent.optimum
    columns = {"parameter": list(descent.parameters), "value": [cell(value) for value in descent.parameters.values()]}
    facts = [("loss", cell(descent.loss)), ("iterations", str(descent.iterations))]
    if best is not None:
        columns["optimum"] = [cell(best.parameters[name]) for name in descent.parameters]
        facts += [("optimal loss", cell(best.loss)), ("distance to the optimum", _short(descent.distance))]
    if descent.accuracy is not None:
        facts.append(("accuracy", f"{descent.accuracy:.4g}"))
    facts += [("learning rate", _short(descent.learning_rate)), ("|gradient|", _short(descent.gradient_norm))]
    checks = Text("gradient ", style="bold").append_text(
        Text(", ").join(_styled(f"{check.verdict}").append(f" at {check.iteration}") for check in descent.checks)
    )
    heading = Text(f"{descent.target} on {printable(trained.source)}, {descent.rows} rows", style="bold")
    stopped = Text(f"stopped: {descent.stopped}")
    notes = [Text(printable(note), style="dim") for note in trained.notes]
    return Group(heading, _grid(columns, width), _upright(facts, width), checks, stopped, *notes)


def of_function(listed: Listed, _: int) -> RenderableType:
    """One function: how it is called and also called, what it is, and its derivatives."""
    known = "".join(f"\n    d/d{name}  {formula or 'unknown'}" for name, formula in listed.derivatives.items())
    aliases = f"  (also {', '.join(listed.aliases)})" if listed.aliases else ""
    return Text(listed.call, style="bold").append(f"{aliases}  {listed.summary}{known}", style="not bold")


def _grid(columns: dict[str, list[str]], width: int) -> RenderableType:
    """A table without the columns that a narrow terminal has no room for, or its rows one below the other."""
    shown = dict(columns)
    for expendable in (None, *EXPENDABLE):
        shown.pop(expendable or "", None)
        if _width(shown) <= width:
            return _table(shown)
    blocks = [list(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return Group(*(_upright(block, width) for block in blocks))


EXPENDABLE = ("+-", "digits", "absolute error", "value", "step", "relative error")
"""Columns that say what others say too, or that a reader can do without; in the order in which they go."""

WORDS = frozenset({"variable", "parameter", "method", "verdict", "nature"})


def _width(columns: dict[str, list[str]]) -> int:
    return sum(max(map(len, (*name.split(), *cells))) + 3 for name, cells in columns.items()) + 1


def _table(columns: dict[str, list[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for name in columns:
        table.add_column(name.replace(" ", "\n"), justify="left" if name in WORDS else "right", no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(_styled(text) for text in row))
    return table


def _upright(pairs: Sequence[tuple[str, str]], width: int) -> RenderableType:
    """`name  value` lines; a value too long for the terminal is folded onto further lines, never cut."""
    margin = max(len(name) for name, _ in pairs) + 2
    lines = []
    for name, value in pairs:
        room = max(width - margin, 8)
        pieces = [value[start : start + room] for start in range(0, len(value), room)] or [""]
        for label, piece in zip([name, *[""] * (len(pieces) - 1)], pieces, strict=True):
            lines.append(Text(label.ljust(margin)) + _styled(piece))
    return Group(*lines, Text(""))


def _fact(name: str, value: str) -> Text:
    return Text(f"{name} = " if name != "at" else "at ", style="bold", overflow="fold").append(
        printable(value), style="not bold"
    )


def _styled(text: str) -> Text:
    return Text(text, style=STYLES.get(text, ""))


def _messages(rows: Iterable[Comparison]) -> list[str]:
    """Each message once, with the parameters that it concerns; of many the first, which are on the worst rows."""
    about: dict[str, list[str]] = {}
    for row in rows:
        if row.message:
            about.setdefault(row.message, []).append(row.parameter)
    told = [f"{', '.join(dict.fromkeys(names))}: {message}" for message, names in about.items()]
    more = [f"and {len(told) - MOST_MESSAGES} more remarks; --format json has them all"]
    return told if len(told) <= MOST_MESSAGES + 1 else told[:MOST_MESSAGES] + more


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _telling(value: float | None, digits: float | None) -> str:
    """As many digits as it takes to see where two numbers differ that agree in `digits` of them, at least 6."""
    if value is None:
        return "-"
    shown = 6 if digits is None else min(17, max(6, round(digits) + 2))
    return repr(value) if digits == MOST_DIGITS and len(repr(value)) < shown else f"{value:.{shown}g}"


def _digits(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
