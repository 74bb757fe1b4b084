"""A person's own loss and gradient, made callable with flat points: whatever they do, the caller gets numbers or a
`GradcliError` that shows the line in their file and the point at which it rose.

`problem_of` makes a `Problem` of a loss, a gradient and x0; its `function` and `gradient` are the `UserLoss` and
`UserGradient` of this module, which the guards ask for more than values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.problem import Problem
from gradcli.userfile.blame import blame, home_of, line_of
from gradcli.userfile.calling import argument_of, caller, parts_of
from gradcli.userfile.layout import Layout, layout_of
from gradcli.userfile.reading import Reading, read
from gradcli.userfile.returned import kind, number_in, real_or_nan
from gradcli.userfile.stacked import trusted
from gradcli.workers import alive

if TYPE_CHECKING:
    from gradcli.problem import Array, Indices, Point, Shifted

NAN = float("nan")
NO_VALUE_HERE = (ArithmeticError, ValueError, AssertionError, RuntimeWarning)
"""What a loss may raise outside its domain at a point that we chose; elsewhere it is an error of the person."""


@dataclass(frozen=True, slots=True)
class UserLoss:
    """The person's loss over flat points: (P,) -> float, NaN where it raises.

    name: what to call it in messages; home: the file it stands in, if any; line: where; call: parameters of the kind
    of x0 -> what the function returns; notes: what is to be said of how it was found.
    """

    name: str
    call: Callable[[Any], object]
    layout: Layout
    home: str | None = None
    line: int | None = None
    notes: tuple[str, ...] = ()

    def __call__(self, point: Point) -> float:
        """The value at a point (P,); restarts the clock of a time limit."""
        return self.shifted(point, [0], [0.0])[0]

    def shifted(self, point: Point, indices: Indices, steps: Point) -> list[float]:
        """The values at point + steps[k] * e_indices[k]; nothing is done here that can be done once.

        NaN for an exception or a complex number: such a point is taken for one outside the domain.
        """
        base, make, call, values = np.array(point, dtype=np.float64), self.layout.make, self.call, []
        places = np.asarray(indices, dtype=np.intp)
        moved = (base[places] + np.asarray(steps, dtype=np.float64)).tolist()
        for index, there in zip(places.tolist(), moved, strict=True):
            flat = base.copy()
            flat[index] = there
            alive()
            try:
                value: Any = call(make(flat))
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - x0 has a value: what rises beside it is the edge of a domain
                value = NAN
            except BaseException as trouble:
                raise self.trouble(trouble, base) from trouble
            values.append(value if isinstance(value, float) else real_or_nan(value, self.name))
        return values

    def of(self, parameters: object, point: Point) -> float:
        """The value for parameters that the caller built, which the function may change."""
        return number_in(answer(self, parameters, point), self.name)

    def trouble(self, raised: BaseException, point: Point) -> GradcliError:
        """What the person is told of an exception in their function."""
        return blame(raised, self.name, self.home, where(self.layout, point))


@dataclass(frozen=True, slots=True)
class UserGradient:
    """The person's gradient over flat points: (P,) -> (P,) floats, NaN for the parameters it gives no number for."""

    name: str
    call: Callable[[Any], object]
    layout: Layout
    loss: UserLoss
    home: str | None = None
    line: int | None = None

    def __call__(self, point: Point) -> Array:
        """The gradient at a point (P,), all NaN where the loss has no value either."""
        try:
            return self.strictly(point).values
        except GradcliError as failed:
            if isinstance(failed.__cause__, Exception) and not np.isfinite(self.loss(point)):
                return np.full(len(self.layout.names), np.nan)
            raise

    def strictly(self, point: Point) -> Reading:
        """The gradient, with what was odd about it."""
        return self.of(self.layout.build(point), point)

    def of(self, parameters: object, point: Point) -> Reading:
        """The gradient for parameters that the caller built, which the function may change."""
        alive()
        return read(self.layout, answer(self, parameters, point), self.name)

    def trouble(self, raised: BaseException, point: Point) -> GradcliError:
        """What the person is told of an exception in their function."""
        return blame(raised, self.name, self.home, where(self.layout, point))


def answer(code: UserLoss | UserGradient, parameters: object, point: Point) -> object:
    """What the person's function returns, or a GradcliError for whatever it raises."""
    try:
        return code.call(parameters)
    except BaseException as trouble:
        raise code.trouble(trouble, point) from trouble


