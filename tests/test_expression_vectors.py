"""Derivatives over arrays of points, and what is said of their rounding errors, beside mpmath."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from random_functions import cases

from gradcli.expression import Expression
from gradcli.expression.arrays import ARRAYS, repeated
from gradcli.expression.bounds import EXACT, UNIT, Bounds
from gradcli.expression.numeric import Program
from gradcli.expression.pieces import DISTANCES
from gradcli.expression.singular import TESTS

MOST_LOST = 2.0**-33


def slopes(text, *columns, names=None, order=1, most_lost=MOST_LOST):
    expression = Expression.compile(text)
    vectors = expression.vectors(names or expression.variables, order)
    with np.errstate(all="ignore"):
        return vectors.slopes([np.array(column, dtype=float) for column in columns], most_lost)


def bound(text, x):
    """The relative bound on f itself at x, and its true relative error."""
    expression = Expression.compile(text)
    values = Program(expression._tape, ARRAYS).values([np.array([x])])
    (most,) = np.broadcast_to(Bounds(expression._tape).of(values)[-1].of(values[-1]), 1)
    (value,) = np.broadcast_to(values[-1], 1)
    with mp.workprec(300):
        exact = expression._exact.program.value([mpf(x)])
        return float(most / abs(exact)), float(abs(mpf(float(value)) - exact) / abs(exact))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_what_is_trusted_is_right_and_most_is_trusted(scale):
    trusted = wrong = total = 0
    for case in cases(120, scale, seed=5):
        if any(name in case.text for name in ("cube", "inverse", "square")):
            continue  # not what an expression calls them
        names = [f"x{variable}" for variable in case.partials]
        expression = Expression.compile(case.text)
        found = slopes(case.text, *[[case.point[int(name[1:])]] for name in expression.variables], names=names)
        for slope, exact in zip(found.slopes, case.partials.values(), strict=True):
            total += 1
            if not found.doubtful[0]:
                trusted += 1
                wrong += not abs(slope[0] - exact) <= MOST_LOST * abs(exact)
    assert wrong == 0
    assert trusted >= 0.9 * total


LOSING = ["x - 1", "1 - cos(x)", "exp(x) - 1", "log(1 + x)", "(1 - cos(x))/x**2", "sin(1e9*x)", "x**7 - 1", "cos(pi*x)",
          "sqrt(x + 1) - 1", "tanh(exp(x) - 1)", "x*(1/3) - x/3.1", "(exp(x) - 1)**2", "erf(log(x))", "max(x - 1, sin(x) - x)",
          "where(x < 2, cos(x) - 1, x)", "softplus(x) - 0.7", "2**x - 1", "abs(x - 1)*3"]  # fmt: skip


@pytest.mark.parametrize("text", LOSING)
@pytest.mark.parametrize("x", [1e-3, 0.4999, 1.0001, 3.0])
def test_bounds_hold_and_are_not_far_off(text, x):
    most, true = bound(text, x)
    assert true <= most
    assert most <= max(1e6 * true, 1e-9 if "1e9" not in text and x != 1e-3 else math.inf)


@pytest.mark.parametrize("text", ["x", "2*x", "-x", "x/4", "abs(x)", "max(x, 2)", "relu(-x)", "0.1", "floor(x)"])
def test_what_is_not_rounded_is_exact(text):
    expression = Expression.compile(text, variables=["x"], named=["x"])
    values = Program(expression._tape, ARRAYS).values([np.array([0.3])])
    assert Bounds(expression._tape).of(values)[-1] is EXACT


@pytest.mark.parametrize("text", ["x + 1", "x*3", "x**2", "sqrt(x)", "x/3.0"])
def test_one_rounding_is_one_unit(text):
    most, true = bound(text, 0.7391)
    assert true <= most <= 1.1 * UNIT * (2 if "/" in text else 1)


def test_digits_lost_to_underflow_are_seen():
    doubtful = slopes("1e300*exp(-x)", [10.0, 690.0, 740.0, 800.0]).doubtful
    assert doubtful.tolist() == [False, False, True, True]
    assert not slopes("y*relu(x)", [-1.0, 1.0], [2.0, 0.5]).doubtful.any()


BORDERS = {
    "abs(x)": 0, "sign(x)*x": 0, "heaviside(x)": 0, "relu(x)": 0, "leaky_relu(x, 0.1)": 0, "elu(x, 2)": 0,
    "cbrt(x)": 0, "acot(x)": 0, "li(x)": 0, "asin(x)": 1, "acos(x)": -1, "asec(x)": 1, "acsc(x)": -1, "acosh(x)": 1,
    "asech(x)": 1, "atanh(x)": 1, "acoth(x)": 1, "floor(x)": 2, "ceil(x)": -3, "x % 0.5": 1.5, "fmod(x, 0.25)": -0.75,
    "max(x, 1)": 1, "min(x, 2, 3)": 2, "where(x < 1, 1, x)": 1, "where(x <= 1, x, 2)": 1, "where(x > 1, x, 2)": 1,
    "where(x >= 2, x, 2)": 2, "besselj(0.5, x)": 0, "bessely(1, x)": 0, "besseli(0.5, x)": 0, "besselk(1, x)": 0,
    "expint(2, x)": 0, "x**1.5": 0, "hypot(x, 0)": 0, "atan2(x, -1)": 0, "huber(x, -1)": 0, "sqrt(x - 1)": 1,
}  # fmt: skip


@pytest.mark.parametrize("text", BORDERS)
def test_where_an_expression_may_not_be_smooth_it_is_in_doubt(text):
    place = BORDERS[text]
    doubtful = slopes(text, [place, place + 0.123, place - 0.123]).doubtful
    assert doubtful[0]
    assert not doubtful.all()


def test_pieces_are_known_for_every_function_that_has_them():
    assert set(DISTANCES) == set(TESTS)


@pytest.mark.parametrize("text", ["abs(sin(x) - 0.5)", "floor(10*x/3)", "max(x*x, 0.2*x)"])
def test_a_border_within_rounding_errors_is_seen(text):
    border = {"abs(sin(x) - 0.5)": math.asin(0.5), "floor(10*x/3)": 0.3, "max(x*x, 0.2*x)": 0.2}[text]
    assert slopes(text, [border, border + 1e-9, border - 1e-9]).doubtful.tolist() == [True, False, False]


def test_only_variables_that_are_asked_about_raise_doubts():
    assert slopes("abs(x)*y", [0.0], [1.0], names=["y"]).doubtful.tolist() == [False]
    assert slopes("abs(x)*y", [0.0], [1.0], names=["x"]).doubtful.tolist() == [True]


def test_a_derivative_without_a_rule_is_none():
    found = slopes("expint(x, 2) + y**2", [1.5, 2.5], [1.0, 2.0])
    assert found.slopes[0] is None
    assert found.slopes[1].tolist() == [2.0, 4.0]


@given(st.floats(-1e30, 1e30), st.integers(3, 8))
def test_small_powers_are_products(base, exponent):
    (value,) = repeated(np.array([base]), exponent)
    assert value == pytest.approx(base**exponent, rel=2e-15, abs=1e-320)
