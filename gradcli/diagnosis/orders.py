"""The right values in the wrong places: swapped, rolled, reversed, transposed, shifted, in any other order."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.partials import PROOF, SAFETY, Partials, blocks_of, shape_of
from gradcli.diagnosis.words import count
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.diagnosis.partials import Flags, Floats, Indices

MOST_MATCHED = 2000
"""Partials that are matched one by one with all others."""


@dataclass(frozen=True, slots=True)
class Order:
    """Analytic[j] = numeric[index[j]]: a way in which the places can be confused."""

    cause: Cause
    index: Indices
    text: str
    hint: str


def reordered(partials: Partials) -> tuple[Diagnosis, ...]:
    """The claim is the reference in another order that has a name."""
    if len(partials.suspects) < 2:
        return ()
    for order in itertools.chain(_swaps(partials), _regular_orders(partials), _flat_transposes(partials)):
        if _carries(partials, order.index):
            return (_diagnosis(order, partials),)
    return ()


def shifted(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic[j] = numeric[j + s] but for the ends: an index off by one."""
    size = len(partials)
    for shift in _likely_shifts(partials):
        inner = np.arange(max(0, -shift), min(size, size - shift))
        moved = _moved(partials, inner + shift, inner)
        lost = set(np.flatnonzero(partials.faulty)) - set(inner)
        enough = np.count_nonzero(partials.faulty[inner]) >= 3
        if moved is not None and enough and len(lost) <= abs(shift) and moved > PROOF + math.log2(2 * size):
            evidence = f"analytic[j] = numeric[j{shift:+d}] for {len(inner)} of {size} partials, not at the end"
            hint = "an index is off: check where the loop starts and ends, and i against i + 1"
            return (Diagnosis(Cause.SHIFTED, partials.suspects.names, evidence, hint),)
    return ()


def permuted(partials: Partials) -> tuple[Diagnosis, ...]:
    """Each wrong partial has the value of another one, in no order that has a name."""
    wrong = np.flatnonzero(partials.faulty)
    source = _sources(partials, wrong) if len(wrong) <= MOST_MATCHED else None
    if source is None or partials.suspects.proof() < PROOF + len(wrong) * math.log2(len(partials)):
        return ()
    pairs = [f"{partials.names[j]} has the value of {partials.names[k]}" for j, k in zip(wrong, source, strict=True)]
    evidence = "; ".join(pairs[:4]) + ("; ..." if len(pairs) > 4 else "")
    if len(set(source)) == len(source):
        hint = "the right values stand in the wrong places: check the order in which they are stored and returned"
    else:
        hint = "the same index is used for several: check the index that the loop or the slice really uses"
    return (Diagnosis(Cause.PERMUTED, partials.suspects.names, evidence, hint),)


def _carries(partials: Partials, index: Indices) -> bool:
    """Analytic[j] = numeric[index[j]] for all j."""
    proof = _moved(partials, index, np.arange(len(partials)))
    return proof is not None and proof >= PROOF + math.log2(10 + len(partials))


def _moved(partials: Partials, source: Indices, target: Indices) -> float | None:
    """Bits that analytic[target] = numeric[source] proves, None if it does not hold."""
    ga, gn = partials.analytic[:, target], partials.numeric[:, source]
    known = partials.known[:, target] & partials.known[:, source]
    if not np.all(~known | _close(ga, gn, partials.errors[:, source], partials.tolerance)):
        return None
    return float(np.sum(partials.bits[:, target][known]))


def _close(ga: Floats, gn: Floats, errors: Floats, tolerance: float) -> Flags:
    scale = np.maximum(np.abs(ga), np.abs(gn))
    return np.asarray(np.abs(ga - gn) <= np.maximum(tolerance * scale, SAFETY * errors))


def _swaps(partials: Partials) -> Iterator[Order]:
    """Two partials exchanged, or two blocks of the same size."""
    wrong = np.flatnonzero(partials.faulty)
    index = np.arange(len(partials))
    if len(wrong) == 2:
        index[wrong] = wrong[::-1]
        first, second = (partials.names[column] for column in wrong)
        yield Order(Cause.SWAPPED, index, f"{first} and {second} have each other's values", SWAP_HINT)
    blocks = blocks_of(partials.names)
    if len(blocks) > 50:
        return
    for one, other in itertools.combinations(blocks, 2):
        if len(one.columns) == len(other.columns) > 1:
            index = np.arange(len(partials))
            index[list(one.columns)], index[list(other.columns)] = other.columns, one.columns
            text = f"{one.name} and {other.name} have each other's values"
            yield Order(Cause.SWAPPED, index, text, SWAP_HINT)


