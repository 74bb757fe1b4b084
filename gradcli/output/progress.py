"""A line on stderr about a long batch: how much of it is done, how fast, and how many lines were errors so far."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from rich.progress import Progress

    from gradcli.output.showing import Source

PATIENCE = 1.0  # seconds without a bar
REFRESH = 0.1  # seconds
CHUNK = 1 << 20


def watched(outcomes: Iterable[tuple[Source, Any]], file: str | None) -> Iterator[tuple[Source, Any]]:
    """The outcomes of a file (None: standard input), with a bar on stderr while they are coming.

    It is drawn between the outcomes, by no thread of its own: this process may have to fork.
    """
    begun = shown = monotonic()
    bar: Progress | None = None
    count = errors = 0
    line: int | None = None
    try:
        for source, outcome in outcomes:
            yield source, outcome
            count += source.line != line  # an answer may come in parts
            line = source.line
            errors += isinstance(outcome, GradcliError)
            now = monotonic()
            if now - shown >= (PATIENCE if bar is None else REFRESH):
                shown = now
                bar = bar or _begun(lines_in(file))
                told = f"{count / (now - begun):,.0f} lines/s, {errors:,} error{'' if errors == 1 else 's'}"
                bar.update(bar.task_ids[0], completed=source.line, told=told)
                bar.refresh()
    finally:
        if bar is not None:
            bar.stop()


def _begun(total: int | None) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True, redirect_stdout=False)
    bar.add_task("lines", total=total, told="")
    bar.start()
    return bar


@contextmanager
def counting(*, wanted: bool) -> Iterator[Callable[[int | None, int | None], None] | None]:
    """What a single long answer tells of its progress, as a bar on stderr where that is a terminal, after a while."""
    if not (wanted and can_take_a_bar()):
        yield None
        return
    begun = monotonic()
    bar: Progress | None = None

    def tell(done: int | None, total: int | None) -> None:
        nonlocal bar
        if total is None or done is None or monotonic() - begun < PATIENCE:
            return
        bar = bar or _begun(total)
        bar.update(bar.task_ids[0], completed=done, total=max(done, total), told="evaluations")
        bar.refresh()

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def lines_in(file: str | None) -> int | None:
    """How many lines a file has, None where it is not one; standard input is counted without being read."""
    try:
        descriptor = 0 if file is None else os.open(file, os.O_RDONLY)
    except OSError:
        return None
    try:
        return _line_ends(descriptor, os.fstat(descriptor).st_size)
    except (OSError, AttributeError):  # Windows has no pread
        return None
    finally:
        if file is not None:
            os.close(descriptor)


def _line_ends(descriptor: int, size: int) -> int | None:
    places = range(0, size, CHUNK)
    return sum(os.pread(descriptor, CHUNK, place).count(b"\n") for place in places) or None


def is_wanted(*, path: str | None) -> bool:
    """Is there a person at stderr who does not see the answers themselves? `path`: the file they go to, if any."""
    return can_take_a_bar() and (path is not None or not sys.stdout.isatty())


def can_take_a_bar() -> bool:
    """Is stderr a terminal? A dumb one can take no line back."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
