"""The claim is the reference times something: one constant, one number per point, a few, or a function of theta."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gradcli.patterns.constants import SIGN_HINT, Constant, name_constant
from gradcli.patterns.fits import possible
from gradcli.patterns.functions import functions_of, quantities
from gradcli.patterns.partials import NAMED_PROOF, PROOF, SAFETY, Partials, blocks_of, varies
from gradcli.patterns.words import count, label, number, numbers
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.patterns.partials import Floats

MOST_GROUPS = 3
"""Groups of partials with a factor each that get a diagnosis of their own."""


def common_factor(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = c * numeric for all that is wrong: c constant, or another number at each point."""
    groups = factor_groups(partials.suspects)
    return (_diagnosis(groups[0], partials),) if len(groups) == 1 and groups[0].is_proved else ()


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


@dataclass(frozen=True)
class Group:
    """Some of the suspects, which share their ratio analytic / numeric at each point; low and high (K,) enclose it."""

    suspects: Partials
    members: Sequence[int]
    low: Floats
    high: Floats

    @cached_property
    def partials(self) -> Partials:
        """The members as partials of their own."""
        return self.suspects.take(sorted(self.members))

    @property
    def seen(self) -> Sequence[int]:
        """The points at which the ratio is known."""
        return [int(row) for row in np.flatnonzero(np.isfinite(self.low) & np.isfinite(self.high))]

    @property
    def ratios(self) -> Floats:
        """The ratio at these points."""
        return np.asarray((self.low[self.seen] + self.high[self.seen]) / 2)

    @property
    def interval(self) -> tuple[float, float]:
        """What all points agree on; empty (low > high) where the ratio changes from point to point."""
        return float(np.max(self.low)), float(np.min(self.high))

    @property
    def is_constant(self) -> bool:
        """The ratio is the same at all points."""
        low, high = self.interval
        return low <= high

    @property
    def constant(self) -> Constant | None:
        """The name of the ratio, if it is constant and has one."""
        return name_constant(*self.interval) if self.is_constant else None

    @property
    def is_proved(self) -> bool:
        """More agreement than chance would give: among partials, among points, or with a number that has a name."""
        if not self.seen or np.any(self.low > self.high):
            return False
        if not self.is_constant:
            return self.partials.proof(free=len(self.seen)) >= PROOF
        named = self.constant.surprise(*self.interval) if self.constant else 0.0
        fixed_error = self.partials.proof_over_partials(free=1) + named
        return fixed_error >= NAMED_PROOF and self.partials.proof(free=1) + named >= PROOF


def factor_groups(suspects: Partials) -> list[Group]:
    """Partials with the same ratio at every point, found by sorting the ratios."""
    low, high = ratio_bounds(suspects)
    first = low[np.argmax(np.isfinite(low), axis=0), np.arange(len(suspects))]
    members: list[list[int]] = []
    bounds: list[tuple[Floats, Floats]] = []
    for column in map(int, np.argsort(first, kind="stable")):
        lowest, highest = bounds[-1] if bounds else (low[:, column], high[:, column])
        lower, higher = np.maximum(lowest, low[:, column]), np.minimum(highest, high[:, column])
        if members and np.all(lower <= higher):
            members[-1].append(column)
            bounds[-1] = lower, higher
        else:
            members.append([column])
            bounds.append((low[:, column], high[:, column]))
    return [Group(suspects, group, *bound) for group, bound in zip(members, bounds, strict=True)]


def ratio_bounds(partials: Partials) -> tuple[Floats, Floats]:
    """(K, L) each: analytic / numeric is in between; -inf, inf where both vanish; inf, -inf where only numeric does."""
    ga, gn = partials.analytic, partials.numeric
    vanishing = np.abs(gn) <= SAFETY * partials.errors
    ratio = ga / np.where(vanishing | (gn == 0), 1.0, gn)
    slack = partials.slack_for(ratio * gn, np.abs(ratio))
    width = slack / np.where(vanishing | (gn == 0), 1.0, np.abs(gn))
    nothing = ~partials.known | ((vanishing | (gn == 0)) & (np.abs(ga) <= slack))
    infinite = (vanishing | (gn == 0)) & ~nothing
    low = np.where(nothing, -np.inf, np.where(infinite, np.inf, ratio - width))
    high = np.where(nothing, np.inf, np.where(infinite, -np.inf, ratio + width))
    return low, high


