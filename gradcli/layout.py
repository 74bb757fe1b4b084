"""A person's own parameters as one flat vector of floats and back: arrays, numbers, lists, and dicts of them.

`layout_of` reads the shape of x0; a `Layout` then builds parameters of the same kind from a point (P,), and reads a
gradient that came back in (nearly) the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.returned import kind, listed, numbers_in, shape_text, shaped

if TYPE_CHECKING:
    from gradcli.problem import Array, Point

KINDS = "numbers, lists of numbers, NumPy arrays, or a dict or list of those"
RELATED_KEYS = ("d{}", "d_{}", "grad_{}", "{}_grad", "g{}")
"""What people call the gradient of the parameter {} in a dict."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Numbers that belong together: elements start..stop of the flat vector, handed over as `make` makes them."""

    name: str
    shape: tuple[int, ...]
    start: int
    make: Callable[[Array], object]

    @property
    def stop(self) -> int:
        """One past the last element."""
        return self.start + math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Branch:
    """A dict, list or tuple of leaves and branches; `collect` puts it together from its parts, None for a dict."""

    keys: tuple[Any, ...]
    children: tuple[Leaf | Branch, ...]
    collect: Callable[[list[object]], object] | None
    name: str

    @property
    def make(self) -> Callable[[Array], object]:
        """From the flat vector to the same container as in x0, of fresh parts."""
        makers, collect = [child.make for child in self.children], self.collect
        if collect is None:
            named = list(zip(self.keys, makers, strict=True))
            return lambda flat: {key: make(flat) for key, make in named}
        return lambda flat: collect([make(flat) for make in makers])

    def of(self, parts: list[object]) -> object:
        """The container of these parts."""
        return dict(zip(self.keys, parts, strict=True)) if self.collect is None else self.collect(parts)


