"""What one line asks for: `EXPR [@ POINT] [# comment]`, or a JSON object with id, expr, at, wrt and grad.

A line that cannot be used is an item with an error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import isinf
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from json import JSONDecoder

Scalar = str | int | float | None
Point = str | dict[str, float | str]
T = TypeVar("T")

KEYS = ("id", "expr", "at", "wrt", "grad")
LONGEST_QUOTE = 1000  # characters
EXAMPLE = 'for example {"expr": "x**2", "at": {"x": 3}}'


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, or why there is nothing that can be done.

    `at` is the text of a point or its values by name, `wrt` has commas between the names, `grad` is a claimed gradient
    as texts. `line` counts from 1; `id` is what came with the line.
    """

    expr: str | None = None
    at: Point | None = None
    wrt: str | None = None
    grad: tuple[str, ...] | None = None
    id: Scalar = None
    line: int | None = None
    error: GradcliError | None = None


def item_of(text: str, line: int | None = None) -> Item | None:
    """What a line without blanks around it says; None if it is blank or a comment."""
    if text.startswith("{"):  # no expression does
        return _from_json(text, line)
    said = text.partition("#")[0]
    if not said.strip():
        return None
    expression, sign, point = (part.strip() for part in said.partition("@"))
    error = _misplaced_sign(said, expression, point) if sign else None
    return Item(expression or None, at=point or None, line=line, error=error)


def _misplaced_sign(said: str, expression: str, point: str) -> GradcliError | None:
    """What is wrong with the @ of a line."""
    if expression and point and "@" not in point:
        return None
    start = said.rindex("@")
    message, hint = "there is no point after @", "a line is EXPR @ POINT, for example: x**2 @ 3"
    if not expression:
        message = "there is no expression before @"
    elif point:
        message, hint = "a line has one point, and one @", "write a line for each point"
    return GradcliError(message, hint, text=said, span=(start, start + 1))


def _from_json(text: str, line: int | None) -> Item:
    identity: Scalar = None
    expression: str | None = None
    try:
        record = _object(text)
        identity = _field(record, "id", _scalar)
        expression = _field(record, "expr", _string)
        at, wrt, grad = _field(record, "at", _point), _field(record, "wrt", _names), _field(record, "grad", _texts)
        _complete(expression, record)
    except GradcliError as error:
        return Item(expression, id=identity, line=line, error=error)
    return Item(expression, at, wrt, grad, identity, line)


def _complete(expression: str | None, left: dict[str, Any]) -> None:
    """Raise GradcliError if fields are left that mean nothing, or the one that matters is missing."""
    if left:
        from difflib import get_close_matches

        key = next(iter(left))
        near = get_close_matches(key.lower(), KEYS, 1)
        raise GradcliError(
            f"unknown key {key!r}", f"did you mean {near[0]}?" if near else f"the keys are {', '.join(KEYS)}"
        )
    if expression is None:
        raise GradcliError("the object has no expr", EXAMPLE)


def _object(text: str) -> dict[str, Any]:
    """The JSON object in the text, with every ambiguity refused."""
    from json import JSONDecodeError

    try:
        record: dict[str, Any] = _decoder().decode(text)
    except JSONDecodeError as error:
        message = f"not a JSON object: {error.msg[:1].lower()}{error.msg[1:]}"
        if len(text) > LONGEST_QUOTE:
            raise GradcliError(f"{message} (character {error.pos + 1})", EXAMPLE) from None
        raise GradcliError(message, EXAMPLE, text=text, span=(error.pos, error.pos + 1)) from None
    except RecursionError:
        raise GradcliError("the JSON object is nested too deeply", EXAMPLE) from None
    except ValueError as error:  # an integer of more than 4,300 digits
        raise GradcliError(f"the JSON object cannot be read: {error}", EXAMPLE) from None
    return record


@cache
def _decoder() -> JSONDecoder:
    from json import JSONDecoder

    return JSONDecoder(object_pairs_hook=_distinct, parse_float=_finite, parse_constant=_refused)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise GradcliError(f"the key {key!r} stands there twice", "keep one of them")
        record[key] = value
    return record


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise GradcliError(f"{text} is too large for a double")
    return number


def _refused(constant: str) -> NoReturn:
    raise GradcliError(f"{constant} is not a JSON number", "leave the key out, or write null")


def _field(record: dict[str, Any], key: str, read: Callable[[str, Any], T]) -> T | None:
    """Take a field out of a record; null is like nothing."""
    value = record.pop(key, None)
    return None if value is None else read(key, value)


def _scalar(key: str, value: Any) -> Scalar:  # noqa: ANN401  whatever JSON holds, here and below
    if isinstance(value, dict | list):
        raise GradcliError(f"{key} is {_kind(value)}, not a string or a number")
    return _string(key, value) if isinstance(value, str) else value


def _string(key: str, value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise GradcliError(f"{key} is {_kind(value)}, not a string", EXAMPLE)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise GradcliError(f"{key} holds half a character (a lone surrogate)")
    return value


def _text(key: str, value: Any) -> str:  # noqa: ANN401
    """A string, or a number as one would write it."""
    return repr(value) if _is_number(value) else _string(key, value)


def _point(key: str, value: Any) -> Point:  # noqa: ANN401
    if not isinstance(value, dict):
        return _text(key, value)
    return {_string(key, name): _coordinate(name, one) for name, one in value.items()}


def _coordinate(name: str, value: Any) -> float | str:  # noqa: ANN401
    if not _is_number(value):
        return _string(name, value)
    try:
        return float(value)
    except OverflowError:
        raise GradcliError(f"{name} is too large for a double") from None


def _names(key: str, value: Any) -> str:  # noqa: ANN401
    return ",".join(_string(key, name) for name in (value if isinstance(value, list) else [value]))


def _texts(key: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(_text(key, one) for one in (value if isinstance(value, list) else [value]))


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(value: Any) -> str:  # noqa: ANN401
    kinds = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
