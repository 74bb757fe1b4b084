"""Patterns planted in gradients of a smooth loss, with its exact gradient as the reference."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.check.guards import Finding
from gradcli.diagnosis import diagnose
from gradcli.diagnosis.constants import name_constant
from gradcli.report import Cause, Evidence, Mixed, Verdict

FLAT = tuple(f"w[{k}]" for k in range(6))
WITH_BIAS = (*(f"w[{k}]" for k in range(5)), "b")
NET = (
    *(f"W1[{i},{j}]" for i in range(3) for j in range(4)),
    *(f"b1[{j}]" for j in range(4)),
    *(f"W2[{j}]" for j in range(4)),
    "b2",
)
SQUARE = tuple(f"A[{i},{j}]" for i in range(3) for j in range(3))


def truth(names, *, points=2, seed=1):
    """Points (K, L) and the gradient of sum cosh(H theta) + sum theta^4 / 4 there."""
    generator = np.random.default_rng(seed)
    size = len(names)
    H = generator.normal(size=(size, size)) / np.sqrt(size)
    first = generator.uniform(0.4, 1.3, size) * generator.choice((-1, 1), size)
    theta = np.array([first * (1 + k * generator.uniform(0.05, 0.1, size)) for k in range(points)])
    return theta, np.sinh(theta @ H.T) @ H + theta**3


def evidence(names, theta, ga, gn, *, error=1e-11, findings=(), mixed=(), losses=()):
    """What a check would hand over, with half-widths relative to the largest partial."""
    half = np.full(gn.shape, error * np.max(np.abs(gn)))
    size = np.maximum(np.abs(ga), np.abs(gn))
    wrong = ~(np.abs(ga - gn) <= np.maximum(1e-6 * size, 8 * half))
    right = ~wrong & (half <= 1e-6 * size)
    verdicts = np.where(wrong, Verdict.FAIL, np.where(right, Verdict.PASS, Verdict.UNRESOLVED))
    rows = [[Verdict(verdict) for verdict in row] for row in verdicts]
    return Evidence(tuple(names), theta, ga, gn, half, rows, findings, losses, 1e-6, mixed)


def said(names, spoil, **options):
    """The diagnoses of a gradient that `spoil(theta, gn)` makes of the right one."""
    theta, gn = truth(names)
    return diagnose(evidence(names, theta, np.array(spoil(theta, gn.copy()), dtype=float), gn, **options))


def put(array, columns, values):
    """The array with these columns replaced."""
    changed = np.array(array)
    changed[:, columns] = values
    return changed


PLANTED = [
    ("the 2 of the square is missing", FLAT, lambda t, g: g / 2, "factor", "0.50000 (1/2) in 6 of 6 partials at 2"),
    ("summed over 36 rows", FLAT, lambda t, g: 36 * g, "factor", "36.0000 in 6"),
    ("N and N - 1", FLAT, lambda t, g: g * 36 / 35, "factor", "36/35"),
    ("log10 for ln", FLAT, lambda t, g: g * np.log(10), "factor", "ln 10"),
    ("degrees", FLAT, lambda t, g: g * 180 / np.pi, "factor", "180/pi"),
    ("a number without a name", FLAT, lambda t, g: g * 1.2345678, "factor", "1.2346"),
    ("flipped sign", FLAT, lambda t, g: -g, "sign", "-1.0000 in 6"),
    ("a step of descent", FLAT, lambda t, g: -0.01 * g, "factor", "-1/100"),
    ("float32 values, halved", FLAT, lambda t, g: (g / 2).astype(np.float32), "factor", "1/2"),
    ("chain rule", FLAT, lambda t, g: g * [[1.3], [1.7]], "chain-factor", "1.3000, 1.7000"),
    ("unit length", FLAT, lambda t, g: g / np.linalg.norm(g, axis=1, keepdims=True), "normalised", "length 1.0000"),
    ("times theta", FLAT, lambda t, g: g * t, "parameter-factor", "= theta of"),
    ("exp(theta) forgotten", FLAT, lambda t, g: g / np.exp(t), "parameter-factor", "1/exp(theta)"),
    ("tanh' forgotten", FLAT, lambda t, g: g / (1 - np.tanh(t) ** 2), "parameter-factor", "1/(1 - tanh(theta)^2)"),
    ("two swapped", FLAT, lambda t, g: g[:, [0, 4, 2, 3, 1, 5]], "swapped", "w[1] and w[4]"),
    ("rolled", FLAT, lambda t, g: np.roll(g, 1, axis=1), "rolled", "numeric[j-1]"),
    ("reversed", FLAT, lambda t, g: g[:, ::-1], "reversed", "6 of 6"),
    ("shuffled", FLAT, lambda t, g: g[:, [2, 0, 1, 4, 5, 3]], "permuted", "w[0] has the value of w[2]"),
    ("shifted", FLAT, lambda t, g: put(g, range(1, 6), g[:, :5]), "shifted", "numeric[j-1] for 5 of 6"),
    ("one index for all", FLAT, lambda t, g: g[:, [2] * 6], "wrong-axis", "one number for all"),
    ("zeros", FLAT, lambda t, g: 0 * g, "missing", "6 of 6"),
    ("last forgotten", FLAT, lambda t, g: put(g, [5], 0), "missing", "1 of 6"),
    ("L2 forgotten", FLAT, lambda t, g: g - 0.1 * t, "l2-term", "-0.10000 * theta"),
    ("L2 on the bias", WITH_BIAS, lambda t, g: put(g, [5], g[:, [5]] + 0.1 * t[:, [5]]), "l2-term", "1 of 6"),
    ("L1 forgotten", FLAT, lambda t, g: g - 0.05 * np.sign(t), "l1-term", "-0.05"),
    ("L1 derived as L2", FLAT, lambda t, g: g + 0.1 * t - 0.1 * np.sign(t), "l1-term", "0.10000 * theta - 0.10000"),
    ("a constant", FLAT, lambda t, g: g + 1, "offset", "= 1 in"),
    ("log barrier forgotten", FLAT, lambda t, g: g + 0.3 / t, "term", "0.30000 * 1/theta"),
    ("a mean not removed", FLAT, lambda t, g: np.add(g, [[0.7], [0.4]]), "projection", "d = 0.70000, 0.40000"),
    ("radial part", FLAT, lambda t, g: g + [[0.7], [0.4]] * t, "projection", "d theta"),
    ("data term halved", FLAT, lambda t, g: g / 2 + 0.05 * t, "term-factor", "0.50000 * numeric + 0.05"),
    ("updated parameters", FLAT, lambda t, g: t - 0.1 * g, "update", "theta"),
    ("only the penalty", FLAT, lambda t, g: 0.1 * t, "missing", "0.10000 * theta"),
    ("absolute value", FLAT, lambda t, g: np.abs(g), "sign-lost", "|numeric|"),
    ("squared", FLAT, lambda t, g: g**2, "distorted", "numeric^2"),
    ("sign only", FLAT, lambda t, g: np.sign(g), "distorted", "sign(numeric)"),
    ("clipped", FLAT, lambda t, g: np.clip(g, -0.7, 0.7), "clipped", "0.70000"),
    ("whole numbers", FLAT, lambda t, g: np.trunc(4 * g) / 1, "integer-buffer", "truncated"),
    ("two decimals", FLAT, lambda t, g: np.round(g, 2), "rounded", "2 decimals"),
    ("half precision", FLAT, lambda t, g: g.astype(np.float16), "rounded", "float16"),
    ("same at each point", FLAT, lambda t, g: g[[0, 0]], "constant", "right at point 1"),
    ("swapped points", FLAT, lambda t, g: g[[1, 0]], "stale", "point"),
    ("added up", FLAT, lambda t, g: np.cumsum(g, axis=0), "accumulated", "point 2"),
    ("momentum", FLAT, lambda t, g: g + 0.9 * np.array([0 * g[0], g[0]]), "accumulated", "0.90"),
    ("one 5 % off", FLAT, lambda t, g: put(g, [2], 1.05 * g[:, [2]]), "one-partial", "1.05 at each"),
    ("one 1e-5 off", FLAT, lambda t, g: put(g, [2], (1 + 1e-5) * g[:, [2]]), "one-partial", "1.00001"),
    ("one sign", FLAT, lambda t, g: put(g, [2], -g[:, [2]]), "sign", "1 of 6"),
    ("first layer twice", NET, lambda t, g: put(g, range(16), 2 * g[:, :16]), "factor", "16 of 21"),
    ("transposed", SQUARE, lambda t, g: g[:, np.arange(9).reshape(3, 3).T.ravel()], "transposed", "(3, 3)"),
    ("flipped kernel", SQUARE, lambda t, g: g[:, ::-1], "reversed", "8 of 9"),
    (
        "transposed in a flat vector",
        tuple(f"p[{k}]" for k in range(14)),
        lambda t, g: put(g, range(12), g[:, np.arange(12).reshape(3, 4).T.ravel()]),
        "transposed",
        "matrix transposed",
    ),
    (
        "half of a symmetric gradient",
        SQUARE,
        lambda t, g: (g + g[:, np.arange(9).reshape(3, 3).T.ravel()]) / 2,
        "transposed",
        "half",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "names", "code", "words"), [pytest.param(c, b, d, e, id=a) for a, b, c, d, e in PLANTED]
)
def test_planted_pattern_is_named(spoil, names, code, words):
    found = (lambda t, g: 4 * g) if code == "integer-buffer" else (lambda t, g: g)
    theta, gn = truth(names)
    diagnoses = diagnose(evidence(names, theta, np.array(spoil(theta, gn.copy()), dtype=float), found(theta, gn)))
    assert [str(diagnosis.cause) for diagnosis in diagnoses] == [code]
    assert words in diagnoses[0].evidence
    assert diagnoses[0].hint


def test_blocks_with_factors_of_their_own_are_told_apart():
    factors = np.repeat([1 / 4, 1, 1 / 3, 1], (12, 4, 4, 1))
    first, second = said(NET, lambda t, g: g * factors)
    assert ("0.25000 (1/4)" in first.evidence, first.parameters[-1]) == (True, "W1[2,3]")
    assert ("0.33333 (1/3)" in second.evidence, second.parameters[-1]) == (True, "W2[3]")


def test_parameters_concerned_are_listed():
    (diagnosis,) = said(NET, lambda t, g: put(g, [12, 13, 14, 15], 0))
    assert diagnosis.parameters == ("b1[0]", "b1[1]", "b1[2]", "b1[3]")


def test_each_hidden_unit_with_its_own_factor_is_a_chain_factor():
    generator = np.random.default_rng(5)
    unit = np.append(np.tile(np.arange(4), 4), [4] * 5)
    diagnoses = said(NET, lambda t, g: g * np.append(generator.uniform(0.3, 0.9, (2, 4)), [[1], [1]], axis=1)[:, unit])
    assert [one.cause for one in diagnoses] == [Cause.CHAIN_FACTOR]


def test_blocks_by_themselves_when_the_whole_has_no_pattern():
    def spoil(theta, gn):
        gn[:, :12] = gn[:, :12] - 0.1 * theta[:, :12]
        gn[:, 12:16] = gn[:, 12:16][:, ::-1]
        return gn

    assert {str(one.cause) for one in said(NET, spoil)} == {"l2-term", "reversed"}


def test_whole_blocks_are_the_place_when_nothing_else_shows():
    noise = np.random.default_rng(0).normal(size=(2, 16))
    (diagnosis,) = said(NET, lambda t, g: put(g, range(16), g[:, :16] + noise))
    assert diagnosis.cause is Cause.BLOCKS
    assert "W1, b1" in diagnosis.evidence


def test_rows_of_a_matrix_are_the_place():
    names = tuple(f"E[{i},{j}]" for i in range(8) for j in range(3))
    noise = np.random.default_rng(0).normal(size=(2, 6))
    (diagnosis,) = said(names, lambda t, g: put(g, [3, 4, 5, 15, 16, 17], g[:, [3, 4, 5, 15, 16, 17]] + noise))
    assert diagnosis.cause is Cause.ROWS
    assert "rows 1, 5 of E" in diagnosis.evidence


def test_right_at_one_point_and_wrong_at_another_is_said():
    noise = np.random.default_rng(0).normal(size=6)
    assert said(FLAT, lambda t, g: np.add(g, [0 * noise, noise]))[0].cause is Cause.SOME_POINTS


def test_what_has_no_pattern_is_listed_worst_first():
    factors = np.array([1.0, 1.4371, 1.0, 0.2153, 1.0091, 1.0])
    (diagnosis,) = said(FLAT, lambda t, g: g * factors)
    assert diagnosis.cause is Cause.NO_PATTERN
    assert diagnosis.parameters == ("w[3]", "w[1]", "w[4]")


def test_a_right_gradient_has_no_diagnosis():
    assert said(FLAT, lambda t, g: g) == ()


def test_one_parameter_and_one_point_prove_nothing():
    theta, gn = truth(("x",), points=1)
    assert [one.cause for one in diagnose(evidence(("x",), theta, 2 * gn, gn))] == [Cause.NO_PATTERN]


def test_one_parameter_needs_a_factor_with_a_name():
    assert said(("x",), lambda t, g: 2 * g)[0].cause is Cause.FACTOR
    assert said(("x",), lambda t, g: 1.234567891 * g)[0].cause is Cause.NO_PATTERN


def test_a_reference_that_is_hardly_known_proves_nothing():
    theta, gn = truth(FLAT[:2])
    blurred = gn * (1 + 0.02 * np.random.default_rng(3).normal(size=gn.shape))
    diagnoses = diagnose(evidence(FLAT[:2], theta, 1.5 * gn, blurred, error=0.03))
    assert {one.cause for one in diagnoses} <= {Cause.NO_PATTERN}


def test_a_blurred_reference_still_tells_a_factor_of_many_partials():
    theta, gn = truth(NET)
    blurred = gn + 1e-4 * np.max(np.abs(gn)) * np.random.default_rng(3).uniform(-1, 1, gn.shape)
    assert diagnose(evidence(NET, theta, 2 * gn, blurred, error=1e-4))[0].cause is Cause.FACTOR


def test_nan_is_named_and_the_rest_still_looked_at():
    diagnoses = said(FLAT, lambda t, g: put(2 * g, [3], np.nan))
    assert [(str(one.cause), len(one.parameters)) for one in diagnoses] == [("not-finite", 1), ("factor", 5)]


def test_a_value_outside_the_slopes_of_a_kink_is_said():
    theta, gn = truth(FLAT[:2])
    found = evidence(FLAT[:2], theta, gn, gn)
    gone = put(gn, [0], np.nan)
    rows = [[Verdict.FAIL, Verdict.PASS], [Verdict.KINK, Verdict.PASS]]
    (diagnosis,) = diagnose(Evidence(found.parameters, theta, put(gn, [0], 7.0), gone, found.errors, rows))
    assert (diagnosis.cause, diagnosis.parameters) == (Cause.KINK, ("w[0]",))


def test_what_a_guard_is_sure_of_comes_alone():
    finding = Finding(Cause.ACCUMULATED, (), "1.0, 2.0, 3.0", "start from zeros", Verdict.FAIL)
    (diagnosis,) = said(FLAT, lambda t, g: 3 * g, findings=(finding,))
    assert diagnosis.cause is Cause.ACCUMULATED


def test_a_remark_of_a_guard_stands_behind_the_pattern():
    finding = Finding(Cause.MUTATED, (), "w is changed", "work on a copy")
    causes = [one.cause for one in said(FLAT, lambda t, g: 2 * g, findings=(finding,))]
    assert causes == [Cause.FACTOR, Cause.MUTATED]


def test_single_precision_does_not_explain_a_large_error():
    finding = Finding(Cause.FLOAT32, (), "float32", "float64")
    noise = np.random.default_rng(0).normal(size=(2, 6))
    far = said(FLAT, lambda t, g: g + noise, findings=(finding,))
    near = said(FLAT, lambda t, g: g + 1e-5 * noise, findings=(finding,))
    assert [one.cause for one in far] == [Cause.NO_PATTERN, Cause.FLOAT32]
    assert [one.cause for one in near] == [Cause.FLOAT32]


def test_the_gradient_of_another_loss_is_told_from_no_gradient():
    noise = np.random.default_rng(0).normal(size=(2, 6))
    symmetric = [Mixed(1.0, 1.0 + 1e-9, 0.6, 1.2), Mixed(-0.4, -0.4, -0.7, 1.2)]
    asymmetric = [Mixed(1.0, 0.8, 0.6, 1.2), Mixed(-0.4, 0.3, -0.7, 1.2)]
    same_as_loss = [Mixed(0.6, 0.6, 0.6, 1.2), Mixed(-0.7, -0.7, -0.7, 1.2)]
    assert said(FLAT, lambda t, g: g + noise, mixed=symmetric)[0].cause is Cause.OTHER_LOSS
    found = said(FLAT, lambda t, g: g + noise, mixed=asymmetric)[0]
    assert (found.cause, "no function has this gradient" in found.evidence) == (Cause.NO_PATTERN, True)
    assert said(FLAT, lambda t, g: g + noise, mixed=same_as_loss)[0].cause is Cause.NO_PATTERN


def test_diagnosing_changes_no_array():
    theta, gn = truth(NET)
    found = evidence(NET, theta, gn + 1, gn)
    before = [np.array(array) for array in (found.points, found.analytic, found.numeric, found.errors)]
    diagnose(found)
    after = (found.points, found.analytic, found.numeric, found.errors)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def random_error(kind, generator, theta, gn):
    """One of the ways in which a gradient can be wrong without a pattern."""
    size = gn.shape[1]
    some = generator.permutation(size)[: generator.integers(min(2, size), size + 1)]
    amount = 10 ** generator.uniform(-4, 1)
    return {
        "dense": lambda: gn + amount * generator.normal(size=gn.shape),
        "dense, the same at all points": lambda: gn + amount * generator.normal(size=size),
        "relative": lambda: gn * (1 + generator.uniform(-0.5, 1, gn.shape)),
        "one factor per partial": lambda: gn * generator.uniform(-2, 2, size),
        "small, one factor per partial": lambda: gn * (1 + 1e-3 * generator.normal(size=size)),
        "a subset": lambda: put(gn, some, gn[:, some] + generator.normal(size=(len(gn), len(some)))),
        "a subset, one factor each": lambda: put(gn, some, gn[:, some] * generator.normal(1, 0.3, len(some))),
        "something else": lambda: generator.normal(size=gn.shape),
    }[kind]()


KINDS = (
    "dense",
    "dense, the same at all points",
    "relative",
    "one factor per partial",
    "small, one factor per partial",
    "a subset",
    "a subset, one factor each",
    "something else",
)


@pytest.mark.parametrize("kind", KINDS)
def test_no_cause_is_made_up_for_random_errors(kind):
    generator = np.random.default_rng(KINDS.index(kind))
    for trial in range(40):
        size = int(generator.choice([1, 2, 3, 5, 8, 15]))
        names = tuple(f"w[{k}]" for k in range(size)) if trial % 2 else (*(f"w[{k}]" for k in range(size - 1)), "b")
        theta, gn = truth(names, points=int(generator.choice([1, 2, 2, 3])), seed=trial)
        ga = random_error(kind, generator, theta, gn)
        found = diagnose(evidence(names, theta, ga, gn, error=10 ** generator.uniform(-12, -5)))
        assert {one.cause for one in found} <= {Cause.NO_PATTERN}, (trial, names, found)


@pytest.mark.parametrize(
    ("value", "text"),
    [(2, "2"), (1 / 3, "1/3"), (-0.5, "-1/2"), (np.pi / 180, "pi/180"), (36 / 35, "36/35"), (3**0.5, "sqrt(3)")],
)
def test_numbers_have_names(value, text):
    constant = name_constant(value - 1e-9, value + 1e-9)
    assert constant is not None
    assert constant.text == text


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.5, 2.5), (float("nan"), 1.0), (1.0, float("inf"))])
def test_wide_intervals_have_no_name(low, high):
    assert name_constant(low, high) is None
