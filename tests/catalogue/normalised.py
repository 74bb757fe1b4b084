"""Standardised activations, batch and layer normalisation, weights of length one."""

import numpy as np

rng = np.random.default_rng(8)
N, D = 8, 3
X = rng.normal(size=(N, D)) * [1, 2, 0.5] + [0, 1, -2]
y = rng.normal(size=N)
A = rng.normal(size=6)
x0 = {"w": rng.normal(size=D), "gamma": 1.3, "beta": -0.2}
EPS = 1e-5


def parts(p):
    z = X @ p["w"]
    mean, spread = z.mean(), np.sqrt(z.var() + EPS)
    n = (z - mean) / spread
    return z, spread, n, p["gamma"] * n + p["beta"] - y


def loss(p):
    return np.mean(parts(p)[3] ** 2)


def grad(p, mean=True, variance=True, root=True):
    _, spread, n, r = parts(p)
    d = 2 / N * r
    dn = d * p["gamma"]
    dz = dn - (dn.mean() if mean else 0) - (n * np.mean(dn * n) if variance else 0)
    return {"w": X.T @ (dz / spread if root else dz), "gamma": d @ n, "beta": d.sum()}


def scaled(g, **factors):
    return {name: factors.get(name, 1.0) * value for name, value in g.items()}


u0 = rng.normal(size=6)

CAUSES = {
    "mean_held_constant": "",
    "variance_held_constant": "",
    "both_held_constant": "",
    "spread_forgotten": "chain-factor",
    "gamma_forgotten": "chain-factor",
    "variance_with_n_minus_1": "",
    "gamma_beta_swapped": "swapped",
    "gamma_not_summed": "factor",
    "beta_zero": "missing",
    "direction_without_projection": "projection",
    "direction_without_length": "chain-factor",
    "direction_plain": "projection",
    "centred_without_mean": "projection",
    "layer_norm_diagonal": "projection",
    "weight_norm_g_forgotten": "missing",
    "norm_squared": "",
    "cosine_sign": "sign",
}

loss_mean_held_constant = loss_variance_held_constant = loss_both_held_constant = loss_spread_forgotten = loss
loss_gamma_forgotten = loss_variance_with_n_minus_1 = loss_gamma_beta_swapped = loss_gamma_not_summed = loss
loss_beta_zero = loss


def grad_mean_held_constant(p):
    return grad(p, mean=False)


def grad_variance_held_constant(p):
    return grad(p, variance=False)


def grad_both_held_constant(p):
    return grad(p, mean=False, variance=False)


def grad_spread_forgotten(p):
    return grad(p, root=False)


def grad_gamma_forgotten(p):
    return scaled(grad(p), w=1 / p["gamma"])


def grad_variance_with_n_minus_1(p):
    _, spread, n, r = parts(p)
    d = 2 / N * r * p["gamma"]
    dz = d - d.mean() - n * np.sum(d * n) / (N - 1)
    return {**grad(p), "w": X.T @ dz / spread}


def grad_gamma_beta_swapped(p):
    g = grad(p)
    return {"w": g["w"], "gamma": g["beta"], "beta": g["gamma"]}


def grad_gamma_not_summed(p):
    return scaled(grad(p), gamma=1 / N)


def grad_beta_zero(p):
    return scaled(grad(p), beta=0)


x0_direction_without_projection = x0_direction_without_length = x0_direction_plain = x0_cosine_sign = u0
x0_centred_without_mean = x0_layer_norm_diagonal = x0_norm_squared = u0


def along(u):
    return u / np.linalg.norm(u)


def outer(e):
    return np.sum(A * e) + np.sum(np.arange(6) * e**2)


def outer_grad(e):
    return A + 2 * np.arange(6) * e


def loss_direction_without_projection(u):
    return outer(along(u))


def grad_direction_without_projection(u):
    return outer_grad(along(u)) / np.linalg.norm(u)


def loss_direction_without_length(u):
    return outer(along(u))


def grad_direction_without_length(u):
    e = along(u)
    g = outer_grad(e)
    return g - e * (e @ g)


def loss_direction_plain(u):
    return outer(along(u))


def grad_direction_plain(u):
    return outer_grad(along(u))


def loss_centred_without_mean(u):
    return outer(u - u.mean())


def grad_centred_without_mean(u):
    return outer_grad(u - u.mean())


def loss_layer_norm_diagonal(u):
    return outer((u - u.mean()) / u.std())


def grad_layer_norm_diagonal(u):
    return outer_grad((u - u.mean()) / u.std()) / u.std()


x0_weight_norm_g_forgotten = {"v": u0, "g": 1.7}


def loss_weight_norm_g_forgotten(p):
    return outer(p["g"] * along(p["v"]))


def grad_weight_norm_g_forgotten(p):
    e = along(p["v"])
    g = outer_grad(p["g"] * e)
    return {"v": p["g"] / np.linalg.norm(p["v"]) * (g - e * (e @ g)), "g": 0.0}


def loss_norm_squared(u):
    return np.linalg.norm(u - A) + np.sum(u**4)


def grad_norm_squared(u):
    return 2 * (u - A) + 4 * u**3


def loss_cosine_sign(u):
    return -(u @ A) / (np.linalg.norm(u) * np.linalg.norm(A))


def grad_cosine_sign(u):
    e = along(u)
    return (A - e * (e @ A)) / (np.linalg.norm(u) * np.linalg.norm(A))
