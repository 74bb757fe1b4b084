"""Losses that are likelihoods or robust: Gaussian with log sigma, Poisson, Huber, hinge, quantiles, focal, triplets."""

import numpy as np

rng = np.random.default_rng(10)
N = 11
X = rng.normal(size=(N, 3))
y = X @ [1.0, -1.0, 0.5] + 0.3 * rng.normal(size=N)
counts = rng.poisson(2.0, N)
labels = np.where(rng.random(N) < 0.5, -1.0, 1.0)
x0 = {"w": np.array([0.7, -0.6, 0.9]), "log_sigma": -0.3}


def loss(p):
    r = X @ p["w"] - y
    return N * p["log_sigma"] + 0.5 * np.sum(r**2) * np.exp(-2 * p["log_sigma"])


def grad(p):
    r, s = X @ p["w"] - y, np.exp(-2 * p["log_sigma"])
    return {"w": s * X.T @ r, "log_sigma": N - s * np.sum(r**2)}


CAUSES = {
    "sigma_for_log_sigma": "parameter-factor",
    "log_term_forgotten": "offset",
    "sigma_not_squared": "chain-factor",
    "precision_forgotten": "chain-factor",
    "log_sigma_factor": "one-partial",
    "poisson_without_exp": "other-loss",
    "poisson_sign": "sign",
    "huber_quadratic_everywhere": "other-loss",
    "huber_delta_forgotten": "",
    "hinge_without_mask": "constant",
    "hinge_sign": "sign",
    "squared_hinge_linear": "constant",
    "quantile_swapped": "constant",
    "log_cosh_as_square": "other-loss",
    "sigma_plain": "parameter-factor",
    "rate_plain": "parameter-factor",
    "softplus_slope_forgotten": "parameter-factor",
    "sigmoid_slope_forgotten": "parameter-factor",
    "tanh_slope_one_minus_a": "parameter-factor",
    "square_root_forgotten": "parameter-factor",
    "exponent_off_by_one": "parameter-factor",
    "exponent_not_brought_down": "factor",
    "degrees": "factor",
    "frequency": "factor",
    "reciprocal_sign": "sign",
    "product_rule_half": "",
    "log_base_ten": "factor",
    "norm_instead_of_square": "chain-factor",
    "geometric_mean": "chain-factor",
    "entropy_without_one": "offset",
    "kl_without_log": "distorted",
    "variance_ddof": "factor",
    "dot_elementwise": "",
    "distance_sign_lost": "sign-lost",
    "cube_of_absolute": "sign-lost",
    "loss_per_pair_counted_twice": "factor",
}


def _loss(p):
    return loss(p)


def _squares(x):
    return np.sum(C * (x - 0.3) ** 2) + np.sum(x) ** 3 / 20


def _squares_grad(x):
    return 2 * C * (x - 0.3) + 3 * np.sum(x) ** 2 / 20


C = np.array([1.0, 2.5, 0.7, 1.9])
u0 = np.array([0.6, -0.8, 1.1, 0.4])
p0 = np.abs(u0) + 0.2
for name in (
    "log_term_forgotten",
    "sigma_not_squared",
    "precision_forgotten",
    "log_sigma_factor",
    "sigma_for_log_sigma",
):
    globals()[f"loss_{name}"] = _loss


def grad_sigma_for_log_sigma(p):
    g = grad(p)
    return {"w": g["w"], "log_sigma": g["log_sigma"] / np.exp(p["log_sigma"])}


def grad_log_term_forgotten(p):
    g = grad(p)
    return {"w": g["w"], "log_sigma": g["log_sigma"] - N}


def grad_sigma_not_squared(p):
    g = grad(p)
    return {"w": g["w"] * np.exp(p["log_sigma"]), "log_sigma": g["log_sigma"]}


def grad_precision_forgotten(p):
    g = grad(p)
    return {"w": g["w"] * np.exp(2 * p["log_sigma"]), "log_sigma": g["log_sigma"]}


def grad_log_sigma_factor(p):
    r, s = X @ p["w"] - y, np.exp(-2 * p["log_sigma"])
    return {"w": grad(p)["w"], "log_sigma": N - 0.5 * s * np.sum(r**2)}


W0 = np.array([0.3, -0.2, 0.4])
for name in (
    "poisson_without_exp",
    "poisson_sign",
    "huber_quadratic_everywhere",
    "huber_delta_forgotten",
    "log_cosh_as_square",
):
    globals()[f"x0_{name}"] = W0
for name in ("hinge_without_mask", "hinge_sign", "squared_hinge_linear", "quantile_swapped"):
    globals()[f"x0_{name}"] = W0


def loss_poisson_without_exp(w):
    return np.sum(np.exp(X @ w) - counts * (X @ w))


def grad_poisson_without_exp(w):
    return X.T @ (X @ w - counts)


loss_poisson_sign = loss_poisson_without_exp


def grad_poisson_sign(w):
    return X.T @ (counts - np.exp(X @ w))


def huber(r, delta=0.5):
    return np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))


def loss_huber_quadratic_everywhere(w):
    return np.mean(huber(X @ w - y))


def grad_huber_quadratic_everywhere(w):
    return X.T @ (X @ w - y) / N


loss_huber_delta_forgotten = loss_huber_quadratic_everywhere


def grad_huber_delta_forgotten(w):
    r = X @ w - y
    return X.T @ np.where(np.abs(r) <= 0.5, r, np.sign(r)) / N


