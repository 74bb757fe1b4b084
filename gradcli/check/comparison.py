"""Verdicts: a claimed gradient beside the reference at one point, partial by partial.

A partial passes only where the reference can resolve the tolerance, and fails only where the disagreement is more than
the reference's error can explain; whatever lies between is unresolved, and a point without a derivative is no mistake.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.check.kinks import inconsistent
from gradcli.problem import Nature, Slope
from gradcli.reference import MANY, REMARKS, Reference, gradient_reference
from gradcli.report import NATURES, VERDICTS, Columns, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array, Problem
    from gradcli.reference.survey import Survey

SAFETY = 4.0
"""Half-widths of the reference that a wrong partial must be off by; random correct ones were off by 3 at most."""
CONFIDENT = 2.0
"""Half-widths that a right one may be off by."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One partial: the claim (NaN: not finite; None: nothing is claimed), what it was measured to be, the verdict."""

    claim: float | None
    found: Survey
    verdict: Verdict
    message: str | None = None


def compare_gradient(
    problem: Problem,
    claims: Array,
    centre: float,
    indices: Sequence[int],
    *,
    rtol: float,
    seed: int,
    many: int = MANY,
) -> Columns:
    """Judge these partials at problem.point, where f is `centre` and the claims are (P,) floats.

    many: how many of them are surveyed each, also where they are plainly wrong.
    """
    exact = problem.slopes(problem.point) if problem.slopes else None
    claimed = np.asarray(claims, dtype=float)[np.asarray(indices, dtype=np.intp)]
    reference = gradient_reference(problem, centre, indices, claimed, rtol=rtol, seed=seed, many=many)
    rows = {}
    for position in range(len(indices)) if exact else reference.doubted:
        certain = exact[indices[position]] if exact else None
        found = reference.surveys.get(position)
        ga = float(claimed[position])
        if certain is not None and (certain.value is not None or certain.nature is not None):
            rows[position] = by_formula(ga, claimed_at_all(problem, ga), certain, reference.at(position), rtol)
        elif found is not None or reference.seen.wrong[position]:
            rows[position] = by_numbers(ga, found or reference.at(position), rtol)
    return columns(claimed, reference, agree(problem, indices, rows, seed))


def claimed_at_all(problem: Problem, ga: float) -> bool:
    """A formula that has no value at a point claims nothing there; a person's NaN is a claim."""
    return not (problem.gradient is None and math.isnan(ga))


def by_numbers(ga: float, found: Survey, rtol: float) -> Judged:
    """The verdict where f alone must tell."""
    slope = found.slope
    if slope.nature is Nature.KINK:
        return at_a_kink(ga, found, rtol)
    if slope.nature is not None:
        return Judged(ga, found, Verdict.UNDEFINED, f"there is no derivative here: {REMARKS[slope.nature]}.")
    if not math.isfinite(ga):
        return Judged(ga, found, Verdict.FAIL, f"the analytic value is {ga}, where f has a slope.")
    if slope.value is None:
        return Judged(ga, found, Verdict.UNRESOLVED, hidden(found.quantum))
    return at_a_smooth_point(ga, slope.value, found, rtol)


def at_a_smooth_point(ga: float, gn: float, found: Survey, rtol: float) -> Judged:
    """Pass, fail or unresolved, from the disagreement d, the size s and the error e."""
    d, s, e = abs(ga - gn), max(abs(ga), abs(gn)), found.error
    if d > max(rtol * s, SAFETY * e):
        return Judged(ga, found, Verdict.FAIL, off(ga, gn, e))
    if found.silent:
        if ga == 0 and found.independent:
            return Judged(ga, found, Verdict.PASS)
        return Judged(ga, found, Verdict.UNRESOLVED, silent(e, found.quantum))
    resolved = e <= rtol * (s if ga else max(s, found.steepest))
    if resolved and d <= max(rtol * s, CONFIDENT * e):
        return Judged(ga, found, Verdict.PASS)
    return Judged(ga, found, Verdict.UNRESOLVED, unresolved(s, e, found.quantum))


def off(ga: float, gn: float, e: float) -> str:
    """What a person reads beside a wrong partial."""
    if ga == 0 or gn == 0 or abs(gn) <= e:
        return f"the analytic value is {ga:.6g}, but f has the slope {gn:.6g} here, within {e:.1g}."
    ratio = ga / gn
    share = f"{ratio:.6g} times" if not 0.5 < ratio < 1.5 else f"{abs(ratio - 1):.2g} (relative) off from"
    return f"the analytic value is {share} the slope of f, which is {gn:.10g} within {e:.1g}."


def hidden(quantum: float) -> str:
    """Why no slope shows, and what would help."""
    if quantum:
        return f"no slope shows, {rounded(quantum)}"
    return "f is too noisy here to judge its slope: fix the random numbers, or compute in float64."


def silent(e: float, quantum: float) -> str:
    """Why a partial of a function that does not move has no verdict."""
    below = f"f does not react to this parameter: its partial is smaller than {e:.1g}"
    if quantum:
        return f"{below}, {rounded(quantum)}"
    return f"{below}, below the rounding of f; check at a point where it matters."


