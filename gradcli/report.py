"""What a check found: a row per partial and point, a verdict for each and for the whole, and likely causes."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from gradcli.problem import Estimate, Nature, Slope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gradcli.problem import Array


class Verdict(StrEnum):
    """What the numbers allow to say of one partial, or of a whole check."""

    PASS = "pass"  # noqa: S105  a verdict, no password
    FAIL = "fail"
    KINK = "kink"
    UNRESOLVED = "unresolved"
    UNDEFINED = "undefined"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One partial at one point: the analytic slope beside the numeric one, and the verdict on their difference.

    In a check the analytic slope is the claim and the numeric one the judge; in `derive` the exact slope judges the
    method. `tolerance` is relative. A direction is many `partials` of a block `W1[*]` judged together: both slopes are
    those along it, and there is no one value (NaN).
    """

    point_index: int
    parameter: str
    value: float
    analytic: Slope
    numeric: Estimate
    tolerance: float
    verdict: Verdict
    message: str | None = None
    partials: int = 1

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
    gap, size = abs(ga - gn), max(abs(ga), abs(gn))
    if size == 0 or not math.isfinite(size) or not math.isfinite(gap):
        return None
    return min(MOST_DIGITS, -math.log10(gap / size)) if gap / size else MOST_DIGITS


class Cause(StrEnum):
    """Stable codes of the mistakes a diagnosis can name; codes are added, never changed."""

    # How the functions behave, as the guards see it.
    NOT_FINITE = "not-finite"
    SHAPE = "shape"
    INTEGER_BUFFER = "integer-buffer"
    FLOAT32 = "float32"
    NONDETERMINISTIC = "nondeterministic"
    ACCUMULATED = "accumulated"
    CONSTANT = "constant"
    STALE = "stale"
    MUTATED = "mutated"
    COUPLED = "coupled"
    ACCEPTED = "accepted"
    # A factor: -1, any constant, one that changes from point to point, one per partial that follows the parameter.
    SIGN = "sign"
    FACTOR = "factor"
    CHAIN_FACTOR = "chain-factor"
    PARAMETER_FACTOR = "parameter-factor"
    UPDATE = "update"
    # The right values in the wrong places.
    SWAPPED = "swapped"
    ROLLED = "rolled"
    SHIFTED = "shifted"
    REVERSED = "reversed"
    TRANSPOSED = "transposed"
    PERMUTED = "permuted"
    WRONG_AXIS = "wrong-axis"
    # A term or a part that is missing or too much.
    MISSING = "missing"
    L2_TERM = "l2-term"
    L1_TERM = "l1-term"
    OFFSET = "offset"
    TERM = "term"
    TERM_FACTOR = "term-factor"
    PROJECTION = "projection"
    OTHER_LOSS = "other-loss"
    # A function of the right gradient.
    ROUNDED = "rounded"
    SIGN_LOST = "sign-lost"
    CLIPPED = "clipped"
    NORMALISED = "normalised"
    DISTORTED = "distorted"
    # A formula beside SymPy's.
    FORMULA = "formula"
    # Where the mistake is, when what it is does not show.
    KINK = "kink"
    ONE_PARTIAL = "one-partial"
    ROWS = "rows"
    BLOCKS = "blocks"
    SOME_POINTS = "some-points"
    NO_PATTERN = "no-pattern"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A likely cause of a wrong gradient: the parameters concerned, the numbers that speak for it, what to do."""

    cause: Cause
    parameters: tuple[str, ...]
    evidence: str
    hint: str


@dataclass(frozen=True, slots=True)
class Mixed:
    """Mixed second derivatives along u and v, which move different parameters, in units of the loss.

    one: u' J v and other: v' J u of the claim's Jacobian J, equal for the gradient of anything; loss: u' H v of the
    loss itself; size: what they are small against.
    """

    one: float
    other: float
    loss: float
    size: float


class Finding(Protocol):
    """What a guard saw when it called the functions: a cause, and the verdict it forces on the whole check, if any."""

    @property
    def cause(self) -> Cause: ...  # noqa: D102
    @property
    def parameters(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def evidence(self) -> str: ...  # noqa: D102
    @property
    def hint(self) -> str: ...  # noqa: D102
    @property
    def decisive(self) -> Verdict | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a diagnosis may look at: the L partials that were judged at K points, as arrays of shape (K, L).

    parameters: their L names; points: their values; analytic, numeric and errors: NaN where there is none;
    verdicts: K rows of L; findings: what the guards saw; losses: the K values of the loss, where they are known;
    tolerance: the relative difference that counts as none; mixed: second derivatives of the claim and of the loss.
    """

    parameters: tuple[str, ...]
    points: Array
    analytic: Array
    numeric: Array
    errors: Array
    verdicts: Sequence[Sequence[Verdict]]
    findings: tuple[Finding, ...] = ()
    losses: Sequence[float] = ()
    tolerance: float = 1e-6
    mixed: Sequence[Mixed] = ()