def loss_hinge_without_mask(w):
    return np.mean(np.maximum(0, 1 - labels * (X @ w)))


def grad_hinge_without_mask(w):
    return -X.T @ labels / N


loss_hinge_sign = loss_hinge_without_mask


def grad_hinge_sign(w):
    return X.T @ (labels * (labels * (X @ w) < 1)) / N


def loss_squared_hinge_linear(w):
    return np.mean(np.maximum(0, 1 - labels * (X @ w)) ** 2)


def grad_squared_hinge_linear(w):
    return -X.T @ (labels * (labels * (X @ w) < 1)) / N


def loss_quantile_swapped(w):
    r = y - X @ w
    return np.mean(np.maximum(0.8 * r, -0.2 * r))


def grad_quantile_swapped(w):
    r = y - X @ w
    return X.T @ np.where(r > 0, -0.2, 0.8) / N


def loss_log_cosh_as_square(w):
    return np.sum(np.log(np.cosh(X @ w - y)))


def grad_log_cosh_as_square(w):
    return X.T @ (X @ w - y)


for name in (
    "sigma_plain",
    "rate_plain",
    "square_root_forgotten",
    "entropy_without_one",
    "kl_without_log",
    "geometric_mean",
):
    globals()[f"x0_{name}"] = p0
for name in CAUSES:
    if f"x0_{name}" not in globals() and f"loss_{name}" not in globals():
        globals()[f"x0_{name}"] = u0


def loss_sigma_plain(x):
    return _squares(np.log(x))


def grad_sigma_plain(x):
    return _squares_grad(np.log(x))


def loss_rate_plain(x):
    return _squares(1 / x)


def grad_rate_plain(x):
    return -_squares_grad(1 / x) / x


def loss_softplus_slope_forgotten(x):
    return _squares(np.log1p(np.exp(x)))


def grad_softplus_slope_forgotten(x):
    return _squares_grad(np.log1p(np.exp(x)))


def loss_sigmoid_slope_forgotten(x):
    return _squares(1 / (1 + np.exp(-x)))


def grad_sigmoid_slope_forgotten(x):
    return _squares_grad(1 / (1 + np.exp(-x)))


def loss_tanh_slope_one_minus_a(x):
    return _squares(np.tanh(x))


def grad_tanh_slope_one_minus_a(x):
    return _squares_grad(np.tanh(x)) * (1 - np.tanh(x))


def loss_square_root_forgotten(x):
    return _squares(np.sqrt(x))


def grad_square_root_forgotten(x):
    return _squares_grad(np.sqrt(x)) / 2


def loss_exponent_off_by_one(x):
    return np.sum(C * x**4)


def grad_exponent_off_by_one(x):
    return 4 * C * x**4


def loss_exponent_not_brought_down(x):
    return np.sum(C * x**4)


def grad_exponent_not_brought_down(x):
    return C * x**3


def loss_degrees(x):
    return np.sum(C * np.sin(np.deg2rad(40 * x)))


def grad_degrees(x):
    return 40 * C * np.cos(np.deg2rad(40 * x))


def loss_frequency(x):
    return np.sum(C * np.sin(2 * np.pi * x))


def grad_frequency(x):
    return C * np.cos(2 * np.pi * x)


def loss_reciprocal_sign(x):
    return np.sum(C / x)


def grad_reciprocal_sign(x):
    return C / x**2


def loss_product_rule_half(x):
    return np.sum(C * x * np.sin(x))


def grad_product_rule_half(x):
    return C * x * np.cos(x)


def loss_log_base_ten(x):
    return np.sum(C * np.log10(1 + x**2))


def grad_log_base_ten(x):
    return C * 2 * x / (1 + x**2)


def loss_norm_instead_of_square(x):
    return np.linalg.norm(x - C)


def grad_norm_instead_of_square(x):
    return x - C


def loss_geometric_mean(x):
    return np.prod(x) ** 0.25


def grad_geometric_mean(x):
    return 0.25 / x


def loss_entropy_without_one(x):
    return np.sum(x * np.log(x))


def grad_entropy_without_one(x):
    return np.log(x)


x0_entropy_without_one = p0


def loss_kl_without_log(x):
    return np.sum(x * np.log(x / C) - x)


def grad_kl_without_log(x):
    return x / C


def loss_variance_ddof(x):
    return np.var(x, ddof=1)


def grad_variance_ddof(x):
    return 2 * (x - x.mean()) / len(x)


def loss_dot_elementwise(x):
    return (C @ x) ** 2


def grad_dot_elementwise(x):
    return 2 * C * x * C


def loss_distance_sign_lost(x):
    return np.sum((x - C) ** 2 * [1, 1, -1, 1]) + np.sum((x + 5) ** 2) * 0.1


def grad_distance_sign_lost(x):
    return np.abs(2 * (x - C) * [1, 1, -1, 1] + 0.2 * (x + 5))


def loss_cube_of_absolute(x):
    return np.sum(C * np.abs(x) ** 3)


def grad_cube_of_absolute(x):
    return 3 * C * np.abs(x) ** 2


def loss_loss_per_pair_counted_twice(x):
    return np.sum(np.triu((x[:, None] - x[None, :]) ** 2 * np.outer(C, C), 1))


def grad_loss_per_pair_counted_twice(x):
    return 4 * np.sum((x[:, None] - x[None, :]) * np.outer(C, C), axis=1)
