"""Ridge regression whose gradient forgets the 2 of the penalty. Stated verdict: fail, l2-term."""

import numpy as np

X = np.array([[1.0, 2.0], [2.0, 0.5], [3.0, -1.0], [4.0, 1.5]])
y = np.array([1.0, 2.0, 2.5, 4.5])
x0 = {"w": np.array([0.5, -0.3]), "b": 0.1}


def loss(p):
    residual = X @ p["w"] + p["b"] - y
    return np.mean(residual**2) + 0.1 * p["w"] @ p["w"]


def grad(p):
    residual = X @ p["w"] + p["b"] - y
    return {"w": 2 / len(y) * X.T @ residual + 0.1 * p["w"], "b": 2 * np.mean(residual)}
