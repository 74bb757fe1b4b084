"""What a diagnosis is told of a check that found something wrong or odd, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.calls import forgiving
from gradcli.report import VERDICTS, Evidence, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.check import Look
    from gradcli.check.directions import Directions
    from gradcli.problem import Array, Problem
    from gradcli.report import Diagnosis, Finding, Mixed, Report

GOOD = (Verdict.PASS, Verdict.KINK)


def diagnosed(
    problem: Problem,
    finished: Report,
    looks: Sequence[Look],
    findings: tuple[Finding, ...],
    along: Directions | None,
) -> tuple[Diagnosis, ...]:
    """Likely causes, where something is wrong or odd."""
    if finished.verdict in GOOD or not (findings or finished.count(Verdict.FAIL)):
        return ()
    from gradcli.diagnosis import diagnose

    evidence = judged(finished, looks, findings)
    if along is not None:
        evidence = beside_right_ones(evidence, finished, looks, along)
    with np.errstate(all="ignore"):
        return diagnose(replace(evidence, mixed=mixed(problem, finished, looks, findings)))


def judged(finished: Report, looks: Sequence[Look], findings: tuple[Finding, ...]) -> Evidence:
    """All partials that have a row."""
    rows, shape = finished.columns, (len(looks), len(finished.looked))
    columns = (rows.analytic, rows.numeric, rows.error)
    analytic, numeric, errors = (np.array(column).reshape(shape) for column in columns)
    return Evidence(
        tuple(finished.parameters[index] for index in finished.looked),
        np.array([one.point[list(finished.looked)] for one in looks]),
        analytic,
        numeric,
        errors,
        [[VERDICTS[code] for code in one.columns.verdict] for one in looks],
        findings,
        [one.centre for one in looks],
        finished.tolerance,
    )


def beside_right_ones(evidence: Evidence, finished: Report, looks: Sequence[Look], along: Directions) -> Evidence:
    """With the partials that are right without a row of their own, whose slopes are what is claimed; in their order."""
    right, known = along.right_at(len(looks))
    order = np.argsort([*finished.looked, *right], kind="stable")
    claims = np.array([one.claims[right] for one in looks]).reshape(len(looks), len(right))
    verdicts = np.where(known, Verdict.PASS, Verdict.UNRESOLVED).tolist()

    def beside(column: Array, others: Array) -> Array:
        return np.hstack([column, others])[:, order]

    names = (*evidence.parameters, *(finished.parameters[index] for index in right))
    return replace(
        evidence,
        parameters=tuple(names[k] for k in order),
        points=beside(evidence.points, np.array([one.point[right] for one in looks]).reshape(claims.shape)),
        analytic=beside(evidence.analytic, claims),
        numeric=beside(evidence.numeric, np.where(known, claims, np.nan)),
        errors=beside(evidence.errors, np.zeros(claims.shape)),
        verdicts=[[(*row, *others)[k] for k in order] for row, others in zip(evidence.verdicts, verdicts, strict=True)],
    )


def mixed(
    problem: Problem, finished: Report, looks: Sequence[Look], findings: tuple[Finding, ...]
) -> tuple[Mixed, ...]:
    """Second derivatives of a claim that is wrong, where the functions can be trusted and take any point."""
    if finished.verdict is not Verdict.FAIL or finished.directions or any(one.decisive for one in findings):
        return ()
    from gradcli.check.symmetry import mixed_slopes

    try:
        return mixed_slopes(replace(problem, function=forgiving(problem.function)), [one.point for one in looks])
    except Exception:  # noqa: BLE001 - a person's gradient may raise anything beside the point
        return ()
