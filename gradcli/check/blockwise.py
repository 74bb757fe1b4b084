"""The verdict on a block of partials from the slope along one direction, and from what that is narrowed down to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.comparison import SAFETY, hidden, remedy
from gradcli.check.drawing import drawn, followed
from gradcli.check.narrowing import narrow
from gradcli.check.sight import Miss
from gradcli.reference import REMARKS
from gradcli.report import Verdict

if TYPE_CHECKING:
    from gradcli.check.blocks import Block
    from gradcli.check.narrowing import Narrowed
    from gradcli.check.sight import Sight
    from gradcli.problem import Array
    from gradcli.reference.along import Direction
    from gradcli.reference.survey import Survey

TAIL = 5.0
"""Random signs add up errors a_i to more than 5 sqrt(sum a_i^2) once in 100,000 times (W. Hoeffding, 1963)."""
CONTROLS = 2
"""Partials that are looked at beside wrong ones, so that these are seen to be alone."""
AGAIN = 2
"""More directions along which a block must be off to be wrong where no partial of it is found to be."""
MOST_NAMES = 8
"""Wrong partials of a block that are named in one sentence."""
SHOWN = 0.01
"""The relative error of a single partial for which it is told in how many places it would have shown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one direction told of a block: the claim along it, the slope of f, the verdict with its reason.

    looked: partials that were looked at one by one. shown: for each partial of the direction, whether the verdict would
    not have been a pass if it alone had been off by SHOWN. others_right: what was not looked at is right together.
    """

    direction: Direction
    claim: float
    seen: Survey
    verdict: Verdict
    message: str | None = None
    looked: tuple[int, ...] = ()
    shown: Array | bool = False
    others_right: bool = False


def judge_block(sight: Sight, block: Block, indices: Array, generator: np.random.Generator) -> Outcome:
    """Judge the partials of a block with a finite claim, along a fresh direction over them."""
    direction, seen = followed(sight, indices, generator)
    claim, size, slope = sight.claim(direction), sight.size(direction), seen.slope
    if slope.value is None:
        return Outcome(direction, claim, seen, *without_slope(seen))
    miss = Miss(claim - slope.value, seen.error)
    if not miss.shows:
        verdict, message = agreeing(size, seen, sight.rtol)
        return Outcome(direction, claim, seen, verdict, message, shown=visible(sight, direction, seen.error))
    narrowed = narrow(sight, block, direction, miss, seen.step or 0.0)
    if narrowed.wrong:
        beside = controls(sight, direction, narrowed, generator)
        message = found_wrong(sight, narrowed, len(direction))
        looked, others = (*narrowed.looked, *beside), not narrowed.rest.shows
        return Outcome(direction, claim, seen, Verdict.FAIL, message, looked, others_right=others)
    if abs(miss.amount) <= TAIL * sight.rtol * size + SAFETY * miss.error:
        return Outcome(direction, claim, seen, Verdict.PASS, shown=visible(sight, direction, abs(miss.amount)))
    again = all(stays_off(sight, drawn(sight.point, indices, "typical", generator)) for _ in range(AGAIN))
    verdict, message = (Verdict.FAIL, off_together(claim, seen)) if again else (Verdict.UNRESOLVED, OFF_ONCE)
    return Outcome(direction, claim, seen, verdict, message, narrowed.looked)


def without_slope(seen: Survey) -> tuple[Verdict, str]:
    """At a kink a sum that is admissible says nothing of its parts, and where f has no slope they have none."""
    slope = seen.slope
    if slope.nature is None:
        return Verdict.UNRESOLVED, hidden(seen.quantum)
    if slope.left is not None and slope.right is not None:
        between = f"its slope is {slope.left:.6g} on one side and {slope.right:.6g} on the other"
        return (
            Verdict.UNRESOLVED,
            f"f has a kink along a random direction: {between}; --all looks at each partial.",
        )
    return Verdict.UNDEFINED, f"there is no derivative along a random direction: {REMARKS[slope.nature]}."


def agreeing(size: float, seen: Survey, rtol: float) -> tuple[Verdict, str | None]:
    """Pass where the slope is known well enough beside its parts."""
    if seen.silent:
        unused = size == 0 and seen.independent
        return (Verdict.PASS, None) if unused else (Verdict.UNRESOLVED, SILENT)
    if seen.error <= rtol * (size or seen.steepest):
        return Verdict.PASS, None
    return Verdict.UNRESOLVED, (
        f"values of f tell the slope along a random direction, about {size:.2g},"
        f" only within {seen.error:.1g}{remedy(seen.quantum)}"
    )


SILENT = "f does not react to any of these parameters: check at a point where they matter."
OFF_ONCE = (
    "the slope along a random direction is not what the claims make it, but no partial was found to be wrong,"
    " and other directions do not say so; --all looks at each partial."
)


def visible(sight: Sight, direction: Direction, error: float) -> Array:
    """Where one partial off by SHOWN would have moved the claim by more than the error explains."""
    return np.asarray(SHOWN * np.abs(sight.claims[direction.indices] * direction.weights) > SAFETY * error)


def controls(sight: Sight, direction: Direction, narrowed: Narrowed, generator: np.random.Generator) -> list[int]:
    """A few partials that may be right, among those that matter."""
    parts = np.abs(sight.claims[direction.indices] * direction.weights)
    parts[np.isin(direction.indices, narrowed.looked)] = 0.0
    some = direction.indices[(parts >= np.median(parts)) & (parts > 0)]
    wanted = max(0, CONTROLS + len(narrowed.wrong) - len(narrowed.looked))
    return list(map(int, generator.choice(some, min(wanted, len(some)), replace=False)))


def found_wrong(sight: Sight, narrowed: Narrowed, count: int) -> str:
    """Which partials are wrong, and what is known of the others."""
    names = [sight.problem.parameters[index] for index in narrowed.wrong[:MOST_NAMES]]
    first = f"{', '.join(names)}{', ..' if len(narrowed.wrong) > MOST_NAMES else ''}"
    left = count - len(narrowed.looked)
    if narrowed.rest.shows:
        return f"wrong: {first}, and more of its {left:,} others; --all looks at each of them."
    return f"wrong: {first}; its {left:,} others are right together."


def stays_off(sight: Sight, direction: Direction) -> bool:
    """Whether the claims miss the slope along another direction by more than the tolerance of each could add up to."""
    seen = sight.survey(direction)
    if seen.slope.value is None:
        return False
    room = TAIL * sight.rtol * sight.size(direction) + SAFETY * seen.error
    return abs(sight.claim(direction) - seen.slope.value) > room


def off_together(claim: float, seen: Survey) -> str:
    """Wrong as a whole, where values of f do not tell its parts."""
    return (
        f"the claims add up to {claim:.6g} along a random direction, and f has the slope {seen.slope.value:.6g} there,"
        f" within {seen.error:.1g}; which partials are wrong does not show."
    )
