"""Descent against certified solutions, Newton's method and exact arithmetic; separable data; what stops it."""

import json
import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from strd import SETS

from gradcli import datasets, models, parameters
from gradcli.check import check_gradient
from gradcli.descent import descend, leastsquares, scaling
from gradcli.descent.frame import Frame
from gradcli.descent.separation import inseparable
from gradcli.descent.walk import Walk
from gradcli.errors import GradcliError
from gradcli.models.logistic import sigmoid, softplus
from gradcli.report import Verdict

RNG = np.random.default_rng(11)


@pytest.fixture
def norris():
    data = datasets.sample("linreg")
    return models.linreg(data.X, data.y, names=data.features)


@pytest.fixture
def challenger():
    data = datasets.sample("nn")
    return models.nn(data.X, data.y, names=data.features)


def in_nist_order(model, theta):
    return np.roll(theta, 1) if model.intercept else theta


# ---- least squares ----


@pytest.mark.parametrize("name", SETS)
def test_certified_parameters_are_reached(name):
    X, y, intercept, certified = SETS[name]
    model = models.linreg(X, y, intercept=intercept)
    theta, rank = leastsquares.minimum(model)
    # the powers of Filip's x, rounded to doubles, are another problem from the seventh digit on
    np.testing.assert_allclose(in_nist_order(model, theta), certified, rtol=1e-7 if name == "Filip" else 1e-13)
    assert rank == len(certified)


@pytest.mark.parametrize("name", [name for name in SETS if name != "Filip"])
def test_large_data_are_solved_in_blocks_as_well(name, monkeypatch):
    monkeypatch.setattr(leastsquares, "REFINED", 0)
    monkeypatch.setattr(scaling, "ROWS", 5)
    X, y, intercept, certified = SETS[name]
    model = models.linreg(X, y, intercept=intercept)
    theta, rank = leastsquares.minimum(model)
    # without doubled precision, noise 1e5 and 1e7 times as large as the terms it hides costs digits
    np.testing.assert_allclose(
        in_nist_order(model, theta), certified, rtol={"Wampler4": 1e-6, "Wampler5": 1e-4}.get(name, 1e-8)
    )
    assert rank == len(certified)


def test_minimum_is_that_of_exact_arithmetic():
    X = RNG.integers(-9, 9, size=(12, 3)) + np.array([0, 1e6, 0])
    y = RNG.integers(-99, 99, size=12).astype(float)
    design = [[*map(Fraction, row), Fraction(1)] for row in X.tolist()]
    normal = [[sum(row[i] * row[j] for row in design) for j in range(4)] for i in range(4)]
    right = [sum(row[i] * Fraction(yi) for row, yi in zip(design, y.tolist(), strict=True)) for i in range(4)]
    theta, _ = leastsquares.minimum(models.linreg(X, y))
    np.testing.assert_allclose(theta, [float(value) for value in solved(normal, right)], rtol=1e-15)


