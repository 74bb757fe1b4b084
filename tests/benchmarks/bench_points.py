"""Many points of one expression: how long beside NumPy's own evaluation of f, how fast they are written, how much memory."""

import csv
import io
import json
import math
import subprocess
import sys
from contextlib import contextmanager
from itertools import chain

import numpy as np
from figures import Figure, faster, longer

from gradcli.deriving import Deriving, Rest, derive
from gradcli.items import Item
from gradcli.output import formats, records, wording
from gradcli.workers import More

COUNT = 1_000_001
CASES = {
    "sin(x)*exp(-x)": ("x=0:10:1e-5", "np.sin(x) * np.exp(-x)", 10),
    "x**3 - 2*x + 1": ("x=-5:5:1e-5", "x**3 - 2 * x + 1", None),
    "1/(1 + exp(-3*x))": ("x=-5:5:1e-5", "1 / (1 + np.exp(-3 * x))", None),
    "tanh(x)**2": ("x=-5:5:1e-5", "np.tanh(x) ** 2", None),
    "log(1 + x**2)*cos(x)": ("x=-5:5:1e-5", "np.log(1 + x**2) * np.cos(x)", None),
}
PLANE = "x=0:1:1e-3,y=0:1:1e-3"
COLUMNS = formats.DERIVATIVE_COLUMNS
PEER = """
import sys
import numpy as np
x = np.linspace({start}, {stop}, {count})
for _ in sys.stdin:
    {formula}
    print(flush=True)
"""
COMMAND = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.executable, "-m", "gradcli", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def blocks(text, at, **options):
    """Everything that a worker does for these points: compile, differentiate, evaluate."""
    asked = Deriving(at=(at,), **options)
    answer = More((), Rest(Item(expr=text)))
    while isinstance(answer, More):
        answer = derive(answer.rest, asked)
        yield from answer.part if isinstance(answer, More) else answer


def evaluated(text, at, **options):
    """How many points, one block after the other; each time prepared anew."""
    from gradcli import deriving

    deriving._recent.clear()
    return sum(map(len, blocks(text, at, **options)))


@contextmanager
def by_numpy(formula, at):
    """A function that evaluates f at all points, in a process that has done nothing else: ours changes its memory."""
    start, stop, _ = at.removeprefix("x=").split(":")
    code = PEER.format(start=start, stop=stop, count=COUNT, formula=formula)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, bufsize=1, **pipes) as process:

        def evaluate():
            process.stdin.write("\n")
            process.stdout.readline()

        yield evaluate
        process.stdin.close()


def evaluation():
    for text, (at, formula, goal) in CASES.items():
        assert evaluated(text, at) == COUNT
        ways = {"formula and three methods": ({}, goal), "formula alone": ({"value": True}, goal)}
        with by_numpy(formula, at) as peer:
            for name, (options, most) in ways.items():
                yield longer(
                    f"{text}: {name}, beside f by NumPy",
                    lambda at=at, text=text, options=options: evaluated(text, at, **options),
                    peer,
                    at_most=most or math.inf,
                    rounds=9,
                )
    x, y = (part.ravel() for part in np.meshgrid(*[np.linspace(0, 1, 1001)] * 2, indexing="ij"))
    yield longer(
        "x**2*y + sin(x*y): two partials, three methods, beside f",
        lambda: evaluated("x**2*y + sin(x*y)", PLANE),
        lambda: x**2 * y + np.sin(x * y),
    )


def printing():
    found = list(blocks("sin(x)*exp(-x)", "x=0:1:1e-5"))
    rows = list(chain.from_iterable(chain.from_iterable(records.of_derivations(block)) for block in found))
    kinds = {
        "jsonl": lambda: "".join(json.dumps(row, allow_nan=False, separators=(",", ":")) + "\n" for row in rows),
        "csv": lambda: csv.DictWriter(io.StringIO(), COLUMNS, extrasaction="ignore").writerows(rows),
        "plain": lambda: "".join("  ".join(wording.cell(row[key]) for key in COLUMNS) + "\n" for row in rows),
    }
    for name, peer in kinds.items():

        def ours(name=name):
            sheets = chain.from_iterable(map(records.of_derivations, found))
            return sum(map(len, formats.WRITERS[name](sheets, COLUMNS)))

        figure = faster(f"{name}: written, beside a record at a time", ours, peer, at_least=2, rounds=3)
        yield figure
        yield Figure(f"{name}: records a second", len(rows) / figure.ours, "1/s")


def commands():
    peaks = {}
    for count, step in ((100_001, "1e-4"), (COUNT, "1e-5")):
        for options in (["--value"], ["--format", "csv"]):
            words = ["derive", "sin(x)*exp(-x)", "--at", f"x=0:10:{step}", *options]
            done = subprocess.run([sys.executable, "-c", COMMAND, *words], capture_output=True, text=True, check=True)
            seconds, peaks[count, options[-1]] = map(float, done.stdout.split())
            yield Figure(f"{count:,} points, the whole command, {options[-1]}", seconds, "s")
    for kind in ("--value", "csv"):
        growth = peaks[COUNT, kind] - peaks[100_001, kind]
        yield Figure(f"peak memory of {COUNT:,} points beside 100,001, {kind}", growth, "MiB", at_most=16)


def figures():
    yield from evaluation()
    yield from printing()
    yield from commands()
