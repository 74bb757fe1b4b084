"""One-dimensional and two-dimensional convolutions with a kernel, padding, stride and pooling."""

import numpy as np

rng = np.random.default_rng(7)
signal = rng.normal(size=14)
target = rng.normal(size=10)
x0 = rng.normal(size=5)


def convolved(k):
    return np.convolve(signal, k, mode="valid")


def loss(k):
    return 0.5 * np.sum((convolved(k) - target) ** 2)


def grad(k):
    return np.correlate(signal, convolved(k) - target, mode="valid")[::-1]


image = rng.normal(size=(6, 6))
goal = rng.normal(size=(4, 4))
K0 = {"K": rng.normal(size=(3, 3)) * 0.5, "bias": 0.2}


def patches(a, size):
    return np.lib.stride_tricks.sliding_window_view(a, (size, size))


def filtered(p):
    return np.einsum("ijkl,kl->ij", patches(image, 3), p["K"]) + p["bias"]


def loss2(p):
    return np.mean((filtered(p) - goal) ** 2)


def grad2(p):
    d = 2 / 16 * (filtered(p) - goal)
    return {"K": np.einsum("ijkl,ij->kl", patches(image, 3), d), "bias": d.sum()}


CAUSES = {
    "kernel_not_flipped": "reversed",
    "off_by_one_tap": "rolled|shifted",
    "last_tap_forgotten": "missing",
    "first_output_forgotten": "other-loss",
    "mean_for_sum": "factor",
    "convolution_for_correlation": "reversed",
    "kernel_transposed": "transposed",
    "kernel_flipped_one_axis": "reversed",
    "kernel_rolled": "rolled",
    "bias_averaged": "factor",
    "bias_per_output": "factor",
    "stride_ignored": "other-loss",
    "padding_forgotten": "",
    "pooling_to_all": "permuted",
    "input_gradient_not_flipped": "",
    "separable_forgotten_factor": "missing",
}
x0_convolution_for_correlation = x0_kernel_transposed = x0_kernel_flipped_one_axis = x0_kernel_rolled = K0
x0_bias_averaged = x0_bias_per_output = x0_padding_forgotten = K0

loss_kernel_not_flipped = loss_off_by_one_tap = loss_last_tap_forgotten = loss_first_output_forgotten = loss
loss_convolution_for_correlation = loss_kernel_transposed = loss_kernel_flipped_one_axis = loss_kernel_rolled = loss2
loss_bias_averaged = loss_bias_per_output = loss2


def grad_kernel_not_flipped(k):
    return grad(k)[::-1]


def grad_off_by_one_tap(k):
    return np.roll(grad(k), 1)


def grad_last_tap_forgotten(k):
    return np.append(grad(k)[:-1], 0)


def grad_first_output_forgotten(k):
    d = convolved(k) - target
    d[0] = 0
    return np.correlate(signal, d, mode="valid")[::-1]


def loss_mean_for_sum(k):
    return loss(k) / 10


def grad_mean_for_sum(k):
    return grad(k)


def grad_convolution_for_correlation(p):
    g = grad2(p)
    return {"K": g["K"][::-1, ::-1], "bias": g["bias"]}


def grad_kernel_transposed(p):
    g = grad2(p)
    return {"K": g["K"].T, "bias": g["bias"]}


def grad_kernel_flipped_one_axis(p):
    g = grad2(p)
    return {"K": g["K"][:, ::-1], "bias": g["bias"]}


def grad_kernel_rolled(p):
    g = grad2(p)
    return {"K": np.roll(g["K"], 1, axis=0), "bias": g["bias"]}


def grad_bias_averaged(p):
    g = grad2(p)
    return {"K": g["K"], "bias": g["bias"] / 16}


def grad_bias_per_output(p):
    g = grad2(p)
    return {"K": g["K"], "bias": 4 * g["bias"]}


def loss_stride_ignored(k):
    return 0.5 * np.sum((convolved(k)[::2] - target[::2]) ** 2)


def grad_stride_ignored(k):
    return grad(k)


def loss_padding_forgotten(p):
    padded = np.pad(image, 1)
    return np.sum((np.einsum("ijkl,kl->ij", patches(padded, 3), p["K"]) + p["bias"]) ** 2)


def grad_padding_forgotten(p):
    padded = np.pad(image, 1)
    d = 2 * (np.einsum("ijkl,kl->ij", patches(padded, 3), p["K"]) + p["bias"])
    return {"K": np.einsum("ijkl,ij->kl", patches(image, 3), d[1:-1, 1:-1]), "bias": d.sum()}


x0_pooling_to_all = rng.normal(size=8)


def loss_pooling_to_all(x):
    return np.sum(x.reshape(4, 2).max(axis=1) ** 2)


def grad_pooling_to_all(x):
    return np.repeat(2 * x.reshape(4, 2).max(axis=1), 2)


x0_input_gradient_not_flipped = rng.normal(size=12)


def loss_input_gradient_not_flipped(x):
    return np.sum(np.convolve(x, [1.0, -2.0, 0.5], mode="valid") ** 2)


def grad_input_gradient_not_flipped(x):
    d = 2 * np.convolve(x, [1.0, -2.0, 0.5], mode="valid")
    return np.convolve(d, [1.0, -2.0, 0.5], mode="full")


x0_separable_forgotten_factor = {"u": rng.normal(size=3), "v": rng.normal(size=3)}


def loss_separable_forgotten_factor(p):
    return loss2({"K": np.outer(p["u"], p["v"]), "bias": 0})


def grad_separable_forgotten_factor(p):
    g = grad2({"K": np.outer(p["u"], p["v"]), "bias": 0})["K"]
    return {"u": g @ p["v"], "v": np.zeros(3)}
