"""The partials under suspicion: claim and reference as arrays, how far they may differ, and what proves a pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcli.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.report import Evidence

    Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
    Flags: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
    Indices: TypeAlias = np.ndarray[Any, np.dtype[np.intp]]

SAFETY = 8.0
"""Half-widths of the reference that count as agreement, as in the verdicts."""
MOST_BITS = 20.0
"""What one agreement can prove, however small the error: gradients agree to six digits by habit, not by chance."""
PROOF = 26.0
"""Bits against chance that a pattern needs: 1 in 70 million, for the hundreds of patterns tried on each gradient."""
NAMED_PROOF = 13.0
"""Bits against a fixed error of each partial by itself: by a constant that has a name, or by others that share it."""


@dataclass(frozen=True)
class Partials:
    """L partials at K points. Arrays are (K, L): points, analytic, numeric, errors (half-widths of numeric),
    wrong and right (neither: no verdict); losses (K,) or empty; tolerance is relative.
    """

    names: tuple[str, ...]
    points: Floats
    analytic: Floats
    numeric: Floats
    errors: Floats
    wrong: Flags
    right: Flags
    losses: Floats
    tolerance: float

    def __len__(self) -> int:
        return len(self.names)

    def take(self, columns: Sequence[int] | Indices | Flags) -> Partials:
        """Some of the partials, in the order given."""
        chosen = np.arange(len(self))[np.asarray(columns)]
        return replace(
            self,
            names=tuple(self.names[column] for column in chosen),
            points=self.points[:, chosen],
            analytic=self.analytic[:, chosen],
            numeric=self.numeric[:, chosen],
            errors=self.errors[:, chosen],
            wrong=self.wrong[:, chosen],
            right=self.right[:, chosen],
        )

    def at(self, rows: Sequence[int] | Indices | Flags) -> Partials:
        """Some of the points."""
        return replace(
            self,
            points=self.points[np.asarray(rows)],
            analytic=self.analytic[np.asarray(rows)],
            numeric=self.numeric[np.asarray(rows)],
            errors=self.errors[np.asarray(rows)],
            wrong=self.wrong[np.asarray(rows)],
            right=self.right[np.asarray(rows)],
            losses=self.losses[np.asarray(rows)] if len(self.losses) else self.losses,
        )

    @cached_property
    def known(self) -> Flags:
        """Where there is a verdict."""
        return self.wrong | self.right

    @cached_property
    def faulty(self) -> Flags:
        """(L,): wrong at one point at least."""
        return np.asarray(self.wrong.any(axis=0))

    @cached_property
    def suspects(self) -> Partials:
        """The partials that are wrong at one point at least."""
        return self.take(self.faulty)

    @cached_property
    def difference(self) -> Floats:
        """Analytic - numeric."""
        return self.analytic - self.numeric

    @cached_property
    def slack(self) -> Floats:
        """How far two values of a partial may differ and still be called equal."""
        return self.slack_for(self.numeric)

    def slack_for(self, prediction: Floats, spread: float | Floats = 1.0) -> Floats:
        """The same for a prediction that moves by `spread` when the reference moves by 1."""
        scale = np.maximum(np.abs(self.analytic), np.abs(prediction))
        rounding = 1e-13 * np.max(np.where(self.known, scale, 0.0), initial=0.0)
        return np.asarray(np.maximum(np.maximum(self.tolerance * scale, SAFETY * self.errors * spread), rounding))

    def explained_by(self, prediction: Floats, spread: float | Floats, *, free: int = 0, extra: float = 0) -> bool:
        """The claim is what is predicted, `free` numbers adjusted, and that proves `extra` bits more than needed."""
        slack = self.slack_for(prediction, spread)
        if not np.all(~self.known | (np.abs(self.analytic - prediction) <= slack)):
            return False
        return _all_but_best(self.bits_for(slack).ravel(), free) >= PROOF + extra

    @cached_property
    def bits(self) -> Floats:
        """(K, L): what an agreement proves where the claim is not simply right: log2(difference / slack)."""
        return self.bits_for(self.slack)

    def bits_for(self, slack: Floats) -> Floats:
        """The same for another slack."""
        ratio = np.abs(self.difference) / np.maximum(slack, np.finfo(float).tiny)
        gained: Floats = np.clip(np.log2(np.maximum(ratio, 1.0)), 0.0, MOST_BITS)
        return np.where(self.wrong, gained, 0.0)

    def proof(self, free: int = 0) -> float:
        """Bits that agreement in all places proves, less the `free` best: these were used up by the fit."""
        return _all_but_best(self.bits.ravel(), free)

    def proof_over_partials(self, free: int = 1) -> float:
        """The same with one agreement per partial, for what could be a fixed error of each partial."""
        return _all_but_best(np.max(self.bits, axis=0, initial=0.0), free)

    @property
    def wrong_points(self) -> int:
        """The number of points at which something is wrong."""
        return int(np.count_nonzero(self.wrong.any(axis=1)))


def varies(values: Floats) -> bool:
    """Whether anything in (K, L) changes from point to point."""
    return bool(np.any(np.ptp(values, axis=0) > 1e-3 * np.max(np.abs(values), axis=0)))


def _all_but_best(bits: Floats, free: int) -> float:
    return float(np.sum(np.sort(bits)[: max(0, bits.size - free)]))


def partials_of(evidence: Evidence) -> Partials:
    """The evidence as arrays; places without a finite number on both sides have no verdict here."""
    analytic, numeric, errors, points = (
        np.atleast_2d(np.asarray(array, dtype=float))
        for array in (evidence.analytic, evidence.numeric, evidence.errors, evidence.points)
    )
    finite = np.isfinite(analytic) & np.isfinite(numeric) & np.isfinite(errors)
    codes = np.array([[str(verdict) for verdict in row] for row in evidence.verdicts]).reshape(analytic.shape)
    return Partials(
        evidence.parameters,
        points,
        np.where(finite, analytic, 0.0),
        np.where(finite, numeric, 0.0),
        np.where(finite, errors, 0.0),
        finite & (codes == str(Verdict.FAIL)),
        finite & (codes == str(Verdict.PASS)),
        np.asarray(evidence.losses, dtype=float),
        evidence.tolerance,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Partials of one array of parameters: its name, where they stand, and its shape if all of it is there."""

    name: str
    columns: tuple[int, ...]
    shape: tuple[int, ...] | None


