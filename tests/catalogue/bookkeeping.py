"""The formula is right and the program is not: caches, buffers, element types, in-place changes, indices, chance."""

import numpy as np

rng = np.random.default_rng(11)
N = 10
X = rng.normal(size=(N, 3))
y = X @ [2.0, -1.0, 0.5] + 0.1 * rng.normal(size=N)
x0 = np.array([0.5, 1.5, -1.0])


def loss(w):
    return np.sum(np.tanh(X @ w - y) ** 2)


def grad(w):
    t = np.tanh(X @ w - y)
    return 2 * X.T @ (t * (1 - t**2))


CAUSES = {
    "computed_once": "constant",
    "gradient_at_start": "constant",
    "one_call_late": "stale",
    "cache_left_by_forward": "stale",
    "never_cleared": "accumulated",
    "momentum": "accumulated",
    "integer_buffer": "integer-buffer",
    "integer_division": "integer-buffer",
    "single_precision_loss_of_digits": "float32",
    "works_in_place": "mutated",
    "dropout_unseeded": "nondeterministic",
    "minibatch": "nondeterministic",
    "wrong_length": "shape",
    "nan_for_zero": "not-finite",
    "detached": "missing",
    "not_assigned": "missing",
    "loop_starts_at_one": "missing",
    "loop_index_reused": "wrong-axis",
    "returns_at_first": "missing",
    "finite_difference_too_coarse": "",
    "forward_difference": "",
    "absolute_value": "sign-lost",
    "sorted": "permuted|swapped|reversed|rolled",
    "scaled_by_weights": "parameter-factor",
    "natural_gradient": "parameter-factor",
}


def _loss(w):
    return loss(w)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss
first = {}


def grad_computed_once(w):
    if "g" not in first:
        first["g"] = grad(w)
    return first["g"]


def grad_gradient_at_start(w):
    return grad(x0)


late = {"w": x0}


def grad_one_call_late(w):
    g = grad(late["w"])
    late["w"] = np.array(w)
    return g


cache = {}


def loss_cache_left_by_forward(w):
    cache["t"] = np.tanh(X @ w - y)
    return np.sum(cache["t"] ** 2)


def grad_cache_left_by_forward(w):
    t = cache["t"] if cache else np.zeros(N)
    return 2 * X.T @ (t * (1 - t**2))


total = {"g": np.zeros(3)}


def grad_never_cleared(w):
    total["g"] = total["g"] + grad(w)
    return total["g"]


moving = {"v": np.zeros(3)}


def grad_momentum(w):
    moving["v"] = 0.9 * moving["v"] + grad(w)
    return moving["v"]


def grad_integer_buffer(w):
    g = np.zeros(3, dtype=int)
    g[:] = 3 * grad(w)
    return g


def loss_integer_buffer(w):
    return 3 * loss(w)


def loss_integer_division(w):
    return 10 * loss(w)


def grad_integer_division(w):
    return 10 * grad(w) // 1


def grad_single_precision_loss_of_digits(w):
    x = X.astype(np.float32)
    big = np.float32(3000)
    t = np.tanh((x @ w.astype(np.float32) + big) - (y.astype(np.float32) + big)).astype(np.float32)
    return 2 * x.T @ (t * (1 - t**2))


def loss_works_in_place(w):
    w -= 0.1
    return loss(w + 0.1)


def grad_works_in_place(w):
    w *= 2
    return grad(w)


def grad_dropout_unseeded(w):
    mask = rng.random(N) > 0.5
    t = np.tanh(X @ w - y)
    return 2 * X.T @ (t * (1 - t**2) * mask) * 2


def grad_minibatch(w):
    rows = rng.choice(N, 5)
    t = np.tanh(X[rows] @ w - y[rows])
    return 2 * X[rows].T @ (t * (1 - t**2))


def grad_wrong_length(w):
    return grad(w)[:2]


def grad_nan_for_zero(w):
    g = grad(w)
    g[0] = np.inf
    return g


def grad_detached(w):
    return np.zeros_like(w)


def grad_not_assigned(w):
    g = np.zeros_like(w)
    g + grad(w)
    return g


def grad_loop_starts_at_one(w):
    g = np.zeros(3)
    for j in range(1, 3):
        g[j] = grad(w)[j]
    return g


def grad_loop_index_reused(w):
    g, full = np.zeros(3), grad(w)
    j = 1
    for i in range(3):
        g[i] = full[j]
    return g


def grad_returns_at_first(w):
    g, full = np.zeros(3), grad(w)
    for i in range(3):
        g[i] = full[i]
        if i == 0:
            return g
    return g


def grad_finite_difference_too_coarse(w):
    h = 0.1
    return np.array([(loss(w + h * e) - loss(w - h * e)) / (2 * h) for e in np.eye(3)])


def grad_forward_difference(w):
    h = 1e-3
    return np.array([(loss(w + h * e) - loss(w)) / h for e in np.eye(3)])


def grad_absolute_value(w):
    return np.abs(grad(w))


def grad_sorted(w):
    return np.sort(grad(w))


def grad_scaled_by_weights(w):
    return grad(w) * w


def grad_natural_gradient(w):
    return grad(w) / w**2
