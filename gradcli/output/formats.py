"""Records as text, one generator per format, so that a stream is written as its answers come."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from gradcli.output.builds import github, junit
from gradcli.output.records import SCHEMA, Record, flat
from gradcli.output.sheets import Cell, Sheet, Spelling, raised, spelled, taken
from gradcli.output.sheets import lines as sheet_lines
from gradcli.output.wording import cell

T = TypeVar("T")
Writer = Callable[[Iterable[Record | Sheet], Sequence[str]], Iterator[str]]

DERIVATIVE_COLUMNS = (
    "id", "line", "expr", "point", "variable", "value", "order", "method", "step", "numeric", "error_estimate",
    "formula", "exact", "abs_error", "rel_error", "left", "right", "nature", "verdict", "message",
)  # fmt: skip
CHECK_COLUMNS = (
    "id", "line", "target", "point_index", "parameter", "value", "analytic", "numeric", "error_estimate", "abs_error",
    "rel_error", "digits", "left", "right", "nature", "verdict", "message",
)  # fmt: skip
TRAIN_COLUMNS = (
    "target", "rows", "parameters", "loss", "gradient_norm", "iterations", "learning_rate", "converged", "excess",
    "accuracy", "message",
)  # fmt: skip

FUNCTION_COLUMNS = ("name", "aliases", "call", "derivative", "summary")

NOT_IN_PLAIN = frozenset({"id", "line", "order", "message"})
SETTLED_AFTER = 1000
"""Rows that are read before the widths of plain columns are settled; a live stream settles none."""


def json_document(records: Iterable[Record | Sheet], _: Sequence[str] = ()) -> Iterator[str]:
    """One JSON object whose "records" are all the records."""
    yield f'{{"schema":"{SCHEMA}","records":['
    before = 1
    try:
        for piece in _json_pieces(records, before=",\n"):
            yield piece[before:]  # no comma before the first
            before = 0
    except KeyboardInterrupt:
        yield "\n]}\n"
        raise
    yield "\n]}\n"


def json_lines(records: Iterable[Record | Sheet], _: Sequence[str] = ()) -> Iterator[str]:
    """A JSON object per line."""
    return _json_pieces(records, after="\n")


def _json_pieces(records: Iterable[Record | Sheet], before: str = "", after: str = "") -> Iterator[str]:
    """JSON objects, one or more of them in a piece."""
    for record in records:
        if isinstance(record, Sheet):
            keys = list(record.group[0])

            def line(texts: Iterable[str], keys: Sequence[str] = keys) -> str:
                pairs = (f'"{key}":{text}' for key, text in zip(keys, texts, strict=True))
                return f"{before}{{{','.join(pairs)}}}{after}"

            yield from sheet_lines(spelled(record, keys, JSON), record.count, line)
        else:
            yield before + compact(record) + after


def compact(record: Any) -> str:  # noqa: ANN401  anything that JSON holds
    """Strict JSON: shortest round-trip floats, no NaN, no Infinity."""
    return json.dumps(record, allow_nan=False, separators=(",", ":"))


def comma_separated(records: Iterable[Record | Sheet], columns: Sequence[str]) -> Iterator[str]:
    """RFC 4180 with a header; an empty cell where there is no value."""
    return _separated(records, columns, ",")


def tab_separated(records: Iterable[Record | Sheet], columns: Sequence[str]) -> Iterator[str]:
    """The same with tabs."""
    return _separated(records, columns, "\t")


def _separated(records: Iterable[Record | Sheet], columns: Sequence[str], delimiter: str) -> Iterator[str]:
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")

    def written(cells: Sequence[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(cells)
        return buffer.getvalue()

    def line(texts: Iterable[str]) -> str:
        return delimiter.join(texts) + "\n"

    def quoted(text: str) -> str:
        return written([text, ""]).removesuffix(f"{delimiter}\n")

    spelling = Spelling(lambda value: quoted(cell(value, "")), lambda names: quoted(cell(dict.fromkeys(names, "%s"))))
    yield written(columns)
    for record in flat(records):
        if isinstance(record, Sheet):
            yield from sheet_lines(spelled(record, columns, spelling), record.count, line)
        else:
            yield written(_cells(record, columns, missing=""))


def plain(records: Iterable[Record | Sheet], columns: Sequence[str], *, live: bool = False) -> Iterator[str]:
    """Aligned columns: no blank inside a cell, `-` for a missing value, nothing cut or wrapped.

    `live` writes each row at once, under column widths guessed from the header.
    """
    shown = [column for column in columns if column not in NOT_IN_PLAIN]
    tables = (_plain_table(record, shown) for record in flat(records))
    first, interrupt = ([], None) if live else taken(_some(tables, SETTLED_AFTER))
    widths = _widened(map(len, shown), *(rows for rows, _ in first))
    for rows, count in chain([([shown], 1)], first, raised(interrupt), tables):
        widths = _widened(widths, rows)
        yield from sheet_lines(rows, count, _with_gaps, [*widths[:-1], 0])


def _plain_table(record: Record | Sheet, columns: Sequence[str]) -> tuple[Sequence[Sequence[Cell]], int]:
    """Rows of cells, and how often they are repeated with other values."""
    if isinstance(record, Sheet):
        return spelled(record, columns, PLAIN), record.count
    return [[_without_blanks(cell) for cell in _cells(record, columns, missing="-")]], 1


def _widened(widths: Iterable[int], *tables: Sequence[Sequence[Cell]]) -> list[int]:
    return [max([width, *map(_width, cells)]) for width, *cells in zip(widths, *chain(*tables), strict=True)]


def _width(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else max(map(len, cell))


def _with_gaps(cells: Iterable[str]) -> str:
    return "  ".join(cells) + "\n"


def _some(tables: Iterable[tuple[T, int]], rows: int) -> Iterator[tuple[T, int]]:
    """The next tables that have together this many rows, or all."""
    for table, count in tables:
        yield table, count
        rows -= count
        if rows <= 0:
            return


def markdown(records: Iterable[Record | Sheet], columns: Sequence[str]) -> Iterator[str]:
    """A GitHub-flavoured table."""
    shown = [column for column in columns if column not in NOT_IN_PLAIN]
    yield "| " + " | ".join(shown) + " |\n"
    yield "|" + " --- |" * len(shown) + "\n"
    for record in flat(records):
        if isinstance(record, Sheet):
            yield from sheet_lines(spelled(record, shown, MARKDOWN), record.count, _between_bars)
        else:
            yield _between_bars(map(_escaped_bars, _cells(record, shown, missing="-")))


def _between_bars(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _escaped_bars(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _cells(record: Record, columns: Sequence[str], missing: str) -> list[str]:
    """The record's values as text; a failed line has dashes where it has no value."""
    if record["kind"] == "error":
        record, missing = {"target": record["expr"], **record}, "-"
    return [cell(record.get(column), missing) for column in columns]


JSON = Spelling(compact, lambda names: compact(dict.fromkeys(names, "%s")).replace('"%s"', "%s"))
PLAIN = Spelling(lambda value: _without_blanks(cell(value)), lambda names: cell(dict.fromkeys(names, "%s")))
MARKDOWN = Spelling(lambda value: _escaped_bars(cell(value)), PLAIN.mapping)


def _without_blanks(text: str) -> str:
    """Blanks go where they mean nothing and become `_` between words (`x<1_and_x>0`); an empty cell becomes `-`."""
    words = text.split()
    joined = ""
    for word in words:
        glue = "_" if joined and _wordy(joined[-1]) and _wordy(word[0]) else ""
        joined += glue + word
    return joined or "-"


def _wordy(character: str) -> bool:
    return character.isalnum() or character in "_."


WRITERS: Mapping[str, Writer] = {
    "plain": plain,
    "json": json_document,
    "jsonl": json_lines,
    "csv": comma_separated,
    "tsv": tab_separated,
    "markdown": markdown,
    "github": github,
    "junit": junit,
}
