"""A whole check: points, parameters, the person's functions, the report."""

import math
import pickle

import numpy as np
import pytest

from gradcli.check import check_gradient
from gradcli.errors import GradcliError, LimitError
from gradcli.expression import Expression
from gradcli.problem import Problem, Slope
from gradcli.report import Cause, Columns, Report, Verdict


def bowl(p):
    return float(p[0] ** 2 * p[1] + math.sin(p[1]))


def slopes(p):
    return np.array([2 * p[0] * p[1], p[0] ** 2 + math.cos(p[1])])


def problem(**changes):
    fields = {"function": bowl, "point": np.array([1.0, 2.0]), "parameters": ("w", "b"), "gradient": slopes}
    return Problem("bowl", **fields | changes)


def test_a_second_seeded_point_is_looked_at_by_default():
    report = check_gradient(problem())
    assert report.verdict is Verdict.PASS
    assert len(report.points) == 2
    assert list(report.points[0]) == [1.0, 2.0]
    assert list(report.points[1]) != [1.0, 2.0]
    assert report.points == check_gradient(problem()).points
    assert report.points != check_gradient(problem(), seed=1).points


def test_the_points_are_those_that_are_given():
    report = check_gradient(problem(), [[0.5, 0.5], [3.0, -1.0]])
    assert [list(point) for point in report.points] == [[0.5, 0.5], [3.0, -1.0]]
    assert len(check_gradient(problem(), count=1).points) == 1
    assert len(check_gradient(problem(), count=4).points) == 4


def test_rows_stand_in_the_order_of_points_and_parameters():
    rows = list(check_gradient(problem()))
    assert [(row.point_index, row.parameter) for row in rows] == [(0, "w"), (0, "b"), (1, "w"), (1, "b")]
    assert rows[0].value == 1.0
    assert rows[0].analytic == Slope(4.0)
    assert rows[0].numeric.slope.value == pytest.approx(4)
    assert rows[0].numeric.error < 1e-6
    assert rows[0].digits > 8


def test_a_perturbed_point_stays_where_the_loss_has_a_value():
    def log(p):
        return math.log(p[0] - 0.995)

    report = check_gradient(
        problem(function=log, point=[1.0], parameters=["x"], gradient=lambda p: [1 / (p[0] - 0.995)])
    )
    assert report.verdict is Verdict.PASS
    assert report.points[1][0] > 0.995


def test_only_the_parameters_asked_for_are_judged():
    names = ("W1[0,0]", "W1[0,1]", "W2[0]", "b")
    net = problem(function=lambda p: float(p @ p), point=np.ones(4), parameters=names, gradient=lambda p: 2 * p)

    def judged(only):
        report = check_gradient(net, only=only)
        assert report.partials == 4
        assert len(report) == 2 * report.looked_at
        return [row.parameter for row in report][: report.looked_at]

    assert judged("W1") == ["W1[0,0]", "W1[0,1]"]
    assert judged("W1[0,1]") == ["W1[0,1]"]
    assert judged("W*") == ["W1[0,0]", "W1[0,1]", "W2[0]"]
    assert judged("W?[0]") == ["W2[0]"]
    assert judged("b") == ["b"]
    with pytest.raises(GradcliError, match="no parameter is called 'c'"):
        check_gradient(net, only="c")


def test_a_stricter_tolerance_is_a_stricter_verdict():
    def off(p):
        return slopes(p) * (1 + 1e-8)

    assert check_gradient(problem(gradient=off)).verdict is Verdict.PASS
    assert check_gradient(problem(gradient=off), rtol=1e-9).verdict is not Verdict.PASS
    assert check_gradient(problem(gradient=lambda p: 1.01 * slopes(p)), rtol=0.1).verdict is Verdict.PASS


def test_an_exception_at_the_point_itself_is_an_error_with_the_point():
    def broken(p):
        raise IndexError("list index out of range")

    with pytest.raises(GradcliError, match=r"raised IndexError: list index out of range .*at w = 1.0, b = 2.0"):
        check_gradient(problem(function=broken, shifted=None), [[1.0, 2.0]])


def test_an_exception_of_the_gradient_is_an_error_with_the_point():
    def broken(p):
        raise KeyError("W")

    with pytest.raises(GradcliError, match=r"KeyError"):
        check_gradient(problem(gradient=broken))


def test_an_exception_beside_the_point_is_the_edge_of_the_domain():
    def edged(p):
        if p[0] > 1.01:
            raise RuntimeError("no values there")
        return bowl(p)

    report = check_gradient(problem(function=edged, point=np.array([1.0099, 2.0])))
    assert report.verdict is Verdict.PASS


def test_a_limit_is_never_the_edge_of_the_domain():
    def slow(p):
        if p[0] != 1.0:
            raise LimitError("5 s are over")
        return bowl(p)

    with pytest.raises(LimitError):
        check_gradient(problem(function=slow))


def test_a_gradient_of_the_wrong_length_is_an_error_or_a_verdict():
    wrong = problem(gradient=lambda p: slopes(p)[:1], slopes=lambda p: [Slope(1.0), Slope(1.0)])
    with pytest.raises(GradcliError, match="1 values for 2 parameters"):
        check_gradient(wrong)


def test_without_any_gradient_there_is_nothing_to_check():
    with pytest.raises(GradcliError, match="no gradient"):
        check_gradient(problem(gradient=None))


