"""A person's own file: found, loaded, called, and held to what it returns, however hostile it is."""

from __future__ import annotations

import json
import sys
import textwrap

import numpy as np
import pytest

from gradcli import workers
from gradcli.check import check_gradient
from gradcli.errors import GradcliError, LimitError
from gradcli.userfile import is_user_code, load, parse, point_at
from gradcli.userfile.stacked import Stacked

GOOD = """
    import numpy as np
    def loss(w): return float(np.sum(w ** 2))
    def grad(w): return 2 * w
    x0 = np.array([1.0, 2.0])
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Every test stands in a folder of its own, and leaves no modules and no path behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.fixture
def write(folder):
    def write(text, name="model.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return name

    return write


@pytest.fixture
def refused(write):
    """Load a file that is no good; what the person is told."""

    def refused(text, *, target="model.py", at=None):
        write(text)
        with pytest.raises(GradcliError) as failure:
            load(target, at=at)
        return failure.value

    return refused


def problem(target, **options):
    [only] = load(target, **options)
    return only


def test_loss_grad_and_x0_are_found_by_name(write):
    found = problem(write(GOOD))
    assert found.name == "model.py:loss"
    assert list(found.parameters) == ["w[0]", "w[1]"]
    assert found.function(found.point) == 5.0
    assert list(found.gradient([3, 4])) == [6.0, 8.0]
    assert found.source[1] == 4


@pytest.mark.parametrize(
    ("target", "place", "names"),
    [
        ("model.py", "model.py", ()),
        ("model.py:f", "model.py", ("f",)),
        ("model.py:f,g", "model.py", ("f", "g")),
        ("model.py: f , g", "model.py", ("f", "g")),
        ("a.b:Model.f", "a.b", ("Model.f",)),
        ("C:\\x.py", "C:\\x.py", ()),
        ("C:\\x.py:f,g", "C:\\x.py", ("f", "g")),
        ("C:/x.py:f", "C:/x.py", ("f",)),
        ("dir/a:b.py", "dir/a:b.py", ()),
    ],
)
def test_a_target_is_taken_apart_at_its_last_colon(target, place, names):
    assert (parse(target).place, parse(target).names) == (place, names)


@pytest.mark.parametrize("target", ["model.py:", "model.py:a,b,c", "a b:loss", "x**2", "a-b:loss"])
def test_a_target_that_cannot_be_read_is_refused(target):
    with pytest.raises(GradcliError) as refused:
        parse(target)
    assert ":loss" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("m.py", True), ("m.py:f", True), ("a.b:f", True), ("a:f,g", True), ("C:\\m.py:f", True),
        ("x**2", False), ("linreg", False), ("x", False), ("x.y", False), ("sin(x)" * 20_000, False),
    ],
)  # fmt: skip
def test_files_and_modules_are_told_from_expressions(text, yes):
    assert is_user_code(text) is yes


def test_other_functions_are_named_after_a_colon(write):
    write("def f(x): return x ** 3\ndef g(x): return 3 * x ** 2\nx0 = 2.0\n")
    assert problem("model.py:f,g").gradient([2.0]) == [12.0]


@pytest.mark.parametrize(
    "name", ["grad_f", "gradient_f", "f_grad", "f_gradient", "f_prime", "df", "d_f", "gradf", "grad"]
)
def test_the_gradient_of_a_named_function_is_found(write, name):
    write(f"def f(x): return x ** 2\ndef {name}(x): return 2 * x\nx0 = 3.0\n")
    assert problem("model.py:f").gradient([3.0]) == [6.0]


def test_a_grad_that_belongs_to_loss_is_not_taken_for_another(refused):
    failure = refused("def loss(x): return x\ndef grad(x): return 1\ndef f(x): return x\nx0 = 3.0", target="model.py:f")
    assert failure.message == "no gradient found for f"
    assert failure.hint == "write a function grad_f, or let f return (value, gradient)"


def test_one_function_may_return_value_and_gradient(write):
    found = problem(write("def loss(x): return x ** 2, 2 * x\nx0 = 3.0"))
    assert found.function([3.0]) == 9.0
    assert found.gradient([3.0]) == [6.0]


def test_a_loss_that_returns_more_than_its_value_works_with_a_gradient_of_its_own(write):
    found = problem(write("def loss(x): return x ** 2, {'cache': x}\ndef grad(x): return 2 * x\nx0 = 3.0"))
    assert found.function([3.0]) == 9.0


def test_a_loss_of_two_numbers_is_not_a_value_and_a_gradient(refused):
    failure = refused("def loss(x): return [x[0] ** 2, x[1] ** 2]\ndef grad(x): return 2 * x\nx0 = [1.0, 2.0]")
    assert "an array of shape (2,) instead of a number" in failure.message


def test_several_losses_are_all_checked_or_one(write):
    write("""
        def loss_a(x): return x ** 2
        def grad_a(x): return 2 * x
        def loss_b(y): return sum(y)
        def grad_b(y): return [1.0, 1.0]
        x0 = 1.0
        x0_b = [1.0, 2.0]
    """)
    assert [(one.name, list(one.parameters)) for one in load("model.py")] == [
        ("model.py:loss_a", ["x"]),
        ("model.py:loss_b", ["y[0]", "y[1]"]),
    ]
    assert problem("model.py:loss_b").name == "model.py:loss_b"


def test_helpers_beside_a_loss_are_left_out_and_said(write):
    found = problem(write(GOOD + "    def loss_of_one(a, b): return a\n    def loss_grad(w): return None\n"))
    assert found.function.notes == ("loss_of_one has no gradient grad_of_one and was not checked",)


def test_a_loss_without_gradient_among_several_is_an_error(refused):
    failure = refused("def loss_a(x): return x\ndef grad_a(x): return 1\ndef loss_b(x): return x\nx0 = 1.0")
    assert failure.message == "no gradient found for loss_b"


def test_a_method_may_be_named(write):
    write(
        "class M:\n    x0 = 1.0\n    @staticmethod\n    def loss(x): return x\n    @staticmethod\n    def grad(x): return 1.0\n"
    )
    assert problem("model.py:M.loss").gradient([1.0]) == [1.0]


def test_a_module_is_named_with_dots(write):
    write("", "package_of_mine/__init__.py")
    write("from .data import x0\ndef loss(x): return x\ndef grad(x): return 1\n", "package_of_mine/model.py")
    write("x0 = 1.0", "package_of_mine/data.py")
    assert problem("package_of_mine.model:loss").point == [1.0]
    with pytest.raises(GradcliError, match="relative import") as failure:
        load("package_of_mine/model.py")
    assert failure.value.hint == "name it as a module, from the folder above its package: package.module:loss"


def test_modules_beside_the_file_are_found_and_it_is_not_main(write):
    write("x0 = 1.0", "data_beside_it.py")
    write(
        "from data_beside_it import x0\nassert __name__ != '__main__'\ndef loss(x): return x\ndef grad(x): return 1\n",
        "inner/model.py",
    )
    with pytest.raises(GradcliError, match="No module named 'data_beside_it'"):
        load("inner/model.py")
    write("x0 = 1.0", "inner/data_beside_it.py")
    assert problem("inner/model.py").name == "inner/model.py:loss"


def test_dataclasses_and_pickles_find_the_module(write):
    write(
        GOOD
        + "    import dataclasses, pickle\n    @dataclasses.dataclass\n    class A:\n        x: 'int'\n    pickle.dumps(A(1))\n"
    )
    load("model.py")


def test_a_file_is_read_afresh(write):
    write("def loss(x): return x + 1\ndef grad(x): return 1\nx0 = 1.0\n")
    assert problem("model.py").function([1.0]) == 2.0
    write("def loss(x): return x - 1\ndef grad(x): return 1\nx0 = 1.0\n")
    assert problem("model.py").function([1.0]) == 0.0


def test_a_file_named_like_a_module_of_python_hurts_nobody(write):
    write("raise RuntimeError('not me')", "secrets.py")
    write(GOOD, "random.py")
    assert problem("random.py").function([1.0, 1.0]) == 2.0
    np.random.default_rng(0)


NOT_THERE = {
    "a typo": ("modle.py", "there is no file modle.py", "did you mean model.py?"),
    "a folder": (".", ". is a folder", None),
    "a folder with a slash": ("./", "./ is a folder", "name a file in it: model.py"),
    "another kind of file": ("./model.txt", "model.txt is not a Python file", None),
    "a module": ("no_such_module_here:loss", "there is no module no_such_module_here", None),
    "a function": ("model.py:lss", "model.py has no function lss", "did you mean model.py:loss?"),
    "a gradient": ("model.py:loss,gard", "model.py has no function gard", "did you mean model.py:grad?"),
    "no function": ("model.py:x0", "x0 in model.py is an object of type ndarray, not a function", None),
}


@pytest.mark.parametrize("kind", NOT_THERE)
def test_what_is_not_there_is_said_with_what_is(write, folder, kind):
    target, message, hint = NOT_THERE[kind]
    write(GOOD)
    (folder / "model.txt").write_text("")
    with pytest.raises(GradcliError) as refused:
        load(target)
    assert message in refused.value.message
    assert hint is None or refused.value.hint == hint


def test_a_file_without_a_loss_names_its_functions(refused):
    failure = refused("def f(x): return x\ndef g(x): return 1\nx0 = 1.0")
    assert failure.message == "model.py has no function loss"
    assert failure.hint == "name the functions to check, model.py:f,g; it has f, g"


RAISING = {
    "exit": ("import sys\nsys.exit(0)", "loading model.py called sys.exit(0) (model.py:2)"),
    "quit in the loss": ("def loss(x): exit()\ndef grad(x): return 1\nx0 = 1.0", "loss called sys.exit() (model.py:1) at x = 1.0"),
    "an exception": ("1 / 0", "loading model.py raised ZeroDivisionError: division by zero (model.py:1)"),
    "a missing module": ("import not_there_at_all", "No module named 'not_there_at_all' (model.py:1)"),
    "no Python": ("def loss(x:\n    pass", "model.py:1: '(' was never closed (SyntaxError)"),
    "bad indentation": ("if 1:\nx = 1", "model.py:2: expected an indented block"),
    "null bytes": ("x = '\0'", "null bytes"),
    "in the loss": (
        "def loss(x):\n    y = x\n    return y / 0\ndef grad(x): return 1\nx0 = 1.0",
        "loss raised ZeroDivisionError: float division by zero (model.py:3) at x = 1.0",
    ),
    "outside the domain at x0": (
        "import math\ndef loss(x): return math.log(x)\ndef grad(x): return 1 / x\nx0 = -1.0",
        "loss raised ValueError: math domain error (model.py:2) at x = -1.0",
    ),
    "in the gradient": (
        "def loss(x): return x[0]\ndef grad(x): return y\nx0 = [1, 2, 3, 4, 5]",
        "grad raised NameError: name 'y' is not defined (model.py:2) at x[0] = 1.0, x[1] = 2.0, x[2] = 3.0, x[3] = 4.0, .. (5 parameters)",
    ),
    "deep in NumPy": (
        "import numpy as np\ndef loss(x): return np.linalg.inv(x).sum()\ndef grad(x): return x\nx0 = np.zeros((2, 2))",
        "LinAlgError: Singular matrix (model.py:2)",
    ),
    "recursion": ("def loss(x): return loss(x)\ndef grad(x): return 1\nx0 = 1.0", "RecursionError: maximum recursion depth"),
    "an exception of no words": (
        "class E(Exception):\n    def __str__(self): raise E\ndef loss(x): raise E\ndef grad(x): return 1\nx0 = 1.0",
        "loss raised E (model.py:3) at x = 1.0",
    ),
    "no exception at all": (
        "class E(BaseException): pass\ndef loss(x): raise E('out')\ndef grad(x): return 1\nx0 = 1.0",
        "loss raised E: out (model.py:2)",
    ),
    "x0": ("def x0(): return 1 / 0\ndef loss(x): return x\ndef grad(x): return 1", "x0 raised ZeroDivisionError"),
    "the value": ("def loss(x): return [x, x, x]\ndef grad(x): return 1\nx0 = 1.0", "an array of shape (3,) instead"),
    "no value": ("def loss(x): x * x\ndef grad(x): return 1\nx0 = 1.0", "loss returned None"),
    "no gradient value": ("def loss(x): return x * x\ndef grad(x): 2 * x\nx0 = 1.0", "grad returned None"),
    "no gradient": ("def loss(x): return x * x\nx0 = 1.0", "no gradient found for loss"),
    "no x0": ("def loss(x): return x * x\ndef grad(x): return 2 * x", "model.py has no x0"),
    "x0 is no number": ("def loss(x): return x\ndef grad(x): return 1\nx0 = 'a'", "x in x0 is the text 'a'"),
    "too many arguments": (
        "def loss(x, y): return x\ndef grad(x): return 1\nx0 = 1.0",
        "loss takes 2 arguments (x, y), and is to be called with one: the parameters",
    ),
    "no arguments": ("def loss(): return 1\ndef grad(x): return 1\nx0 = 1.0", "loss takes no argument"),
    "arguments with other names": (
        "def loss(w, b): return w + b\ndef grad(w, b): return [1, 1]\nx0 = {'w': 1.0, 'c': 2.0}",
        "loss takes 2 arguments (w, b)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", RAISING)
def test_whatever_a_file_does_becomes_one_sentence(refused, kind):
    text, message = RAISING[kind]
    failure = refused(text)
    assert message in failure.message
    assert "\n" not in failure.message


def test_the_failing_line_is_shown_with_what_was_running(refused):
    failure = refused("import math\ndef loss(x):\n    return 1 + math.log(x)\ndef grad(x): return 1\nx0 = -1.0")
    assert failure.text == "return 1 + math.log(x)"
    assert failure.text[slice(*failure.span)] == "math.log(x)"


def test_a_syntax_error_is_shown_with_its_place(refused):
    failure = refused("def loss(x):\n    return x +* 2\n")
    assert failure.text == "return x +* 2"
    assert failure.text[failure.span[0]] == "*"


def test_ctrl_c_is_not_the_codes_doing(write):
    write("def loss(x): raise KeyboardInterrupt\ndef grad(x): return 1\nx0 = 1.0")
    with pytest.raises(KeyboardInterrupt):
        load("model.py")


def test_outside_its_domain_a_loss_has_no_value(write):
    found = problem(
        write("import math\ndef loss(x): return math.log(x)\ndef grad(x): return math.sqrt(x) ** -2\nx0 = 1.0")
    )
    assert np.isnan(found.function([-1.0]))
    assert np.isnan(found.gradient([-1.0])).all()


def test_a_gradient_that_raises_where_the_loss_has_a_value_is_an_error(write):
    found = problem(write("def loss(x): return x\ndef grad(x): return 1 if x == 1 else x / 0\nx0 = 1.0"))
    with pytest.raises(GradcliError, match=r"float division by zero .* at x = 2.0"):
        found.gradient([2.0])


def test_beside_x0_an_exception_or_a_complex_number_is_no_value(write):
    found = problem(
        write("def loss(x): return x if x == 1 else [][1] if x > 0 else x ** 0.5\ndef grad(x): return 1\nx0 = 1.0")
    )
    assert np.isnan(found.function([2.0]))
    assert np.isnan(found.function([-2.0]))


def test_an_exit_beside_x0_is_an_error(write):
    found = problem(write("def loss(x): return x if x == 1 else exit(0)\ndef grad(x): return 1\nx0 = 1.0"))
    with pytest.raises(GradcliError, match="loss called sys"):
        found.function([2.0])


def test_a_loss_that_works_at_x0_alone_is_an_error_of_the_check(write):
    found = problem(write("def loss(x): return x if x == 1 else y\ndef grad(x): return 1\nx0 = 1.0"))
    with pytest.raises(GradcliError, match="name 'y' is not defined"):
        check_gradient(found)


CALLS = {
    "by name": ("def loss(w, b): return w[0] + b\ndef grad(w, b): return {'w': [1], 'b': 1}\nx0 = {'w': [1], 'b': 2}", "w[0] b"),
    "one by name": ("def loss(w): return w ** 2\ndef grad(w): return 2 * w\nx0 = {'w': 1}", "w"),
    "any name": ("def loss(**p): return p['w']\ndef grad(**p): return {'w': 1}\nx0 = {'w': 1}", "w"),
    "with data": ("def loss(p, X=3): return p['w'] * X\ndef grad(p, X=3): return {'w': X}\nx0 = {'w': 1}", "w"),
    "by place": ("def loss(w, b): return w[0] + b\ndef grad(w, b): return [1], 1\nx0 = ([1], 2)", "w[0] b"),
    "two numbers": ("def loss(w, b): return w + b\ndef grad(w, b): return 1, 1\nx0 = (1, 2)", "w b"),
    "as many as there are": ("def loss(*p): return p[0]\ndef grad(*p): return 1\nx0 = 1", "x"),
    "a lambda": ("loss = lambda t: t\ngrad = lambda t: 1\nx0 = 1", "t"),
    "a partial": ("from functools import partial\ndef f(k, t): return k * t\nloss = partial(f, 2)\ngrad = partial(lambda k, t: k, 2)\nx0 = 1", "t"),
    "an object": ("class L:\n    def __call__(self, t): return t\nloss = L()\ndef grad(t): return 1\nx0 = 1", "t"),
    "built in": ("import math\nloss = math.exp\ngrad = math.exp\nx0 = 1", "x"),
    "x0 from a function": ("def x0(): return [1, 2]\ndef loss(t): return sum(t)\ndef grad(t): return [1, 1]", "t[0] t[1]"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CALLS)
def test_functions_are_called_the_way_they_are_written(write, kind):
    text, names = CALLS[kind]
    found = problem(write(text))
    assert list(found.parameters) == names.split()
    assert np.isfinite(found.gradient(found.point)).all()


def test_points_of_integers_lists_and_read_only_arrays_become_floats(write):
    write("""
        import numpy as np
        def loss(p):
            assert isinstance(p["a"][0], float) and p["b"].dtype == np.float64 and p["b"].flags.writeable
            return sum(p["a"]) + p["b"].sum()
        def grad(p): return {"a": [1, 1], "b": np.ones(2)}
        b = np.array([3, 4], dtype=np.int64)
        b.flags.writeable = False
        x0 = {"a": [1, 2], "b": b}
    """)
    assert problem("model.py").function([1.5, 2, 3, 4]) == 10.5


def test_changing_the_parameters_in_place_does_not_reach_us(write):
    found = problem(
        write(
            "def loss(x):\n    x *= 0\n    return x.sum()\ndef grad(x):\n    x += 1\n    return x\nimport numpy\nx0 = numpy.ones(2)"
        )
    )
    point = np.ones(2)
    found.function(point)
    found.gradient(point)
    assert list(point) == [1, 1]


def test_a_cache_by_value_works_since_parameters_are_fresh(write):
    found = problem(
        write("""
        import numpy as np
        last = None
        def loss(x):
            global last, value
            if last is None or not np.array_equal(last, x):
                last, value = x, float(np.sum(x ** 2))
            return value
        def grad(x): return 2 * x
        x0 = np.ones(2)
    """)
    )
    assert [found.function([1, 1]), found.function([2, 1]), found.function([1, 1])] == [2.0, 5.0, 2.0]


AT = {
    "zeros": [0, 0, 0],
    "1,2,3": [1, 2, 3],
    " 1, -2e-3 ,3 ": [1, -2e-3, 3],
    "W[0,1]=5": [7, 5, 9],
    "b=1,W[0,0]=-2": [-2, 8, 1],
    '{"W": [[1, 2]], "b": 3}': [1, 2, 3],
    "[1, 2, 3]": [1, 2, 3],
    "point.json": [1, 2, 9],
    "trained.json": [4, 5, 6],
    "list.json": [1, 2, 3],
    "point.npy": [1, 2, 3],
    "point.npz": [1, 2, 3],
    "numbers.csv": [1, 2, 3],
    "column.csv": [1, 2, 3],
    "header.csv": [1, 2, 3],
    "pairs.csv": [7, 2, 3],
    "titled.csv": [7, 2, 3],
}


@pytest.fixture
def matrix_model(write, folder):
    write(
        "import numpy as np\ndef loss(p): return p['W'].sum() * p['b']\ndef grad(p): return {'W': p['W'] * 0 + p['b'], 'b': p['W'].sum()}\nx0 = {'W': np.array([[7, 8]]), 'b': 9}"
    )
    (folder / "point.json").write_text('{"W": [[1, 2]]}')
    (folder / "trained.json").write_text('{"kind": "train", "parameters": {"W[0,0]": 4, "W[0,1]": 5, "b": 6}}')
    (folder / "list.json").write_text("[1, 2, 3]")
    np.save(folder / "point.npy", [1, 2, 3])
    np.savez(folder / "point.npz", W=[[1, 2]], b=3)
    (folder / "numbers.csv").write_text("# w, b\n1,2,3\n")
    (folder / "column.csv").write_text("1\n2\n3\n")
    (folder / "header.csv").write_text('"W[0,0]","W[0,1]",b\n1,2,3\n')
    (folder / "pairs.csv").write_text('"W[0,1]",2\nb,3\n')
    (folder / "titled.csv").write_text('\ufeffparameter,value\n"W[0,1]",2\nb,3\n')
    return folder


@pytest.mark.parametrize("at", AT)
def test_at_gives_another_point(matrix_model, at):
    assert list(problem("model.py", at=at).point) == AT[at]
    assert list(point_at(problem("model.py"), at)) == AT[at]


def test_a_point_may_be_given_by_name(matrix_model):
    assert list(problem("model.py", at={"b": 1, "W": [[2, 3]]}).point) == [2, 3, 1]
    with pytest.raises(GradcliError, match="there is no parameter c"):
        load("model.py", at={"c": 1})


def test_random_points_are_seeded(matrix_model):
    one, same, other = (list(problem("model.py", at="random", seed=seed).point) for seed in (1, 1, 2))
    assert one == same != other


BAD_AT = {
    "1,2": ("--at 1,2 has 2 values for 3 parameters (W[0,0], W[0,1], b)", "--at takes zeros, random"),
    "1,2,3,4": ("--at 1,2,3,4 has 4 values for 3 parameters", None),
    "7": ("--at 7 has 1 value for 3 parameters", None),
    "1,,3": ("--at 1,,3: '' is not a number", None),
    "1,x,3": ("--at 1,x,3: 'x' is not a number", None),
    "W=1": ("there is no parameter W", "W has 2 elements: W[0,0], W[0,1]"),
    "W[0,2]=1": ("there is no parameter W[0,2]", "did you mean W[0,1]?"),
    "c=1": ("there is no parameter c", "the parameters are W[0,0], W[0,1], b"),
    "b=1,2,3": ("some values have names and some have none", None),
    "b=1,b=2": ("a name is given twice", None),
    "b=nan": ("b = nan", None),
    "1,2,inf": ("b is not finite", None),
    "none.json": ("cannot read none.json: No such file or directory", None),
    "bad.json": ("bad.json is not JSON", None),
    "text.json": ("text.json has something else than numbers", None),
    "nan.json": ("NaN is not allowed", None),
    "ragged.json": ("rows of different lengths", None),
    "empty.csv": ("empty.csv is empty", None),
    "bad.csv": ("bad.csv: 'x' is not a number, in the row '1,x,3'", None),
    "three.csv": ("neither numbers, nor names above numbers", None),
    "pickled.npy": ("cannot read pickled.npy", None),
    "empty.npy": ("cannot read empty.npy", None),
    "folder.json": ("cannot read folder.json", None),
}


@pytest.mark.parametrize("at", BAD_AT)
def test_a_point_that_does_not_fit_says_why(matrix_model, at):
    message, hint = BAD_AT[at]
    for name, text in {
        "bad.json": "{", "text.json": '["a"]', "nan.json": "[NaN, 1, 2]", "ragged.json": "[[1, 2], [3]]", "empty.csv": "\n",
        "bad.csv": "1,2,3\n1,x,3\n", "three.csv": "a,b,c\n1,2,d\n1,2,3\n", "empty.npy": "",
    }.items():  # fmt: skip
        (matrix_model / name).write_text(text)
    np.save(matrix_model / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    (matrix_model / "folder.json").mkdir()
    with pytest.raises(GradcliError) as refused:
        problem("model.py", at=at)
    assert message in refused.value.message
    assert hint is None or hint in refused.value.hint


WITHOUT_X0 = {
    "a number": ("def loss(x): return x ** 2\ndef grad(x): return 2 * x", "3", ["x"]),
    "a name": ("def loss(x): return x ** 2\ndef grad(x): return 2 * x", "x=3", ["x"]),
    "an array": ("def loss(x): return (x ** 2).sum()\ndef grad(x): return 2 * x", "1,2", ["x[0]", "x[1]"]),
    "names": ("def loss(w, b): return w * b\ndef grad(w, b): return b, w", "w=1,b=2", ["w", "b"]),
    "a dict": ("def loss(p): return p['w'] * p['b']\ndef grad(p): return p['b'], p['w']", "w=1,b=2", ["w", "b"]),
    "JSON": ("def loss(p): return p['w'].sum()\ndef grad(p): return {'w': [1, 1]}", '{"w": [1, 2]}', ["w[0]", "w[1]"]),
}


@pytest.mark.parametrize("kind", WITHOUT_X0)
def test_without_an_x0_at_shows_the_shape(write, kind):
    text, at, names = WITHOUT_X0[kind]
    assert list(problem(write(text), at=at).parameters) == names


@pytest.mark.parametrize("at", ["zeros", "random", "w[0]=1"])
def test_without_an_x0_some_points_mean_nothing(refused, at):
    assert "needs an x0" in refused("def loss(w): return w\ndef grad(w): return 1", at=at).message


def test_a_stacked_loss_is_used_once_it_agrees(write):
    found = problem(
        write(
            GOOD
            + "    calls = 0\n    def losses(W):\n        assert W.ndim == 2\n        return (W ** 2).sum(axis=1)\n"
        )
    )
    assert found.function.notes == ()
    shifted = found.losses([0, 1, 0], [0.5, -1.0, 1e-6])
    assert isinstance(found.shifted, Stacked)
    np.testing.assert_array_equal(shifted, [found.function(p) for p in ([1.5, 2], [1, 1], [1 + 1e-6, 2])])


def test_a_stacked_loss_of_a_dict_has_a_leading_axis(write):
    found = problem(
        write("""
        import numpy as np
        def loss(p): return np.sum(p["w"] ** 2) + p["b"]
        def grad(p): return {"w": 2 * p["w"], "b": 1}
        def losses(p): return np.sum(p["w"] ** 2, axis=(1, 2)) + p["b"]
        x0 = {"w": np.ones((2, 3)), "b": 1.0}
    """)
    )
    assert isinstance(found.shifted, Stacked)
    assert list(found.losses([0, 6], [1.0, 1.0])) == [10.0, 8.0]


STACKED = {
    "other values": ("def losses(W): return (W ** 2).sum(axis=1) * (1 + 1e-9)", "it gave"),
    "one value": ("def losses(W): return (W ** 2).sum()", "returned shape () for 5 points"),
    "another meaning": ("def losses(w): return w ** 2", "returned shape (5, 2) for 5 points"),
    "other arguments": ("def losses(a, b): return a", "raised TypeError"),
    "an exit": ("def losses(w): exit()", "called sys.exit()"),
    "normalised over the rows": ("def losses(W): return (W ** 2).sum(axis=1) / len(W) * 2.5 / 2.5", "it gave"),
}


@pytest.mark.parametrize("kind", STACKED)
def test_a_stacked_loss_that_disagrees_is_not_used_and_said(write, kind):
    text, reason = STACKED[kind]
    found = problem(write(GOOD + f"    {text}\n"))
    assert not isinstance(found.shifted, Stacked)
    [note] = found.function.notes
    assert note.startswith("losses, of many points at once, was not used: ")
    assert reason in note


def test_a_list_named_losses_is_none_of_our_business(write):
    found = problem(write(GOOD + "    losses = []\n"))
    assert not isinstance(found.shifted, Stacked)
    assert found.function.notes == ()


def test_warnings_stay_warnings(write):
    write("import warnings\ndef loss(x):\n    warnings.warn('careful')\n    return x\ndef grad(x): return 1\nx0 = 1.0")
    with pytest.warns(UserWarning, match="careful"):
        load("model.py")


def values_of(target):
    """What a worker does with a file: load it, and say what it found in words that travel."""
    return [
        (one.name, list(one.parameters), one.function(one.point), list(one.gradient(one.point))) for one in load(target)
    ]


def in_worker(target, timeout=20.0):
    return workers.call(values_of, target, timeout=timeout, memory=None)


def test_prints_do_not_reach_standard_output(write, capfd):
    write(
        "import os\nprint('at import')\ndef loss(x):\n    print('in loss')\n    os.write(1, b'by number')\n    return x\ndef grad(x): return 1\nx0 = 1.0"
    )
    assert in_worker("model.py") == [("model.py:loss", ["x"], 1.0, [1.0])]
    out, err = capfd.readouterr()
    assert out == ""
    assert "at import" in err
    assert "by number" in err


IN_WORKER = {
    "an endless loop": ("def loss(x):\n    while True: pass", LimitError, ""),
    "an endless import": ("while True: pass", LimitError, ""),
    "os._exit": ("import os\ndef loss(x): os._exit(0)", GradcliError, ""),
    "os._exit at import": ("import os\nos._exit(0)", GradcliError, ""),
    "a crash": ("import os, signal\ndef loss(x): os.kill(os.getpid(), signal.SIGSEGV)", GradcliError, ""),
    "an exit": ("def loss(x): exit(0)", GradcliError, "loss called sys.exit(0) (model.py:1)"),
    "KeyboardInterrupt": ("def loss(x): raise KeyboardInterrupt", GradcliError, "loss raised KeyboardInterrupt"),
    "an exception that cannot travel": (
        "class E(Exception):\n    def __init__(self, a, b): self.f = lambda: 0\ndef loss(x): raise E(1, 2)",
        GradcliError,
        "loss raised E",
    ),
    "recursion": ("def loss(x): return loss(x)", GradcliError, "RecursionError"),
}


@pytest.mark.parametrize("kind", IN_WORKER)
def test_a_worker_survives_its_file(write, kind):
    text, expected, message = IN_WORKER[kind]
    write(text + "\ndef grad(x): return 1\nx0 = 1.0\n")
    with pytest.raises(expected) as failure:
        in_worker("model.py", timeout=1.0)
    assert message in failure.value.message


def test_points_and_notes_are_plain_data(write):
    found = problem(write(GOOD))
    assert json.dumps(list(map(float, found.point))) == "[1.0, 2.0]"
