"""Start-up: whole processes beside a minimal Typer program and beside `python -c "import sympy"`, in turn.

Wall times are those of a reader who waits for the end of the process, with bytecode in place for both sides, as an
installed package has it. A machine that is busy otherwise makes them longer on both sides, not by the same factor:
the worker that imports SymPy runs beside the process that reads the options.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from figures import Figure, longer

ROUNDS = 15
MINIMAL = '''
import typer

app = typer.Typer()


@app.callback(invoke_without_command=True)
def main(version: bool = typer.Option(False, "--version")):
    """A program."""
    if version:
        print("minimal 1.0")


@app.command()
def hello(name: str, loud: bool = False):
    """Say hello."""
    print(f"hello {name}")


app(prog_name="minimal")
'''
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
OURS = [sys.executable, "-m", "gradcli"]
SYMPY = [sys.executable, "-c", "import sympy"]
NAIVE = """
import numpy, sympy, typer
from rich.table import Table
x = sympy.Symbol("x")
f = sympy.sympify("x**2")
numeric, exact = (sympy.lambdify(x, g, "numpy") for g in (f, sympy.diff(f, x)))
print((numeric(3 + 1e-6) - numeric(3 - 1e-6)) / 2e-6, exact(3))
"""


def process(words, **more):
    """Run it to its end with its output in pipes."""

    def run():
        subprocess.run(words, env={**ENVIRONMENT, **more}, capture_output=True, check=True, stdin=subprocess.DEVNULL)

    return run


def at_a_terminal(words):
    """Run it to its end with its standard output at a terminal of its own."""

    def run():
        import pty

        ours, theirs = pty.openpty()
        child = subprocess.Popen(words, env=ENVIRONMENT, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL)
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux says so at the end
            while os.read(ours, 1 << 16):
                pass
        os.close(ours)
        assert child.wait() == 0

    return run


def typing(program, line):
    """A shell that asks for completions of this line."""
    words = line.split(" ")
    return {f"_{program}_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}


def processor_seconds(run):
    """User and system time of a process and of those it waited for."""
    before = os.times()
    run()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def figures():
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "minimal.py"
        program.write_text(MINIMAL, encoding="utf-8")
        minimal = [sys.executable, str(program)]
        yield from words_alone(minimal)
    yield from expressions()


def words_alone(minimal):
    beside = f"a minimal Typer program's; {ROUNDS} rounds"
    for option in ("--version", "--help"):
        ours, peer = process([*OURS, option]), process([*minimal, option])
        yield longer(f"gradcli {option}", ours, peer, at_most=1.15, rounds=ROUNDS, note=beside)
    ours, peer = process([*OURS, "derive", "--help"]), process([*minimal, "hello", "--help"])
    yield longer("gradcli derive --help", ours, peer, at_most=1.15, rounds=ROUNDS, note=beside)
    for line, other in (
        ("gradcli de", "minimal he"),
        ("gradcli ", "minimal "),
        ("gradcli derive --m", "minimal hello --l"),
    ):
        ours, peer = process(OURS, **typing("GRADCLI", line)), process(minimal, **typing("MINIMAL", other))
        yield longer(f"completion of '{line}'", ours, peer, at_most=1.15, rounds=ROUNDS, note=beside)


def expressions():
    derive = [*OURS, "derive", "x**2", "--at", "3"]
    sympy = process(SYMPY)
    note = f'python -c "import sympy"; {ROUNDS} rounds'
    yield longer('derive "x**2" --at 3, piped', process(derive), sympy, at_most=1.15, rounds=ROUNDS, note=note)
    if sys.platform != "win32":
        yield longer("the same at a terminal", at_a_terminal(derive), sympy, at_most=1.15, rounds=ROUNDS, note=note)
    yield longer("a naive program, all imported, lambdify", process([sys.executable, "-c", NAIVE]), sympy, rounds=5)
    for name, words in (("gradcli derive, without its worker", derive), ("import sympy", SYMPY)):
        seconds = median(processor_seconds(process(words)) for _ in range(5))
        yield Figure(f"processor time of {name}", seconds, "s", note="user and system")
    start = perf_counter()
    process([*OURS, "check", "linreg"])()
    yield Figure("check linreg, whole command", perf_counter() - start, "s", note="once")
