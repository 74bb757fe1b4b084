"""No text of a user runs, hangs or escapes: neither as an expression nor as a point, a name or a JSON key."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import hostile_corpus as corpus
import pytest

from gradcli.errors import GradcliError
from gradcli.expression.parser import read
from gradcli.expression.points import names_in, parse_names, points

PACKAGE = Path(__file__).parents[1] / "gradcli"

SINKS = {
    "expression": read,
    "--at": lambda text: points([text], ["x"]),
    "JSON value": lambda text: points([{"x": text}], ["x"]),
    "JSON key": lambda text: points([{text: 1.0}], ["x"]),
    "--wrt": parse_names,
    "names": names_in,
}


def test_the_corpus_is_large_enough():
    assert len(set(corpus.RE_ENTRY + corpus.CODE)) >= 100
    assert len(set(corpus.HOSTILE)) >= 300


@pytest.mark.parametrize("text", corpus.HOSTILE, ids=lambda text: ascii(text)[:40])
def test_a_hostile_expression_is_refused(text):
    with pytest.raises(GradcliError) as caught:
        read(text)
    check_message(caught.value)


@pytest.mark.parametrize("text", corpus.HOSTILE_POINTS, ids=lambda text: ascii(text)[:40])
def test_a_hostile_point_is_refused(text):
    with pytest.raises(GradcliError) as caught:
        points([text], ["x"])
    check_message(caught.value)


@pytest.mark.parametrize("text", corpus.HEAVY, ids=lambda text: text[:40])
def test_what_looks_heavy_is_built_or_refused(text):
    try:
        assert read(text).expression is not None
    except GradcliError as error:
        check_message(error)


@pytest.mark.parametrize("sink", SINKS)
def test_every_way_in_raises_errors_of_ours_only(sink):
    for text in corpus.SHORT:
        try:
            SINKS[sink](text)
        except GradcliError as error:
            check_message(error)


def check_message(error):
    """One line that a terminal can show, short enough to read."""
    for part in (error.message, error.hint or "", error.text or ""):
        assert part.isprintable()
        assert len(part) <= 250


WATCH = """
import json, sys
import hostile_corpus as corpus
from test_hostile import SINKS
from gradcli.errors import GradcliError
from gradcli.expression.functions import FUNCTIONS
from gradcli.expression.parser import read
from gradcli.expression.writer import write

def use(sink, text):
    try:
        sink(text)
    except GradcliError:
        pass

for name, function in FUNCTIONS.items():
    if name not in ("Piecewise", "where"):
        use(read, f"{name}({', '.join('xyz'[: function.least])})")
        use(read, f"{name}({', '.join('123'[: function.least])}) + {name}({', '.join(['0.5', '1.5', '2.5'][: function.least])})")
for text in ("x**2/3 + sqrt(2)*x**0.5", "where(x > 0 and y < 1, x, 1/x)", "sigmod(x)", "x²", "0.1*pi + e", *corpus.HEAVY):
    use(read, text)
use(SINKS["--at"], "x=pi/4")
write(read("x**2 + 0.5*y").expression)

events, watching = [], True
sys.addaudithook(lambda event, arguments: events.append((event, repr(arguments)[:200])) if watching else None)
for name, sink in SINKS.items():
    for text in corpus.HOSTILE if name == "expression" else [*corpus.SHORT, *corpus.HOSTILE_POINTS]:
        use(sink, text)
watching = False
print(json.dumps(events))
"""

HARMLESS = {"sys._getframe", "builtins.id", "object.__getattr__", "object.__setattr__", "gc.get_objects"}


def test_nothing_is_compiled_imported_opened_or_started(tmp_path):
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", WATCH],
        cwd=tmp_path,
        env={"PYTHONPATH": here},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    events = [event for event in json.loads(done.stdout) if event[0] not in HARMLESS]
    assert events == []
    assert list(tmp_path.iterdir()) == []


FORBIDDEN = {"sympify", "parse_expr", "lambdify", "eval", "exec", "compile", "pickle", "marshal", "execfile", "S_"}
ALLOWED = {
    ("userfile", "exec"): "loading the file that a person named for it",
    ("userfile", "compile"): "the same",
    ("workers", "pickle"): "between this process and its own children",
}


def test_the_package_calls_nothing_that_evaluates_text():
    found = {
        f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)} {name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in names_used(node)
        if name in FORBIDDEN and (path.relative_to(PACKAGE).parts[0].removesuffix(".py"), name) not in ALLOWED
    }
    assert found == set()


def names_used(node):
    if isinstance(node, ast.Import):
        yield from [alias.name.split(".")[0] for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        yield (node.module or "").split(".")[0]
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name):
            yield function.id
        elif isinstance(function, ast.Attribute) and not is_ours(function):
            yield function.attr


def is_ours(function):
    """re.compile, and Expression.compile, which is a method of ours that reads text with our parser."""
    return (
        function.attr == "compile"
        and isinstance(function.value, ast.Name)
        and function.value.id in ("re", "Expression", "cls")
    )
