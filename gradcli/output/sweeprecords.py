"""A sweep as plain records: a row per method and step, then a summary with a sentence per method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcli.output.records import MOST_VARIABLES_OF_A_POINT, SCHEMA, Record, number
from gradcli.output.sweeptext import notes, sentence

if TYPE_CHECKING:
    from gradcli.sweep import Curve, Sweep
    from gradcli.sweep.vcurve import Difference

SWEEP_COLUMNS = (
    "id", "line", "target", "point", "parameter", "value", "order", "method", "step", "step_taken", "numeric", "exact",
    "exact_error", "abs_error", "rel_error", "claim", "claim_error", "message",
)  # fmt: skip

VANISHED = "the step vanishes beside x"
NO_VALUE = "the function has no value at a point that the method needs"


def of_sweep(sweep: Sweep, identity: object = None, line: int | None = None) -> Iterator[Record]:
    """A record per method and step, the largest step first, then one of kind `summary`.

    step: as asked for; step_taken: (x+h) - x; exact_error: half-width of the exact side.
    """
    head = {
        "schema": SCHEMA,
        "kind": "sweep",
        "id": identity,
        "line": line,
        "target": sweep.target,
        "point": point_of(sweep),
        "parameter": sweep.parameter,
        "value": number(sweep.value),
        "order": sweep.order,
    }
    for curve in sweep.curves:
        for one in curve.differences:
            yield head | {"method": curve.method} | _difference(sweep, one)
    yield head | {"kind": "summary"} | _summary(sweep)


def point_of(sweep: Sweep) -> dict[str, float | None] | None:
    """The point by name, None beyond 32 names."""
    if sweep.point is None or len(sweep.point) > MOST_VARIABLES_OF_A_POINT:
        return None
    return {name: number(value) for name, value in sweep.point.items()}


def _difference(sweep: Sweep, one: Difference) -> Record:
    exact = sweep.exact.slope.value
    size = max(abs(exact or 0.0), abs(one.numeric or 0.0), 1e-12)
    off = None if one.numeric is None or sweep.claim is None else abs(one.numeric - sweep.claim)
    message = VANISHED if one.taken is None else NO_VALUE if one.numeric is None else None
    return {
        "step": one.step,
        "step_taken": number(one.taken),
        "numeric": number(one.numeric),
        "exact": number(exact),
        "exact_error": number(sweep.exact.error),
        "abs_error": number(one.error),
        "rel_error": None if one.error is None else number(one.error / size),
        "claim": number(sweep.claim),
        "claim_error": number(off),
        "message": message,
    }


def _summary(sweep: Sweep) -> Record:
    exact = sweep.exact
    return {
        "exact": number(exact.slope.value),
        "exact_error": number(exact.error),
        "exact_from": exact.source,
        "formula": exact.formula,
        "left": number(exact.slope.left),
        "right": number(exact.slope.right),
        "nature": exact.slope.nature,
        "claim": number(sweep.claim),
        "disagreement": number(sweep.disagreement),
        "evaluations": sweep.evaluations,
        "methods": [_method(sweep, curve) for curve in sweep.curves],
        "notes": notes(sweep),
    }


def _method(sweep: Sweep, curve: Curve) -> Record:
    reading = curve.reading
    return {
        "method": curve.method,
        "expected_order": reading.expected_order,
        "observed_order": number(reading.observed_order),
        "fitted": None if reading.fitted is None else list(reading.fitted),
        "best_step": number(reading.best_step),
        "smallest_error": number(reading.smallest_error),
        "roundoff_below": number(reading.roundoff_below),
        "shape": reading.shape,
        "text": sentence(sweep, curve),
    }
