"""A net with one hidden layer, 3 -> tanh(4) -> 2 logits, mean cross-entropy, parameters as a dict of arrays."""

import numpy as np

rng = np.random.default_rng(5)
N = 7
X = rng.normal(size=(N, 3))
Y = np.eye(2)[rng.integers(0, 2, N)]
x0 = {
    "W1": rng.normal(size=(3, 4)) * 0.5,
    "b1": rng.normal(size=4) * 0.1,
    "W2": rng.normal(size=(4, 2)) * 0.5,
    "b2": rng.normal(size=2) * 0.1,
}


def forward(p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    z = h @ p["W2"] + p["b2"]
    return h, z


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(p):
    _, z = forward(p)
    return -np.mean(np.sum(Y * np.log(softmax(z)), axis=1))


def grad(p, slope=lambda h: 1 - h**2, second=lambda p: p["W2"]):
    h, z = forward(p)
    d2 = (softmax(z) - Y) / N
    d1 = (d2 @ second(p).T) * slope(h)
    return {"W1": X.T @ d1, "b1": d1.sum(axis=0), "W2": h.T @ d2, "b2": d2.sum(axis=0)}


def scaled(g, **factors):
    return {name: factors.get(name, 1.0) * value for name, value in g.items()}


CAUSES = {
    "tanh_slope_missing": "blocks",
    "tanh_slope_one_minus_h": "blocks",
    "sigmoid_slope_for_tanh": "blocks",
    "second_weights_squared": "chain-factor",
    "first_layer_twice": "factor",
    "first_layer_zero": "missing",
    "first_layer_sign": "sign",
    "biases_forgotten": "missing",
    "bias_mean_not_sum": "factor",
    "first_layer_averaged_twice": "factor",
    "swapped_biases": "permuted",
    "w1_transposed": "transposed",
    "w2_flattened_wrongly": "transposed",
    "bias_broadcast": "wrong-axis",
    "hidden_units_rolled": "rolled",
    "one_unit_forgotten": "missing",
    "last_unit_one_percent": "factor",
    "all_ten_percent": "factor",
    "output_not_averaged": "factor",
    "layers_averaged_differently": "factor",
    "single_weight": "one-partial|offset",
    "labels_rolled": "other-loss",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def grad_tanh_slope_missing(p):
    return grad(p, slope=np.ones_like)


def grad_tanh_slope_one_minus_h(p):
    return grad(p, slope=lambda h: 1 - h)


def grad_sigmoid_slope_for_tanh(p):
    return grad(p, slope=lambda h: h * (1 - h))


def grad_second_weights_squared(p):
    return grad(p, second=lambda p: p["W2"] ** 2)


def grad_first_layer_twice(p):
    return scaled(grad(p), W1=2, b1=2)


def grad_first_layer_zero(p):
    return scaled(grad(p), W1=0, b1=0)


def grad_first_layer_sign(p):
    return scaled(grad(p), W1=-1, b1=-1)


def grad_biases_forgotten(p):
    return scaled(grad(p), b1=0, b2=0)


def grad_bias_mean_not_sum(p):
    return scaled(grad(p), b1=1 / N, b2=1 / N)


def grad_first_layer_averaged_twice(p):
    return scaled(grad(p), W1=1 / N, b1=1 / N)


def grad_swapped_biases(p):
    g = grad(p)
    return {**g, "b1": np.resize(g["b2"], 4), "b2": g["b1"][:2]}


def grad_w1_transposed(p):
    g = grad(p)
    return {**g, "W1": g["W1"].T.reshape(3, 4)}


def grad_w2_flattened_wrongly(p):
    g = grad(p)
    return {**g, "W2": g["W2"].ravel(order="F").reshape(4, 2)}


def grad_bias_broadcast(p):
    g = grad(p)
    return {**g, "b1": np.full(4, g["b1"].sum())}


def grad_hidden_units_rolled(p):
    g = grad(p)
    return {**g, "W1": np.roll(g["W1"], 1, axis=1), "b1": np.roll(g["b1"], 1)}


def grad_one_unit_forgotten(p):
    g = grad(p)
    g["W1"][:, 3] = 0
    g["b1"][3] = 0
    return g


def grad_last_unit_one_percent(p):
    g = grad(p)
    g["W1"][:, 3] *= 1.01
    g["b1"][3] *= 1.01
    return g


def grad_all_ten_percent(p):
    return scaled(grad(p), W1=1.1, b1=1.1, W2=1.1, b2=1.1)


def grad_output_not_averaged(p):
    return scaled(grad(p), W2=N, b2=N)


def grad_layers_averaged_differently(p):
    return scaled(grad(p), W1=1 / 4, b1=1 / 4, W2=1 / 3, b2=1 / 3)


def grad_single_weight(p):
    g = grad(p)
    g["W1"][1, 2] += 1e-3
    return g


def grad_labels_rolled(p):
    h, z = forward(p)
    d2 = (softmax(z) - np.roll(Y, 1, axis=0)) / N
    d1 = (d2 @ p["W2"].T) * (1 - h**2)
    return {"W1": X.T @ d1, "b1": d1.sum(axis=0), "W2": h.T @ d2, "b2": d2.sum(axis=0)}
