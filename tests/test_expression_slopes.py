"""Exact values and slopes at odd places: overflow, poles, choices without a branch, points near zero.

Most were found by test_fuzz.py; the truths are from the definitions.
"""

import math

import pytest
from mpmath import mp, mpf

from gradcli.errors import GradcliError
from gradcli.expression import Expression
from gradcli.problem import Nature, Slope


def slope(text, variable=None, **point):
    expression = Expression.compile(text, named=point)
    return expression.slope(list(point.values()), variable or expression.variables[0])


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("Ei(x)", 1e6),
        ("erfi(x)", 1e3),
        ("airybi(x)", 1e6),
        ("besseli(0, x)", 1e6),
        ("Shi(x)", 1e5),
        ("sin(exp(x))", 1e5),
        ("exp(x)*sin(x) - exp(2*x)", 1e6),
        ("Mod(x**x, 7)", 9999.0),
    ],
)
def test_what_is_too_large_to_be_computed_is_not_outside_of_the_domain(text, x):
    assert slope(text, x=x) == Slope(None)


@pytest.mark.parametrize(
    "text", ["Ei(x)", "Chi(x)", "1/x", "gamma(x)", "bessely(0, x)", "log(x)", "x**-0.5", "x**-1e-40"]
)
def test_a_pole_at_zero_has_no_value(text):
    found = slope(text, x=0.0)
    assert found.value is None
    assert found.nature in (Nature.POLE, Nature.OUTSIDE)


@pytest.mark.parametrize("text", ["x % y", "trigamma(pi) % y", "0.3 % y", "fmod(x, y)", "trigamma(pi) % -y"])
def test_a_remainder_by_zero_has_no_value(text):
    assert math.isnan(Expression.compile(text, named=["x", "y"]).exact_value([0.5, 0.0]))
    assert slope(text, "y", x=0.5, y=0.0).nature is not None


@pytest.mark.parametrize(
    "text", ["sinc(Piecewise((0, x < 0)))", "0*Piecewise((1, x < 0))", "x + 0*where(x < 0, x, log(-x))"]
)
def test_a_choice_without_a_value_is_not_forgotten_when_it_cancels(text):
    assert slope(text, x=-1.0).value is not None
    assert slope(text, x=1.0) == Slope(None, nature=Nature.OUTSIDE)


@pytest.mark.parametrize("text", ["where(x < 2, x/x, 1)", "Piecewise((x/x, x <= x))", "x*where(x > 2, 1, 1/x - 1/x)"])
def test_what_a_chosen_branch_needs_is_not_forgotten_when_it_cancels(text):
    assert slope(text, x=0.0) == Slope(None, nature=Nature.OUTSIDE)
    assert slope(text, x=1.0).value == 0.0


def test_what_a_branch_needs_that_is_not_chosen_is_not_asked():
    assert slope("where(x < 2, x, x*log(x - 2)/log(x - 2))", x=1.0).value == 1.0


def test_a_branch_that_is_not_chosen_needs_no_value():
    assert slope("x + 0*where(x < 0, x, log(x))", x=-1.0).value == 1.0


@pytest.mark.parametrize("text", ["sqrt(-x**2)", "(-x**4)**0.5", "x + (-x**4)**0.25", "sqrt(-2*(x - 1)**2)"])
def test_a_root_of_what_is_never_positive_is_refused(text):
    with pytest.raises(GradcliError, match="has no real value"):
        Expression.compile(text)


def test_zero_to_a_power_ends_at_zero():
    assert slope("y**x", "x", y=0.0, x=0.0).nature is Nature.EDGE


@pytest.mark.parametrize("x", [1e-300, 1e-200, 1e-30])
def test_a_slope_near_zero_is_seen_beside_a_large_value(x):
    assert slope("x**x - x", x=x).value == pytest.approx(math.log(x), rel=1e-15)


def test_a_logarithm_to_the_base_1_has_no_value_although_it_cancels():
    assert slope("log(x, x)", x=2.0).value == 0.0
    assert slope("log(x, x)", x=1.0).nature is not None
    assert slope("log(x, x)", x=-1.0).nature is Nature.OUTSIDE


