"""Can a plane part the two classes? If so the cross-entropy has no minimum, whatever the descent (`inseparable`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcli.problem import Array

TINY = 1e-9
"""Margins below this, with features of size 1 and a direction of length 1, are ties."""


def inseparable(features: Array, labels: Array, *, intercept: bool) -> Array:
    """Which rows, (N,) true or false, no plane can part from the other class: all where the classes overlap.

    Where some are not among them the cross-entropy has no minimum: the data are separable, or quasi-separable if some
    are. features: (d, N), of size about 1 (`scaling.standardised`). labels: zeros and ones.

    By Stiemke's lemma (Math. Ann. 76, 1915, p. 340) exactly one of two holds for rows s_n (x_n, 1) with signs s_n:
    some theta makes all margins s_n (x_n, 1) theta >= 0 and some > 0; or there are weights lambda_n >= 1 with
    sum lambda_n s_n (x_n, 1) = 0. The shortest such sum decides: it is 0, or it is itself such a theta. Rows with
    margins > 0 are parted; among the rest, whose margins are 0, the question is asked again.
    """
    rows = np.vstack([features, np.ones((1, features.shape[1]))]) if intercept else features
    signed = rows * (2 * labels - 1)
    sizes = np.sqrt(np.square(signed).sum(axis=0))
    # only signs of margins matter, so every row may have length 1
    signed /= np.where(sizes > 0, sizes, 1.0)
    left = np.arange(labels.size)
    while left.size:
        found = _margins(signed[:, left])
        if found is None:
            break
        left = left[found <= TINY]
    mask = np.zeros(labels.size, dtype=bool)
    mask[left] = True
    return mask


def _margins(vectors: Array) -> Array | None:
    """The margins of the columns along their shortest sum; None if it is 0, or below some of them."""
    total = shortest_sum(vectors)
    length = float(np.linalg.norm(total))
    if length == 0:
        return None
    found: Array = (total / length) @ vectors
    return found if found.min() >= -TINY and found.max() > TINY else None


def shortest_sum(vectors: Array) -> Array:
    """The shortest sum lambda_n v_n with all lambda_n >= 1, where v_n are the columns of (P, N).

    lambda = 1 + mu with mu >= 0 and few of them, the passive ones, above 0: at most P, whatever N. Non-negative least
    squares, C. Lawson and R. Hanson, Solving Least Squares Problems (1974), p. 161.
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