def unresolved(s: float, e: float, quantum: float) -> str:
    """What would help where the reference cannot resolve the tolerance."""
    return f"values of f tell this partial, about {s:.2g}, only within {e:.1g}{remedy(quantum)}"


def remedy(quantum: float) -> str:
    """The end of a sentence that says how little values of f tell."""
    if quantum:
        return f", {rounded(quantum)}"
    return ": try another point, a loss computed in float64, or without a large constant in it."


def rounded(quantum: float) -> str:
    """Why values of a staircase tell little, and what would help."""
    return f"for f is rounded to about {quantum:.1g}: check the loss before it is rounded."


def at_a_kink(ga: float, found: Survey, rtol: float) -> Judged:
    """Between the one-sided slopes all are subgradients (F. Clarke, Optimization and Nonsmooth Analysis, 1983)."""
    left, right = found.slope.left or 0.0, found.slope.right or 0.0
    room = max(rtol * max(abs(left), abs(right)), SAFETY * found.error)
    between = f"its slope is {left:.6g} on the left and {right:.6g} on the right"
    if min(left, right) - room <= ga <= max(left, right) + room:
        return Judged(
            ga, found, Verdict.KINK, f"f has a kink here: {between}; the analytic value {ga:.6g} is admissible."
        )
    return Judged(ga, found, Verdict.FAIL, f"f has a kink here: {between}; the analytic value {ga:.6g} is not between.")


def by_formula(ga: float, claimed: bool, certain: Slope, measured: Survey, rtol: float) -> Judged:
    """The verdict where the exact slope is known; what was measured is shown beside it."""
    if certain.nature is not None:
        found = replace(measured, slope=replace(certain, value=None), error=0.0)
        if not claimed or certain.nature is not Nature.KINK or certain.left is None or certain.right is None:
            return Judged(ga, found, Verdict.UNDEFINED, f"there is no derivative here: {REMARKS[certain.nature]}.")
        return at_a_kink(ga, found, rtol)
    value = certain.value or 0.0
    measured = replace(measured, slope=Slope(measured.slope.value))
    if math.isnan(ga):
        return Judged(ga, measured, Verdict.FAIL, f"the analytic value is {ga}, where f has the slope {value:.10g}.")
    if abs(ga - value) <= rtol * max(abs(ga), abs(value)):
        return Judged(ga, measured, Verdict.PASS)
    return Judged(ga, measured, Verdict.FAIL, off(ga, value, 0.0))


def agree(problem: Problem, indices: Sequence[int], rows: dict[int, Judged], seed: int) -> dict[int, Judged]:
    """Values that are admissible one by one at a kink must also be so together: (1, 1) is not for |x - y| at x = y."""
    kinks = {indices[k]: row.found.slope for k, row in rows.items() if row.verdict is Verdict.KINK}
    claims = {indices[k]: row.claim or 0.0 for k, row in rows.items() if row.verdict is Verdict.KINK}
    trouble = inconsistent(problem, kinks, claims, seed)
    if trouble is None:
        return rows
    return {
        k: replace(row, verdict=Verdict.FAIL, message=trouble) if row.verdict is Verdict.KINK else row
        for k, row in rows.items()
    }


def columns(claimed: Array, reference: Reference, rows: dict[int, Judged]) -> Columns:
    """What was settled at a glance is passed, and the rest is as judged."""
    seen = reference.seen
    verdict = np.where(seen.settled, VERDICTS.index(Verdict.PASS), VERDICTS.index(Verdict.UNRESOLVED)).astype(np.int8)
    numbers = {name: np.array(getattr(seen, source)) for name, source in SEEN.items()}
    numbers |= {name: np.full(len(claimed), np.nan) for name in ("left", "right")}
    nature = np.zeros(len(claimed), dtype=np.int8)
    messages: dict[int, str] = {}
    for k, row in rows.items():
        slope = row.found.slope
        verdict[k], nature[k] = VERDICTS.index(row.verdict), NATURES.index(slope.nature)
        for name, value in (
            ("numeric", slope.value),
            ("error", row.found.error if math.isfinite(row.found.error) else None),
            ("step", row.found.step),
            ("left", slope.left),
            ("right", slope.right),
        ):
            numbers[name][k] = math.nan if value is None else value
        if row.message:
            messages[k] = row.message
    return Columns(
        analytic=flat("d", claimed),
        nature=flat("b", nature),
        verdict=flat("b", verdict),
        messages=messages,
        **{name: flat("d", values) for name, values in numbers.items()},
    )


SEEN = {"numeric": "value", "error": "error", "step": "step", "evaluations": "evaluations"}


def flat(code: str, values: Array) -> array[Any]:
    """A column, by copying memory."""
    kind = {"d": np.float64, "b": np.int8}[code]
    return array(code, np.ascontiguousarray(values, dtype=kind).tobytes())
