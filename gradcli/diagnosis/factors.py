"""The claim is the reference times something: one constant, one number per point, a few, or a function of theta."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.constants import SIGN_HINT, amount_between
from gradcli.diagnosis.fits import possible
from gradcli.diagnosis.functions import functions_of, quantities
from gradcli.diagnosis.groups import Group, common_group, factor_groups, ratio_bounds
from gradcli.diagnosis.partials import NAMED_PROOF, Partials, blocks_of, varies
from gradcli.diagnosis.words import count, label, number, numbers, summed
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.diagnosis.partials import Floats

MOST_GROUPS = 3
"""Groups of partials with a factor each that get a diagnosis of their own."""


def common_factor(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = c * numeric for all that is wrong: c constant, or another number at each point."""
    group = common_group(partials.suspects)
    return (_diagnosis(group, partials),) if group.is_proved else ()


def factor_by_group(partials: Partials) -> tuple[Diagnosis, ...]:
    """A few groups of partials, each with a factor of its own: blocks, rows, columns, or any others."""
    groups = factor_groups(partials.suspects)
    if len(groups) < 2 or not all(group.is_proved for group in groups):
        return ()
    if len(groups) > MOST_GROUPS:
        return (_many_groups(groups, partials),)
    return tuple(_diagnosis(group, partials) for group in groups)


def factor_of_parameter(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = c * numeric * phi(theta), each partial with its own parameter; phi from a list, c constant."""
    suspects = partials.suspects
    names, values = functions_of(suspects.points)
    for chosen in possible(suspects, suspects.numeric * values, np.zeros_like(suspects.numeric)):
        factor = values[chosen]
        if np.all(np.isfinite(factor)) and np.all(factor != 0):
            found = _times(suspects, factor, names[chosen], partials)
            if found:
                return (found,)
    return ()


def _diagnosis(group: Group, partials: Partials) -> Diagnosis:
    return _constant_factor(group, partials) if group.is_constant else _factor_by_point(group, partials)


def _constant_factor(group: Group, partials: Partials) -> Diagnosis:
    """A sign or a factor, with the name of the constant."""
    ratio = group.amount
    evidence = f"analytic / numeric = {ratio.named} {count(group.partials, partials)}"
    sizes = f"a factor {number(abs(ratio.value))} is too much, or one of {number(abs(1 / ratio.value))} is missing"
    unnamed = f"{SIGN_HINT}; besides, {sizes}" if ratio.value < 0 else sizes
    cause = Cause.SIGN if ratio.value == -1 else Cause.FACTOR
    return Diagnosis(cause, group.partials.names, evidence, ratio.hint or unnamed)


def _factor_by_point(group: Group, partials: Partials) -> Diagnosis:
    """chain-factor, or normalised where the claim has the same length everywhere."""
    evidence = (
        f"analytic / numeric = {numbers(group.ratios.tolist())} at points "
        f"{', '.join(str(row + 1) for row in group.seen[:4])}, "
        f"the same for {label(group.partials.names, partials.names)} at each"
    )
    same_length = _same_length(partials)
    if same_length:
        return Diagnosis(Cause.NORMALISED, group.partials.names, f"{evidence}; {same_length}", NORMALISED_HINT)
    named = _name_by_point(group, partials)
    if named:
        evidence = f"{evidence}; that is {named}"
    return Diagnosis(Cause.CHAIN_FACTOR, group.partials.names, evidence, CHAIN_HINT)


NORMALISED_HINT = "the gradient is scaled to a fixed length or clipped by its norm: do that in the optimiser's step"
CHAIN_HINT = (
    "a scalar factor that depends on the parameters is missing or too much: the derivative of an outer function "
    "(chain rule), such as 1/loss of a logarithm, 1/(2 sqrt) of a root, or a norm"
)


def _same_length(partials: Partials) -> str | None:
    """The norm of the whole claim, if it is one number at all points that are wrong."""
    if not np.all(partials.known) or len(partials) < 2:
        return None
    wrong = partials.at(np.flatnonzero(partials.wrong.any(axis=1)))
    for name, order in (("length", 2), ("largest partial", np.inf), ("sum of absolute values", 1)):
        lengths = np.linalg.norm(wrong.analytic, ord=order, axis=1)
        middle = float(np.mean(lengths))
        if len(lengths) > 1 and np.all(np.abs(lengths - middle) <= partials.tolerance * middle):
            return f"the analytic gradient has the {name} {number(middle)} at each"
    return None


def _name_by_point(group: Group, partials: Partials) -> str | None:
    """One of c * q and c / q with a quantity q of the point, where that is no chance."""
    low, high, seen = group.low[group.seen], group.high[group.seen], group.seen
    if len(seen) < 2:
        return None
    tried = quantities(partials)
    gap = np.abs(group.ratios - group.ratios[0])[1:]
    agreed = float(np.sum(np.clip(np.log2(np.maximum(gap / (high - low)[1:], 1.0)), 0, 20)))
    for name, value in tried:
        for text, factor in ((name, value[seen]), (f"1/{name}", 1 / value[seen])):
            ends = np.sort([low / factor, high / factor], axis=0)
            lower, higher = float(np.max(ends[0])), float(np.min(ends[1]))
            times = amount_between(lower, higher)
            if lower <= higher and agreed + times.surprise >= NAMED_PROOF + math.log2(2 * len(tried)):
                return summed((times.text, text))
    return None


def _times(suspects: Partials, factor: Floats, name: str, partials: Partials) -> Diagnosis | None:
    """parameter-factor, if analytic = c * numeric * factor for one c."""
    low, high = (bound / factor for bound in ratio_bounds(suspects))
    lower, higher = float(np.max(np.minimum(low, high))), float(np.min(np.maximum(low, high)))
    if not (np.isfinite(lower) and np.isfinite(higher) and lower <= higher):
        return None
    if not varies(factor) and suspects.proof_over_partials(free=1) < NAMED_PROOF:
        return None
    times = amount_between(lower, higher)
    whole = times.value * factor
    if not suspects.explained_by(whole * suspects.numeric, np.abs(whole), free=1, extra=7 - times.surprise):
        return None
    evidence = f"analytic / numeric = {summed((times.text, name))} of the same parameter {count(suspects, partials)}"
    missing = name.removeprefix("1/") if name.startswith("1/") else None
    what = f"a factor {missing} is missing" if missing else f"a factor {name} is too much"
    hint = f"{what} in each, with theta its own parameter: check the inner derivative and the exponents"
    return Diagnosis(Cause.PARAMETER_FACTOR, suspects.names, evidence, hint)


def _many_groups(groups: Sequence[Group], partials: Partials) -> Diagnosis:
    """partial-factor or chain-factor for many groups at once: rows or columns of a block, each with its own."""
    largest = sorted(groups, key=lambda group: -len(group.partials))[:MOST_GROUPS]
    parts = "; ".join(
        f"{numbers(group.ratios.tolist())} for {label(group.partials.names, partials.names)}" for group in largest
    )
    concerned = {name for group in groups for name in group.partials.names}
    names = tuple(name for name in partials.names if name in concerned)
    by_point = not all(group.is_constant for group in groups)
    evidence = f"{len(groups)} groups of partials share one ratio analytic / numeric each: {parts}; ..."
    where = ", ".join(block.name for block in blocks_of(names))
    hint = f"a factor is missing or too much that belongs to a row, a column or a unit of {where}"
    if by_point:
        hint = f"{hint}: the derivative of its activation, a norm or a scale"
    return Diagnosis(Cause.CHAIN_FACTOR if by_point else Cause.FACTOR, names, evidence, hint)
