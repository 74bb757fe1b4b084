"""Copies of this process, where they are safe: the calling thread goes on in the copy, alone, with all the memory."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NoReturn

from gradcli.workers.serving import settle

START_METHOD = "GRADCLI_START_METHOD"


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


def pipe() -> tuple[int, int]:
    """The end to read from and the end to write to."""
    read, write = os.pipe()
    return above_standard(read), above_standard(write)


def above_standard(descriptor: int) -> int:
    """The same file under a number that is not 0, 1 or 2, which a shell can close (`>&-`) and a child redirects."""
    if descriptor > 2:
        return descriptor
    import fcntl

    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)


def copy_process(work: Callable[[], None]) -> int:
    """The process id of a copy of this process that does `work` and ends, without anything this one has yet to do."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):
            stream.flush()
    # Ctrl-C in the copy before it is settled would go on as an exception through the program of this one.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pid = os.fork()
        if pid == 0:
            _live(work, mask)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    with suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def _live(work: Callable[[], None], mask: Iterable[int]) -> NoReturn:
    """Do `work` as the leader of a process group of its own, which Ctrl-C does not reach and which dies as one."""
    status = 70
    try:
        os.setpgid(0, 0)
        settle()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        work()
        status = 0
    except Exception:  # noqa: BLE001  a bug of ours; nothing above would show it
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def bury(pid: int) -> int:
    """Kill a child and what it started, and say how it ended, which is not by us if it was dead already."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
