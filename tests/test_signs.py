"""What SymPy is told of a piece is what it finds out by itself, if slowly."""

from mixed_expressions import mixed
from sympy import Basic, preorder_traversal

from gradcli.expression import Expression, signs
from gradcli.expression.construct import symbol
from gradcli.expression.parser import parse

FACTS = (
    "real",
    "positive",
    "negative",
    "nonnegative",
    "nonpositive",
    "zero",
    "finite",
    "infinite",
    "complex",
    "integer",
)


def pieces():
    """Every sum, product, power and call of mixed expressions and their derivatives."""
    for each in mixed(150, seed=5):
        expression = Expression.compile(each.text)
        for formula in (expression.symbolic, *expression._gradient):
            yield from (node for node in preorder_traversal(formula) if type(node).__name__ in signs.RULES)


def test_nothing_is_told_that_sympy_does_not_find_out():
    told = 0
    for piece in dict.fromkeys(pieces()):
        if piece.is_number or signs.sign_of(piece) is signs.UNKNOWN:
            continue
        forgetful = Basic.__new__(type(piece), *piece.args)
        if piece.is_Add or piece.is_Mul:
            forgetful.is_commutative = True
        known = {fact: piece._assumptions[fact] for fact in FACTS if piece._assumptions[fact] is not None}
        assert known == {fact: getattr(forgetful, f"is_{fact}") for fact in known}, piece
        told += len(known)
    assert told > 1000


def test_what_decides_how_a_formula_looks_is_told():
    assert parse("abs(x**2 + 1)") == parse("x**2 + 1")
    assert parse("sqrt((x**2 + 1)**2)") == parse("x**2 + 1")
    assert parse("abs(-exp(x))") == parse("exp(x)")
    assert parse("sqrt(x**2)") == parse("abs(x)")
    assert parse("sqrt(x)**2") == parse("x")
    assert parse("log(exp(x*y))") == parse("x*y")


def test_signs_are_what_they_are():
    expected = {
        "x + y": signs.REAL, "x**2 + 1": signs.POSITIVE, "x**2 + abs(y)": signs.NONNEGATIVE, "-x**2": signs.NONPOSITIVE,
        "-exp(x)": signs.NEGATIVE, "-exp(x)*cosh(y)*(-1 - x**2)": signs.POSITIVE, "x**3": signs.REAL, "1/(x**2 + 1)": signs.POSITIVE,
        "1/x": signs.UNKNOWN, "sqrt(x)": signs.COMPLEX, "sqrt(x**2 + 1)": signs.POSITIVE, "sin(x)*x": signs.REAL, "2**x": signs.POSITIVE,
        "x**y": signs.UNKNOWN, "tanh(x**2)": signs.NONNEGATIVE, "log(x)": signs.UNKNOWN, "x - exp(x)": signs.REAL,
    }  # fmt: skip
    assert {text: signs.sign_of(parse(text)) for text in expected} == expected
    assert signs.sign_of(symbol("x")) is signs.REAL