def test_formulas_are_checked_when_nobody_claims_anything():
    both = problem(gradient=None, slopes=lambda p: [Slope(float(value)) for value in slopes(p)])
    assert check_gradient(both).verdict is Verdict.PASS


def test_a_wrong_gradient_comes_with_its_likely_cause():
    report = check_gradient(problem(gradient=lambda p: 2 * slopes(p)))
    assert report.verdict is Verdict.FAIL
    assert [diagnosis.cause for diagnosis in report.diagnoses] == [Cause.FACTOR]
    assert report.worst_first()[0].verdict is Verdict.FAIL


def test_the_persons_arrays_are_left_alone():
    point = np.array([1.0, 2.0])
    point.flags.writeable = False
    check_gradient(problem(point=point))
    assert point.tolist() == [1.0, 2.0]


def test_integer_and_list_points_are_numbers():
    assert check_gradient(problem(point=[1, 2])).verdict is Verdict.PASS


def test_a_report_survives_pickling():
    report = check_gradient(problem(gradient=lambda p: 2 * slopes(p)))
    again = pickle.loads(pickle.dumps(report))
    assert list(again) == list(report)
    assert (again.verdict, again.diagnoses, again.points) == (report.verdict, report.diagnoses, report.points)


def test_evaluations_are_counted_in_full():
    calls = []

    def counted(p):
        calls.append(1)
        return bowl(p)

    report = check_gradient(problem(function=counted))
    assert report.evaluations == pytest.approx(len(calls), abs=3)


def made(rows, partials):
    """A report of these verdicts, point after point."""
    codes = Columns()
    for row in rows:
        codes.verdict.append(list(Verdict).index(row))
    points = tuple([0.0] * partials for _ in range(len(rows) // partials))
    return Report("made", tuple("abcdef"[:partials]), points, range(partials), codes, 1e-6)


P, F, K, U, N = Verdict.PASS, Verdict.FAIL, Verdict.KINK, Verdict.UNRESOLVED, Verdict.UNDEFINED


@pytest.mark.parametrize(
    ("rows", "partials", "expected"),
    [
        ([P, P, P, P], 2, P),
        ([P, F, P, P], 2, F),
        ([U, U, P, P], 2, P),
        ([U, P, P, U], 2, P),
        ([U, P, U, P], 2, U),
        ([K, P, P, P], 2, P),
        ([K, K, K, K], 2, K),
        ([N, P, P, P], 2, P),
        ([N, P, N, P], 2, N),
        ([K, F], 1, F),
        ([K, U], 1, U),
        ([K, N], 1, N),
        ([U, N], 1, U),
    ],
)
def test_a_parameter_is_good_if_it_is_at_one_point_and_wrong_at_none(rows, partials, expected):
    assert made(rows, partials).verdict is expected


def test_many_rows_stay_flat_and_cheap():
    count = 20_000
    weights = np.linspace(-1, 1, count) + 1e-3

    def shifted(point, indices, steps):
        x = np.asarray(point)[indices]
        return 1 + weights[indices] * (np.sin(x + steps) - np.sin(x))

    big = Problem(
        "big",
        lambda p: 1 + float(np.sum(weights * np.sin(p))),
        np.zeros(count) + 0.3,
        [f"w[{k}]" for k in range(count)],
        gradient=lambda p: weights * np.cos(p),
        shifted=shifted,
    )
    report = check_gradient(big)
    assert report.count(Verdict.PASS) == 2 * count
    assert len(pickle.dumps(report.columns)) < 80 * 2 * count


def many(function, slope, point):
    """A problem of many parameters: a sum of the same function of each."""

    def shifted(at, indices, steps):
        x = np.asarray(at)[indices]
        return float(np.sum(function(np.asarray(at)))) + (function(x + steps) - function(x))

    names = [f"w[{k}]" for k in range(len(point))]
    return Problem("many", lambda p: float(np.sum(function(p))), point, names, gradient=slope, shifted=shifted)


def test_many_wrong_partials_are_confirmed_cheaply():
    wrong = many(np.sin, lambda p: -np.cos(p), np.linspace(0.2, 1.2, 3000))
    report = check_gradient(wrong, count=1)
    assert report.count(Verdict.FAIL) == 3000
    assert report.evaluations <= 10 * 3000


@pytest.mark.parametrize("noise", [0.0, 1e-9, 1e-6])
def test_none_of_many_right_partials_beside_kinks_is_accused(noise):
    def bent(x):
        return (10 * x + np.abs(x)) / 5000 + noise * np.sin(1e17 * (x + 1))

    point = np.concatenate([sign * np.geomspace(1e-11, 1e-1, 1500) for sign in (1, -1)])
    report = check_gradient(many(bent, lambda p: (10 + np.sign(p)) / 5000, point), count=1)
    assert report.count(Verdict.FAIL) == 0


def test_where_the_exact_slope_is_known_what_was_measured_has_no_nature():
    compiled = Expression.compile("Mod(exp(x), x)", named=["x"])
    [row] = check_gradient(compiled.problem([1e-8]), count=1)
    assert row.verdict is Verdict.PASS
    assert (row.numeric.slope.nature, row.numeric.slope.left, row.numeric.slope.right) == (None, None, None)
