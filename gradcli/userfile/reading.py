"""A gradient that came back in (nearly) the shape of x0, as one flat vector, with what is odd about it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.userfile.layout import Branch, Layout, Leaf, leaves
from gradcli.userfile.returned import kind, listed, numbers_in, shape_text, shaped

if TYPE_CHECKING:
    from gradcli.problem import Array

RELATED_KEYS = ("d{}", "d_{}", "grad_{}", "{}_grad", "g{}")
"""What people call the gradient of the parameter {} in a dict."""


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


def read(layout: Layout, answer: object, who: str) -> Reading:
    """The P numbers of a gradient; a shape that does not fit is a fault, what is no number at all an error."""
    reading = Reading(np.full(len(layout.names), np.nan))
    _read(layout, layout.root, answer, who, reading)
    return reading


def _read(layout: Layout, node: Leaf | Branch, answer: object, who: str, reading: Reading) -> None:
    if isinstance(node, Leaf):
        _read_leaf(layout, node, answer, who, reading)
    elif isinstance(answer, Mapping):
        _read_mapping(layout, node, answer, who, reading)
    elif len(node.children) == 1 and not isinstance(node.keys[0], int):
        _read(layout, node.children[0], answer, who, reading)
    elif isinstance(answer, Sequence) and not isinstance(answer, str | bytes) and len(answer) == len(node.children):
        if not all(isinstance(key, int) for key in node.keys):
            reading.remarks.append(f"{who} returned {kind(answer)} instead of a dict: taken in the order of x0")
        for child, part in zip(node.children, answer, strict=True):
            _read(layout, child, part, f"{who}, for {child.name},", reading)
    else:
        _read_flat(layout, node, answer, who, reading)


def _read_mapping(layout: Layout, node: Branch, answer: Mapping[Any, object], who: str, reading: Reading) -> None:
    keys = _matching(node.keys, answer)
    missing = [key for key in keys if key not in answer]
    known = set(keys)
    extra = [key for key in answer if key not in known]
    for key, child in zip(keys, node.children, strict=True):
        if key in answer:
            _read(layout, child, answer[key], f"{who}, for {child.name},", reading)
        else:
            instead = f"; it has {listed(extra)} instead" if extra else ""
            reading.faults.append((layout.of(child), f"{who} returned a dict without the key {key!r}{instead}"))
    if extra and not missing:
        reading.remarks.append(f"{who} returned {listed(extra)} as well, which x0 does not have")


def _read_flat(layout: Layout, node: Branch, answer: object, who: str, reading: Reading) -> None:
    """All numbers of a branch in one vector."""
    numbers, names = numbers_in(answer, who), layout.of(node)
    if numbers.ndim == 1 and numbers.size == len(names):
        reading.remarks.append(f"{who} returned one vector: taken in the order of x0")
        reading.values[[i for part in leaves(node) for i in range(part.start, part.stop)]] = numbers
        reading.types.update({part.name: numbers.dtype for part in leaves(node)})
        return
    expected = f"{len(node.children)} parts ({', '.join(child.name for child in node.children)})"
    reading.faults.append((names, f"{who} returned {shaped(answer, numbers)}, x0 has {expected}"))


def _read_leaf(layout: Layout, leaf: Leaf, answer: object, who: str, reading: Reading) -> None:
    if isinstance(answer, Mapping):
        reading.faults.append((layout.of(leaf), f"{who} returned a dict, x0 has {shape_text(leaf.shape)}"))
        return
    numbers = numbers_in(answer, who)
    if hasattr(answer, "dtype"):
        reading.types[leaf.name] = numbers.dtype
    if numbers.shape == leaf.shape or _harmless(numbers.shape, leaf.shape):
        reading.values[leaf.start : leaf.stop] = numbers.ravel()
    else:
        message = f"{who} returned {shaped(answer, numbers)}, x0 has {shape_text(leaf.shape)}"
        reading.faults.append((layout.of(leaf), message))
    if numbers.shape != leaf.shape and _harmless(numbers.shape, leaf.shape):
        reading.remarks.append(
            f"{who} returned {shape_text(numbers.shape)}, x0 has {shape_text(leaf.shape)}: taken in the order of x0"
        )


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
