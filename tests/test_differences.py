"""Finite differences by themselves: their rounding, and whether their error estimates hold the truth."""

import math
from random import Random

import mpmath
import pytest

from gradcli.derivation import finite_difference
from gradcli.problem import Problem
from gradcli.stencil import STENCILS

FUNCTIONS = {
    "exp": (math.exp, mpmath.exp),
    "sin": (math.sin, mpmath.sin),
    "cube": (lambda x: x * x * x - 2 * x, lambda x: x**3 - 2 * x),
    "log": (lambda x: math.log(4 + x), lambda x: mpmath.log(4 + x)),
    "tanh": (lambda x: math.tanh(3 * x), lambda x: mpmath.tanh(3 * x)),
    "wave": (lambda x: math.cos(20 * x), lambda x: mpmath.cos(20 * x)),
}


def difference(function, x, method, order=1, step=None):
    estimate, _ = finite_difference(Problem("f", function, [x], ["x"]), 0, STENCILS[method](order), step)
    return estimate


def of_one(function):
    return lambda point: function(point[0])


@pytest.mark.parametrize("method", STENCILS)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("step", [None, 1e-3])
def test_the_error_estimate_holds_the_truth_and_is_not_far_beyond(method, order, step):
    random = Random(method)
    held, ratios = 0, []
    for plain, exact in FUNCTIONS.values():
        for _ in range(20):
            x = random.uniform(-3, 3)
            found = difference(of_one(plain), x, method, order, step)
            with mpmath.workdps(50):
                truth = float(mpmath.diff(exact, x, order))
            off = abs(found.slope.value - truth)
            held += off <= 1.1 * found.error + 1e-15 * abs(truth)
            ratios.append(found.error / max(off, 1e-16 * abs(truth)))
    assert held >= 116  # of 120
    assert sorted(ratios)[60] < 30


@pytest.mark.parametrize(("x", "method"), [(1e-7, "backward"), (-1e-7, "forward"), (2e-5, "central")])
def test_near_the_edge_of_the_domain_the_error_comes_from_closer_by(x, method):
    def function(point):
        return math.sqrt(point[0] if x > 0 else -point[0])

    found = difference(function, x, method)
    truth = math.copysign(0.5 / math.sqrt(abs(x)), x)
    assert abs(found.slope.value - truth) <= 10 * found.error < abs(truth)
    assert found.evaluations >= 4


@pytest.mark.parametrize("method", ["forward", "backward", "central"])
def test_the_slope_of_a_line_is_exact_wherever_its_values_are(method):
    random = Random(3)
    for _ in range(200):
        x = random.uniform(-1, 1) * 10 ** random.uniform(-8, 8)
        assert difference(lambda point: -4 * point[0], x, method).slope.value == -4.0
