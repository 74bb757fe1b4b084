"""The claim is the gradient of another function, or of none at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradcli.diagnosis.partials import MOST_BITS, PROOF
from gradcli.diagnosis.words import number
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.diagnosis.partials import Partials
    from gradcli.report import Mixed

TELLING = 1e-2
"""Part of its possible size that a mixed derivative must have to say anything."""
SAME = 1e-6
"""Relative difference of two mixed derivatives of a gradient that differences of it can still show."""
DIFFERENT = 1e-2
"""Relative difference from the loss's own, which is known less well."""


def other_loss(partials: Partials, mixed: Sequence[Mixed]) -> tuple[Diagnosis, ...]:
    """Symmetric second derivatives, but not those of the loss: a true gradient, of another function."""
    telling = _telling(mixed)
    unlike = [pair for pair in telling if abs(pair.one - pair.loss) > DIFFERENT * max(abs(pair.one), abs(pair.loss))]
    if not unlike or any(_asymmetry(pair) > SAME for pair in telling) or _proof(telling) < PROOF:
        return ()
    pair = unlike[0]
    evidence = (
        f"analytic is the gradient of something else: its mixed second derivatives are symmetric for {len(telling)} "
        f"pairs of directions ({number(pair.one)} both ways), where the loss has {number(pair.loss)}"
    )
    return (Diagnosis(Cause.OTHER_LOSS, partials.suspects.names, evidence, OTHER_LOSS_HINT),)


OTHER_LOSS_HINT = (
    "the steps of the derivation fit each other, but the gradient is that of another loss: compare the rows that are "
    "used (first, last, stride, padding), targets and weights, masks and branches, a term, or the kind of loss"
)


def nothing_has_it(mixed: Sequence[Mixed]) -> str:
    """A remark on a claim that is clearly no gradient at all."""
    telling = _telling(mixed)
    if len(telling) < 2 or any(_asymmetry(pair) < DIFFERENT for pair in telling):
        return ""
    one, other = number(telling[0].one), number(telling[0].other)
    return f"; no function has this gradient (mixed second derivatives {one} and {other}): a slip within the derivation"


def _telling(mixed: Sequence[Mixed]) -> list[Mixed]:
    return [pair for pair in mixed if max(abs(pair.one), abs(pair.other), abs(pair.loss)) > TELLING * pair.size > 0]


def _asymmetry(pair: Mixed) -> float:
    return abs(pair.one - pair.other) / max(abs(pair.one), abs(pair.other), abs(pair.loss))


def _proof(telling: Sequence[Mixed]) -> float:
    """Bits: how unlikely so much symmetry is."""
    return sum(min(MOST_BITS, -math.log2(max(_asymmetry(pair), SAME / 8))) for pair in telling)
