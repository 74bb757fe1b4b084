"""What ends a call before its result: time, memory, death; and the watch that measures the first."""

from __future__ import annotations

import signal
from math import inf
from time import monotonic

from gradcli.errors import GradcliError, LimitError


class BugError(GradcliError):
    """An exception that is a bug of ours, in one item of a stream; its note holds the traceback of the child."""


class Watch:
    """Tells the time since one last looked, half the timeout at most.

    While this process is stopped (Ctrl-Z) or waits for its reader it hears no signs of life, though there may be some.
    """

    def __init__(self, timeout: float | None) -> None:
        self.timeout = inf if timeout is None else timeout
        self._looked = monotonic()

    def gap(self) -> float:
        """Seconds since the last look."""
        looked, self._looked = self._looked, monotonic()
        return min(self._looked - looked, self.timeout / 2)


def too_slow(timeout: float | None) -> LimitError:
    """No sign of life for `timeout` seconds."""
    seconds = timeout or 0
    return LimitError(
        f"the calculation took longer than {seconds:g} s", f"--timeout {10 * seconds:g} allows it more time"
    )


def too_large(memory: int | None) -> LimitError:
    """The child could not get the memory it asked for."""
    if memory is None:
        return LimitError("there is not enough memory for the calculation")
    mebibytes = memory / 2**20
    return LimitError(
        f"the calculation took more than {mebibytes:g} MiB of memory", f"--memory {4 * mebibytes:g} allows it more"
    )


def died(status: int | None) -> GradcliError:
    """A child that ended without an answer; `status` is its exit code, or minus the signal that ended it."""
    if status is None:
        return GradcliError("the calculation ended without an answer")
    if status >= 0:
        return GradcliError(f"the calculation ended its process with exit code {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = "the system kills processes when its memory runs out" if name == "SIGKILL" else None
    return GradcliError(f"the calculation was ended by {name}", hint)