@dataclass(slots=True)
class Reading:
    """A gradient as it came back: its P numbers, NaN where there are none, and what was odd about it.

    faults: (parameters concerned, what is wrong with the shape); remarks: what was accepted all the same;
    types: the element types of arrays that came, by leaf name.
    """

    values: Array
    faults: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    types: dict[str, np.dtype[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """How P floats are arranged: `names` and the `start` values of x0 (P,), the tree that they
    hang on, and `make`, which hangs views of one flat vector on it.
    """

    names: tuple[str, ...]
    start: Array
    root: Leaf | Branch
    make: Callable[[Array], Any]

    def build(self, point: Point) -> Any:  # noqa: ANN401
        """Fresh parameters of the kind of x0; all numbers are float64, also where x0 had integers or float32."""
        return self.make(np.array(point, dtype=np.float64))

    def renamed(self, names: Sequence[str]) -> Layout:
        """The same layout under names that the person chose."""
        if len(names) != len(self.names):
            raise GradcliError(f"there are {len(names)} names for {len(self.names)} parameters")
        if len(set(names)) < len(names):
            raise GradcliError("two parameters have the same name")
        return replace(self, names=tuple(names))

    def stack(self, rows: Array) -> Any:  # noqa: ANN401
        """The k points of rows (k, P) as parameters with a leading axis of length k; None for kinds that have none."""
        return _stacked(self.root, rows)

    def read(self, answer: object, who: str) -> Reading:
        """The P numbers of a gradient; a shape that does not fit is a fault, what is no number at all an error."""
        reading = Reading(np.full(len(self.names), np.nan))
        self._read(self.root, answer, who, reading)
        return reading

    def of(self, leaf: Leaf | Branch) -> tuple[str, ...]:
        """The names of the elements below a leaf or branch."""
        return tuple(name for part in leaves(leaf) for name in self.names[part.start : part.stop])

    def _read(self, node: Leaf | Branch, answer: object, who: str, reading: Reading) -> None:
        if isinstance(node, Leaf):
            self._read_leaf(node, answer, who, reading)
        elif isinstance(answer, Mapping):
            self._read_mapping(node, answer, who, reading)
        elif len(node.children) == 1 and not isinstance(node.keys[0], int):
            self._read(node.children[0], answer, who, reading)
        elif isinstance(answer, Sequence) and not isinstance(answer, str | bytes) and len(answer) == len(node.children):
            if not all(isinstance(key, int) for key in node.keys):
                reading.remarks.append(f"{who} returned {kind(answer)} instead of a dict: taken in the order of x0")
            for child, part in zip(node.children, answer, strict=True):
                self._read(child, part, f"{who}, for {child.name},", reading)
        else:
            self._read_flat(node, answer, who, reading)

    def _read_mapping(self, node: Branch, answer: Mapping[Any, object], who: str, reading: Reading) -> None:
        keys = _matching(node.keys, answer)
        missing = [key for key in keys if key not in answer]
        extra = [key for key in answer if key not in keys]
        for key, child in zip(keys, node.children, strict=True):
            if key in answer:
                self._read(child, answer[key], f"{who}, for {child.name},", reading)
            else:
                instead = f"; it has {listed(extra)} instead" if extra else ""
                reading.faults.append((self.of(child), f"{who} returned a dict without the key {key!r}{instead}"))
        if extra and not missing:
            reading.remarks.append(f"{who} returned {listed(extra)} as well, which x0 does not have")

    def _read_flat(self, node: Branch, answer: object, who: str, reading: Reading) -> None:
        """All numbers of a branch in one vector."""
        numbers, names = numbers_in(answer, who), self.of(node)
        if numbers.ndim == 1 and numbers.size == len(names):
            reading.remarks.append(f"{who} returned one vector: taken in the order of x0")
            reading.values[[i for part in leaves(node) for i in range(part.start, part.stop)]] = numbers
            reading.types.update({part.name: numbers.dtype for part in leaves(node)})
            return
        expected = f"{len(node.children)} parts ({', '.join(child.name for child in node.children)})"
        reading.faults.append((names, f"{who} returned {shaped(answer, numbers)}, x0 has {expected}"))

    def _read_leaf(self, leaf: Leaf, answer: object, who: str, reading: Reading) -> None:
        if isinstance(answer, Mapping):
            reading.faults.append((self.of(leaf), f"{who} returned a dict, x0 has {shape_text(leaf.shape)}"))
            return
        numbers = numbers_in(answer, who)
        if hasattr(answer, "dtype"):
            reading.types[leaf.name] = numbers.dtype
        if numbers.shape == leaf.shape or _harmless(numbers.shape, leaf.shape):
            reading.values[leaf.start : leaf.stop] = numbers.ravel()
        else:
            message = f"{who} returned {shaped(answer, numbers)}, x0 has {shape_text(leaf.shape)}"
            reading.faults.append((self.of(leaf), message))
        if numbers.shape != leaf.shape and _harmless(numbers.shape, leaf.shape):
            reading.remarks.append(
                f"{who} returned {shape_text(numbers.shape)}, x0 has {shape_text(leaf.shape)}: taken in the order of x0"
            )


def layout_of(x0: object, argument: str = "x", parts: Sequence[str] = ()) -> Layout:
    """The layout of parameters that look like x0.

    Elements are named after the function's argument (`theta[0]`, `W[1,2]`, `x` for a number), or after the keys of a
    dict (`W1[3,0]`, `b`), with a dot between the keys of nested dicts and an index for lists of arrays (`net[0][3,0]`).
    parts: names for the parts of a tuple or list x0 that are arguments of their own.
    """
    values: list[float] = []
    names: list[str] = []
    if parts and isinstance(x0, tuple | list):
        children = [_grow(part, name, values, names) for name, part in zip(parts, x0, strict=True)]
        root: Leaf | Branch = Branch(tuple(range(len(parts))), tuple(children), tuple, argument)
    else:
        root = _grow(x0, argument, values, names, top=True)
    if not values:
        raise GradcliError("x0 has no parameters", f"x0 may be {KINDS}")
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    if twice:
        raise GradcliError(f"two parameters of x0 have the name {min(twice)}", "rename a key of the dict")
    start = np.array(values, dtype=np.float64)
    for i in np.flatnonzero(~np.isfinite(start))[:1]:
        raise GradcliError(f"x0 is not finite: {names[i]} = {values[i]}", "give x0 finite numbers, or another --at")
    return Layout(tuple(names), start, root, root.make)


def _grow(value: object, name: str, values: list[float], names: list[str], *, top: bool = False) -> Leaf | Branch:
    """The node for one part of x0; its numbers and their names are appended to the columns."""
    if isinstance(value, Mapping):
        named = [(part, str(key) if top else f"{name}.{key}") for key, part in value.items()]
        children = [_grow(part, path, values, names) for part, path in named]
        return Branch(tuple(value), tuple(children), _dict_of(type(value), tuple(value)), name)
    if hasattr(value, "_fields"):
        fields: Sequence[str] = value._fields
        named = [(getattr(value, key), key if top else f"{name}.{key}") for key in fields]
        children = [_grow(part, path, values, names) for part, path in named]
        return Branch(tuple(range(len(children))), tuple(children), _sequence_of(value), name)
    if isinstance(value, list | tuple | range) and _shape_of(value) is None:
        children = [_grow(part, f"{name}[{i}]", values, names) for i, part in enumerate(value)]
        return Branch(tuple(range(len(value))), tuple(children), _sequence_of(value), name)
    numbers = _initial(value, name)
    leaf = Leaf(name, numbers.shape, len(values), _maker(value, numbers.shape, len(values)))
    values.extend(numbers.ravel().tolist())
    names.extend(element_names(name, numbers.shape))
    return leaf


def element_names(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    """`w` for a number, `w[0]`, .. for a vector, `W[0,0]`, .. for a matrix."""
    if not shape:
        yield name
        return
    for index in product(*([str(i) for i in range(length)] for length in shape)):
        yield f"{name}[{','.join(index)}]"


def _initial(value: object, name: str) -> Array:
    """The numbers of one part of x0."""
    if value is None or isinstance(value, str | bytes | bool):
        raise GradcliError(f"{name} in x0 is {kind(value)}, not a number", f"x0 may be {KINDS}")
    try:
        numbers = numbers_in(value, f"x0 ({name})", verb="has")
    except GradcliError as refused:
        raise GradcliError(refused.message, f"x0 may be {KINDS}") from refused
    if numbers.dtype.kind == "b":
        raise GradcliError(f"{name} in x0 is made of booleans, not of numbers", f"x0 may be {KINDS}")
    return numbers.astype(np.float64)


def _maker(value: object, shape: tuple[int, ...], start: int) -> Callable[[Array], object]:
    """From the flat vector to a part of the kind of `value`."""
    stop = start + math.prod(shape)
    if isinstance(value, list | tuple | range):
        return lambda flat: _like(value, flat[start:stop].reshape(shape).tolist())
    if not shape and not isinstance(value, np.ndarray):
        return lambda flat: flat.item(start)
    own = slice(start, stop)
    if isinstance(value, np.matrix):
        return lambda flat: np.asmatrix(flat[own].reshape(shape))
    return (lambda flat: flat[own]) if len(shape) == 1 else (lambda flat: flat[own].reshape(shape))


def _like(value: object, made: list[Any]) -> object:
    """Lists as tuples where x0 has tuples; a named tuple keeps its type."""
    if not isinstance(value, list | tuple):
        return made
    parts = [_like(old, new) if isinstance(new, list) else new for old, new in zip(value, made, strict=True)]
    return _sequence_of(value)(parts)


def _sequence_of(value: object) -> Callable[[list[object]], object]:
    if hasattr(value, "_make"):
        make: Callable[[list[object]], object] = value._make
        return make
    return tuple if isinstance(value, tuple) else list


def _dict_of(type_: type, keys: tuple[Any, ...]) -> Callable[[list[object]], object] | None:
    """How to make a subclass of dict, where that can be made from a plain one."""
    if type_ is dict:
        return None

    def collect(parts: list[object]) -> object:
        made = dict(zip(keys, parts, strict=True))
        try:
            return type_(made)
        except TypeError:
            return made

    return collect


def _shape_of(value: object) -> tuple[int, ...] | None:
    """The shape of lists in lists of plain numbers, None if they have none."""
    if isinstance(value, Real):
        return ()
    if not isinstance(value, list | tuple | range):
        return None
    shapes = {_shape_of(part) for part in value} or {()}
    shape = shapes.pop()
    return None if shapes or shape is None else (len(value), *shape)


def _stacked(node: Leaf | Branch, rows: Array) -> object:
    if isinstance(node, Leaf):
        return rows[:, node.start : node.stop].reshape(len(rows), *node.shape)
    if all(isinstance(key, str) for key in node.keys):
        parts = [_stacked(child, rows) for child in node.children]
        return None if any(part is None for part in parts) else node.of(parts)
    return None


def leaves(node: Leaf | Branch) -> Iterator[Leaf]:
    """The leaves below a node, in the order of the flat vector."""
    if isinstance(node, Leaf):
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


def _harmless(came: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """The same numbers in the same order: axes of length 1 aside, or all in one row."""
    squeezed = tuple(n for n in came if n != 1)
    return squeezed == tuple(n for n in expected if n != 1) or came == (math.prod(expected),)


def _matching(keys: tuple[Any, ...], answer: Mapping[Any, object]) -> tuple[Any, ...]:
    """The keys to read: those of x0, or dW1, db1, .. where all of them are there and not one of x0."""
    if not any(key in answer for key in keys):
        for pattern in RELATED_KEYS:
            related = tuple(pattern.format(key) for key in keys)
            if all(key in answer for key in related):
                return related
    return keys
