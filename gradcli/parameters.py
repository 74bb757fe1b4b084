"""Named parameters in files: `write` saves them, `read` and `arranged` bring them into a model's order."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from sys import float_info
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.problem import Array


def write(path: str | Path, target: str, values: Mapping[str, float], **more: float | str | None) -> None:
    """Save parameters as JSON, in the form that `read` accepts; `more` is kept beside them for people."""
    document = {"schema": "gradcli/1", "kind": "parameters", "target": target, "parameters": dict(values), **more}
    try:
        Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise GradcliError(f"cannot write {path}: {error.strerror}") from error


def read(path: str | Path, names: Sequence[str]) -> Array:
    """The values of `names`, in that order, from a .json, .npy or .csv file."""
    reader = {".json": _read_json, ".npy": _read_npy, ".csv": _read_csv}.get(Path(path).suffix.lower())
    if reader is None:
        raise GradcliError(f"{path} is not a file of parameters", "give a .json, .npy or .csv file")
    try:
        found = reader(Path(path))
    except OSError as error:
        raise GradcliError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, EOFError, RecursionError) as error:
        raise GradcliError(f"{path} is not a file of parameters: {error}") from error
    return arranged(found, names, source=str(path)) if isinstance(found, Mapping) else _listed(found, names, str(path))


def arranged(values: Mapping[str, Any], names: Sequence[str], *, source: str = "the point") -> Array:
    """The values by name as an array in the order of `names`; every name exactly once."""
    known = set(names)
    for name in values:
        if name not in known:
            close = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {close[0]}?" if close else f"the parameters are {_listing(names)}"
            raise GradcliError(f"{source} gives a value to '{name}', which is not a parameter", hint)
    missing = [name for name in names if name not in values]
    if missing:
        raise GradcliError(f"{source} gives no value to {_listing(missing)}", f"the parameters are {_listing(names)}")
    return np.array([_number(values[name], name, source) for name in names], dtype=float)


def _listed(values: Any, names: Sequence[str], source: str) -> Array:  # noqa: ANN401  whatever the file holds
    flat = np.asarray(values, dtype=object).ravel()
    if flat.size != len(names):
        message = f"{source} holds {flat.size} numbers for {len(names)} parameters"
        raise GradcliError(message, f"the parameters are {_listing(names)}")
    return np.array([_number(value, name, source) for value, name in zip(flat.tolist(), names, strict=True)])


def _number(value: object, name: str, source: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= float_info.max:
        return float(value)
    raise GradcliError(f"{source}: the value of '{name}' is {value!r}, not a finite number")


def _read_json(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(found, dict) and isinstance(found.get("parameters"), dict):
        return found["parameters"]
    if isinstance(found, (dict, list)):
        return found
    raise ValueError("expected an object of names and values")


def _read_npy(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    found = np.load(path, allow_pickle=False)
    if found.dtype.kind not in "iuf":
        raise ValueError(f"it holds {found.dtype}, not numbers")
    return found


def _read_csv(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    """Either a line of names above a line of values, or lines `parameter,value` with or without that header."""
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [[cell.strip() for cell in line] for line in csv.reader(file) if line]
    if len(lines) == 2 and all(_is_number(cell) for cell in lines[1]) and len(lines[0]) == len(lines[1]):
        return dict(zip(lines[0], map(float, lines[1]), strict=True))
    if lines and not _is_number(lines[0][-1]):
        lines = lines[1:]
    if lines and all(len(line) == 2 and _is_number(line[1]) for line in lines):
        return {name: float(value) for name, value in lines}
    raise ValueError("expected a line of names above a line of values, or lines of a name and a value")


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell)) and "_" not in cell
    except ValueError:
        return False


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f", ... ({len(names)} in all)" if len(names) > 8 else "")