@lru_cache(maxsize=32)
def blocks_of(names: tuple[str, ...]) -> tuple[Block, ...]:
    """Blocks by the name before the bracket, in order: W1[0,0], W1[0,1], ..., b1[0], ... are W1 and b1."""
    members: dict[str, list[tuple[int, tuple[int, ...] | None]]] = {}
    for column, name in enumerate(names):
        stem, index = _split(name)
        members.setdefault(stem, []).append((column, index))
    return tuple(
        Block(stem, tuple(column for column, _ in member), _shape([index for _, index in member]))
        for stem, member in members.items()
    )


def _split(name: str) -> tuple[str, tuple[int, ...] | None]:
    """W1[3,0] -> W1, (3, 0); w[age] -> w, None; b -> b, None."""
    found = re.fullmatch(r"(.*)\[([^\[\]]*)\]", name)
    if not found:
        return name, None
    indices = found[2].split(",")
    if all(re.fullmatch(r"\s*\d+\s*", index) for index in indices):
        return found[1], tuple(int(index) for index in indices)
    return found[1], None


def _shape(indices: list[tuple[int, ...] | None]) -> tuple[int, ...] | None:
    """The shape that these indices fill in C order; a list without numbers is a vector."""
    known = [index for index in indices if index is not None]
    if len(known) < len(indices):
        return (len(indices),)
    if len({len(index) for index in known}) != 1:
        return None
    shape = tuple(max(axis) + 1 for axis in zip(*known, strict=True))
    if int(np.prod(shape)) != len(known):
        return None
    return shape if known == list(np.ndindex(shape)) else None


def shape_of(partials: Partials) -> tuple[int, ...]:
    """The shape of the block that these partials fill, else that of a vector."""
    blocks = blocks_of(partials.names)
    return blocks[0].shape or (len(partials),) if len(blocks) == 1 else (len(partials),)
