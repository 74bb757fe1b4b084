"""Numbers and names of parameters as they stand in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.diagnosis.partials import Partials, blocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMES = 4
"""Names that a sentence lists one by one."""


def number(value: float) -> str:
    """Five digits, without noise: 2.0000, 0.25000, 1.3000e-07."""
    magnitude = abs(value)
    if magnitude == 0:
        return "0"
    return f"{value:.4f}" if 1 <= magnitude < 1e4 else f"{value:#.5g}"


def numbers(values: Sequence[float]) -> str:
    """At most four of them: 2.0000, 2.5000, 3.0000, 3.5000, ..."""
    listed = ", ".join(number(float(value)) for value in values[:MOST_NAMES])
    return f"{listed}, ..." if len(values) > MOST_NAMES else listed


def summed(*terms: tuple[str, str]) -> str:
    """Amounts and names as a sum: 0.10000 * theta - sign(theta); an empty name is the number itself."""
    text = ""
    for amount, name in terms:
        size = amount.removeprefix("-")
        factor = f"({name})" if " " in name else name
        term = size if not name else factor if size == "1" else f"{size} * {factor}"
        sign = "-" if amount.startswith("-") else "+"
        text = f"{text} {sign} {term}" if text else f"{'-' if sign == '-' else ''}{term}"
    return text


def listed(names: Sequence[str]) -> str:
    """Names one by one, at most four: w[0], w[3] and 2 more."""
    if len(names) <= MOST_NAMES:
        return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return f"{', '.join(names[: MOST_NAMES - 1])} and {len(names) - MOST_NAMES + 1} more"


def label(some: Sequence[str], every: tuple[str, ...]) -> str:
    """Parameters in a few words: blocks that are whole by their name, the others one by one."""
    inside = set(some)
    words: list[str] = []
    for block in blocks_of(every):
        members = [every[column] for column in block.columns]
        chosen = [name for name in members if name in inside]
        words += [block.name] if len(chosen) == len(members) else chosen
    return listed(words)


def count(part: Partials, whole: Partials) -> str:
    """Such as: in 3 of 12 partials at 2 points"""
    points = part.wrong_points
    return f"in {len(part)} of {len(whole)} partial{_s(len(whole))} at {points} point{_s(points)}"


def _s(count_of: int) -> str:
    return "" if count_of == 1 else "s"
