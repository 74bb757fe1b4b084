"""Names the likely mistake behind a wrong gradient from the numbers alone, or says that there is no pattern.

A pattern predicts the claim from the reference, the parameters and few unknown numbers; it is named only if it explains
all that is wrong to within the error of the reference, with more agreement than chance or a fixed error could give.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis import places
from gradcli.diagnosis.axes import broadcast, symmetrised
from gradcli.diagnosis.consistency import nothing_has_it, other_loss
from gradcli.diagnosis.factors import common_factor, factor_by_group, factor_of_parameter
from gradcli.diagnosis.orders import permuted, reordered, shifted
from gradcli.diagnosis.partials import Partials, blocks_of, partials_of
from gradcli.diagnosis.repeats import accumulated, constant, stale
from gradcli.diagnosis.terms import added_term, factor_on_one_term, missing, projection
from gradcli.diagnosis.values import clipped, distorted, few_digits, integers, sign_lost
from gradcli.diagnosis.words import listed
from gradcli.report import Cause, Diagnosis, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.report import Evidence, Finding, Mixed

    Pattern = Callable[[Partials], tuple[Diagnosis, ...]]

TELLING = frozenset({Cause.INTEGER_BUFFER, Cause.MUTATED, Cause.CONSTANT, Cause.NOT_FINITE})
"""What a guard saw and need not be wrong, but explains what is wrong when nothing else does."""
WEAK = frozenset({Cause.NO_PATTERN})
"""What gives way to that."""
DOUBTS = frozenset({Cause.FLOAT32, Cause.NOT_FINITE, Cause.MUTATED})
"""What is worth saying where nothing is wrong, but something has no verdict."""
SHARP = 1e-9
"""Relative difference that still counts as none where a pattern is sought: gradients by hand are as exact as floats."""

PATTERNS: tuple[Pattern, ...] = (
    missing,
    clipped,
    integers,
    constant,
    stale,
    sign_lost,
    common_factor,
    reordered,
    broadcast,
    added_term,
    accumulated,
    factor_by_group,
    few_digits,
    factor_of_parameter,
    factor_on_one_term,
    projection,
    shifted,
    symmetrised,
    distorted,
)
"""From the simplest to those with more freedom; the first that holds is named."""

PLACES: tuple[Pattern, ...] = (places.one_partial, places.whole_blocks, places.rows_or_range, places.some_points)
"""What is said when only the place is clear."""

MOST_BLOCKS = 12
"""Beyond these, blocks of a single parameter are not looked at by themselves."""


def diagnose(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """The likely causes of what is wrong, most telling first; empty where nothing is wrong."""
    forced = [_from_guard(finding) for finding in evidence.findings if finding.decisive]
    if forced:
        return tuple(forced)
    with np.errstate(all="ignore"):  # what overflows agrees with nothing
        return _seen(evidence)


def _seen(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """What the numbers say, then what the guards remarked."""
    remarks = [_from_guard(finding) for finding in evidence.findings if finding.cause is not Cause.ACCEPTED]
    partials = partials_of(evidence)
    named = (*_not_finite(evidence), *_beside_kink(evidence))
    if np.any(partials.wrong):
        named = (*named, *_named(partials, evidence.mixed))
    telling = TELLING if _is_far_off(partials) else TELLING | {Cause.FLOAT32}
    if {diagnosis.cause for diagnosis in named} <= WEAK and any(remark.cause in telling for remark in remarks):
        named = ()
    if not np.any(partials.wrong) and not named:
        return tuple(remark for remark in remarks if remark.cause in DOUBTS)
    causes = {diagnosis.cause for diagnosis in named}
    return (*named, *(remark for remark in remarks if remark.cause not in causes))


def _is_far_off(partials: Partials) -> bool:
    """By more than single precision explains, beside the largest partial."""
    scale = np.max(np.abs(partials.numeric), initial=0.0)
    return bool(np.any(np.abs(partials.difference[partials.wrong]) > 0.02 * scale))


def _named(partials: Partials, mixed: Sequence[Mixed]) -> tuple[Diagnosis, ...]:
    """A pattern of the whole, patterns of its parts, another loss, the place, or nothing."""
    found = _first(PATTERNS, partials) or _by_block(partials) or _first([permuted], partials) or _by_line(partials)
    if found:
        return found
    remark = nothing_has_it(mixed)
    return other_loss(partials, mixed) or _first(PLACES, partials) or places.no_pattern(partials, remark)


def _first(patterns: Iterable[Pattern], partials: Partials) -> tuple[Diagnosis, ...]:
    """What the first pattern that holds says, held to the sharp tolerance, else to the usual one."""
    sharp = replace(partials, tolerance=min(SHARP, partials.tolerance))
    said = (pattern(part) for pattern in patterns for part in (sharp, partials))
    return next((found for found in said if found), ())


def _by_block(partials: Partials) -> tuple[Diagnosis, ...]:
    """Each block by itself; those without a pattern are listed as such if they are the lesser part."""
    blocks = blocks_of(partials.names)
    if len(blocks) > MOST_BLOCKS:
        blocks = tuple(block for block in blocks if len(block.columns) > 1)
    if len(blocks) < 2:
        return ()
    parts = [part for block in blocks if np.any((part := partials.take(block.columns)).wrong)]
    found = [_first((*PATTERNS, permuted), part) for part in parts]
    left = {name for part, causes in zip(parts, found, strict=True) if not causes for name in part.suspects.names}
    if 2 * len(left) > np.count_nonzero(partials.faulty):
        return ()
    rest = places.no_pattern(partials.take(np.array([name in left for name in partials.names]))) if left else ()
    return (*_merged([diagnosis for causes in found for diagnosis in causes]), *rest)


def _by_line(partials: Partials) -> tuple[Diagnosis, ...]:
    """Each row, or each column, of a single matrix by itself, if one cause holds for all that are wrong."""
    blocks = [block for block in blocks_of(partials.names) if np.any(partials.take(block.columns).wrong)]
    if len(blocks) != 1 or blocks[0].shape is None or len(blocks[0].shape) != 2:
        return ()
    columns = np.array(blocks[0].columns).reshape(blocks[0].shape)
    for lines in (columns, columns.T):
        parts = [part for line in lines if np.any((part := partials.take(line)).wrong)]
        found = _first_of_all(parts)
        if found:
            return found
    return ()


def _first_of_all(parts: Sequence[Partials]) -> tuple[Diagnosis, ...]:
    """The first pattern that every part shows."""
    for pattern in PATTERNS:
        found = list(takewhile(bool, (_first([pattern], part) for part in parts)))
        if parts and len(found) == len(parts):
            return _merged([diagnosis for causes in found for diagnosis in causes])
    return ()


def _merged(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Diagnoses of one cause as one, with the evidence of the first."""
    merged: dict[Cause, Diagnosis] = {}
    for one in diagnoses:
        before = merged.get(one.cause)
        if before is None:
            merged[one.cause] = one
        else:
            also = "" if before.evidence.endswith("; others likewise") else "; others likewise"
            names = (*before.parameters, *one.parameters)
            merged[one.cause] = Diagnosis(one.cause, names, f"{before.evidence}{also}", before.hint)
    return tuple(merged.values())


