"""A claim as a sum of known arrays with a few unknown coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.constants import amount_between
from gradcli.diagnosis.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.diagnosis.partials import Floats, Indices, Partials


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients with their names as text, and how surprising these names are (bits)."""

    values: tuple[float, ...]
    texts: tuple[str, ...]
    named: float


def fit(partials: Partials, columns: Sequence[Floats], base: Floats) -> Fit | None:
    """Analytic = base + sum_k c_k columns_k where there is a verdict, to within the slack; None where it is not.

    Least squares weighted with 1/slack: where the model holds, no residual exceeds its slack.
    """
    known = partials.known
    slack = np.maximum(partials.slack, np.finfo(float).tiny)[known]
    matrix = np.stack([column[known] for column in columns], axis=1)
    target = (partials.analytic - base)[known]
    if len(target) <= len(columns) or not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(target / slack))):
        return None
    if len(columns) == 1:
        return _single(matrix[:, 0], target, slack)
    scale = np.max(np.abs(matrix / slack[:, None]), axis=0)
    if np.any(scale == 0) or not np.all(np.isfinite(scale)):
        return None
    scaled, _, rank, _ = np.linalg.lstsq(matrix / slack[:, None] / scale, target / slack, rcond=1e-9)
    if rank < len(columns):
        return None
    values = scaled / scale
    terms = np.abs(matrix * values)
    allowed = slack + 1e-13 * np.sum(terms, axis=1)
    idle = np.all(terms <= allowed[:, None], axis=0)
    if np.any(idle) or not np.all(np.abs(matrix @ values - target) <= allowed):
        return None
    return _named(values, 1 / scale) if np.all(np.isfinite(values)) else None


FEW = 256
"""Places at which a coefficient is tried before it is tried at all."""


def possible(partials: Partials, columns: Floats, base: Floats) -> Indices:
    """Which of the M columns (M, K, L) one coefficient may fit, looking at the most telling places only."""
    places = np.argsort(-partials.bits, axis=None)[:FEW]
    places = places[partials.known.ravel()[places]]
    target, slack = ((array.ravel()[places]) for array in (partials.analytic - base, partials.slack))
    column = columns.reshape(len(columns), -1)[:, places]
    with np.errstate(all="ignore"):
        middle, half = target / column, slack / np.abs(column)
        low, high = np.max(middle - half, axis=1, initial=-np.inf), np.min(middle + half, axis=1, initial=np.inf)
        zero = column == 0
        refuted = np.any(zero & (np.abs(target) > slack), axis=1)
        vague = np.any(zero, axis=1)
        return np.flatnonzero(~refuted & (vague | (low <= high)))


def _single(column: Floats, target: Floats, slack: Floats) -> Fit | None:
    """One coefficient: the intervals (target -+ slack) / column have a number in common."""
    zero = column == 0
    if np.all(zero) or np.any(np.abs(target[zero]) > slack[zero]):
        return None
    middle, half = target[~zero] / column[~zero], slack[~zero] / np.abs(column[~zero])
    low, high = float(np.max(middle - half)), float(np.min(middle + half))
    if not (low <= high and np.isfinite(high - low)):
        return None
    return _named(np.array([(low + high) / 2]), np.array([(high - low) / 2]))


def _named(values: Floats, half_widths: Floats) -> Fit:
    amounts = [amount_between(value - half, value + half) for value, half in zip(values, half_widths, strict=True)]
    texts = (number(amount.value) if "/" in amount.text else amount.text for amount in amounts)
    return Fit(tuple(map(float, values)), tuple(texts), sum(amount.surprise for amount in amounts))
