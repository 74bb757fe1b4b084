"""From a direction whose slope the claims miss to the partials that are wrong, by halving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.blocks import corner
from gradcli.check.sight import Miss

if TYPE_CHECKING:
    from gradcli.check.blocks import Block
    from gradcli.check.sight import Sight
    from gradcli.reference.along import Direction

MOST = 32
"""Wrong partials that are searched for in a block."""
FEW = 2
"""As many are found before it is asked whether they are everywhere."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Partials that were found wrong, all that were looked at, and the miss that the wrong ones do not explain."""

    wrong: tuple[int, ...]
    looked: tuple[int, ...]
    rest: Miss


def narrow(sight: Sight, block: Block, direction: Direction, miss: Miss, step: float) -> Narrowed:
    """The wrong partials of a block, one after another, each taken out of the direction when it is found.

    Where there are more than a few, a corner of the block is looked at: if half of it is wrong, so is much of the rest.
    """
    wrong: list[int] = []
    looked: list[int] = []
    while miss.shows and len(wrong) < MOST:
        index = culprit(sight, direction, miss, step)
        if index is None or not sight.is_wrong(index):
            break
        wrong.append(index)
        at = int(np.flatnonzero(direction.indices == index)[0])
        miss = miss.less(own_miss(sight, direction[at : at + 1]))
        direction = direction[np.arange(len(direction)) != at]
        if len(wrong) == FEW and miss.shows:
            looked = corner(block, sight.problem.parameters)
            inside = [index for index in looked if sight.is_wrong(index)]
            if 2 * len(inside) >= len(looked):
                wrong += inside
                break
    return Narrowed(tuple(dict.fromkeys(wrong)), tuple(dict.fromkeys([*wrong, *looked])), miss)


def culprit(sight: Sight, direction: Direction, miss: Miss, step: float) -> int | None:
    """Halve the direction again and again and follow the half that is further off, until one parameter is left.

    One half is measured, with the step that the whole was read with; the other is what it leaves, measured as well
    where that is lost in what the errors have added up to.
    """
    error = miss.error
    while miss.shows and len(direction) > 1:
        middle = len(direction) // 2
        first, second = direction[:middle], direction[middle:]
        one = sight.miss(first, step, error)
        other = miss.less(one)
        if abs(one.amount) >= abs(other.amount):
            direction, miss = first, one
        else:
            direction, miss = second, other if other.shows else sight.miss(second, step, error)
    return int(direction.indices[0]) if miss.shows else None


def own_miss(sight: Sight, one: Direction) -> Miss:
    """What a partial that was judged by itself contributes."""
    row, weight = sight.judge(int(one.indices[0])), float(one.weights[0])
    return Miss((row.analytic[0] - row.numeric[0]) * weight, abs(row.error[0] * weight))
