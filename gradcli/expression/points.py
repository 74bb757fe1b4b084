"""Points as people type them: `3`, `-pi/4`, `x=1,y=2`, `x=0:1:0.1`, or a JSON object; and lists of names.

A range start:stop:step has both ends; several ranges in one text span a grid, the last name fastest. Unknown names are
fine: a name with a value is a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, NoReturn, overload

from gradcli.errors import GradcliError, LimitError
from gradcli.expression.lexer import tokens
from gradcli.expression.values import COUNT, Steps, Values, complain, json_number, listed, parse_values, shown

if TYPE_CHECKING:
    from gradcli.problem import Array

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
SEPARATOR = re.compile(r"\s*[;\s]\s*(?=[A-Za-z]\w*\s*=)", re.ASCII)
WORDS = frozenset("and or not True False true false nan inf oo zoo".split())  # noqa: SIM905

CONFUSED = {
    "E": "e is Euler's number, E a variable",
    "PI": "pi is written in small letters",
    "Pi": "pi is written in small letters",
    **dict.fromkeys(("I", "i", "j"), "expressions are real, there is no imaginary unit"),
}
"""Names that people take for constants."""

LENGTH = 1_000_000
"""Characters of a text."""
NAMES = 10_000
"""Names in a text."""


@dataclass(frozen=True, slots=True)
class PointSpec:
    """One text: `bare` values without names (right if it is one, of the only variable), or `assignments` to names."""

    text: str
    bare: tuple[Values, ...]
    assignments: Mapping[str, Values]

    def named(self, variables: Sequence[str]) -> Mapping[str, Values]:
        """Values by name, complete for the variables."""
        if self.bare:
            return {self._only(variables): self.bare[0]}
        missing = [name for name in variables if name not in self.assignments]
        if missing:
            self._incomplete(variables, missing)
        return self.assignments

    def _only(self, variables: Sequence[str]) -> str:
        written = [piece.strip() for _, piece in _pieces(self.text)]
        if len(variables) > 1:
            count = "one value" if len(written) == 1 else f"{len(written)} values without names"
            message = f"{shown(self.text)} is {count} for {len(variables)} variables: {listed(variables)}"
            raise GradcliError(message, _example(variables, dict(zip(variables, written, strict=False))))
        name = variables[0] if variables else "x"
        if len(written) > 1:
            several = " ".join(f"--at {value}" for value in written[:4])
            message = f"{shown(self.text)} is {len(written)} values for one variable: {name}"
            raise GradcliError(message, f"{several} gives several points; a decimal has a point, not a comma")
        return name

    def _incomplete(self, variables: Sequence[str], missing: Sequence[str]) -> NoReturn:
        given = {name: piece.partition("=")[2].strip() for name, _, piece in _assigned(self.text)}
        unused = [name for name in self.assignments if name not in variables]
        message = f"{listed(missing)} {'has' if len(missing) == 1 else 'have'} no value"
        if unused:
            message += f", and {listed(unused)} {'does' if len(unused) == 1 else 'do'} not occur in the expression"
        confused = next((CONFUSED[name] + "; otherwise " for name in missing if name in CONFUSED), "")
        raise GradcliError(message, confused + _example(variables, given))


class Points(Sequence[Mapping[str, float]]):
    """All points of several texts, one after the other; a grid is never written out."""

    def __init__(self, grids: Iterable[Mapping[str, Values]]) -> None:
        self._grids = [dict(grid) for grid in grids]
        self._counts = [prod(len(values) for values in grid.values()) for grid in self._grids]
        if sum(self._counts) > COUNT:
            raise LimitError(f"these are {sum(self._counts):,} points; the limit is {COUNT:,}", "take larger steps")

    def __len__(self) -> int:
        return sum(self._counts)

    def __iter__(self) -> Iterator[dict[str, float]]:
        for grid in self._grids:
            for values in product(*grid.values()):
                yield dict(zip(grid, values, strict=True))

    @overload
    def __getitem__(self, index: int) -> dict[str, float]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, float]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, float] | list[dict[str, float]]:
        """The point number `index`, or several."""
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        number = 0
        while place >= self._counts[number]:
            place -= self._counts[number]
            number += 1
        grid, point = self._grids[number], {}
        for name, values in reversed(grid.items()):
            place, digit = divmod(place, len(values))
            point[name] = values[digit]
        return {name: point[name] for name in grid}

    def columns(self, start: int, stop: int) -> dict[str, Array]:
        """The points number start to stop - 1, an array of values for each name; fewer where the names change order."""
        import numpy as np

        pieces: list[dict[str, Array]] = []
        before = 0
        for grid, count in zip(self._grids, self._counts, strict=True):
            first, last = max(start - before, 0), min(stop - before, count)
            before += count
            if first < last:
                if pieces and list(pieces[0]) != list(grid):
                    break
                pieces.append(_of_grid(grid, np.arange(first, last)))
        if len(pieces) == 1:
            return pieces[0]
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}

    def largest(self) -> dict[str, float]:
        """The value of each name that is largest in size."""
        return {
            name: max((value for grid in self._grids for value in _ends(grid[name])), key=abs)
            for name in self._grids[0]
        }


def _of_grid(grid: Mapping[str, Values], places: Array) -> dict[str, Array]:
    """The values of each name at these places of a grid, the last name fastest."""
    import numpy as np

    found = {}
    slowest, *others = grid
    for name in reversed(others):
        places, digits = np.divmod(places, len(grid[name]))
        found[name] = _chosen(grid[name], digits)
    return {slowest: _chosen(grid[slowest], places), **{name: found[name] for name in others}}


def _chosen(values: Values, places: Array) -> Array:
    import numpy as np

    return values.array(places) if isinstance(values, Steps) else np.array(values)[places]


def _ends(values: Values) -> tuple[float, ...]:
    return (values[0], values[-1]) if isinstance(values, Steps) else values


def points(texts: Iterable[str | Mapping[str, object]], variables: Sequence[str]) -> Points:
    """The points of all texts (or JSON objects), each with a value for every variable and for every name it gives."""
    specs = [parse_point(text) if isinstance(text, str) else point_from_json(text) for text in texts]
    return Points(spec.named(variables) for spec in specs)


def names_in(text: str | Mapping[str, object]) -> tuple[str, ...]:
    """The names that an --at text gives values to, in its order; none for a bare value."""
    if not isinstance(text, str):
        return tuple(_name(key) for key in text)
    return tuple(name for name, _, _ in _assigned(text))


def parse_names(text: str | Iterable[str]) -> tuple[str, ...]:
    """The names of `--wrt x,y` or `--var e`, each once."""
    texts = [text] if isinstance(text, str) else list(text)
    names = [_name(piece) for part in texts for piece in part.split(",")]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise GradcliError(f"{name} is named twice", f"write {','.join(dict.fromkeys(names))}")
    return tuple(names)


def parse_point(text: str) -> PointSpec:
    """The values of one --at text; names are checked as such, values are constants or ranges of them."""
    if len(text) > LENGTH:
        raise LimitError(f"the point has {len(text):,} characters; the limit is {LENGTH:,}")
    assignments: dict[str, Values] = {}
    assigned = _assigned(text)
    if not assigned:
        return PointSpec(text, tuple(parse_values(piece.strip(), None) for _, piece in _pieces(text)), {})
    if len(assigned) > NAMES:
        raise LimitError(f"the point has {len(assigned):,} names; the limit is {NAMES:,}")
    for name, start, piece in assigned:
        if name in assignments:
            hint = f"repeat --at for several points: --at {name}=1 --at {name}=2"
            complain(f"{name} has two values", hint, text, start, start + len(piece))
        assignments[name] = parse_values(piece.partition("=")[2].strip(), name)
    return PointSpec(text, (), assignments)


def point_from_json(given: Mapping[str, object]) -> PointSpec:
    """The values of a JSON object {"x": 1.0, "y": "pi/4"}."""
    assignments = {}
    for key, value in given.items():
        name = _name(key)
        assignments[name] = parse_values(value.strip(), name) if isinstance(value, str) else (json_number(value, name),)
    return PointSpec(",".join(f"{name}={value}" for name, value in given.items()), (), assignments)


def _assigned(text: str) -> list[tuple[str, int, str]]:
    """(name, place, piece) of each assignment; none where no piece has an equals sign."""
    pieces = _pieces(text)
    if not any("=" in piece for _, piece in pieces):
        return []
    found: list[tuple[str, int, str]] = []
    for start, piece in pieces:
        name, equals, value = piece.partition("=")
        if not equals:
            _complain_nameless(text, start, piece, found[-1][2] if found else "")
        if value.startswith("=") or name.endswith((":", "<", ">", "!")):
            complain("a value is given by one = sign", "write --at x=1,y=2", text, start, start + len(piece))
        if "=" in value:
            hint = f"write --at {shown(SEPARATOR.sub(',', text))}"
            complain("values are separated by commas", hint, text, start, start + len(piece))
        found.append((_name(name, text, start), start, piece))
    return found


def _complain_nameless(text: str, start: int, piece: str, before: str) -> NoReturn:
    """x=1,5 or x=1,y."""
    decimal = f"{before.strip()}.{piece.strip()}" if before[-1:].isdigit() and piece.strip().isdigit() else None
    hint = f"write --at {decimal} for a decimal, --at x=1,y=2 for two values" if decimal else "write --at x=1,y=2"
    complain("this value has no name", hint, text, start, start + len(piece))


def _pieces(text: str) -> list[tuple[int, str]]:
    """(place, piece) between the commas that stand in no parentheses."""
    found = []
    depth = begin = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            found.append((begin, text[begin:place]))
            begin = place + 1
    found.append((begin, text[begin:]))
    for start, piece in found:
        if not piece.strip():
            what = "there is no value" if len(found) == 1 else "a value is missing at a comma"
            complain(what, "write --at 3, or --at x=1,y=2", text, start, start + len(piece))
    return found


def _name(given: object, text: str | None = None, start: int = 0) -> str:
    """The name, if it is one that an expression can have."""
    name = given.strip() if isinstance(given, str) else ""
    if not NAME.fullmatch(name) or name in WORDS:
        written = str(given).strip()
        if not written.isascii():
            tokens(written)
        message = f"{shown(written)} cannot be the name of a variable" if written else "a name is missing"
        hint = "a name is ASCII letters, digits and _, and starts with a letter"
        complain(message, hint, text or str(given), start, start + max(len(str(given)), 1))
    return name


def _example(variables: Sequence[str], given: Mapping[str, str]) -> str:
    """--at x=1,y=2 with what was given kept."""
    parts = [f"{name}={shown(given.get(name, str(place)))}" for place, name in enumerate(variables, 1)]
    return f"write --at {','.join(parts[:8])}" + (",..." if len(parts) > 8 else "")
