"""A part of the gradient that is missing or too much: zeros, lambda theta, lambda sign(theta), a constant, a mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from gradcli.diagnosis.fits import Fit, fit, possible
from gradcli.diagnosis.functions import functions_of
from gradcli.diagnosis.partials import NAMED_PROOF, PROOF, Partials, varies
from gradcli.diagnosis.words import count, number, numbers, summed
from gradcli.report import Cause, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradcli.diagnosis.partials import Floats


def missing(partials: Partials) -> tuple[Diagnosis, ...]:
    """What is wrong is exactly zero."""
    suspects = partials.suspects
    if not len(suspects) or np.any(np.abs(suspects.analytic) > 1e-12 * np.abs(suspects.numeric), where=suspects.wrong):
        return ()
    largest = number(float(np.max(np.abs(suspects.numeric[suspects.wrong]))))
    evidence = f"analytic = 0 {count(suspects, partials)}; numeric up to {largest}"
    hint = "never filled in, overwritten with zeros, masked or detached: is every path to the loss followed back?"
    return (Diagnosis(Cause.MISSING, suspects.names, evidence, hint),)


def added_term(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic - numeric = lambda psi(theta): regularisation, or a constant."""
    suspects = partials.suspects
    terms = _terms(suspects)
    for chosen in possible(suspects, np.array([term.psi for term in terms]), suspects.numeric):
        term = terms[int(chosen)]
        found = fit(suspects, [term.psi], base=suspects.numeric)
        if found and _is_term(suspects, term, found):
            evidence = f"analytic - numeric = {summed((found.texts[0], term.name))} {count(suspects, partials)}"
            amount = summed((found.texts[0].removeprefix("-"), term.name))
            lack = f"{amount} is missing" if found.values[0] < 0 else f"{amount} is too much"
            return (Diagnosis(term.cause, suspects.names, evidence, f"{lack}: {term.hint}"),)
    return _mixed_up(suspects, partials)


