"""Streams of different expressions through the command: memory over 100,000 lines, and the wait for single answers."""

import os
import random
import subprocess
import sys
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter

from figures import Figure

LINES = 100_000
EARLY = LINES // 5
SLOW = b"elliptic_pi(1e8, x) @ 2\n"
UNARY = ("sin", "cos", "exp", "tanh", "sigmoid", "log1p", "sqrt", "atan")


def expressions(count, seed=0):
    """Lines with new names, numbers and shapes; no two are the same."""
    drawn = random.Random(seed)
    for number in range(count):
        x = f"x{drawn.randrange(1000)}"
        a, b, c = drawn.randrange(2, 9), round(drawn.uniform(0.5, 2), 3), drawn.randrange(2, 99)
        text = drawn.choice([f"{b}*{x}**{a} + {c}", f"{drawn.choice(UNARY)}({x}/{c})*{b}", f"({x} - {b})/({x} + {a})"])
        yield f"{text} + {number}*{x} @ {drawn.uniform(0.3, 2):.6f}\n".encode()


def command(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "gradcli", "derive", "-", "--quiet", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def feed(process, lines):
    """Write from a thread of its own, so that nobody waits for anybody."""

    def write():
        with process.stdin:
            process.stdin.writelines(lines)

    thread = Thread(target=write, daemon=True)
    thread.start()
    return thread


def mebibytes(pid):
    """What a process holds that is its own, and the most it ever held."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def children(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def sizes_over(lines):
    """The peaks of the command and of its largest worker, early and at the end; seconds for a line."""
    with command("--value") as process:
        feed(process, expressions(lines))
        peaks = []
        for number, _ in enumerate(process.stdout, 1):
            if number == 1:
                start = perf_counter()
            if number in (EARLY, lines):
                peaks.append((mebibytes(process.pid), max(map(mebibytes, children(process.pid)))))
                if number == lines:
                    seconds = (perf_counter() - start) / lines
        assert process.wait() == 0
    assert number == lines
    return peaks[0], peaks[-1], seconds


def waits(rounds=5):
    """Seconds from the start to the first answer, from a line to its answer, and from a killed line to the next."""
    first, next_one, after = [], [], []
    for _ in range(rounds):
        start = perf_counter()
        with command("--value", "--timeout", "1") as process:
            first.append(ask(process, b"x**2 @ 3\n") and perf_counter() - start)
            start = perf_counter()
            ask(process, b"x**3 @ 2\n")
            next_one.append(perf_counter() - start)
            process.stdin.write(SLOW)
            start = perf_counter()
            ask(process, b"x**4 @ 1\n")
            after.append(perf_counter() - start - 1)
            process.stdin.close()
    return map(median, (first, next_one, after))


def ask(process, line):
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline()


def figures():
    if sys.platform != "linux":
        return
    first, next_one, after = waits()
    yield Figure("from the start to the first answer", first * 1e3, "ms")
    yield Figure("from a line to its answer", next_one * 1e3, "ms", at_most=20)
    yield Figure("from the end of a line's time to the next answer", after * 1e3, "ms", at_most=50)
    (parent, worker), (parent_at_end, worker_at_end), seconds = sizes_over(LINES)
    note = f"{parent_at_end:.0f} MiB at the end"
    yield Figure(f"command: {LINES:,} lines beside {EARLY:,}", parent_at_end - parent, "MiB", at_most=4, note=note)
    note = f"{worker_at_end:.0f} MiB at the end"
    yield Figure(f"worker: {LINES:,} lines beside {EARLY:,}", worker_at_end - worker, "MiB", at_most=4, note=note)
    yield Figure("a line", seconds * 1e3, "ms", note=f"{os.cpu_count()} processors")
