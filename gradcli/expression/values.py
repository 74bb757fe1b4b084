"""One value as people type it: a number, a constant such as 2*pi/3, or a range start:stop:step of them.

Plain numbers are read without SymPy; constants go through the expression parser and become the nearest double.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, lcm
from typing import TYPE_CHECKING, NoReturn, TypeAlias, overload

from gradcli.errors import GradcliError, LimitError
from gradcli.expression.lexer import complaint, printable

if TYPE_CHECKING:
    from gradcli.problem import Array

Values: TypeAlias = "tuple[float, ...] | Steps"

PLAIN = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
DECIMAL = re.compile(r"([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?\s*(?:nan|inf|infinity|oo|zoo)", re.IGNORECASE)
COUNT = 100_000_000
"""Points of a range or grid."""
PRECISION = 200
"""Bits in which a constant is computed before it is rounded to a double."""
SLACK = 1e-9
"""Part of a step by which a range may miss its end through rounding: 0:1:1/3 has four points."""


@dataclass(frozen=True, slots=True)
class Steps(Sequence[float]):
    """(start + k * stride) / denominator for k = 0..size-1, correctly rounded; the last is `stop` where it is that."""

    start: int
    stride: int
    denominator: int
    size: int
    stop: float | None

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[float, ...]: ...
    def __getitem__(self, index: int | slice) -> float | tuple[float, ...]:
        """The value number `index`, or several."""
        if isinstance(index, slice):
            return tuple(self[k] for k in range(*index.indices(self.size)))
        k = range(self.size)[index]
        if self.stop is not None and k == self.size - 1:
            return self.stop
        return (self.start + k * self.stride) / self.denominator

    def array(self, places: Array) -> Array:
        """The values at these places, the same as one by one."""
        import numpy as np

        if max(abs(self.start) + self.size * abs(self.stride), self.denominator) >= 2**53:
            return np.array([self[k] for k in places.tolist()])
        values: Array = (self.start + places * self.stride) / float(self.denominator)  # of exact numbers: rounded once
        if self.stop is not None:
            values[places == self.size - 1] = self.stop
        return values


def parse_values(text: str, name: str | None) -> Values:
    """A value, or the range start:stop:step."""
    if ":" not in text:
        return (number(text, name),)
    parts = [part.strip() for part in text.split(":")]
    prefix = f"{name}=" if name else ""
    if len(parts) != 3 or not all(parts):
        assigned = len(parts) == 2 and not name and re.fullmatch(r"[A-Za-z]\w*", parts[0], re.ASCII)
        hint = f"write --at {parts[0]}={shown(parts[1])}" if assigned else f"write --at {prefix}0:1:0.1"
        complain("a range is start:stop:step", hint, text)
    start, stop, step = (_exact(part, name) for part in parts)
    denominator = lcm(start[1], stop[1], step[1])
    first, last, stride = (numerator * (denominator // below) for numerator, below in (start, stop, step))
    if stride == 0:
        complain("the step of a range is zero", f"write --at {prefix}{parts[0]}:{parts[1]}:0.1", text)
    if (last - first) * stride < 0:
        sign = parts[2][1:] if parts[2][0] in "+-" else f"-{parts[2]}"
        complain("the range never reaches its end", f"write --at {prefix}{parts[0]}:{parts[1]}:{sign}", text)
    return _steps(first, last, stride, denominator, text)


def _steps(first: int, last: int, stride: int, denominator: int, text: str) -> Steps:
    """All steps up to the last; one that misses it by rounding only is the last itself."""
    whole, rest = divmod(abs(last - first), abs(stride))
    if whole > COUNT:
        _too_many(whole, text)
    slack = SLACK + whole * 2.0**-50
    over, under = rest / abs(stride), (abs(stride) - rest) / abs(stride)
    size = whole + 1 + (under <= slack)
    if size > COUNT:
        _too_many(size, text)
    return Steps(first, stride, denominator, size, last / denominator if min(over, under) <= slack else None)


def _too_many(size: int, text: str) -> NoReturn:
    count = f"{size:,}" if size < 10**15 else "very many"
    complain(f"this range has {count} values; the limit is {COUNT:,}", "take a larger step", text, kind=LimitError)


def number(text: str, name: str | None = None) -> float:
    """The double nearest to a plain number or a constant expression."""
    if not PLAIN.fullmatch(text):
        return _constant(text, name)
    value = float(text)
    if not isfinite(value):
        complain(f"{shown(text)} does not fit a double", "the largest is about 1.8e308", text)
    if value == 0 and text.lower().partition("e")[0].strip("+-0."):
        complain(f"{shown(text)} is smaller than the smallest double", "write 0, or 5e-324 at least", text)
    return value


def _exact(text: str, name: str | None) -> tuple[int, int]:
    """Numerator and denominator: of the decimal as written (0.1 is 1/10), else of the nearest double."""
    value = number(text, name)
    decimal = DECIMAL.fullmatch(text)
    if decimal is None or len(text) > 400:
        return value.as_integer_ratio()
    sign, whole, fraction, exponent = decimal.groups()
    shift = int(exponent or 0) - len(fraction)
    digits = int(f"{sign}{whole}{fraction}")
    return (digits * 10**shift, 1) if shift >= 0 else (digits, 10**-shift)


def _constant(text: str, name: str | None) -> float:
    """The double nearest to an expression without variables, by the expression parser and mpmath."""
    where = f"the value of {name}" if name else "the value"
    if NOT_FINITE.fullmatch(text) or not text:
        complain(
            f"{where} is not a finite number" if text else f"{where} is missing",
            "write a number, or a constant such as pi/4",
            text,
        )
    from mpmath import mp

    from gradcli.expression.extended import EXTENDED
    from gradcli.expression.numeric import Program
    from gradcli.expression.parser import read
    from gradcli.expression.tape import Tape

    formula = read(text)
    if formula.names:
        message = (
            f"{where} is not a number: {listed(formula.names)} {'has' if len(formula.names) == 1 else 'have'} none"
        )
        complain(message, "write a number, or a constant such as pi/4", text)
    with mp.workprec(PRECISION):
        value = float(Program(Tape.of(formula.expression, (), formula.domain), EXTENDED).value(()))
    if not isfinite(value):
        complain(f"{where} is not a finite real number", "write a number, or a constant such as pi/4", text)
    return value


def json_number(value: object, name: str) -> float:
    """The double of a JSON number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GradcliError(f"the value of {name} is not a number", f'write {{"{name}": 1.5}}, or {{"{name}": "pi/4"}}')
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise GradcliError(f"the value of {name} is not a finite number", f'write {{"{name}": 1.5}}')
    return number


def complain(
    message: str, hint: str, text: str, start: int = 0, end: int | None = None, kind: type[GradcliError] = GradcliError
) -> NoReturn:
    """Raise an error about text[start:end], the whole text where no end is given."""
    complaint(message, hint, text, start, len(text) if end is None else end, kind)


def listed(names: Sequence[str]) -> str:
    """The names as a sentence has them: x, y and z."""
    parts = [shown(name) for name in names[:6]] + ([f"{len(names) - 6} more"] if len(names) > 6 else [])
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def shown(text: str) -> str:
    """The text as a message can hold it: printable and short."""
    plain = printable(text)
    return plain if len(plain) <= 40 else f"{plain[:30]}...{plain[-7:]}"
