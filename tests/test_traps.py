"""Losses and gradients that make gradient checkers fail: correct ones that get accused, wrong ones that get through."""

import math

import numpy as np
import pytest

from gradcli.check import check_gradient
from gradcli.problem import Nature, Problem
from gradcli.report import Cause, Verdict

NOT_FAIL = {Verdict.PASS, Verdict.UNRESOLVED}
FAIL = {Verdict.FAIL}
PASS = {Verdict.PASS}
SEEDS = (0, 1, 2)


def check(loss, grad, x, **options):
    x = np.array(x, dtype=float)
    names = [f"x{k}" for k in range(len(x))]
    return check_gradient(Problem("loss", loss, x, names, gradient=grad), **options)


def here(loss, grad, x, **options):
    """The verdicts at the point itself, without a second one."""
    return check(loss, grad, x, count=1, **options)


def verdicts(report):
    return [row.verdict for row in report]


# A smooth loss of several parameters, and its gradient.
A = np.array([[2.0, -1.0, 0.3], [0.5, 1.5, -0.7], [0.2, 0.4, 1.1], [1.3, -0.2, 0.6]])
Y = np.array([0.3, -1.2, 0.8, 2.0])


def smooth(p):
    r = np.tanh(A @ p) * 2 - Y
    return float(r @ r + np.sum(np.sin(p)))


def slopes(p):
    t = np.tanh(A @ p)
    return A.T @ (4 * (2 * t - Y) * (1 - t * t)) + np.cos(p)


X = np.array([0.4, -0.7, 1.1])
SWAP = np.array([1, 0, 2])
MISTAKES = {
    "factor 2": lambda g: 2 * g,
    "sign": lambda g: -g,
    "swapped": lambda g: g[SWAP],
    "rolled": lambda g: np.roll(g, 1),
    "one sign": lambda g: g * [1, -1, 1],
    "one 5 %": lambda g: g * [1, 1.05, 1],
    "one 1e-4": lambda g: g * [1, 1, 1 + 1e-4],
    "one 1e-5": lambda g: g * [1 - 1e-5, 1, 1],
    "one zero": lambda g: g * [1, 1, 0],
    "offset": lambda g: g + 1e-3,
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8, 1e-300, 1e290])
def test_a_correct_gradient_passes_at_any_scale_of_the_loss(scale, seed):
    report = check(lambda p: scale * smooth(p), lambda p: scale * slopes(p), X, seed=seed)
    assert report.verdict is Verdict.PASS


@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8, 1e-300, 1e290])
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_wrong_gradient_fails_at_any_scale_of_the_loss(mistake, scale):
    if scale != 1.0 and mistake is MISTAKES["offset"]:
        pytest.skip("an offset is a mistake of its own size")
    report = check(lambda p: scale * smooth(p), lambda p: mistake(scale * slopes(p)), X)
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_the_scale_of_the_parameters_does_not_matter(mistake, scale):
    def loss(p):
        return smooth(p / scale)

    def grad(p):
        return slopes(p / scale) / scale

    assert check(loss, grad, X * scale).verdict is Verdict.PASS
    wrong = check(loss, lambda p: mistake(slopes(p / scale)) / scale, X * scale)
    assert wrong.verdict is Verdict.FAIL


def test_subnormal_losses_are_never_accused():
    report = check(lambda p: 1e-318 * smooth(p), lambda p: 1e-318 * slopes(p), X)
    assert report.verdict in NOT_FAIL


