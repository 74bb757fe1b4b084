"""The claim comes from another point or another call: constant, one call late, or added up."""

from __future__ import annotations

import itertools

import numpy as np

from gradcli.diagnosis.fits import fit
from gradcli.diagnosis.partials import PROOF, SAFETY, Partials
from gradcli.diagnosis.words import count, label, number, numbers
from gradcli.report import Cause, Diagnosis


def constant(partials: Partials) -> tuple[Diagnosis, ...]:
    """The same numbers at every point, although the reference moves."""
    suspects = partials.suspects
    if len(suspects.points) < 2 or not np.any(suspects.analytic):
        return ()
    span = np.ptp(suspects.analytic, axis=0)
    moves = np.ptp(suspects.numeric, axis=0) > 2 * SAFETY * np.max(suspects.errors, axis=0) + np.max(
        suspects.tolerance * np.abs(suspects.numeric), axis=0
    )
    still = np.all(span <= 1e-12 * np.max(np.abs(suspects.analytic), axis=0))
    if not still or np.count_nonzero(moves) < 0.9 * len(suspects) or not np.all(suspects.known):
        return ()
    first = numbers(suspects.analytic[0].tolist())
    points = len(suspects.points)
    evidence = f"analytic = {first} for {label(suspects.names, partials.names)} at all {points} points; numeric moves"
    right = np.flatnonzero(~suspects.wrong.any(axis=1))
    if len(right):
        evidence += f"; it is right at point {right[0] + 1}"
    hint = "it was computed once and kept, or it does not use its argument: compute it from the parameters it is given"
    return (Diagnosis(Cause.CONSTANT, suspects.names, evidence, hint),)


def stale(partials: Partials) -> tuple[Diagnosis, ...]:
    """The claim at one point is the reference at another."""
    wrong = np.flatnonzero(partials.wrong.any(axis=1))
    for row, other in itertools.product(map(int, wrong), range(len(partials.points))):
        if other == row or not np.all(partials.known[[row, other]]):
            continue
        here = partials.at(np.array([row]))
        moved = partials.numeric[[other]]
        gap = np.abs(here.analytic - moved)
        if np.all(gap <= here.tolerance * np.abs(moved) + SAFETY * partials.errors[[other]]) and here.proof() >= PROOF:
            evidence = f"analytic at point {row + 1} = numeric at point {other + 1} {count(here.suspects, partials)}"
            hint = "values cached by an earlier call are used: call the forward pass at the parameters given, each time"
            return (Diagnosis(Cause.STALE, partials.suspects.names, evidence, hint),)
    return ()


def accumulated(partials: Partials) -> tuple[Diagnosis, ...]:
    """The claim at one point is a sum with what was claimed, or is right, at another."""
    if len(partials) < 4:
        return ()
    for row, other in itertools.permutations(range(len(partials.points)), 2):
        here = partials.at(np.array([row]))
        if not np.any(here.wrong):
            continue
        for text, old in (("analytic", partials.analytic[[other]]), ("numeric", partials.numeric[[other]])):
            found = fit(here, [here.numeric, old], base=np.zeros_like(old))
            if found and _is_sum(found.values, whole=text == "numeric") and here.proof(free=2) >= PROOF:
                a, b = (number(value) for value in found.values)
                evidence = f"analytic at point {row + 1} = {a} * numeric there + {b} * {text} at point {other + 1}"
                hint = (
                    "results of earlier calls are still in it: start from zeros each time; momentum belongs elsewhere"
                )
                return (Diagnosis(Cause.ACCUMULATED, partials.suspects.names, evidence, hint),)
    return ()


def _is_sum(values: tuple[float, ...], *, whole: bool) -> bool:
    """This gradient once, with what was there before; of right ones whole numbers of both."""
    here, before = values
    if whole:
        return all(value > 0.5 and abs(value - round(value)) < 1e-6 for value in values)
    return abs(here - 1) < 1e-6 and before > 1e-3
