"""The quantum of a function that is rounded: what all differences of its values are multiples of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

FINEST = 2.0**-40
"""Relative to f; anything finer is as good as the rounding of a double."""
NEAR, WITHIN = 2.0**-10, 2.0**-3
"""What is left of a multiple, in quanta, by which a quantum is found and by which it is believed."""
FEWEST, ENOUGH = 3, 8
"""Different changes of f that show a quantum."""
RUNGS = 4
"""Rungs whose values show the quantum of the lowest of them."""


def quanta(centre: float, above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The quantum of f on each rung, all 0 where f has none; it grows with f where digits are what is kept."""
    lowest = common(lowest_changes(centre, above, below), abs(centre))
    if lowest == 0:
        return [0.0] * len(above)
    pairs = list(zip(above, below, strict=True))
    found: list[float] = []
    digits = 0.0
    for k, pair in enumerate(pairs):
        size = max(map(abs, pair))
        quantum = max(lowest, common(*window(pairs[k : k + RUNGS])) or digits * size)
        digits = quantum / size if quantum > lowest and size else 0.0
        found.append(quantum)
    return found


def lowest_changes(centre: float, above: Sequence[float], below: Sequence[float]) -> list[float]:
    """The first different changes of f up the ladder, none where they are too few."""
    changes: dict[float, None] = {}
    for pair in zip(above, below, strict=True):
        changes |= dict.fromkeys(abs(value - centre) for value in pair if value != centre)
        if len(changes) >= ENOUGH:
            break
    return list(changes) if len(changes) >= FEWEST else []


def window(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], float]:
    """Different changes from one value to the others on a few rungs, and the largest value."""
    first, *others = (value for pair in pairs for value in pair)
    return list({abs(value - first) for value in others} - {0.0}), max(map(abs, (first, *others)))


def common(numbers: Iterable[float], size: float) -> float:
    """The largest number of which all these are multiples, as nearly as their rounding allows (Euclid); else 0."""
    ordered = sorted(numbers)
    if len(ordered) < FEWEST:
        return 0.0
    finest = FINEST * max(size, ordered[-1])
    found = ordered[0]
    for number in ordered[1:]:
        larger = number
        while (left := abs(math.remainder(larger, found))) > NEAR * found:
            larger, found = found, left
            if found <= finest:
                return 0.0
        found = number / round(number / found)
    return found if all(abs(math.remainder(number, found)) <= WITHIN * found for number in ordered) else 0.0
