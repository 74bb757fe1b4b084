"""What the guards see in functions that are not functions, and that they see nothing in those that are."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from gradcli.check.guards import EVALUATIONS, inspect
from gradcli.errors import GradcliError
from gradcli.problem import Problem
from gradcli.report import Cause, Verdict
from gradcli.userfile.usercode import Functions, problem_of

POINTS = ([1.0, 2.0, -0.5], [1.1, 1.9, -0.4])


def problem(text, x0=None):
    """A problem of the loss and grad in a text; every test has its own."""
    space = {"np": np}
    exec(textwrap.dedent(text), space)  # the tests' own text
    x0 = space.get("x0", np.array(POINTS[0])) if x0 is None else x0
    return problem_of(Functions(space["loss"], space.get("grad")), x0, name="text")


def findings(text, points=POINTS):
    return inspect(problem(text), points)


SQUARES = "def loss(x): return np.sum(x ** 2)\n"
PURE = {
    "squares": SQUARES + "def grad(x): return 2 * x",
    "value and gradient": "def loss(x): return np.sum(x ** 2), 2 * x",
    "seeded dropout": """
        def mask(x): return np.random.default_rng(0).random(x.shape) > 0.5
        def loss(x): return np.sum(mask(x) * x ** 2)
        def grad(x): return 2 * x * mask(x)
    """,
    "a cache with a key": """
        cache = {}
        def loss(x):
            cache[x.tobytes()] = 2 * x
            return np.sum(x ** 2)
        def grad(x):
            if x.tobytes() not in cache: loss(x)
            return cache[x.tobytes()]
    """,
    "a reused buffer": """
        buffer = np.zeros(3)
        def loss(x): return np.sum(x ** 2)
        def grad(x):
            np.multiply(x, 2, out=buffer)
            return buffer
    """,
    "counted calls": """
        calls = 0
        def loss(x):
            global calls
            calls += 1
            return np.sum(x ** 2)
        def grad(x): return 2 * x
    """,
    "a huge offset": "def loss(x): return 1e8 + np.sum(x ** 2)\ndef grad(x): return 2 * x",
    "its own copy changed": SQUARES + "def grad(x):\n    x = x.copy()\n    x *= 2\n    return x",
}


@pytest.mark.parametrize("kind", PURE)
def test_nothing_is_found_in_pure_functions(kind):
    assert findings(PURE[kind]) == ()


IMPURE = {
    "unseeded dropout": (
        """
        rng = np.random.default_rng(0)
        def loss(x): return np.sum((rng.random(3) > 0.5) * x ** 2) + rng.random()
        def grad(x): return 2 * x
        """,
        Cause.NONDETERMINISTIC, Verdict.UNRESOLVED, "loss gave",
    ),
    "a noisy gradient": (
        SQUARES + "rng = np.random.default_rng(0)\ndef grad(x): return 2 * x * (rng.random(3) > 0.5)",
        Cause.NONDETERMINISTIC, Verdict.UNRESOLVED, "in four calls at the same point",
    ),
    "a minibatch drawn anew": (
        """
        rng = np.random.default_rng(0)
        X = rng.normal(size=(50, 3))
        def loss(x): return np.mean((X[rng.integers(50, size=8)] @ x) ** 2)
        def grad(x):
            B = X[rng.integers(50, size=8)]
            return 2 * B.T @ (B @ x) / 8
        """,
        Cause.NONDETERMINISTIC, Verdict.UNRESOLVED, "loss gave",
    ),
    "a buffer that accumulates": (
        SQUARES + "g = np.zeros(3)\ndef grad(x):\n    global g\n    g += 2 * x\n    return g",
        Cause.ACCUMULATED, Verdict.FAIL, "grad gave",
    ),
    "a list that accumulates": (
        SQUARES + "g = [0, 0, 0]\ndef grad(x):\n    for i in range(3): g[i] += 2 * x[i]\n    return g",
        Cause.ACCUMULATED, Verdict.FAIL, "grad gave",
    ),
    "momentum": (
        SQUARES + "v = np.zeros(3)\ndef grad(x):\n    global v\n    v = 0.9 * v + 2 * x\n    return v",
        Cause.ACCUMULATED, Verdict.FAIL, "grad gave",
    ),
    "one call behind": (
        SQUARES + "g = np.zeros(3)\ndef grad(x):\n    global g\n    old, g = g, 2 * x\n    return old",
        Cause.STALE, Verdict.FAIL, "the gradient of the point before",
    ),
    "right from the second call on": (
        SQUARES + "n = 0\ndef grad(x):\n    global n\n    n += 1\n    return 2 * x if n > 2 else 0 * x",
        Cause.STALE, Verdict.FAIL, "in four calls",
    ),
    "what the loss left behind": (
        """
        def loss(x):
            global residual
            residual = x.copy()
            return np.sum(x ** 2)
        def grad(x): return 2 * residual
        """,
        Cause.STALE, Verdict.FAIL, "at the same point after loss was called at another",
    ),
    "computed once": (
        SQUARES + "g = None\ndef grad(x):\n    global g\n    if g is None: g = 2 * x\n    return g",
        Cause.CONSTANT, None, "grad is the same at two points: 4.0 for x[1]",
    ),
    "a linear loss": ("def loss(x): return np.sum(x)\ndef grad(x): return np.ones(3)", Cause.CONSTANT, None, "1.0 for x[0]"),
    "zeros": (SQUARES + "def grad(x): return np.zeros(3)", Cause.CONSTANT, None, "0.0 for x[0]"),
    "a loss that changes its argument": (
        "def loss(x):\n    x *= 2\n    return np.sum(x ** 2)\ndef grad(x): return 8 * x",
        Cause.MUTATED, Verdict.FAIL, "x[0] was 1.0 and became 2.0; grad after loss with the same array gives another",
    ),
    "a gradient that changes its argument": (
        SQUARES + "def grad(x):\n    x *= 2\n    return x",
        Cause.MUTATED, Verdict.FAIL, "grad changes the parameters it is given: x[0] was 1.0 and became 2.0; loss then",
    ),
    "a change that does no harm": (
        "def loss(x):\n    x *= np.sign(x)\n    return np.sum(x ** 2)\ndef grad(x): return 2 * np.abs(x)",
        Cause.MUTATED, None, "loss changes the parameters it is given: x[2] was -0.5 and became 0.5",
    ),
    "a list that is sorted": (
        "def loss(x):\n    x.sort()\n    return x[0]\ndef grad(x): return [0, 0, 1]\nx0 = [1.0, 2.0, -0.5]",
        Cause.MUTATED, None, "x[0] was 1.0 and became -0.5",
    ),
    "a list that grows": (
        "def loss(x):\n    x.append(1.0)\n    return sum(a * a for a in x)\ndef grad(x): return [2 * a for a in x][:3]\nx0 = [1.0, 2.0, -0.5]",
        Cause.MUTATED, Verdict.FAIL, "x[0] was 1.0 and became nan",
    ),
    "a dict whose entry is replaced": (
        "def loss(p):\n    p['w'] = p['w'] / 2\n    return np.sum(p['w'] ** 2)\ndef grad(p): return {'w': p['w'] / 2}\nx0 = {'w': np.array([1.0, 2.0, -0.5])}",
        Cause.MUTATED, Verdict.FAIL, "w[0] was 1.0 and became 0.5",
    ),
    "a gradient that the loss feels": (
        "scale = 1.0\ndef loss(x): return scale * np.sum(x ** 2)\ndef grad(x):\n    global scale\n    scale *= 0.9\n    return 2 * x",
        Cause.COUPLED, Verdict.UNRESOLVED, "at the same point after a call of grad",
    ),
    "too many numbers": (SQUARES + "def grad(x): return np.ones(4)", Cause.SHAPE, Verdict.FAIL, "shape (4,), x0 has shape (3,)"),
    "the sum of the gradient": (SQUARES + "def grad(x): return np.sum(2 * x)", Cause.SHAPE, Verdict.FAIL, "a single number"),
    "too many at the second point": (
        SQUARES + "def grad(x): return 2 * x if x[0] == 1 else np.ones(2)",
        Cause.SHAPE, Verdict.FAIL, "shape (2,)",
    ),
    "a column": (SQUARES + "def grad(x): return 2 * x[:, None]", Cause.ACCEPTED, None, "shape (3, 1)"),
    "nan": (SQUARES + "def grad(x): return [2 * x[0], np.nan, np.inf]", Cause.NOT_FINITE, None, "nan for x[1] and 1 more"),
    "integers": (
        SQUARES + "def grad(x):\n    g = np.zeros(3, dtype=int)\n    g[:] = 2 * x\n    return g",
        Cause.INTEGER_BUFFER, None, "grad returned numbers of type int64 for x",
    ),
    "booleans": ("def loss(x): return np.sum(np.maximum(x, 0))\ndef grad(x): return x > 0", Cause.INTEGER_BUFFER, None, "type bool"),
    "single precision": (
        SQUARES + "def grad(x): return (2.1 * x).astype(np.float32)",
        Cause.FLOAT32, None, "grad is computed in single precision",
    ),
    "single precision in disguise": (
        SQUARES + "def grad(x): return np.exp(x.astype(np.float32)).astype(float)",
        Cause.FLOAT32, None, "grad is computed in single precision",
    ),
    "a loss in single precision": (
        "def loss(x): return np.exp(x.astype(np.float32)).sum()\ndef grad(x): return np.exp(x)",
        Cause.FLOAT32, None, "loss is computed in single precision: it gave 10.71",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", IMPURE)
def test_what_is_impure_is_named(kind):
    text, cause, decisive, evidence = IMPURE[kind]
    found = findings(text)
    [named] = [finding for finding in found if finding.cause == cause][:1] or [found]
    assert named.decisive == decisive
    assert evidence in named.evidence
    assert named.hint or cause == Cause.ACCEPTED


@pytest.mark.parametrize(
    "kind", [kind for kind in IMPURE if kind not in ("a list that grows", "too many at the second point")]
)
def test_one_oddity_is_one_finding(kind):
    text, cause, *_ = IMPURE[kind]
    causes = {finding.cause for finding in findings(text)}
    allowed = {cause, Cause.CONSTANT, Cause.INTEGER_BUFFER, Cause.NONDETERMINISTIC}
    assert cause in causes <= allowed


def test_the_parameters_concerned_are_named():
    text = """
        def loss(p): return np.sum(p["W"] ** 2) + p["b"]
        def grad(p): return {"W": np.zeros(5), "b": np.array(1)}
        x0 = {"W": np.ones((2, 1)), "b": 1.0}
    """
    by_cause = {finding.cause: finding.parameters for finding in findings(text, [[1, 2, 3], [2, 3, 4]])}
    assert by_cause == {
        Cause.SHAPE: ("W[0,0]", "W[1,0]"),
        Cause.INTEGER_BUFFER: ("b",),
        Cause.CONSTANT: (),
    }


def test_what_was_said_when_loading_is_said_again():
    space = problem(SQUARES + "def grad(x): return 2 * x")
    noted = problem_of(
        Functions(space.function.call, space.gradient.call, notes=("a helper was left out",)), space.point, name="n"
    )
    assert [finding.evidence for finding in inspect(noted, POINTS)] == ["a helper was left out"]


def test_outside_the_domain_there_is_nothing_to_compare():
    text = "import math\ndef loss(x): return math.log(x[0])\ndef grad(x): return [1 / x[0], 0, 0]"
    [finding] = findings(text, ([-1.0, 0.0, 0.0],))
    assert finding.cause == Cause.NOT_FINITE
    assert finding.decisive is None
    assert finding.evidence.startswith("loss raised ValueError: math domain error")


def test_a_loss_that_is_nan_says_where():
    text = "def loss(x): return x[0] if x[0] > 0 else np.nan\ndef grad(x): return [1, 0, 0]"
    [finding] = findings(text, ([-1.0, 0.0, 0.0],))
    assert finding.evidence == "loss is nan at x[0] = -1.0, x[1] = 0.0, x[2] = 0.0"


def test_a_second_point_outside_the_domain_is_left_alone():
    text = "import math\ndef loss(x): return math.log(x[0])\ndef grad(x): return [1 / math.sqrt(x[0]) ** 2, 0, 0]"
    assert findings(text, ([1.0, 0, 0], [-1.0, 0, 0])) == ()


def test_without_a_second_point_one_is_made_up():
    text, cause, *_ = IMPURE["computed once"]
    assert [finding.cause for finding in findings(text, POINTS[:1])] == [cause]
    assert [finding.cause for finding in findings(text, (POINTS[0], POINTS[0]))] == [cause]


def test_a_gradient_that_raises_is_an_error():
    with pytest.raises(GradcliError, match=r"grad raised IndexError"):
        findings(SQUARES + "def grad(x): return 2 * x if x[0] == 1 else x[5]")


def test_a_problem_of_plain_functions_is_inspected_too():
    def grows(x, total=np.zeros(2)):
        total += 2 * x
        return total

    plain = Problem("plain", lambda x: float(np.sum(np.asarray(x) ** 2)), [1.0, 2.0], ["a", "b"], grows)
    assert [finding.cause for finding in inspect(plain, [plain.point])] == [Cause.ACCUMULATED]


def test_without_a_gradient_there_is_nothing_to_inspect():
    assert inspect(Problem("plain", sum, [1.0], ["a"]), [[1.0]]) == ()


def test_a_clean_inspection_costs_what_it_says():
    calls = {"loss": 0, "grad": 0}

    def loss(x):
        calls["loss"] += 1
        return float(np.sum(x**2))

    def grad(x):
        calls["grad"] += 1
        return 2 * x

    loaded = problem_of(Functions(loss, grad), np.array(POINTS[0]), name="n")
    calls.update(loss=0, grad=0)
    inspect(loaded, POINTS)
    assert calls == {"loss": EVALUATIONS, "grad": 4}


def test_roundoff_between_two_calls_is_no_noise():
    state = {"n": 0}

    def loss(x):
        state["n"] += 1
        return float(np.sum(x**2)) * (1 + 2.0**-51 * (state["n"] % 2))

    loaded = problem_of(Functions(loss, lambda x: 2 * x), np.array(POINTS[0]), name="n")
    assert inspect(loaded, POINTS) == ()