def test_a_nan_component_fails_by_name():
    report = check(smooth, lambda p: slopes(p) * [1, np.nan, 1], X)
    assert report.verdict is Verdict.FAIL
    assert {row.parameter for row in report if row.verdict is Verdict.FAIL} == {"x1"}
    assert (
        next(row.message for row in report if row.parameter == "x1")
        == "the analytic value is nan, where f has a slope."
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_component_fails(value):
    report = check(smooth, lambda p: np.where([True, False, False], value, slopes(p)), X)
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("loss", "claim", "left", "right"),
    [
        (abs, 0.0, -1, 1),
        (abs, 1.0, -1, 1),
        (abs, -0.3, -1, 1),
        (lambda x: max(x, 0.0), 0.0, 0, 1),
        (lambda x: max(x, 0.0), 1.0, 0, 1),
        (lambda x: max(x, 0.0), 0.5, 0, 1),
        (lambda x: 5 + 1e-3 * max(x, 0.0) - 2 * x, -2.0, -2, -1.999),
        (lambda x: max(x, 0.01 * x), 0.01, 0.01, 1),
        (lambda x: 1e-20 * abs(x), 1e-21, -1e-20, 1e-20),
        (lambda x: math.exp(x) * abs(math.sin(x)), 0.0, -1, 1),
    ],
)
def test_a_value_between_the_slopes_at_a_kink_is_admissible(loss, claim, left, right):
    [row] = here(lambda p: loss(p[0]), lambda p: [claim], [0.0])
    assert row.verdict is Verdict.KINK
    assert row.numeric.slope.nature is Nature.KINK
    assert row.numeric.slope.left == pytest.approx(left, rel=1e-6, abs=1e-30)
    assert row.numeric.slope.right == pytest.approx(right, rel=1e-6, abs=1e-30)


@pytest.mark.parametrize(
    ("loss", "claim"),
    [
        (lambda x: max(x, 0.0), 7.0),
        (lambda x: max(x, 0.0), -1e-3),
        (abs, 1.001),
        (abs, -2.0),
        (abs, math.nan),
        (lambda x: 1.0 + max(x, 0.01 * x), 0.0),
    ],
)
def test_a_value_outside_the_slopes_at_a_kink_fails(loss, claim):
    [row] = here(lambda p: loss(p[0]), lambda p: [claim], [0.0])
    assert row.verdict is Verdict.FAIL


def test_admissible_kinks_pass_when_the_perturbed_point_passes():
    report = check(lambda p: np.abs(p).sum(), np.sign, [0.0, 1.0, 0.0])
    assert report.verdict is Verdict.PASS
    assert report.count(Verdict.KINK) == 2


def test_a_kink_does_not_hide_a_wrong_slope_beside_it():
    report = check(lambda p: np.abs(p).sum(), lambda p: 0.5 * np.sign(p), [0.0, 0.0, 0.0])
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize("claim", [0.0, 1.0, -7.0, math.inf, math.nan])
@pytest.mark.parametrize("offset", [0.0, 1.0])
@pytest.mark.parametrize(
    ("loss", "nature"),
    [
        (lambda x: math.sqrt(abs(x)), Nature.VERTICAL),
        (lambda x: math.copysign(abs(x) ** (1 / 3), x), Nature.VERTICAL),
        (lambda x: float(x >= 0), Nature.JUMP),
        (lambda x: float(x > 0), Nature.JUMP),
        (lambda x: math.copysign(1.0, x) + x, Nature.JUMP),
        (lambda x: 1 / x if x else 0.0, Nature.POLE),
        (math.sqrt, Nature.EDGE),
        (lambda x: x * math.sqrt(x), Nature.EDGE),
    ],
)
def test_no_derivative_is_no_mistake(loss, nature, offset, claim):
    [row] = here(lambda p: offset + loss(p[0]), lambda p: [claim], [0.0])
    assert (row.verdict, row.numeric.slope.nature) == (Verdict.UNDEFINED, nature)


@pytest.mark.parametrize(("x", "nature"), [(-1.0, Nature.OUTSIDE), (0.0, Nature.POLE)])
def test_outside_the_domain_there_is_no_verdict(x, nature):
    [row] = here(
        lambda p: float(np.log(p[0])) if p[0] > 0 else (-math.inf if p[0] == 0 else math.nan), lambda p: [1], [x]
    )
    assert (row.verdict, row.numeric.slope.nature) == (Verdict.UNDEFINED, nature)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("x", [[1.0, 1.0], [0.0, 0.0], [-3.7, -3.7]])
