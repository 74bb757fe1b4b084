"""Is the derivative that somebody worked out by hand right, and if not, by which factor or term is it off?

Equality is decided by numbers of two hundred digits at random points; SymPy is asked only to write down the quotient or
the difference of two formulas, and to simplify it only where they are small.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from mpmath import mp, mpf

from gradcli.errors import GradcliError
from gradcli.expression.compiled import Expression
from gradcli.expression.construct import symbol
from gradcli.expression.extended import EXTENDED
from gradcli.expression.lexer import END, shorten, tokens
from gradcli.expression.numeric import Program
from gradcli.expression.ratios import constant_ratio, structure
from gradcli.expression.tape import Tape

if TYPE_CHECKING:
    from gradcli.expression.arithmetic import Number
    from gradcli.problem import Point, Problem

PRECISION = 700
CLOSE, NOTHING = mpf(2) ** -200, mpf(2) ** -400
"""Relative and absolute; equal formulas differ by far less at this precision, different ones by far more."""

RANGES = ((0.1, 2.0), (-2.0, 2.0), (0.01, 0.99), (1.1, 8.0), (-8.0, -0.1))
"""Where points are drawn: most functions have values on one of them."""
POINTS, TRIES, LARGE = 12, 60, 2000
"""Points to compare at, points to try, nodes of an expression beyond which a few points must do."""


@dataclass(frozen=True, slots=True)
class FormulaComparison:
    """One formula that was claimed for a derivative. equal: None where there is nothing to compare it with.

    text: the verdict in words: "equal", "yours is 2x too large", "missing factor 2*x", "extra term y".
    """

    variable: str
    equal: bool | None
    text: str
    claimed: str
    symbolic: str | None


class Sample(NamedTuple):
    """A point at which the expression has a value, with its derivatives there."""

    point: Sequence[Number]
    slopes: Sequence[Number]


def compare_formulas(
    expression: Expression, claimed: str | Sequence[str], wrt: Sequence[str] | None = None
) -> tuple[FormulaComparison, ...]:
    """The formulas claimed for the derivatives by the variables `wrt`, by default all, against SymPy's own."""
    names = tuple(wrt or expression.variables)
    claims = read_claims(expression, claimed, names)
    with mp.workprec(PRECISION):
        samples = list(_samples(expression))
        return tuple(_compare(expression, name, claim, samples) for name, claim in zip(names, claims, strict=True))


def claimed_problem(
    expression: Expression,
    claimed: str | Sequence[str],
    point: Mapping[str, float] | Point,
    wrt: Sequence[str] | None = None,
) -> Problem:
    """The expression's problem with the claimed formulas, evaluated to the last bit, as its gradient."""
    names = tuple(wrt or expression.variables)
    claims = read_claims(expression, claimed, names)
    problem = expression.problem(point, names)

    def gradient(part: Point) -> list[float]:
        whole = expression.placed(point, names, part)
        return [claim.exact_value(whole) for claim in claims]

    return replace(problem, gradient=gradient)


def read_claims(expression: Expression, claimed: str | Sequence[str], names: Sequence[str]) -> list[Expression]:
    """The claimed formulas, one for each name, as expressions of the same variables."""
    texts = split(claimed) if isinstance(claimed, str) else list(claimed)
    if len(texts) != len(names):
        message = f"{len(texts)} formula{'s' * (len(texts) != 1)} for {len(names)} variable{'s' * (len(names) != 1)}"
        raise GradcliError(message, f"give one for each of {', '.join(names[:10])}, in this order")
    return [_claim(expression, text) for text in texts]


def split(text: str) -> list[str]:
    """Formulas between the commas that stand outside parentheses; brackets around all of them may be left out."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    depth, start, parts = 0, 0, []
    for token in tokens(text):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == END or (token.text == "," and depth == 0):
            parts.append(text[start : token.start].strip())
            start = token.end
    return parts


def _claim(expression: Expression, text: str) -> Expression:
    claim = Expression.compile(text, named=expression.variables, limits=expression.limited)
    strangers = claim.variables[len(expression.variables) :]
    if strangers:
        known = shorten(", ".join(expression.variables[:10]), 80) or "none"
        message = f"{shorten(strangers[0])} in {shorten(text, 80)} is not a variable of {shorten(expression.text, 80)}"
        raise GradcliError(message, f"its variables: {known}")
    return claim


def _samples(expression: Expression) -> Iterator[Sample]:
    """Points at which the expression has a value and derivatives, always the same for the same expression."""
    generator = random.Random(0)  # noqa: S311
    tape = Tape.of(expression.symbolic, [symbol(name) for name in expression.variables], expression.domain)
    program = Program(tape, EXTENDED)
    wanted = POINTS if len(tape.nodes) < LARGE else 3
    for attempt in range(TRIES):
        low, high = RANGES[attempt % len(RANGES)]
        point = [mpf(round(generator.uniform(low, high), 3)) for _ in expression.variables]
        values = program.values(point)
        if mp.isfinite(values[-1]):
            yield Sample(point, program.gradient(values))
            wanted -= 1
        if not wanted:
            return


def _compare(expression: Expression, name: str, claim: Expression, samples: Sequence[Sample]) -> FormulaComparison:
    index, formula = expression.index(name), expression.formula(name)
    program = Program(Tape.of(claim.symbolic, [symbol(one) for one in expression.variables], claim.domain), EXTENDED)
    known = [sample for sample in samples if mp.isfinite(sample.slopes[index])]
    values = [program.value(sample.point) for sample in known]
    pairs = [(value, sample) for value, sample in zip(values, known, strict=True) if mp.isfinite(value)]
    wrong = [sample for value, sample in zip(values, known, strict=True) if not _equal(value, sample.slopes[index])]
    if formula is None or not known:
        equal, text = None, "SymPy knows no derivative" if formula is None else "no point found to compare at"
    elif not wrong:
        equal, text = True, "equal"
    else:
        equal, text = False, _verdict(expression, index, claim, pairs) or _example(expression, index, program, wrong[0])
    return FormulaComparison(name, equal, text, claim.text, formula)


def _equal(claimed: Number, exact: Number) -> bool:
    gap = abs(claimed - exact)
    return bool(gap <= CLOSE * abs(exact) or gap <= NOTHING)


def _verdict(
    expression: Expression, index: int, claim: Expression, pairs: Sequence[tuple[Number, Sample]]
) -> str | None:
    """What is wrong with a formula, if it has a name."""
    claimed = [value for value, _ in pairs]
    exact = [sample.slopes[index] for _, sample in pairs]
    if not pairs:
        return None
    ratio = constant_ratio(claimed, exact)
    if ratio:
        return ratio
    for place, name in enumerate(expression.variables):
        if place != index and all(_equal(value, sample.slopes[place]) for value, sample in pairs):
            return f"this is the derivative by {name}"
    return structure(claim.symbolic, expression.derivative(expression.variables[index]))


def _example(expression: Expression, index: int, program: Program, sample: Sample) -> str:
    """Two numbers that differ, where nothing shorter can be said."""
    value = program.value(sample.point)
    shown = ", ".join(f"{name}={mp.nstr(x, 4)}" for name, x in zip(expression.variables, sample.point, strict=True))
    yours = f"yours is {mp.nstr(value, 6)}" if mp.isfinite(value) else "yours has no value"
    return f"{yours}, the derivative {mp.nstr(sample.slopes[index], 6)} at {shown}"
