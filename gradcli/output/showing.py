"""From results to standard output and an exit code: the only place that writes answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gradcli.errors import GradcliError
from gradcli.output import BUG, COULD_NOT_RUN, GOOD, NO_VERDICT, SPELLED, WRONG, formats, reader_watched, records, tell
from gradcli.output.wording import explain
from gradcli.workers import BugError

if TYPE_CHECKING:
    from gradcli.output.records import Record
    from gradcli.output.sheets import Sheet

TOGETHER = 1000
"""Bare numbers that are written in one piece."""
WORST_FIRST = (BUG, COULD_NOT_RUN, WRONG, NO_VERDICT, GOOD)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a result comes from: the id and line of a batch, and the text; all None for a single answer."""

    identity: object = None
    line: int | None = None
    text: str | None = None
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of result becomes records, a renderable, words beside the records, and an exit code."""

    columns: tuple[str, ...]
    records: Callable[[Any, object, int | None], Iterator[Record | Sheet]]
    renderable: Callable[[Any, int], Any]
    remarks: Callable[[Any, bool], list[str]]
    exit_code: Callable[[Any], int]
    news: bool = False
    """Is a good result no news, which --quiet leaves out?"""
    pieces: Callable[[Any], Iterable[Any]] = lambda result: (result,)
    """What is rendered of a result, one after the other."""


@dataclass(slots=True)
class Output:
    """Where and how answers are written; collects the worst exit code on the way."""

    format: str = "auto"
    color: str = "auto"
    path: str | None = None
    quiet: bool = False
    verbose: bool = False
    live: bool = False
    """Does somebody wait for each answer?"""
    exit_code: int = field(default=GOOD, init=False)
    _open: TextIO | None = field(default=None, init=False)

    def show(self, outcomes: Iterable[tuple[Source, Any]], kind: Kind) -> int:
        """Write every outcome, a tuple of results or a GradcliError, as it comes; the worst exit code of all.

        A GradcliError of a batch becomes a record or a row; that of a single answer is raised.
        """
        with self._stream() as stream:
            if self.chosen(stream) == "table":
                self._tables(outcomes, kind, stream)
            else:
                writer = formats.WRITERS[self.chosen(stream)]
                rows = self._records(outcomes, kind)
                first = next(rows, None)
                if first is None and self.quiet:
                    return self.exit_code
                rows = chain([] if first is None else [first], rows)
                if writer is formats.plain:
                    self._write(formats.plain(rows, kind.columns, live=self.live), stream)
                else:
                    self._write(writer(rows, kind.columns), stream)
        return self.exit_code

    def answer(self, outcome: Any, kind: Kind) -> int:  # noqa: ANN401  a tuple of results, or a GradcliError
        """The only answer of a command."""
        return self.show([(Source(), outcome)], kind)

    def values(self, outcomes: Iterable[tuple[Source, Any]]) -> int:
        """Write the best known number alone, a line per partial; nothing where there is no derivative."""
        with self._stream() as stream:
            for source, outcome in outcomes:
                if isinstance(outcome, GradcliError):
                    self._error(source, outcome)
                    continue
                for found in outcome:
                    numbers = found.values
                    self._counted(NO_VERDICT if None in numbers else GOOD)
                    lines = [f"{number!r}\n" for number in numbers if number is not None]
                    self._write(("".join(lines[k : k + TOGETHER]) for k in range(0, len(lines), TOGETHER)), stream)
        return self.exit_code

    def prepare(self) -> None:
        """Import what the chosen format needs; a parent does so while its worker is busy."""
        from gradcli.output import kinds  # noqa: F401  imported for its effect

        if self.chosen(sys.stdout) == "table":
            from gradcli.output import tables  # noqa: F401

    def chosen(self, stream: TextIO) -> str:
        """`auto` is a table on a terminal and plain columns elsewhere."""
        if self.format != "auto":
            return self.format
        return "table" if self.color == "always" or (stream.isatty() and self.path is None) else "plain"

    @property
    def structured(self) -> bool:
        """Do records carry their errors and messages inside?"""
        return self.format in {"json", "jsonl", "github", "junit"}

    def flush(self) -> None:
        """Have everything that was written so far read."""
        if self._open is not None:
            with reader_watched():
                self._open.flush()

    def _records(self, outcomes: Iterable[tuple[Source, Any]], kind: Kind) -> Iterator[Record | Sheet]:
        for source, outcome in outcomes:
            if isinstance(outcome, GradcliError):
                yield self._error(source, outcome)
                continue
            for result in outcome:
                code = self._counted(kind.exit_code(result))
                if code == GOOD and self.quiet and kind.news:
                    continue
                yield from kind.records(result, source.identity, source.line)
                if not self.structured:
                    self._remark(kind.remarks(result, self.verbose))

    def _tables(self, outcomes: Iterable[tuple[Source, Any]], kind: Kind, stream: TextIO) -> None:
        from gradcli.output.tables import terminal

        console = terminal(stream, self.color)
        for source, outcome in outcomes:
            if isinstance(outcome, GradcliError):
                self._error(source, outcome)
                continue
            for result in outcome:
                if self._counted(kind.exit_code(result)) == GOOD and self.quiet and kind.news:
                    continue
                for piece in kind.pieces(result):
                    with reader_watched():
                        console.print(kind.renderable(piece, console.width))

    def _error(self, source: Source, error: GradcliError) -> Record:
        if not source.batch:
            raise error
        self._counted(BUG if isinstance(error, BugError) else COULD_NOT_RUN)
        if not self.structured:
            tell(explain(error, source.line))
        return records.of_error(error, source.identity, source.line, source.text)

    def _counted(self, code: int) -> int:
        self.exit_code = min(self.exit_code, code, key=WORST_FIRST.index)
        return code

    def _remark(self, lines: list[str]) -> None:
        if lines and not self.quiet:
            tell("".join(line + "\n" for line in lines))

    def _write(self, pieces: Iterable[str], stream: TextIO) -> None:
        for piece in pieces:
            with reader_watched():
                stream.write(piece)

    @contextmanager
    def _stream(self) -> Iterator[TextIO]:
        if self.path is None or self.path == "-":
            self._open = sys.stdout
            yield sys.stdout
            self.flush()
            return
        try:
            with Path(self.path).open("w", encoding="utf-8", errors=SPELLED, newline="\n") as stream:
                self._open = stream
                yield stream
        except OSError as error:
            raise GradcliError(f"cannot write {self.path}: {error.strerror}", "name another file with -o") from error