@pytest.mark.parametrize("claims", [(1.0, 1.0), (-1.0, -1.0), (0.5, 0.6)])
def test_values_that_are_admissible_only_one_by_one_fail(x, claims, seed):
    report = here(lambda p: abs(p[0] - p[1]), lambda p: np.array(claims), x, seed=seed)
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("loss", "claims"),
    [
        (lambda p: abs(p[0] - p[1]), (1.0, -1.0)),
        (lambda p: abs(p[0] - p[1]), (0.3, -0.3)),
        (lambda p: abs(p[0]) - abs(p[1]), (0.5, 0.5)),
        (lambda p: abs(p[0]) - abs(p[1]), (1.0, -1.0)),
        (lambda p: max(p[0], p[1]), (1.0, 0.0)),
        (lambda p: max(p[0], p[1]), (0.5, 0.5)),
        (lambda p: np.abs(p).sum(), (1.0, 1.0)),
        (lambda p: np.maximum(p, 0).sum(), (1.0, 1.0)),
        (lambda p: np.maximum(p, 0).sum(), (1.0, 0.0)),
        (lambda p: max(p[0], 0) - max(p[1], 0), (1.0, -1.0)),
    ],
)
def test_subgradients_of_several_parameters_are_admissible(loss, claims, seed):
    report = here(loss, lambda p: np.array(claims), [0.0, 0.0], seed=seed)
    assert report.verdict is Verdict.KINK


def test_many_kinks_at_once_are_admissible():
    report = here(lambda p: np.maximum(p, 0).sum() - np.maximum(-p[:10], 0).sum(), lambda p: np.ones(30), np.zeros(30))
    assert report.verdict in {Verdict.KINK, Verdict.PASS}


@pytest.mark.parametrize("offset", [0.0, 1.0, -1e4])
@pytest.mark.parametrize(
    "loss",
    [
        lambda x: x**5,
        lambda x: x * abs(x),
        lambda x: max(x, 0.0) ** 2,
        lambda x: abs(x) ** 3,
        lambda x: x**4,
        lambda x: x**2 * math.copysign(1, x) * 3,
        lambda x: 1 - math.cos(x),
        lambda x: math.sin(x) - x,
        lambda x: x**11,
        lambda x: abs(x) ** 1.5,
    ],
)
def test_a_correct_zero_is_never_accused(loss, offset):
    [row] = here(lambda p: offset + loss(p[0]), lambda p: [0.0], [0.0])
    assert row.verdict in NOT_FAIL


@pytest.mark.parametrize(
    "loss", [lambda x: x * x, lambda x: 1e6 * x * x, lambda x: x**4, lambda x: x**5, lambda x: x**2 * math.exp(x)]
)
def test_a_correct_zero_passes_where_f_can_be_followed_down_to_it(loss):
    [row] = here(lambda p: loss(p[0]), lambda p: [0.0], [0.0])
    assert row.verdict is Verdict.PASS


@pytest.mark.parametrize("claim", [1e-3, 1e-8, -1.0])
@pytest.mark.parametrize("loss", [lambda x: x * x, lambda x: 3 + x * x, lambda x: x**5, lambda x: x * abs(x)])
def test_a_wrong_value_at_an_optimum_fails(loss, claim):
    [row] = here(lambda p: loss(p[0]), lambda p: [claim], [0.0])
    assert row.verdict is Verdict.FAIL


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("frequency", [1e2, 1e4, 1e6, 1e7, 1e8])
def test_fast_oscillations_are_resolved(frequency, seed):
    def grad(p):
        return [frequency * math.cos(frequency * p[0])]

    assert check(lambda p: math.sin(frequency * p[0]), grad, [1.0], seed=seed).verdict is not Verdict.FAIL
    wrong = check(lambda p: math.sin(frequency * p[0]), lambda p: [1.01 * grad(p)[0]], [1.0], seed=seed)
    assert wrong.verdict is not Verdict.PASS


