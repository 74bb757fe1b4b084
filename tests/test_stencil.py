"""Stencil weights against exact rational arithmetic, and the automatic step."""

from fractions import Fraction
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.stencil import STENCILS, central, forward, weights


def exact_weights(offsets, order):
    """Solve sum w_k offset_k^m = m! [m == order] by Gauss-Jordan elimination in rationals."""
    n = len(offsets)
    rows = [[Fraction(x) ** m for x in offsets] + [Fraction(factorial(m) if m == order else 0)] for m in range(n)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[-1] for row in rows]


@given(st.lists(st.integers(-8, 8), min_size=2, max_size=8, unique=True), st.data())
def test_weights_equal_the_solution_in_rationals(offsets, data):
    order = data.draw(st.integers(1, len(offsets) - 1))
    expected = [float(w) for w in exact_weights(offsets, order)]
    assert weights(offsets, order) == pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("name", STENCILS)
def test_stencils_differentiate_polynomials_of_their_degree_exactly(name, order):
    stencil = STENCILS[name](order)
    for degree in range(order + stencil.accuracy):
        combined = sum(w * k**degree for w, k in zip(weights(stencil.offsets, order), stencil.offsets, strict=True))
        assert combined == pytest.approx(factorial(order) if degree == order else 0, abs=1e-8)


def test_the_named_stencils_are_those_of_the_textbooks():
    assert weights(forward().offsets, 1) == (-1.0, 1.0)
    assert weights(central().offsets, 1) == (-0.5, 0.5)
    assert weights(central(2).offsets, 2) == (1.0, -2.0, 1.0)
    assert weights(STENCILS["five-point"](1).offsets, 1) == pytest.approx((1 / 12, -8 / 12, 8 / 12, -1 / 12))


def test_automatic_steps_grow_with_accuracy_and_with_x():
    eps = 2.0**-52
    assert forward().automatic_step(0.5) == eps ** (1 / 2)
    assert central().automatic_step(0.5) == eps ** (1 / 3)
    assert central().automatic_step(-1e6) == pytest.approx(eps ** (1 / 3) * 1e6)
