"""Inside a child: settle down, warm up, answer one message after another, and say now and then that one is alive.

The child says `("ready",)`, then per request any number of `("alive", done, total)` and one of `("result", value)`,
`("error", GradcliError, traceback)`, `("bug", exception, traceback)` and `("memory",)`. A failure to warm up takes the
place of `("ready",)`.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import signal
import sys
from collections import ChainMap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import IO, Any

from gradcli.errors import GradcliError

Initializer = Callable[[], object]
Message = tuple[Any, ...]
SECONDS_BETWEEN_SIGNS = 0.1


@dataclass(frozen=True, slots=True)
class More:
    """A part of an answer that is too long for one message, and the item to which the same function gives the rest."""

    part: Any
    rest: Any


_say: Callable[[Message], None] | None = None
_next_sign = 0.0
_done = 0
_total: int | None = None


def expect(total: int | None) -> None:
    """From now on count what `alive` tells, of so many."""
    global _done, _total
    _done, _total = 0, total


def alive(count: int = 1) -> None:
    """Restart the clock of `--timeout`, with `count` more things done; nothing outside of a child.

    Costs 0.1 us: at most ten signs of life a second are sent, with how far the work has come.
    """
    global _next_sign, _done  # noqa: PLW0603  a process has one parent and one clock
    _done += count
    if _say is None or monotonic() < _next_sign:
        return
    _next_sign = monotonic() + SECONDS_BETWEEN_SIGNS
    _say(("alive", _done, _total))


def one_thread_each() -> None:
    """Let linear algebra that is loaded from now on, here and in children, use one thread: there are processes."""
    for library in ("OPENBLAS", "OMP", "MKL", "VECLIB"):
        name = "VECLIB_MAXIMUM_THREADS" if library == "VECLIB" else f"{library}_NUM_THREADS"
        os.environ.setdefault(name, "1")


def serve(requests: int, replies: int, initializer: Initializer | None) -> None:
    """Warm up, then answer what comes, `(function, memory)` first and its arguments from then on, until the end."""
    with _talking(requests, replies) as (incoming, say):
        _answer(messages(incoming), say, initializer)


def main() -> None:
    """Serve over standard input and output, which then are no longer standard; the initializer is what comes first."""
    requests, replies = os.dup(0), os.dup(1)
    settle()
    with _talking(requests, replies) as (incoming, say):
        arriving = _watched(incoming)
        _answer(arriving, say, partial(_warm_up, arriving))
    os._exit(0)


@contextmanager
def _talking(requests: int, replies: int) -> Iterator[tuple[IO[bytes], Callable[[Message], None]]]:
    """What one hears, and how to say something, until the other side is gone."""
    with suppress(BrokenPipeError), os.fdopen(requests, "rb") as incoming, os.fdopen(replies, "wb") as outgoing:
        yield incoming, partial(_tell, outgoing)


def _warm_up(arriving: Iterator[Any]) -> None:
    initializer = next(arriving)
    if initializer is not None:
        initializer()


def _answer(incoming: Iterator[Any], say: Callable[[Message], None], initializer: Initializer | None) -> None:
    global _say  # noqa: PLW0603  a process has one parent
    try:
        if initializer is not None:
            initializer()
        function, memory = next(incoming)
        lift = limit_memory(memory)
    except StopIteration:
        return
    except BaseException as error:  # noqa: BLE001  the other side raises it
        say(failure(error))
        return
    _say = say
    say(("ready",))
    for arguments in incoming:
        _reply(say, function, arguments, lift)


def _reply(
    say: Callable[[Message], None], function: Callable[..., object], arguments: Message, lift: Callable[[], None]
) -> None:
    try:
        say(("result", function(*arguments)))
    except MemoryError:
        lift()
        say(("memory",))
    except BrokenPipeError:
        raise
    except BaseException as error:  # noqa: BLE001  the other side raises it
        say(failure(error))


def failure(error: BaseException) -> Message:
    """An exception as a message; the traceback is that of the child, and for a GradcliError that of its cause."""
    import traceback

    if isinstance(error, GradcliError):
        cause = error.__cause__
        return "error", error, "".join(traceback.format_exception(cause)) if cause else ""
    if isinstance(error, SystemExit):
        return "error", GradcliError(f"the code ended the program with sys.exit({error.code!r})"), ""
    return "bug", _portable(error), "".join(traceback.format_exception(error))


def thrown(message: Message) -> BaseException:
    """The exception that a message of failure stands for, with the traceback of the child as a note."""
    _, error, trace = message
    if trace:
        error.add_note(f"in the worker:\n{trace}")
    return error  # type: ignore[no-any-return]


def _portable(error: BaseException) -> Exception:
    """The exception itself if it survives the journey, else one that repeats its words."""
    try:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  made on the spot
    except Exception:  # noqa: BLE001  its class can do as it likes
        copy = None
    return copy if isinstance(copy, Exception) else RuntimeError(f"{type(error).__name__}: {error}")


def messages(stream: IO[bytes]) -> Iterator[Any]:
    """Each message that arrives, until the other side closes or dies in the middle of one."""
    with suppress(ConnectionError):
        while len(header := stream.read(8)) == 8:
            length = int.from_bytes(header, "little")
            if len(body := stream.read(length)) < length:
                return
            yield pickle.loads(body)  # noqa: S301  from our own other half


def packed(message: object) -> bytes:
    """A message as it travels, without the 8 bytes of its length."""
    body = io.BytesIO()
    pickler = pickle.Pickler(body, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = REDUCED
    pickler.dump(message)
    return body.getvalue()


def _view(kind: Any, numbers: bytes) -> memoryview[Any]:  # noqa: ANN401  any of the letters of `struct`
    return memoryview(numbers).cast(kind)


REDUCED: Any = ChainMap({memoryview: lambda view: (_view, (view.format, view.tobytes()))}, copyreg.dispatch_table)
"""What is pickled in a way of its own: of views of numbers the numbers travel."""


def write(stream: IO[bytes], body: bytes) -> None:
    """Send one packed message."""
    stream.write(len(body).to_bytes(8, "little"))
    stream.write(body)
    stream.flush()


def _tell(outgoing: IO[bytes], message: Message) -> None:
    write(outgoing, packed(message))


def _watched(incoming: IO[bytes]) -> Iterator[Any]:
    """The messages, read by a thread that ends this process, busy or not, when there can be no more of them."""
    from queue import SimpleQueue
    from threading import Thread

    arrived: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

    def read() -> None:
        try:
            for message in messages(incoming):
                arrived.put((message, None))
        except Exception as error:  # noqa: BLE001  a function that cannot be imported; raised where it is awaited
            arrived.put((None, error))
        else:
            os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        message, error = arrived.get()
        if error is not None:
            raise error
        yield message


def settle() -> None:
    """Nothing to read, no way to standard output, no traceback at Ctrl-C, no stop at writing to a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # no standard error (`2>&-`)
        os.dup2(nothing, 2)
        os.dup2(nothing, 1)
    if nothing > 2:
        os.close(nothing)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  lives as long as the process
    sys.stdout = sys.stderr


def die_with(lifeline: int) -> None:
    """Let the kernel kill this process group, even in the middle of a C loop, when the other end of the pipe closes."""
    import fcntl

    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)
    with suppress(BlockingIOError):
        os.read(lifeline, 1)
        os._exit(0)  # it had closed before


def limit_memory(extra: int | None) -> Callable[[], None]:
    """Allow `extra` bytes more than now (Linux), and return what lifts the limit again.

    RLIMIT_DATA counts what a process can really write to. RLIMIT_AS would count the gigabytes of addresses that PyTorch
    and JAX reserve and never use.
    """
    try:
        import resource

        with open("/proc/self/statm", "rb") as sizes:  # noqa: PTH123  pathlib takes 3 ms to import
            pages = int(sizes.read().split()[5])
    except (ImportError, OSError):
        return lambda: None
    own = pages * resource.getpagesize()
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if extra is not None:
        allowed = own + extra if most == resource.RLIM_INFINITY else min(own + extra, most)
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, most))
    return partial(resource.setrlimit, resource.RLIMIT_DATA, (most, most))
