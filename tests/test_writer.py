"""Formulas are written as SymPy writes them, and read back as what they are."""

import random

import pytest
import sympy
from mixed_expressions import mixed
from sympy.printing.str import StrPrinter

from gradcli.expression import Expression
from gradcli.expression.parser import parse
from gradcli.expression.writer import Writer, write


class Plain(StrPrinter):
    """SymPy's printer with the package's decimals and Euler's number."""

    def _print_Float(self, number):
        return Writer()._float(number)

    def _print_Exp1(self, _):
        return "e"


def formulas():
    """Expressions, and derivatives by the package and by SymPy."""
    for each in mixed(250, seed=3):
        expression = Expression.compile(each.text)
        yield expression.symbolic
        yield from expression._gradient
        yield from (sympy.diff(expression.symbolic, variable) for variable in expression._symbols)


def has_quotient_in_exponent(formula):
    """Whether SymPy's printer multiplies out on its way: it writes -exp((x + y)/2)/2 as -exp(x/2 + y/2)/2."""
    return any(each.args[0].is_Mul and each.args[0].args[-1].is_Add for each in formula.atoms(sympy.exp))


FORMULAS = [formula for formula in formulas() if not has_quotient_in_exponent(formula)]
ODD = (
    "x**-y", "x**(-y/2)", "-1/x", "-(x + 1)/2", "2(x + 1)/(y - 1)", "-2x/(x*y + 1)**2", "1 - 2x", "pi - x", "x - pi", "e*x + e**2",
    "x**(1/3)/y**(2/3)", "sqrt(2)*x + pi*y", "(-x)**y", "2**-x", "(1/2)**x", "x/(2y)", "-x**2*y/(3z)", "max(x, y)*z", "mod(x, 3)**2",
    "where(x > 1, x, -x)*y", "1/sqrt(x)", "-1/sqrt(x*y)", "x**2.5", "sin(x)**-2", "0.1*x/y", "-0.1x", "1e-20x", "x*y/z/w", "-exp(-x)",
    "1e300*x", "exp(x)/exp(y)", "1 + sqrt(2) + pi", "log(2)*x", "x**(y + 1)", "(x + 1)**(y - 1)", "abs(x)/x", "atan2(y, x)",
    "x + 1/x + x**-2 + x**2", "-x - y", "-(x*(y + 1))", "x*(-y - 1)", "gamma(x + 1)*erf(x)", "Heaviside(x)", "3*(x + y)", "1/(3*(x + y))",
)  # fmt: skip


@pytest.mark.parametrize("formula", [*FORMULAS, *map(parse, ODD)], ids=str)
def test_the_text_is_that_of_sympys_printer(formula):
    assert write(formula) == Plain().doprint(formula)


def test_what_is_written_together_is_what_is_written_alone():
    writer = Writer()
    shuffled = random.Random(5).sample(FORMULAS, len(FORMULAS))
    assert [writer.write(formula) for formula in shuffled] == list(map(write, shuffled))


@pytest.mark.parametrize("text", ODD)
def test_what_is_written_is_read_back(text):
    formula = parse(text)
    assert parse(write(formula)) == formula


def test_terms_of_a_long_sum_are_sorted():
    terms = [f"x{k}**{k % 3 + 1}" for k in range(300)]
    random.Random(1).shuffle(terms)
    formula = parse(" + ".join(terms))
    assert write(formula) == Plain().doprint(formula)
