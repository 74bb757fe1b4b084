"""Is this gradient right? Every partial against the reference, at one point and at a second, perturbed one."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.calls import claims_at, forgiving, value_at
from gradcli.check.comparison import compare_gradient
from gradcli.check.directions import VALUES_EACH, Directions, look_along, usual
from gradcli.check.evidence import diagnosed
from gradcli.check.points import around, chosen
from gradcli.report import VERDICTS, Cause, Columns, Report, Verdict
from gradcli.workers import expect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array, Estimate, Point, Problem
    from gradcli.report import Comparison, Finding


def check_gradient(
    problem: Problem,
    points: Sequence[Point] | None = None,
    *,
    count: int = 2,
    rtol: float = 1e-6,
    seed: int = 0,
    only: str | None = None,
    directions: int | None = 0,
) -> Report:
    """Judge every partial of the claimed gradient at each point.

    points: where to look; by default problem.point and `count` - 1 seeded points around it.
    only: judge the parameters of this name, of this array (`W1`) or that fit this pattern (`W?[0,*]`).
    rtol: relative difference that counts as none.
    directions: over each block of parameters so many random directions are judged instead, and only what is wrong in
    it partial by partial; None for one where the partials are many.
    """
    indices = chosen(problem.parameters, only)
    places = around(problem, count, seed) if points is None else [np.array(point, dtype=float) for point in points]
    findings = guard(problem, places)
    per_block = usual(len(indices)) if directions is None else directions
    if per_block:
        sights, along = look_along(problem, indices, places, per_block, rtol, seed)
        indices = list(along.looked)
        rows = [joined([sight.judge(index) for index in indices]) for sight in sights]
        looks = [Look(sight.point, sight.centre, sight.claims, row) for sight, row in zip(sights, rows, strict=True)]
    else:
        along = None
        expect(VALUES_EACH * len(indices) * len(places))
        looks = [look(problem.at(place), indices, rtol, seed) for place in places]
    for doubt in [finding for finding in findings if finding.decisive is Verdict.UNRESOLVED][:1]:
        looks = [withheld(one, doubt) for one in looks]
        along = along and along.withheld(no_verdict(doubt))
    return report(problem, indices, looks, findings, rtol, along)


def guard(problem: Problem, places: Sequence[Array]) -> tuple[Finding, ...]:
    """What is odd about a person's functions; formulas of ours are not suspected."""
    if not suspected(problem):
        return ()
    from gradcli.check.guards import inspect

    return inspect(problem, places)


def suspected(problem: Problem) -> bool:
    """Whether the gradient is somebody's code."""
    return problem.gradient is not None and problem.slopes is None


@dataclass(frozen=True, slots=True)
class Look:
    """One point: where, f there, (P,) claims, the rows."""

    point: Array
    centre: float
    claims: Array
    columns: Columns


def look(problem: Problem, indices: Sequence[int], rtol: float, seed: int) -> Look:
    """Judge the partials at the problem's point."""
    point = np.array(problem.point, dtype=float)
    steady = replace(problem, function=forgiving(problem.function))
    centre = value_at(problem, point)
    claims = claims_at(problem, point)
    with np.errstate(all="ignore"):  # the steps beside the point are ours, not the person's
        columns = compare_gradient(steady, claims, centre, indices, rtol=rtol, seed=seed)
    return Look(point, centre, claims, columns)


def withheld(one: Look, doubt: Finding) -> Look:
    """No accusation where f itself is in doubt: whoever is not reproducible cannot be a witness."""
    columns, fail = one.columns, VERDICTS.index(Verdict.FAIL)
    withdrawn = [k for k, code in enumerate(columns.verdict) if code == fail]
    verdict = array("b", columns.verdict)
    messages = dict(columns.messages)
    for k in withdrawn:
        verdict[k] = VERDICTS.index(Verdict.UNRESOLVED)
        messages[k] = no_verdict(doubt)
    return replace(one, columns=replace(columns, verdict=verdict, messages=messages))


def no_verdict(doubt: Finding) -> str:
    """The message in the place of an accusation."""
    return f"no verdict, because {doubt.evidence}."


def report(
    problem: Problem,
    indices: Sequence[int],
    looks: Sequence[Look],
    findings: tuple[Finding, ...],
    rtol: float,
    along: Directions | None = None,
) -> Report:
    """All points together, and what may be wrong."""
    from gradcli.check.guards import EVALUATIONS

    columns = joined([one.columns for one in looks])
    rows = () if along is None else tuple(along.rows)
    remarks = () if along is None else tuple(along.remarks())
    accepted = (finding.evidence for finding in findings if finding.cause is Cause.ACCEPTED)
    evaluations = sum(columns.evaluations) + 2 * len(looks) + EVALUATIONS * suspected(problem)
    finished = Report(
        problem.name,
        tuple(problem.parameters),
        tuple(array("d", one.point.tobytes()) for one in looks),
        indices,
        columns,
        rtol,
        int(evaluations) + sum(row.numeric.evaluations for row in rows),
        notes=(*remarks, *weak_tests(looks, rows), *accepted),
        forced=forced(findings),
        source=problem.source,
        directions=rows,
        covered=0 if along is None else int(np.count_nonzero(along.covered)),
    )
    return replace(finished, diagnoses=diagnosed(problem, finished, looks, findings, along))


def joined(parts: Sequence[Columns]) -> Columns:
    """Columns end to end."""
    whole = Columns()
    messages: dict[int, str] = {}
    for part in parts:
        messages |= {len(whole.verdict) + k: text for k, text in part.messages.items()}
        for name in FLAT:
            getattr(whole, name).extend(getattr(part, name))
    return replace(whole, messages=messages)


FLAT = ("analytic", "numeric", "error", "step", "left", "right", "evaluations", "nature", "verdict")


def forced(findings: Sequence[Finding]) -> Verdict | None:
    """The verdict of the guards; none is wrong where f itself is in doubt."""
    decisive = [finding.decisive for finding in findings]
    return next((verdict for verdict in (Verdict.UNRESOLVED, Verdict.FAIL) if verdict in decisive), None)


def weak_tests(looks: Sequence[Look], along: Sequence[Comparison]) -> list[str]:
    """A note for each point where every partial is as good as zero."""
    return [
        f"every partial at point {k + 1} is zero within its error, as at an optimum: a weak test"
        for k, one in enumerate(looks)
        if vanishing(one.columns, [row.numeric for row in along if row.point_index == k])
    ]


def vanishing(columns: Columns, along: Sequence[Estimate]) -> bool:
    """Whether no partial is told from zero, nor any slope along a direction."""
    numeric = np.array([*columns.numeric, *(one.slope.value for one in along)], dtype=float)
    error = np.array([*columns.error, *(one.error for one in along)], dtype=float)
    with np.errstate(invalid="ignore"):
        return len(numeric) > 0 and bool(np.all(np.abs(numeric) <= 8 * error))
