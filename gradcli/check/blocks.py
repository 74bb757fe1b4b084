"""The named blocks of a gradient: W1[0,0], W1[0,1], .. are W1; parameters without an index are one block if many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array

MOST_ALONE = 16
"""Blocks of a single parameter that are looked at by themselves; more are one block."""
CORNER = 4
"""Rows and columns of a block that are looked at when much of it is wrong."""


@dataclass(frozen=True, slots=True)
class Block:
    """Parameters that belong together, by their positions."""

    name: str
    indices: Array

    def __len__(self) -> int:
        return len(self.indices)


def blocks_among(names: Sequence[str], indices: Sequence[int]) -> tuple[list[Block], list[int]]:
    """The blocks these parameters form, and those that are alone in theirs."""
    members: dict[str, list[int]] = {}
    for index in indices:
        stem, bracket, _ = names[index].rpartition("[")
        members.setdefault(stem if bracket else names[index], []).append(index)
    alone = [only for only, *others in members.values() if not others]
    blocks = [Block(name, np.array(member)) for name, member in members.items() if len(member) > 1]
    if len(alone) > MOST_ALONE:
        return [*blocks, Block("", np.array(alone))], []
    return blocks, alone


def corner(block: Block, names: Sequence[str]) -> list[int]:
    """The first 4 x 4 of a matrix, the first 16 of a vector: enough to see how its numbers are arranged."""
    inside = [index for index in block.indices.tolist() if is_in_corner(names[index])]
    return inside[: CORNER**2]


def is_in_corner(name: str) -> bool:
    """Whether the last two of two or more places in the brackets are below 4, and the others 0."""
    places = name[name.rfind("[") + 1 : -1].split(",")
    if len(places) == 1 or not all(place.isdecimal() for place in places):
        return True
    *others, row, column = map(int, places)
    return row < CORNER and column < CORNER and not any(others)
