"""Terms and factors stand in the order that SymPy gives them."""

from random import Random

from mixed_expressions import mixed
from sympy import Basic, preorder_traversal

from gradcli.expression import Expression
from gradcli.expression.arrangement import arrange, compare


def pieces():
    """All parts of mixed expressions and their derivatives, conditions included."""
    for text in [each.text for each in mixed(100, seed=6)] + ["Piecewise((x*y, x < 1 and y > 2), (x*y + 1, True))"]:
        expression = Expression.compile(text)
        for formula in (expression.symbolic, *expression._gradient):
            yield from preorder_traversal(formula)


def test_any_two_parts_stand_as_in_sympy():
    found = list(dict.fromkeys(pieces()))
    drawn = Random(0)
    for _ in range(20_000):
        one, other = drawn.choice(found), drawn.choice(found)
        expected = Basic.compare(one, other)
        assert (compare(one, other) > 0) - (compare(one, other) < 0) == expected, (one, other)


def test_parts_are_sorted_in_place():
    terms = list(Expression.compile("x10 + x2 + x1*x2 + sin(x1) + x1**2").symbolic.args)
    shuffled = Random(1).sample(terms, len(terms))
    arrange(shuffled)
    assert shuffled == terms
