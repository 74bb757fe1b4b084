"""Words for people: an error with its place, what a check came to, and a value as text on one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.errors import GradcliError
    from gradcli.output.records import Record

AT_A_POINT = "--at evaluates it, for example --at 3 or --at x=1,y=2"


def explain(error: GradcliError, line: int | None = None) -> str:
    """The sentence, the offending text with a caret under it, and the hint, ready for stderr."""
    where = "" if line is None else f"line {line}: "
    parts = [f"gradcli: error: {where}{printable(error.message)}"]
    if error.text and error.span:
        parts += _caret(error.text, *error.span)
    if error.hint:
        parts.append(f"hint: {printable(error.hint)}")
    return "\n".join(parts) + "\n"


EXCERPT = 72
"""Characters of a long input that are shown around what is wrong with it."""


def _caret(text: str, start: int, end: int) -> list[str]:
    first = max(0, min(start - EXCERPT // 3, len(text) - EXCERPT))
    last = min(len(text), first + EXCERPT)
    before, wrong, after = (
        printable(part) for part in (text[first:start], text[start : min(end, last)], text[min(end, last) : last])
    )
    lead, trail = "..." if first else "", "..." if last < len(text) else ""
    return [
        f"  {lead}{before}{wrong}{after}{trail}",
        "  " + " " * len(lead + before) + "^" * max(1, len(wrong)),
    ]


def conclusion(summary: Record) -> list[str]:
    """What a check came to: the verdict with its counts, the likely causes, and what to bear in mind."""
    counts = ", ".join(f"{summary[verdict]} {verdict}" for verdict in COUNTED if summary[verdict])
    lines = [f"{summary['verdict']}: {printable(summary['target'])}: {_looked(summary)}: {counts or 'nothing judged'}"]
    for found in summary["diagnosis"]:
        lines.append(f"cause {found['cause']}: {found['evidence']}")
        lines.append(f"hint: {found['hint']}")
    return lines + [f"note: {note}" for note in summary["notes"]]


def _looked(summary: Record) -> str:
    """How many partials there are, and how they were looked at."""
    points = counted(summary["judged_points"], "point")
    if not summary["directions"]:
        return f"{summary['looked_at']} of {summary['partials']} partials at {points}"
    along = f"{counted(summary['directions'], 'direction')} over {counted(summary['blocks'], 'block')}"
    alone = f"{summary['looked_at']:,} looked at one by one (--all looks at each)"
    return f"{summary['partials']:,} partials at {points} by {along}; {alone}"


def counted(number: int, what: str) -> str:
    """`1 point`, `2 points`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


COUNTED = ("fail", "undefined", "unresolved", "kink", "pass")


def cell(value: Any, missing: str = "-") -> str:  # noqa: ANN401  a record's value is of any JSON type
    """A value as text on one line: floats in their shortest round-trip form, a point as x=1.0,y=2.0."""
    if value is None:
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ",".join(f"{name}={cell(part)}" for name, part in value.items())
    if isinstance(value, float):
        return repr(value)
    return printable(str(value))


def printable(text: str) -> str:
    """The text without control characters, which could forge lines or drive the terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
