"""Softmax regression: W (D, C), b (C,), mean cross-entropy of N rows."""

import numpy as np

rng = np.random.default_rng(3)
N, D, C = 9, 4, 3
X = rng.normal(size=(N, D))
labels = rng.integers(0, C, N)
Y = np.eye(C)[labels]
x0 = {"W": rng.normal(size=(D, C)) * 0.6, "b": rng.normal(size=C) * 0.3}
z0 = rng.normal(size=5)


def probabilities(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logits(p):
    return X @ p["W"] + p["b"]


def loss(p):
    z = logits(p)
    shifted = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(N), labels])


def backward(d):
    return {"W": X.T @ d, "b": d.sum(axis=0)}


def grad(p):
    return backward((probabilities(logits(p)) - Y) / N)


CAUSES = {
    "not_averaged": "factor",
    "averaged_over_classes_too": "factor",
    "sign": "sign",
    "bias_all_classes": "wrong-axis",
    "bias_mean": "factor",
    "transposed": "transposed",
    "classes_reversed": "reversed",
    "columns_rolled": "rolled",
    "first_class_forgotten": "missing",
    "last_class_doubled": "factor",
    "bias_forgotten": "missing",
    "normalised_over_rows": "other-loss",
    "diagonal_of_jacobian_only": "",
    "logits_without_target": "offset",
    "logits_not_centred": "projection",
    "logits_diagonal_only": "",
    "temperature_not_derived": "factor",
    "temperature_twice": "factor",
    "one_row_wrong": "missing",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def _scaled(g, w=1.0, b=1.0):
    return {"W": w * g["W"], "b": b * g["b"]}


def grad_not_averaged(p):
    return backward(probabilities(logits(p)) - Y)


def grad_averaged_over_classes_too(p):
    return _scaled(grad(p), 1 / C, 1 / C)


def grad_sign(p):
    return backward((Y - probabilities(logits(p))) / N)


def grad_bias_all_classes(p):
    d = (probabilities(logits(p)) - Y) / N
    return {"W": X.T @ d, "b": np.full(C, d[:, 0].sum())}


def grad_bias_mean(p):
    d = (probabilities(logits(p)) - Y) / N
    return {"W": X.T @ d, "b": d.mean(axis=0)}


def grad_transposed(p):
    g = grad(p)
    return {"W": g["W"].T.reshape(D, C), "b": g["b"]}


def grad_classes_reversed(p):
    g = grad(p)
    return {"W": g["W"][:, ::-1], "b": g["b"][::-1]}


def grad_columns_rolled(p):
    g = grad(p)
    return {"W": np.roll(g["W"], 1, axis=1), "b": g["b"]}


def grad_first_class_forgotten(p):
    d = (probabilities(logits(p)) - Y) / N
    d[:, 0] = 0
    return backward(d)


def grad_last_class_doubled(p):
    d = (probabilities(logits(p)) - Y) / N
    d[:, -1] *= 2
    return backward(d)


def grad_bias_forgotten(p):
    return {"W": grad(p)["W"], "b": np.zeros(C)}


def grad_normalised_over_rows(p):
    e = np.exp(logits(p))
    return backward((e / e.sum(axis=0) - Y) / N)


def grad_diagonal_of_jacobian_only(p):
    a = probabilities(logits(p))
    return backward(-Y * (1 - a) / N)


x0_logits_without_target = z0


def loss_logits_without_target(z):
    return np.log(np.exp(z).sum()) - z[2]


def grad_logits_without_target(z):
    return probabilities(z)


x0_logits_not_centred = z0


def loss_logits_not_centred(z):
    return np.sum(np.arange(5.0) ** 2 * (z - z.mean()) ** 2)


def grad_logits_not_centred(z):
    return 2 * np.arange(5.0) ** 2 * (z - z.mean())


x0_logits_diagonal_only = z0


def loss_logits_diagonal_only(z):
    return probabilities(z) @ [1.0, -2.0, 0.5, 3.0, 1.0]


def grad_logits_diagonal_only(z):
    a = probabilities(z)
    return a * (1 - a) * [1.0, -2.0, 0.5, 3.0, 1.0]


def loss_temperature_not_derived(p):
    return loss(_scaled(p, 1 / 1.7, 1 / 1.7))


def grad_temperature_not_derived(p):
    return grad(_scaled(p, 1 / 1.7, 1 / 1.7))


def loss_temperature_twice(p):
    return loss(_scaled(p, 1 / 1.7, 1 / 1.7))


def grad_temperature_twice(p):
    return _scaled(grad(_scaled(p, 1 / 1.7, 1 / 1.7)), 1.7**-2, 1.7**-2)


def grad_one_row_wrong(p):
    g = grad(p)
    g["W"][2] = 0
    return g
