"""An exception in a person's code as one sentence, with the line in their file that it came from."""

from __future__ import annotations

import inspect
import linecache
import os
import signal
import sys
import traceback
from functools import partial
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 300
"""Characters of a message that are shown."""


def blame(raised: BaseException, who: str, home: str | None, point: str = "") -> GradcliError:
    """What to tell a person of an exception in `who`, which stands in the file `home`, called with `point`.

    Ctrl-C and a full memory are not their doing, and are raised again.
    """
    if not is_theirs(raised):
        raise raised
    linecache.checkcache()
    frame = _frame(raised, home)
    place = f" ({shown(frame.filename)}:{frame.lineno})" if frame else ""
    text, span = _line(frame) if frame else (None, None)
    at = f" at {point}" if point else ""
    return GradcliError(f"{who} {_what(raised)}{place}{at}", _hint(raised, home), text=text, span=span)


def is_theirs(raised: BaseException) -> bool:
    """Did the code itself raise this? Not Ctrl-C, which gets its default treatment in a worker, nor a full memory."""
    by_hand = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return not isinstance(raised, MemoryError) and not (isinstance(raised, KeyboardInterrupt) and by_hand)


def blame_syntax(raised: SyntaxError) -> GradcliError:
    """A file that is not Python."""
    text = (raised.text or "").rstrip("\n")
    start = max((raised.offset or 1) - 1, 0)
    stop = raised.end_offset - 1 if raised.end_offset and raised.end_lineno == raised.lineno else start + 1
    indent = len(text) - len(text.lstrip())
    span = (max(start - indent, 0), max(stop - indent, start - indent + 1, 1))
    place = f"{shown(raised.filename)}:{raised.lineno}" if raised.filename else "the file"
    return GradcliError(f"{place}: {raised.msg} ({type(raised).__name__})", text=text.strip() or None, span=span)


def home_of(function: object) -> str | None:
    """The file that a function was written in, None where there is none."""
    code = _code(function)
    return code.co_filename if code else None


def line_of(function: object) -> int | None:
    """The line in which a function begins."""
    code = _code(function)
    return code.co_firstlineno if code else None


def shown(path: str) -> str:
    """A path as a person would type it: from the current folder where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return relative if len(relative) < len(path) else path


def _code(function: object) -> CodeType | None:
    while isinstance(function, partial):
        function = function.func
    if callable(function):
        function = inspect.unwrap(function)
    for owner in (function, getattr(function, "__call__", None)):  # noqa: B004 - the method is wanted, not whether
        code = getattr(owner, "__code__", None)
        if isinstance(code, CodeType):
            return code
    return None


def _what(raised: BaseException) -> str:
    """`raised ZeroDivisionError: division by zero`."""
    if isinstance(raised, SystemExit):
        return f"called sys.exit({'' if raised.code is None else repr(raised.code)})"
    try:
        message = " ".join(str(raised).split())
    except Exception:  # noqa: BLE001 - a person's exception may fail to say what it is
        message = ""
    message = message if len(message) <= LONGEST else message[:LONGEST] + ".."
    return f"raised {type(raised).__name__}" + (f": {message}" if message else "")


def _hint(raised: BaseException, home: str | None) -> str | None:
    if isinstance(raised, SystemExit):
        return 'put what only a script should do under `if __name__ == "__main__":`'
    if isinstance(raised, ModuleNotFoundError):
        return f"modules are looked for beside {shown(home) if home else 'the file'}, and in {sys.prefix}"
    if isinstance(raised, ImportError) and "relative import" in str(raised):
        return "name it as a module, from the folder above its package: package.module:loss"
    if isinstance(raised, IndexError | TypeError) and "integ" in str(raised):
        return "parameters are handed over as floats, also where x0 has integers"
    return None


def _frame(raised: BaseException, home: str | None) -> traceback.FrameSummary | None:
    """The last call in the person's own file, else in a file beside it, else outside of gradcli."""
    frames = traceback.extract_tb(raised.__traceback__)
    ours = str(Path(__file__).parent)
    folder = str(Path(home).parent) if home else None
    preferences: tuple[Callable[[str], bool], ...] = (
        lambda path: path == home,
        lambda path: folder is not None and str(Path(path).parent) == folder,
        lambda path: not path.startswith((ours, "<")),
    )
    for preferred in preferences:
        found = [frame for frame in frames if preferred(frame.filename)]
        if found:
            return found[-1]
    return None


def _line(frame: traceback.FrameSummary) -> tuple[str | None, tuple[int, int] | None]:
    """The source line without its indentation, and the part of it that was running."""
    line = linecache.getline(frame.filename, frame.lineno or 0).rstrip("\n")
    text = line.strip()
    if not text:
        return None, None
    if frame.colno is None or frame.end_colno is None or frame.end_lineno != frame.lineno:
        return text, (0, len(text))
    indent = len(line) - len(line.lstrip())
    start, stop = (len(line.encode()[:column].decode(errors="replace")) for column in (frame.colno, frame.end_colno))
    return text, (max(start - indent, 0), stop - indent)
