"""Standard output and error, and the exit codes: what every command needs, whatever it answers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from gradcli.errors import GradcliError

GOOD, WRONG, COULD_NOT_RUN, NO_VERDICT, BUG, INTERRUPTED, READER_GONE = 0, 1, 2, 3, 70, 130, 141
SPELLED = "backslashreplace"


class ReaderGoneError(Exception):
    """Whoever read our output closed it; there is nobody left to tell."""


@contextmanager
def reader_watched() -> Iterator[None]:
    """Writing that fails says why."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGoneError from error
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> GradcliError:
    """What to say when standard output takes nothing."""
    why = error.strerror or "standard output is closed"
    return GradcliError(f"cannot write the answer: {why}", "write it elsewhere")


def prepare_streams() -> None:
    """Have streams that never fail at a character they cannot spell; in the place of closed ones, something like them.

    What would be written to a closed standard output (`>&-`) is an error, to a closed standard error it is lost.
    """
    sys.stdout = sys.stdout or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  to be read only: writing fails
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  lives as long as we do
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=SPELLED)


def tell(text: str) -> None:
    """Say something on stderr; when nobody listens there either, go on."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Let the interpreter's last flush of a broken stream go nowhere instead of raising."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