def _from_guard(finding: Finding) -> Diagnosis:
    return Diagnosis(finding.cause, finding.parameters, finding.evidence, finding.hint)


def _not_finite(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """NaN or infinity claimed where the loss has a slope."""
    ga, gn = np.atleast_2d(evidence.analytic), np.atleast_2d(evidence.numeric)
    bad = ~np.isfinite(ga) & (np.isfinite(gn) | _failed(evidence, ga.shape))
    names = tuple(name for name, one in zip(evidence.parameters, bad.any(axis=0), strict=True) if one)
    if not names:
        return ()
    first = ga[bad][0]
    text = f"analytic = {first} for {listed(names)} at {np.count_nonzero(bad.any(axis=1))} of {len(ga)} points"
    hint = "look for 0/0, log(0), 0 * inf, exp of large numbers, or an array made with np.empty and not filled"
    return (Diagnosis(Cause.NOT_FINITE, names, text, hint),)


def _beside_kink(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """A claim at a kink that no slope there supports: wrong, and the reference has no single number."""
    ga, gn = np.atleast_2d(evidence.analytic), np.atleast_2d(evidence.numeric)
    bad = np.isfinite(ga) & ~np.isfinite(gn) & _failed(evidence, ga.shape)
    names = tuple(name for name, one in zip(evidence.parameters, bad.any(axis=0), strict=True) if one)
    if not names:
        return ()
    text = f"{listed(names)}: the loss has a kink here, and the analytic value is not between its slopes on both sides"
    hint = "at a kink of abs, max or relu return one of the two slopes or a value between them, the same for both sides"
    return (Diagnosis(Cause.KINK, names, text, hint),)


def _failed(evidence: Evidence, shape: tuple[int, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.array([[verdict == Verdict.FAIL for verdict in row] for row in evidence.verdicts]).reshape(shape)
