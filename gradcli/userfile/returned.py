"""What came back from a person's function, as numbers; whatever is none gets a sentence saying what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.problem import Array


class ComplexNumberError(GradcliError):
    """Complex numbers, as Python gives them for (-1) ** 0.5."""


def real_or_nan(answer: object, who: str) -> float:
    """The value of a loss, NaN where it is complex."""
    try:
        return number_in(answer, who)
    except ComplexNumberError:
        return float("nan")


def number_in(answer: object, who: str) -> float:
    """The value of a loss: a number, or an array with a single element."""
    if isinstance(answer, float | np.floating):
        return float(answer)
    if isinstance(answer, bool | np.bool_):
        raise GradcliError(f"{who} returned {kind(bool(answer))}, {bool(answer)}, instead of a number")
    if isinstance(answer, list | tuple) and len(answer) == 2 and not isinstance(answer[1], Real):
        raise GradcliError(f"{who} returned a pair instead of a number", "return (value, gradient), or the value alone")
    numbers = numbers_in(answer, who)
    if numbers.size != 1:
        what = f"an array of shape {numbers.shape}" if numbers.ndim else kind(answer)
        raise GradcliError(f"{who} returned {what} instead of a number", "is a sum or a mean over it missing?")
    return float(numbers.item())


def numbers_in(answer: object, who: str, *, verb: str = "returned") -> Array:
    """Anything array-like as an array of booleans, integers or floats; raises GradcliError naming what came instead.

    Tensors that track gradients are detached; complex numbers pass where every imaginary part is zero.
    """
    if answer is None:
        raise GradcliError(f"{who} {verb} None", "is a return statement missing?")
    if isinstance(answer, str | bytes | Mapping | set | frozenset) or callable(answer):
        raise GradcliError(f"{who} {verb} {kind(answer)} instead of numbers")
    try:
        array = np.asarray(answer.detach() if hasattr(answer, "detach") else answer)
    except (ValueError, TypeError, RuntimeError) as refused:
        why = "rows of different lengths" if "inhomogeneous" in str(refused) else str(refused)
        raise GradcliError(f"{who} {verb} {kind(answer)} that is no array: {why}") from refused
    if array.dtype.kind in "fiub":
        return array
    return _unusual(array, who, verb)


def _unusual(array: Array, who: str, verb: str) -> Array:
    """Complex numbers that are real, and objects that are numbers."""
    if array.dtype.kind == "c":
        if np.any(array.imag != 0):
            raise ComplexNumberError(
                f"{who} {verb} complex numbers, such as {array.ravel()[array.imag.ravel() != 0][0]}"
            )
        return np.asarray(array.real)
    if array.dtype.kind == "O":
        for part in array.ravel():
            if part is None or not hasattr(part, "__float__"):
                among = " among its numbers" if array.ndim else ""
                raise GradcliError(f"{who} {verb} {kind(part)}{among}")
        return array.astype(np.float64)
    raise GradcliError(f"{who} {verb} an array of {array.dtype} instead of numbers")


def shaped(answer: object, numbers: Array) -> str:
    """`shape (3, 1)`, `a list of shape (3,)`, `a single number`."""
    shape = shape_text(numbers.shape)
    return f"{kind(answer)} of {shape}" if isinstance(answer, list | tuple) else shape


def shape_text(shape: tuple[int, ...]) -> str:
    """`shape (3,)`, or `a single number`."""
    return f"shape {shape}" if shape else "a single number"


def listed(keys: Sequence[Any]) -> str:
    """The first few keys of a dict."""
    return ", ".join(repr(key) for key in keys[:4]) + (", .." if len(keys) > 4 else "")


def kind(value: object) -> str:
    """`a list`, `the text 'abc'`, `an object of type Tensor`, for messages."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {value[:20]!r}"
    if callable(value):
        return "a function"
    simple = {list: "a list", tuple: "a tuple", dict: "a dict", float: "a number", int: "a number", bool: "a boolean"}
    return simple.get(type(value), f"an object of type {type(value).__name__}")
