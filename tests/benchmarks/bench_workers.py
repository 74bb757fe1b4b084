"""What workers cost: per item, per replacement, per 100,000 lines."""

import os
import subprocess
import sys
from pathlib import Path

from figures import Figure

HERE = Path(__file__).parents[1]
SCRIPT = """
import io, resource, sys
from time import perf_counter
import chores
from gradcli.batch import lines, run
from gradcli.workers import stream

def per_item(jobs, count=20_000):
    answers = stream(chores.square, range(count), jobs=jobs, timeout=5, memory=2**30)
    next(answers)
    start = perf_counter()
    for _ in answers:
        pass
    return (perf_counter() - start) / count

def after_a_kill():
    items = [("square", 1), *[("sleep",), ("square", 2)] * 3]
    answers = stream(chores.do, items, jobs=1, timeout=1.5, memory=2**30, initializer=chores.import_sympy)
    times = []
    for answer in answers:
        times.append(perf_counter())
    gaps = [later - sooner for sooner, later in zip(times, times[1:])]
    return max(gaps[1::2]), max(gaps[0::2]) - 1.5

def memory_over(count):
    data = io.BytesIO(b"".join(b"x**2 @ %d\\n" % n for n in range(count)))
    sizes = []
    for number, _ in enumerate(run(lines(data), chores.tell, jobs=2, timeout=5, memory=2**30)):
        if number in (count // 10, count - 1):
            sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return sizes[-1] - sizes[0]

def main():
    print(per_item(1), per_item(2), *after_a_kill(), memory_over(100_000))

if __name__ == "__main__":
    main()
"""


METHODS = ("fork", "spawn") if sys.platform == "linux" else ("spawn",)


def figures():
    for method in METHODS:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONPATH": str(HERE), "GRADCLI_START_METHOD": method},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        one, two, answer, kill, growth = map(float, done.stdout.split())
        yield Figure(f"{method}: an item, one job", one * 1e6, "us", at_most=100)
        yield Figure(f"{method}: an item, two jobs", two * 1e6, "us", at_most=100)
        yield Figure(f"{method}: from the time limit to its error", kill * 1e3, "ms", at_most=50)
        yield Figure(
            f"{method}: from the error to the next answer", answer * 1e3, "ms", at_most=50 if method == "fork" else 1000
        )
        yield Figure(f"{method}: 100,000 lines beside 10,000", growth / 1024, "MiB", at_most=8)
