"""Records as text, one generator per format, so that a stream is written as its answers come."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.output.records import SCHEMA, Record, flat
from gradcli.output.sheets import Cell, Sheet, Spelling, one_by_one, spelled
from gradcli.output.sheets import lines as sheet_lines

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gradcli.errors import GradcliError

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

AT_A_POINT = "--at evaluates it, for example --at 3 or --at x=1,y=2"
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
    first, interrupt = ([], None) if live else _taken(_some(tables, SETTLED_AFTER))
    widths = _widened(map(len, shown), *(rows for rows, _ in first))
    for rows, count in chain([([shown], 1)], first, _raised(interrupt), tables):
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


def _taken(rows: Iterable[T]) -> tuple[list[T], KeyboardInterrupt | None]:
    """All rows; and Ctrl-C, if it came, which ends the program after those that are there."""
    taken: list[T] = []
    try:
        taken.extend(rows)
    except KeyboardInterrupt as interrupt:
        return taken, interrupt
    return taken, None


def _raised(interrupt: KeyboardInterrupt | None) -> Iterator[Any]:
    """Nothing, or what was held back."""
    if interrupt is not None:
        raise interrupt
    yield from ()


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


JSON = Spelling(compact, lambda names: compact(dict.fromkeys(names, "%s")).replace('"%s"', "%s"))
PLAIN = Spelling(lambda value: _without_blanks(cell(value)), lambda names: cell(dict.fromkeys(names, "%s")))
MARKDOWN = Spelling(lambda value: _escaped_bars(cell(value)), PLAIN.mapping)


def explain(error: GradcliError, line: int | None = None) -> str:
    """The sentence, the offending text with a caret under it, and the hint, ready for stderr."""
    where = "" if line is None else f"line {line}: "
    parts = [f"gradcli: error: {where}{printable(error.message)}"]
    if error.text and error.span:
        parts += _caret(error.text, *error.span)
    if error.hint:
        parts.append(f"hint: {printable(error.hint)}")
    return "\n".join(parts) + "\n"


EXCERPT = 72
"""Characters of a long input that are shown around what is wrong with it."""


def _caret(text: str, start: int, end: int) -> list[str]:
    first = max(0, min(start - EXCERPT // 3, len(text) - EXCERPT))
    last = min(len(text), first + EXCERPT)
    before, wrong, after = (
        printable(part) for part in (text[first:start], text[start : min(end, last)], text[min(end, last) : last])
    )
    lead, trail = "..." if first else "", "..." if last < len(text) else ""
    return [
        f"  {lead}{before}{wrong}{after}{trail}",
        "  " + " " * len(lead + before) + "^" * max(1, len(wrong)),
    ]


def conclusion(summary: Record) -> list[str]:
    """What a check came to: the verdict with its counts, the likely causes, and what to bear in mind."""
    counts = ", ".join(f"{summary[verdict]} {verdict}" for verdict in COUNTED if summary[verdict])
    lines = [f"{summary['verdict']}: {printable(summary['target'])}: {_looked(summary)}: {counts or 'nothing judged'}"]
    for found in summary["diagnosis"]:
        lines.append(f"cause {found['cause']}: {found['evidence']}")
        lines.append(f"hint: {found['hint']}")
    return lines + [f"note: {note}" for note in summary["notes"]]


def _looked(summary: Record) -> str:
    """How many partials there are, and how they were looked at."""
    points = counted(summary["judged_points"], "point")
    if not summary["directions"]:
        return f"{summary['looked_at']} of {summary['partials']} partials at {points}"
    along = f"{counted(summary['directions'], 'direction')} over {counted(summary['blocks'], 'block')}"
    alone = f"{summary['looked_at']:,} looked at one by one (--all looks at each)"
    return f"{summary['partials']:,} partials at {points} by {along}; {alone}"


def counted(number: int, what: str) -> str:
    """`1 point`, `2 points`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


COUNTED = ("fail", "undefined", "unresolved", "kink", "pass")


def github(records: Iterable[Any], _: Sequence[str] = ()) -> Iterator[str]:
    """Workflow commands that annotate a file and line: an error per wrong gradient, a warning where none can say."""
    worst: Record | None = None
    for record in one_by_one(records):
        if record["kind"] == "error":
            where = "" if record["line"] is None else f"line {record['line']}: "
            yield _annotation("error", "gradcli could not run", where + record["message"], record)
        elif record["kind"] == "summary":
            level = GITHUB_LEVELS.get(record["verdict"])
            if level:
                first, *rest = conclusion(record)
                told = [first, *([_worst_row(worst)] if worst else []), *rest]
                yield _annotation(level, f"gradient {record['verdict']}", "\n".join(told), record)
            worst = None
        elif record["kind"] == "check" and record["verdict"] == "fail":
            worst = max(worst or record, record, key=lambda row: row["rel_error"] or 0.0)


GITHUB_LEVELS = {"fail": "error", "unresolved": "warning", "undefined": "warning"}


def _worst_row(row: Record) -> str:
    return f"{row['parameter']}: analytic {cell(row['analytic'])}, numeric {cell(row['numeric'])}"


def _annotation(level: str, title: str, message: str, record: Record) -> str:
    place = record.get("source")
    file = f"file={_escaped(place['file'], ':,')},line={place['line']}," if place else ""
    return f"::{level} {file}title={_escaped(title, ':,')}::{_escaped(message)}\n"


def _escaped(text: str, more: str = "") -> str:
    """Workflow commands escape %, CR and LF, and in properties also : and , (GitHub, workflow commands)."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def junit(records: Iterable[Any], _: Sequence[str] = ()) -> Iterator[str]:
    """A test suite per target, a test case per partial and point, in the XML that build servers read."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    suites = Element("testsuites", name="gradcli")
    suite: Element | None = None
    taken, interrupt = _taken(one_by_one(records))
    for record in taken:
        name = printable(str(record.get("target") or record.get("expr") or "input"))
        if suite is None or suite.get("name") != name:
            suite = SubElement(suites, "testsuite", name=name)
        if record["kind"] == "summary":
            SubElement(suite, "system-out").text = "\n".join(conclusion(record))
            suite = None
        else:
            _test_case(SubElement(suite, "testcase", classname=name), record)
    for suite in suites:
        for outcome, counted in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            suite.set(outcome, str(len(suite.findall(f".//{counted}"))))
    indent(suites)
    yield "<?xml version='1.0' encoding='utf-8'?>\n" + tostring(suites, encoding="unicode") + "\n"
    yield from _raised(interrupt)


def _test_case(case: Element, record: Record) -> None:
    from xml.etree.ElementTree import SubElement

    if record["kind"] == "error":
        case.set("name", f"line {record['line']}")
        SubElement(case, "error", message=printable(record["message"]))
        return
    case.set("name", f"{printable(record['parameter'])} at point {record['point_index'] + 1}")
    told = record["message"] or f"relative error {cell(record['rel_error'])}"
    if record["verdict"] == "fail":
        SubElement(case, "failure", message=printable(told)).text = _worst_row(record)
    elif record["verdict"] in GITHUB_LEVELS:
        SubElement(case, "skipped", message=printable(f"{record['verdict']}: {told}"))


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
