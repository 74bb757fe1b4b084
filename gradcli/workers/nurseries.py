"""Where the workers of a stream come from: copies of a process that has warmed up, or spares that warm up in time."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from gradcli.workers import serving
from gradcli.workers.children import Child, bury_dismissed, spawn_child
from gradcli.workers.forking import above_standard, bury, copy_process, may_fork, pipe

if TYPE_CHECKING:
    import socket

    from gradcli.workers.serving import Initializer

LONGEST_REPLY = 1 << 18  # more than a socket takes at once


_warm: dict[Initializer | None, Nursery] = {}


def warm_nursery(initializer: Initializer) -> None:
    """Start now the source of workers that the next stream with this initializer will use."""
    _warm[initializer] = nursery(initializer)


def nursery(initializer: Initializer | None) -> Nursery:
    """A source of processes that have run `initializer`, a warm one if there is any."""
    if initializer in _warm:
        return _warm.pop(initializer)
    bury_dismissed()
    return Zygote(initializer) if may_fork() else Spawner(initializer)


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


class Zygote:
    """Workers within milliseconds: a process that has run the initializer, and no item, is copied for each."""

    patience = 0

    def __init__(self, initializer: Initializer | None) -> None:
        import socket

        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = socket.socket(fileno=above_standard(ours.detach()))
        control = socket.socket(fileno=above_standard(theirs.detach()))
        lifeline, self._life = pipe()

        def work() -> None:
            self._control.close()
            os.close(self._life)
            serving.die_with(lifeline)
            _breed(control, initializer)

        self._pid = copy_process(work)
        self._fruitful = False
        control.close()
        os.close(lifeline)

    def hatch(self) -> Child:
        """A fresh copy; raises what the initializer raised, and CannotForkError where there is no copying."""
        reply, descriptors = self._ask(0)
        if not isinstance(reply, int):
            raise serving.thrown(reply) if reply else CannotForkError
        self._fruitful = True
        talk, life = (above_standard(descriptor) for descriptor in descriptors)
        return Child(talk, os.dup(talk), partial(self._status, reply), life)

    def prepare(self) -> None:
        """It always is."""

    def close(self) -> None:
        """End the zygote and every worker."""
        self._control.close()
        if self._fruitful:
            os.waitpid(self._pid, 0)
        else:  # it may be in the middle of its initializer
            bury(self._pid)
        os.close(self._life)

    def _status(self, pid: int) -> int | None:
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
            reply, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_REPLY, 2)
        except OSError as error:
            raise CannotForkError from error
        if not reply:
            raise CannotForkError
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return pickle.loads(reply), descriptors  # noqa: S301  from a copy of this very process


def _breed(control: socket.socket, initializer: Initializer | None) -> None:
    """Fork a worker for each 0 that arrives, and bury the one whose process id arrives."""
    import pickle
    from socket import send_fds

    serving.one_thread_each()  # also because threads do not survive the fork
    refusal = _warmed(initializer)
    workers: set[int] = set()
    while order := control.recv(8):
        pid = int.from_bytes(order, "little")
        if pid:
            workers.remove(pid)
            control.send(pickle.dumps(bury(pid)))
        elif refusal is not None:
            control.send(pickle.dumps(refusal))
        else:
            worker, descriptors = _copy(control)
            workers.add(worker)
            send_fds(control, [pickle.dumps(worker)], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
    for worker in workers:
        bury(worker)


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

    pid = copy_process(work)
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
