"""Takes the values that surveys need: whole ladders, closer looks at leaps, far ones at silent partials."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.reference import leap as leaps
from gradcli.reference.ladder import RATIO
from gradcli.reference.ladder import steps as rungs
from gradcli.reference.survey import Survey, beyond, motionless, survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Problem

    Found = list[tuple[Survey, int]]
    """Surveys with the values of f that each took."""

BETWEEN = 16
"""Values of f between two rungs, where it leaps, and a little beyond."""
BEYOND = 1.5
ZOOMS = 2
LOW = 1e-8
FAR = 10
"""Rungs above the ladder, up to a million times the scale."""


def surveys(problem: Problem, indices: Sequence[int], centre: float, seed: int = 0) -> Found:
    """Survey each partial at the scale max(1, |x|), at |x| where that is small and the first finds too little.

    Where f is silent at all these steps it is looked at from far off, where a quantum or a hinge may show.
    """
    places = [float(problem.point[index]) for index in indices]
    found = climb(problem, indices, centre, [max(1.0, abs(x)) for x in places], seed)
    again = [k for k, x in enumerate(places) if 0 < abs(x) < 1 and unsure(found[k][0])]
    closer = climb(problem, [indices[k] for k in again], centre, [abs(places[k]) for k in again], seed)
    for k, (near, evaluations) in zip(again, closer, strict=True):
        found[k] = better(found[k][0], near), found[k][1] + evaluations
    mute = [k for k, (one, _) in enumerate(found) if one.silent]
    for k, (far, evaluations) in zip(mute, distant(problem, [indices[k] for k in mute], centre, seed), strict=True):
        found[k] = far, found[k][1] + evaluations
    return found


def distant(problem: Problem, indices: Sequence[int], centre: float, seed: int = 0) -> Found:
    """Step out far where f is silent, until it moves or a million times the scale are reached.

    A parameter that f ignores leaves it as it is even where it is not a number, which any arithmetic would pass on.
    """
    places = [float(problem.point[index]) for index in indices]
    starts = [rungs(x, max(1.0, abs(x)), seed)[-1] for x in places]
    paths = [[start * RATIO**k for k in range(FAR + 1)] for start in starts]
    above = along(problem, indices, [[*path, math.nan] for path in paths])
    below = along(problem, indices, [[-h for h in path] for path in paths])
    found = [
        (motionless(centre, path, right[:-1], left, ignored=right[-1] == centre), 2 * FAR + 3)
        for path, right, left in zip(paths, above, below, strict=True)
    ]
    return across(problem, indices, found)


def across(problem: Problem, indices: Sequence[int], found: Found) -> Found:
    """Look closer at those partials for which f leaps somewhere."""
    leaping = [(k, one.leap) for k, (one, _) in enumerate(found) if one.leap is not None]
    if not leaping:
        return found
    moved = [indices[k] for k, _ in leaping]
    paths = [np.geomspace(leap.start, BEYOND * leap.end, BETWEEN).tolist() for _, leap in leaping]
    looks = [(paths, along(problem, moved, paths))]
    for _ in range(ZOOMS):
        ends = [
            (leaps.beginning if found[k][0].silent else leaps.widest)(leap, path, row)
            for (k, leap), path, row in zip(leaping, *looks[-1], strict=True)
        ]
        paths = [np.linspace(start, end, BETWEEN).tolist() for start, end in ends]
        looks.append((paths, along(problem, moved, paths)))
    for n, (k, leap) in enumerate(leaping):
        coarse, closer, closest = ((paths[n], values[n]) for paths, values in looks)
        straight = leaps.straight(leap, *coarse) or leaps.straight(leap, *closest)
        one, evaluations = found[k]
        stepped = leaps.jumps(leap, *closer)
        if stepped and one.silent:
            one = replace(one, leap=replace(leap, size=leaps.highest(leap, *closest)))
        found[k] = beyond(one, stepped=stepped, straight=straight), evaluations + 3 * BETWEEN
    return found


def along(problem: Problem, indices: Sequence[int], paths: Sequence[Sequence[float]]) -> list[list[float]]:
    """The values of f at many steps of each of these parameters."""
    if not paths:
        return []
    moved = [index for index, path in zip(indices, paths, strict=True) for _ in path]
    values = np.asarray(problem.losses(moved, [step for path in paths for step in path]), dtype=float)
    rows: list[list[float]] = values.reshape(len(paths), -1).tolist()
    return rows


def climb(problem: Problem, indices: Sequence[int], centre: float, scales: Sequence[float], seed: int) -> Found:
    """One ladder for each partial, all their values taken together."""
    places = [float(problem.point[index]) for index in indices]
    ladders = [rungs(x, scale, seed) for x, scale in zip(places, scales, strict=True)]
    moved = [index for index, steps in zip(indices, ladders, strict=True) for _ in range(2 * len(steps))]
    signed = [step for steps in ladders for step in (*steps, *(-h for h in steps))]
    values = iter(np.asarray(problem.losses(moved, signed), dtype=float).tolist() if moved else ())
    sides = [([next(values) for _ in steps], [next(values) for _ in steps]) for steps in ladders]
    found = [
        (survey(x, centre, steps, above, below), 2 * len(steps))
        for x, steps, (above, below) in zip(places, ladders, sides, strict=True)
    ]
    return across(problem, indices, found)


def unsure(found: Survey) -> bool:
    """Whether much smaller steps may help: fewer than seven digits are known, and from the lowest rungs if at all."""
    value = found.slope.value
    if value is None:
        return not found.stepped
    low = found.step is not None and found.step < LOW
    return low and not found.stepped and found.error > 1e-7 * abs(value)


def better(far: Survey, near: Survey) -> Survey:
    """Of two surveys at different scales, the one nearer to x where it found a number of some worth, else the other."""
    if near.slope.value is None or (far.slope.value is not None and far.error <= near.error):
        return far
    if far.slope.value is None and near.error > 0.5 * abs(near.slope.value):
        return far
    return near
