"""Figures: what was measured of gradcli, beside a peer measured in the same run, and what it is held to."""

import math
import time
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result.

    value: usually a ratio; unit: of the value (`x peer`, `us`, `MiB`). at_least, at_most: what it is held to, if
    anything. ours, peer: the two seconds behind a ratio, which depend on the machine. note: what one should know.
    """

    name: str
    value: float
    unit: str
    at_least: float = -math.inf
    at_most: float = math.inf
    ours: float | None = None
    peer: float | None = None
    note: str = ""

    @property
    def holds(self):
        return self.at_least <= self.value <= self.at_most

    @property
    def goal(self):
        if math.isfinite(self.at_least):
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if math.isfinite(self.at_most) else ""

    def record(self):
        """Plain data; no goal is null."""
        kept = {
            key: value if not isinstance(value, float) or math.isfinite(value) else None
            for key, value in asdict(self).items()
        }
        return {**kept, "holds": self.holds if self.goal else None}


def seconds(function, *, repeat=1):
    """Wall time of one call, measured over `repeat` of them."""
    start = time.perf_counter()
    for _ in range(repeat):
        function()
    return (time.perf_counter() - start) / repeat


def paired(ours, peer, *, rounds=5, repeat=1, peer_repeat=None):
    """Both in turn: the medians of their seconds, and the median of peer/ours pair by pair.

    A first round of each is not counted.
    """
    pairs = [(seconds(ours, repeat=repeat), seconds(peer, repeat=peer_repeat or repeat)) for _ in range(rounds + 1)][1:]
    return median(one for one, _ in pairs), median(other for _, other in pairs), median(b / a for a, b in pairs)


def faster(name, ours, peer, *, at_least=-math.inf, note="", **rounds):
    """How many times faster than a peer."""
    one, other, ratio = paired(ours, peer, **rounds)
    return Figure(name, ratio, "x faster", at_least=at_least, ours=one, peer=other, note=note)


def longer(name, ours, peer, *, at_most=math.inf, note="", **rounds):
    """How many times as long as a peer."""
    one, other, ratio = paired(ours, peer, **rounds)
    return Figure(name, 1 / ratio, "x as long", at_most=at_most, ours=one, peer=other, note=note)
