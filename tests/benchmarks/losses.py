"""Losses of many kinds with their gradients by hand, of about P parameters each, in named blocks."""

import numpy as np


def quadratic(P, rng):
    """A bowl with curvatures over four decades."""
    a, c = 10.0 ** rng.uniform(-2, 2, P), rng.normal(size=P)
    return lambda w: float(0.5 * np.sum(a * (w - c) ** 2)), lambda w: a * (w - c), rng.normal(size=P)


def logistic(P, rng):
    X, y = rng.normal(size=(50, P)), np.where(rng.random(50) < 0.5, -1.0, 1.0)
    loss = lambda w: float(np.mean(np.logaddexp(0, -y * (X @ w))))
    grad = lambda w: X.T @ (-y / (1 + np.exp(y * (X @ w)))) / 50
    return loss, grad, rng.normal(size=P) / np.sqrt(P)


def softmax(P, rng):
    K, D = 10, P // 10
    X, y, rows = rng.normal(size=(40, D)), rng.integers(0, K, 40), np.arange(40)

    def probabilities(W):
        Z = X @ W
        E = np.exp(Z - Z.max(1, keepdims=True))
        return E / E.sum(1, keepdims=True)

    def grad(W):
        A = probabilities(W)
        A[rows, y] -= 1
        return X.T @ A / 40

    return lambda W: float(-np.mean(np.log(probabilities(W)[rows, y]))), grad, rng.normal(size=(D, K)) / np.sqrt(D)


def net(bend, slope):
    def made(P, rng):
        d = max(3, int(0.6 * np.sqrt(P)))
        h = max(2, P // (d + 2))
        X, y = rng.normal(size=(32, d)), (rng.random(32) < 0.5) * 1.0

        def loss(p):
            z = bend(X @ p["W1"] + p["b1"]) @ p["w2"] + p["b2"]
            return float(np.mean(np.logaddexp(0, z) - y * z))

        def grad(p):
            before = X @ p["W1"] + p["b1"]
            H = bend(before)
            dz = (1 / (1 + np.exp(-(H @ p["w2"] + p["b2"]))) - y) / 32
            d1 = np.outer(dz, p["w2"]) * slope(before)
            return {"W1": X.T @ d1, "b1": d1.sum(0), "w2": H.T @ dz, "b2": dz.sum()}

        start = {
            "W1": rng.normal(size=(d, h)) / np.sqrt(d),
            "b1": 0.1 * rng.normal(size=h),
            "w2": rng.normal(size=h) / np.sqrt(h),
            "b2": 0.1,
        }
        return loss, grad, start

    return made


def offset(P, rng):
    """A sum far from zero, where digits are lost."""
    return lambda w: 1e4 + float(np.sum(np.sin(w))), np.cos, rng.normal(size=P)


LOSSES = {
    "quadratic": quadratic,
    "logistic": logistic,
    "softmax": softmax,
    "tanh net": net(np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu net": net(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "offset": offset,
}
