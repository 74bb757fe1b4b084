"""Processes that work for this one, and can be ended at any moment: a `Child`, and three ways to get one.

`fork_child` copies this process, `Zygote` copies a process that has warmed up, `Spawner` starts Python anew.
Messages are pickles behind their length, over pipes that nobody else holds.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NoReturn, Protocol

from gradcli import serving

if TYPE_CHECKING:
    import socket
    from queue import SimpleQueue
    from subprocess import Popen
    from threading import Thread

    from gradcli.serving import Initializer

START_METHOD = "GRADCLI_START_METHOD"
# What a person's code started can escape from the process group and hold the pipe open.
SECONDS_TO_FALL_SILENT = 1.0


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

    def end(self) -> int | None:
        """Kill it if it lives: its exit code, or minus the signal that ended it, or None where nobody knows."""
        if not self._ended:
            self._ended = True
            self._status = self._bury()
            self._close()
        return self._status

    def _close(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        if self._listener is None:
            self._replies.close()
        else:
            self._listener.join(SECONDS_TO_FALL_SILENT)
        with suppress(ConnectionError):
            self._requests.close()


class Nursery(Protocol):
    """Where workers come from; one more is worth its start when more than `patience` items wait."""

    patience: int

    def hatch(self) -> Child:
        """A worker that has run the initializer, or soon will have."""

    def prepare(self) -> None:
        """A worker may be needed soon."""

    def close(self) -> None:
        """No more workers."""


class CannotForkError(Exception):
    """The zygote is gone, or has threads that a fork would not copy."""


def start(initializer: Initializer | None) -> Child:
    """A process that has begun to run `initializer`, by the quickest way that is safe here."""
    return fork_child(initializer) if may_fork() else spawn_child(initializer)


def nursery(initializer: Initializer | None) -> Nursery:
    """A source of processes that have run `initializer`."""
    return Zygote(initializer) if may_fork() else Spawner(initializer)


def may_fork() -> bool:
    """A fork copies the calling thread alone: a lock that another one holds would stay locked for ever in the child."""
    chosen = os.environ.get(START_METHOD)
    return chosen == "fork" if chosen else sys.platform == "linux" and _threads() == 1


def _threads() -> int:
    """The threads of this process, those of C libraries included."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208  no need for pathlib this early
    except OSError:
        return 2


def fork_child(initializer: Initializer | None) -> Child:
    """A copy of this process that runs `initializer` and then answers."""
    (asked, ask), (answers, answer), (lifeline, life) = _pipe(), _pipe(), _pipe()

    def work() -> None:
        for theirs in (ask, answers, life):
            os.close(theirs)
        serving.die_with(lifeline)
        serving.serve(asked, answer, initializer)

    pid = _fork(work)
    for theirs in (asked, answer, lifeline):
        os.close(theirs)
    return Child(ask, answers, partial(_bury, pid), life)


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    return _above_standard(read), _above_standard(write)


def _above_standard(descriptor: int) -> int:
    """The same file under a number that is not 0, 1 or 2, which a shell can close (`>&-`) and a child redirects."""
    if descriptor > 2:
        return descriptor
    import fcntl

    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)


