"""Right gradients that a fixed step of 1e-6 and a relative error accuse."""

import numpy as np

x0 = np.array([0.5, -1.0, 2.0])
SCALES = np.array([1e4, 1.0, 1e-4])
x0_scales = 1 / SCALES
x0_optimum = np.array([1.0, 2.0, 3.0])
x0_kink = np.array([0.0, -1.0, 2.0])


def loss_scales(x):
    """Parameters of sizes 1e-4, 1 and 1e4. Stated verdict: pass."""
    return np.sum(np.sin(SCALES * x))


def grad_scales(x):
    return SCALES * np.cos(SCALES * x)


def loss_optimum(x):
    """At an optimum of curvature 1e6, where every partial is 0. Stated verdict: pass."""
    return 5e5 * np.sum((x - x0_optimum) ** 2)


def grad_optimum(x):
    return 1e6 * (x - x0_optimum)


def loss_tiny(x):
    """Partials of about 1e-8. Stated verdict: pass."""
    return 1e-8 * np.sum(np.tanh(x))


def grad_tiny(x):
    return 1e-8 * (1 - np.tanh(x) ** 2)


def loss_fast(x):
    """A period of 6e-4. Stated verdict: pass."""
    return np.sum(np.sin(1e4 * x))


def grad_fast(x):
    return 1e4 * np.cos(1e4 * x)


def loss_kink(x):
    """|x| at 0, where 0 lies between the slopes -1 and 1. Stated verdict: pass."""
    return np.sum(np.abs(x))


def grad_kink(x):
    return np.sign(x)


def loss_single(x):
    """Computed in single precision: about 3 digits can be checked. Stated verdict: unresolved, float32."""
    return np.sum(np.sin(x.astype(np.float32)))


def grad_single(x):
    return np.cos(x)
