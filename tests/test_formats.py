"""Every text format over results made by hand."""

import csv
import io
import json
from array import array
from itertools import chain
from xml.etree import ElementTree as ET

import pytest
from results import at_a_kink, derivation, report

from gradcli.errors import GradcliError
from gradcli.output import builds, formats, records, wording
from gradcli.output.sheets import one_by_one
from gradcli.problem import Nature
from gradcli.report import NATURES, VERDICTS, Columns, Report


def rows_of(*results):
    return chain.from_iterable(records.of_derivation(one) for one in results)


def written(name, rows, columns=formats.DERIVATIVE_COLUMNS):
    return "".join(formats.WRITERS[name](rows, columns))


ERROR = records.of_error(GradcliError("unknown function 'sigmod'", "did you mean sigmoid?"), None, 7, "sigmod(x)")


def test_a_json_line_holds_the_whole_schema_in_order():
    record = json.loads(written("jsonl", rows_of(derivation())))
    assert list(record) == [
        "schema", "kind", "id", "line", "expr", "point", "variable", "value", "order", "method", "step", "numeric",
        "error_estimate", "formula", "exact", "abs_error", "rel_error", "left", "right", "nature", "verdict", "message",
    ]  # fmt: skip
    assert record["schema"] == "gradcli/1"
    assert record["point"] == {"x": 3.0}
    assert record["numeric"] == 6.000000001
    assert record["verdict"] == "pass"


def test_a_json_document_wraps_the_same_records():
    document = json.loads(written("json", rows_of(derivation(), at_a_kink())))
    assert document["schema"] == "gradcli/1"
    assert [record["expr"] for record in document["records"]] == ["x**2 + 1", "abs(x)"]
    assert document["records"][1]["exact"] is None
    assert (document["records"][1]["left"], document["records"][1]["right"]) == (-1.0, 1.0)


def test_numbers_that_are_not_finite_become_null():
    assert records.number(float("nan")) is None
    assert records.number(float("inf")) is None
    assert records.number(1e308) == 1e308


def test_plain_columns_are_aligned_and_hold_no_blanks():
    header, *rows = written("plain", chain(rows_of(derivation(), at_a_kink()), [ERROR])).splitlines()
    names = header.split()
    assert names[0] == "expr"
    for row in rows:
        assert len(row.split()) == len(names)
    for position, name in enumerate(names):
        start = header.index(f" {name} ") + 1 if 0 < position < len(names) - 1 else header.index(name)
        assert all(row[start - 1] == " " for row in rows if start)
    first = dict(zip(names, rows[0].split(), strict=True))
    assert first["expr"] == "x**2+1"
    assert first["point"] == "x=3.0"
    assert first["numeric"] == "6.000000001"
    assert dict(zip(names, rows[2].split(), strict=True)) == dict.fromkeys(names, "-") | {
        "expr": "sigmod(x)",
        "verdict": "error",
    }


def test_plain_is_never_cut_whatever_the_length():
    long = "+".join(["x"] * 2000)
    assert long in written("plain", rows_of(derivation(expression=long)))


def test_live_plain_rows_are_written_one_by_one():
    pieces = formats.plain(rows_of(derivation(), derivation()), formats.DERIVATIVE_COLUMNS, live=True)
    assert next(pieces).startswith("expr")
    assert next(pieces).startswith("x**2+1")


