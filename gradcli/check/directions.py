"""Many partials judged together: the slope of f along random directions over each block, and what is wrong in it.

The claims have a slope along a direction, and so has f. Its signs are random, so that errors of many partials do not
add up to nothing, and so are its sizes, so that two that are equal do not either; a single wrong partial shows where
its error is above that of the measured slope. A block that fails is narrowed down to partials.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.blocks import blocks_among, corner
from gradcli.check.blockwise import SHOWN, Outcome, judge_block
from gradcli.check.sight import Sight
from gradcli.problem import Estimate, Slope
from gradcli.report import Comparison, Verdict
from gradcli.workers import expect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.check.blocks import Block
    from gradcli.problem import Array, Problem

MOST_ONE_BY_ONE = 4096
"""Partials that a person's own loss has looked at one by one: 4 or 5 values of f each, at each point."""
VALUES_EACH = 4
"""Values of f that most partials take, and most slopes along directions."""
UNSEEN = 4
"""Partials of a block that are looked at where no direction gives a verdict."""
MOST_RIGHT = 20_000
"""Partials of a block that a diagnosis is told of where only a few of them are wrong."""
MOST_NAN = 16
"""Partials without a finite claim that are looked at in a block."""


@dataclass(slots=True)
class Directions:
    """What was found along directions: a row for each, and the partials that are to be judged by themselves.

    By parameter: covered, whether its block passed; telling, whether it claims anything there; shown, whether the block
    would not have passed if this one alone had been off by SHOWN. right: by point, the partials of a block that failed
    which are right beside the wrong ones.
    """

    covered: Array
    telling: Array
    shown: Array
    rows: list[Comparison] = field(default_factory=list)
    looked: dict[int, None] = field(default_factory=dict)
    right: list[tuple[int, Array]] = field(default_factory=list)

    def withheld(self, message: str) -> Directions:
        """Without an accusation."""
        rows = [
            replace(row, verdict=Verdict.UNRESOLVED, message=message) if row.verdict is Verdict.FAIL else row
            for row in self.rows
        ]
        return replace(self, rows=rows)

    def right_at(self, points: int) -> tuple[Array, Array]:
        """The partials that are known to be right without a row of their own, and (points, ..) at which points."""
        indices = np.unique(np.concatenate([np.zeros(0, int), *(some for _, some in self.right)]))
        known = np.zeros((points, len(indices)), bool)
        for number, some in self.right:
            known[number] |= np.isin(indices, some)
        return indices, known

    def verdicts(self, block: Block) -> set[Verdict]:
        """All verdicts on a block."""
        return {row.verdict for row in self.rows if row.parameter == named(block)}

    def add(self, sight: Sight, number: int, block: Block, outcome: Outcome, evaluations: int) -> None:
        """Keep what one direction told."""
        seen, indices = outcome.seen, outcome.direction.indices
        self.looked |= dict.fromkeys(outcome.looked)
        if outcome.verdict is Verdict.PASS:
            self.covered[indices] = True
            self.telling[indices] |= sight.claims[indices] != 0
            self.shown[indices] |= outcome.shown
        if outcome.others_right and len(indices) <= MOST_RIGHT:
            self.right.append((number, np.setdiff1d(indices, outcome.looked)))
        error = seen.error if math.isfinite(seen.error) else None
        measured = Estimate(seen.slope, "direction", seen.step, error, evaluations)
        claimed, told = Slope(outcome.claim), (sight.rtol, outcome.verdict, outcome.message, len(indices))
        self.rows.append(Comparison(number, named(block), math.nan, claimed, measured, *told))

    def forget(self, block: Block) -> None:
        """That it passed somewhere, when it failed elsewhere."""
        for column in (self.covered, self.telling, self.shown):
            column[block.indices] = False

    def remarks(self) -> Iterator[str]:
        """What a person should know of the blocks, and of what might have been overlooked."""
        told = {row.parameter: row.message for row in self.rows if row.verdict is Verdict.FAIL}
        yield from (f"{name}: {message}" for name, message in told.items())
        telling, shown = np.count_nonzero(self.telling), np.count_nonzero(self.shown)
        if telling:
            share = f"{100 * shown / telling:.3g} % of the {telling:,} partials that passed together"
            yield f"a single one that is {100 * SHOWN:g} % off would have shown in {share}"


def usual(count: int) -> int:
    """Directions over each block when nobody chose: none for what can be looked at one by one."""
    return 1 if count > MOST_ONE_BY_ONE else 0


def look_along(
    problem: Problem, indices: Sequence[int], places: Sequence[Array], per_block: int, rtol: float, seed: int
) -> tuple[list[Sight], Directions]:
    """Judge each block at each point along `per_block` directions, until it fails; a block of one needs none."""
    blocks, alone = blocks_among(problem.parameters, indices)
    covered, telling, shown = np.zeros((3, len(problem.parameters)), bool)
    found = Directions(covered, telling, shown, looked=dict.fromkeys(alone))
    expect(VALUES_EACH * len(places) * (per_block * len(blocks) + len(alone)))
    sights = [Sight.of(problem.at(place), rtol, seed) for place in places]
    with np.errstate(all="ignore"):  # the steps beside the points are ours, not the person's
        for number, sight in enumerate(sights):
            for block in blocks:
                look_at_block(sight, number, block, per_block, found)
        for block in blocks:
            if Verdict.FAIL in found.verdicts(block):
                found.forget(block)
            elif Verdict.PASS not in found.verdicts(block):
                found.looked |= dict.fromkeys(corner(block, problem.parameters)[:UNSEEN])
        for sight in sights:
            for index in found.looked:
                sight.judge(index)
    return sights, found


def named(block: Block) -> str:
    """What a direction over a block is called."""
    return f"{block.name}[*]" if block.name else "*"


def look_at_block(sight: Sight, number: int, block: Block, per_block: int, found: Directions) -> None:
    """Judge a block at a point; claims that are not finite are left to be judged by themselves."""
    finite = np.isfinite(sight.claims[block.indices])
    found.looked |= dict.fromkeys(block.indices[~finite][:MOST_NAN].tolist())
    generator = np.random.default_rng([sight.seed, number, int(block.indices[0])])
    for _ in range(per_block if finite.any() else 0):
        if Verdict.FAIL in found.verdicts(block):
            return
        before = sight.evaluations
        outcome = judge_block(sight, block, block.indices[finite], generator)
        found.add(sight, number, block, outcome, sight.evaluations - before)
