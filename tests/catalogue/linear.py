"""Linear regression, L = 1/N |Xw + b - y|^2 with p = (w, b): what goes wrong in the first gradient one writes."""

import numpy as np

rng = np.random.default_rng(1)
N = 12
X = rng.normal(size=(N, 3)) * [1.0, 3.0, 0.5]
y = X @ [1.0, -2.0, 0.5] + 0.7 + 0.3 * rng.normal(size=N)
x0 = np.array([0.4, -0.9, 1.2, -0.3])


def residual(p):
    return X @ p[:3] + p[3] - y


def loss(p):
    return np.mean(residual(p) ** 2)


def grad(p):
    r = residual(p)
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


CAUSES = {
    "no_two": "factor",
    "sum_for_mean": "factor",
    "divided_twice": "factor",
    "target_minus_prediction": "sign",
    "bias_summed": "factor",
    "bias_forgotten": "missing",
    "bias_sign": "sign",
    "weights_and_bias_swapped": "rolled",
    "reversed_weights": "swapped",
    "two_swapped": "swapped",
    "one_five_percent": "one-partial",
    "one_hundred_thousandth": "one-partial",
    "five_percent": "factor",
    "last_feature_forgotten": "missing",
    "learning_rate": "factor",
    "descent_step": "factor",
    "updated_parameters": "update",
    "without_bias_in_residual": "",
    "last_row_forgotten": "other-loss",
    "first_row_only": "other-loss",
    "without_target": "",
    "absolute_residual": "other-loss",
    "unpacked_in_wrong_order": "",
    "sign_only": "distorted",
    "clipped": "clipped",
    "normalised": "normalised",
    "root_not_derived": "chain-factor",
    "log_not_derived": "chain-factor",
    "single_element": "wrong-axis",
    "shifted_by_one": "shifted",
    "rounded": "rounded",
    "half_precision": "rounded",
    "nan": "not-finite",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def grad_no_two(p):
    return grad(p) / 2


def grad_sum_for_mean(p):
    return grad(p) * N


def grad_divided_twice(p):
    return grad(p) / N


def grad_target_minus_prediction(p):
    r = y - X @ p[:3] - p[3]
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


def grad_bias_summed(p):
    r = residual(p)
    return np.append(2 / N * X.T @ r, 2 * r.sum())


def grad_bias_forgotten(p):
    return np.append(grad(p)[:3], 0)


def grad_bias_sign(p):
    return grad(p) * [1, 1, 1, -1]


def grad_weights_and_bias_swapped(p):
    g = grad(p)
    return np.append(g[3], g[:3])


def grad_reversed_weights(p):
    g = grad(p)
    return np.append(g[2::-1], g[3])


def grad_two_swapped(p):
    return grad(p)[[1, 0, 2, 3]]


def grad_one_five_percent(p):
    return grad(p) * [1, 1.05, 1, 1]


def grad_one_hundred_thousandth(p):
    return grad(p) * [1, 1, 1 + 1e-5, 1]


def grad_five_percent(p):
    return grad(p) * 1.05


def grad_last_feature_forgotten(p):
    g = np.zeros(4)
    for j in range(2):
        g[j] = 2 * np.mean(residual(p) * X[:, j])
    g[3] = 2 * np.mean(residual(p))
    return g


def grad_learning_rate(p):
    return 0.01 * grad(p)


def grad_descent_step(p):
    return -0.1 * grad(p)


def grad_updated_parameters(p):
    return p - 0.1 * grad(p)


def grad_without_bias_in_residual(p):
    r = X @ p[:3] - y
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


def grad_last_row_forgotten(p):
    r = residual(p)[:-1]
    return np.append(2 / N * X[:-1].T @ r, 2 / N * r.sum())


def grad_first_row_only(p):
    r = residual(p)[0]
    return np.append(2 * X[0] * r, 2 * r)


def grad_without_target(p):
    r = X @ p[:3] + p[3]
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


def grad_absolute_residual(p):
    r = np.abs(residual(p))
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


def grad_unpacked_in_wrong_order(p):
    r = X @ p[1:] + p[0] - y
    return np.append(2 / N * X.T @ r, 2 / N * r.sum())


def grad_sign_only(p):
    return np.sign(grad(p))


def grad_clipped(p):
    return np.clip(grad(p), -1, 1)


def grad_normalised(p):
    return grad(p) / np.linalg.norm(grad(p))


def loss_root_not_derived(p):
    return np.sqrt(loss(p))


def grad_root_not_derived(p):
    return grad(p)


def loss_log_not_derived(p):
    return np.log(loss(p))


def grad_log_not_derived(p):
    return grad(p)


def grad_single_element(p):
    return np.append(np.full(3, 2 / N * (X.T @ residual(p)).sum()), grad(p)[3])


def grad_shifted_by_one(p):
    g = np.zeros(4)
    g[1:] = grad(p)[:3]
    return g


def grad_rounded(p):
    return np.round(grad(p), 2)


def grad_half_precision(p):
    return grad(p).astype(np.float16)


def grad_nan(p):
    g = grad(p)
    g[2] = float("nan")
    return g
