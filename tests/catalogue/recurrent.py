"""h_t = tanh(U x_t + V h_(t-1)), squared error at every time step; gradients by backpropagation through time."""

import numpy as np

rng = np.random.default_rng(6)
T, D, H = 6, 2, 3
X = rng.normal(size=(T, D))
Y = rng.normal(size=T)
x0 = {"U": rng.normal(size=(H, D)) * 0.6, "V": rng.normal(size=(H, H)) * 0.4, "c": rng.normal(size=H)}


def states(p):
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = np.tanh(p["U"] @ X[t] + p["V"] @ h[t])
    return h


def loss(p):
    return 0.5 * np.sum((states(p)[1:] @ p["c"] - Y) ** 2)


def grad(p, reach=T, last_only=False, slope=lambda h: 1 - h**2, transposed=True, previous=0):
    h = states(p)
    r = h[1:] @ p["c"] - Y
    dU, dV = np.zeros((H, D)), np.zeros((H, H))
    for end in range(T - 1 if last_only else 0, T):
        d = r[end] * p["c"]
        for t in range(end, max(-1, end - reach), -1):
            a = d * slope(h[t + 1])
            dU += np.outer(a, X[t])
            dV += np.outer(a, h[t + previous])
            d = (p["V"].T if transposed else p["V"]) @ a
    return {"U": dU, "V": dV, "c": r @ h[1:]}


def scaled(g, **factors):
    return {name: factors.get(name, 1.0) * value for name, value in g.items()}


CAUSES = {
    "truncated_after_one_step": "blocks",
    "truncated_after_three_steps": "blocks",
    "last_step_only": "blocks",
    "averaged_over_time": "factor",
    "output_averaged": "factor",
    "recurrent_not_transposed": "blocks",
    "slope_of_wrong_state": "blocks",
    "current_state_for_previous": "blocks",
    "v_transposed": "transposed",
    "v_forgotten": "missing",
    "output_of_last_step": "blocks",
    "u_sign": "sign",
    "detached": "blocks",
}


def _loss(p):
    return loss(p)


for name in CAUSES:
    globals()[f"loss_{name}"] = _loss


def grad_truncated_after_one_step(p):
    return grad(p, reach=1)


def grad_truncated_after_three_steps(p):
    return grad(p, reach=3)


def grad_last_step_only(p):
    return grad(p, last_only=True)


def grad_averaged_over_time(p):
    return scaled(grad(p), U=1 / T, V=1 / T, c=1 / T)


def grad_output_averaged(p):
    return scaled(grad(p), c=1 / T)


def grad_recurrent_not_transposed(p):
    return grad(p, transposed=False)


def grad_slope_of_wrong_state(p):
    return grad(p, slope=lambda h: h * (1 - h))


def grad_current_state_for_previous(p):
    return grad(p, previous=1)


def grad_v_transposed(p):
    g = grad(p)
    return {**g, "V": g["V"].T}


def grad_v_forgotten(p):
    return scaled(grad(p), V=0)


def grad_output_of_last_step(p):
    h = states(p)
    r = h[1:] @ p["c"] - Y
    return {**grad(p), "c": r[-1] * h[-1]}


def grad_u_sign(p):
    return scaled(grad(p), U=-1)


def grad_detached(p):
    return grad(p, reach=1, slope=np.ones_like)
