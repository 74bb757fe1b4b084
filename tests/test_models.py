"""Losses and gradients written by hand, held to SymPy, to 50 digits, to complex steps and to plain evaluation."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from gradcli import models
from gradcli.check import check_gradient
from gradcli.errors import GradcliError
from gradcli.models.curves import read_off, summed_powers
from gradcli.models.logistic import sigmoid, softplus, tanh_slope
from gradcli.models.mistakes import MISTAKES
from gradcli.models.network import Network
from gradcli.models.regression import LinearRegression
from gradcli.report import Verdict

RNG = np.random.default_rng(20)


def labels(rows):
    return (RNG.random(rows) < 0.5).astype(float)


def some_models():
    X = RNG.normal(size=(40, 3)) * [1, 100, 0.01] + [0, 500, 0]
    yield pytest.param(models.linreg(X, RNG.normal(size=40)), id="linreg")
    yield pytest.param(models.linreg(X, RNG.normal(size=40), intercept=False), id="linreg without intercept")
    yield pytest.param(models.linreg(X[:, 0], RNG.normal(size=40)), id="linreg of one feature")
    X = RNG.normal(size=(40, 3))
    for hidden in ((), (1,), (5,), (4, 3), (3, 2, 4)):
        for intercept in (True, False):
            id_ = f"nn {hidden}" + " without intercept" * (not intercept)
            yield pytest.param(models.nn(X, labels(40), hidden=hidden, intercept=intercept), id=id_)


MODELS = list(some_models())


def precise_loss(model, theta):
    """The loss at 50 digits, from its definition: probabilities and their logarithms, no tricks with logits."""
    theta = [mpmath.mpf(value) for value in theta]
    total = mpmath.mpf(0)
    for row in range(model.rows):
        values = [mpmath.mpf(value) for value in model.columns[:, row]]
        target = mpmath.mpf(model.target[row])
        at = 0
        widths = [*model.hidden, 1]
        for depth, units in enumerate(widths):
            weights = theta[at : at + len(values) * units]
            at += len(values) * units
            biases = theta[at : at + units] if model.intercept or depth else [0] * units
            at += len(biases) if model.intercept or depth else 0
            values = [
                biases[j] + mpmath.fsum(value * weights[i * units + j] for i, value in enumerate(values))
                for j in range(units)
            ]
            if depth < len(widths) - 1:
                values = [mpmath.tanh(value) for value in values]
        if model.name == "linreg":
            total += (values[0] - target) ** 2
        else:
            a = 1 / (1 + mpmath.exp(-values[0]))
            total -= target * mpmath.log(a) + (1 - target) * mpmath.log(1 - a)
    return total / model.rows


@pytest.mark.parametrize("model", MODELS)
def test_loss_is_the_definition_at_50_digits(model):
    with mpmath.workdps(50):
        theta = models.random_point(model, 3)
        assert model.loss(theta) == pytest.approx(float(precise_loss(model, theta)), rel=1e-14)


@pytest.mark.parametrize("model", MODELS)
def test_gradient_is_that_of_the_definition(model):
    theta = models.random_point(model, 4)
    gradient = model.gradient(theta)
    chosen = RNG.choice(theta.size, size=min(6, theta.size), replace=False)
    with mpmath.workdps(50):
        for index in chosen:

            def along(value, index=index):
                point = [mpmath.mpf(number) for number in theta]
                point[index] = value
                return precise_loss(model, point)

            exact = float(mpmath.diff(along, mpmath.mpf(theta[index])))
            assert gradient[index] == pytest.approx(exact, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("model", MODELS)
def test_gradient_agrees_with_the_complex_step(model):
    theta = models.random_point(model, 5)
    extended = models.problem(model, theta).extended
    gradient = model.gradient(theta)
    for index in range(theta.size):
        moved = theta.astype(complex)
        moved[index] += 1e-30j
        assert gradient[index] == pytest.approx(extended(moved).imag / 1e-30, rel=1e-12, abs=1e-17)


@pytest.mark.parametrize("model", MODELS)
def test_value_and_gradient_together_are_the_same_as_apart(model):
    theta = models.random_point(model)
    loss, gradient = model.loss_and_gradient(theta)
    assert loss == pytest.approx(model.loss(theta), rel=1e-15)
    np.testing.assert_array_equal(gradient, model.gradient(theta))
    assert gradient.shape == (model.size,)
    assert len(model.parameters) == model.size


def test_article_formulas_of_the_regression_hold_exactly():
    x, y = [1, 2, 4, 7], [3, 1, 4, 1]
    model = models.linreg(np.array(x, dtype=float), np.array(y))
    w, b = Fraction(1, 2), Fraction(-3, 4)
    residuals = [w * xi + b - yi for xi, yi in zip(x, y, strict=True)]
    dw = Fraction(2, 4) * sum(r * xi for r, xi in zip(residuals, x, strict=True))
    db = Fraction(2, 4) * sum(residuals)
    assert model.gradient([0.5, -0.75]).tolist() == [float(dw), float(db)]


def test_gradient_of_the_neuron_is_sympys():
    x, y = [0.5, -1.25, 2.0], [1, 0, 1]
    w, b = sympy.symbols("w b", real=True)
    probabilities = [1 / (1 + sympy.exp(-(w * xi + b))) for xi in x]
    loss = -sum(yi * sympy.log(a) + (1 - yi) * sympy.log(1 - a) for a, yi in zip(probabilities, y, strict=True)) / 3
    exact = [float(sympy.diff(loss, name).subs({w: 0.75, b: -0.5}).evalf(30)) for name in (w, b)]
    assert models.nn(np.array(x), np.array(y)).gradient([0.75, -0.5]) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize(
    ("w", "loss", "slope"),
    [(1000.0, 0.0, 0.0), (-1000.0, 1000.0, -1.0), (40.0, 4.248354255291589e-18, -4.248354255291589e-18)],
)
def test_saturated_logits_give_neither_infinity_nor_nan(w, loss, slope):
    model = models.nn(np.array([1.0, -1.0]), np.array([1.0, 0.0]), intercept=False)
    assert model.loss([w]) == pytest.approx(loss, rel=1e-14)
    assert model.gradient([w])[0] == pytest.approx(slope, rel=1e-14)
    assert np.isfinite(model.shifted([w], [0, 0], [1.0, -1.0])).all()


def test_naive_loss_would_have_failed_at_the_saturated_point():
    z = np.array([-1000.0, 1000.0])
    with np.errstate(all="ignore"):
        a = 1 / (1 + np.exp(-z))
        naive = -np.array([1.0, 0.0]) * np.log(a) - np.array([0.0, 1.0]) * np.log(1 - a)
    assert not np.isfinite(naive).all()


@pytest.mark.parametrize("z", [-745.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 1.0, 40.0, 745.0])
def test_functions_of_a_logit_keep_their_digits(z):
    with mpmath.workdps(700):
        array, exact = np.array([z]), mpmath.mpf(z)
        assert softplus(array)[0] == pytest.approx(float(mpmath.log(1 + mpmath.exp(exact))), rel=1e-15, abs=5e-324)
        assert sigmoid(array)[0] == pytest.approx(float(1 / (1 + mpmath.exp(-exact))), rel=1e-15, abs=5e-324)
        assert tanh_slope(array)[0] == pytest.approx(float(mpmath.sech(exact) ** 2), rel=1e-15, abs=5e-324)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", [1e-9, 6e-6, 1e-2, 3.0])
def test_shifted_is_the_plain_loss_at_the_perturbed_parameters(model, size):
    theta = models.random_point(model, 6)
    indices = RNG.integers(0, theta.size, size=60)
    steps = RNG.normal(size=60) * size * np.maximum(np.abs(theta[indices]), 1e-3)
    shifted = model.shifted(theta, indices, steps)
    for index, step, value in zip(indices, steps, shifted, strict=True):
        moved = theta.copy()
        moved[index] += step
        assert value == pytest.approx(model.loss(moved), rel=2e-14)


def test_shifted_works_in_blocks_of_rows_and_perturbations(monkeypatch):
    X, y = RNG.normal(size=(300, 30)), labels(300)
    sizes = {
        "regression.BLOCK": 70,
        "shifting.BLOCK": 70,
        "shifting.ROWS": 90,
        "shifting.LAYER": 50,
        "curves.BLOCK": 999,
    }
    for model in (models.linreg(X, y), models.nn(X, y), models.nn(X, y, hidden=(6,)), models.nn(X, y, hidden=(6, 5))):
        theta = models.random_point(model)
        indices, steps = np.arange(theta.size), np.where(np.arange(theta.size) % 3, 1e-3, 0.2)
        whole = model.shifted(theta, indices, steps)
        with monkeypatch.context() as smaller:
            for name, size in sizes.items():
                smaller.setattr(f"gradcli.models.{name}", size)
            np.testing.assert_allclose(model.shifted(theta, indices, steps), whole, rtol=1e-14)


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_shifted_of_small_and_of_large_losses_is_as_exact(scale):
    X = RNG.normal(size=(600, 2))
    model = models.nn(X, (X[:, 0] > 0).astype(float), hidden=(3,))
    theta = models.random_point(model) * scale
    theta[-4:-1] *= scale
    indices = np.arange(theta.size)
    steps = 1e-3 * theta
    plain = [model.loss(theta + step * (indices == index)) for index, step in zip(indices, steps, strict=True)]
    np.testing.assert_allclose(model.shifted(theta, indices, steps), plain, rtol=1e-13)


@pytest.mark.parametrize("model", MODELS)
def test_shifted_never_looks_at_the_gradient(model, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the judge borrowed from the accused")

    theta = models.random_point(model)
    for kind in (LinearRegression, Network):
        monkeypatch.setattr(kind, "gradient", refuse)
        monkeypatch.setattr(kind, "loss_and_gradient", refuse)
    model.shifted(theta, range(theta.size), [1e-6] * theta.size)


@pytest.fixture
def fits(monkeypatch):
    """Whether the curves of each unit were polynomials, as they are tried."""
    seen = []

    def summed(*asked):
        sums, fit = summed_powers(*asked)
        seen.extend(fit.tolist())
        return sums, fit

    monkeypatch.setattr("gradcli.models.curves.summed_powers", summed)
    return seen


NETS = [(), (6,), (5, 4), (4, 3, 3)]


def both_ways(size, step):
    return np.repeat(np.arange(size), 2), np.tile([step, -step], size)


def plain_losses(model, theta, indices, steps):
    moved = (theta + step * (np.arange(theta.size) == index) for index, step in zip(indices, steps, strict=True))
    return np.array([model.loss(point) for point in moved])


@pytest.mark.parametrize("hidden", NETS)
@pytest.mark.parametrize("step", [1e-11, 3e-6, 2e-4])
@pytest.mark.parametrize("scale", [1.0, 8.0, 800.0])
def test_losses_read_off_curves_are_the_plain_ones_to_the_last_digit(hidden, step, scale, fits):
    """Logits of 1, of 10, and where every tanh and the sigmoid are saturated."""
    model = models.nn(RNG.normal(size=(50, 20)), labels(50), hidden=hidden)
    theta = models.random_point(model, 3) * scale
    indices, steps = both_ways(theta.size, step)
    found = model.shifted(theta, indices, steps)
    np.testing.assert_allclose(found, plain_losses(model, theta, indices, steps), rtol=4 * 2.0**-52)
    assert fits
    assert all(fits)


@pytest.mark.parametrize("hidden", NETS)
def test_losses_read_off_curves_are_those_at_50_digits(hidden, fits):
    model = models.nn(RNG.normal(size=(30, 20)), labels(30), hidden=hidden)
    theta = models.random_point(model, 4)
    indices, steps = both_ways(theta.size, 2e-4)
    found = model.shifted(theta, indices, steps)
    with mpmath.workdps(50):
        for k in RNG.choice(indices.size, 5):
            moved = theta.copy()
            moved[indices[k]] += steps[k]
            assert found[k] == pytest.approx(float(precise_loss(model, moved)), rel=3 * 2.0**-52)
    assert all(fits)


def test_tiny_losses_are_read_off_as_exactly(fits):
    X = RNG.normal(size=(60, 20))
    X[:, 0] = np.where(X[:, 0] > 0, 1.0, -1.0)
    model = models.nn(X, (X[:, 0] > 0).astype(float), hidden=(4,))
    theta = models.random_point(model) * 0.01
    theta[model.parameters.index("W1[0,0]")], theta[model.parameters.index("W2[0,0]")] = 3.0, 12.0
    assert model.loss(theta) < 1e-4
    indices, steps = both_ways(theta.size, 1e-4)
    np.testing.assert_allclose(
        model.shifted(theta, indices, steps), plain_losses(model, theta, indices, steps), rtol=40 * 2.0**-52
    )


def test_features_in_any_unit_and_steps_of_any_size_are_as_exact(fits):
    X = RNG.normal(size=(40, 30)) * 10.0 ** RNG.integers(-6, 7, size=30)
    model = models.nn(X, labels(40), hidden=(5,))
    theta = models.random_point(model, 2)
    indices = np.repeat(np.arange(theta.size), 4)
    steps = RNG.normal(size=indices.size) * 10.0 ** RNG.integers(-9, 1, size=indices.size) * np.abs(theta[indices])
    np.testing.assert_allclose(
        model.shifted(theta, indices, steps), plain_losses(model, theta, indices, steps), rtol=8 * 2.0**-52
    )
    assert any(fits)


def test_curves_that_are_no_polynomials_are_not_read_off():
    inputs = RNG.uniform(-1, 1, size=(30, 8))
    source, unit = np.arange(31), np.zeros(31, int)

    def read(losses, steps):
        return read_off(losses, inputs, unit, source, np.broadcast_to(steps, 31), 8 * 2.0**-52)

    def smooth(_, change):
        return np.exp(change)

    with_bias = np.vstack([inputs, np.ones(8)])
    exact = np.expm1(1e-3 * with_bias).sum(axis=1)
    np.testing.assert_allclose(read(smooth, 1e-3), exact, rtol=0, atol=8 * 2.0**-52)
    noise = np.random.default_rng(1)
    strange = {
        "a kink": (lambda _, change: np.abs(change - 3e-4), 1e-3),
        "a jump": (lambda _, change: (change > 3e-4) * 1e-9, 1e-3),
        "noise": (lambda _, change: change + 1e-13 * noise.normal(size=change.shape), 1e-3),
        "too quick": (lambda _, change: np.sin(3e3 * change), 1e-3),
        "no number": (lambda _, change: np.full(change.shape, np.nan), 1e-3),
        "a long way": (smooth, 0.1),
        "no step": (smooth, 0.0),
        "nowhere": (smooth, np.nan),
    }
    for name, (losses, step) in strange.items():
        assert np.isnan(read(losses, step)).all(), name
    few = read_off(smooth, inputs, unit[:20], source[:20], np.full(20, 1e-3), 1e-15)
    assert np.isnan(few).all()


def test_one_unit_that_does_not_fit_leaves_the_others_alone():
    inputs, units = RNG.uniform(-1, 1, size=(30, 8)), np.repeat([0, 1, 2], 30)

    def losses(unit, change):
        return np.where(unit[:, None] == 1, np.abs(change - 1e-4), np.exp(change))

    found = read_off(losses, inputs, units, np.tile(np.arange(30), 3), np.full(90, 1e-3), 8 * 2.0**-52)
    assert np.isnan(found).tolist() == [False] * 30 + [True] * 30 + [False] * 30


@pytest.mark.parametrize("hidden", NETS)
def test_a_check_comes_to_the_same_with_plain_losses(hidden, fits):
    model = models.nn(RNG.normal(size=(40, 16)), labels(40), hidden=hidden)
    for mistake in (None, *MISTAKES):
        problem = models.problem(model, models.random_point(model, 8), mistake=mistake)
        quick, plain = check_gradient(problem), check_gradient(replace(problem, shifted=None))
        assert quick.columns.verdict == plain.columns.verdict, mistake
        wide = 4 * (np.array(quick.columns.error) + np.array(plain.columns.error))
        assert np.all(np.abs(np.array(quick.columns.numeric) - np.array(plain.columns.numeric)) <= wide)
    assert any(fits)


@pytest.mark.parametrize("hidden", NETS)
def test_losses_beside_a_point_share_nothing_with_the_gradient(hidden, monkeypatch):
    """A slip in what only the gradient needs must not show in the losses."""
    model = models.nn(RNG.normal(size=(30, 20)), labels(30), hidden=hidden)
    theta = models.random_point(model)
    indices, steps = both_ways(theta.size, 1e-4)
    before = model.shifted(theta, indices, steps)
    for name in ("tanh_slope", "sigmoid", "probability_error"):
        monkeypatch.setattr(f"gradcli.models.network.{name}", lambda *_: np.nan)
        monkeypatch.setattr(f"gradcli.models.logistic.{name}", lambda *_: np.nan)
    np.testing.assert_array_equal(model.shifted(theta, indices, steps), before)


def test_shifted_leaves_its_arguments_alone_and_follows_the_point():
    model = models.nn(RNG.normal(size=(20, 2)), labels(20), hidden=(3,))
    first, second = models.random_point(model, 1), models.random_point(model, 2)
    kept = first.copy()
    before = model.shifted(first, [0], [1e-3])
    model.shifted(second, [0], [1e-3])
    np.testing.assert_array_equal(model.shifted(first, [0], [1e-3]), before)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("kind", ["linreg", "nn"])
def test_memory_of_many_perturbations_is_bounded(kind):
    X, y = RNG.normal(size=(20_000, 50)), labels(20_000)
    model = models.linreg(X, y) if kind == "linreg" else models.nn(X, y, hidden=(20,))
    theta = models.random_point(model)
    indices = np.arange(51)
    tracemalloc.start()
    model.shifted(theta, indices, np.full(indices.size, 1e-6))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32e6


@pytest.mark.parametrize(("features", "hidden", "rows"), [(300, (330,), 64), (40, (2000,), 500), (30, (300, 50), 700)])
def test_memory_of_a_whole_layer_moved_is_bounded(features, hidden, rows, fits):
    """All of the first layer both ways, which taken at once would be from 100 MB to 5 GB of moved logits."""
    model = models.nn(RNG.normal(size=(rows, features)), labels(rows), hidden=hidden)
    theta = models.random_point(model)
    indices, steps = both_ways(model.layers[0].end, 1e-4)
    assert 8 * indices.size * rows * (hidden[1] if hidden[1:] else 1) > 95e6
    model.forward(theta)
    tracemalloc.start()
    model.shifted(theta, indices, steps)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64e6
    assert all(fits)


def test_parameters_are_named_after_columns_and_units():
    X, y = RNG.normal(size=(6, 2)), np.array([0, 1, 0, 1, 1, 0])
    assert models.linreg(X[:, 0], y).parameters == ("w", "b")
    assert models.linreg(X, y, names=["age", "dose"]).parameters == ("w[age]", "w[dose]", "b")
    assert models.nn(X, y, names=["age", "dose"], intercept=False).parameters == ("w[age]", "w[dose]")
    deep = ("W1[0,0]", "W1[0,1]", "W1[1,0]", "W1[1,1]", "b1[0]", "b1[1]", "W2[0,0]", "W2[1,0]", "b2[0]")
    assert models.nn(X, y, hidden=[2]).parameters == deep


@pytest.mark.parametrize("model", [m for m in MODELS if m.values[0].name == "nn"])
def test_derivative_by_a_logit_is_a_minus_y(model):
    problem = models.logits(model, models.random_point(model))
    z = np.asarray(problem.point)
    a = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(problem.gradient(z), a - model.target, rtol=1e-12)
    assert problem.function(z) == pytest.approx(model.rows * model.loss(models.random_point(model)), rel=1e-13)
    steps = np.full(model.rows, 1e-3)
    moved = problem.shifted(z, range(model.rows), steps)
    for row in range(0, model.rows, 7):
        assert moved[row] == pytest.approx(problem.function(z + steps * (np.arange(z.size) == row)), rel=1e-14)
    assert check_gradient(problem).verdict is Verdict.PASS


@pytest.mark.parametrize("model", MODELS)
def test_right_gradients_pass_and_planted_mistakes_fail(model):
    theta = models.random_point(model, 9)
    assert check_gradient(models.problem(model, theta)).verdict is Verdict.PASS
    for mistake in MISTAKES:
        if model.size > 1:
            assert check_gradient(models.problem(model, theta, mistake=mistake)).verdict is Verdict.FAIL, mistake


def test_planted_mistakes_are_what_they_say():
    X = RNG.normal(size=(10, 2))
    line, neuron, net = (
        models.linreg(X, labels(10)),
        models.nn(X, labels(10)),
        models.nn(X, labels(10), hidden=(2,)),
    )
    for model in (line, neuron, net):
        theta = models.random_point(model)
        right = model.gradient(theta)
        wrong = {m: models.problem(model, theta, mistake=m).gradient(theta) for m in MISTAKES}
        np.testing.assert_array_equal(wrong["sign"], -right)
        np.testing.assert_allclose(wrong["factor"], right / 2 if model is line else 2 * right)
        np.testing.assert_allclose(wrong["mean"], 10 * right)
        np.testing.assert_array_equal(wrong["swap"], [right[-1], *right[1:-1], right[0]])
        kept = slice(-1, None) if model is not net else slice(-3, None)
        np.testing.assert_allclose(wrong["chain"][kept], right[kept])
        assert not np.allclose(wrong["chain"], right)


def test_unknown_mistake_and_swap_of_one_are_refused():
    model = models.linreg(np.arange(3.0), np.arange(3.0), intercept=False)
    with pytest.raises(GradcliError, match="unknown mistake 'typo'") as caught:
        models.problem(model, [0.0], mistake="typo")
    assert "chain" in caught.value.hint
    with pytest.raises(GradcliError, match="needs two parameters"):
        models.problem(model, [0.0], mistake="swap")


def test_points_are_zeros_random_or_given():
    model = models.linreg(RNG.normal(size=(5, 2)), np.arange(5.0))
    assert models.point(model, "zeros").tolist() == [0, 0, 0]
    assert models.point(model, {"b": 1, "w[x1]": 2, "w[x2]": 3.5}).tolist() == [2, 3.5, 1]
    np.testing.assert_array_equal(models.point(model, seed=4), models.point(model, "random", seed=4))
    assert (models.point(model, seed=4) != models.point(model, seed=5)).all()
    with pytest.raises(GradcliError, match="gives no value to w"):
        models.point(model, {"b": 1.0})


def test_random_points_do_not_saturate_features_in_large_units():
    model = models.nn(np.linspace(1e6, 2e6, 50), labels(50), hidden=(4,))
    before = model.forward(models.point(model)).logits[0]
    assert np.abs(before).max() < 10


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (np.ones((3, 2)), np.ones(4), "shape"),
        (np.ones((3, 2, 1)), np.ones(3), "shape"),
        (np.ones((0, 2)), np.ones(0), "shape"),
        ([[1.0], [np.nan]], [1.0, 0.0], "NaN"),
        ([[1.0], [2.0]], [1.0, np.inf], "NaN"),
    ],
)
def test_unusable_arrays_are_refused(X, y, words):
    with pytest.raises(GradcliError, match=words):
        models.linreg(np.array(X), np.array(y))


def test_labels_and_layers_are_looked_at():
    X = np.arange(4.0)
    with pytest.raises(GradcliError, match="labels other than 0 and 1"):
        models.nn(X, np.array([1, 2, 1, 2]))
    with pytest.raises(GradcliError, match="hidden layer of 0 units"):
        models.nn(X, np.array([0, 1, 0, 1]), hidden=(3, 0))
    with pytest.raises(GradcliError, match="2 names for 1 features"):
        models.linreg(X, X, names=["a", "b"])


def test_features_kept_by_column_are_not_copied():
    columns = np.ascontiguousarray(RNG.normal(size=(3, 10)))
    assert np.shares_memory(models.linreg(columns.T, np.arange(10.0)).columns, columns)
