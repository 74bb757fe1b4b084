"""What a check found: a row per partial and point, a verdict for each and for the whole, and likely causes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gradcli.problem import Estimate, Slope


class Verdict(StrEnum):
    """What the numbers allow to say of one partial, or of a whole check."""

    PASS = "pass"
    FAIL = "fail"
    KINK = "kink"
    UNRESOLVED = "unresolved"
    UNDEFINED = "undefined"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One partial at one point: the analytic slope beside the numeric one, and the verdict on their difference.

    In a check the analytic slope is the claim and the numeric one the judge; in `derive` the exact slope judges the
    method. `tolerance` is relative.
    """

    point_index: int
    parameter: str
    value: float
    analytic: Slope
    numeric: Estimate
    tolerance: float
    verdict: Verdict
    message: str | None = None

    @property
    def absolute_error(self) -> float | None:
        """|ga - gn|, None where either is missing."""
        ga, gn = self.analytic.value, self.numeric.slope.value
        return None if ga is None or gn is None else abs(ga - gn)

    @property
    def relative_error(self) -> float | None:
        """|ga - gn| / max(|ga|, |gn|, 1e-12), None where either is missing."""
        ga, gn = self.analytic.value, self.numeric.slope.value
        return None if ga is None or gn is None else relative_error(ga, gn)

    @property
    def digits(self) -> float | None:
        """Digits of agreement -log10(|ga - gn| / max(|ga|, |gn|)), at most 15.95 (equal); None where both are 0."""
        ga, gn = self.analytic.value, self.numeric.slope.value
        return None if ga is None or gn is None else digits_of_agreement(ga, gn)


MOST_DIGITS = 15.95
"""Digits of a double: -log10(2^-53)."""


def relative_error(ga: float, gn: float) -> float:
    """|ga - gn| / max(|ga|, |gn|, 1e-12)."""
    return abs(ga - gn) / max(abs(ga), abs(gn), 1e-12)


def digits_of_agreement(ga: float, gn: float) -> float | None:
    """-log10(|ga - gn| / max(|ga|, |gn|)), capped where they are equal; None where both are 0 or one is not finite."""
    scale = max(abs(ga), abs(gn))
    if scale == 0 or not math.isfinite(scale):
        return None
    ratio = abs(ga - gn) / scale
    return MOST_DIGITS if ratio == 0 else min(MOST_DIGITS, -math.log10(ratio))


class Cause(StrEnum):
    """Stable codes of the mistakes a diagnosis can name."""

    NOT_FINITE = "not-finite"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A likely cause of a wrong gradient: the parameters concerned, the numbers that speak for it, what to do."""

    cause: Cause
    parameters: tuple[str, ...]
    evidence: str
    hint: str
