"""The rules of the verdicts: what passes, what fails, what is left open, and what is said of it."""

import math

import numpy as np
import pytest

from gradcli.check.comparison import Judged, at_a_kink, at_a_smooth_point, by_formula, by_numbers, compare_gradient
from gradcli.problem import Nature, Problem, Slope
from gradcli.reference.survey import Survey
from gradcli.report import NATURES, VERDICTS, Verdict

RTOL = 1e-6


def smooth(value, error, **more):
    return Survey(Slope(value), error, 1e-3, **more)


def verdict(ga, found):
    judged = by_numbers(ga, found, RTOL)
    assert isinstance(judged, Judged)
    return judged.verdict


@pytest.mark.parametrize(
    ("ga", "gn", "error", "expected"),
    [
        (1.0, 1.0, 1e-12, Verdict.PASS),
        (1.0 + 9e-7, 1.0, 1e-12, Verdict.PASS),
        (1.0 + 3e-6, 1.0, 1e-12, Verdict.FAIL),
        (1.00001, 1.0, 1e-7, Verdict.FAIL),
        (1.00001, 1.0, 9e-7, Verdict.FAIL),
        (1.0, 1.0, 1e-5, Verdict.UNRESOLVED),
        (1.00001, 1.0, 1e-5, Verdict.UNRESOLVED),
        (2.0, 1.0, 1e-5, Verdict.FAIL),
        (1e-20, 2e-20, 1e-30, Verdict.FAIL),
        (1e-20, -1e-20, 1e-30, Verdict.FAIL),
        (1e-20, 2e-20, 1e-18, Verdict.UNRESOLVED),
        (0.0, 1e-7, 1e-12, Verdict.FAIL),
        (1e-7, 0.0, 1e-12, Verdict.FAIL),
        (math.nan, 1.0, 1e-12, Verdict.FAIL),
        (math.inf, 1.0, 1e-12, Verdict.FAIL),
    ],
)
def test_disagreement_counts_in_units_of_the_tolerance_and_of_the_error(ga, gn, error, expected):
    assert verdict(ga, smooth(gn, error)) is expected


@pytest.mark.parametrize(
    ("steepest", "expected"), [(1.0, Verdict.PASS), (1e-7, Verdict.UNRESOLVED), (0.0, Verdict.UNRESOLVED)]
)
def test_a_zero_passes_only_beside_slopes_that_dwarf_the_error(steepest, expected):
    assert verdict(0.0, smooth(1e-13, 1e-12, steepest=steepest)) is expected


def test_a_function_that_never_moves_leaves_a_zero_open_unless_it_never_moves_at_all():
    assert verdict(0.0, smooth(0.0, 1e-9, silent=True)) is Verdict.UNRESOLVED
    assert verdict(0.0, smooth(0.0, 1e-9, silent=True, independent=True)) is Verdict.PASS
    assert verdict(1e-12, smooth(0.0, 1e-9, silent=True, independent=True)) is Verdict.UNRESOLVED
    assert verdict(0.1, smooth(0.0, 1e-9, silent=True)) is Verdict.FAIL


@pytest.mark.parametrize(
    ("ga", "expected"),
    [(0.0, Verdict.KINK), (1.0, Verdict.KINK), (-1.0, Verdict.KINK), (1.1, Verdict.FAIL), (math.nan, Verdict.FAIL)],
)
def test_at_a_kink_the_values_between_are_admissible(ga, expected):
    assert at_a_kink(ga, Survey(Slope(None, -1.0, 1.0, Nature.KINK), 1e-9), RTOL).verdict is expected


@pytest.mark.parametrize("nature", [Nature.JUMP, Nature.VERTICAL, Nature.POLE, Nature.EDGE, Nature.OUTSIDE])
@pytest.mark.parametrize("ga", [0.0, 1e9, math.nan])
def test_without_a_derivative_there_is_no_verdict(nature, ga):
    judged = by_numbers(ga, Survey(Slope(None, nature=nature)), RTOL)
    assert judged.verdict is Verdict.UNDEFINED
    assert judged.message.startswith("there is no derivative here: ")


def test_messages_are_sentences_that_say_what_would_help():
    for judged in (
        at_a_smooth_point(1.0, 2.0, smooth(2.0, 1e-9), RTOL),
        at_a_smooth_point(1.0, 1.0, smooth(1.0, 1e-3), RTOL),
        at_a_smooth_point(0.0, 0.0, smooth(0.0, 1e-3, silent=True), RTOL),
        by_numbers(1.0, Survey(Slope(None)), RTOL),
        at_a_kink(7.0, Survey(Slope(None, 0.0, 1.0, Nature.KINK), 1e-9), RTOL),
    ):
        assert judged.message.endswith(".")
        assert " " in judged.message
    assert "another point" in at_a_smooth_point(1.0, 1.0, smooth(1.0, 1e-3), RTOL).message
    assert at_a_smooth_point(2.0, 1.0, smooth(1.0, 1e-9), RTOL).message == (
        "the analytic value is 2 times the slope of f, which is 1 within 1e-09."
    )


def test_a_formula_decides_where_there_is_one():
    blind = smooth(0.0, 1e9)
    assert by_formula(2.0, True, Slope(2.0), blind, RTOL).verdict is Verdict.PASS
    assert by_formula(2.00001, True, Slope(2.0), blind, RTOL).verdict is Verdict.FAIL
    assert by_formula(0.0, True, Slope(0.0), blind, RTOL).verdict is Verdict.PASS
    assert by_formula(math.nan, True, Slope(2.0), blind, RTOL).verdict is Verdict.FAIL
    assert by_formula(0.5, True, Slope(None, 0.0, 1.0, Nature.KINK), blind, RTOL).verdict is Verdict.KINK
    assert by_formula(1.5, True, Slope(None, 0.0, 1.0, Nature.KINK), blind, RTOL).verdict is Verdict.FAIL
    assert by_formula(math.nan, False, Slope(None, 0.0, 1.0, Nature.KINK), blind, RTOL).verdict is Verdict.UNDEFINED
    assert by_formula(0.5, True, Slope(None, nature=Nature.JUMP), blind, RTOL).verdict is Verdict.UNDEFINED


def test_exact_slopes_reach_where_values_of_f_do_not():
    offset = Problem(
        "x + 1e17",
        lambda p: p[0] + 1e17,
        np.array([1.0]),
        ("x",),
        gradient=lambda p: [1.0],
        slopes=lambda p: [Slope(1.0)],
    )
    [code] = compare_gradient(offset, np.array([1.0]), 1e17 + 1, [0], rtol=RTOL, seed=0).verdict
    assert VERDICTS[code] is Verdict.PASS


def test_columns_keep_one_sided_slopes_and_natures():
    problem = Problem("|x|", lambda p: abs(p[0]), np.array([0.0]), ("x",))
    columns = compare_gradient(problem, np.array([0.3]), 0.0, [0], rtol=RTOL, seed=0)
    assert (columns.left[0], columns.right[0]) == (pytest.approx(-1), pytest.approx(1))
    assert NATURES[columns.nature[0]] is Nature.KINK
    assert math.isnan(columns.numeric[0])
