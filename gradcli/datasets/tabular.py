"""Text files of numbers under a line of names: fast where they are clean, and exact about what is wrong (`open_table`).

NumPy reads the numbers; only when it objects, or finds what is not finite, does a strict pass look for the culprit.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import math
import re
import shutil
import sys
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from gradcli.datasets.cells import LARGEST, MISSING, NUMBER, complaint, printable, shown
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.problem import Array

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class Table:
    """A file that starts with names: where it came from, how it is read again, what parts its columns, their names."""

    source: str
    file: IO[bytes]
    delimiter: str
    names: tuple[str, ...]

    def numbers(self, wanted: Sequence[int]) -> Array:
        """The columns asked for, (N, wanted); raises GradcliError naming row and column where there is no number."""
        try:
            found = self._fast(wanted)
        except (ValueError, csv.Error):
            return self._strict(wanted)
        # also where NaN, which no comparison holds for
        if found.size and not max(found.max(), -found.min()) <= LARGEST:
            return self._strict(wanted)
        return found

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of each row that is not blank, below the names."""
        reader = csv.reader(_text(self.file, self.source), delimiter=self.delimiter)
        try:
            filled = ((reader.line_num, cells) for cells in reader if any(map(str.strip, cells)) or len(cells) > 1)
            next(filled)
            yield from filled
        except csv.Error as error:
            raise GradcliError(f"{self.source}, line {reader.line_num}: {error}") from error

    def _fast(self, wanted: Sequence[int]) -> Array:
        lines = _text(self.file, self.source)
        skipped = csv.reader((line for line in lines if line.strip()), delimiter=self.delimiter)
        next(skipped)
        even = self._even(lines)
        first = next(even, None)
        if first is None:
            return np.empty((0, len(wanted)))
        columns = None if list(wanted) == list(range(len(self.names))) else wanted
        return np.loadtxt(
            chain([first], even), delimiter=self.delimiter, quotechar='"', comments=None, usecols=columns, ndmin=2
        )

    def _even(self, lines: Iterator[str]) -> Iterator[str]:
        """Lines with as many cells as there are names; NumPy does not look at columns that it does not read."""
        delimiter, count = self.delimiter, len(self.names) - 1
        for line in lines:
            if line.count(delimiter) == count or '"' in line:
                yield line
            elif line.strip():
                raise ValueError("ragged")

    def _strict(self, wanted: Sequence[int]) -> Array:
        numbers = array("d")
        for row, (line, cells) in enumerate(self.rows(), 1):
            where = f"{self.source}, line {line} (row {row})"
            if len(cells) != len(self.names):
                raise self._ragged(where, cells)
            for index in wanted:
                cell = cells[index].strip()
                value = float(cell) if NUMBER.fullmatch(cell) else math.nan
                if not abs(value) <= LARGEST:
                    raise complaint(f"{where}, column '{self.names[index]}'", cell)
                numbers.append(value)
        return np.frombuffer(numbers, dtype=float).reshape(-1, len(wanted)).copy()

    def _ragged(self, where: str, cells: list[str]) -> GradcliError:
        count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        message = f"{where} has {count}, but the header has {len(self.names)} names"
        if any("\n" in cell for cell in cells):
            return GradcliError(message, "close the quotation marks")
        if not cells[-1].strip() and len(cells) == len(self.names) + 1:
            return GradcliError(message, f"remove the {self.delimiter!r} at the end of the line")
        if self.delimiter == "," and len(cells) > len(self.names) and all(cell.strip().isdigit() for cell in cells):
            return GradcliError(message, "give every line as many; a decimal comma has to be a point")
        return GradcliError(message, "give every line as many cells as the header")


@contextmanager
def open_table(path: str) -> Iterator[Table]:
    """The table in a file, or on standard input for "-": UTF-8, gzip or not, split at commas, semicolons or tabs."""
    source = "standard input" if path == "-" else path
    with _seekable(path) as file, _unzipped(file, source) as unzipped:
        yield _table(source, unzipped)


def _table(source: str, file: IO[bytes]) -> Table:
    _refuse_binary(file, source)
    lines = (line for line in _text(file, source) if line.strip())
    first = next(lines, None)
    if first is None:
        raise GradcliError(f"{source} is empty", "the first line should hold the columns' names")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        cells = next(csv.reader(chain([first], lines), delimiter=delimiter))
    except csv.Error as error:
        raise GradcliError(f"{source}, line 1: {error}") from error
    if any("\n" in cell for cell in cells):
        raise GradcliError(
            f"{source}: a name in the header, '{shown(cells[-1])}', spans lines", "close the quotation marks"
        )
    table = Table(source, file, delimiter, tuple(printable(cell.strip()) for cell in cells))
    _examine_header(table)
    return table


