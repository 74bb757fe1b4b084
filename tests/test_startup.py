"""What is loaded, by the process that reads the options and by the worker beside it: time follows from that."""

import os
import subprocess
import sys

import pytest

from gradcli.__main__ import main
from gradcli.cli import commands
from gradcli.cli.tokens import better_usage

HEAVY = {"sympy", "mpmath", "numpy", "rich", "matplotlib", "pydantic"}
OURS_TO_ANSWER = {"gradcli.report", "gradcli.output.formats", "gradcli.workers.calls"}
NOT_FOR_WORDS_ALONE = {"importlib.metadata", "email", "json", "csv", "pickle"}

COMMAND = """
import atexit, os, sys
from gradcli.__main__ import main
atexit.register(lambda: os.write(int(os.environ["TOLD"]), " ".join(sys.modules).encode()))
sys.argv = ["gradcli", *sys.argv[1:]]
main()
"""


def loaded(*words, env=()):
    """Exit code, standard output, and the modules of the process at its end."""
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as told:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *words],
            env={**os.environ, "TOLD": str(write), **dict(env)},
            pass_fds=[write],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        os.close(write)
        return done.returncode, done.stdout, set(told.read().split())


unix = pytest.mark.skipif(sys.platform == "win32", reason="a descriptor is handed over")


@unix
@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["-h"], ["derive", "--help"], ["check", "-h"], ["plot", "--help"]]
)
def test_words_alone_load_nothing_heavy(words):
    code, out, modules = loaded(*words)
    assert (code, bool(out)) == (0, True)
    assert not modules & (HEAVY | OURS_TO_ANSWER | NOT_FOR_WORDS_ALONE)


COMPLETIONS = {
    "": ["derive", "check", "train", "sweep", "plot", "functions"],
    "ch": ["check"],
    "derive --me": ["--method", "--memory"],
    "check linreg --poi": ["--points"],
    "plot tan": ["tangent"],
    "sweep --st": ["--steps"],
    "derive --method f": ["forward", "five-point"],
    "derive -x**2 --fo": ["--format"],
    "derive --nonsense --fo": ["--format"],
    "check l": ["linreg"],
    "train n": ["nn"],
    "sweep nn": ["nn"],
    "plot surface l": ["linreg"],
    "check model.p": [],
}


@unix
@pytest.mark.parametrize("typed", COMPLETIONS)
def test_completion_answers_and_loads_nothing_heavy(typed):
    asked = {"_GRADCLI_COMPLETE": "complete_bash", "COMP_WORDS": f"gradcli {typed}"}
    code, out, modules = loaded(env={**asked, "COMP_CWORD": str(len(typed.split(" ")))})
    assert (code, out.split()) == (0, COMPLETIONS[typed])
    assert not modules & (HEAVY | OURS_TO_ANSWER | NOT_FOR_WORDS_ALONE)


@unix
@pytest.mark.parametrize("words", [["derive", "x**2", "--at", "3"], ["check", "x**2", "--at", "3"]])
def test_an_expression_in_a_pipe_is_the_workers_work(words):
    code, _, modules = loaded(*words)
    assert code == 0
    assert not modules & HEAVY


@unix
def test_a_table_loads_rich_and_nothing_else():
    code, _, modules = loaded("derive", "x**2", "--at", "3", "--format", "table")
    assert code == 0
    assert modules & HEAVY == {"rich"}


@unix
@pytest.mark.parametrize("words", [["derive", "x", "--nope"], ["derv", "x"], ["derive", "x", "--step", "none"]])
def test_words_that_are_refused_load_nothing_heavy(words):
    code, _, modules = loaded(*words)
    assert code == 2
    assert not modules & HEAVY


@unix
@pytest.mark.parametrize("words", [["check", "linreg"], ["check", "nn"], ["train", "linreg"], ["sweep", "linreg"]])
def test_models_need_numpy_alone(words):
    code, _, modules = loaded(*words)
    assert code == 0
    assert modules & HEAVY == {"numpy"}


WORKER = """
import gc, sys
import sympy
before = set(sys.modules)
from gradcli.loading import load_expressions
load_expressions()
assert gc.isenabled() and gc.get_freeze_count() > 10_000
from gradcli.deriving import Deriving, derive
from gradcli.items import Item
derive(Item(expr=sys.argv[1], at="3"), Deriving())
print(*set(sys.modules) - before)
"""


def loaded_by_a_worker(expression):
    """Modules beyond those of `import sympy`."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, expression], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "gradcli.expression.compiled" in done.stdout
    return {name for name in done.stdout.split() if name.partition(".")[0] in HEAVY | {"typer"}}


LOADED = """
import gc, sys
from gradcli.loading import load_expressions, load_what_both_sides_need
load_what_both_sides_need()
assert "sympy" not in sys.modules
load_expressions()
assert "sympy" in sys.modules
assert gc.isenabled() and gc.get_freeze_count() > 10_000
from gradcli.deriving import Deriving, derive
from gradcli.items import Item
before = set(sys.modules)
derive(Item(expr="x**2", at="3"), Deriving())
print(*set(sys.modules) - before)
"""


def test_all_that_a_worker_needs_is_loaded_before_its_first_task():
    done = subprocess.run([sys.executable, "-c", LOADED], check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


@pytest.mark.parametrize("expression", ["x**2", "where(x > 1, x, x**2)"])
def test_the_worker_of_an_expression_loads_no_more_than_import_sympy(expression):
    assert not loaded_by_a_worker(expression)


def test_only_sympys_own_sum_of_terms_loads_more_of_it():
    assert {name.partition(".")[0] for name in loaded_by_a_worker("sin(x)*exp(-x)")} == {"sympy"}


@pytest.mark.parametrize(
    ("words", "warmed"),
    [
        ("derive x**2 --at 3", "load_expressions"),
        ("derive -", "load_for_many"),
        ("check --file x.txt", "load_for_many"),
        ("sweep sin(x) --at 1", "load_expressions"),
        ("check linreg", None),
        ("check model.py", None),
        ("check model.py:loss --at zeros", None),
        ("check package.module:loss", None),
        ("check x**2 --at x=0:1", "load_expressions"),
        ("sweep nn --at zeros", None),
        ("derive --help", None),
        ("train linreg", None),
        ("--version", None),
        ("", None),
    ],
)
def test_a_worker_is_started_early_where_one_will_be_needed(words, warmed, monkeypatch):
    started = []
    monkeypatch.setattr(sys, "argv", ["gradcli", *words.split()])
    monkeypatch.setattr("gradcli.workers.warm", lambda load, **_: started.append(load.__name__))
    monkeypatch.setattr("gradcli.cli.run", lambda words: 7)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 7
    assert started == [warmed] * (warmed is not None)


def test_outlines_are_what_the_whole_commands_say():
    for name, outline in commands.outlined().items():
        assert outline.get_short_help_str() == commands[name].get_short_help_str(), name


def test_commands_are_built_once_and_by_name():
    assert list(commands) == COMPLETIONS[""]
    assert len(commands) == 6
    assert commands["check"] is commands["check"]
    assert {"--grad", "--at"} <= {name for option in commands["check"].params for name in option.opts}
    assert "nope" not in commands


def test_a_suggestion_is_not_taken_for_an_expression():
    assert better_usage("No such command 'chek'. Did you mean 'check'?", []) is None
    assert better_usage('No such command "x\'y".', []) == 'write gradcli derive "x\'y"'