def test_sin_of_ten_million_x_passes():
    assert check(lambda p: math.sin(1e7 * p[0]), lambda p: [1e7 * math.cos(1e7 * p[0])], [1.0]).verdict is Verdict.PASS


PERIODS = (
    [2.0**k for k in range(-30, 4, 3)] + [10.0**-k for k in range(9)] + [1e-6 / 3, 2e-6, 5e-6, 1e-3 / 7, 3e-5, 2e-4]
)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ripple_of_any_period_is_not_averaged_away(seed):
    rng = np.random.default_rng(seed)
    for period in (*PERIODS, *10 ** rng.uniform(-9, 0.5, 8)):
        w = 2 * math.pi / period
        wrong = here(lambda p: p[0] + 1e-3 * math.sin(w * p[0]), lambda p: [1.0], [1.0], seed=seed)
        assert wrong.verdict is Verdict.FAIL, period


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ripple_with_its_own_slope_is_not_accused(seed):
    rng = np.random.default_rng(seed)
    for period in (*PERIODS, *10 ** rng.uniform(-9, 0.5, 8)):
        w = 2 * math.pi / period
        right = here(
            lambda p: p[0] + 1e-3 * math.sin(w * p[0]),
            lambda p: [1.0 + 1e-3 * w * math.cos(w * p[0])],
            [1.0],
            seed=seed,
        )
        assert right.verdict in NOT_FAIL, period


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("distance", "allowed"),
    [
        (1e-1, PASS),
        (1e-2, PASS),
        (1e-3, PASS),
        (1e-4, PASS),
        (1e-5, PASS),
        (1e-6, PASS),
        (1e-8, NOT_FAIL),
        (1e-9, NOT_FAIL),
    ],
)
def test_a_kink_nearby_does_not_matter(distance, allowed, sign):
    report = here(lambda p: 1 + abs(p[0]), np.sign, [sign * distance])
    assert report.verdict in allowed
    for wrong in (-1.0, 0.0, 0.5, 2.0):
        assert here(lambda p: 1 + abs(p[0]), lambda p: wrong * np.sign(p), [sign * distance]).verdict is Verdict.FAIL


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-5, 1e-6])
def test_a_unit_that_is_switched_off_has_slope_zero(distance):
    def loss(p):
        return 0.3 + max(p[0], 0.0)

    assert here(loss, lambda p: [0.0], [-distance]).verdict in NOT_FAIL
    assert here(loss, lambda p: [1.0], [-distance]).verdict is Verdict.FAIL


@pytest.mark.parametrize("curvature", [1.0, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("x", [0.7, 1.0, -13.2])
def test_at_an_optimum_a_correct_gradient_is_not_accused(x, curvature):
    report = check(lambda p: 0.5 * curvature * (p[0] - x) ** 2, lambda p: curvature * (p - x), [x])
    assert report.verdict is Verdict.PASS
    root = math.sqrt(curvature)
    rounded = check(lambda p: 0.5 * (root * p[0] - root * x) ** 2, lambda p: root * (root * p - root * x), [x])
    assert rounded.verdict is Verdict.PASS


def test_a_weak_test_is_said_to_be_one():
    report = check(lambda p: float(p @ p), lambda p: 2 * p, [0.0, 0.0])
    assert [note for note in report.notes if "point 1" in note and "weak test" in note]


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e8, 1e10, 1e14])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_constant_is_no_accusation(offset, seed):
    assert check(lambda p: offset + smooth(p), slopes, X, seed=seed).verdict in NOT_FAIL
    wrong = check(lambda p: offset + smooth(p), lambda p: 2 * slopes(p), X, seed=seed)
    assert wrong.verdict in (FAIL if offset <= 1e8 else FAIL | {Verdict.UNRESOLVED})


