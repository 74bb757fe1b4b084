"""The kinds of results a command shows: their columns, records, renderables, remarks and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.derivation import Derivation
from gradcli.output import GOOD, NO_VERDICT, WRONG, formats, records
from gradcli.output.showing import Kind
from gradcli.output.wording import AT_A_POINT, conclusion, printable
from gradcli.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradcli.derivation.columns import Derivations
    from gradcli.output.records import Record
    from gradcli.output.sheets import Sheet
    from gradcli.report import Report
    from gradcli.targets import Listed
    from gradcli.training import Trained

WITHOUT_VERDICT = frozenset({Verdict.UNDEFINED, Verdict.UNRESOLVED})


def _derivation_table(derivation: Derivation, width: int) -> Any:  # noqa: ANN401  Rich is imported where it is used
    from gradcli.output.tables import of_derivation

    return of_derivation(derivation, width)


def _derivation_records(
    found: Derivation | Derivations, identity: object, line: int | None
) -> Iterator[Record | Sheet]:
    if isinstance(found, Derivation):
        return records.of_derivation(found, identity, line)
    return records.of_derivations(found, identity, line)


def _derivation_pieces(found: Derivation | Derivations) -> Iterable[Derivation]:
    return (found,) if isinstance(found, Derivation) else found


def _derivation_remarks(found: Derivation | Derivations, verbose: bool) -> list[str]:
    """What a table would be headed by (only when asked for), and what the rows cannot say."""
    lines = []
    if verbose and found.first:
        lines.append(f"f = {printable(found.parsed)}")
        lines += [f"{name} = {formula}" for name, formula in found.titled_formulas.items()]
    if found.point is None:
        lines.append(f"note: {AT_A_POINT}")
    return lines + [f"note: {message}" for message in found.remarks]


def _derivation_code(found: Derivation | Derivations) -> int:
    return NO_VERDICT if found.verdicts & WITHOUT_VERDICT else GOOD


DERIVATIONS = Kind(
    formats.DERIVATIVE_COLUMNS,
    _derivation_records,
    _derivation_table,
    _derivation_remarks,
    _derivation_code,
    pieces=_derivation_pieces,
)


def _report_table(report: Report, width: int) -> Any:  # noqa: ANN401  Rich is imported where it is used
    from gradcli.output.tables import of_report

    return of_report(report, width)


def _report_remarks(report: Report, _: bool) -> list[str]:
    return conclusion(records.summary_of(report))


def checks(*, allow_unresolved: bool) -> Kind:
    """Checks; `allow_unresolved` takes partials without a verdict as good where others passed."""

    def code(report: Report) -> int:
        if report.verdict == Verdict.FAIL:
            return WRONG
        if report.verdict in WITHOUT_VERDICT:
            return GOOD if allow_unresolved and report.count(Verdict.PASS) else NO_VERDICT
        return GOOD

    return Kind(formats.CHECK_COLUMNS, records.of_report, _report_table, _report_remarks, code, news=True)


def _training_table(trained: Trained, width: int) -> Any:  # noqa: ANN401  Rich is imported where it is used
    from gradcli.output.tables import of_training

    return of_training(trained, width)


def _training_remarks(trained: Trained, _: bool) -> list[str]:
    """Why it stopped, how the gradient fared on the way, and what a reader should know."""
    descent = trained.descent
    lines = [f"stopped: {descent.stopped}"]
    checked = ", ".join(f"{check.verdict} at iteration {check.iteration}" for check in descent.checks)
    lines += [f"gradient: {checked}"] if checked else []
    return lines + [f"note: {note}" for note in trained.notes]


def _training_code(trained: Trained) -> int:
    checks = trained.descent.checks
    return WRONG if checks and checks[-1].verdict == Verdict.FAIL else GOOD


DESCENTS = Kind(formats.TRAIN_COLUMNS, records.of_training, _training_table, _training_remarks, _training_code)


def _function_table(listed: Listed, width: int) -> Any:  # noqa: ANN401  Rich is imported where it is used
    from gradcli.output.tables import of_function

    return of_function(listed, width)


FUNCTIONS = Kind(
    formats.FUNCTION_COLUMNS, records.of_function, _function_table, lambda _listed, _verbose: [], lambda _listed: GOOD
)