VERDICTS = tuple(Verdict)
NATURES = (None, *Nature)


def floats() -> array[float]:
    """An empty column of doubles."""
    return array("d")


def codes() -> array[int]:
    """An empty column of indices into VERDICTS or NATURES."""
    return array("b")


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of a report, flat: K points by L partials, point after point; NaN where a number is missing.

    analytic: the claim; numeric with its half-width `error` and the `step` it was taken with; left and right: the
    one-sided slopes where they differ; evaluations: values of f this partial cost; nature and verdict: positions
    in NATURES and VERDICTS; messages: by row, only where there is something to say.
    """

    analytic: array[float] = field(default_factory=floats)
    numeric: array[float] = field(default_factory=floats)
    error: array[float] = field(default_factory=floats)
    step: array[float] = field(default_factory=floats)
    left: array[float] = field(default_factory=floats)
    right: array[float] = field(default_factory=floats)
    evaluations: array[float] = field(default_factory=floats)
    nature: array[int] = field(default_factory=codes)
    verdict: array[int] = field(default_factory=codes)
    messages: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A finished check, without the functions it looked at: it pickles, and 100,000 rows are a few flat columns.

    target: the problem's name; parameters: all P names; points: the K points, each P floats; looked: positions of
    the L parameters that were judged; columns: K * L rows; evaluations: all values of f that were taken;
    forced: the verdict that a guard forces on the whole, whatever the rows say; source: file and line of the gradient.
    directions: what was judged together, block by block; covered: the number of partials in blocks that passed.
    """

    target: str
    parameters: tuple[str, ...]
    points: tuple[Sequence[float], ...]
    looked: Sequence[int]
    columns: Columns
    tolerance: float
    evaluations: int = 0
    diagnoses: tuple[Diagnosis, ...] = ()
    notes: tuple[str, ...] = ()
    forced: Verdict | None = None
    source: tuple[str, int] | None = None
    directions: tuple[Comparison, ...] = ()
    covered: int = 0

    def __len__(self) -> int:
        return len(self.directions) + len(self.columns.verdict)

    def __iter__(self) -> Iterator[Comparison]:
        """The directions, then a row for each partial that was looked at."""
        return chain(self.directions, map(self.row, range(len(self.columns.verdict))))

    def row(self, number: int) -> Comparison:
        """Row `number`, counted through the points and within each through the partials that were judged."""
        columns = self.columns
        point_index, position = divmod(number, len(self.looked))
        index = self.looked[position]
        slope = Slope(
            known(columns.numeric[number]),
            known(columns.left[number]),
            known(columns.right[number]),
            NATURES[columns.nature[number]],
        )
        error, step = known(columns.error[number]), known(columns.step[number])
        return Comparison(
            point_index,
            self.parameters[index],
            float(self.points[point_index][index]),
            Slope(known(columns.analytic[number])),
            Estimate(slope, "reference", step, error, int(columns.evaluations[number])),
            self.tolerance,
            VERDICTS[columns.verdict[number]],
            columns.messages.get(number),
        )

    @property
    def partials(self) -> int:
        """P, the number of parameters."""
        return len(self.parameters)

    @property
    def looked_at(self) -> int:
        """The number of distinct parameters that were judged."""
        return len(self.looked)

    def count(self, verdict: Verdict) -> int:
        """The number of rows with this verdict."""
        along = sum(one.verdict is verdict for one in self.directions)
        return along + self.columns.verdict.count(VERDICTS.index(verdict))

    @property
    def combined(self) -> tuple[Verdict, ...]:
        """One verdict per parameter judged, over all points."""
        rows, partials = self.columns.verdict, max(1, len(self.looked))
        by_rank = bytes(rows).translate(RANKS)
        points = [by_rank[start : start + partials] for start in range(0, len(rows), partials)]
        return tuple(map(OVER_POINTS.__getitem__, map(min, *points) if len(points) > 1 else b"".join(points)))

    @property
    def verdict(self) -> Verdict:
        """One verdict for the whole: the worst over parameters and blocks of them, or what a guard forces."""
        found = over_parameters({*self.combined, *over_blocks(self.directions)})
        return found if self.forced is None else worse(self.forced, found)

    def worst_first(self, most: int | None = None) -> list[Comparison]:
        """Rows, wrong ones first, then those without a verdict, the largest relative error first within each.

        most: how many of them, the first ones; by default all.
        """
        every = range(len(self.columns.verdict))
        numbers = sorted(every, key=self._badness) if most is None else nsmallest(most, every, key=self._badness)
        rows = map(self.row, numbers)
        return (sorted([*self.directions, *rows], key=_rank) if self.directions else list(rows))[:most]

    def _badness(self, number: int) -> tuple[int, float]:
        columns = self.columns
        ga, gn = columns.analytic[number], columns.numeric[number]
        error = relative_error(ga, gn)
        rank = WORST_FIRST.index(VERDICTS[columns.verdict[number]])
        return rank, -math.inf if math.isnan(error) else -error


