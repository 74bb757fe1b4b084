"""Ridge, lasso, elastic net: which term is missing, doubled, or on the wrong parameters."""

import numpy as np

rng = np.random.default_rng(4)
N, D = 15, 4
X = rng.normal(size=(N, D))
y = X @ [1.0, 0.0, -2.0, 0.5] - 0.4 + 0.2 * rng.normal(size=N)
LAMBDA = 0.1
x0 = np.array([0.8, -0.3, -1.1, 0.6, 0.9])


def data(p):
    return np.mean((X @ p[:D] + p[D] - y) ** 2)


def data_grad(p):
    r = X @ p[:D] + p[D] - y
    return 2 / N * np.append(X.T @ r, r.sum())


def weights(p):
    return np.append(p[:D], 0)


def loss(p):
    return data(p) + LAMBDA / 2 * np.sum(p[:D] ** 2)


def grad(p):
    return data_grad(p) + LAMBDA * weights(p)


CAUSES = {
    "l2_forgotten": "l2-term",
    "l2_doubled": "l2-term",
    "l2_on_bias": "l2-term",
    "l2_divided_by_n": "l2-term",
    "l2_sign": "l2-term",
    "l2_squared": "term",
    "lambda_forgotten": "l2-term",
    "data_without_two": "term-factor",
    "data_summed": "term-factor",
    "all_halved": "factor",
    "l1_forgotten": "l1-term",
    "l1_as_l2": "l1-term",
    "l1_without_sign": "l1-term|term",
    "elastic_l1_forgotten": "l1-term",
    "elastic_l2_forgotten": "l2-term",
    "norm_forgotten": "l2-term",
    "one_weight_not_regularised": "l2-term",
    "mean_penalty_forgotten": "offset",
    "log_barrier_forgotten": "term",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def grad_l2_forgotten(p):
    return data_grad(p)


def grad_l2_doubled(p):
    return data_grad(p) + 2 * LAMBDA * weights(p)


def grad_l2_on_bias(p):
    return data_grad(p) + LAMBDA * p


def grad_l2_divided_by_n(p):
    return data_grad(p) + LAMBDA / N * weights(p)


def grad_l2_sign(p):
    return data_grad(p) - LAMBDA * weights(p)


def grad_l2_squared(p):
    return data_grad(p) + LAMBDA * weights(p) ** 2


def grad_lambda_forgotten(p):
    return data_grad(p) + weights(p)


def grad_data_without_two(p):
    return data_grad(p) / 2 + LAMBDA * weights(p)


def grad_data_summed(p):
    return N * data_grad(p) + LAMBDA * weights(p)


def grad_all_halved(p):
    return grad(p) / 2


def loss_l1_forgotten(p):
    return data(p) + LAMBDA * np.sum(np.abs(p[:D]))


def grad_l1_forgotten(p):
    return data_grad(p)


def loss_l1_as_l2(p):
    return data(p) + LAMBDA * np.sum(np.abs(p[:D]))


def grad_l1_as_l2(p):
    return data_grad(p) + LAMBDA * weights(p)


def loss_l1_without_sign(p):
    return data(p) + LAMBDA * np.sum(np.abs(p[:D]))


def grad_l1_without_sign(p):
    return data_grad(p) + LAMBDA * np.append(np.ones(D), 0)


def loss_elastic_l1_forgotten(p):
    return loss(p) + 0.05 * np.sum(np.abs(p[:D]))


def grad_elastic_l1_forgotten(p):
    return grad(p)


def loss_elastic_l2_forgotten(p):
    return loss(p) + 0.05 * np.sum(np.abs(p[:D]))


def grad_elastic_l2_forgotten(p):
    return data_grad(p) + 0.05 * np.sign(weights(p))


def loss_norm_forgotten(p):
    return data(p) + LAMBDA * np.linalg.norm(p[:D])


def grad_norm_forgotten(p):
    return data_grad(p)


def grad_one_weight_not_regularised(p):
    return data_grad(p) + LAMBDA * weights(p) * [0, 1, 1, 1, 1]


def loss_mean_penalty_forgotten(p):
    return data(p) + 0.3 * np.sum(p[:D])


def grad_mean_penalty_forgotten(p):
    return data_grad(p)


x0_log_barrier_forgotten = np.abs(x0)


def loss_log_barrier_forgotten(p):
    return data(p) - 0.2 * np.sum(np.log(p))


def grad_log_barrier_forgotten(p):
    return data_grad(p)
