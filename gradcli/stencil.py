"""Finite-difference stencils: offsets in steps, weights for them, order of accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sys import float_info
from typing import Any, TypeAlias

Number: TypeAlias = Any
"""A float, or an array of them."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """The points x + offset * h whose values a finite difference of a derivative of `order` combines."""

    name: str
    order: int
    offsets: tuple[int, ...]
    accuracy: int

    def automatic_step(self, x: float, eps: float = float_info.epsilon) -> float:
        """The step that balances truncation against roundoff error, eps^(1/(accuracy + order)) * max(1, |x|)."""
        step: float = eps ** (1 / (self.accuracy + self.order))
        return step * max(1.0, abs(x))

    def steps(self, step: float | None) -> tuple[float, ...]:
        """A step, and wider ones, best first, at which truncation stands out from roundoff.

        Where none is given, the automatic ones for |x| <= 1: a wider one is that of a method one order more accurate.
        """
        if step is not None:
            return step, 2 * step
        h = self.automatic_step(0.0)
        more_accurate = float_info.epsilon ** (1 / (self.accuracy + 1 + self.order))
        return h, max(more_accurate, 2 * h), 2 * h


def forward(order: int = 1) -> Stencil:
    """(f(x+h) - f(x)) / h and its higher-order kin."""
    return Stencil("forward", order, tuple(range(order + 1)), 1)


def backward(order: int = 1) -> Stencil:
    """(f(x) - f(x-h)) / h and its higher-order kin."""
    return Stencil("backward", order, tuple(range(-order, 1)), 1)


def central(order: int = 1) -> Stencil:
    """(f(x+h) - f(x-h)) / 2h and its higher-order kin."""
    return Stencil("central", order, _symmetric(order, (order + 1) // 2), 2)


def five_point(order: int = 1) -> Stencil:
    """The symmetric stencil of fourth order; for a first derivative -f(x+2h) + 8f(x+h) - 8f(x-h) + f(x-2h) over 12h."""
    return Stencil("five-point", order, _symmetric(order, (order + 1) // 2 + 1), 4)


STENCILS = {"forward": forward, "backward": backward, "central": central, "five-point": five_point}


def weights(offsets: Sequence[Number], order: int) -> tuple[Number, ...]:
    """Weights w with sum w_k f(x + offsets_k) = f^(order)(x) for every polynomial of degree < len(offsets).

    Offsets are distances from x in the units of x, at least order + 1 of them, all different.
    B. Fornberg, Generation of finite difference formulas on arbitrarily spaced grids, Math. Comp. 51 (1988), p. 699.
    """
    table: list[list[Any]] = [[0.0] * (order + 1) for _ in offsets]
    table[0][0] = 1.0
    product_before: Any = 1.0
    for n in range(1, len(offsets)):
        product: Any = 1.0
        for k in range(n):
            gap = offsets[n] - offsets[k]
            product *= gap
            for m in range(min(n, order), -1, -1):
                lower = table[k][m - 1] if m else 0.0
                if k == n - 1:
                    newest = product_before / product
                    table[n][m] = newest * (m * lower - offsets[n - 1] * table[k][m])
                table[k][m] = (offsets[n] * table[k][m] - m * lower) / gap
        product_before = product
    return tuple(row[order] for row in table)


def _symmetric(order: int, reach: int) -> tuple[int, ...]:
    """Offsets -reach..reach; the middle one has weight zero for odd orders and is left out."""
    return tuple(k for k in range(-reach, reach + 1) if k or order % 2 == 0)