def position(table: Table, name: str, option: str) -> int:
    """The column called `name`."""
    if name in table.names:
        return table.names.index(name)
    close = difflib.get_close_matches(name, table.names, 1)
    hint = f"did you mean {option} {close[0]}?" if close else f"its columns are {', '.join(table.names[:20])}"
    raise GradcliError(f"{table.source} has no column '{name}'", hint)


def _examine_header(table: Table) -> None:
    names = table.names
    if all(NUMBER.fullmatch(name) or name.lower() in MISSING for name in names):
        raise GradcliError(f"{table.source} starts with numbers, not with names", "put a line such as x,y at the top")
    if len(names) == 1:
        hint = (
            "separate columns by commas" if re.search(r"\S[\s|:]+\S", names[0]) else "a target and a feature are needed"
        )
        raise GradcliError(f"{table.source} has one column only, '{names[0]}'", hint)
    for number, name in enumerate(names, 1):
        if names.index(name) < number - 1 and name:
            first = names.index(name) + 1
            message = f"{table.source}: columns {first} and {number} have the same name, '{name}'"
            raise GradcliError(message, "give every column a name of its own")


def _seekable(path: str) -> IO[bytes]:
    """The file, or a copy of what a pipe delivers: it may have to be read twice."""
    if path == "-":
        return _spooled(sys.stdin.buffer)
    try:
        file = Path(path).open("rb")  # noqa: SIM115  read again as long as the table lives
    except FileNotFoundError:
        parent = Path(path).parent
        near = [entry.name for entry in parent.iterdir()] if parent.is_dir() else []
        close = difflib.get_close_matches(Path(path).name, near, 1, 0.8)
        hint = f"did you mean {parent / close[0]}?" if close else "give the path of a CSV file, or - for standard input"
        raise GradcliError(f"there is no file {path}", hint) from None
    except IsADirectoryError:
        raise GradcliError(f"{path} is a directory", "give the path of a CSV file in it") from None
    except OSError as error:
        if Path(path).is_dir():
            raise GradcliError(f"{path} is a directory", "give the path of a CSV file in it") from None
        raise GradcliError(f"cannot read {path}: {error.strerror}") from error
    return file if file.seekable() else _spooled(file)


def _spooled(pipe: IO[bytes]) -> IO[bytes]:
    copy = tempfile.SpooledTemporaryFile(max_size=2**26)  # noqa: SIM115  read again as long as the table lives
    shutil.copyfileobj(pipe, copy, 2**20)
    copy.seek(0)
    return copy


def _unzipped(file: IO[bytes], source: str) -> IO[bytes]:
    with _damage_told(source):
        start = file.read(2)
        file.seek(0)
    return gzip.GzipFile(fileobj=file, mode="rb") if start == b"\x1f\x8b" else file  # type: ignore[return-value]


def _refuse_binary(file: IO[bytes], source: str) -> None:
    with _damage_told(source):
        start = file.read(4096)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise GradcliError(f"{source} is UTF-16 text", "save it as UTF-8")
    if start[:4] == b"PK\x03\x04":
        raise GradcliError(f"{source} is a zip archive or a spreadsheet", "export the sheet as CSV")
    if b"\0" in start:
        raise GradcliError(f"{source} is not text", "give a CSV file")


@contextmanager
def _damage_told(source: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise GradcliError(f"{source} is damaged: {error}") from error


def _text(file: IO[bytes], source: str) -> Iterator[str]:
    """The lines of the file from its beginning, whatever ends them."""
    file.seek(0)
    wrapper = io.TextIOWrapper(file, encoding="utf-8-sig")
    try:
        with _damage_told(source):
            # not `yield from`: a generator that is given up would close the file
            for line in wrapper:  # noqa: UP028
                yield line
    except UnicodeDecodeError:
        raise _undecodable(file, source) from None
    finally:
        if not file.closed:
            wrapper.detach()


def _undecodable(file: IO[bytes], source: str) -> GradcliError:
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            wrong = line[error.start]
            return GradcliError(f"{source}, line {number} holds byte 0x{wrong:02x}, not UTF-8", "save it as UTF-8")
    return GradcliError(f"{source} is not UTF-8", "save it as UTF-8")
