"""The classic mistakes, one loss and gradient each; `check mistakes.py:loss_sign` looks at one of them."""

import numpy as np

generator = np.random.default_rng(0)
X = generator.normal(size=(10, 3))
y = X @ [1.0, -2.0, 0.5] + 0.1 * generator.normal(size=10)
Y = generator.normal(size=(10, 2))
N = len(y)
x0 = np.array([0.8, -1.5, 0.3])
SHAPED = {"W": generator.normal(size=(3, 2)), "b": np.array([0.3, -0.2])}


def squares(w):
    """1/N sum of (Xw - y)^2, whose gradient is 2/N X'(Xw - y)."""
    return np.mean((X @ w - y) ** 2)


def loss_two(w):
    """The 2 from the square is forgotten. Stated verdict: fail, factor."""
    return squares(w)


def grad_two(w):
    return 1 / N * X.T @ (X @ w - y)


def loss_mean(w):
    """The loss takes the mean over the rows, the gradient their sum. Stated verdict: fail, factor."""
    return squares(w)


def grad_mean(w):
    return 2 * X.T @ (X @ w - y)


def loss_sign(w):
    """Target minus prediction. Stated verdict: fail, sign."""
    return squares(w)


def grad_sign(w):
    return 2 / N * X.T @ (y - X @ w)


def loss_penalty(w):
    """The derivative of the penalty 0.1 |w|^2 is forgotten. Stated verdict: fail, l2-term."""
    return squares(w) + 0.1 * np.sum(w**2)


def grad_penalty(w):
    return 2 / N * X.T @ (X @ w - y)


def loss_root(w):
    """A root around the loss, not derived: its 1/(2 sqrt) is missing. Stated verdict: fail, chain-factor."""
    return np.sqrt(squares(w))


def grad_root(w):
    return 2 / N * X.T @ (X @ w - y)


def loss_scale(u):
    """Scales are exp(u), and the inner derivative exp(u) is forgotten. Stated verdict: fail, parameter-factor."""
    return squares(np.exp(u))


def grad_scale(u):
    return 2 / N * X.T @ (X @ np.exp(u) - y)


def loss_order(w):
    """The first two partials are exchanged. Stated verdict: fail, swapped."""
    return squares(w)


def grad_order(w):
    return (2 / N * X.T @ (X @ w - y))[[1, 0, 2]]


def loss_end(w):
    """The loop stops one too early. Stated verdict: fail, missing."""
    return squares(w)


def grad_end(w):
    g = np.zeros(3)
    for j in range(2):
        g[j] = 2 / N * np.sum((X @ w - y) * X[:, j])
    return g


def loss_bias(p):
    """The bias gradient is averaged where it has to be summed. Stated verdict: fail, factor."""
    return 0.5 * np.sum((X @ p["W"] + p["b"] - Y) ** 2)


def grad_bias(p):
    residual = X @ p["W"] + p["b"] - Y
    return {"W": X.T @ residual, "b": residual.mean(axis=0)}


def loss_axis(p):
    """Summed over both axes, and spread over all of b again. Stated verdict: fail, wrong-axis."""
    return 0.5 * np.sum((X @ p["W"] + p["b"] - Y) ** 2)


def grad_axis(p):
    residual = X @ p["W"] + p["b"] - Y
    return {"W": X.T @ residual, "b": np.full(2, residual.sum())}


x0_bias = x0_axis = SHAPED


def loss_rows(w):
    """The gradient leaves out the last row: right for another loss. Stated verdict: fail, other-loss."""
    return squares(w)


def grad_rows(w):
    return 2 / N * X[:-1].T @ (X[:-1] @ w - y[:-1])


def loss_once(w):
    """Computed at the first call and kept. Stated verdict: fail, constant."""
    return squares(w)


kept = {}


def grad_once(w):
    return kept.setdefault("gradient", 2 / N * X.T @ (X @ w - y))


def loss_buffer(w):
    """Added to a buffer that is never cleared. Stated verdict: fail, accumulated."""
    return squares(w)


buffer = np.zeros(3)


def grad_buffer(w):
    buffer[:] += 2 / N * X.T @ (X @ w - y)
    return buffer.copy()


def loss_small(w):
    """One partial is off by a thousandth of a percent. Stated verdict: fail, one-partial."""
    return squares(w)


def grad_small(w):
    return 2 / N * X.T @ (X @ w - y) * [1, 1 + 1e-5, 1]