def solved(matrix, right):
    """Gauss and Jordan over the rationals."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


def test_products_and_sums_lose_nothing():
    a, b = RNG.normal(size=(2, 100)) * 10.0 ** RNG.integers(-9, 9, size=(2, 100))
    for pair, exact in (
        (leastsquares.two_sum(a, b), lambda x, y: x + y),
        (leastsquares.two_product(a, b), lambda x, y: x * y),
    ):
        for x, y, high, low in zip(a, b, *pair, strict=True):
            assert Fraction(high) + Fraction(low) == exact(Fraction(x), Fraction(y))


# ---- linear regression ----


@pytest.mark.parametrize("name", SETS)
def test_descent_by_default_reaches_the_optimal_loss(name):
    X, y, intercept, _ = SETS[name]
    model = models.linreg(X, y, intercept=intercept)
    descent = descend(model)
    assert descent.converged
    assert descent.loss - descent.optimum.loss <= 1e-6 * descent.optimum.loss + 1e-9 * np.square(y).mean()
    assert descent.loss == model.loss(list(descent.parameters.values()))


def test_norris_is_fitted_in_the_units_of_the_data(norris):
    descent = descend(norris)
    assert descent.parameters == pytest.approx({"w": 1.00211681802045, "b": -0.262323073774029}, rel=1e-9)
    assert (descent.rows, descent.target, descent.learning_rate) == (36, "linreg", pytest.approx(0.5))
    assert descent.optimum.loss == pytest.approx(26.6173985294224 / 36, rel=1e-13)
    assert descent.excess < 1e-8
    assert descent.distance < 1e-8
    assert descent.accuracy is None


@pytest.mark.parametrize("rate", [3.42e-6, 1e-5, 1.0])
def test_divergence_is_detected_at_once_and_names_the_largest_stable_rate(norris, rate):
    with pytest.raises(GradcliError, match="training diverged: iteration 1") as caught:
        descend(norris, standardize=False, lr=rate)
    assert "2/L = 3.41e-06" in caught.value.hint


def test_just_below_the_largest_rate_descent_is_stable(norris):
    descent = descend(norris, standardize=False, lr=3.40e-6, iterations=2000)
    assert descent.loss < 1
    assert not descent.converged
    assert descent.stopped == "the iterations ran out"
    assert "without standardising" in descent.notes[0]


def test_ill_conditioned_descent_never_claims_to_have_converged():
    x = np.arange(8.0) + 1e6
    descent = descend(models.linreg(x, RNG.normal(size=8)), standardize=False, iterations=500)
    assert descent.excess > 1e-6
    assert not descent.converged


def test_collinear_features_are_orthogonalised_and_it_is_said():
    X, y, _, _ = SETS["Longley"]
    assert "orthogonalised" in descend(models.linreg(X, y)).notes[0]
    assert descend(models.linreg(X[:, :1], y)).notes == ()


def test_dependent_features_have_no_unique_minimum():
    x = RNG.normal(size=30)
    model = models.linreg(np.column_stack([x, 2 * x, x**2]), x + RNG.normal(size=30))
    plain = descend(models.linreg(np.column_stack([x, x**2]), model.target))
    descent = descend(model)
    assert "not unique" in descent.notes[0]
    assert descent.loss == pytest.approx(plain.loss, rel=1e-6)
    assert descent.optimum.loss == pytest.approx(plain.optimum.loss, rel=1e-12)


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e150])
def test_units_of_a_feature_do_not_matter(factor):
    x = np.arange(1.0, 9)
    y = 3 * x + RNG.normal(size=8)
    plain, scaled = descend(models.linreg(x, y)), descend(models.linreg(x * factor, y))
    assert scaled.loss == pytest.approx(plain.loss, rel=1e-9)
    assert scaled.parameters["w"] == pytest.approx(plain.parameters["w"] / factor, rel=1e-9)


# ---- the net ----


def test_challenger_estimates_are_those_of_the_literature(challenger):
    # S. Dalal, E. Fowlkes, B. Hoadley, J. Am. Stat. Assoc. 84 (1989), p. 945: 15.043 and -0.2322
    descent = descend(challenger, tol=1e-14)
    assert descent.parameters["b"] == pytest.approx(15.0429, abs=1e-4)
    assert descent.parameters["w"] == pytest.approx(-0.23216, abs=1e-5)
    assert descent.loss == pytest.approx(20.3152 / 46, rel=1e-5)
    assert descent.accuracy == pytest.approx(20 / 23)
    assert descent.optimum is None
    assert not descent.separable


def optimal_loss(X, y):
    """Newton's method on orthonormal features: another algorithm in other coordinates."""
    design = np.linalg.qr(np.column_stack([np.ones(len(y)), X]))[0] * math.sqrt(len(y))
    theta, sign = np.zeros(design.shape[1]), 2 * y - 1
    for _ in range(60):
        z = design @ theta
        gradient = design.T @ (sigmoid(z) - y)
        hessian = (design.T * (sigmoid(z) * sigmoid(-z))) @ design
        step, share = np.linalg.solve(hessian, gradient), 1.0
        before = softplus(-sign * z).sum()
        while softplus(-sign * (design @ (theta - share * step))).sum() > before and share > 1e-9:
            share /= 2
        theta -= share * step
    return softplus(-sign * (design @ theta)).mean()