def _rank(row: Comparison) -> int:
    return WORST_FIRST.index(row.verdict)


WORST_FIRST = (Verdict.FAIL, Verdict.OFF, Verdict.UNDEFINED, Verdict.UNRESOLVED, Verdict.KINK, Verdict.PASS)


OVER_POINTS = (Verdict.FAIL, Verdict.PASS, Verdict.UNRESOLVED, Verdict.UNDEFINED, Verdict.KINK, Verdict.OFF)
"""A parameter over several points: wrong if wrong once, else right if right once; a kink only if nothing else."""
RANKS = bytes(OVER_POINTS.index(verdict) for verdict in VERDICTS) + bytes(256 - len(VERDICTS))


def over_parameters(verdicts: set[Verdict]) -> Verdict:
    """A whole check over its parameters: the worst; a kink is good, and only kinks are a kink."""
    if not verdicts:
        return Verdict.UNRESOLVED
    for verdict in (Verdict.FAIL, Verdict.UNDEFINED, Verdict.UNRESOLVED, Verdict.PASS):
        if verdict in verdicts:
            return verdict
    return Verdict.KINK


def over_blocks(directions: Iterable[Comparison]) -> set[Verdict]:
    """The verdicts on blocks: at a point that of the worst direction, over points as for a parameter."""
    found: dict[str, dict[int, set[Verdict]]] = {}
    for one in directions:
        found.setdefault(one.parameter, {}).setdefault(one.point_index, set()).add(one.verdict)
    points = ([over_parameters(verdicts) for verdicts in places.values()] for places in found.values())
    return {min(verdicts, key=OVER_POINTS.index) for verdicts in points}


def worse(one: Verdict, other: Verdict) -> Verdict:
    """The one that is further from right."""
    return min(one, other, key=WORST_FIRST.index)


def known(number: float) -> float | None:
    """The number, None for NaN."""
    return None if math.isnan(number) else number
