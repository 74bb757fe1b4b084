"""This side of a process that works for this one and can be ended at any moment, and two ways to start one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from gradcli.workers import serving
from gradcli.workers.forking import bury, copy_process, may_fork, pipe

if TYPE_CHECKING:
    from queue import SimpleQueue
    from subprocess import Popen
    from threading import Thread

    from gradcli.workers.serving import Initializer, Message

    Events = SimpleQueue[tuple[Any, Any]]

SECONDS_BETWEEN_LOOKS = 0.25
# What a person's code has started can leave the process group and hold the pipe open.
SECONDS_TO_FALL_SILENT = 1.0
SILENCE: Message = ("silence",)

_dismissed: list[Child] = []


class Child:
    """This side of a process that answers: what it is sent, what it says, and its end."""

    def __init__(
        self, requests: int, replies: int, bury: Callable[[], int | None], lifeline: int | None = None
    ) -> None:
        self._requests: IO[bytes] = open(requests, "wb")  # noqa: SIM115  closed by end()
        self._replies: IO[bytes] = open(replies, "rb")  # noqa: SIM115  closed by end()
        self._lifeline = lifeline
        self._bury = bury
        self._listener: Thread | None = None
        self._ended = False
        self._status: int | None = None

    def send(self, message: object) -> None:
        """Pack and send one message."""
        self.post(serving.packed(message))

    def post(self, packed: bytes) -> None:
        """Send one packed message; a child that has died is found out by its silence."""
        with suppress(ConnectionError):
            serving.write(self._requests, packed)

    def listen(self, events: SimpleQueue[tuple[Any, Any]]) -> None:
        """From now on put (this child, message) into `events`, and (this child, None) when it has ended."""
        from threading import Thread

        self._listener = Thread(target=self._hear, args=(events,), daemon=True)
        self._listener.start()

    def _hear(self, events: SimpleQueue[tuple[Any, Any]]) -> None:
        with self._replies:
            for message in serving.messages(self._replies):
                events.put((self, message))
        events.put((self, None))

    def dismiss(self) -> None:
        """Have it end while this process goes on; the next `start` buries it.

        A spawned child, which has no lifeline, is ended at once: at the exit of this process, Popen would warn of it.
        """
        if self._lifeline is None:
            self.end()
            return
        self._let_go()
        _dismissed.append(self)

    def end(self) -> int | None:
        """Kill it if it lives: its exit code, or minus the signal that ended it, or None where nobody knows."""
        if not self._ended:
            self._ended = True
            self._status = self._bury()
            self._close()
        return self._status

    def _close(self) -> None:
        self._let_go()
        if self._listener is None:
            self._replies.close()
            return
        with suppress(RuntimeError):  # Ctrl-C came before the thread had begun
            self._listener.join(SECONDS_TO_FALL_SILENT)

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        with suppress(ConnectionError):
            self._requests.close()


def start(initializer: Initializer | None) -> Child:
    """A process that has begun to run `initializer`, by the quickest way that is safe here."""
    bury_dismissed()
    return fork_child(initializer) if may_fork() else spawn_child(initializer)


def bury_dismissed() -> None:
    """Be alone again: no thread that listens to a child, and nothing left of it in the table of processes."""
    while _dismissed:
        _dismissed.pop().end()


def fork_child(initializer: Initializer | None) -> Child:
    """A copy of this process that runs `initializer` and then answers."""
    (asked, ask), (answers, answer), (lifeline, life) = pipe(), pipe(), pipe()

    def work() -> None:
        for theirs in (ask, answers, life):
            os.close(theirs)
        serving.die_with(lifeline)
        serving.serve(asked, answer, initializer)

    pid = copy_process(work)
    for theirs in (asked, answer, lifeline):
        os.close(theirs)
    return Child(ask, answers, partial(bury, pid), life)


def spawn_child(initializer: Initializer | None) -> Child:
    """A new Python that finds what this one finds, runs `initializer` and then answers."""
    import subprocess

    code = f"import sys; sys.path[:] = {sys.path!r}; from gradcli.workers.serving import main; main()"
    group: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if sys.platform == "win32"
        else {"process_group": 0}
    )
    process = subprocess.Popen(  # noqa: S603  this very Python
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONHASHSEED": "0"},  # sets print in the same order in every worker
        **group,
    )
    child = Child(_descriptor(process.stdin), _descriptor(process.stdout), partial(_end, process))
    child.send(initializer)
    return child


def _descriptor(pipe: IO[bytes] | None) -> int:
    """An own copy of what Popen would close."""
    if pipe is None:
        raise ValueError("the process has no such pipe")
    with pipe:
        return os.dup(pipe.fileno())


def _end(process: Popen[bytes]) -> int:
    """Kill a process and, where groups of processes exist, what it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def next_event(events: Events, seconds: float) -> tuple[Any, Any]:
    """The next event, or SILENCE after some time, at most `seconds`."""
    from queue import Empty

    try:
        return events.get(timeout=max(0.0, min(seconds, SECONDS_BETWEEN_LOOKS)))
    except Empty:
        return None, SILENCE
