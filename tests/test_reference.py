"""The reference against mpmath: the truth lies inside its interval, and the interval is narrow."""

import math
from statistics import median

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_functions import cases

from gradcli.problem import Nature, Problem
from gradcli.reference import centre_of, derivative, gradient_reference, partial
from gradcli.reference.ladder import at_zero, representable, settle, steps
from gradcli.reference.quantum import common

SMOOTH = [
    (math.sin, mpmath.sin, 1.0),
    (math.sin, mpmath.sin, 1e6),
    (math.exp, mpmath.exp, -30.0),
    (math.log, mpmath.log, 1e-5),
    (math.log, mpmath.log, 1e-300),
    (math.sqrt, mpmath.sqrt, 1e-8),
    (math.tan, mpmath.tan, 1.57),
    (math.gamma, mpmath.gamma, 4.5),
    (math.atan, mpmath.atan, 1e5),
    (lambda x: x**9 - 3 * x**2, lambda x: x**9 - 3 * x**2, 2.0),
    (lambda x: 1 / x, lambda x: 1 / x, -1e-4),
    (lambda x: x**x, lambda x: x**x, 3.0),
    (lambda x: math.sin(1e7 * x), lambda x: mpmath.sin(10**7 * x), 1.0),
    (lambda x: math.exp(-(x**2) / 2e-6), lambda x: mpmath.exp(-(x**2) / mpmath.mpf(2e-6)), 1e-3),
    (lambda x: 1e8 + math.sin(x), mpmath.sin, 0.7),
    (math.log1p, mpmath.log1p, 1e-12),
    (lambda x: x * 1e-300, lambda x: x * mpmath.mpf(1e-300), 0.3),
    (lambda x: 2 * x, lambda x: 2 * x, 1e300),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("function", "exactly", "x"), SMOOTH)
def test_the_truth_is_inside_the_interval(function, exactly, x, seed):
    with mpmath.workdps(60):
        truth = float(mpmath.diff(exactly, mpmath.mpf(x), h=mpmath.mpf(abs(x) or 1) * mpmath.mpf(10) ** -25))
    estimate = derivative(function, x, seed=seed)
    assert estimate.error is not None
    assert abs(estimate.slope.value - truth) <= estimate.error + 4e-16 * abs(truth)
    assert estimate.error <= 1e-4 * abs(truth)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_intervals_hold_on_random_functions_and_are_narrow(scale):
    held = narrow = total = 0
    ratios = []
    for case in cases(60, scale, seed=20):
        for variable, truth in case.partials.items():
            problem = Problem(case.text, case.function, case.point, ("x0", "x1", "x2"))
            found = partial(problem, variable)
            total += 1
            if found.slope.value is None:
                continue
            missed = abs(found.slope.value - truth)
            held += missed <= found.error + 1e-15 * abs(truth)
            narrow += found.error <= 1e-6 * abs(truth)
            ratios += [found.error / missed] if missed else []
    assert held >= 0.97 * total
    assert narrow >= 0.83 * total
    assert median(ratios) <= 40


def test_correct_claims_cost_few_evaluations():
    spent, partials = 0, 0
    for case in (*cases(60, 1.0, seed=21), *cases(60, 1.0, seed=22)):
        problem = Problem(case.text, case.function, np.array(case.point), ("x0", "x1", "x2"))
        variables, truths = list(case.partials), np.array(list(case.partials.values()))
        found = gradient_reference(problem, centre_of(problem), variables, truths)
        spent += int(found.seen.evaluations.sum()) + 1
        partials += len(variables)
    assert spent <= 6 * partials


@pytest.mark.parametrize(
    ("function", "x", "nature", "left", "right"),
    [
        (abs, 0.0, Nature.KINK, -1, 1),
        (lambda x: max(x, 0.1 * x) + 7, 0.0, Nature.KINK, 0.1, 1),
        (lambda x: max(x - 3, 0), 3.0, Nature.KINK, 0, 1),
        (lambda x: math.exp(abs(x)), 0.0, Nature.KINK, -1, 1),
        (lambda x: math.copysign(1, x), 0.0, Nature.JUMP, None, None),
        (lambda x: math.sqrt(abs(x)), 0.0, Nature.VERTICAL, None, None),
        (lambda x: x * math.log(abs(x)) if x else 0.0, 0.0, Nature.VERTICAL, None, None),
        (lambda x: 1 / x if x else 0.0, 0.0, Nature.POLE, None, None),
        (lambda x: 1 / x, 0.0, Nature.POLE, None, None),
        (lambda x: 3 * x + 0 * math.sqrt(x), 0.0, Nature.EDGE, None, 3),
        (math.sqrt, 0.0, Nature.EDGE, None, None),
        (math.asin, 1.0, Nature.EDGE, None, None),
        (math.log, -1.0, Nature.OUTSIDE, None, None),
    ],
)
def test_a_point_without_derivative_is_told_by_its_nature(function, x, nature, left, right):
    estimate = derivative(function, x)
    slope = estimate.slope
    assert (slope.value, slope.nature) == (None, nature)
    assert slope.left == (left if left is None else pytest.approx(left, abs=1e-6))
    assert slope.right == (right if right is None else pytest.approx(right, abs=1e-6))
    assert estimate.message