@pytest.mark.parametrize(("name", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_separated_values_read_back(name, delimiter):
    text = written(name, chain(rows_of(derivation(point={"x": 1.0, "y": 2.0})), [ERROR]))
    good, bad = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    assert good["point"] == "x=1.0,y=2.0"
    assert good["left"] == ""
    assert bad["verdict"] == "error"
    assert bad["exact"] == "-"
    assert bad["line"] == "7"


def test_markdown_escapes_its_separator():
    text = written("markdown", rows_of(derivation(expression="a|b")))
    assert "a\\|b" in text
    assert len({line.count("|") - line.count("\\|") for line in text.splitlines()}) == 1


def test_control_characters_never_reach_the_terminal():
    assert wording.printable("a\x1b[31mb\nc") == "a\\x1b[31mb\\x0ac"
    error = GradcliError("bad \x1b]0;title\x07", text="x\x1b[2Jy", span=(1, 2))
    assert not set(wording.explain(error)) & set("\x1b\x07")


def test_an_error_shows_what_is_wrong_with_a_caret():
    error = GradcliError("unknown function 'sigmod'", "did you mean sigmoid?", text="sigmod(x)", span=(0, 6))
    assert wording.explain(error) == (
        "gradcli: error: unknown function 'sigmod'\n  sigmod(x)\n  ^^^^^^\nhint: did you mean sigmoid?\n"
    )


def test_the_caret_stays_under_its_place_in_a_long_text():
    text = "x+" * 5000 + "sigmod(x)" + "+x" * 5000
    _, excerpt, caret, *_ = wording.explain(GradcliError("no", text=text, span=(10000, 10006))).splitlines()
    assert len(excerpt) < 90
    assert excerpt[caret.index("^") : caret.rindex("^") + 1] == "sigmod"


CHECKS = formats.CHECK_COLUMNS


def test_a_check_ends_with_its_summary():
    *rows, summary = one_by_one(records.of_report(report()))
    assert [row["verdict"] for row in rows] == ["pass", "fail"]
    assert summary["kind"] == "summary"
    assert (summary["verdict"], summary["pass"], summary["fail"], summary["partials"]) == ("fail", 1, 1, 2)
    assert summary["points"] == [{"w": 0.5, "b": 0.5}]
    assert summary["diagnosis"][0]["cause"] == "factor"


def odd_report():
    """Two points of four partials: a kink, infinities, zeros, a message."""
    nan, inf, none, kink = float("nan"), float("inf"), NATURES.index(None), NATURES.index(Nature.KINK)
    columns = Columns(
        analytic=array("d", [6.0, nan, 0.0, inf, 1e-300, -1.0, 2.0, 3.0]),
        numeric=array("d", [6.0, nan, 0.0, 1.0, 1e300, 1.0, nan, 3.0 + 1e-9]),
        error=array("d", [1e-12, nan, 0.0, inf, 1.0, 1e-9, nan, 1e-8]),
        step=array("d", [1e-5] * 8),
        left=array("d", [nan, -1.0, *[nan] * 6]),
        right=array("d", [nan, 1.0, *[nan] * 6]),
        evaluations=array("d", [4.0] * 8),
        nature=array("b", [none, kink, *[none] * 6]),
        verdict=array(
            "b", [VERDICTS.index(v) for v in ("pass", "kink", "pass", "fail", "fail", "fail", "undefined", "pass")]
        ),
        messages={1: "f has a kink here", 6: "no derivative | here"},
    )
    points = array("d", [0.5, 0.0, inf, -1e-8]), array("d", [1.0, 2.0, 3.0, 4.0])
    return Report("net, 2 layers", ("w,1", "W[0,0]", "b%s", "c"), points, range(4), columns, 1e-6)


@pytest.mark.parametrize("size", [4096, 3])
def test_sheets_of_a_check_are_its_rows_one_by_one(size, monkeypatch):
    monkeypatch.setattr(records, "ROWS_OF_A_SHEET", size)
    report = odd_report()
    head = {"schema": "gradcli/1", "kind": "check", "id": "a", "line": 3, "target": "net, 2 layers"}
    *rows, _ = one_by_one(records.of_report(report, "a", 3))
    assert rows == [head | records._check(row) for row in report]
    for name in ("json", "jsonl", "csv", "tsv", "markdown", "plain"):
        whole = written(name, records.of_report(report), CHECKS)
        assert whole == written(name, one_by_one(records.of_report(report)), CHECKS), name


def test_the_worst_rows_are_the_first_of_all_of_them():
    report = odd_report()
    every = report.worst_first()
    assert [row.verdict for row in every] == ["fail"] * 3 + ["undefined", "kink"] + ["pass"] * 3
    assert [row.parameter for row in every[:3]] == ["c", "W[0,0]", "w,1"]  # not finite, then 2, then 1
    for most in (0, 1, 4, 8, 100):
        assert report.worst_first(most) == every[:most]


def test_github_annotates_the_line_of_a_wrong_gradient():
    text = written("github", records.of_report(report()), CHECKS)
    assert text.startswith("::error file=model.py,line=12,title=gradient fail::fail: model.py:loss")
    assert "b: analytic 6.0, numeric 3.0" in text
    assert text.count("\n") == 1


def test_github_says_nothing_of_a_right_gradient():
    assert written("github", records.of_report(report(("pass", "pass"))), CHECKS) == ""


def test_github_escapes_what_a_workflow_command_would_misread():
    assert builds._escaped("50% a,b:c\n", ":,") == "50%25 a%2Cb%3Ac%0A"


def test_junit_counts_its_failures():
    root = ET.fromstring(written("junit", records.of_report(report()), CHECKS).partition("\n")[2])
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    assert suite.find("testcase/failure").text == "b: analytic 6.0, numeric 3.0"


@pytest.mark.parametrize(("variables", "whole"), [(32, True), (40, False)])
def test_a_long_expression_is_cut_where_many_records_repeat_it(shell, variables, whole):
    text = "+".join(f"sin(x{k})*{'1' * (2000 // variables)}" for k in range(variables))
    line = json.dumps({"expr": text, "at": {f"x{k}": 1 for k in range(variables)}})
    both = "".join(shell(command, "-", "--format", "jsonl", text=line).out for command in ("derive", "check"))
    rows = [record for record in map(json.loads, both.splitlines()) if record["kind"] != "summary"]
    echoes = {record.get("expr") or record["target"] for record in rows}
    assert len(rows) == (3 + 1) * variables
    assert all((echo == text) == whole for echo in echoes)
    assert whole or all(len(echo) == 1003 and text.startswith(echo[:-3]) for echo in echoes)
