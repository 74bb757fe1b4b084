"""The point that `--at` asks for where parameters have a shape: zeros, random, a file of numbers, or values.

`start_point` fills P named parameters; `x0_from` makes up an x0 where there is none to take the shape from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcli.errors import GradcliError
from gradcli.userfile.layout import layout_of

if TYPE_CHECKING:
    from gradcli.problem import Array, Point

SUFFIXES = (".json", ".npy", ".npz", ".csv")
HINT = "--at takes zeros, random, values such as 1,2,3 or w=1,b=2, or a .json, .npy, .npz or .csv file"
At: TypeAlias = str | Mapping[str, object]
Number: TypeAlias = Callable[[str], float]


def start_point(
    at: At, names: Sequence[str], start: Point | None = None, *, seed: int = 0, number: Number = float
) -> Array:
    """P floats for the parameters `names`: what `at` gives, and `start` for the names that it leaves out.

    at: the text of an --at, or values by name.

    number: reads the text of one value. Raises GradcliError for unknown names, a wrong count, an unreadable file.
    """
    asked = at.strip() if isinstance(at, str) else json.dumps(at, default=str)
    if asked == "zeros":
        return np.zeros(len(names))
    if asked == "random":
        return np.random.default_rng(seed).standard_normal(len(names))
    given = _given(asked, number) if isinstance(at, str) else at
    point = np.full(len(names), np.nan) if start is None else np.array(start, dtype=float)
    if isinstance(given, Mapping):
        _assign(point, names, given, asked)
    else:
        _fill(point, names, np.asarray(given, dtype=float).ravel(), asked)
    for i in np.flatnonzero(~np.isfinite(point))[:1]:
        why = "has no value" if np.isnan(point[i]) else "is not finite"
        raise GradcliError(f"--at {_short(asked)}: {names[i]} {why}", HINT)
    return point


def x0_from(at: At, *, number: Number = float) -> object:
    """An x0 of the shape that `at` shows: a number, an array, or a dict of them."""
    asked = at.strip() if isinstance(at, str) else ""
    if asked in ("zeros", "random"):
        raise GradcliError(f"--at {asked} needs an x0 to know how many parameters there are", "define x0 in the file")
    given = _given(asked, number) if isinstance(at, str) else at
    if isinstance(given, Mapping):
        odd = [name for name in given if "[" in str(name)]
        if odd:
            raise GradcliError(f"--at {odd[0]}=.. needs an x0 to know the shape", "define x0, or give a .json file")
        return {name: _part(value) for name, value in given.items()}
    return given


def _part(value: Any) -> object:  # noqa: ANN401
    return np.array(value, dtype=float) if isinstance(value, list) else value


def _given(asked: str, number: Number) -> Any:  # noqa: ANN401
    """What the text stands for: numbers by name, an array, or a single number."""
    if asked.endswith(SUFFIXES):
        return _read(Path(asked))
    if asked.startswith(("[", "{")):
        return _parsed_json(asked, "--at")
    entries = [_entry(piece, asked, number) for piece in _split(asked)]
    named = {name: value for name, value in entries if name is not None}
    if not named:
        values = [value for _, value in entries]
        return values[0] if len(values) == 1 else np.array(values)
    if len(named) < len(entries):
        twice = all(name is not None for name, _ in entries)
        what = "a name is given twice" if twice else "some values have names and some have none"
        raise GradcliError(f"--at {_short(asked)}: {what}", HINT)
    return named


def _split(asked: str) -> list[str]:
    """Pieces between the commas that stand outside of brackets: W1[3,0]=5 is one."""
    pieces, depth = [""], 0
    for character in asked:
        depth += (character in "[(") - (character in "])")
        if character == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def _entry(piece: str, asked: str, number: Number) -> tuple[str | None, float]:
    """A value with its name, None where it has none."""
    name, equals, value = piece.rpartition("=")
    try:
        parsed = number(value.strip())
    except (ValueError, GradcliError) as refused:
        hint = refused.hint if isinstance(refused, GradcliError) else None
        message = f"--at {_short(asked)}: {value.strip()!r} is not a number"
        raise GradcliError(message, hint or HINT) from refused
    return ("".join(name.split()) if equals else None), parsed


def _fill(point: Array, names: Sequence[str], values: Array, asked: str) -> None:
    if len(values) != len(names):
        parameters = f"{len(names)} parameter{'s' * (len(names) > 1)} ({_some(names)})"
        plural = "s" * (len(values) != 1)
        raise GradcliError(f"--at {_short(asked)} has {len(values)} value{plural} for {parameters}", HINT)
    point[:] = values


def _assign(point: Array, names: Sequence[str], given: Mapping[Any, Any], asked: str) -> None:
    """Put values where their names say; nested dicts and arrays have the names that their elements have."""
    inner = given.get("parameters")
    layout = layout_of(inner if isinstance(inner, Mapping) and "parameters" not in names else given)
    places = {name: i for i, name in enumerate(names)}
    for name, value in zip(layout.names, layout.start.tolist(), strict=True):
        if name not in places:
            raise GradcliError(f"--at {_short(asked)}: there is no parameter {name}", _instead(name, names))
        point[places[name]] = value


def _instead(name: str, names: Sequence[str]) -> str:
    elements = [other for other in names if other.startswith(f"{name}[")]
    if elements:
        return f"{name} has {len(elements)} elements: {_some(elements)}"
    close = get_close_matches(name, names[:1000], n=1)
    return f"did you mean {close[0]}?" if close else f"the parameters are {_some(names)}"


def _some(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (", .." if len(names) > most else "")


def _short(asked: str) -> str:
    return asked if len(asked) <= 40 else asked[:37] + "..."


def _read(path: Path) -> Any:  # noqa: ANN401
    """The numbers in a file."""
    try:
        if path.suffix == ".json":
            return _parsed_json(path.read_text(encoding="utf-8-sig"), str(path))
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                return _from_rows(list(csv.reader(stream)), str(path))
        loaded = np.load(path, allow_pickle=False)
    except OSError as trouble:
        raise GradcliError(f"cannot read {path}: {trouble.strerror or trouble}", HINT) from trouble
    except (ValueError, EOFError, csv.Error) as trouble:
        raise GradcliError(f"cannot read {path}: {trouble}", HINT) from trouble
    if path.suffix == ".npz":
        return {key: loaded[key] for key in loaded.files}
    return _numeric(loaded, str(path))


def _parsed_json(text: str, source: str) -> Any:  # noqa: ANN401
    try:
        data = json.loads(text, parse_constant=_refuse)
    except ValueError as trouble:
        raise GradcliError(f"{source} is not JSON: {trouble}", HINT) from trouble
    return data if isinstance(data, dict) else _numeric(data, source)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not allowed")


def _numeric(data: object, source: str) -> Array:
    try:
        numbers = np.asarray(data)
    except ValueError as trouble:
        raise GradcliError(f"{source} has rows of different lengths", HINT) from trouble
    if numbers.dtype.kind not in "iuf":
        raise GradcliError(f"{source} has something else than numbers in it", HINT)
    return numbers.astype(float)


def _from_rows(rows: Iterable[Sequence[str]], source: str) -> Any:  # noqa: ANN401
    """A CSV file of numbers; of names in the first row and numbers in the second; or of a name and a number a row."""
    filled = [row for row in rows if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")]
    if not filled:
        raise GradcliError(f"{source} is empty", HINT)
    if all(map(_is_number, filled[0])):
        return np.array([_cell(cell, row, source) for row in filled for cell in row])
    if len(filled) == 2 and not _is_number(filled[0][-1]) and len(filled[0]) == len(filled[1]):
        return {name.strip(): _cell(cell, filled[1], source) for name, cell in zip(*filled, strict=True)}
    pairs = filled if _is_number(filled[0][-1]) else filled[1:]
    if any(len(row) != 2 for row in pairs):
        raise GradcliError(f"{source} is neither numbers, nor names above numbers, nor a name and a number a row", HINT)
    return {row[0].strip(): _cell(row[1], row, source) for row in pairs}


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cell(cell: str, row: Sequence[str], source: str) -> float:
    if not _is_number(cell):
        raise GradcliError(f"{source}: {cell!r} is not a number, in the row {','.join(row)[:60]!r}", HINT)
    return float(cell)
