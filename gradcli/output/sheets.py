"""Sheet: many records of the same form, spelled column by column.

A million records one by one cost as many dictionaries and calls. What is the same in all of them is spelled once, what
varies as a whole column.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from gradcli.output.records import Record

T = TypeVar("T")
Cell: TypeAlias = str | list[str]
"""What stands in one place of every row, or in each of them."""

PIECE = 65_536
"""Characters, about, of the rows that are written in one piece."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """n groups of records, one after the other; each group has the records of `group` with their own values.

    In the place of a value there may be a column: an `array` or a view of n numbers, NaN where there is none, a list of
    n values, or a mapping of names to columns.
    """

    group: tuple[Record, ...]
    count: int

    def __iter__(self) -> Iterator[Record]:
        for number in range(self.count):
            for record in self.group:
                yield {key: _at(value, number) for key, value in record.items()}


def one_by_one(records: Iterable[Record | Sheet]) -> Iterator[Record]:
    """Every record by itself, also those of sheets."""
    for record in records:
        if isinstance(record, Sheet):
            yield from record
        else:
            yield record


def _at(value: Any, number: int) -> Any:  # noqa: ANN401  a record's value is of any JSON type
    if isinstance(value, array | memoryview):
        return None if value[number] != value[number] else value[number]
    if isinstance(value, list):
        return value[number]
    return {name: _at(part, number) for name, part in value.items()} if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one format writes values: `value` any of them, `mapping` one of these names with %s for each value."""

    value: Callable[[Any], str]
    mapping: Callable[[Sequence[str]], str]


def spelled(sheet: Sheet, keys: Sequence[str], spelling: Spelling) -> list[list[Cell]]:
    """The cells of each record of a group, in the order of keys; a column that several share is spelled once."""
    known: dict[int, Cell] = {}
    rows = []
    for record in sheet.group:
        row = []
        for key in keys:
            value = record.get(key)
            if id(value) not in known:
                known[id(value)] = _cell(value, spelling)
            row.append(known[id(value)])
        rows.append(row)
    return rows


def _cell(value: Any, spelling: Spelling) -> Cell:  # noqa: ANN401
    if isinstance(value, array | memoryview):
        return _numbers(value, spelling.value(None))
    if isinstance(value, list):
        words = {word: spelling.value(word) for word in set(value)}
        return [words[word] for word in value]
    if isinstance(value, Mapping):
        template = spelling.mapping(list(value))
        columns = [_cell(part, spelling) for part in value.values()]
        return columns[0] if template == "%s" else list(map(template.__mod__, zip(*columns, strict=True)))
    return spelling.value(value)


def _numbers(column: array[float] | memoryview[float], missing: str) -> list[str]:
    """The shortest texts that read back as the same doubles."""
    text = repr(column.tolist())[1:-1]
    texts = text.split(", ")
    return [missing if one == "nan" else one for one in texts] if "nan" in text else texts


def lines(
    rows: Sequence[Sequence[Cell]], count: int, line: Callable[[Iterable[str]], str], widths: Sequence[int] = ()
) -> Iterator[str]:
    """`count` groups of these rows as text, some of them in one piece; `line` joins the cells of a row.

    widths: of the cells, which are filled up with blanks on the right.
    """
    widest = widths or [0] * len(rows[0])
    template = "".join(line(map(_slot, row, widest)) for row in rows)
    columns = [cell for row in rows for cell in row if isinstance(cell, list)]
    groups: Iterable[tuple[str, ...]] = zip(*columns, strict=True) if columns else repeat((), count)
    texts = map(template.__mod__, groups)
    together = PIECE // len(template) + 1
    while piece := "".join(islice(texts, together)):
        yield piece


def _slot(cell: Cell, width: int) -> str:
    """The place of a cell in the template of its line."""
    return f"%-{width or ''}s" if isinstance(cell, list) else cell.ljust(width).replace("%", "%%")


def taken(rows: Iterable[T]) -> tuple[list[T], KeyboardInterrupt | None]:
    """All rows; and Ctrl-C, if it came, which ends the program after those that are there."""
    done: list[T] = []
    try:
        done.extend(rows)
    except KeyboardInterrupt as interrupt:
        return done, interrupt
    return done, None


def raised(interrupt: KeyboardInterrupt | None) -> Iterator[Any]:
    """Nothing, or what was held back."""
    if interrupt is not None:
        raise interrupt
    yield from ()
