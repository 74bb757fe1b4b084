"""Measure gradcli beside its peers: `python tests/benchmarks [NAME ...] [--json FILE]`, with the extra `bench`.

Each bench_NAME.py here has a function `figures()` that yields Figures. Ratios are medians over several rounds in which
the two sides take turns. The exit code is 1 where a figure misses what it is held to.
"""

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))


def main():
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; all by default")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file")
    options = parser.parse_args()
    if strangers := set(options.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(strangers))}; there are {', '.join(NAMES)}")
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    found = {}
    for name in options.names or NAMES:
        print(name, flush=True)
        found[name] = []
        for figure in importlib.import_module(f"bench_{name}").figures():
            found[name].append(figure)
            print(line(figure), flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(document(found), indent=1, allow_nan=False) + "\n")
    return int(not all(figure.holds for figures in found.values() for figure in figures))


def line(figure):
    """A figure as people read it."""
    sides = "" if figure.ours is None else f"{figure.ours:.3g} s against {figure.peer:.3g} s"
    missed = "" if figure.holds else "MISSED"
    return f"  {figure.name:<52} {figure.value:>9.4g} {figure.unit:<10} {figure.goal:<8} {missed:<7} {sides} {figure.note}".rstrip()


def document(found):
    """Everything, with the machine it was measured on."""
    return {
        "schema": "gradcli-benchmarks/1",
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "benchmarks": {name: [figure.record() for figure in figures] for name, figures in found.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