def overlapping():
    x = RNG.normal(size=(150, 1))
    yield "one feature", x, x[:, 0]
    X = RNG.normal(size=(200, 4))
    yield "four features", X, X @ [2, -1, 0.5, 0]
    yield "raw units", X * [1e-3, 1e4, 7, 1] + [5, 1e5, 0, -40], 2 * X @ [1, 1, 1, 1]
    yield "steep", X, 6 * X @ [1, 1, 0, 0]
    t = np.linspace(0, 10, 80)
    yield "powers", np.column_stack([t, t**2, t**3, t**4]), 2 * np.sin(t)
    yield "rare", RNG.normal(size=(500, 2)), np.full(500, -3.5)
    yield "collinear", np.column_stack([t, t + 1e-4 * RNG.normal(size=80)]), t - 5


@pytest.mark.parametrize(("X", "z"), [case[1:] for case in overlapping()], ids=[case[0] for case in overlapping()])
def test_descent_by_default_reaches_the_optimal_cross_entropy(X, z):
    y = (RNG.random(len(z)) < sigmoid(np.asarray(z))).astype(float)
    descent = descend(models.nn(X, y))
    assert descent.converged
    assert not descent.separable
    assert descent.loss == pytest.approx(optimal_loss(X, y), rel=1e-7)


def test_hidden_layers_learn_what_a_plane_cannot():
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0.0, 1, 1, 0])
    alone, net = descend(models.nn(X, y)), descend(models.nn(X, y, hidden=(4,)), seed=1, iterations=3000)
    assert alone.loss == pytest.approx(math.log(2))
    assert net.accuracy == 1
    assert net.separable
    assert not net.converged
    assert "no minimum" in net.notes[0]


def test_seed_repeats_everything(challenger):
    net = models.nn(challenger.columns.T, challenger.target, hidden=(3,))
    first, again, other = (descend(net, seed=seed, iterations=50) for seed in (5, 5, 6))
    assert first == again
    assert first.parameters != other.parameters


def test_rate_of_a_net_is_halved_rather_than_letting_the_loss_rise(challenger):
    net = models.nn(
        scaling.standardised(challenger.columns, bias=True).features(challenger.columns).T,
        challenger.target,
        hidden=(8, 4),
    )
    walk, losses = Walk(net, models.random_point(net), None, largest=0.01), []
    walk.follow(500, None, lambda _iteration, loss, _norm: losses.append(loss))
    assert walk.iteration == 500
    assert walk.halvings > 5
    assert (np.diff(losses) <= 1e-8).all()
    assert losses[-1] < 0.5
    with pytest.raises(GradcliError, match="diverged") as caught:
        descend(net, lr=1e6)
    assert "below 2/L = about" in caught.value.hint


# ---- separable data ----

x4 = np.arange(1.0, 5)
SEPARATED = {
    "by a threshold": (x4[:, None], [0, 0, 1, 1], 0),
    "with a tie": (np.array([[1.0], [2], [2], [3]]), [0, 0, 1, 1], 2),
    "by one row": (np.array([[1.0], [1], [1], [9]]), [0, 1, 0, 1], 3),
    "by a dummy": (np.array([[0.0, 1], [0, 2], [0, 3], [0, 4], [1, 2], [1, 3]]), [0, 1, 0, 1, 1, 1], 4),
    "by two dummies": (np.array([[0.0, 0], [0, 0], [1, 0], [0, 1]]), [0, 1, 1, 0], 2),
    "in the plane": (np.array([[0.0, 0], [1, 0], [0, 1], [1, 1.5]]), [0, 0, 0, 1], 0),
}
OVERLAPPING = {
    "threshold": (x4[:, None], [0, 1, 0, 1]),
    "both labels everywhere": (np.array([[1.0], [1], [2], [2]]), [0, 1, 0, 1]),
    "exclusive or": (np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]),
    "by a hair": (np.array([[1.0], [2], [2 + 1e-6], [3]]), [0, 1, 0, 1]),
    "constant logit": (np.array([[1.0, 5], [1, 6], [2, 5], [2, 6]] * 2), [0, 0, 0, 0, 1, 1, 1, 1]),
}


