"""Partials that share their ratio analytic / numeric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.constants import Amount, amount_between
from gradcli.diagnosis.partials import NAMED_PROOF, PROOF, SAFETY, Partials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.diagnosis.partials import Floats

MANY = 64
"""Partials of which at least half have to share a ratio with another one."""


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
    def amount(self) -> Amount:
        """The ratio, if it is constant."""
        return amount_between(*self.interval)

    @property
    def is_proved(self) -> bool:
        """More agreement than chance would give: among partials, among points, or with a number that has a name."""
        if not self.seen or np.any(self.low > self.high):
            return False
        if not self.is_constant:
            return self.partials.proof(free=len(self.seen)) >= PROOF
        if self.interval[0] <= 0 <= self.interval[1]:
            return False
        named = self.amount.surprise
        fixed_error = self.partials.proof_over_partials(free=1) + named
        return fixed_error >= NAMED_PROOF and self.partials.proof(free=1) + named >= PROOF


def common_group(suspects: Partials) -> Group:
    """All of them, with what encloses all their ratios at each point; empty (low > high) where they differ."""
    low, high = ratio_bounds(suspects)
    nothing = -np.inf
    return Group(
        suspects, range(len(suspects)), np.max(low, axis=1, initial=nothing), np.min(high, axis=1, initial=np.inf)
    )


def factor_groups(suspects: Partials) -> list[Group]:
    """Partials with the same ratio at every point, found by sorting the ratios; none where most stand alone."""
    low, high = ratio_bounds(suspects)
    first = low[np.argmax(np.isfinite(low), axis=0), np.arange(len(suspects))]
    order = np.argsort(first, kind="stable")
    low, high = low[:, order], high[:, order]
    meets_next = np.all(np.maximum(low[:, 1:], low[:, :-1]) <= np.minimum(high[:, 1:], high[:, :-1]), axis=0)
    if len(suspects) > MANY and 2 * np.count_nonzero(meets_next) < len(suspects):
        return []
    groups: list[Group] = []
    start, lower, higher = 0, low[:, 0], high[:, 0]
    for column in range(1, len(suspects) + 1):
        if column < len(suspects) and meets_next[column - 1]:
            lowest, highest = np.maximum(lower, low[:, column]), np.minimum(higher, high[:, column])
            if np.all(lowest <= highest):
                lower, higher = lowest, highest
                continue
        groups.append(Group(suspects, order[start:column].tolist(), lower, higher))
        if column < len(suspects):
            start, lower, higher = column, low[:, column], high[:, column]
    return groups


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
