"""Where the mistake is, when the numbers do not tell what it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.partials import PROOF, Partials, blocks_of
from gradcli.diagnosis.words import MOST_NAMES, label, number
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from gradcli.diagnosis.partials import Flags, Floats, Indices

CHANCE = 7.0
"""Bits that the choice of the wrong partials has to carry before it is called rows or columns."""
CHANCE_OF_BLOCKS = 6.0
"""The same for blocks, which have names: a coincidence is less likely to begin with."""


def one_partial(partials: Partials) -> tuple[Diagnosis, ...]:
    """A single partial is wrong, at every point that tells, and all others are right."""
    wrong = np.flatnonzero(partials.faulty)
    right = np.count_nonzero(np.any(partials.right & (np.abs(partials.numeric) > partials.slack), axis=0))
    if len(wrong) != 1 or right < 2:
        return ()
    column = int(wrong[0])
    rows = np.flatnonzero(partials.wrong[:, column])
    ga, gn = partials.analytic[rows, column], partials.numeric[rows, column]
    evidence = f"only {partials.names[column]} is wrong, {len(partials) - 1} others are right: {_compared(ga, gn)}"
    hint = (
        f"look at the line, the index or the slice that makes {partials.names[column]}; often it is an end of a range"
    )
    return (Diagnosis(Cause.ONE_PARTIAL, (partials.names[column],), evidence, hint),)


def _compared(ga: Floats, gn: Floats) -> str:
    if np.all(gn != 0) and np.ptp(ga / gn) <= 1e-5 * np.max(np.abs(ga / gn)):
        ratio = float(ga[0] / gn[0])
        off = f" ({100 * abs(ratio - 1):.2g} % off)" if 0.5 < ratio < 1.5 else ""
        return f"analytic / numeric = {ratio:.7g} at each point{off}"
    return f"analytic {number(float(ga[0]))}, numeric {number(float(gn[0]))}"


def rows_or_range(partials: Partials) -> tuple[Diagnosis, ...]:
    """Exactly some rows or columns of a block are wrong, or one stretch of a vector."""
    blocks = [block for block in blocks_of(partials.names) if np.any(partials.faulty[list(block.columns)])]
    if len(blocks) != 1:
        return ()
    block = blocks[0]
    wrong = partials.faulty[list(block.columns)]
    for axis, kind in enumerate(("row", "column")):
        lines = _whole_lines(wrong.reshape(block.shape), axis) if block.shape and len(block.shape) == 2 else []
        if lines:
            which = f"{kind}{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:5]))} of {block.name}"
            return (_somewhere(Cause.ROWS, which, partials, ROWS_HINT),)
    places = np.flatnonzero(wrong)
    stretch = places[-1] - places[0] + 1 == len(places)
    if stretch and _choice(wrong.size, len(places)) - math.log2(wrong.size) > CHANCE:
        names = [partials.names[block.columns[place]] for place in (places[0], places[-1])]
        return (_somewhere(Cause.BLOCKS, f"{names[0]} .. {names[1]}", partials, BLOCKS_HINT),)
    return ()


def _whole_lines(wrong: Flags, axis: int) -> list[int]:
    """The rows (axis 0) or columns (axis 1) that are wrong, if they are so as a whole and no chance."""
    lines = np.flatnonzero(wrong.any(axis=1 - axis))
    if len(lines) == wrong.shape[axis] or not np.all(wrong.take(lines, axis)):
        return []
    bits = _choice(wrong.size, int(wrong.sum())) - _choice(wrong.shape[axis], len(lines))
    return [int(line) for line in lines] if bits > CHANCE else []


def whole_blocks(partials: Partials) -> tuple[Diagnosis, ...]:
    """Whole blocks are wrong and the others are right."""
    blocks = blocks_of(partials.names)
    wrong = [block for block in blocks if np.any(partials.faulty[list(block.columns)])]
    whole = all(np.all(partials.faulty[list(block.columns)]) for block in wrong)
    bits = _choice(len(partials), int(partials.faulty.sum())) - _choice(len(blocks), len(wrong))
    if len(wrong) == len(blocks) or not whole or bits < CHANCE_OF_BLOCKS:
        return ()
    which = f"all of {', '.join(block.name for block in wrong)}"
    return (_somewhere(Cause.BLOCKS, which, partials, BLOCKS_HINT),)


def some_points(partials: Partials) -> tuple[Diagnosis, ...]:
    """Everything is right at one point and wrong at another."""
    suspects = partials.suspects
    telling = suspects.right & (np.abs(suspects.numeric) > suspects.slack)
    right = np.flatnonzero(np.all(telling, axis=1))
    wrong = np.flatnonzero(suspects.wrong.any(axis=1))
    if not len(right) or len(suspects) < 2 or suspects.proof() < PROOF:
        return ()
    evidence = (
        f"{label(suspects.names, partials.names)}: right at point {_points(right)}, wrong at point {_points(wrong)}"
    )
    hint = (
        "the mistake is in what differs between the points: a branch, a mask, a clip or a maximum, a value cached at "
        "the first call, or a factor that happens to be 1 there"
    )
    return (Diagnosis(Cause.SOME_POINTS, suspects.names, evidence, hint),)


def no_pattern(partials: Partials, remark: str = "") -> tuple[Diagnosis, ...]:
    """What is wrong, worst first, and that it shows no pattern."""
    suspects = partials.suspects
    error = np.where(suspects.wrong, np.abs(suspects.difference), 0.0)
    scale = np.maximum(np.abs(suspects.analytic), np.abs(suspects.numeric))
    relative = np.max(error / np.where(scale == 0, 1.0, scale), axis=0)
    worst = np.argsort(-relative, kind="stable")
    shown = [f"{suspects.names[column]} ({relative[column]:.2g})" for column in worst[:MOST_NAMES]]
    shown += ["..."] if len(worst) > MOST_NAMES else []
    found = f"no pattern found; wrong, with relative error, worst first: {', '.join(shown)}"
    evidence = f"{found}{_steady(suspects) or remark}"
    hint = "check the formula term by term: the parts of the loss one at a time, a single example, fewer parameters"
    return (Diagnosis(Cause.NO_PATTERN, tuple(suspects.names[column] for column in worst), evidence, hint),)


def _steady(suspects: Partials) -> str:
    """What stays the same from point to point, for whoever wants to look on."""
    if len(suspects.points) < 2 or not np.all(suspects.wrong):
        return ""
    slack = 2 * np.max(suspects.slack, axis=0)
    if np.all(np.ptp(suspects.difference, axis=0) <= slack):
        return "; analytic - numeric is the same at every point (a linear term of the loss?)"
    with np.errstate(all="ignore"):
        ratio = suspects.analytic / suspects.numeric
    if np.all(np.ptp(ratio, axis=0) <= 4 * suspects.tolerance * np.max(np.abs(ratio), axis=0)):
        return "; each has its own ratio analytic / numeric, the same at every point (a scale of its input?)"
    return ""


def _somewhere(cause: Cause, which: str, partials: Partials, hint: str) -> Diagnosis:
    suspects = partials.suspects
    right = len(partials) - len(suspects)
    evidence = f"exactly {which} are wrong ({len(suspects)} partials), the {right} others are right"
    return Diagnosis(cause, suspects.names, evidence, hint)


def _choice(size: int, chosen: int) -> float:
    """log2 of the number of ways to choose so many."""
    ways = math.lgamma(size + 1) - math.lgamma(chosen + 1) - math.lgamma(size - chosen + 1)
    return ways / math.log(2)


def _points(rows: Indices) -> str:
    return ", ".join(str(row + 1) for row in rows)


ROWS_HINT = (
    "look at what belongs to these rows alone: an index that occurs twice and is overwritten instead of added up "
    "(np.add.at), a slice that ends too early, one class or one time step treated apart"
)
BLOCKS_HINT = (
    "what is right shows that the backward pass is right up to there; look at the lines that make the wrong ones: the "
    "derivative of the activation before, the transposed weights, the sum over the batch"
)
