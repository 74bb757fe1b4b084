"""The claim is a function of the right gradient: rounded, truncated, clipped, without its sign, squared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.constants import amount_between
from gradcli.diagnosis.partials import NAMED_PROOF, PROOF, Partials
from gradcli.diagnosis.words import count, number
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from gradcli.diagnosis.partials import Floats

FEW = 3
"""Wrong values of which a coincidence of digits is no longer believed."""


def integers(partials: Partials) -> tuple[Diagnosis, ...]:
    """Whole numbers where the reference has none."""
    suspects = partials.suspects
    ga, gn = suspects.analytic[suspects.wrong], suspects.numeric[suspects.wrong]
    slack = suspects.slack[suspects.wrong]
    fractional = np.abs(gn - np.round(gn)) > slack
    if not np.all(ga == np.round(ga)) or np.count_nonzero(fractional) < 2 or np.max(np.abs(ga)) < 1:
        return ()
    ways = (("truncated", np.trunc), ("rounded", np.round), ("rounded down", np.floor))
    found = [text for text, way in ways if np.all(np.abs(way(gn) - ga) == 0)]
    if not found or np.ptp(ga) == 0:
        return ()
    examples = ", ".join(f"{int(a)} for {number(float(n))}" for a, n in zip(ga[:3], gn[:3], strict=True))
    evidence = f"analytic is numeric {found[0]} to a whole number {count(suspects, partials)}: {examples}"
    return (Diagnosis(Cause.INTEGER_BUFFER, suspects.names, evidence, INTEGER_HINT),)


INTEGER_HINT = "integer arithmetic: an array made with dtype int (np.zeros_like of integers) or // where / is meant"


def few_digits(partials: Partials) -> tuple[Diagnosis, ...]:
    """Close to the reference, but with the digits of single or half precision, or a few decimals."""
    suspects = partials.suspects
    ga, gn = partials.analytic[partials.known], partials.numeric[partials.known]
    ga, gn = ga[ga != 0], gn[ga != 0]
    scale = float(np.max(np.abs(gn), initial=0.0))
    if len(ga) < FEW or np.any(np.abs(ga - gn) > 0.02 * scale):
        return ()
    bits = _bits_used(ga)
    worst = f"{number(float(np.max(np.abs(ga - gn))))} beside {number(scale)}"
    for most, name, cause in (
        (8, "bfloat16", Cause.ROUNDED),
        (11, "float16", Cause.ROUNDED),
        (24, "float32", Cause.FLOAT32),
    ):
        if bits <= most and bits > most - 6 and np.any(ga != np.round(ga)):
            evidence = f"all {len(ga)} analytic values are {name} numbers ({bits} bits); largest difference {worst}"
            hint = f"something in the gradient is stored or computed in {name}; use float64, at least for the check"
            return (Diagnosis(cause, suspects.names, evidence, hint),)
    decimals = next((k for k in range(7) if np.all(np.round(ga, k) == ga)), None)
    if decimals is None or np.any(np.abs(ga - gn) > 0.51 * 10.0**-decimals):
        return ()
    evidence = f"all {len(ga)} analytic values have at most {decimals} decimals; largest difference {worst}"
    return (
        Diagnosis(Cause.ROUNDED, suspects.names, evidence, "the gradient is rounded: leave rounding to the output"),
    )


def _bits_used(values: Floats) -> int:
    """The longest significand among the values, without trailing zeros, in bits."""
    fractions, _ = np.frexp(values)
    whole = np.abs(fractions * 2.0**53).astype(np.int64)
    trailing = np.log2((whole & -whole).astype(float))
    return 53 - int(np.min(trailing))


def clipped(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = numeric cut at -c and c, or its sign alone."""
    suspects = partials.suspects
    ga, gn = suspects.analytic[suspects.wrong], suspects.numeric[suspects.wrong]
    limit = _one_size(partials, ga)
    if limit == 0 or np.any(np.sign(ga) != np.sign(gn)):
        return ()
    several = len(suspects) > 1
    some_are_free = np.any(partials.right & (partials.analytic != 0))
    inside = np.all(np.abs(gn) > limit) and np.all(np.abs(partials.analytic[partials.right]) <= limit * (1 + 1e-9))
    if inside and (some_are_free or limit != 1) and (several or limit in USUAL_LIMITS):
        evidence = f"analytic = +-{number(limit)} {count(suspects, partials)}, where numeric is larger"
        return (Diagnosis(Cause.CLIPPED, suspects.names, evidence, CLIPPED_HINT),)
    if not several or np.all(ga == ga[0]):
        return ()
    evidence = f"analytic = {number(limit)} * sign(numeric) {count(suspects, partials)}"
    return (Diagnosis(Cause.DISTORTED, suspects.names, evidence, SIGN_ONLY_HINT),)