def _mixed_up(suspects: Partials, partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic - numeric = a theta + b sign(theta): one of the two regularisations stands for the other."""
    found = fit(suspects, [suspects.points, np.sign(suspects.points)], base=suspects.numeric)
    if found is None or _one_sign(suspects.points) or suspects.proof(free=2) < PROOF or not all(found.values):
        return ()
    a, b = found.texts
    evidence = f"analytic - numeric = {summed((a, 'theta'), (b, 'sign(theta)'))} {count(suspects, partials)}"
    return (Diagnosis(Cause.L1_TERM, suspects.names, evidence, L1_HINT),)


@dataclass(frozen=True, slots=True)
class Term:
    """A term psi (K, L) that may be missing or too much."""

    cause: Cause
    name: str
    psi: Floats
    hint: str


def _is_term(suspects: Partials, term: Term, found: Fit) -> bool:
    """Enough agreement; a term that is the same at all points must be shared by partials or have a name."""
    psi = term.psi
    if term.cause is Cause.L1_TERM and _one_sign(psi) and abs(found.values[0]) > 0.9:
        return False
    if suspects.proof(free=1) + found.named < PROOF + (6 if term.cause is Cause.TERM else 0):
        return False
    return varies(psi) or suspects.proof_over_partials(free=1) + found.named >= NAMED_PROOF


def _one_sign(values: Floats) -> bool:
    """A sign that all parameters have is a constant: a lambda is rarely as large as 1, a constant rarely smaller."""
    return abs(float(np.sum(np.sign(values)))) == values.size


def _terms(partials: Partials) -> list[Term]:
    theta = partials.points
    several = len(partials) > 1
    norm = np.linalg.norm(theta, axis=1, keepdims=True)
    terms = [Term(Cause.L2_TERM, "theta", theta, L2_HINT)]
    terms += [Term(Cause.L1_TERM, "sign(theta)", np.sign(theta), L1_HINT)] if several else []
    terms += [Term(Cause.OFFSET, "", np.ones_like(theta), OFFSET_HINT)]
    terms += [Term(Cause.L2_TERM, "theta/|theta|", theta / norm, NORM_HINT)] if several and np.all(norm > 0) else []
    names, values = functions_of(theta)
    finite = np.all(np.isfinite(values), axis=(1, 2))
    listed = list(zip(names, values, finite, strict=True))[1:]
    return terms + [Term(Cause.TERM, name, psi, TERM_HINT) for name, psi, usable in listed if usable]


L2_HINT = (
    "look at the L2 penalty, at its factor and at where it belongs; (lambda/2) sum theta^2 has the derivative "
    "lambda theta, lambda sum theta^2 has 2 lambda theta"
)
L1_HINT = "look at the L1 penalty; lambda sum |theta| has the derivative lambda sign(theta)"
OFFSET_HINT = "look for a term that is linear in these parameters; its derivative is a constant"
NORM_HINT = "look at the penalty; lambda |theta| (not squared) has the derivative lambda theta / |theta|"
TERM_HINT = "look for the term of the loss that has this derivative, each parameter by itself"


def factor_on_one_term(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic = c numeric + mu psi(theta): a factor that belongs to one of two terms only, or a step taken already."""
    if len(partials.suspects) < 3:
        return ()
    theta = partials.points
    alone = fit(partials, [theta], base=np.zeros_like(theta))
    if alone and partials.proof(free=1) >= PROOF + 5:
        evidence = f"analytic = {summed((alone.texts[0], 'theta'))} {count(partials.suspects, partials)}"
        return (Diagnosis(Cause.MISSING, partials.suspects.names, evidence, ALONE_HINT),)
    for name, psi in (("theta", theta), ("sign(theta)", np.sign(theta)), ("", np.ones_like(theta))):
        for where, mask in _masks(len(partials)):
            found = fit(partials, [partials.numeric, psi * mask], base=np.zeros_like(theta))
            if found is None or partials.proof(free=2) + found.named < PROOF + 5:
                continue
            c, mu = found.texts
            sides = f"analytic = {summed((c, 'numeric'), (mu, name))}{where}"
            evidence = f"{sides} {count(partials.suspects, partials)}"
            if name == "theta" and abs(found.values[1] - 1) < 1e-6:
                return (Diagnosis(Cause.UPDATE, partials.suspects.names, evidence, UPDATE_HINT),)
            return (Diagnosis(Cause.TERM_FACTOR, partials.suspects.names, evidence, TWO_TERM_HINT.format(c=c)),)
    return ()


ALONE_HINT = "only a multiple of the parameters is there: the regularisation without the data, or theta itself"
UPDATE_HINT = (
    "these are the parameters after a step of descent; return the gradient and leave the step to the optimiser"
)
TWO_TERM_HINT = (
    "the factor {c} stands on the data term and not on the regularisation, or the other way round: "
    "does the loss divide both by N, and the gradient too?"
)


def _masks(size: int) -> Iterator[tuple[str, Floats]]:
    """On all; on all but the last; on all but the first: a bias is not regularised."""
    ones = np.ones(size)
    yield "", ones
    if size > 3:
        yield ", but for the last", np.where(np.arange(size) < size - 1, ones, 0.0)
        yield ", but for the first", np.where(np.arange(size) > 0, ones, 0.0)


def projection(partials: Partials) -> tuple[Diagnosis, ...]:
    """Analytic - numeric = d(point) psi, psi = 1 or theta, with another d at each point: a mean not taken away."""
    suspects = partials.suspects
    theta = suspects.points
    if len(suspects) < 3:
        return ()
    rows = np.flatnonzero(suspects.wrong.any(axis=1))
    ones = np.ones_like(theta)
    for name, others, hint in (
        ("d", [ones], MEAN_HINT),
        ("d theta", [theta], RADIAL_HINT),
        ("c + d theta", [ones, theta], NORMALISED_HINT),
    ):
        for free in (len(others), len(others) + 1):
            columns = others if free == len(others) else [suspects.numeric, *others]
            if len(suspects) < free + 2 or suspects.proof(free * len(rows)) < PROOF + 5:
                continue
            tried = (_at_one_point(suspects, int(row), columns, is_scaled=free > len(others)) for row in rows)
            fits = list(takewhile(bool, tried))
            if len(fits) == len(rows):
                amounts = numbers([found[-1] for found in fits if found])
                times = "c * numeric" if free > len(others) else "numeric"
                evidence = (
                    f"analytic = {times} + {name} {count(suspects, partials)}, with d = {amounts} at these points"
                )
                invariant = _vanishes(suspects, others)
                return (Diagnosis(Cause.PROJECTION, suspects.names, evidence, hint if invariant else COMMON_HINT),)
    return ()


def _vanishes(suspects: Partials, directions: Sequence[Floats]) -> bool:
    """The reference has no part along these directions: the loss does not change there."""
    gn = suspects.numeric
    error = suspects.tolerance * np.abs(gn) + suspects.errors
    return all(np.all(np.abs(np.sum(gn * d, axis=1)) <= np.sum(error * np.abs(d), axis=1)) for d in directions)


def _at_one_point(
    suspects: Partials, row: int, columns: Sequence[Floats], *, is_scaled: bool
) -> tuple[float, ...] | None:
    """The coefficients that hold at this point."""
    here = suspects.at([row])
    base = np.zeros_like(here.numeric) if is_scaled else here.numeric
    found = fit(here, [column[[row]] for column in columns], base=base)
    return found.values if found and all(found.values) else None


COMMON_HINT = (
    "one number d per point is shared by all of them: a term of the loss that depends on the parameters only through "
    "their sum, their mean or their length is missing, doubled or derived wrongly"
)
MEAN_HINT = (
    "a number d is added to all of them, another at each point: the loss does not change when all of them are shifted "
    "(softmax, centring, batch normalisation), so the gradient must sum to zero; take away its mean"
)
RADIAL_HINT = (
    "the difference points along the parameters: the loss looks at their direction (theta/|theta|, normalised), and "
    "the term that takes away the part of the gradient along theta is missing"
)
NORMALISED_HINT = (
    "the two terms by which a normalisation (x - mean) / spread takes away the mean of the gradient and its part along "
    "the normalised values are missing: the mean and the spread depend on the parameters as well"
)
