"""Mistakes as people make them, and right gradients that look wrong: none passed, none accused, causes by name.

`python tests/test_catalogue.py` prints what is said of each, and the score.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from gradcli.check import check_gradient
from gradcli.report import Cause, Report, Verdict
from gradcli.userfile import load

CATALOGUE = Path(__file__).parent / "catalogue"
FAMILIES = sorted(path.stem for path in CATALOGUE.glob("*.py") if path.stem != "correct")
PLACES = {Cause.ONE_PARTIAL, Cause.ROWS, Cause.BLOCKS, Cause.SOME_POINTS}
GOOD = {Verdict.PASS, Verdict.KINK}


@cache
def reports(family: str) -> dict[str, Report]:
    """The report on every loss in one file, by its name without loss_."""
    problems = {problem.name.split(":")[1]: problem for problem in load(where(family))}
    return {name.removeprefix("loss_"): check_gradient(problem) for name, problem in problems.items()}


def where(family: str) -> str:
    return str(CATALOGUE / f"{family}.py")


@cache
def expected(family: str) -> dict[str, tuple[str, ...]]:
    """name -> the codes of which the first diagnosis has to be one; none where the numbers cannot tell."""
    namespace: dict[str, object] = {}
    exec(compile((CATALOGUE / f"{family}.py").read_text(), where(family), "exec"), namespace)
    causes = namespace["CAUSES"]
    assert isinstance(causes, dict)
    return {name: tuple(filter(None, codes.split("|"))) for name, codes in causes.items()}


def first_cause(report: Report) -> str:
    return str(report.diagnoses[0].cause) if report.diagnoses else ""


def test_the_catalogue_is_large_enough():
    assert sum(len(expected(family)) for family in FAMILIES) >= 200
    assert len(reports("correct")) >= 35


@pytest.mark.parametrize("family", FAMILIES)
def test_no_mistake_passes(family):
    passed = [name for name in expected(family) if reports(family)[name].verdict in GOOD]
    assert passed == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_cause_is_named_where_the_numbers_tell_it(family):
    named = {name: first_cause(reports(family)[name]) for name, codes in expected(family).items() if codes}
    assert {name: code for name, code in named.items() if code not in expected(family)[name]} == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_numbers_cannot_tell_is_not_made_up(family):
    silent = [name for name, codes in expected(family).items() if not codes]
    told = {name: first_cause(reports(family)[name]) for name in silent}
    assert {name: code for name, code in told.items() if code not in {"no-pattern", *PLACES}} == {}


@pytest.mark.parametrize("name", reports("correct"))
def test_right_gradients_are_not_accused(name):
    report = reports("correct")[name]
    assert report.verdict is not Verdict.FAIL
    assert report.count(Verdict.FAIL) == 0
    assert first_cause(report) in {"", "float32", "accepted", "constant", "nondeterministic"}


def print_scores(families: list[str]) -> None:
    passed = right = named = tellable = total = 0
    for family in families:
        for name, codes in expected(family).items():
            report, code = reports(family)[name], first_cause(reports(family)[name])
            passed += report.verdict in GOOD
            named += code not in {"", "no-pattern"}
            tellable += bool(codes)
            right += code in codes
            total += 1
            wanted = "" if code in codes or not codes else f" (expected {' or '.join(codes)})"
            evidence = report.diagnoses[0].evidence if report.diagnoses else ""
            print(f"{report.verdict:10} {family}.{name}: {code}{wanted}: {evidence}")
    for name, report in reports("correct").items():
        print(f"{report.verdict:10} correct.{name}: {first_cause(report)}")
    verdicts = [report.verdict for report in reports("correct").values()]
    print(f"{total} mistakes, {passed} passed; a cause for {named}, the right one for {right} of {tellable} tellable")
    print(f"{len(verdicts)} right gradients, {verdicts.count(Verdict.FAIL)} accused, ", end="")
    print(f"{sum(verdict in GOOD for verdict in verdicts)} good")


if __name__ == "__main__":
    print_scores(sys.argv[1:] or FAMILIES)