USUAL_LIMITS = (0.1, 0.5, 1.0, 5.0, 10.0, 100.0)
"""Limits at which a single partial is called clipped."""
CLIPPED_HINT = "the gradient is clipped: that belongs into the optimiser's step; for a Huber loss check the linear part"
SIGN_ONLY_HINT = (
    "only the sign is kept: sign(u) for u, the derivative of |u| for that of u^2, or a step of sign descent"
)


def _one_size(partials: Partials, ga: Floats) -> float:
    """The size that all wrong values of the claim have, 0 if they differ or it may be chance."""
    limit = float(np.abs(ga[0])) if len(ga) else 0.0
    if limit == 0 or np.any(np.abs(np.abs(ga) - limit) > 1e-9 * limit):
        return 0.0
    low, high = limit * (1 - partials.tolerance), limit * (1 + partials.tolerance)
    named = amount_between(low, high).surprise
    suspects = partials.suspects
    is_proved = suspects.proof_over_partials(1) + named >= NAMED_PROOF and suspects.proof(1) + named >= PROOF
    return limit if is_proved else 0.0


def sign_lost(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = |numeric| or -|numeric|: right for one sign, opposite for the other."""
    gn = partials.numeric
    wrong, right = partials.wrong, partials.right & (np.abs(gn) > partials.slack)
    for sign, text in ((1.0, "|numeric|"), (-1.0, "-|numeric|")):
        both = len(set(np.flatnonzero(wrong)[:2])) == 2 and np.count_nonzero(right) >= 2
        pure = np.all(np.sign(gn[wrong]) == -sign) and np.all(np.sign(gn[right]) == sign)
        if both and pure and partials.explained_by(sign * np.abs(gn), 1.0):
            evidence = f"analytic = {text}: opposite {count(partials.suspects, partials)}, those that are "
            evidence += "negative" if sign > 0 else "positive"
            hint = "an absolute value, a square root of a square or a norm has taken the sign away"
            return (Diagnosis(Cause.SIGN_LOST, partials.suspects.names, evidence, hint),)
    return ()


def distorted(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = phi(numeric) for a few functions phi."""
    gn = partials.numeric
    suspects = partials.suspects
    for text, value, slope in _distortions(gn):
        usable = np.all(np.isfinite(value) & np.isfinite(slope))
        if usable and partials.explained_by(value, np.abs(slope), extra=5):
            evidence = f"analytic = {text} {count(suspects, partials)}"
            hint = "this is done to the gradient after it is right"
            return (Diagnosis(Cause.DISTORTED, suspects.names, evidence, hint),)
    return ()


def _distortions(gn: Floats) -> list[tuple[str, Floats, Floats]]:
    with np.errstate(all="ignore"):
        size = np.abs(gn)
        return [
            ("numeric^2", gn**2, 2 * gn),
            ("numeric |numeric|", gn * size, 2 * size),
            ("numeric^3", gn**3, 3 * gn**2),
            ("sqrt|numeric| with its sign", np.sign(gn) * np.sqrt(size), 0.5 / np.sqrt(size)),
            ("1/numeric", 1 / gn, 1 / gn**2),
            ("tanh(numeric)", np.tanh(gn), 1 - np.tanh(gn) ** 2),
            ("sigmoid(numeric)", 1 / (1 + np.exp(-gn)), np.full_like(gn, 0.25)),
            ("exp(numeric)", np.exp(gn), np.exp(gn)),
            *_sums(gn),
        ]


def _sums(gn: Floats) -> list[tuple[str, Floats, Floats]]:
    """Running sums and differences along the partials, from either end."""
    ones = np.ones_like(gn)
    after, before = np.zeros_like(gn), np.zeros_like(gn)
    after[:, :-1], before[:, 1:] = gn[:, 1:], gn[:, :-1]
    return [
        ("the running sum of numeric", np.cumsum(gn, axis=1), len(gn[0]) * ones),
        ("the running sum of numeric from the end", np.cumsum(gn[:, ::-1], axis=1)[:, ::-1], len(gn[0]) * ones),
        ("numeric less the next one", gn - after, 2 * ones),
        ("numeric less the one before", gn - before, 2 * ones),
        ("numeric less its mean", gn - gn.mean(axis=1, keepdims=True), 2 * ones),
        (
            "numeric / its sum",
            gn / np.where(gn.sum(axis=1, keepdims=True) == 0, 1, gn.sum(axis=1, keepdims=True)),
            ones,
        ),
    ]
