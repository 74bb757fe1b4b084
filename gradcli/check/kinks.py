"""Do values that are admissible one by one at a kink belong to one subgradient?

A Clarke subgradient g is an average of gradients near x, so that g v lies between the smallest and the largest slope
of f along v near x, for every direction v. The direction that matters most is v = sign(g).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from gradcli.problem import value_or_nan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradcli.problem import Array, Problem, Slope

NEAR = 1e-5
"""Distance of the points around x, in units of max(1, |x|)."""
SHORT = 0.05
"""Half the length over which a slope is taken, as a share of that distance."""
SAMPLES = 12
LOOSE = 1e-3
"""What curvature may add to slopes at that distance, relative to the sum of the values."""


def inconsistent(problem: Problem, slopes: Mapping[int, Slope], claims: Mapping[int, float], seed: int) -> str | None:
    """What is wrong with these claims taken together, None where nothing is or where f cannot be evaluated."""
    moved = [index for index in slopes if claims[index] != 0]
    if len(moved) < 2:
        return None
    x = np.array(problem.point, dtype=float)
    direction = np.zeros(len(x))
    direction[moved] = np.sign([claims[index] for index in moved])
    along = float(sum(abs(claims[index]) for index in moved))
    scale = NEAR * np.maximum(1.0, np.abs(x))
    found = [slope_along(problem, x + scale * side, direction, scale) for side in around(len(x), slopes, claims, seed)]
    found = [slope for slope in found if np.isfinite(slope)]
    if not found or min(found) - LOOSE * along <= along <= max(found) + LOOSE * along:
        return None
    return (
        f"f has a kink here, and the analytic values that are admissible one by one are not so together: in the"
        f" direction of their signs they say {along:.6g}, but f has slopes from {min(found):.6g} to {max(found):.6g}."
    )


def slope_along(problem: Problem, y: Array, direction: Array, scale: Array) -> float:
    """The central difference of f at y along the direction."""
    reach = SHORT * scale[direction != 0].min() * direction
    step = float(np.abs(reach).max())
    ahead, behind = (float(value_or_nan(problem.function, y + s * reach)) for s in (1.0, -1.0))
    return (ahead - behind) / (2 * step)


def around(count: int, slopes: Mapping[int, Slope], claims: Mapping[int, float], seed: int) -> list[Array]:
    """Sides of x to look at: the one that each claim speaks for, both ends of its direction, and random ones."""
    generator = random.Random(seed)  # noqa: S311 - no secret

    def side(choose: Callable[[int], float]) -> Array:
        place = np.zeros(count)
        for index in slopes:
            place[index] = choose(index) * generator.uniform(0.5, 1.5)
        return place

    def spoken_for(index: int) -> float:
        left, right = slopes[index].left or 0.0, slopes[index].right or 0.0
        return 1.0 if abs(claims[index] - right) <= abs(claims[index] - left) else -1.0

    chosen = [spoken_for, lambda index: float(np.sign(claims[index])), lambda index: -float(np.sign(claims[index]))]
    return [side(choose) for choose in chosen] + [side(lambda _: generator.choice((-1, 1))) for _ in range(SAMPLES)]