def _fork(work: Callable[[], None]) -> int:
    """The process id of a copy of this process that does `work` and ends, without anything this one has yet to do."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):
            stream.flush()
    pid = os.fork()
    if pid == 0:
        _live(work)
    with suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def _live(work: Callable[[], None]) -> NoReturn:
    """Do `work` as the leader of a process group of its own, which Ctrl-C does not reach and which dies as one."""
    status = 70
    try:
        os.setpgid(0, 0)
        serving.settle()
        work()
        status = 0
    except Exception:  # noqa: BLE001  a bug of ours; nothing above would show it
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def _bury(pid: int) -> int:
    """Kill a child and what it started, and say how it ended, which is not by us if it was dead already."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Zygote:
    """Workers within milliseconds: a process that has run the initializer, and no item, is copied for each."""

    patience = 0

    def __init__(self, initializer: Initializer | None) -> None:
        import socket

        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = socket.socket(fileno=_above_standard(ours.detach()))
        control = socket.socket(fileno=_above_standard(theirs.detach()))

        def work() -> None:
            self._control.close()
            _breed(control, initializer)

        self._pid = _fork(work)
        control.close()

    def hatch(self) -> Child:
        """A fresh copy; raises what the initializer raised, and CannotForkError where there is no copying."""
        reply, descriptors = self._ask(0)
        if not isinstance(reply, int):
            raise serving.thrown(reply) if reply else CannotForkError
        talk, life = descriptors
        return Child(talk, os.dup(talk), partial(self._bury, reply), life)

    def prepare(self) -> None:
        """It always is."""

    def close(self) -> None:
        """End the zygote and every worker."""
        self._control.close()
        os.waitpid(self._pid, 0)

    def _bury(self, pid: int) -> int | None:
        """The status of a worker, None when the zygote is dead and only the lifeline is left to end it."""
        try:
            status: int = self._ask(pid)[0]
        except CannotForkError:
            return None
        return status

    def _ask(self, pid: int) -> tuple[Any, list[int]]:
        import pickle
        import socket

        try:
            self._control.send(pid.to_bytes(8, "little"))
            reply, descriptors, _, _ = socket.recv_fds(self._control, 1 << 18, 2)
        except OSError as error:
            raise CannotForkError from error
        if not reply:
            raise CannotForkError
        return pickle.loads(reply), descriptors  # noqa: S301  from a copy of this very process


def _breed(control: socket.socket, initializer: Initializer | None) -> None:
    """Fork a worker for each 0 that arrives, and bury the one whose process id arrives."""
    import pickle
    from socket import send_fds

    # One thread for linear algebra: threads do not survive the fork, and every job has a process already.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    refusal = _warmed(initializer)
    workers: set[int] = set()
    while order := control.recv(8):
        pid = int.from_bytes(order, "little")
        if pid:
            workers.remove(pid)
            control.send(pickle.dumps(_bury(pid)))
        elif refusal is not None:
            control.send(pickle.dumps(refusal))
        else:
            worker, descriptors = _copy(control)
            workers.add(worker)
            send_fds(control, [pickle.dumps(worker)], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
    for worker in workers:
        _bury(worker)


def _warmed(initializer: Initializer | None) -> serving.Message | None:
    """Run the initializer: None, or why there will be no copies (an empty message: this process has threads now)."""
    try:
        if initializer is not None:
            initializer()
    except BaseException as error:  # noqa: BLE001  the other side raises it
        return serving.failure(error)
    return None if may_fork() else ()


def _copy(control: socket.socket) -> tuple[int, list[int]]:
    """The process id of a new worker, and this side's ends of what leads to it: the talk and the lifeline."""
    import socket

    ours, theirs = socket.socketpair()
    lifeline, life = os.pipe()

    def work() -> None:
        control.close()
        ours.close()
        os.close(life)
        serving.die_with(lifeline)
        serving.serve(theirs.fileno(), os.dup(theirs.fileno()), None)

    pid = _fork(work)
    theirs.close()
    os.close(lifeline)
    return pid, [ours.detach(), life]


class Spawner:
    """Workers that start from nothing, with a spare one to shorten the wait for a replacement."""

    patience = 64

    def __init__(self, initializer: Initializer | None) -> None:
        self._initializer = initializer
        self._spare: Child | None = spawn_child(initializer)

    def hatch(self) -> Child:
        """The spare, or else a new one."""
        child, self._spare = self._spare, None
        return child or spawn_child(self._initializer)

    def prepare(self) -> None:
        """Have a spare that warms up from now on."""
        self._spare = self._spare or spawn_child(self._initializer)

    def close(self) -> None:
        """End the spare."""
        if self._spare is not None:
            self._spare.end()


def spawn_child(initializer: Initializer | None) -> Child:
    """A new Python that finds what this one finds, runs `initializer` and then answers."""
    import subprocess

    code = f"import sys; sys.path[:] = {sys.path!r}; from gradcli.serving import main; main()"
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
