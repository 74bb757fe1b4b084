"""A person's own parameters as one flat vector of floats and back: arrays, numbers, lists, and dicts of them.

`layout_of` reads the shape of x0; a `Layout` then builds parameters of the same kind from a point (P,).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.userfile.returned import kind, numbers_in

if TYPE_CHECKING:
    from gradcli.problem import Array, Point

KINDS = "numbers, lists of numbers, NumPy arrays, or a dict or list of those"


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

    def of(self, leaf: Leaf | Branch) -> tuple[str, ...]:
        """The names of the elements below a leaf or branch."""
        return tuple(name for part in leaves(leaf) for name in self.names[part.start : part.stop])


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
    return Layout(tuple(names), start, root, itself if type(x0) is np.ndarray and x0.ndim == 1 else root.make)


def itself(flat: Array) -> Array:
    """A vector needs no view of itself, which every call of a loss would pay for."""
    return flat


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
