"""Linear regression: predictions X w + b, the mean squared error and its gradient by hand (`LinearRegression`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array, Indices, Point

BLOCK = 2**17
"""Numbers in one block of perturbed residuals, 1 MB: a few such blocks stay in a core's cache."""

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """What was computed for the last point, remembered: a checker asks for many shifts of the same one."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: tuple[bytes, Value] | None = None

    def at(self, theta: Array, compute: Callable[[Array], Value]) -> Value:
        """The value at theta, computed anew only when theta is not the last one."""
        key = theta.tobytes()
        known = self._known
        if known is None or known[0] != key:
            self._known = known = key, compute(theta)
        return known[1]


@dataclass(frozen=True, slots=True, eq=False)
class LinearRegression:
    """y = X w + b under the mean squared error L = 1/N sum (X w + b - y)^2; the parameters are w, then b.

    columns: (d, N), the features, one contiguous row of this array each: a perturbation touches one of them.
    target: (N,).
    """

    names: tuple[str, ...]
    columns: Array
    target: Array
    intercept: bool = True
    _latest: Latest[Array] = field(default_factory=Latest, init=False, repr=False)

    name: ClassVar[str] = "linreg"
    hidden: ClassVar[tuple[int, ...]] = ()

    @property
    def rows(self) -> int:
        """N."""
        return self.target.size

    @property
    def size(self) -> int:
        """P."""
        return len(self.columns) + self.intercept

    @property
    def parameters(self) -> tuple[str, ...]:
        """`w` and `b` for one feature, else `w[column]` for each and `b`."""
        return weight_names(self.names) + ("b",) * self.intercept

    def residual(self, point: Point) -> Array:
        """Prediction - target, (N,), for real and complex points."""
        theta = as_array(point)
        w, b = theta[: len(self.columns)], theta[len(self.columns) :]
        # r = X w + b - y
        residual = w @ self.columns
        if self.intercept:
            residual += b
        residual -= self.target
        return residual

    def value(self, point: Point) -> float | complex:
        """L = 1/N sum r^2."""
        with np.errstate(over="ignore", invalid="ignore"):
            residual = self.residual(point)
            square: float | complex = (residual @ residual / self.rows).item()
        return square

    def loss(self, point: Point) -> float:
        """L at a real point."""
        return self.value(point).real

    def gradient(self, point: Point) -> Array:
        """dL/dw and dL/db, (P,)."""
        return self.loss_and_gradient(point)[1]

    def loss_and_gradient(self, point: Point) -> tuple[float, Array]:
        """L and its gradient from one pass over the data."""
        with np.errstate(over="ignore", invalid="ignore"):
            r = self.residual(point)
            # L = 1/N sum (wx + b - y)^2
            loss = float(r @ r) / self.rows
            # dL/dw = 2/N sum (wx + b - y) x
            dw = 2 / self.rows * (self.columns @ r)
            # dL/db = 2/N sum (wx + b - y)
            db = 2 / self.rows * r.sum()
        return loss, np.append(dw, db) if self.intercept else dw

    def curvature(self, point: Point) -> Array:  # noqa: ARG002  the same everywhere, unlike a net's
        """The second derivatives of L, (P, P): 2/N (X, 1)^T (X, 1)."""
        return 2 / self.rows * second_moments(self.columns, None, intercept=self.intercept)

    def shifted(self, point: Point, indices: Indices, steps: Point) -> Array:
        """L at point + steps[k] * e_indices[k]: residuals move by step * column, and are squared and summed anew."""
        theta = as_array(point)
        index = np.asarray(indices, dtype=np.intp)
        with np.errstate(over="ignore", invalid="ignore"):
            taken = steps_taken(theta, index, steps)
            residual = self._latest.at(theta, self.residual)
            sums = np.zeros(index.size)
            for few, rows in blocks(index.size, self.rows, BLOCK):
                # r(theta + h e_j) = r(theta) + h x_j, with x_b = 1
                moved = column(self.columns, index[few], rows)
                moved *= taken[few, None]
                moved += residual[rows]
                moved *= moved
                sums[few] += moved.sum(axis=1)
        return sums / self.rows


def column(columns: Array, index: Array, rows: slice) -> Array:
    """What each parameter multiplies in the rows asked for, (k, n): its feature, or 1 for the bias."""
    # not take: it would first copy a slice of all columns
    taken = columns[np.minimum(index, len(columns) - 1), rows]
    taken[index == len(columns)] = 1.0
    return taken


def steps_taken(theta: Array, index: Array, steps: Point) -> Array:
    """(theta + h) - theta: the steps that a double really takes, as in a plain evaluation at theta + h."""
    at = theta[index]
    taken: Array = (at + np.asarray(steps, dtype=float)) - at
    return taken


def blocks(perturbations: int, rows: int, size: int) -> Iterator[tuple[slice, slice]]:
    """Slices of perturbations and of rows whose product is at most `size` numbers."""
    deep = min(rows, size)
    wide = max(1, size // max(1, deep))
    for first in range(0, perturbations, wide):
        for row in range(0, rows, deep):
            yield slice(first, first + wide), slice(row, row + deep)


def second_moments(columns: Array, weights: Array | None, *, intercept: bool) -> Array:
    """(X, 1)^T diag(weights) (X, 1), (P, P), in blocks of rows; no weights means ones."""
    d, rows = columns.shape
    moments = np.zeros((d + 1, d + 1))
    for row in range(0, rows, 2**14):
        some = columns[:, row : row + 2**14]
        weighted = some if weights is None else some * weights[row : row + 2**14]
        moments[:d, :d] += weighted @ some.T
        moments[d, :d] += weighted.sum(axis=1)
    moments[:d, d] = moments[d, :d]
    moments[d, d] = rows if weights is None else weights.sum()
    return moments if intercept else moments[:d, :d]


def weight_names(names: Sequence[str]) -> tuple[str, ...]:
    """`w` for one feature, `w[column]` for each of several."""
    return ("w",) if len(names) == 1 else tuple(f"w[{name}]" for name in names)


def as_array(point: Point) -> Array:
    """The point as doubles, or as complex numbers where it holds some."""
    array = np.asarray(point)
    return array if array.dtype.kind == "c" else array.astype(float, copy=False)
