"""Records as text, one generator per format, so that a stream is written as its answers come."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from gradcli.records import SCHEMA, Record, flat

Writer = Callable[[Iterable[Record], Sequence[str]], Iterator[str]]

DERIVATIVE_COLUMNS = (
    "id", "line", "expr", "point", "variable", "value", "order", "method", "step", "numeric", "error_estimate",
    "formula", "exact", "abs_error", "rel_error", "left", "right", "nature", "verdict", "message",
)  # fmt: skip
CHECK_COLUMNS = (
    "id", "line", "target", "point_index", "parameter", "value", "analytic", "numeric", "error_estimate", "abs_error",
    "rel_error", "digits", "left", "right", "nature", "verdict", "message",
)  # fmt: skip
TRAIN_COLUMNS = (
    "target", "rows", "parameter", "value", "optimum", "loss", "iterations", "learning_rate", "converged", "message",
)  # fmt: skip

NOT_IN_PLAIN = frozenset({"id", "line", "order", "message"})
SETTLED_AFTER = 1000
"""Rows that are read before the widths of plain columns are settled; a live stream settles none."""


def json_document(records: Iterable[Record], _: Sequence[str] = ()) -> Iterator[str]:
    """One JSON object whose "records" are all the records."""
    yield f'{{"schema":"{SCHEMA}","records":['
    for count, record in enumerate(records):
        yield (",\n" if count else "\n") + compact(record)
    yield "\n]}\n"


def json_lines(records: Iterable[Record], _: Sequence[str] = ()) -> Iterator[str]:
    """A JSON object per line."""
    return (compact(record) + "\n" for record in records)


def compact(record: Record) -> str:
    """Strict JSON: shortest round-trip floats, no NaN, no Infinity."""
    return json.dumps(record, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def comma_separated(records: Iterable[Record], columns: Sequence[str]) -> Iterator[str]:
    """RFC 4180 with a header; an empty cell where there is no value."""
    return _separated(records, columns, ",")


def tab_separated(records: Iterable[Record], columns: Sequence[str]) -> Iterator[str]:
    """The same with tabs."""
    return _separated(records, columns, "\t")


def _separated(records: Iterable[Record], columns: Sequence[str], delimiter: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    for row in chain([columns], (_cells(record, columns, missing="") for record in flat(records))):
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def plain(records: Iterable[Record], columns: Sequence[str], *, live: bool = False) -> Iterator[str]:
    """Aligned columns: no blank inside a cell, `-` for a missing value, nothing cut or wrapped.

    `live` writes each row at once, under column widths guessed from the header.
    """
    shown = [column for column in columns if column not in NOT_IN_PLAIN]
    rows = ([_without_blanks(cell) for cell in _cells(record, shown, missing="-")] for record in flat(records))
    first = [] if live else list(islice(rows, SETTLED_AFTER))
    widths = [max(map(len, column)) for column in zip(shown, *first, strict=True)]
    for row in chain([shown], first, rows):
        widths = [max(width, len(cell)) for width, cell in zip(widths, row, strict=True)]
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"


def markdown(records: Iterable[Record], columns: Sequence[str]) -> Iterator[str]:
    """A GitHub-flavoured table."""
    shown = [column for column in columns if column not in NOT_IN_PLAIN]
    yield "| " + " | ".join(shown) + " |\n"
    yield "|" + " --- |" * len(shown) + "\n"
    for record in flat(records):
        cells = (cell.replace("\\", "\\\\").replace("|", "\\|") for cell in _cells(record, shown, missing="-"))
        yield "| " + " | ".join(cells) + " |\n"


WRITERS: Mapping[str, Writer] = {
    "plain": plain,
    "json": json_document,
    "jsonl": json_lines,
    "csv": comma_separated,
    "tsv": tab_separated,
    "markdown": markdown,
}


def _cells(record: Record, columns: Sequence[str], missing: str) -> list[str]:
    """The record's values as text; a failed line has dashes where it has no value."""
    gap = "-" if record["kind"] == "error" else missing
    return [cell(record.get(column), gap) for column in columns]


def cell(value: Any, missing: str = "-") -> str:  # noqa: ANN401  a record's value is of any JSON type
    """A value as text on one line: floats in their shortest round-trip form, a point as x=1.0,y=2.0."""
    if value is None:
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ",".join(f"{name}={cell(part)}" for name, part in value.items())
    if isinstance(value, float):
        return repr(value)
    return printable(str(value))


def printable(text: str) -> str:
    """The text without control characters, which could forge lines or drive the terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


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
