"""Is this gradient right? Every partial against the reference at one point and at a second, perturbed one."""

from __future__ import annotations

from array import array
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.report import NATURES, VERDICTS, Columns, Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Point, Problem


def check_gradient(
    problem: Problem,
    points: Sequence[Point] | None = None,
    *,
    rtol: float = 1e-6,
    seed: int = 0,
    only: str | None = None,
) -> Report:
    """Judge every partial of the claimed gradient at each point; by default at problem.point and one near it.

    only: judge the parameters whose name matches this pattern (`W1*`).
    """
    names = tuple(problem.parameters)
    looked = [i for i, name in enumerate(names) if only is None or fnmatchcase(name, only)]
    if not looked:
        raise GradcliError(f"no parameter matches {only!r}", f"the parameters are {', '.join(names[:10])}")
    places = [problem.point, perturbed(problem.point, seed)] if points is None else list(points)
    columns: dict[str, list[float]] = {name: [] for name in ("analytic", "numeric", "error", "step", "verdict")}
    for place in places:
        here = problem.at(np.array(place, dtype=float))
        ga = np.asarray(here.gradient(here.point) if here.gradient else [np.nan] * len(names), dtype=float)[looked]
        step = np.cbrt(2.0**-52) * np.maximum(1, np.abs(np.asarray(here.point)[looked]))
        above = np.asarray(here.losses(looked, list(step)))
        below = np.asarray(here.losses(looked, list(-step)))
        gn = (above - below) / (2 * step)
        columns["analytic"] += ga.tolist()
        columns["numeric"] += gn.tolist()
        columns["error"] += (2.0**-50 * np.abs(above) / step).tolist()
        columns["step"] += step.tolist()
        good = np.abs(ga - gn) <= rtol * np.maximum(np.abs(ga), np.abs(gn)) + 8 * 2.0**-50 * np.abs(above) / step
        columns["verdict"] += [VERDICTS.index(Verdict.PASS if yes else Verdict.FAIL) for yes in good]
    rows = len(columns["verdict"])
    nothing = array("d", [np.nan] * rows)
    filled = Columns(
        analytic=array("d", columns["analytic"]),
        numeric=array("d", columns["numeric"]),
        error=array("d", columns["error"]),
        step=array("d", columns["step"]),
        left=nothing,
        right=nothing,
        evaluations=array("d", [2.0] * rows),
        nature=array("b", [NATURES.index(None)] * rows),
        verdict=array("b", [int(code) for code in columns["verdict"]]),
    )
    where: tuple[Any, ...] = tuple(array("d", np.asarray(place, dtype=float)) for place in places)
    return Report(problem.name, names, where, looked, filled, rtol, 2 * rows)


def perturbed(point: Point, seed: int) -> Point:
    """A seeded point near this one: each parameter moved by about a tenth of max(1, |x|)."""
    at = np.array(point, dtype=float)
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, at.shape)
    moved: Point = at + noise * np.maximum(1, np.abs(at))
    return moved
