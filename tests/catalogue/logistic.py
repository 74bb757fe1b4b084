"""One neuron, Linear -> sigmoid -> binary cross-entropy, with parameters as a dict of arrays."""

import numpy as np

rng = np.random.default_rng(2)
N, D = 10, 4
X = rng.normal(size=(N, D))
y = (X @ [1.0, -1.0, 2.0, 0.0] + rng.normal(size=N) > 0).astype(float)
x0 = {"w": rng.normal(size=D) * 0.7, "b": np.array(0.3)}


def logits(p):
    return X @ p["w"] + p["b"]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(p):
    z = logits(p)
    return np.mean(np.logaddexp(0, z) - y * z)


def grad(p):
    d = (sigmoid(logits(p)) - y) / N
    return {"w": X.T @ d, "b": d.sum()}


def _scaled(g, w=1.0, b=1.0):
    return {"w": w * g["w"], "b": b * g["b"]}


CAUSES = {
    "y_minus_a": "sign",
    "sum_for_mean": "factor",
    "bias_not_averaged": "factor",
    "weights_not_averaged": "factor",
    "bias_zero": "missing",
    "weights_zero": "missing",
    "log2": "factor",
    "log10": "factor",
    "extra_slope": "other-loss",
    "labels_plus_minus": "",
    "without_bias": "",
    "no_sigmoid": "other-loss",
    "threshold": "constant",
    "weights_reversed": "reversed",
    "weights_rolled": "rolled",
    "mse_gradient": "other-loss",
    "weights_mean": "wrong-axis",
    "bias_like_first_weight": "permuted",
    "one_weight_sign": "sign",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def grad_y_minus_a(p):
    return _scaled(grad(p), -1, -1)


def grad_sum_for_mean(p):
    return _scaled(grad(p), N, N)


def grad_bias_not_averaged(p):
    return _scaled(grad(p), 1, N)


def grad_weights_not_averaged(p):
    return _scaled(grad(p), N, 1)


def grad_bias_zero(p):
    return _scaled(grad(p), 1, 0)


def grad_weights_zero(p):
    return {"w": np.zeros(D), "b": grad(p)["b"]}


def loss_log2(p):
    return loss(p) / np.log(2)


def grad_log2(p):
    return grad(p)


def loss_log10(p):
    return loss(p) / np.log(10)


def grad_log10(p):
    return grad(p)


def grad_extra_slope(p):
    a = sigmoid(logits(p))
    d = (a - y) * a * (1 - a) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_labels_plus_minus(p):
    d = (sigmoid(logits(p)) - (2 * y - 1)) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_without_bias(p):
    d = (sigmoid(X @ p["w"]) - y) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_no_sigmoid(p):
    d = (logits(p) - y) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_threshold(p):
    d = ((logits(p) > 0) - y) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_weights_reversed(p):
    g = grad(p)
    return {"w": g["w"][::-1], "b": g["b"]}


def grad_weights_rolled(p):
    g = grad(p)
    return {"w": np.roll(g["w"], 1), "b": g["b"]}


def grad_mse_gradient(p):
    a = sigmoid(logits(p))
    d = 2 * (a - y) * a * (1 - a) / N
    return {"w": X.T @ d, "b": d.sum()}


def grad_weights_mean(p):
    g = grad(p)
    return {"w": np.full(D, g["w"].mean()), "b": g["b"]}


def grad_bias_like_first_weight(p):
    g = grad(p)
    return {"w": g["w"], "b": g["w"][0]}


def grad_one_weight_sign(p):
    g = grad(p)
    return {"w": g["w"] * [1, 1, -1, 1], "b": g["b"]}
