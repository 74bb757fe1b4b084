"""Sums and products of mpmath's numbers are what the operators give, within bounds, beside floats too."""

import math
from random import Random

from mpmath import mp, mpf

from gradcli.expression.extended import EXTENDED

ADD, MULTIPLY, SQUARE = (EXTENDED.operations[name] for name in ("Add", "Mul", "square"))


def numbers(count, seed):
    drawn = Random(seed)
    return [mpf(drawn.uniform(-2, 2)) / 3 * mpf(10) ** drawn.randrange(-12, 12) for _ in range(count)]


def test_they_are_rounded_once_or_as_often_as_there_are_factors():
    for seed in range(50):
        terms = numbers(1 + seed % 7, seed)
        with mp.workprec(170):
            exact, product = mp.fsum(terms), mp.fprod(terms)
            assert abs(ADD(*terms) - exact) <= abs(exact) * mpf(2) ** -169
            assert abs(MULTIPLY(*terms) - product) <= abs(product) * mpf(2) ** -166
            assert SQUARE(terms[0]) == terms[0] * terms[0]


def test_a_float_may_be_among_them():
    assert ADD(mpf(1), 0.5, mpf(2)) == 3.5
    assert MULTIPLY(0.5, mpf(3), mpf(2)) == 3
    assert math.isnan(ADD(mpf(1), math.nan)) and math.isnan(MULTIPLY(math.nan, mpf(0)))


def test_what_is_beyond_the_bounds_is_infinite_or_zero():
    huge = mpf(2) ** 200_000
    assert MULTIPLY(huge, huge) == mp.inf and MULTIPLY(-huge, huge) == mp.ninf and SQUARE(1 / huge) == 0
    assert ADD(mp.inf, mpf(1)) == mp.inf and mp.isnan(ADD(mp.inf, mp.ninf)) and mp.isnan(MULTIPLY(mp.inf, mpf(0)))
