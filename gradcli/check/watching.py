"""A person's loss and gradient called under observation: what they returned, and what they did to their argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.userfile.layout import Layout, Leaf, leaves
from gradcli.userfile.reading import Reading, read
from gradcli.userfile.returned import ComplexNumberError
from gradcli.userfile.usercode import NO_VALUE_HERE, UserGradient, UserLoss

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradcli.problem import Array, Problem

SAME_LOSS = 1e-10
SAME_SLOPES = 1e-9
"""Relative differences up to which two calls gave the same: threads and alignment may change the order of a sum."""


@dataclass(slots=True)
class Watch:
    """The functions, and what was seen of them.

    changed: by function, the parameters it changed in place and the first of these changes in words; refusal: why the
    loss had no value the last time it had none.
    """

    loss: UserLoss
    gradient: UserGradient
    changed: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self.loss.layout.names

    def named(self, leaves_wanted: Collection[str]) -> tuple[str, ...]:
        """The names of the elements of these arrays."""
        layout = self.loss.layout
        return tuple(name for leaf in leaves(layout.root) if leaf.name in leaves_wanted for name in layout.of(leaf))

    def value(self, point: Array) -> float:
        """The loss, NaN outside its domain."""
        parameters = self.loss.layout.build(point)
        try:
            value = self.loss.of(parameters, point)
        except GradcliError as failed:
            if not isinstance(failed, ComplexNumberError) and not isinstance(failed.__cause__, NO_VALUE_HERE):
                raise
            self.refusal = failed.message
            return float("nan")
        self._compare(self.loss.name, parameters, point)
        return value

    def slopes(self, point: Array) -> Reading:
        """The gradient."""
        parameters = self.loss.layout.build(point)
        reading = self.gradient.of(parameters, point)
        self._compare(self.gradient.name, parameters, point)
        return reading

    def in_turn(self, point: Array) -> tuple[Array, float]:
        """The gradient after a call of the loss, and the loss after both, all with the very same parameters."""
        parameters = self.loss.layout.build(point)
        self.loss.of(parameters, point)
        return self.gradient.of(parameters, point).values, self.loss.of(parameters, point)

    def _compare(self, who: str, parameters: object, before: Array) -> None:
        """Are the parameters still what they were?"""
        if who in self.changed:
            return
        try:
            after = read(self.loss.layout, parameters, who).values
        except GradcliError:
            after = np.full(len(before), np.nan)
        moved = np.flatnonzero(after != before)
        if len(moved):
            first = moved[0]
            change = f"{self.names[first]} was {float(before[first])!r} and became {float(after[first])!r}"
            self.changed[who] = tuple(self.names[i] for i in moved), change


def watch(problem: Problem) -> Watch:
    """The functions of a problem under observation, also where they are plain functions of flat points."""
    if isinstance(problem.function, UserLoss) and isinstance(problem.gradient, UserGradient):
        return Watch(problem.function, problem.gradient)
    start = np.array(problem.point, dtype=float)
    layout = Layout(tuple(problem.parameters), start, Leaf("x", start.shape, 0, _itself), _itself)
    loss = UserLoss("the loss", problem.function, layout)
    claimed: Any = problem.gradient
    return Watch(loss, UserGradient("the gradient", claimed, layout, loss))


def _itself(flat: Array) -> Array:
    return flat


def same(one: Array | float, other: Array | float, tolerance: float) -> bool:
    """Equal up to the tolerance times the largest of them; NaN is the same as NaN."""
    ones, others = np.atleast_1d(one), np.atleast_1d(other)
    if np.array_equal(ones, others):
        return True
    finite = np.abs(np.concatenate([ones, others]))
    scale = float(np.max(finite, initial=0.0, where=np.isfinite(finite)))
    return bool(np.allclose(ones, others, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


def most_different(one: Array, other: Array) -> int:
    """The component in which two gradients differ most."""
    difference = np.abs(one - other)
    return int(np.argmax(np.where(np.isnan(difference), np.inf, difference)))
