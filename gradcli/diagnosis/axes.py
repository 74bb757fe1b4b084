"""The claim has another shape than it should: one number along an axis, or one half of a symmetric matrix."""

from __future__ import annotations

import math

import numpy as np

from gradcli.diagnosis.partials import PROOF, Partials, shape_of
from gradcli.diagnosis.words import label, number, numbers
from gradcli.report import Cause, Diagnosis


def broadcast(partials: Partials) -> tuple[Diagnosis, ...]:
    """The claim does not change along an axis although the reference does: a sum over the wrong axis, spread out."""
    shape = shape_of(partials)
    whole = tuple(range(len(shape)))
    for axes in sorted({whole, *((axis,) for axis in whole)}, key=len, reverse=True):
        if _is_flat(partials, axes, shape):
            return (_broadcast(partials, axes, shape, partials),)
    suspects = partials.suspects
    if len(suspects) > 2 and _is_flat(suspects, (0,), (len(suspects),)):
        return (_broadcast(suspects, (0,), (len(suspects),), partials),)
    return ()


def _is_flat(partials: Partials, axes: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """The claim is one number along these axes, not zero, and that cannot be chance."""
    ga = partials.analytic.reshape(-1, *shape)
    along = tuple(axis + 1 for axis in axes)
    flat = np.ptp(ga, axis=along, keepdims=True) <= 1e-9 * np.max(np.abs(ga), axis=along, keepdims=True)
    gn, slack = partials.numeric.reshape(-1, *shape), partials.slack.reshape(-1, *shape)
    differs = np.ptp(gn, axis=along) > 2 * np.max(slack, axis=along)
    groups = len(partials) // math.prod(shape[axis] for axis in axes)
    proved = partials.proof(free=groups * len(partials.points)) >= PROOF
    enough = np.count_nonzero(partials.faulty) > groups
    return bool(np.all(flat) and np.any(differs) and np.any(ga) and np.all(partials.known) and proved and enough)


def _broadcast(part: Partials, axes: tuple[int, ...], shape: tuple[int, ...], partials: Partials) -> Diagnosis:
    along = tuple(axis + 1 for axis in axes)
    ga, gn = (array.reshape(-1, *shape) for array in (part.analytic, part.numeric))
    value, total = ga.mean(axis=along), gn.sum(axis=along)
    size = math.prod(shape[axis] for axis in axes)
    relation = ""
    with np.errstate(all="ignore"):
        ratio = value / total
    for name, factor in (("sum", 1.0), ("mean", 1.0 / size)):
        if np.allclose(ratio, factor, rtol=100 * partials.tolerance):
            relation = f": the {name} of the numeric ones"
    where = f"along axis {axes[0]}" if len(axes) < len(shape) else f"for all of {label(part.names, partials.names)}"
    evidence = f"analytic is one number {where} ({numbers(value.ravel().tolist())}){relation}; numeric is not"
    evidence += f" ({number(float(gn.min()))} to {number(float(gn.max()))})"
    hint = "something is summed or averaged over one axis too many and then spread out again: check axis= and keepdims"
    return Diagnosis(Cause.WRONG_AXIS, partials.suspects.names, evidence, hint)


def symmetrised(partials: Partials) -> tuple[Diagnosis, ...]:
    """G = A + A', or A = G + G' or half of it, for a square block: one of the two transposed halves."""
    shape = shape_of(partials)
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2 or not np.all(partials.known):
        return ()
    back = np.arange(len(partials)).reshape(shape).T.ravel()
    ga, gn = partials.analytic, partials.numeric
    slack = 2 * np.maximum(partials.slack, partials.slack[:, back])
    proof = partials.proof(free=len(partials) // 2) >= PROOF
    for text, gap in (
        ("numeric = analytic + its transpose", ga + ga[:, back] - gn),
        ("analytic = numeric + its transpose", gn + gn[:, back] - ga),
        ("analytic = half of numeric + its transpose", (gn + gn[:, back]) / 2 - ga),
    ):
        if proof and np.all(np.abs(gap) <= slack):
            hint = "d(x'Ax) = (A + A')x: the matrix occurs on both sides; take both halves, once each"
            return (Diagnosis(Cause.TRANSPOSED, partials.suspects.names, text, hint),)
    return ()
