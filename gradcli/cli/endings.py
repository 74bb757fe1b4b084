"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is done is written whole, and no process is left."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


@contextmanager
def heeded() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt where a signal would end this process, and note its number.

    Those that somebody ignores (nohup) stay ignored; a second one ends the process at once.
    """
    came: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)
    try:
        yield came
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
