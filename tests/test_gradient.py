"""Symbolic gradients are those of `sympy.diff`, about as long, and take no longer than the expression has parts."""

import random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_expressions import mixed, one
from mpmath import mp, mpf
from sympy import Add, Integer, Mul, cos, sin

from gradcli.expression import Expression, forward, gradient
from gradcli.expression.construct import symbol
from gradcli.expression.extended import EXTENDED
from gradcli.expression.numeric import Program
from gradcli.expression.tape import Tape
from gradcli.expression.writer import write

SEEDS = st.integers(0, 10**9).map(random.Random)


def formulas(each):
    """For each variable: our derivative and that of SymPy."""
    expression = Expression.compile(each.text)
    theirs = [sympy.diff(expression.symbolic, variable) for variable in expression._symbols]
    return expression, list(zip(expression._gradient, theirs, strict=True))


def value(formula, expression, point):
    with mp.workprec(300):
        return Program(Tape.of(formula, expression._symbols), EXTENDED).value(
            [mpf(point[name]) for name in expression.variables]
        )


@given(SEEDS)
@settings(max_examples=100, deadline=None)
def test_derivatives_are_those_of_sympy(rng):
    each = one(rng)
    expression, pairs = formulas(each)
    for ours, theirs in pairs:
        if not theirs.has(sympy.Derivative, sympy.Subs, sympy.atan2):  # of Abs(sqrt(x)), SymPy thinks of complex x
            exact, other = value(ours, expression, each.point), value(theirs, expression, each.point)
            assert exact == other or abs(exact - other) <= abs(other) * mpf(10) ** -60 or mp.isnan(other)


@given(SEEDS)
@settings(max_examples=100, deadline=None)
def test_all_variables_at_once_give_the_same_derivatives_as_one_by_one(rng):
    each = one(rng)
    expression, pairs = formulas(each)
    at_once = gradient._by_adjoints(Tape.of(expression.symbolic, expression._symbols), gradient.partial)
    for (ours, _), other in zip(pairs, at_once, strict=True):
        one_by_one, together = value(ours, expression, each.point), value(other, expression, each.point)
        assert (
            one_by_one == together or abs(one_by_one - together) <= abs(together) * mpf(10) ** -60 or mp.isnan(together)
        )


def test_formulas_are_not_longer_than_sympys():
    lengths = [
        (len(write(ours)), len(write(theirs)), write(ours) == write(theirs))
        for each in mixed(300, seed=7)
        for ours, theirs in formulas(each)[1]
    ]
    assert sum(ours for ours, _, _ in lengths) <= 1.02 * sum(theirs for _, theirs, _ in lengths)
    assert all(ours <= 1.25 * theirs + 10 for ours, theirs, _ in lengths)
    assert sum(same for _, _, same in lengths) >= 0.6 * len(lengths)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("x**2", "2*x"), ("sin(x)", "cos(x)"), ("x*sin(x)/x", "cos(x)"), ("0.5*x**2", "x"), ("-x*x", "-2*x"), ("(2*x + 1)**2", "8*x + 4"),
        ("x*x*x", "3*x**2"), ("1/x", "-1/x**2"), ("sqrt(x)", "1/(2*sqrt(x))"), ("exp(-x**2/2)", "-x*exp(-x**2/2)"), ("log(2*x)", "1/x"),
        ("3*(x**2 + 1)**2", "12*x*(x**2 + 1)"), ("x**x", "x**x*(log(x) + 1)"), ("sin(x)**2", "2*sin(x)*cos(x)"), ("2**x", "2**x*log(2)"),
        ("sin(x + cos(x))", "(1 - sin(x))*cos(x + cos(x))"), ("tanh(x)", "1 - tanh(x)**2"), ("x/(x + 1)", "-x/(x + 1)**2 + 1/(x + 1)"),
        ("exp(x + 0.5)", "exp(x + 0.5)"), ("exp(-(x + 1)/2)", "-exp(-(x + 1)/2)/2"), ("sqrt(1 + x**2)", "x/sqrt(x**2 + 1)"), ("abs(x)", "sign(x)"),
    ],
)  # fmt: skip
def test_formulas_look_as_people_write_them(text, formula):
    assert Expression.compile(text).formula("x") == formula


def nodes_walked(text, monkeypatch):
    """How often a node is differentiated, and how many nodes the expression has."""
    walked = []
    for module, name in ((forward, "_of_node"), (gradient, "_passed_on")):
        step = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, step=step: walked.append(1) or step(*given))
    expression = Expression.compile(text, limits=False)
    assert len(expression._gradient) == len(expression.variables)
    return len(walked), len(expression._tape.nodes)


def chain(n):
    text = " + ".join(f"x{k}**2" for k in range(n))
    for _ in range(n // 10):
        text = f"sin({text})"
    return text


def pairs_of(n):
    return " + ".join(f"sin(x{k}*x{k + 1})" for k in range(n))


@pytest.mark.parametrize("shape", [chain, pairs_of])
def test_the_cost_grows_with_the_graph_and_not_with_the_variables(shape, monkeypatch):
    for n in (50, 400):
        with monkeypatch.context() as patch:
            walked, nodes = nodes_walked(shape(n), patch)
        assert walked <= gradient.WALKS * nodes


def test_dependents_are_given_up_when_they_are_too_many():
    expression = Expression.compile("sin(x*y) + cos(y*z)")
    every = Tape.of(expression.symbolic, expression._symbols)
    assert [len(places) for places in every.dependents(100)] == [3, 5, 3]
    assert every.dependents(10) is None
    assert every.dependents(11) is not None


def test_formulas_are_written_when_they_are_looked_at():
    expression = Expression.compile("x**2*y")
    problem = expression.problem({"x": 1, "y": 2})
    assert "_gradient" not in vars(expression)
    assert list(problem.formulas) == ["2*x*y", "x**2"]
    assert problem.formulas[1:] == ("x**2",)


def test_equal_parts_that_are_different_objects_are_one_node():
    x = symbol("x")
    twin = [Mul._from_args([Integer(3), Add._from_args([Integer(1), x])], is_commutative=True) for _ in range(2)]
    assert twin[0] is not twin[1]
    tape = Tape.of(Add._from_args([sin(twin[0]), cos(twin[1])]), [x])
    assert len(tape.nodes) == len(set(tape.nodes)) == 8
    assert sorted(tape.arguments[-1]) == [5, 6] and tape.arguments[5] == tape.arguments[6]
