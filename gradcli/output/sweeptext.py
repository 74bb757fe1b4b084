"""A sweep in words: what the V of each method says, and what is to be known of the exact side and of the claim."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING

from gradcli.problem import Nature
from gradcli.sweep.vcurve import NEAR, Reading, Shape, power_of_h

if TYPE_CHECKING:
    from gradcli.sweep import Curve, Sweep

NOTHING_TO_REACH = "there is nothing to converge to"


def remarks(sweep: Sweep) -> list[str]:
    """Everything that the rows cannot say, a line each."""
    told = [f"{curve.method}: {sentence(sweep, curve)}" for curve in sweep.curves]
    return told + notes(sweep)


def sentence(sweep: Sweep, curve: Curve) -> str:
    """What one method's V says."""
    slope = sweep.exact.slope
    if slope.value is not None:
        return falls(curve.reading) + _best(curve.reading) + _end(sweep, curve)
    return _tends(curve, slope.left, slope.right) if slope.nature == Nature.KINK else NOTHING_TO_REACH


FALLS = {
    Shape.EXPECTED: "error falls as {power}, as it should",
    Shape.FASTER: "error falls as {power}, faster than {owed}: its leading term is zero here",
    Shape.SLOWER: "error falls only as {power}, not as {owed}: f is not smooth enough at this point",
    Shape.FLAT: "error does not fall with h",
    Shape.GROWING: "error grows as h falls",
    Shape.UNSTEADY: "too few clean steps to tell an order",
    Shape.EXACT: "no truncation error shows: roundoff alone, which grows as h falls",
    Shape.HIDDEN: "roundoff or noise hides the truncation error at every step",
    Shape.NOTHING: "no value at any of these steps",
}


def falls(reading: Reading) -> str:
    """How the error goes with the step on the truncation side."""
    power, owed = power_of_h(reading.observed_order), power_of_h(reading.expected_order)
    return FALLS[reading.shape].format(power=power, owed=owed) + _cliff(reading)


def _cliff(reading: Reading) -> str:
    if reading.cliff is None:
        return ": f varies on a scale smaller than these steps" if reading.shape == Shape.FLAT else ""
    low, high = reading.cliff
    return f" until it drops between h = {high:g} and {low:g}: a kink or jump of f lies about that far from the point"


def _best(reading: Reading) -> str:
    if reading.best_step is None or (reading.shape in {Shape.FLAT, Shape.GROWING} and reading.cliff is None):
        return ""
    return f"; best h = {reading.best_step:g} with error {reading.smallest_error:.1g}"


def _end(sweep: Sweep, curve: Curve) -> str:
    """What becomes of the error at small steps."""
    reading = curve.reading
    if reading.roundoff_below is not None:
        return f"; below {reading.roundoff_below:.0e} roundoff takes over".replace("e-0", "e-")
    if curve.method == "complex" and reading.shape == Shape.EXPECTED:
        return "; roundoff never takes over, as nothing is subtracted"
    if reading.shape in {Shape.EXPECTED, Shape.FASTER, Shape.SLOWER} and _never_rises(sweep, curve):
        return "; roundoff does not show at these steps"
    return ""


def _never_rises(sweep: Sweep, curve: Curve) -> bool:
    reading = curve.reading
    below = [
        one.error or 0.0 for one in curve.differences if one.error is not None and one.step < (reading.best_step or 0)
    ]
    return max(below, default=0.0) <= 2 * (reading.smallest_error or 0.0) + 4 * sweep.exact.error


def _tends(curve: Curve, left: float | None, right: float | None) -> str:
    """What a method gives at a kink."""
    if left is None or right is None:
        return NOTHING_TO_REACH
    goes = {"forward": ("the right slope", right), "backward": ("the left slope", left)}
    name, value = goes.get(curve.method, ("the mean of the two slopes, which is no derivative,", (left + right) / 2))
    return f"tends to {name} {value:.6g}"


NATURE_NOTES = {
    Nature.KINK: "no derivative here: the left and the right slope differ (kink)",
    Nature.JUMP: "no derivative here: f jumps, and differences across the jump grow as 1/h",
    Nature.VERTICAL: "no derivative here: the tangent is vertical, and differences grow without bound as h falls",
    Nature.POLE: "no derivative here: f has a pole",
    Nature.EDGE: "no derivative here: the edge of the domain, where f has values on one side only",
    Nature.OUTSIDE: "no derivative here: outside the domain of f",
}


def notes(sweep: Sweep) -> list[str]:
    """On the exact side, the floor that it sets, the claim, and steps that vanished."""
    found = [*_on_the_exact_side(sweep), *_on_the_claim(sweep)]
    if sweep.vanished_below is not None:
        found.append(f"steps of {sweep.vanished_below:g} and less vanish beside {sweep.parameter} = {sweep.value!r}")
    return [*found, *sweep.notes]


def _on_the_exact_side(sweep: Sweep) -> Iterator[str]:
    exact, slope = sweep.exact, sweep.exact.slope
    if slope.nature is not None:
        known = slope.left is not None and slope.right is not None
        yield NATURE_NOTES[slope.nature] + (f": left {slope.left:.6g}, right {slope.right:.6g}" if known else "")
        if (order := gap_order(sweep)) is not None:
            yield f"|forward - backward| goes as {_gap(order)} with h; where f is smooth it shrinks as h"
    elif slope.value is None:
        yield exact.message or "the derivative is not known"
    elif exact.source == "reference":
        yield (
            f"the exact side is the reference {slope.value!r} +- {exact.error:.1g}: an error below {exact.error:.1g} "
            "cannot be told from 0"
        )


def _gap(order: float) -> str:
    return "h^0 (not at all)" if abs(order) <= NEAR else power_of_h(order)


def gap_order(sweep: Sweep) -> float | None:
    """The order with which |forward - backward| shrinks: 1 where f is smooth, 0 at a kink, -1 at a jump."""
    both = {curve.method: curve.differences for curve in sweep.curves}
    if not {"forward", "backward"} <= both.keys():
        return None
    gaps = [
        (above.step, abs(above.numeric - below.numeric))
        for above, below in zip(both["forward"], both["backward"], strict=True)
        if above.numeric is not None and below.numeric is not None and above.step >= 1e-6
    ]
    slopes = [math.log(a / b) / math.log(h / k) for (h, a), (k, b) in combinations(gaps, 2) if a and b]
    return median(slopes) if slopes else None


def _on_the_claim(sweep: Sweep) -> Iterator[str]:
    exact, off = sweep.exact, sweep.disagreement
    if off is None or exact.slope.value is None or sweep.claim is None:
        return
    if sweep.claim_is_wrong:
        relative = off / max(abs(sweep.claim), abs(exact.slope.value))
        yield (
            f"the gradient says {sweep.claim!r}, the loss {exact.slope.value!r} +- {exact.error:.1g}: against that "
            f"gradient the differences go flat at {off:.3g} (relative {relative:.2g}), however small the step. "
            "A flat line is the error of the gradient, not of the step"
        )
    else:
        yield f"the gradient agrees with the reference: {sweep.claim!r}, {off:.1g} from it"