def where(layout: Layout, point: Point, most: int = 4) -> str:
    """`w[0] = 0.5, w[1] = 1.0, .. (13 parameters)`."""
    values = np.asarray(point, dtype=float).tolist()
    shown = ", ".join(f"{name} = {value!r}" for name, value in list(zip(layout.names, values, strict=True))[:most])
    return shown if len(values) <= most else f"{shown}, .. ({len(values)} parameters)"


STACKED_HINT = "leave out --vectorized, or let it take parameters with a leading axis of length k and return k values"


@dataclass(frozen=True, slots=True)
class Functions:
    """What a person hands over: the loss, its gradient (None where the loss returns both), and a stacked loss."""

    loss: Callable[..., object]
    gradient: Callable[..., object] | None = None
    stacked: Callable[..., object] | None = None
    loss_name: str = "loss"
    gradient_name: str = "grad"
    notes: tuple[str, ...] = ()


def loss_of(functions: Functions, x0: object, names: Sequence[str] | None = None) -> UserLoss:
    """The loss alone, to be called with parameters like x0; names: of the P parameters, where they are given."""
    function, name = functions.loss, functions.loss_name
    layout = layout_of(x0, argument_of(function), parts_of(function, x0))
    if names is not None:
        layout = layout.renamed(names)
    return UserLoss(name, caller(function, name, x0), layout, home_of(function), line_of(function), functions.notes)


def problem_of(
    functions: Functions,
    x0: object,
    *,
    name: str,
    start: Callable[[Layout], Array] | None = None,
    names: Sequence[str] | None = None,
    vectorized: bool = False,
) -> Problem:
    """A problem of a person's functions at x0, each of them called once there to see that it works.

    start: from the layout of x0 to another point (P,) to look at. vectorized: stacked points are to be taken, by the
    loss itself where there is no function for them. Raises GradcliError for functions that cannot be called with
    parameters like x0, that raise there, or that return no numbers.
    """
    loss = loss_of(functions, x0, names)
    point = loss.layout.start if start is None else start(loss.layout)
    loss, gradient = _called_once(functions, loss, x0, point)
    gradient.strictly(point)
    shifted: Shifted = loss.shifted
    stacked = functions.stacked or (loss.call if vectorized else None)
    if stacked is not None:
        try:
            shifted = trusted(stacked, loss, point)
        except GradcliError as refused:
            if vectorized:
                who = "losses" if functions.stacked else loss.name
                message = f"{who} cannot be called with many points at once: {refused.message}"
                raise GradcliError(message, STACKED_HINT) from refused
            note = f"losses, of many points at once, was not used: {refused.message}"
            loss = replace(loss, notes=(*loss.notes, note))
    source = None if gradient.home is None or gradient.line is None else (gradient.home, gradient.line)
    return Problem(name, loss, point, loss.layout.names, gradient, shifted=shifted, source=source)


def _called_once(functions: Functions, loss: UserLoss, x0: object, point: Point) -> tuple[UserLoss, UserGradient]:
    """The loss and its gradient, after one look at what the loss returns: a number, or (value, gradient)."""
    name, both = loss.name, loss.call
    first = answer(loss, loss.layout.build(point), point)
    pair = is_pair(first, alone=functions.gradient is None)
    if pair:
        loss = replace(loss, call=partial(_element, both, name, 0))
    number_in(first[0] if pair else first, name)  # type: ignore[index]
    if functions.gradient is not None:
        return loss, _gradient(functions.gradient, functions.gradient_name, loss, x0)
    if pair:
        call = partial(_element, both, name, 1)
        return loss, UserGradient(f"the gradient of {name}", call, loss.layout, loss, loss.home, loss.line)
    hint = f"write a function {functions.gradient_name}, or let {name} return (value, gradient)"
    raise GradcliError(f"no gradient found for {name}", hint)


def _gradient(function: Callable[..., object], name: str, loss: UserLoss, x0: object) -> UserGradient:
    return UserGradient(name, caller(function, name, x0), loss.layout, loss, home_of(function), line_of(function))


def is_pair(first: object, *, alone: bool) -> bool:
    """Is this (value, something) rather than two numbers? Where there is no other gradient, (value, number) is one."""
    if not isinstance(first, tuple | list) or len(first) != 2:
        return False
    return not isinstance(first[1], Real) or (alone and isinstance(first, tuple))


def _element(both: Callable[[Any], object], name: str, index: int, parameters: object) -> object:
    """The value or the gradient of a function that returns both."""
    pair = both(parameters)
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(f"{name} returned (value, gradient) before, and {kind(pair)} now")
    return pair[index]
