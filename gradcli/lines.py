"""From bytes to items: read what is there, cut it into lines, never hold more than the longest line allowed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from gradcli.errors import GradcliError, LimitError
from gradcli.items import Item, item_of

Source = BinaryIO | str | os.PathLike[str]

CHUNK = 65_536
LONGEST_LINE = 1_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def lines(source: Source, *, limits: bool = True) -> Iterator[Item]:
    """The items of a file or stream (`-` is standard input), each as soon as its line is there.

    Blank lines and comments are counted and left out. GradcliError if there is nothing else, or no way to read.
    """
    named = isinstance(source, str | os.PathLike) and source != "-"
    name = (str(source) or "a file without a name") if named else "standard input"
    with _readable(name):
        file = _opened(source)
    return _items(file, name, LONGEST_LINE if limits else sys.maxsize, close=named)


def is_regular_file(file: int | str | os.PathLike[str]) -> bool:
    """Whether a path or descriptor is a file, which holds already what it will ever hold, or something live."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)  # noqa: PTH116  a descriptor is not a path
    except OSError:
        return False


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise GradcliError(f"{name} cannot be read: {why[:1].lower()}{why[1:]}", "name a file of lines") from error


def _opened(source: Source) -> BinaryIO:
    """The file without its buffer: `read` returns what is there instead of waiting for more."""
    if source == "-":
        if sys.stdin is None:
            raise ValueError("it is closed")
        source = sys.stdin.buffer
    if isinstance(source, str | os.PathLike):
        return Path(source).open("rb", buffering=0)
    return getattr(source, "raw", source)


def _items(file: BinaryIO, name: str, longest: int, *, close: bool) -> Iterator[Item]:
    nothing = True
    with file if close else nullcontext():
        for number, line in enumerate(_split(_chunks(file, name), longest), 1):
            item = _item(line, number, longest)
            if item is not None:
                nothing = False
                yield item
    if nothing:
        raise GradcliError(f"{name} has no expressions", "write one on each line, for example: x**2 @ 3")


def _chunks(file: BinaryIO, name: str) -> Iterator[bytes]:
    """What is there, as it comes."""
    first = True
    while chunk := _read(file, name):
        if first and chunk.startswith(UTF_16_MARKS):
            raise GradcliError(f"{name} is UTF-16, not UTF-8", "iconv -f UTF-16 -t UTF-8 converts it")
        first = False
        yield chunk


def _read(file: BinaryIO, name: str) -> bytes:
    with _readable(name):
        while (chunk := file.read(CHUNK)) is None:  # somebody has made it non-blocking
            _wait_for(file)
        return chunk


def _wait_for(file: BinaryIO) -> None:
    from select import select

    select([file], [], [])


def _split(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    """Lines without their ends; of one that is longer than `longest`, the first `longest` + 1 bytes."""
    held = bytearray()
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield bytes(held + end)[: longest + 1]
            held.clear()
        held += rest
        del held[longest + 1 :]
    if held:
        yield bytes(held)


def _item(line: bytes, number: int, longest: int) -> Item | None:
    """What a line says; None if it is blank or a comment."""
    try:
        if len(line) > longest:
            raise LimitError(f"the line is longer than {longest:,} bytes", "--no-limits reads it all the same")
        return item_of(_text(line.removeprefix(BYTE_ORDER_MARK)), number)
    except GradcliError as error:
        return Item(line=number, error=error)


def _text(line: bytes) -> str:
    """The line as text, with no blanks around it."""
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} of the line (0x{line[error.start]:02x})"
        raise GradcliError(f"{place} is not UTF-8", "save the file as UTF-8") from None
    if "\0" in text:
        raise GradcliError(f"byte {line.index(0) + 1} of the line is NUL", "is this a text file?")
    if "\r" in text:
        raise GradcliError("there is a carriage return inside the line", "end each line with a line feed")
    return text
