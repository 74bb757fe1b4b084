"""Right gradients that careless checkers accuse: scales, offsets, kinks, precision, caches, containers."""

import numpy as np

rng = np.random.default_rng(12)
A = rng.normal(size=(5, 3))
u0 = np.array([0.6, -0.8, 1.1])
C = np.array([1.0, 2.5, 0.7])

# Scales of x, of f, of both.

x0_badly_scaled = np.array([1e-4, 1.0, 1e4])
SCALES = np.array([1e4, 1.0, 1e-4])


def loss_badly_scaled(x):
    return np.sum(np.sin(SCALES * x) * C)


def grad_badly_scaled(x):
    return SCALES * np.cos(SCALES * x) * C


x0_large_parameters = np.array([1.2e6, -3.4e6, 2.2e6])


def loss_large_parameters(x):
    return np.sum(C * np.log1p(x**2)) + np.sum(x**2) * 1e-12


def grad_large_parameters(x):
    return C * 2 * x / (1 + x**2) + 2e-12 * x


x0_huge_offset = u0


def loss_huge_offset(x):
    return 1e8 + np.sum((A @ x) ** 2)


def grad_huge_offset(x):
    return 2 * A.T @ (A @ x)


x0_tiny_gradient = u0


def loss_tiny_gradient(x):
    return 1e-8 * np.sum(np.tanh(A @ x))


def grad_tiny_gradient(x):
    return 1e-8 * A.T @ (1 - np.tanh(A @ x) ** 2)


x0_sum_of_exponentials = np.array([0.1, 0.5, 1.0])


def loss_sum_of_exponentials(x):
    return np.sum(np.exp(50 * x))


def grad_sum_of_exponentials(x):
    return 50 * np.exp(50 * x)


x0_log_near_zero = np.array([1e-5, 3e-5, 2.0])


def loss_log_near_zero(x):
    return -np.sum(C * np.log(x))


def grad_log_near_zero(x):
    return -C / x


x0_oscillating = np.array([1.0, 2.0, 3.0])


def loss_oscillating(x):
    return np.sum(np.sin(1e4 * x))


def grad_oscillating(x):
    return 1e4 * np.cos(1e4 * x)


# Optima and cancellation.

x0_at_optimum = np.array([1.0, 2.0, 3.0])


def loss_at_optimum(x):
    return 0.5e6 * np.sum((x - x0_at_optimum) ** 2)


def grad_at_optimum(x):
    return 1e6 * (x - x0_at_optimum)


x0_rosenbrock = np.array([1.0, 1.0, 1.0])


