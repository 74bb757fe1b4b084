"""Checks as build servers read them: annotations of a GitHub workflow, and JUnit's XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.output.sheets import one_by_one, raised, taken
from gradcli.output.wording import cell, conclusion, printable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from gradcli.output.records import Record


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
    rows, interrupt = taken(one_by_one(records))
    for record in rows:
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
    yield from raised(interrupt)


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