@pytest.mark.parametrize(
    "function", [lambda x: abs(x) ** 3, lambda x: x * abs(x), lambda x: max(x, 0) ** 2, lambda x: x**5]
)
def test_what_is_smooth_enough_is_no_kink(function):
    slope = derivative(function, 0.0).slope
    assert slope.nature is None
    assert slope.value == pytest.approx(0, abs=1e-12)


def test_noise_is_measured_and_widens_the_interval():
    def noisy(x):
        return math.sin(x) + 1e-7 * math.sin(1e17 * x)

    estimate = derivative(noisy, 0.7)
    assert abs(estimate.slope.value - math.cos(0.7)) <= estimate.error
    assert 1e-9 < estimate.error < 1e-3


def test_a_function_of_noise_alone_has_no_number():
    rng = np.random.default_rng(0)
    estimate = derivative(lambda x: float(rng.random()), 0.7)
    assert estimate.slope.value is None
    assert "noisy" in estimate.message


def test_a_silent_function_says_how_little_it_knows():
    estimate = derivative(lambda x: 5.0, 0.7)
    assert estimate.slope.value == 0
    assert 0 < estimate.error < 1e-5
    assert "does not react" in estimate.message


def test_a_seed_repeats_everything():
    assert derivative(math.sin, 1.0, seed=3) == derivative(math.sin, 1.0, seed=3)
    assert derivative(math.sin, 1.0, seed=3) != derivative(math.sin, 1.0, seed=4)


def test_evaluations_are_counted():
    calls = []

    def counted(x):
        calls.append(x)
        return math.sin(x)

    assert derivative(counted, 1.0).evaluations == len(calls)


@given(st.floats(-1e12, 1e12), st.floats(1e-12, 1e6), st.integers(0, 5))
@settings(max_examples=200, deadline=None)
def test_steps_are_really_taken(x, scale, seed):
    for step in steps(x, max(scale, abs(x)), seed):
        assert (x + step) - x == pytest.approx(step, rel=1e-15, abs=0)
        assert x - (x - step) == pytest.approx(step, rel=1e-15, abs=0)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e3))
def test_a_representable_step_is_near_the_one_wanted(x, step):
    taken = representable(x, step)
    assert abs(taken - step) <= math.ulp(abs(x) + step)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True), st.lists(st.integers(-9, 9), max_size=4))
def test_extrapolation_is_exact_for_polynomials(nodes, coefficients):
    coefficients = coefficients[: len(nodes)]

    def polynomial(t):
        return sum(c * t**k for k, c in enumerate(coefficients))

    found = sum(w * polynomial(t) for w, t in zip(at_zero([float(n) for n in nodes]), nodes, strict=True))
    assert found == pytest.approx(polynomial(0), abs=1e-6 * 60.0 ** len(coefficients))


def test_one_interval_alone_proves_nothing():
    assert settle([1.0, 5.0, 9.0], [1.0, 2.0, 3.0], [0.1, 0.1, 0.1], 1) is None
    assert settle([1.0, 1.05, 9.0], [1.0, 2.0, 3.0], [0.1, 0.1, 0.1], 1).value == 1.05


@given(
    st.floats(1e-6, 1e-2),
    st.lists(st.integers(1, 10**5), min_size=4, max_size=8, unique=True).filter(lambda counts: math.gcd(*counts) == 1),
)
def test_a_quantum_is_what_all_changes_are_multiples_of(quantum, counts):
    changes = [(1 + count * quantum) - 1 for count in counts]
    assert common(changes, 1.0) in (0.0, pytest.approx(quantum, rel=1e-6))


def test_changes_without_a_quantum_have_none():
    generator = np.random.default_rng(0)
    assert not any(common(generator.random(6), 1.0) for _ in range(2000))