def loss_rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def grad_rosenbrock(x):
    g = np.zeros_like(x)
    g[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    g[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return g


X = rng.normal(size=(20, 3))
y = X @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=20)
x0_converged_regression = np.linalg.lstsq(X, y, rcond=None)[0]


def loss_converged_regression(w):
    return np.mean((X @ w - y) ** 2)


def grad_converged_regression(w):
    return 2 / 20 * X.T @ (X @ w - y)


# Stable forms at large logits.

logits = np.array([1000.0, -1000.0, 30.0])
x0_cross_entropy_large_logits = logits


def loss_cross_entropy_large_logits(z):
    return z.max() + np.log(np.sum(np.exp(z - z.max()))) - z[2]


def grad_cross_entropy_large_logits(z):
    e = np.exp(z - z.max())
    return e / e.sum() - [0, 0, 1]


x0_sigmoid_saturated = np.array([400.0, -700.0, 0.5])


def loss_sigmoid_saturated(z):
    return np.sum(np.logaddexp(0, z) - z * [1, 0, 1])


def grad_sigmoid_saturated(z):
    e = np.exp(-np.abs(z))
    return np.where(z > 0, 1 / (1 + e), e / (1 + e)) - [1, 0, 1]


x0_logsumexp = u0


def loss_logsumexp(x):
    z = A @ x
    return z.max() + np.log(np.exp(z - z.max()).sum())


def grad_logsumexp(x):
    e = np.exp(A @ x - np.max(A @ x))
    return A.T @ (e / e.sum())


# Kinks: away from them, beside them, on them with an admissible value, and smooth ones that look like kinks.

x0_relu_away_from_kinks = u0


def loss_relu_away_from_kinks(x):
    return np.sum(np.maximum(A @ x, 0) ** 2) + np.sum(np.maximum(A @ x, 0))


def grad_relu_away_from_kinks(x):
    z = A @ x
    return A.T @ (2 * np.maximum(z, 0) + (z > 0))


x0_beside_a_kink = np.array([1e-6, -1e-6, 2.0])


def loss_beside_a_kink(x):
    return 1 + np.sum(np.abs(x))


def grad_beside_a_kink(x):
    return np.sign(x)


x0_abs_at_zero = np.array([0.0, 1.0, -2.0])


def loss_abs_at_zero(x):
    return np.sum(C * np.abs(x))


def grad_abs_at_zero(x):
    return C * np.sign(x)


x0_relu_at_zero = np.array([0.0, 0.0, 1.0])


def loss_relu_at_zero(x):
    return np.sum(C * np.maximum(x, 0))


def grad_relu_at_zero(x):
    return C * (x > 0)


x0_cube_of_abs = np.array([0.0, 0.5, -0.5])


def loss_cube_of_abs(x):
    return np.sum(np.abs(x) ** 3)


def grad_cube_of_abs(x):
    return 3 * x * np.abs(x)


x0_flat_power = np.array([0.0, 0.0, 0.3])


def loss_flat_power(x):
    return np.sum(x**5) + np.sum(np.maximum(x, 0) ** 2)


def grad_flat_power(x):
    return 5 * x**4 + 2 * np.maximum(x, 0)


x0_max_pooling = rng.normal(size=8)


def loss_max_pooling(x):
    return np.sum(x.reshape(4, 2).max(axis=1) ** 2)


def grad_max_pooling(x):
    pairs = x.reshape(4, 2)
    return (2 * pairs * (pairs == pairs.max(axis=1, keepdims=True))).ravel()


x0_huber = np.array([0.2, -3.0, 0.9])


def loss_huber(x):
    return np.sum(np.where(np.abs(x) <= 1, 0.5 * x**2, np.abs(x) - 0.5))


def grad_huber(x):
    return np.clip(x, -1, 1)


x0_smoothed_norm = np.array([0.0, 1e-3, 2.0])


def loss_smoothed_norm(x):
    return np.sum(np.sqrt(1e-12 + x**2))


def grad_smoothed_norm(x):
    return x / np.sqrt(1e-12 + x**2)


# Precision and randomness.

X32 = rng.normal(size=(6, 3)).astype(np.float32)
x0_float32_data = u0


def loss_float32_data(x):
    return np.mean((X32 @ x) ** 2)


def grad_float32_data(x):
    return 2 / 6 * X32.T @ (X32 @ x)


x0_float32_inside = u0


def loss_float32_inside(x):
    return float(np.mean((X32 @ x.astype(np.float32)) ** 2, dtype=np.float32))


def grad_float32_inside(x):
    return 2 / 6 * X32.T @ (X32 @ x.astype(np.float32))


x0_float32_gradient = u0


def loss_float32_gradient(x):
    return np.sum(np.tanh(A @ x))


def grad_float32_gradient(x):
    return (A.T @ (1 - np.tanh(A @ x) ** 2)).astype(np.float32)


x0_seeded_dropout = u0


def loss_seeded_dropout(x):
    mask = np.random.default_rng(0).random(5) > 0.5
    return np.sum(mask * (A @ x) ** 2)


def grad_seeded_dropout(x):
    mask = np.random.default_rng(0).random(5) > 0.5
    return 2 * A.T @ (mask * (A @ x))


# Programs: caches that are right, containers, integers, one function for both.

x0_cached_forward = u0
cache = {}


def loss_cached_forward(x):
    if cache.get("key") != x.tobytes():
        cache.update(key=x.tobytes(), z=np.tanh(A @ x))
    return np.sum(cache["z"] ** 2)


def grad_cached_forward(x):
    loss_cached_forward(x)
    z = cache["z"]
    return A.T @ (2 * z * (1 - z**2))


x0_integer_start = np.array([1, -2, 3])


def loss_integer_start(x):
    return np.sum(C * x**3) / 7


def grad_integer_start(x):
    return 3 * C * x**2 / 7


x0_list_start = [0.5, -1.0, 2.0]


def loss_list_start(x):
    return x[0] * x[1] + x[2] ** 2


def grad_list_start(x):
    return [x[1], x[0], 2 * x[2]]


x0_dict_of_arrays = {"W": rng.normal(size=(2, 3)), "b": np.zeros(2)}


def loss_dict_of_arrays(p):
    return np.sum(np.cos(p["W"] @ C + p["b"]))


def grad_dict_of_arrays(p):
    d = -np.sin(p["W"] @ C + p["b"])
    return {"W": np.outer(d, C), "b": d}


x0_value_and_gradient = u0


def loss_value_and_gradient(x):
    z = A @ x
    return np.sum(z**4), 4 * A.T @ z**3


x0_scalar = 0.7


def loss_scalar(x):
    return np.exp(np.sin(x))


def grad_scalar(x):
    return np.exp(np.sin(x)) * np.cos(x)


x0_linear = u0


def loss_linear(x):
    return C @ x


def grad_linear(x):
    return C


x0_partly_unused = np.array([0.3, 0.4, 0.5])


def loss_partly_unused(x):
    return np.sin(x[0]) * x[2]


def grad_partly_unused(x):
    return [np.cos(x[0]) * x[2], 0, np.sin(x[0])]


x0_unit_vectors = u0


def loss_unit_vectors(x):
    e = x / np.linalg.norm(x)
    return np.sum(C * e**2)


def grad_unit_vectors(x):
    length = np.linalg.norm(x)
    e = x / length
    g = 2 * C * e
    return (g - e * (e @ g)) / length


x0_determinant = rng.normal(size=(3, 3)) + 3 * np.eye(3)


def loss_determinant(M):
    return np.linalg.slogdet(M)[1]


def grad_determinant(M):
    return np.linalg.inv(M).T


x0_batch_normalised = u0


def loss_batch_normalised(w):
    z = X @ w
    n = (z - z.mean()) / np.sqrt(z.var() + 1e-5)
    return np.mean((n - y) ** 2)


def grad_batch_normalised(w):
    z = X @ w
    spread = np.sqrt(z.var() + 1e-5)
    n = (z - z.mean()) / spread
    d = 2 / 20 * (n - y)
    return X.T @ ((d - d.mean() - n * np.mean(d * n)) / spread)
