"""Embeddings looked up by index, one attention head, a bilinear form, shared (tied) weights."""

import numpy as np

rng = np.random.default_rng(9)
WORDS = np.array([1, 4, 1, 0, 4, 4])
TARGET = rng.normal(size=(6, 3))
x0 = rng.normal(size=(6, 3))


def loss(E):
    return np.sum(np.tanh(E[WORDS] - TARGET) ** 2)


def rows(E):
    t = np.tanh(E[WORDS] - TARGET)
    return 2 * t * (1 - t**2)


def grad(E):
    g = np.zeros_like(E)
    np.add.at(g, WORDS, rows(E))
    return g


S, D = 4, 3
X = rng.normal(size=(S, D))
GOAL = rng.normal(size=(S, D))
HEAD = {name: rng.normal(size=(D, D)) * 0.7 for name in ("Q", "K", "V")}


def softmax(s):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def head(p):
    q, k, v = X @ p["Q"], X @ p["K"], X @ p["V"]
    a = softmax(q @ k.T / np.sqrt(D))
    return q, k, v, a


def head_loss(p):
    *_, v, a = head(p)
    return 0.5 * np.sum((a @ v - GOAL) ** 2)


ROOT = D**0.5


def head_grad(p, scale=ROOT, centred=True, transposed=True):
    q, k, v, a = head(p)
    d = a @ v - GOAL
    da = d @ v.T
    ds = a * (da - (np.sum(da * a, axis=1, keepdims=True) if centred else 0)) / scale
    return {"Q": X.T @ ds @ k, "K": X.T @ (ds.T if transposed else ds) @ q, "V": X.T @ a.T @ d}


def scaled(g, **factors):
    return {name: factors.get(name, 1.0) * value for name, value in g.items()}


CAUSES = {
    "overwritten_duplicates": "rows",
    "row_averaged": "factor",
    "wrong_index": "swapped|permuted|rolled",
    "unused_row_filled": "offset",
    "one_row_twice": "factor",
    "one_column_forgotten": "missing",
    "scale_forgotten": "factor",
    "scale_squared": "factor",
    "query_key_swapped": "swapped|permuted",
    "softmax_diagonal_only": "blocks",
    "key_not_transposed": "blocks",
    "value_detached": "missing",
    "value_not_transposed": "blocks",
    "tied_weights_once": "",
    "quadratic_half": "",
    "quadratic_symmetric_only": "factor",
    "symmetric_matrix": "transposed",
    "outer_transposed": "transposed",
}

loss_overwritten_duplicates = loss_row_averaged = loss_wrong_index = loss_unused_row_filled = loss_one_row_twice = loss
loss_one_column_forgotten = loss
x0_scale_forgotten = x0_scale_squared = x0_query_key_swapped = x0_softmax_diagonal_only = x0_key_not_transposed = HEAD
x0_value_detached = x0_value_not_transposed = HEAD
loss_scale_forgotten = loss_scale_squared = loss_query_key_swapped = loss_softmax_diagonal_only = head_loss
loss_key_not_transposed = loss_value_detached = loss_value_not_transposed = head_loss


def grad_overwritten_duplicates(E):
    g = np.zeros_like(E)
    g[WORDS] += rows(E)
    return g


def grad_row_averaged(E):
    return grad(E) / len(WORDS)


def grad_wrong_index(E):
    g = grad(E)
    g[[0, 1]] = g[[1, 0]]
    return g


def grad_unused_row_filled(E):
    g = grad(E)
    g[3] = 0.1
    return g


def grad_one_row_twice(E):
    g = grad(E)
    g[0] *= 2
    return g


def grad_one_column_forgotten(E):
    g = grad(E)
    g[:, 2] = 0
    return g


def grad_scale_forgotten(p):
    return head_grad(p, scale=1)


def grad_scale_squared(p):
    return head_grad(p, scale=D)


def grad_query_key_swapped(p):
    g = head_grad(p)
    return {"Q": g["K"], "K": g["Q"], "V": g["V"]}


def grad_softmax_diagonal_only(p):
    return head_grad(p, centred=False)


def grad_key_not_transposed(p):
    return head_grad(p, transposed=False)


def grad_value_detached(p):
    return scaled(head_grad(p), V=0)


def grad_value_not_transposed(p):
    *_, v, a = head(p)
    return {**head_grad(p), "V": X.T @ a @ (a @ v - GOAL)}


W0 = rng.normal(size=(3, 3)) * 0.6
x0_tied_weights_once = x0_outer_transposed = W0


def loss_tied_weights_once(W):
    return np.sum((np.tanh(X @ W) @ W.T - X) ** 2)


def grad_tied_weights_once(W):
    h = np.tanh(X @ W)
    d = 2 * (h @ W.T - X)
    return d.T @ h


M = rng.normal(size=(4, 4))
v0 = rng.normal(size=4)
x0_quadratic_half = x0_quadratic_symmetric_only = v0


def loss_quadratic_half(v):
    return v @ M @ v


def grad_quadratic_half(v):
    return 2 * M @ v


def loss_quadratic_symmetric_only(v):
    return v @ (M + M.T) @ v


def grad_quadratic_symmetric_only(v):
    return (M + M.T) @ v


x0_symmetric_matrix = W0


def loss_symmetric_matrix(W):
    return np.sum((W + W.T) ** 3 * GOAL[:3])


def grad_symmetric_matrix(W):
    return 3 * (W + W.T) ** 2 * GOAL[:3]


def loss_outer_transposed(W):
    return np.sum(np.sin(X @ W) * GOAL)


def grad_outer_transposed(W):
    return (np.cos(X @ W) * GOAL).T @ X
