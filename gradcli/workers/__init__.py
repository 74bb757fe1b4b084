"""Call something in a child process under limits of time and memory: once, or for each item of a stream.

What the function raises as a GradcliError comes back as one, a limit as a LimitError, and a child that died as an
error that says how. Any other exception is a bug of ours. Functions, arguments and results travel pickled. A long
result comes in parts: see `More`.

`calls`, `streams`: the two ways to call. `nurseries`, `children`: where children come from, and this side of them.
`serving`: the other side. `limits`: what ends a call before its result.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gradcli.workers.calls import call, parts, warm
from gradcli.workers.limits import BugError
from gradcli.workers.serving import More, alive, expect, one_thread_each

if TYPE_CHECKING:
    from gradcli.workers.streams import Stream, stream

__all__ = [
    "BugError",
    "More",
    "Stream",
    "alive",
    "call",
    "cores",
    "expect",
    "one_thread_each",
    "parts",
    "stream",
    "warm",
]


def cores() -> int:
    """The processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows know no such thing
        return os.cpu_count() or 1


def __getattr__(name: str) -> object:
    """`Stream` and `stream` are loaded at their first use, for the child of a single call is to start at once."""
    if name not in {"Stream", "stream"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gradcli.workers import streams

    return getattr(streams, name)
