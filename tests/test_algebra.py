"""What the package builds by itself is what SymPy would build, on pieces of mixed expressions."""

from itertools import islice

import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mixed_expressions import mixed
from sympy import Add, Expr, Float, Integer, Mul, Rational, preorder_traversal

from gradcli.expression import Expression, algebra
from gradcli.expression.surprises import UNSURPRISING

EXPRESSIONS = [Expression.compile(each.text) for each in mixed(150, seed=11)]
PIECES = list(
    dict.fromkeys(
        piece
        for expression in EXPRESSIONS
        for formula in (expression.symbolic, *expression._gradient)
        for piece in islice(preorder_traversal(formula), 40)
        if isinstance(piece, Expr) and piece.count_ops() < 12
    )
)
CALLS = [getattr(sympy, name) for name in sorted({*UNSURPRISING, "Abs"})]
CHANGES = [
    lambda x: x,
    lambda x: algebra.product((Integer(-1), x)),
    lambda x: algebra.product((Integer(3), x)),
    lambda x: algebra.power(x, Integer(2)),
    lambda x: algebra.power(x, Integer(-1)),
    lambda x: algebra.power(x, Rational(1, 2)),
]


@st.composite
def several_pieces(draw):
    """Two to four pieces, and one of them again, changed."""
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=2, max_size=4))
    return [*pieces, draw(st.sampled_from(CHANGES))(draw(st.sampled_from(pieces)))]


def rounded(formula):
    """The formula with decimals of nine digits: multiplied in another order, they differ in the last of a hundred.

    Products are built anew until none changes: in a sum within an exponent, SymPy multiplies out a number before a sum
    in some of them, and only then do exponents meet that are equal. Even powers of sums lose the sum's minus sign.
    """
    plain = formula.replace(lambda node: node.is_Float, nine_digits)
    plain = plain.replace(lambda node: node.is_Pow and node.args[0].is_Add, lambda node: algebra.power(*node.args))
    anew = plain.replace(lambda node: node.is_Mul, lambda node: Mul(*node.args))
    return anew if anew == formula else rounded(anew)


def alike(one, other):
    """Whether two formulas are the same but for the last of nine digits."""
    if one.is_Float and other.is_Float:
        return abs(one - other) <= 1e-7 * abs(other)
    same = one.func == other.func and len(one.args) == len(other.args)
    return one == other or (same and bool(one.args) and all(map(alike, one.args, other.args)))


def nine_digits(number):
    value = float(number)
    return Integer(int(value)) if value.is_integer() and abs(value) < 2**53 else Float(f"{value:.9g}", 15)


@given(several_pieces())
@settings(max_examples=200, deadline=None)
def test_a_sum_is_the_one_that_sympy_builds(pieces):
    assert alike(rounded(algebra.total(pieces)), rounded(Add(*pieces)))


@given(several_pieces())
@settings(max_examples=200, deadline=None)
def test_a_product_is_the_one_that_sympy_builds(pieces):
    assert alike(rounded(algebra.product(pieces)), rounded(Mul(*pieces)))


@given(st.sampled_from(CALLS), several_pieces(), st.sampled_from(CHANGES))
@settings(max_examples=200, deadline=None)
def test_a_call_is_the_one_that_sympy_builds(function, pieces, change):
    argument = change(algebra.total(pieces[:2]))
    assume(function is not sympy.exp or not any(term.is_Float for term in Add.make_args(argument)))
    assert algebra.call(function, argument) == function(argument)


def test_a_decimal_stays_within_an_exponential():
    assert Expression.compile("exp(x + 0.5)").parsed == "exp(x + 0.5)"


def test_whole_decimals_become_integers():
    assert Expression.compile("0.5*x**2 + 0.5*y**4").formula("x") == "x"
    assert Expression.compile("1.5*x**2").formula("x") == "3*x"
    assert Expression.compile("2.5*x*y + 0.5*x*y").formula("x") == "3*y"
