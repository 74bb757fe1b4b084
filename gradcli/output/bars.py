"""Bars of text, so that the size of numbers can be seen in a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

EIGHTHS = " ▏▎▍▌▋▊▉"
FULL = "█"


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar that fills `share` of `width` characters, in eighths of a character; any share above 0 can be seen.

    >>> bar(0.5, 8, ascii_only=True)
    '####'
    """
    if not share > 0:
        return ""
    if ascii_only:
        return "#" * max(1, round(min(share, 1.0) * width))
    eighths = max(1, round(min(share, 1.0) * width * 8))
    return FULL * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")


def logarithmic(values: Sequence[float | None], smallest: float | None = None) -> list[float | None]:
    """Where each value stands between the smallest (0) and the largest (1) on a logarithmic axis; 0.0 for zeros.

    The smallest positive one gets a little: only zeros are nothing.
    """
    logs = [math.log10(value) for value in values if value]
    low = math.floor(min(logs, default=0.0) if smallest is None else math.log10(smallest))
    span = max(max(logs, default=1.0) - low, 1.0)
    return [value if not value else max((math.log10(value) - low) / span, 0.01) for value in values]
