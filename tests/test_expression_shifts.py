"""Beside a point only what depends on the moved variable is computed, and the values are the same to the last bit."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_expressions import one

from gradcli.expression import Expression
from gradcli.problem import one_at_a_time

HARD = (
    "log(x)*y", "sqrt(x - 1) + y**2", "1/x + y", "where(x > 0, log(x), y)", "(x/x)*y", "exp(log(y))*x", "x**y", "max(x, y) + abs(x)", "y + 0*x",
    "x/x + z", "mod(x, y)", "gamma(x)*y", "5", "x", "floor(x)*sign(y)", "1e308*x*y", "asin(x*y)",
)  # fmt: skip


def agree(problem, point):
    indices = [k for k in range(len(problem.parameters)) for _ in range(6)]
    steps = [step for _ in problem.parameters for step in (1e-6, -1e-6, 1.0, -1.0, -3.0, math.nan)]
    ours = problem.at(point).losses(indices, steps)
    plain = one_at_a_time(problem.function)(point, indices, steps)
    assert list(map(repr, ours)) == list(map(repr, plain))


@given(st.integers(0, 10**9).map(random.Random))
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_the_function_to_the_last_bit(rng):
    each = one(rng)
    problem = Expression.compile(each.text).problem(each.point)
    agree(problem, list(problem.point))
    agree(problem, [value + 0.25 for value in problem.point])


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, -2.0])
def test_values_are_the_same_where_some_are_missing(text, value):
    expression = Expression.compile(text, variables=("x", "y", "z"), named=("x", "y", "z"))
    problem = expression.problem({"x": value, "y": 1.5, "z": 2.0})
    agree(problem, list(problem.point))


def test_some_of_the_variables_may_move():
    problem = Expression.compile("x*y**2 + z").problem({"x": 1.0, "y": 2.0, "z": 3.0}, wrt=("z", "x"))
    assert list(problem.losses([0, 1, 1], [1.0, 1.0, -1.0])) == [8.0, 11.0, 3.0]


def test_only_what_depends_on_the_variable_is_computed():
    n = 300
    expression = Expression.compile(" + ".join(f"sin(x{k}*x{k + 1})" for k in range(n)))
    problem = expression.problem([1.0] * (n + 1))
    problem.losses(range(n + 1), [1e-6] * (n + 1))
    assert sum(map(len, expression._shifts._moving.values())) < 10 * n