@pytest.mark.parametrize(("X", "y", "left"), SEPARATED.values(), ids=SEPARATED)
def test_separable_data_are_named_and_their_overlap_counted(X, y, left):
    y = np.array(y, dtype=float)
    features = scaling.standardised(X.T, bias=True).features(X.T)
    assert inseparable(features, y, intercept=True).sum() == left
    for standardize in (True, False):
        descent = descend(models.nn(X, y), standardize=standardize, iterations=200)
        assert descent.separable
        assert not descent.converged
        told = next(note for note in descent.notes if "separable" in note)
        assert ("quasi-separable" in told) == (left > 0)
        assert "no minimum" in told


@pytest.mark.parametrize(("X", "y"), OVERLAPPING.values(), ids=OVERLAPPING)
def test_overlapping_data_are_never_called_separable(X, y):
    descent = descend(models.nn(X, np.array(y, dtype=float)), iterations=200)
    assert not descent.separable
    assert all("separable" not in note for note in descent.notes)


def test_without_a_bias_the_boundary_goes_through_the_origin():
    y = np.array([0.0, 0, 1, 1])
    assert not descend(models.nn(x4, y, intercept=False), iterations=10).separable
    assert descend(models.nn(x4 - 2.5, y, intercept=False), iterations=10).separable