@pytest.mark.parametrize("x", [1e6, -1e6, 1e9, 1e12])
def test_large_parameters_are_not_accused(x):
    report = check(lambda p: math.sin(p[0]), lambda p: [math.cos(p[0])], [x])
    assert report.verdict in (PASS if abs(x) <= 1e6 else NOT_FAIL)
    assert check(lambda p: math.sin(p[0]), lambda p: [2 * math.cos(p[0])], [x]).verdict is not Verdict.PASS


@pytest.mark.parametrize("x", [1e-2, 1e-5, 1e-8, 1e-12, 1e-100, 1e-300])
def test_functions_with_the_scale_of_a_small_x_pass(x):
    assert check(lambda p: math.log(p[0]), lambda p: 1 / p, [x]).verdict is Verdict.PASS
    assert check(lambda p: math.log(p[0]), lambda p: 1.00001 / p, [x]).verdict is Verdict.FAIL


@pytest.mark.parametrize("rate", [20, 50, 100])
@pytest.mark.parametrize("x", [[1.0, 0.3, -0.5], [1.0, 0.55, 0.2], [1.0, 0.9, 0.1]])
def test_small_components_beside_a_large_one_are_not_judged_beyond_what_f_shows(x, rate):
    def loss(p):
        return float(np.exp(rate * p).sum())

    def grad(p):
        return rate * np.exp(rate * p)

    right = check(loss, grad, x)
    assert right.verdict in NOT_FAIL
    assert verdicts(right)[0] is Verdict.PASS
    zeros = check(loss, lambda p: grad(p) * [1, 0, 0], x)
    assert zeros.verdict is not Verdict.PASS
    assert Verdict.PASS not in [v for k, v in enumerate(verdicts(zeros)) if k % 3]


def test_a_function_that_does_not_react_is_said_not_to():
    [row] = here(lambda p: 1e20 + p[0], lambda p: [0.0], [1.0])
    assert row.verdict is Verdict.UNRESOLVED
    assert row.message.startswith("f does not react to this parameter")


def regression(rows, columns, seed, target_noise=0.1):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(rows, columns)) * 10 ** rng.uniform(-1, 1, columns)
    truth = rng.normal(size=columns)
    target = data @ truth + target_noise * rng.normal(size=rows)
    best = np.linalg.lstsq(data, target, rcond=None)[0]
    return data, target, best


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.1, 1e-3, 0.0])
def test_a_converged_regression_is_not_accused(seed, noise):
    data, target, best = regression(40, 4, seed, noise)

    def loss(p):
        return float(np.mean((data @ p - target) ** 2))

    def grad(p):
        return 2 / len(data) * data.T @ (data @ p - target)

    assert here(loss, grad, best).verdict in NOT_FAIL
    assert check(loss, grad, best).verdict is Verdict.PASS
    assert check(loss, lambda p: 0.5 * grad(p), best).verdict is Verdict.FAIL


@pytest.mark.parametrize("rows", [10, 10_000, 100_000])
def test_long_sums_are_not_accused(rows):
    data, target, best = regression(rows, 3, 1)

    def loss(p):
        return float(np.sum((data @ p - target) ** 2))

    def grad(p):
        return 2 * data.T @ (data @ p - target)

    assert check(loss, grad, best + 0.1).verdict is Verdict.PASS
    assert check(loss, lambda p: grad(p) * [1, 1, 1 + 1e-5], best + 0.1).verdict is Verdict.FAIL


def test_a_sum_in_a_loop_is_not_accused():
    terms = np.random.default_rng(0).normal(size=5000)

    def loss(p):
        total = 0.0
        for term in terms:
            total += math.sin(term * p[0])
        return total

    report = check(loss, lambda p: [float(np.sum(terms * np.cos(terms * p[0])))], [0.3])
    assert report.verdict is Verdict.PASS


f32 = np.float32


def single_in_result(p):
    return float(f32(smooth(p)))


def single_throughout(p):
    r = np.tanh(A.astype(f32) @ p.astype(f32)) * f32(2) - Y.astype(f32)
    return float(r @ r + np.sum(np.sin(p.astype(f32))))


