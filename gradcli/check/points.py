"""Which parameters a check judges, and at which points."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.calls import forgiving
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.problem import Array, Problem

SHARES = (1.0, 1 / 8, 1 / 64)
"""Shares of a move that are tried until f has a value."""


def chosen(names: Sequence[str], only: str | None) -> list[int]:
    """Positions of the parameters to judge; * and ? are wildcards, brackets are themselves."""
    if only is None:
        return list(range(len(names)))
    pattern = re.escape(only).replace(r"\*", ".*").replace(r"\?", ".")
    fits = re.compile(rf"{pattern}(\[.*)?")
    found = [index for index, name in enumerate(names) if fits.fullmatch(name)]
    if not found:
        some = ", ".join(list(names)[:6]) + (", .." if len(names) > 6 else "")
        raise GradcliError(f"no parameter is called {only!r}", f"the parameters are {some}")
    return found


def around(problem: Problem, count: int, seed: int) -> list[Array]:
    """The problem's point, and `count` - 1 seeded ones near it where f has a value.

    Each parameter is moved by 5 to 10 per cent of itself, one that is 0 by as much of 1.
    """
    here = np.array(problem.point, dtype=float)
    generator = np.random.default_rng(seed)
    places = [here]
    for _ in range(count - 1):
        move = generator.uniform(0.05, 0.1, here.shape) * generator.choice((-1.0, 1.0), here.shape)
        move *= np.where(here == 0, 1.0, np.abs(here))
        near = (here + share * move for share in SHARES)
        places += [place for place in near if has_value(problem, place)][:1]
    return places


def has_value(problem: Problem, place: Array) -> bool:
    """Whether f is finite there."""
    with np.errstate(all="ignore"):
        return math.isfinite(forgiving(problem.function)(place.copy()))
