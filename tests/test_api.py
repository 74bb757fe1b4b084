"""The Python face: four functions, a report, and nothing loaded before it is used."""

from __future__ import annotations

import doctest
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import gradcli
from gradcli import Cause, GradcliError, Nature, Verdict, assert_gradient, check_gradient, derivative, gradient

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=20)


def loss(w):
    return np.mean((X @ w - Y) ** 2)


def grad(w):
    return 2 * X.T @ (X @ w - Y) / len(Y)


def doubled(w):
    return 2 * grad(w)


W = np.array([0.5, -1.0, 2.0])


def test_importing_gradcli_loads_neither_numpy_nor_sympy():
    heavy = "{'numpy', 'sympy', 'rich', 'typer', 'matplotlib'}"
    code = f"import sys, gradcli; dir(gradcli); print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_every_public_name_is_there():
    assert all(getattr(gradcli, name) for name in gradcli.__all__)
    assert set(gradcli.__all__) <= set(dir(gradcli))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        gradcli.nothing  # noqa: B018


def test_a_right_gradient_passes():
    report = check_gradient(loss, grad, W)
    assert report.verdict == Verdict.PASS
    assert report.target == "loss"
    assert [row.parameter for row in report] == ["w[0]", "w[1]", "w[2]"] * 2
    assert report.diagnoses == ()


def test_a_wrong_gradient_fails_and_is_named():
    report = check_gradient(loss, doubled, W)
    assert report.verdict == Verdict.FAIL
    assert [diagnosis.cause for diagnosis in report.diagnoses] == [Cause.FACTOR]


def test_the_assertion_says_what_the_report_says():
    with pytest.raises(AssertionError) as failure:
        assert_gradient(loss, doubled, W)
    message = str(failure.value)
    assert message.startswith("fail: loss: 3 of 3 partials at 2 points: 6 fail")
    assert "cause factor: " in message
    assert "w[2]" in message
    assert message.count("\n") >= 8


def test_the_assertion_is_quiet_where_all_is_well():
    assert assert_gradient(loss, grad, W) is None


def test_a_long_assertion_is_cut():
    with pytest.raises(AssertionError) as failure:
        assert_gradient(lambda x: np.sum(x**2), lambda x: 3 * x, np.ones(50))
    assert "the worst 20 of 100 rows:" in str(failure.value)
    assert len(str(failure.value).splitlines()) < 30


def test_a_partial_that_cannot_be_judged_is_not_right_unless_allowed():
    def uneven(x):
        return x[0] ** 2 + np.sqrt(abs(x[1]))

    def slopes(x):
        return [2 * x[0], 0.0]

    points = [[1.0, 0.0]]
    with pytest.raises(AssertionError, match="undefined"):
        assert_gradient(uneven, slopes, [1.0, 0.0], points=points)
    assert_gradient(uneven, slopes, [1.0, 0.0], points=points, allow_unresolved=True)


def test_a_loss_that_returns_both_needs_no_gradient():
    assert check_gradient(lambda w: (loss(w), grad(w)), None, W).verdict == Verdict.PASS
    with pytest.raises(GradcliError, match="no gradient found for loss"):
        check_gradient(loss, None, W)


@pytest.mark.parametrize("kind", [list, tuple, np.array, np.float32])
def test_x0_may_be_of_any_kind(kind):
    x0 = kind([1, 2, 3])
    assert check_gradient(lambda x: sum(a * a for a in x), lambda x: [2 * a for a in x], x0).verdict == Verdict.PASS


def test_parameters_may_be_a_dict_of_arrays():
    def net(p):
        return float(np.sum(np.tanh(X @ p["W"] + p["b"]) ** 2))

    def slopes(p):
        a = np.tanh(X @ p["W"] + p["b"])
        dz = 2 * a * (1 - a**2)
        return {"W": X.T @ dz, "b": dz.sum(axis=0)}

    report = check_gradient(net, slopes, {"W": np.ones((3, 2)) / 3, "b": np.zeros(2)}, only="b*")
    assert report.verdict == Verdict.PASS
    assert {row.parameter for row in report} == {"b[0]", "b[1]"}
    assert report.partials == 8


def test_points_may_be_counted_or_given():
    assert len(check_gradient(loss, grad, W, points=1)) == 3
    assert len(check_gradient(loss, grad, W, points=3)) == 9
    report = check_gradient(loss, grad, W, points=[[1, 2, 3], np.zeros(3)])
    assert [row.value for row in report] == [1, 2, 3, 0, 0, 0]
    with pytest.raises(GradcliError, match="points is 0"):
        check_gradient(loss, grad, W, points=0)
    with pytest.raises(GradcliError, match=r"point 0 has a list of shape \(2,\), x0 has shape \(3,\)"):
        check_gradient(loss, grad, W, points=[[1, 2]])


def test_the_seed_repeats_the_points():
    one, same, other = (check_gradient(loss, grad, W, seed=seed).points[1] for seed in (1, 1, 2))
    assert list(one) == list(same) != list(other)