def single_then_double(p):
    return 0.37 * single_throughout(p)


def single_and_double(p):
    return single_throughout(p) + 0.05 * float(p @ p)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("loss", "grad"),
    [
        (single_in_result, slopes),
        (single_throughout, slopes),
        (single_then_double, lambda p: 0.37 * slopes(p)),
        (single_and_double, lambda p: slopes(p) + 0.1 * p),
    ],
)
def test_single_precision_is_not_accused_and_one_per_cent_is_seen(loss, grad, seed):
    assert check(loss, grad, X, seed=seed).verdict in NOT_FAIL
    assert check(loss, lambda p: 1.01 * grad(p), X, seed=seed).verdict is Verdict.FAIL
    assert check(loss, lambda p: grad(p) * [1, 1, 1.01], X, seed=seed).verdict is Verdict.FAIL


def digits(count):
    return lambda value: float(f"{value:.{count}g}")


def multiples(quantum):
    return lambda value: round(value / quantum) * quantum


ROUNDINGS = {
    "decimals 3": lambda value: round(value, 3),
    "decimals 6": lambda value: round(value, 6),
    "decimals 8": lambda value: round(value, 8),
    "multiples of 1e-4": multiples(1e-4),
    "multiples of 3.7e-5": multiples(3.7e-5),
    "floor": lambda value: math.floor(value * 1e5) / 1e5,
    "digits 3": digits(3),
    "digits 4": digits(4),
    "digits 6": digits(6),
    "float16": lambda value: float(np.float16(value)),
    "float32": lambda value: float(f32(value)),
}


@pytest.mark.parametrize("rounded", ROUNDINGS.values(), ids=ROUNDINGS.keys())
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_rounded_loss_accuses_no_right_gradient_and_a_third_is_seen(rounded, scale):
    def loss(p):
        return rounded(smooth(p / scale))

    def grad(p):
        return slopes(p / scale) / scale

    for point in (X, np.zeros(3), np.array([1e-3, -0.02, 0.3])):
        assert check(loss, grad, point * scale).verdict in NOT_FAIL
    for wrong in (1.3, 2, -1):
        assert check(loss, lambda p, wrong=wrong: wrong * grad(p), X * scale).verdict is Verdict.FAIL


@pytest.mark.parametrize("rounded", ROUNDINGS.values(), ids=ROUNDINGS.keys())
@pytest.mark.parametrize("seed", SEEDS)
def test_rounding_does_not_hide_where_a_loss_is_zero(rounded, seed):
    def loss(p):
        return rounded(-0.2 * p[0])

    assert here(loss, lambda p: [-0.2], [0.0], seed=seed).verdict in NOT_FAIL
    assert here(loss, lambda p: [-0.4], [0.0], seed=seed).verdict is Verdict.FAIL


def test_digits_that_are_few_where_a_loss_is_large_do_not_pass_for_its_slope():
    report = here(lambda p: digits(3)(0.5e6 * p[0] ** 2 + 0.0452), lambda p: 1e6 * p, [1e-6], seed=3)
    assert report.verdict in NOT_FAIL


@pytest.mark.parametrize("slope", [8e-5, 1e-3])
@pytest.mark.parametrize("quantum", [1e-3, 1e-4])
def test_a_quantum_too_coarse_to_move_nearby_is_found_far_off(slope, quantum):
    def loss(p):
        return 4.2 + multiples(quantum)(slope * p[0])

    [row] = here(loss, lambda p: [slope], [0.0])
    assert row.verdict in NOT_FAIL
    assert f"f is rounded to about {quantum:.1g}" in row.message
    assert here(loss, lambda p: [slope + 100 * quantum], [0.0]).verdict is Verdict.FAIL


def test_a_hinge_far_off_does_not_excuse_a_claim():
    assert here(lambda p: 4.2 + max(p[0] - 5, 0.0), lambda p: [1.0], [0.0]).verdict is Verdict.FAIL