def _diagnosis(group: Group, partials: Partials) -> Diagnosis:
    return _constant_factor(group, partials) if group.is_constant else _factor_by_point(group, partials)


def _constant_factor(group: Group, partials: Partials) -> Diagnosis:
    """A sign or a factor, with the name of the constant."""
    low, high = group.interval
    middle, constant = (low + high) / 2, group.constant
    is_clear = constant is not None and constant.surprise(low, high) > 5
    name = (
        f" ({constant.text})" if constant and is_clear and number(constant.value).rstrip("0.") != constant.text else ""
    )
    value = constant.value if constant and is_clear else middle
    evidence = f"analytic / numeric = {number(value)}{name} {count(group.partials, partials)}"
    if value < 0 and not is_clear:
        hint = SIGN_HINT
    elif constant and is_clear:
        hint = constant.hint
    else:
        hint = f"look for one factor of {number(value)} too much, or one of {number(1 / value)} that is missing"
    return Diagnosis(Cause.SIGN if value == -1 else Cause.FACTOR, group.partials.names, evidence, hint)


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
            constant = name_constant(lower, higher)
            named = constant.surprise(lower, higher) if constant else 0.0
            if lower <= higher and agreed + named >= NAMED_PROOF + math.log2(2 * len(tried)):
                times = constant.text if constant and named > 5 else number((lower + higher) / 2)
                return text if times == "1" else f"{times} * {text}"
    return None


def _times(suspects: Partials, factor: Floats, name: str, partials: Partials) -> Diagnosis | None:
    """parameter-factor, if analytic = c * numeric * factor for one c."""
    low, high = (bound / factor for bound in ratio_bounds(suspects))
    lower, higher = float(np.max(np.minimum(low, high))), float(np.min(np.maximum(low, high)))
    if not (np.isfinite(lower) and np.isfinite(higher) and lower <= higher):
        return None
    constant = name_constant(lower, higher)
    named = constant.surprise(lower, higher) if constant else 0.0
    middle = constant.value if constant and named > 5 else (lower + higher) / 2
    if not varies(factor) and suspects.proof_over_partials(free=1) < NAMED_PROOF:
        return None
    if not suspects.explained_by(middle * factor * suspects.numeric, np.abs(middle * factor), free=1, extra=7 - named):
        return None
    times = "" if middle == 1 else f"{constant.text if constant and named > 5 else number(middle)} * "
    evidence = f"analytic / numeric = {times}{name} of the same parameter {count(suspects, partials)}"
    hint = f"each partial has a factor {times}{name} too much, with theta its own parameter: check the inner derivative"
    return Diagnosis(Cause.PARAMETER_FACTOR, suspects.names, evidence, hint)


def _many_groups(groups: Sequence[Group], partials: Partials) -> Diagnosis:
    """partial-factor or chain-factor for many groups at once: rows or columns of a block, each with its own."""
    largest = sorted(groups, key=lambda group: -len(group.partials))[:MOST_GROUPS]
    parts = "; ".join(
        f"{numbers(group.ratios.tolist())} for {label(group.partials.names, partials.names)}" for group in largest
    )
    names = tuple(name for name in partials.names if any(name in group.partials.names for group in groups))
    by_point = not all(group.is_constant for group in groups)
    evidence = f"{len(groups)} groups of partials share one ratio analytic / numeric each: {parts}; ..."
    where = ", ".join(block.name for block in blocks_of(names))
    hint = f"a factor is missing or too much that belongs to a row, a column or a unit of {where}"
    if by_point:
        hint = f"{hint}: the derivative of its activation, a norm or a scale"
    return Diagnosis(Cause.CHAIN_FACTOR if by_point else Cause.FACTOR, names, evidence, hint)
