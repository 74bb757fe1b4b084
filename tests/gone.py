"""Whether processes are gone, for the tests that hunt orphans."""

import os
import sys
import time
from pathlib import Path

LINUX = sys.platform == "linux"


def pids_in(note):
    """The process ids in a file, once somebody has written it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if note.exists() and len(note.read_text().split()) == 2:
            return [int(pid) for pid in note.read_text().split()]
        time.sleep(0.01)
    raise AssertionError("the child wrote no note")


def assert_gone(*pids):
    deadline = time.monotonic() + 10
    while any(map(lives, pids)):
        assert time.monotonic() < deadline, [pid for pid in pids if lives(pid)]
        time.sleep(0.01)


def lives(pid):
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not LINUX