SWAP_HINT = "they are returned, stored or unpacked in the wrong order"


def _regular_orders(partials: Partials) -> Iterator[Order]:
    """Flips, rolls and transposes of the block's shape."""
    shape = shape_of(partials)
    places = np.arange(len(partials)).reshape(shape)
    axes = range(len(shape))
    if len(shape) > 3 or len(partials) > 10 * MOST_MATCHED:
        return
    for size in range(1, len(shape) + 1):
        for chosen in itertools.combinations(axes, size):
            along = f" along axis {', '.join(map(str, chosen))}" if len(shape) > 1 else ""
            flipped = np.flip(places, chosen).ravel()
            yield Order(Cause.REVERSED, flipped, f"analytic is numeric reversed{along}", REVERSED_HINT)
    for permutation in itertools.permutations(axes):
        if list(permutation) != list(axes):
            text = f"analytic is numeric transposed, read in the shape {shape}"
            yield Order(Cause.TRANSPOSED, places.transpose(permutation).ravel(), text, TRANSPOSED_HINT)
            back = np.argsort(places.transpose(permutation).ravel())
            yield Order(Cause.TRANSPOSED, back, text, TRANSPOSED_HINT)
    for axis in axes:
        for shift in _likely_shifts(partials) if len(shape) == 1 else range(1, min(shape[axis], 50)):
            along = f" along axis {axis}" if len(shape) > 1 else ""
            nearest = (shift + shape[axis] // 2) % shape[axis] - shape[axis] // 2
            text = f"analytic[j] = numeric[j{nearest:+d}]{along}, around the end"
            yield Order(Cause.ROLLED, np.roll(places, -shift, axis).ravel(), text, ROLLED_HINT)


REVERSED_HINT = (
    "the order is the other way round: convolution and correlation (flip the kernel), or a loop that runs backwards"
)
TRANSPOSED_HINT = "check X.T @ d against d.T @ X, and the order (rows first or columns first) in which it is flattened"
ROLLED_HINT = (
    "every value stands a few places off: np.roll, an index off by one, or parts concatenated in another order"
)


def _likely_shifts(partials: Partials) -> list[int]:
    """Shifts s for which the most telling partial has the value of the one s places further."""
    probe = int(np.argmax(np.sum(partials.bits, axis=0)))
    same = _close(partials.analytic[:, [probe]], partials.numeric, partials.errors, partials.tolerance)
    found = np.flatnonzero(np.all(same | ~partials.known, axis=0)) - probe
    return sorted((int(shift) for shift in found if shift), key=abs)[:20]


def _flat_transposes(partials: Partials) -> Iterator[Order]:
    """A matrix inside a flat vector: the suspects, with the corners that a transpose leaves alone, as r rows."""
    wrong = np.flatnonzero(partials.faulty)
    for start, stop in itertools.product((wrong[0] - 1, wrong[0]), (wrong[-1] + 1, wrong[-1] + 2)):
        size = int(stop - start)
        if start < 0 or stop > len(partials) or size > 10 * MOST_MATCHED:
            continue
        for rows in (r for r in range(2, size // 2 + 1) if size % r == 0):
            index = np.arange(len(partials))
            index[start:stop] = index[start:stop].reshape(rows, -1).T.ravel()
            text = (
                f"{partials.names[start]} .. {partials.names[stop - 1]} is a {rows} x {size // rows} matrix transposed"
            )
            yield Order(Cause.TRANSPOSED, index, text, TRANSPOSED_HINT)


def _sources(partials: Partials, wrong: Indices) -> list[int] | None:
    """For each wrong partial the one whose reference it shows, a different one each as far as possible."""
    taken: set[int] = set()
    found = []
    for column in wrong:
        same = _close(partials.analytic[:, [column]], partials.numeric, partials.errors, partials.tolerance)
        known = partials.known & partials.known[:, [column]]
        candidates = np.flatnonzero(np.all(same | ~known, axis=0) & np.any(known, axis=0))
        if not len(candidates):
            return None
        best = next((int(k) for k in candidates if int(k) not in taken), int(candidates[0]))
        taken.add(best)
        found.append(best)
    return found


def _diagnosis(order: Order, partials: Partials) -> Diagnosis:
    evidence = f"{order.text} {count(partials.suspects, partials)}"
    return Diagnosis(order.cause, partials.suspects.names, evidence, order.hint)