@pytest.mark.parametrize("quantum", [1e-4, 3.7e-5, 1e-6])
def test_ten_per_cent_are_seen_through_rounding(quantum):
    assert check(lambda p: multiples(quantum)(smooth(p)), lambda p: 1.1 * slopes(p), X).verdict is Verdict.FAIL


@pytest.mark.parametrize("quantum", [1e-3, 3.7e-5, 1e-6])
def test_a_rounded_loss_is_called_one(quantum):
    report = here(lambda p: multiples(quantum)(smooth(p)), slopes, X)
    assert report.verdict is Verdict.UNRESOLVED
    assert all(f"f is rounded to about {quantum:.1g}" in row.message for row in report)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("level", [1e-12, 1e-10, 1e-8, 1e-6, 1e-4])
def test_noise_is_measured_not_blamed(level, seed):
    def loss(p):
        return smooth(p) + level * math.sin(1e17 * float(p.sum()) + 1e15 * float(p[0]))

    assert check(loss, slopes, X, seed=seed).verdict in NOT_FAIL
    assert check(loss, lambda p: slopes(p) * [1, 1, 2], X, seed=seed).verdict is Verdict.FAIL


@pytest.mark.parametrize("seed", SEEDS)
def test_dropout_without_a_seed_has_no_verdict(seed):
    rng = np.random.default_rng(seed)

    def loss(p):
        return float(np.sum((p * (rng.random(len(p)) > 0.5)) ** 2))

    def grad(p):
        return 2 * p * (rng.random(len(p)) > 0.5)

    report = check(loss, grad, [1.0, 2.0, -3.0, 0.5], seed=seed)
    assert report.verdict is Verdict.UNRESOLVED
    assert Cause.NONDETERMINISTIC in {diagnosis.cause for diagnosis in report.diagnoses}
    assert not report.count(Verdict.FAIL)


@pytest.mark.parametrize("x", [-1.0, 1e-3, 0.3, 2.0, 40.0, -40.0])
def test_saturation_is_no_accusation(x):
    def sigmoid(z):
        return 1 / (1 + math.exp(-z)) if z > -700 else 0.0

    assert check(lambda p: sigmoid(p[0]), lambda p: [sigmoid(p[0]) * (1 - sigmoid(p[0]))], [x]).verdict in NOT_FAIL
    assert check(lambda p: math.log1p(math.exp(-p[0])), lambda p: [-sigmoid(-p[0])], [x]).verdict in NOT_FAIL


@pytest.mark.parametrize("size", [1, 2, 17, 300])
def test_one_wrong_among_many_is_found_wherever_it_is(size):
    weights = np.random.default_rng(size).normal(size=size)

    def loss(p):
        return float(np.sum(np.sin(weights * p)) + 0.01 * np.sum(p) ** 2)

    def grad(p):
        return weights * np.cos(weights * p) + 0.02 * np.sum(p)

    x = np.linspace(-1, 1, size) + 0.1
    assert check(loss, grad, x).verdict is Verdict.PASS
    wrong = size // 2
    bad = np.where(np.arange(size) == wrong, 1 + 1e-5, 1.0)
    report = check(loss, lambda p: grad(p) * bad, x)
    assert {row.parameter for row in report if row.verdict is Verdict.FAIL} == {f"x{wrong}"}


def test_a_scale_of_the_parameter_that_is_that_of_the_universe_passes():
    assert check(lambda p: float(2 * p[0]), lambda p: [2.0], [1e300]).verdict is Verdict.PASS
    assert check(lambda p: float(p[0] * 1e-300), lambda p: [1e-300], [1e300]).verdict is Verdict.PASS
    assert check(lambda p: float(p[0] ** 2), lambda p: 2 * p, [1e150]).verdict is Verdict.PASS
    assert check(lambda p: float(p[0] ** 2), lambda p: 2 * p, [1e-150]).verdict in NOT_FAIL
