"""Do a person's loss and gradient behave like functions? What a check may not take for granted, seen by calling them.

`inspect` calls each a few times, at one point and at another, and returns a `Finding` for whatever differs from pure
functions of the parameters. One that is decisive forces a verdict: wrong where two calls of the gradient contradict
each other in a way that only a mistake explains, unresolved where there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gradcli.check.watching import SAME_LOSS, SAME_SLOPES, Watch, most_different, same, watch
from gradcli.errors import GradcliError
from gradcli.report import Cause, Verdict
from gradcli.userfile.usercode import where

if TYPE_CHECKING:
    from gradcli.problem import Array, Point, Problem
    from gradcli.userfile.reading import Reading

EVALUATIONS = 4
"""Values of f that an inspection takes; two more where parameters are changed in place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a guard saw: a cause, the parameters concerned (none: all), evidence with numbers, and a hint.

    decisive: the verdict it forces on the whole check; None leaves the verdict to the comparison.
    """

    cause: Cause
    parameters: tuple[str, ...]
    evidence: str
    hint: str
    decisive: Verdict | None = None


def inspect(problem: Problem, points: Sequence[Point]) -> tuple[Finding, ...]:
    """What is odd about the functions of a problem at points[0], with points[1] (or one of our own) for comparison.

    Nothing without a gradient. Raises GradcliError where the gradient raises although the loss has a value.
    """
    return tuple(dict.fromkeys(_findings(problem, points))) if problem.gradient else ()


def _findings(problem: Problem, points: Sequence[Point]) -> Iterator[Finding]:
    seen = watch(problem)
    yield from accepted(seen.loss.notes)
    x = np.array(points[0] if len(points) else problem.point, dtype=float)
    values = [seen.value(x), seen.value(x)]
    if not np.isfinite(values).all():
        yield without_value(seen, x, values[0])
        return
    first = seen.slopes(x)
    values.append(seen.value(x))
    unsteady = [*noise(seen, values), *repeated(seen, x, first.values)]
    yield from unsteady
    yield from form(seen, first)
    y = _another(x, points)
    value = seen.value(y)
    if np.isfinite(value) and not unsteady:
        yield from elsewhere(seen, x, y, first.values)
    yield from changes(seen, x, values[0], first.values, steady=not unsteady)
    yield from precision(seen, first, (values[0], value))


def accepted(remarks: Sequence[str]) -> Iterator[Finding]:
    """What is harmless, and only said."""
    for remark in remarks:
        yield Finding(Cause.ACCEPTED, (), remark, "")


def without_value(seen: Watch, x: Array, value: float) -> Finding:
    """Outside the domain there is nothing to compare."""
    evidence = seen.refusal or f"{seen.loss.name} is {value} at {where(seen.loss.layout, x)}"
    return Finding(Cause.NOT_FINITE, (), evidence, "check at another point, with --at, where the loss has a value")


def noise(seen: Watch, values: Sequence[float]) -> Iterator[Finding]:
    """The same point must give the same loss, also after a call of the gradient."""
    before, again, after = values
    loss, gradient = seen.loss.name, seen.gradient.name
    if not same(before, again, SAME_LOSS):
        evidence = f"{loss} gave {before!r} and {again!r} at the same point"
        hint = "seed the random numbers in every call, or draw the batch and the dropout mask once"
        yield Finding(Cause.NONDETERMINISTIC, (), evidence, hint, Verdict.UNRESOLVED)
    elif not same(again, after, SAME_LOSS):
        evidence = f"{loss} gave {again!r}, and {after!r} at the same point after a call of {gradient}"
        hint = f"{gradient} changes something that {loss} reads: let it change nothing"
        yield Finding(Cause.COUPLED, (), evidence, hint, Verdict.UNRESOLVED)


def repeated(seen: Watch, x: Array, first: Array) -> Iterator[Finding]:
    """The same point must give the same gradient; a buffer that is never cleared grows at each call."""
    second = seen.slopes(x).values
    if same(first, second, SAME_SLOPES):
        return
    third, fourth = seen.slopes(x).values, seen.slopes(x).values
    worst = most_different(first, second)
    calls = ", ".join(repr(float(slopes[worst])) for slopes in (first, second, third, fourth))
    evidence = f"{seen.gradient.name} gave {calls} for {seen.names[worst]} in four calls at the same point"
    if same(second, third, SAME_SLOPES) and same(third, fourth, SAME_SLOPES):
        hint = "its result depends on an earlier call: compute everything from the parameters of this one"
        yield Finding(Cause.STALE, (), evidence, hint, Verdict.FAIL)
    elif _grows((first, second, third, fourth)):
        hint = "a buffer is added to and never cleared: begin each call with zeros"
        yield Finding(Cause.ACCUMULATED, (), evidence, hint, Verdict.FAIL)
    else:
        hint = "seed the random numbers in every call, and use those that the loss uses"
        yield Finding(Cause.NONDETERMINISTIC, (), evidence, hint, Verdict.UNRESOLVED)


def _grows(calls: Sequence[Array]) -> bool:
    """Does each call add the same again, or the same fraction of it (a running average, momentum)?"""
    one, two, three = (later - earlier for earlier, later in pairwise(calls))
    ratio = float(np.dot(one, two) / np.dot(one, one)) if np.isfinite(one).all() and one.any() else np.nan
    return bool(np.isfinite(ratio)) and same(two, ratio * one, 1e-6) and same(three, ratio * two, 1e-6)


def form(seen: Watch, reading: Reading) -> Iterator[Finding]:
    """Shape, finiteness and element type of a gradient."""
    for names, fault in reading.faults:
        yield Finding(Cause.SHAPE, names, fault, "return a gradient of the same shape as x0", Verdict.FAIL)
    yield from accepted(reading.remarks)
    missing = {name for names, _ in reading.faults for name in names}
    odd = [i for i in np.flatnonzero(~np.isfinite(reading.values)) if seen.names[i] not in missing]
    if odd:
        more = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
        evidence = f"{seen.gradient.name} gave {float(reading.values[odd[0]])} for {seen.names[odd[0]]}{more}"
        hint = "look for a division by zero, a log of zero, or an overflow"
        yield Finding(Cause.NOT_FINITE, tuple(seen.names[i] for i in odd), evidence, hint)
    whole = [name for name, dtype in reading.types.items() if dtype.kind in "iub"]
    if whole:
        evidence = f"{seen.gradient.name} returned numbers of type {reading.types[whole[0]]} for {', '.join(whole[:4])}"
        hint = "an array of integers cuts off decimals: make it with dtype=float"
        yield Finding(Cause.INTEGER_BUFFER, seen.named(whole), evidence, hint)


def elsewhere(seen: Watch, x: Array, y: Array, slopes: Array) -> Iterator[Finding]:
    """After a loss at y: the gradient at x must be what it was, and that at y follow y at once."""
    loss, gradient = seen.loss.name, seen.gradient.name
    again = seen.slopes(x).values
    if not same(again, slopes, SAME_SLOPES):
        worst = most_different(again, slopes)
        numbers = f"{float(slopes[worst])!r} for {seen.names[worst]}, and {float(again[worst])!r}"
        evidence = f"{gradient} gave {numbers} at the same point after {loss} was called at another"
        hint = f"it uses what the last call of {loss} left behind: compute it from its own parameters"
        yield Finding(Cause.STALE, (), evidence, hint, Verdict.FAIL)
        return
    there = seen.slopes(y)
    yield from form(seen, there)
    if not same(there.values, slopes, 1e-12):
        return
    if same(seen.slopes(y).values, there.values, SAME_SLOPES):
        largest = int(np.nanargmax(np.abs(np.nan_to_num(slopes))))
        evidence = f"{gradient} is the same at two points: {float(slopes[largest])!r} for {seen.names[largest]}"
        hint = "right for a linear loss; else, is it computed once and kept?"
        yield Finding(Cause.CONSTANT, (), evidence, hint)
    else:
        evidence = f"the first call of {gradient} at another point gave the gradient of the point before"
        hint = "it returns the result of an earlier call: compute it from the parameters of this one"
        yield Finding(Cause.STALE, (), evidence, hint, Verdict.FAIL)


def changes(seen: Watch, x: Array, value: float, slopes: Array, *, steady: bool) -> Iterator[Finding]:
    """In-place changes of the parameters, decisive where they alter what the next call with them returns."""
    harm = _harm(seen, x, value, slopes) if seen.changed and steady else ""
    for who, (names, change) in seen.changed.items():
        evidence = f"{who} changes the parameters it is given: {change}{harm}"
        hint = "work on a copy of them"
        yield Finding(Cause.MUTATED, names, evidence, hint, Verdict.FAIL if harm else None)


def _harm(seen: Watch, x: Array, value: float, slopes: Array) -> str:
    try:
        then, last = seen.in_turn(x)
    except GradcliError as failed:
        return f"; called with them again, {failed.message}"
    if not same(then, slopes, SAME_SLOPES):
        return f"; {seen.gradient.name} after {seen.loss.name} with the same array gives another result"
    return "" if same(value, last, SAME_LOSS) else f"; {seen.loss.name} then gives {last!r} instead of {value!r}"


def precision(seen: Watch, reading: Reading, values: Sequence[float]) -> Iterator[Finding]:
    """Numbers that single precision holds exactly were computed in single precision."""
    hint = "compute in float64 for the check: single precision leaves about 3 digits for a difference quotient"
    if is_single(np.array(values)):
        evidence = f"{seen.loss.name} is computed in single precision: it gave {values[0]!r} and {values[1]!r}"
        yield Finding(Cause.FLOAT32, (), evidence, hint)
    typed = [name for name, dtype in reading.types.items() if dtype.kind == "f" and dtype.itemsize < 8]
    if typed or is_single(reading.values):
        evidence = f"{seen.gradient.name} is computed in single precision"
        hint = "compute in float64 for the check: single precision has 7 digits"
        yield Finding(Cause.FLOAT32, seen.named(typed) if typed else (), evidence, hint)


def is_single(values: Array) -> bool:
    """Do float32 numbers hold all of them, and are two of them not so round (12 bits) that they would anyway?"""
    mantissas = np.frexp(values[np.isfinite(values)])[0]
    exact = np.all(mantissas * 2**24 % 1 == 0)
    return bool(exact and np.count_nonzero(mantissas * 2**12 % 1) > 1)


def _another(x: Array, points: Sequence[Point]) -> Array:
    """A second point: the one given, else one near x."""
    for point in points[1:2]:
        y = np.array(point, dtype=float)
        if not np.array_equal(x, y):
            return y
    moved: Array = x + np.random.default_rng(0).uniform(0.02, 0.1, x.shape) * np.maximum(1, np.abs(x))
    return moved