@pytest.mark.parametrize("seed", range(60))
def test_separability_is_certified_either_way(seed):
    """Overlap by weights lambda >= 1 that cancel, by construction; separation by a theta, likewise."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 6))
    if seed % 2:
        # to each row its mirror image with the same label: s x - s x = 0
        X, labels = rng.normal(size=(2 * d + 3, d)), rng.integers(0, 2, size=2 * d + 3)
        rows, y, left = np.vstack([X, -X, X, -X]), np.concatenate([labels, labels, 1 - labels, 1 - labels]), None
    else:
        theta, rows = rng.normal(size=d), rng.normal(size=(60, d))
        y, left = (rows @ theta > 0.3).astype(int), 0
        if len(set(y.tolist())) == 1:
            y[:30] = 1 - y[0]
            rows[:30, 0] += 50 * (2 * y[0] - 1)
    found = inseparable(np.ascontiguousarray(rows.T), y.astype(float), intercept=True)
    assert found.sum() == (len(rows) if left is None else left)


# ---- where it starts, what it says, how it stops ----


@pytest.mark.parametrize("hidden", [(), (3,), (3, 2)])
@pytest.mark.parametrize("intercept", [True, False])
def test_parameters_are_carried_in_and_out_exactly(hidden, intercept):
    X = RNG.normal(size=(50, 3)) * [1, 30, 0.1] + [0, 200, 5]
    y = (RNG.random(50) < 0.5).astype(float)
    collinear = np.column_stack([X[:, 0], X[:, 0] + 1e-3 * X[:, 2], X[:, 1]])
    for features, width in ((X, 3), (collinear, 3), (np.column_stack([X[:, :2], X[:, 0] + X[:, 1]]), 2)):
        model = models.nn(features, y, hidden=hidden, intercept=intercept)
        frame = Frame.of(model, standardize=True)
        assert frame.scaling.width == width
        theta = models.random_point(frame.inside, 1)
        outside = frame.outside(theta)
        assert frame.inside.loss(theta) == pytest.approx(model.loss(outside), rel=1e-9)
        named = dict(zip(model.parameters, outside.tolist(), strict=True))
        np.testing.assert_allclose(frame.start(named, 0), theta, rtol=1e-6, atol=1e-9)


def test_descent_may_start_anywhere_and_remembers_it(norris):
    descent = descend(norris, start={"w": 5.0, "b": 100.0}, iterations=0)
    assert descent.parameters == pytest.approx({"w": 5, "b": 100}, rel=1e-12)
    assert descent.start == pytest.approx((5, 100), rel=1e-12)
    assert descent.iterations == 0
    assert descend(norris, start={"w": 5.0, "b": 100.0}).excess < 1e-8


def test_trace_has_every_step_in_the_units_of_the_data(challenger):
    steps, seen = [], []
    descent = descend(challenger, trace=steps.append, progress=lambda *told: seen.append(told))
    assert [step.iteration for step in steps] == list(range(descent.iterations + 1))
    assert steps[0].parameters == (0, 0)
    assert steps[0].loss == pytest.approx(math.log(2))
    assert steps[-1].parameters == tuple(descent.parameters.values())
    assert [step.loss for step in steps] == [told[2] for told in seen]
    assert (np.diff([step.loss for step in steps]) < 0).all()
    assert all(challenger.loss(step.parameters) == pytest.approx(step.loss, rel=1e-12) for step in steps)


def test_every_step_is_the_learning_rate_times_the_gradient(norris):
    steps = []
    descend(norris, standardize=False, lr=1e-6, iterations=3, trace=steps.append)
    for before, after in pairwise(steps):
        expected = np.array(before.parameters) - 1e-6 * norris.gradient(before.parameters)
        np.testing.assert_allclose(after.parameters, expected, rtol=1e-15)


def test_interruption_returns_what_has_been_reached(challenger):
    def interrupt(iteration, *_):
        if iteration == 7:
            raise KeyboardInterrupt

    descent = descend(challenger, progress=interrupt)
    assert descent.interrupted
    assert (descent.iterations, descent.stopped, descent.converged) == (7, "interrupted", False)
    assert descent.loss < math.log(2)


def test_gradient_is_checked_at_start_middle_and_end(challenger):
    points = []

    def check(problem):
        points.append(problem.point)
        return check_gradient(problem)

    descent = descend(challenger, check=check)
    assert [checked.iteration for checked in descent.checks] == [0, 8, descent.iterations]
    assert {checked.verdict for checked in descent.checks} == {Verdict.PASS}
    assert all(checked.relative_error < 1e-6 for checked in descent.checks)
    assert tuple(points[-1]) == tuple(descent.parameters.values())


def test_gradient_is_checked_as_often_as_asked(challenger):
    descent = descend(challenger, check=check_gradient, check_every=10, iterations=25, tol=0)
    assert [checked.iteration for checked in descent.checks] == [0, 10, 20, 25]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lr": 0.0}, "learning rate is 0"),
        ({"lr": -1.0}, "learning rate is -1"),
        ({"lr": math.nan}, "learning rate is nan"),
        ({"iterations": -1}, "-1 iterations"),
        ({"tol": -1.0}, "tolerance is -1"),
        ({"check_every": 0}, "check every 0"),
        ({"start": {"w": 1.0}}, "no value to b"),
    ],
)
def test_nonsense_is_refused(norris, options, told):
    with pytest.raises(GradcliError, match=told):
        descend(norris, **options)


def test_saved_parameters_are_read_back_to_the_last_bit(tmp_path, challenger):
    descent = descend(models.nn(challenger.columns.T, challenger.target, hidden=(2,)), iterations=20)
    path = tmp_path / "net.json"
    parameters.write(path, "nn", descent.parameters, loss=descent.loss)
    assert json.loads(path.read_text())["schema"] == "gradcli/1"
    assert parameters.read(path, list(descent.parameters)).tolist() == list(descent.parameters.values())