def test_a_division_by_zero_within_a_rule_is_no_formula():
    expression = Expression.compile("elliptic_pi(x, x)")
    assert expression.formula("x") is None
    with mp.workdps(60):
        truth = mp.diff(lambda x: mp.ellippi(x, x), mpf(0.5), h=mpf(10) ** -25)
    assert expression.slope([0.5], "x").value == pytest.approx(float(truth), rel=1e-15)


def test_choices_within_conditions_have_a_derivative():
    text = "Piecewise((x**2, not Piecewise((x, N != e)) < 1))"
    assert slope(text, x=3.0, N=1.0).value == 6.0
    assert slope(text, x=0.5, N=1.0).nature is Nature.OUTSIDE


def test_a_condition_that_is_looked_at_has_to_have_a_value():
    for text in ("where(2 != x/x, 1, 2) + x", "Piecewise((1, 2 != x/x), (2, True)) + x"):
        assert slope(text, x=1.0).value == 1.0
        assert slope(text, x=0.0).value is None
    assert slope("Piecewise((1, x < 1), (2, 2 != x/x)) + x", x=0.0).value == 1.0


@pytest.mark.parametrize("text", ["(-e)**x", "0**x", "where(x > 5, 1, 0)**0**x"])
def test_a_power_without_a_logarithm_has_no_formula(text):
    assert Expression.compile(text).formula("x") in (None, "0")


def test_a_power_of_a_choice_keeps_its_conditions():
    expression = Expression.compile("1/Piecewise((x, x < x <= 1))")
    assert "nan" not in expression.formula("x")
    assert expression.slope([0.5], "x").nature is Nature.OUTSIDE


def test_acot_of_minus_zero_is_that_of_zero():
    assert Expression.compile("acot(-x)").exact_value([0.0]) == math.pi / 2
    assert slope("acot(-x)", x=0.0).nature is Nature.JUMP


def test_an_argument_without_a_value_leaves_none():
    assert math.isnan(Expression.compile("elu(x, log(y))").exact_value([1.0, -1.0]))


def test_huber_with_a_negative_delta_has_a_kink():
    assert slope("huber(x, -2)", x=0.0) == Slope(None, 2.0, -2.0, Nature.KINK)
    assert slope("huber(x, 2)", x=0.0).value == 0.0


def test_the_middle_of_a_step_has_a_derivative_where_the_step_is():
    expression = Expression.compile("Heaviside(x, y**2)")
    at_the_step, beside = (expression.slopes([x, 3.0]) for x in (0.0, 0.1))
    assert (at_the_step[0].nature, at_the_step[1].value) == (Nature.JUMP, 6.0)
    assert [slope.value for slope in beside] == [0.0, 0.0]


@pytest.mark.parametrize("x", [1e-30, 1e-100, 1e-200, 1e-300, 1e-320])
def test_a_slope_as_small_as_its_point_is_no_zero(x):
    assert slope("sinc(x)", x=x).value == pytest.approx(-x / 3, rel=1e-15, abs=5e-324)


@pytest.mark.parametrize("x", [1e-30, 1e-100, 1e-200])
def test_a_slope_that_cancels_to_the_fourth_power_is_seen(x):
    assert slope("(1 - cos(x))/x**2", x=x).value == pytest.approx(-x / 12, rel=1e-15)


@pytest.mark.parametrize("x", [1e-300, 1e-100, -1e-100])
def test_numbers_that_agree_before_a_small_coordinate_shows_are_not_believed(x):
    assert slope("elliptic_f(3, x)", x=x).value == pytest.approx((3 / 2 - math.sin(6) / 4) / 2, rel=1e-15)


def test_the_exponential_of_a_hundred_thousand_is_no_obstacle():
    assert slope("log(1 + exp(x))", x=1e5).value == 1.0


@pytest.mark.parametrize("text", ["Mod(e, x)", "fmod(e, x)"])
@pytest.mark.parametrize("x", [1e-8, 1e-12, 1e-30, 1e-300])
def test_a_remainder_by_a_tiny_number_has_the_slope_of_its_quotient(text, x):
    with mp.workprec(2000):
        assert slope(text, x=x) == Slope(float(-mp.floor(mp.e / mpf(x))))
