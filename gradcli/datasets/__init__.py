"""Data to fit: two small real sets that come with the package, and anybody's CSV file (`sample`, `read`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from gradcli.datasets.cells import LARGEST, NUMBER, shown
from gradcli.datasets.tabular import Table, open_table, position
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.problem import Array

TARGETS = {"y", "target", "label", "labels", "class", "outcome", "response", "output"}
"""Names by which a last column is plainly the target."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Features X (N, d) and target y (N,), their names, where they come from, and what a reader should know."""

    X: Array
    y: Array
    features: tuple[str, ...]
    target: str
    source: str
    notes: tuple[str, ...] = ()


NORRIS = (
    "ozone concentrations shown by a monitor against those of NIST's standard; J. Norris, NIST, the set Norris of the "
    "Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/, public domain"
)
CHALLENGER = (
    "temperature in degrees Fahrenheit at 23 launches of space shuttles before the Challenger's last, and whether "
    "O-rings were in distress; Report of the Presidential Commission on the Space Shuttle Challenger Accident (1986), "
    "public domain"
)
SAMPLES = {"linreg": ("norris.csv", "monitor", NORRIS), "nn": ("challenger.csv", "distress", CHALLENGER)}
"""For each model the file, the target, and what it is, from whom."""


def sample(model: str) -> Dataset:
    """The data that come with the package for "linreg" or "nn"."""
    file, target, origin = SAMPLES[model]
    with resources.as_file(resources.files("gradcli") / "data" / file) as path:
        found = read(str(path), target=target, labels=model == "nn")
    return Dataset(found.X, found.y, found.features, found.target, f"{file}: {origin}")


def read(
    path: str,
    *,
    target: str | None = None,
    features: Sequence[str] | None = None,
    intercept: bool = True,
    labels: bool = False,
) -> Dataset:
    """Numbers from a CSV file, or from standard input for "-"; GradcliError names the row and column that is unusable.

    target: guessed, and said, only if the last column is plainly it. features: all other columns if not named.
    labels: the target has to be 0 or 1.
    """
    with open_table(path) as table:
        found = _chosen(table, target, features, labels=labels)
    examine(found, intercept=intercept, labels=labels)
    return found


def _chosen(table: Table, target: str | None, features: Sequence[str] | None, *, labels: bool) -> Dataset:
    notes = ["columns are separated by semicolons"] if table.delimiter == ";" else []
    if target is None:
        target = _plain_target(table)
        notes.append(f"the target is '{target}', the last column; --target names another")
    at = position(table, target, "--target")
    wanted = _features(table, features, at)
    try:
        columns = np.ascontiguousarray(table.numbers([*wanted, at]).T)
    except GradcliError:
        if labels:
            _refuse_words(table, at)
        raise
    names = tuple(table.names[index] for index in wanted)
    return Dataset(columns[:-1].T, columns[-1], names, target, table.source, tuple(notes))


def examine(data: Dataset, *, intercept: bool, labels: bool) -> None:
    """Refuse what no model can learn from: too few rows, wrong labels, constant and duplicate columns."""
    rows = data.y.size
    if rows < 2:
        found = "no rows below its header" if rows == 0 else "only one row of data"
        raise GradcliError(f"{data.source} has {found}", "give at least two rows")
    if labels:
        _refuse_labels(data)
    if 0 < np.ptp(data.y) < 1 / LARGEST:
        message = f"{data.source}: the target '{data.target}' varies so little that its squares are 0"
        raise GradcliError(message, "use a smaller unit in this column")
    if np.ptp(data.y) == 0:
        raise GradcliError(
            f"{data.source}: the target '{data.target}' is {data.y[0]:g} in every row", "there is nothing to learn"
        )
    _refuse_constants(data, intercept=intercept)
    _refuse_duplicates(data)


def _plain_target(table: Table) -> str:
    """The last column, if its name says so or there is just one other, and no other column's name says so."""
    *others, last = table.names
    named = [name for name in table.names if name.lower() in TARGETS]
    if last and (named == [last] or (len(others) == 1 and not named)):
        return last
    hint = f"perhaps --target {named[0]}" if named else f"name it with --target: {', '.join(filter(None, table.names))}"
    raise GradcliError(f"{table.source} does not say which column is the target", hint)


def _features(table: Table, names: Sequence[str] | None, target: int) -> list[int]:
    if names is None:
        unnamed = [number for number, name in enumerate(table.names, 1) if not name]
        if unnamed:
            raise GradcliError(f"{table.source}: column {unnamed[0]} has no name", "name it, or choose with --features")
        return [index for index in range(len(table.names)) if index != target]
    wanted = [position(table, name, "--features") for name in names]
    if not wanted:
        raise GradcliError("no features are named", f"choose from {', '.join(table.names)}")
    for name, index in zip(names, wanted, strict=True):
        if index == target:
            raise GradcliError(f"'{name}' is the target and a feature", "leave it out of --features")
        if wanted.count(index) > 1:
            raise GradcliError(f"--features names '{name}' twice", "name it once")
    return wanted


def _refuse_labels(data: Dataset) -> None:
    values = np.unique(data.y)
    if np.array_equal(values, (0.0, 1.0)):
        return
    shown = [f"{value:g}" for value in values[:5].tolist()]
    raise _labels_error(data.source, data.target, shown, values.size)


def _refuse_words(table: Table, target: int) -> None:
    """Labels such as yes and no deserve to hear more than that they are not numbers."""
    words = {shown(cells[target].strip()) for _, cells in table.rows() if len(cells) > target}
    if words and not any(NUMBER.fullmatch(word) or not word for word in words):
        raise _labels_error(table.source, table.names[target], sorted(words)[:5], len(words))


def _labels_error(source: str, target: str, shown: Sequence[str], count: int) -> GradcliError:
    where = f"{source}: the labels in column '{target}'"
    if count == 2:
        return GradcliError(
            f"{where} are {shown[0]} and {shown[1]}, not 0 and 1", f"write 0 for {shown[0]} and 1 for {shown[1]}"
        )
    if count == 1:
        return GradcliError(f"{where} are all {shown[0]}", "labels of both kinds, 0 and 1, are needed")
    some = ", ".join(shown) + (", ..." if count > len(shown) else "")
    return GradcliError(f"{where} have {count} values ({some}), not the two 0 and 1", "for numbers there is linreg")


def _refuse_constants(data: Dataset, *, intercept: bool) -> None:
    for name, column in zip(data.features, data.X.T, strict=True):
        value = float(column[0])
        if (intercept or value == 0) and not math.isnan(value) and (column == value).all():
            hint = "leave it out with --features" + (", or the intercept with --no-intercept" if value else "")
            raise GradcliError(f"{data.source}: column '{name}' is {value:g} in every row", hint)


def _refuse_duplicates(data: Dataset) -> None:
    alike: dict[tuple[float, ...], list[int]] = {}
    for index, column in enumerate(data.X.T):
        for earlier in alike.setdefault(tuple(column[:16].tolist()), []):
            if np.array_equal(column, data.X.T[earlier]):
                names = f"'{data.features[earlier]}' and '{data.features[index]}'"
                message = f"{data.source}: columns {names} are the same in every row"
                raise GradcliError(message, "leave one out with --features")
        alike[tuple(column[:16].tolist())].append(index)
