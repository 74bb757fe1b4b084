"""Can a plane part the two classes? If so the cross-entropy has no minimum, whatever the descent (`margins`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array

TINY = 1e-9
"""Margins below this, with features of size 1 and a direction of length 1, are ties."""


def margins(features: Array, labels: Array, *, intercept: bool) -> Array | None:
    """sign_n (x_n, 1) theta for a theta that makes them >= 0 in every row and > 0 in some; None where there is none.

    features: (d, N), of size about 1 and linearly independent (`scaling.orthogonalised`). labels: zeros and ones.

    By Stiemke's lemma (Math. Ann. 76, 1915, p. 340) exactly one of two holds: there is such a theta, or there are
    weights lambda_n >= 1 with sum lambda_n sign_n (x_n, 1) = 0, and the classes overlap. The lambda that make this sum
    shortest decide: the sum is then 0, or it is itself such a theta. They are found by non-negative least squares,
    C. Lawson and R. Hanson, Solving Least Squares Problems (1974), p. 161.
    """
    rows = np.vstack([features, np.ones((1, features.shape[1]))]) if intercept else features
    signed = rows * (2 * labels - 1)
    sizes = np.sqrt(np.square(signed).sum(axis=0))
    # only signs of margins matter, so every row may have length 1
    signed /= np.where(sizes > 0, sizes, 1.0)
    remainder = shortest_sum(signed)
    length = float(np.linalg.norm(remainder))
    if length == 0:
        return None
    found: Array = (remainder / length) @ signed
    return found if found.min() >= -TINY and found.sum() > TINY * found.size else None


def shortest_sum(vectors: Array) -> Array:
    """The shortest sum lambda_n v_n with all lambda_n >= 1, where v_n are the columns of (P, N).

    lambda = 1 + mu with mu >= 0 and few of them, the passive ones, above 0: at most P, whatever N.
    """
    constant = vectors.sum(axis=1)
    passive: list[int] = []
    extra = np.empty(0)
    remainder: Array = constant
    for _ in range(100 + 10 * len(vectors)):
        length = float(np.linalg.norm(remainder))
        if length <= 1e-14 * (vectors.shape[1] + extra.sum()):
            break
        pull = remainder @ vectors
        pull[passive] = 0.0
        if pull.min() >= -TINY / 10 * length:
            break
        passive.append(int(pull.argmin()))
        passive, extra = _shortest_with(vectors, constant, passive, np.append(extra, 0.0))
        remainder = constant + vectors[:, passive] @ extra
    return remainder


def _shortest_with(vectors: Array, constant: Array, passive: list[int], extra: Array) -> tuple[list[int], Array]:
    """Lawson and Hanson's inner loop: the best mu > 0 on the passive columns, giving up those that would go below 0."""
    while passive:
        best = np.linalg.lstsq(vectors[:, passive], -constant, rcond=None)[0]
        falling = best <= 0
        if not falling.any():
            return passive, best
        shares = extra[falling] / (extra[falling] - best[falling])
        share = shares.min(initial=1.0)
        extra = extra + share * (best - extra)
        kept = ~(falling & (extra <= 1e-15 * max(1.0, extra.max(initial=0.0))))
        if kept.all():
            kept[np.flatnonzero(falling)[shares.argmin()]] = False
        passive, extra = [n for n, keep in zip(passive, kept.tolist(), strict=True) if keep], extra[kept]
    return passive, extra
