"""Results as plain dictionaries, schema gradcli/1: keys are only ever added, numbers are floats or null."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from gradcli.output.sheets import Sheet

if TYPE_CHECKING:
    from gradcli.derivation import Derivation
    from gradcli.derivation.columns import Derivations
    from gradcli.errors import GradcliError
    from gradcli.report import Comparison, Report
    from gradcli.targets import Listed
    from gradcli.training import Trained

Record: TypeAlias = dict[str, Any]

SCHEMA = "gradcli/1"
MOST_VARIABLES_OF_A_POINT = 32
MOST_PARAMETERS_OF_POINTS = 1000
LONGEST_ECHO = 1000
"""Characters of an expression with more variables than that: the output must not grow like P squared."""
ROWS_OF_A_SHEET = 4096


def of_derivation(derivation: Derivation, identity: object = None, line: int | None = None) -> Iterator[Record]:
    """A record per variable and method; per variable with the formula alone where no point was given."""
    head = _derivative_head(derivation, identity, line) | {"point": _point(derivation.point)}
    if derivation.point is None:
        for variable, formula in derivation.formulas.items():
            yield head | _symbolic(derivation.order, variable, formula)
    for row in derivation.comparisons:
        yield head | _derivative(row, derivation.order, derivation.formulas.get(row.parameter))


def of_derivations(block: Derivations, identity: object = None, line: int | None = None) -> Iterator[Sheet]:
    """The same records for a block of points, as columns."""
    point = dict(block.point) if len(block.point) <= MOST_VARIABLES_OF_A_POINT else None
    head = _derivative_head(block, identity, line) | {"point": point}
    yield Sheet(tuple(head | _of_column(block, place) for place in range(len(block.measured))), len(block))


def _derivative_head(found: Derivation | Derivations, identity: object, line: int | None) -> Record:
    """What all records of a derivation, or of a block of them, have in common, before the point."""
    return {
        "schema": SCHEMA,
        "kind": "derivative",
        "id": identity,
        "line": line,
        "expr": _echo(found.expression, len(found.formulas)),
    }


def _of_column(block: Derivations, place: int) -> Record:
    from gradcli.report import VERDICTS

    row = block.measured[place]
    partial, codes = row.partial, set(row.verdict)
    return {
        "variable": partial.variable,
        "value": block.point[partial.variable],
        "order": block.order,
        "method": row.method,
        "step": row.step,
        "numeric": row.numeric,
        "error_estimate": row.error,
        "formula": block.formulas[partial.variable],
        "exact": partial.exact,
        "abs_error": row.absolute_error,
        "rel_error": row.relative_error,
        "left": _apart(block, place, lambda found: number(found.analytic.left)),
        "right": _apart(block, place, lambda found: number(found.analytic.right)),
        "nature": _apart(block, place, lambda found: found.analytic.nature),
        "verdict": [VERDICTS[code] for code in row.verdict] if len(codes) > 1 else VERDICTS[codes.pop()],
        "message": _apart(block, place, lambda found: found.message, partial.note),
    }


def _apart(block: Derivations, place: int, part: Callable[[Comparison], Any], usual: str | None = None) -> Any:  # noqa: ANN401
    """What the points that were looked at one by one have instead of the usual value: a column, if anything."""
    found = {number: value for number, rows in block.apart.items() if (value := part(rows[place])) != usual}
    if not found:
        return usual
    column: list[Any] = [usual] * len(block)
    for number, value in found.items():
        column[number] = value
    return column


def _symbolic(order: int, variable: str, formula: str | None) -> Record:
    message = None if formula is not None else "SymPy knows no symbolic derivative of this expression"
    return {
        "variable": variable,
        "value": None,
        "order": order,
        "method": "symbolic",
        "step": None,
        "numeric": None,
        "error_estimate": None,
        "formula": formula,
        "exact": None,
        "abs_error": None,
        "rel_error": None,
        "left": None,
        "right": None,
        "nature": None,
        "verdict": None,
        "message": message,
    }


def _derivative(row: Comparison, order: int, formula: str | None) -> Record:
    numeric, exact = row.numeric, row.analytic
    return {
        "variable": row.parameter,
        "value": number(row.value),
        "order": order,
        "method": numeric.method,
        "step": number(numeric.step),
        "numeric": number(numeric.slope.value),
        "error_estimate": number(numeric.error),
        "formula": formula,
        "exact": number(exact.value),
        "abs_error": number(row.absolute_error),
        "rel_error": number(row.relative_error),
        "left": number(exact.left),
        "right": number(exact.right),
        "nature": exact.nature,
        "verdict": row.verdict,
        "message": row.message,
    }


def of_report(report: Report, identity: object = None, line: int | None = None) -> Iterator[Record | Sheet]:
    """A record per direction, sheets of a record per partial and point, then the summary."""
    head = {
        "schema": SCHEMA,
        "kind": "check",
        "id": identity,
        "line": line,
        "target": _echo(report.target, len(report.parameters)),
    }
    for row in report.directions:
        yield head | _check(row)
    for point_index in range(len(report.columns.verdict) // max(1, len(report.looked))):
        for first in range(0, len(report.looked), ROWS_OF_A_SHEET):
            some = range(first, min(first + ROWS_OF_A_SHEET, len(report.looked)))
            yield Sheet((head | _columns(report, point_index, some),), len(some))
    yield summary_of(report, identity, line)


def _check(row: Comparison) -> Record:
    numeric = row.numeric
    return {
        "point_index": row.point_index,
        "parameter": row.parameter,
        "value": number(row.value),
        "analytic": number(row.analytic.value),
        "numeric": number(numeric.slope.value),
        "error_estimate": number(numeric.error),
        "abs_error": number(row.absolute_error),
        "rel_error": number(row.relative_error),
        "digits": number(row.digits),
        "left": number(numeric.slope.left),
        "right": number(numeric.slope.right),
        "nature": numeric.slope.nature,
        "verdict": row.verdict,
        "message": row.message,
        "partials": row.partials,
    }


def _columns(report: Report, point_index: int, some: range) -> Record:
    """The same of partials at one point, `some` of those that were looked at."""
    from gradcli.report import NATURES, VERDICTS, digits_of_agreement, relative_error

    columns, point, first = report.columns, report.points[point_index], point_index * len(report.looked)
    rows = slice(first + some.start, first + some.stop)
    where = [report.looked[position] for position in some]
    pairs = list(zip(columns.analytic[rows], columns.numeric[rows], strict=True))
    return {
        "point_index": point_index,
        "parameter": [report.parameters[index] for index in where],
        "value": _finite(point[index] for index in where),
        "analytic": _finite(columns.analytic[rows]),
        "numeric": _finite(columns.numeric[rows]),
        "error_estimate": _finite(columns.error[rows]),
        "abs_error": _finite(abs(ga - gn) for ga, gn in pairs),
        "rel_error": _finite(relative_error(ga, gn) for ga, gn in pairs),
        "digits": _finite(math.nan if (d := digits_of_agreement(ga, gn)) is None else d for ga, gn in pairs),
        "left": _finite(columns.left[rows]),
        "right": _finite(columns.right[rows]),
        "nature": [NATURES[code] for code in columns.nature[rows]],
        "verdict": [VERDICTS[code] for code in columns.verdict[rows]],
        "message": [columns.messages.get(number) for number in range(rows.start, rows.stop)],
        "partials": 1,
    }


def _finite(values: Iterable[float]) -> array[float]:
    """A column of floats that JSON can hold, NaN in the place of the others."""
    return array("d", [value if math.isfinite(value) else math.nan for value in values])


def summary_of(report: Report, identity: object = None, line: int | None = None) -> Record:
    """The verdict on the whole, how often each verdict fell, what it cost, and the likely causes."""
    from gradcli.report import Verdict

    counted = (Verdict.PASS, Verdict.FAIL, Verdict.KINK, Verdict.UNRESOLVED, Verdict.UNDEFINED)
    return {
        "schema": SCHEMA,
        "kind": "summary",
        "id": identity,
        "line": line,
        "target": report.target,
        "verdict": report.verdict,
        "points": _points(report),
        "judged_points": len(report.points),
        "partials": report.partials,
        "looked_at": report.looked_at,
        "directions": len(report.directions),
        "blocks": len({one.parameter for one in report.directions}),
        "covered": report.covered,
        **{str(verdict): report.count(verdict) for verdict in counted},
        "evaluations": report.evaluations,
        "diagnosis": [
            {
                "cause": diagnosis.cause,
                "parameters": list(diagnosis.parameters),
                "evidence": diagnosis.evidence,
                "hint": diagnosis.hint,
            }
            for diagnosis in report.diagnoses
        ],
        "notes": list(report.notes),
        "source": None if report.source is None else {"file": report.source[0], "line": report.source[1]},
    }


def of_training(trained: Trained, _: object = None, __: int | None = None) -> Iterator[Record]:
    """The steps, if they were asked for, then the train record."""
    descent = trained.descent
    for step in trained.steps:
        yield {
            "schema": SCHEMA,
            "kind": "step",
            "target": descent.target,
            "iteration": step.iteration,
            "loss": number(step.loss),
            "gradient_norm": number(step.gradient_norm),
            "parameters": dict(zip(descent.parameters, map(number, step.parameters), strict=True)),
        }
    optimum = descent.optimum
    yield {
        "schema": SCHEMA,
        "kind": "train",
        "target": descent.target,
        "rows": descent.rows,
        "parameters": {name: number(value) for name, value in descent.parameters.items()},
        "loss": number(descent.loss),
        "iterations": descent.iterations,
        "learning_rate": number(descent.learning_rate),
        "converged": descent.converged,
        "optimum": optimum and {"parameters": dict(optimum.parameters), "loss": number(optimum.loss)},
        "checks": [
            {"iteration": check.iteration, "verdict": check.verdict, "rel_error": number(check.relative_error)}
            for check in descent.checks
        ],
        "message": "; ".join([descent.stopped, *descent.notes]),
        "gradient_norm": number(descent.gradient_norm),
        "largest_rate": number(descent.largest_rate),
        "excess": number(descent.excess),
        "distance": number(descent.distance),
        "separable": descent.separable,
        "accuracy": number(descent.accuracy),
        "data": trained.source,
        "notes": list(trained.notes),
    }


def of_function(listed: Listed, _: object = None, __: int | None = None) -> Iterator[Record]:
    """One function that an expression may call."""
    yield {
        "schema": SCHEMA,
        "kind": "function",
        "name": listed.name,
        "aliases": ",".join(listed.aliases) or None,
        "call": listed.call,
        "derivative": {name: formula or "unknown" for name, formula in listed.derivatives.items()},
        "group": listed.group,
        "summary": listed.summary,
    }


def of_error(
    error: GradcliError, identity: object = None, line: int | None = None, expression: str | None = None
) -> Record:
    """One input that could not be used."""
    return {
        "schema": SCHEMA,
        "kind": "error",
        "id": identity,
        "line": line,
        "expr": expression,
        "message": error.message,
        "hint": error.hint,
        "verdict": "error",
    }


def number(value: float | None) -> float | None:
    """A float that JSON can hold, else None."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def _echo(text: str, variables: int) -> str:
    """What was asked, cut where many records repeat it."""
    return text if variables <= MOST_VARIABLES_OF_A_POINT or len(text) <= LONGEST_ECHO else f"{text[:LONGEST_ECHO]}..."


def _point(point: Mapping[str, float] | None) -> dict[str, float | None] | None:
    if point is None or len(point) > MOST_VARIABLES_OF_A_POINT:
        return None
    return {name: number(value) for name, value in point.items()}


def _points(report: Report) -> list[dict[str, float | None]] | None:
    if len(report.parameters) > MOST_PARAMETERS_OF_POINTS:
        return None
    return [
        {name: number(value) for name, value in zip(report.parameters, point, strict=True)} for point in report.points
    ]


def flat(records: Iterable[Record | Sheet]) -> Iterator[Record | Sheet]:
    """Only the rows of a table: summaries and steps are told otherwise."""
    return (one for one in records if isinstance(one, Sheet) or one["kind"] not in {"summary", "step"})