def test_parameters_may_have_names():
    assert [row.parameter for row in check_gradient(loss, grad, W, points=1, names="abc")] == ["a", "b", "c"]
    with pytest.raises(GradcliError, match="there are 2 names for 3 parameters"):
        check_gradient(loss, grad, W, names="ab")
    with pytest.raises(GradcliError, match="the same name"):
        check_gradient(loss, grad, W, names="aab")


def test_a_stacked_loss_gives_the_same_verdict():
    def losses(stack):
        return np.mean((stack @ X.T - Y) ** 2, axis=1)

    assert check_gradient(loss, grad, W, losses=losses).verdict == Verdict.PASS
    assert check_gradient(loss, doubled, W, losses=losses).verdict == Verdict.FAIL


def test_a_gradient_of_the_wrong_shape_is_wrong():
    report = check_gradient(loss, lambda w: grad(w)[:2], W)
    assert report.verdict == Verdict.FAIL
    assert Cause.SHAPE in [diagnosis.cause for diagnosis in report.diagnoses]


def test_an_unseeded_loss_is_not_resolved():
    noise = np.random.default_rng(0)
    report = check_gradient(lambda w: loss(w) + noise.normal(), grad, W)
    assert report.verdict == Verdict.UNRESOLVED
    assert Cause.NONDETERMINISTIC in [diagnosis.cause for diagnosis in report.diagnoses]


def test_an_exception_is_chained_with_its_point():
    def broken(w):
        return w[7]

    with pytest.raises(GradcliError, match=r"broken raised IndexError: .* at w\[0\] = 0.5, w\[1\] = -1.0") as failure:
        check_gradient(broken, grad, W)
    assert isinstance(failure.value.__cause__, IndexError)
    assert failure.value.text == "return w[7]"


def test_a_report_pickles():
    report = check_gradient(loss, doubled, W)
    again = pickle.loads(pickle.dumps(report))
    assert list(again) == list(report)
    assert again.diagnoses == report.diagnoses


def test_warnings_of_far_steps_are_not_the_callers():
    def steep(x):
        return np.sum(np.exp(700 * x))

    report = check_gradient(steep, lambda x: 700 * np.exp(700 * x), np.array([1.0]), points=1)
    assert report.verdict == Verdict.PASS


def test_a_derivative_has_an_error_that_holds():
    estimate = derivative(math.sin, 1.0)
    assert abs(estimate.slope.value - math.cos(1.0)) <= estimate.error < 1e-11


def test_a_kink_is_named_with_its_sides():
    estimate = derivative(abs, 0.0)
    assert estimate.slope.value is None
    assert estimate.slope.nature == Nature.KINK
    assert (estimate.slope.left, estimate.slope.right) == pytest.approx((-1, 1))


def test_outside_the_domain_there_is_no_derivative():
    assert derivative(math.log, -1.0).slope.nature == Nature.OUTSIDE


@pytest.mark.parametrize("method", ["forward", "backward", "central", "five-point"])
def test_a_method_may_be_chosen(method):
    estimate = derivative(math.exp, 0.0, method=method)
    assert estimate.method == method
    assert estimate.slope.value == pytest.approx(1, rel=1e-7)


def test_the_articles_number_comes_out():
    assert derivative(lambda x: x**2, 3.0, method="forward", step=1e-6).slope.value == pytest.approx(6.000001, abs=1e-8)


def test_higher_orders_work():
    assert derivative(math.exp, 0.0, order=2).slope.value == pytest.approx(1, rel=1e-6)


def test_a_gradient_is_given_by_name():
    found = gradient(lambda p: p["a"] * p["b"][0], {"a": 2.0, "b": [3.0]})
    assert {name: estimate.slope.value for name, estimate in found.items()} == pytest.approx({"a": 3, "b[0]": 2})


def test_a_mistake_in_the_call_is_said():
    with pytest.raises(GradcliError, match="there is no method centre"):
        derivative(math.exp, 0.0, method="centre")
    with pytest.raises(GradcliError, match="there are 2 variables"):
        derivative(sum, [1.0, 2.0])


def test_an_expression_is_differentiated_exactly():
    estimate = derivative("x**2", 3)
    assert (estimate.slope.value, estimate.method) == (6.0, "symbolic")
    assert derivative("x**3", 2, order=2).slope.value == 12.0
    assert derivative("5", 3).slope.value == 0.0
    assert derivative("abs(x)", 0).slope.nature == Nature.KINK
    assert {name: one.slope.value for name, one in gradient("x**2*y", {"x": 1, "y": 2}).items()} == {"x": 4, "y": 1}
    assert derivative("x**2", 3, method="central").slope.value == pytest.approx(6)
    with pytest.raises(GradcliError, match="has 2 variables: x, y"):
        derivative("x*y", 3)
    with pytest.raises(GradcliError, match="y in x\\*y has no value"):
        gradient("x*y", {"x": 3})


def test_the_examples_in_the_docstrings_hold():
    from gradcli import api

    assert doctest.testmod(api).failed == 0
