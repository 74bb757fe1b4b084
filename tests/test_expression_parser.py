"""What texts mean as expressions, and what is said of those that mean nothing."""

import re
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Eq,
    Float,
    Heaviside,
    Integer,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    true,
)

from gradcli.errors import GradcliError, LimitError
from gradcli.expression import Expression
from gradcli.expression.cursor import VALUELESS
from gradcli.expression.functions import FUNCTIONS
from gradcli.expression.parser import parse, read
from gradcli.expression.suggestions import SPELLED
from gradcli.expression.writer import write

x, y, e = (Symbol(name, real=True) for name in ("x", "y", "e"))

MEANINGS = {
    "x**2": x**2,
    "x^2": x**2,
    "-x**2": -(x**2),
    "(-x)**2": x**2,
    "2**-x": Integer(2) ** -x,
    "x**-1": 1 / x,
    "x**y**2": x ** (y**2),
    "2^-x^2": Integer(2) ** -(x**2),
    "--x": x,
    "+x": x,
    "x--y": x + y,
    "x - y - x": -y,
    "x/y/x": 1 / y,
    "x/y*x": x**2 / y,
    "1/2*x": x / 2,
    "6/2*3": Integer(9),
    "2x": 2 * x,
    "2 x": 2 * x,
    "2x**2": 2 * x**2,
    "2x*y": 2 * x * y,
    "-2x": -2 * x,
    "2pi": 2 * pi,
    "2sin(x)": 2 * sin(x),
    "2e3x": 2000 * x,
    "2exp(x)": 2 * exp(x),
    "(x+1)(x-1)": (x + 1) * (x - 1),
    "(x+1)y": (x + 1) * y,
    "sin(x)cos(x)": sin(x) * cos(x),
    "3(x+1)y": (x + 1) * y * 3,
    "1/3": Rational(1, 3),
    "x**(1/3)": Pow(x, Rational(1, 3)),
    "e^x": exp(x),
    "e": sympy.E,
    "pi": pi,
    ".5": Float(0.5, precision=336),
    "5.": Integer(5),
    "1e3": Integer(1000),
    "2.0": Integer(2),
    "x**2.0": x**2,
    "x**0.5": sqrt(x),
    "x**-0.5": 1 / sqrt(x),
    "x**1.5": x ** Rational(3, 2),
    "x**(0.5*2)": x,
    "x%3": FUNCTIONS["Mod"].construct(x, Integer(3)),
    "x*y%3": FUNCTIONS["Mod"].construct(x * y, Integer(3)),
    "|".join(()) + "abs(x)": Abs(x),
    "arcsin(x)": sympy.asin(x),
    "log(x, 10)": log(x) / log(10),
    "Heaviside(x, 1)": Heaviside(x, 1),
    "where(x > 0, x, 0)": Piecewise((x, x > 0), (0, True)),
    "where(0 < x < 1, x, 0)": Piecewise((x, (x > 0) & (x < 1)), (0, True)),
    "where(x > 0 & y > 0, x, 0)": Piecewise((x, (x > 0) & (y > 0)), (0, True)),
    "where((x > 0) and not (y > 0), x, 0)": Piecewise((x, (x > 0) & (y <= 0)), (0, True)),
    "where(~(x > 0) | x == 2, x, 0)": Piecewise((x, (x <= 0) | Eq(x, 2)), (0, True)),
    "where(Eq(x, 0), 1, sin(x)/x)": Piecewise((1, Eq(x, 0)), (sin(x) / x, True)),
    "Piecewise((x**2, x < 1), (1/x, True))": Piecewise((x**2, x < 1), (1 / x, True)),
    "where(2 > 1, x, y)": x,
    "And": Symbol("And", real=True),
    "beta*gamma*lambda*zeta": sympy.prod(Symbol(n, real=True) for n in ("beta", "gamma", "lambda", "zeta")),
    "S+N+Q+O+I+E": sum(Symbol(n, real=True) for n in "SNQOIE"),
    "x_1*theta1": Symbol("x_1", real=True) * Symbol("theta1", real=True),
    "cost + sinus": Symbol("cost", real=True) + Symbol("sinus", real=True),
    "if*else": Symbol("if", real=True) * Symbol("else", real=True),
    " \tx\n+ 1\r\n": x + 1,
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_text_means_this(text):
    assert _plain(parse(text)) == _plain(MEANINGS[text])


def _plain(expression):
    """Conditions and undistributed products as SymPy itself would have them."""
    return expression.doit() if not expression.has(Piecewise) else Piecewise(*expression.args)


@pytest.mark.parametrize("name", sorted({*"xyabcSNQOIEijk", "beta", "gamma", "lambda", "zeta", "Ei", "Si", "is", "x1"}))
def test_a_name_is_one_real_symbol(name):
    assert parse(name) is parse(name)
    assert parse(name) == Symbol(name, real=True)  # not the same object any more once SymPy's cache has let it go


def test_a_name_with_a_value_is_a_variable_whatever_else_it_could_mean():
    assert parse("e*pi*sin", variables={"e", "pi", "sin"}) == e * Symbol("pi", real=True) * Symbol("sin", real=True)
    assert parse("cosx", variables=["cosx"]) == Symbol("cosx", real=True)
    assert parse("gamma(gamma)", variables={"gamma"}) == sympy.gamma(Symbol("gamma", real=True))


def test_products_in_front_of_sums_stay_as_typed():
    assert write(parse("2*(x+1)")) == "2*(x + 1)"
    assert write(parse("(2*(x+1))*3 + y")) == "y + 6*(x + 1)"


def test_names_are_kept_where_they_cancel():
    assert read("y - y + x*0").names == ("y", "x")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("x/x", [1 / x]),
        ("x**2*y/x", [1 / x]),
        ("sqrt(x)**2", [sqrt(x)]),
        ("exp(log(x))", [log(x)]),
        ("0*log(x)", [log(x)]),
        ("log(x) - log(x)", [log(x)]),
        ("1/x/x", []),
        ("sqrt(x)*x", []),
        ("sqrt(x)/x", []),
        ("x/y + 1/y", []),
        ("where(x > 0, exp(log(x)), 0)", [Piecewise((log(x), x > 0), (0, True), evaluate=False)]),
        ("sin(x)/x", []),
        ("exp(x)/exp(x)", []),
    ],
)
def test_what_simplification_cancels_is_remembered(text, domain):
    assert list(read(text).domain) == domain


@pytest.mark.parametrize(
    "literal", ["0.1", "0.3", "1e-8", "123.456", "1e23", "2.5e-308", "5e-324", "1.7976931348623157e308"]
)
def test_a_decimal_is_exactly_its_double(literal):
    value = parse(literal)
    assert (
        Rational(*float(literal).as_integer_ratio()) == Rational(value.p, value.q)
        if value.is_Rational
        else _exact(value)
    )
    assert float(value) == float(literal)


def _exact(value):
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** exponent == Fraction(float(value))


def test_functions_of_decimals_are_known_to_more_digits_than_a_double_has():
    with mpmath.workdps(80):
        assert abs(mpmath.mpf(parse("sin(0.1)")._mpf_) - mpmath.sin(mpmath.mpf(0.1))) < mpmath.mpf(10) ** -75
        assert abs(mpmath.mpf(parse("0.1 + 0.2")._mpf_) - (mpmath.mpf(0.1) + mpmath.mpf(0.2))) == 0


def test_formulas_are_written_with_short_decimals():
    assert write(parse("0.1*x + 1e23*y - 0.5")) == "0.1*x + 1e+23*y - 0.5"
    assert write(parse("e*x")) == "e*x"


REFUSED = {
    "": ("is empty", " ", "write a formula, as in x**2"),
    "1/2x": ("1/2x can mean 1/(2*x) or (1/2)*x", "1/2x", "write one of these"),
    "y*1/2x": ("can mean y*1/(2*x) or (y*1/2)*x", "y*1/2x", "write one of these"),
    "x**2y": ("can mean x**(2*y) or (x**2)*y", "x**2y", "write one of these"),
    "1/2(x+1)": ("can mean 1/(2*(x+1)) or (1/2)*(x+1)", "1/2(x+1)", "write one of these"),
    "x%2y": ("can mean x%(2*y) or (x%2)*y", "x%2y", "write one of these"),
    "x(1+y)": ("x is not a function", "x", "write x*(1+y) for a product"),
    "pi(x)": ("pi is not a function", "pi", "write pi*(x) for a product"),
    "sin x": ("sin needs parentheses", "sin x", "write sin(x)"),
    "sin 2x + 1": ("sin needs parentheses", "sin 2", "write sin(2x) + 1"),
    "gamma x": ("gamma needs parentheses", "gamma x", "write gamma(x)"),
    "sin": ("sin is a function", "sin", "write sin(x)"),
    "sin^2(x)": ("sin needs parentheses", "sin", "write sin(x)**2"),
    "1 + sin**2 x": ("sin needs parentheses", "sin", "write 1 + sin(x)**2"),
    "tan^-1(x)": ("tan needs parentheses", "tan", "write atan(x)"),
    "cosx": ("cosx lacks parentheses", "cosx", "write cos(x), or --var cosx for a variable"),
    "sin2x": ("sin2x lacks parentheses", "sin2x", "write sin(2x), or --var sin2x for a variable"),
    "sigmod(x)": ("unknown function 'sigmod'", "sigmod", "did you mean sigmoid?"),
    "Sin(x)": ("unknown function 'Sin'", "Sin", "did you mean sin?"),
    "tg(x)": ("unknown function 'tg'", "tg", "did you mean tan?"),
    "lgo(x)": ("unknown function 'lgo'", "lgo", "did you mean log?"),
    "arcsine(x)": ("unknown function 'arcsine'", "arcsine", "did you mean arcsin?"),
    "foo(x)": ("unknown function 'foo'", "foo", "gradcli functions lists those there are"),
    "f(x)": ("f is not a function", "f", "write f*(x) for a product"),
    "diff(x**2, x)": ("diff is not needed", "diff", "write the function itself"),
    "x y": ("x and y stand side by side", "x y", "write x*y for a product"),
    "x 2": ("x and 2 stand side by side", "x 2", "write x*2 for a product"),
    "(x+1)2": (") and 2 stand side by side", ")2", "write (x+1)*2 for a product"),
    "2 3": ("two numbers stand side by side", "2 3", "write 2*3"),
    "0x1F": ("0x1F is not a decimal number", "0x1F", "write 31"),
    "012 + x": ("012 starts with a zero", "012", "write 12"),
    "00.5": ("00.5 starts with a zero", "00.5", "write 0.5"),
    "1.2.3": ("two decimal points", "1.2.", "write one number with one point"),
    "1e*x": ("1e is an unfinished number", "1e", "write 1*e for a product, 1e3 for a power of ten"),
    "2e": ("2e is an unfinished number", "2e", "write 2*e for a product, 2e3 for a power of ten"),
    "1_000*x": ("without underscores", "1_000", "write 1000"),
    "1,000": ("without commas", "1,000", "write 1000"),
    "max(1,000)": ("without commas", "1,000", "write max(1000)"),
    "3,5": ("a comma stands between the arguments", ",", "write 3.5"),
    "x, y": ("a comma stands between the arguments", ",", "give one expression at a time"),
    "5.x": ("5. runs into a name", "5.x", "write 5*x"),
    "x = 3": ("an expression has no = sign", "=", "--at x=3 gives x a value, and x == 3 compares in a condition"),
    "y = x**2": ("an expression has no = sign", "=", "write the right side alone: x**2"),
    "f(x) = x**2": ("an expression has no = sign", "=", "write the right side alone: x**2"),
    "log(x, base=10)": ("an expression has no = sign", "=", "write log(x, 10), arguments have no names"),
    "x == 3": ("x == 3 is a condition, not a number", "x == 3", "write where(x == 3, 1, 0)"),
    "(x<1)*x": ("(x<1) is a condition, not a number", "(x<1)", "write where(x<1, 1, 0)"),
    "True": ("True is a condition", "True", "write 1"),
    "where(x, 1, 0)": ("x is a number, not a condition", "x", "write a comparison, as in x > 0, or True"),
    "x & y": ("x is a number, not a condition", "x", "write a comparison, as in x > 0, or True"),
    "(x": ("never closed", "(", "write (x)"),
    "2*(x+sin(y": ("never closed", "(", "write 2*(x+sin(y))"),
    "x)": ("closes nothing", ")", "write x"),
    "()": ("these parentheses are empty", "()", "put an expression between them"),
    ")": ("closes nothing", ")", "remove it"),
    "x+": ("nothing follows +", "+", "write x"),
    "*x": ("nothing stands before *", "*", "put a number or a name before it"),
    "x*/y": ("/ cannot follow *", "*/", "put a number, a name or ( between them"),
    "|x| + 1": ("bars are not understood", "|x|", "write abs(x) + 1"),
    "2|x|": ("bars are not understood", "|x|", "write 2abs(x)"),
    "x|y|": ("bars are not understood", "|y|", "write x*abs(y)"),
    "x!": ("! is not an operator here", "!", "write factorial(x)"),
    "2*(x+1)!!": ("! is not an operator here", "!", "write 2*factorial(factorial((x+1)))"),
    "x//2": ("// is not an operator here", "//", "write floor(x/y)"),
    "x@y": ("@ has no meaning", "@", "write * for a product; @ POINT belongs to lines of a file"),
    "x[0]": ("brackets have no meaning", "[", "write ( and ), and x0, x1, ... for components"),
    "x.real": ("nothing here has attributes", ".real", "write x*y for a product"),
    "np.sin(x) + np.pi": ("names are written without np.", "np.", "write sin(x) + pi"),
    "tf.math.log(x)": ("names are written without tf.", "tf.", "write log(x)"),
    "'x'": ("quotes have no meaning", "'", "a name is written without quotes"),
    "lambda x: x**2": ("a lambda is Python code", ":", "write x**2"),
    "x if x > 0 else -x": ("if is Python code", "if", "write where(x > 0, x, -x)"),
    "x²": ("² (SUPERSCRIPT TWO, U+00B2) is not a character", "²", "write x**2"),
    "2πr²": ("π (GREEK SMALL LETTER PI, U+03C0) is not", "π", "write 2*pi*r**2"),
    "x·y": ("(MIDDLE DOT, U+00B7) is not", "·", "write x*y"),
    "x\u2212y": ("(MINUS SIGN, U+2212) is not", "\u2212", "write x-y"),
    "\u0445**2": ("(CYRILLIC SMALL LETTER HA, U+0445) is not", "\u0445", "write x**2"),
    "√x + √(x+1)": ("(SQUARE ROOT, U+221A) is not", "√", "write sqrt(x) + sqrt(x+1)"),
    "x\x00": ("the character U+0000 (U+0000) is not", "?", "use ASCII letters, digits and + - * / **"),
    "1/0": ("1/0 has no value: it divides by zero", "1/0", VALUELESS),
    "2 + x/(1-1)": ("x/(1-1) has no value", "x/(1-1)", VALUELESS),
    "log(0)": ("log(0) has no value", "log(0)", VALUELESS),
    "log(x, 0)": ("log(x, 0) has no value", "log(x, 0)", VALUELESS),
    "log(x, 1)": ("log(x, 1) has no value", "log(x, 1)", VALUELESS),
    "log(sin(4), x)": ("log(sin(4), x) has no real value", "log(sin(4), x)", VALUELESS),
    "log(x, -2)": ("log(x, -2) has no real value", "log(x, -2)", VALUELESS),
    "sqrt(-1)": ("sqrt(-1) has no real value", "sqrt(-1)", VALUELESS),
    "(-8)**(1/3)": ("has no real value", "(-8)**(1/3)", "cbrt(x) is the real cube root"),
    "inf*x": ("inf is not a number", "inf", "use a finite number"),
    "_x": ("names start with a letter", "_x", "write x"),
    "__class__": ("names start with a letter", "__class__", "use a name such as x or w1"),
    "sin()": ("sin takes 1 argument, not 0", "sin()", "sin: sine of x in radians"),
    "atan2(y)": ("atan2 takes 2 arguments, not 1", "atan2(y)", "atan2: angle of the point (x, y), written atan2(y, x)"),
    "Piecewise(x, x<1)": ("a branch of Piecewise is (value, condition)", "x", None),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_is_refused_with_its_place_and_a_hint(text):
    message, place, hint = REFUSED[text]
    with pytest.raises(GradcliError) as caught:
        parse(text)
    error = caught.value
    assert message in error.message
    assert (error.text + " ")[slice(*error.span)] == place
    assert hint is None or error.hint == hint


@pytest.mark.parametrize("text", [text for text, (_, _, hint) in REFUSED.items() if hint and "write" in hint])
def test_a_hint_that_spells_an_expression_works(text):
    hint = REFUSED[text][2]
    spelled = re.match(r"write (?:the right side alone: )?(.*?)(?: for a .*|, or .*|, arguments .*)?$", hint)[1]
    if hint.startswith("write ") and not spelled.startswith(("*", "one ", "a ", "( ", "the ", "* for", "* ", "1*e")):
        parse(spelled)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sinn", "sin"),
        ("cosin", "cos"),
        ("tann", "tan"),
        ("sqr", "sqrt"),
        ("sqroot", "sqrt"),
        ("expo", "exp"),
        ("lg", "log10"),
        ("arctang", "arctan"),
        ("ReLU", "relu"),
        ("Sigmoid", "sigmoid"),
        ("soft_plus", "softplus"),
        ("heavyside", "Heaviside"),
        ("signum", "sign"),
        ("erff", "erf"),
        ("besel_j", "besselj"),
        ("lambert", "LambertW"),
        ("lngamma", "loggamma"),
        ("ctg", "cot"),
        ("sh", "sinh"),
        ("ABS", "Abs"),
        ("ceilling", "ceiling"),
        ("maximun", "maximum"),
        ("arctan_2", "arctan2"),
        ("cubert", "cbrt"),
    ],
)
def test_an_unknown_function_is_answered_by_the_nearest(typed, meant):
    with pytest.raises(GradcliError, match="unknown function") as caught:
        parse(f"{typed}(x)")
    assert caught.value.hint == f"did you mean {meant}?"


@pytest.mark.parametrize("name", sorted(SPELLED))
def test_a_function_of_another_library_is_spelled_out(name):
    with pytest.raises(GradcliError, match="unknown function") as caught:
        parse(f"{name}(x)")
    assert caught.value.hint == f"write {SPELLED[name]}"
    parse(SPELLED[name])


def test_a_message_about_a_whole_text_is_one_line():
    with pytest.raises(GradcliError) as caught:
        Expression.compile("\nx\n+ y").slope([1.0, 1.0], "z")
    assert caught.value.message == "z is not a variable of ?x?+ y"


def test_an_error_in_a_long_text_shows_its_surroundings():
    with pytest.raises(GradcliError) as caught:
        parse("x + " * 1000 + "sigmod(x)" + " + x" * 1000)
    assert len(caught.value.text) < 200
    assert caught.value.text[slice(*caught.value.span)] == "sigmod"


def test_an_error_shows_no_control_characters():
    with pytest.raises(GradcliError) as caught:
        parse("x + \x1b[31m")
    assert (caught.value.message + caught.value.hint + caught.value.text).isprintable()


LIMITS = {
    "x" * 100_001: "100,001 characters; the limit is 100,000",
    "x+" * 25_001 + "x": "50,003 numbers, names and operators; the limit is 50,000",
    "(" * 101 + "x" + ")" * 101: "more than 100 levels",
    "sin(" * 101 + "x" + ")" * 101: "more than 100 levels",
    "x**" * 101 + "x": "more than 100 levels",
    "+".join(f"x{n}" for n in range(10_001)): "10,001 different names; the limit is 10,000",
    "1e400": "does not fit a double",
    "1" * 400: "does not fit a double",
    "9" * 5000: "does not fit a double",
    "1e-400": "smaller than the smallest double",
    "2**4097": "about 4,097 bits; the limit is 4,096",
    "9**9**9": "bits; the limit is 4,096",
    "(3*x)**100000": "bits; the limit is 4,096",
    "exp(1e5*log(3*x))": "more than 4,096 bits",
    "exp(exp(exp(10)))": "more than 4,096 bits",
    "factorial(171)": "beyond 170",
    "gamma(1000.5)": "beyond 171",
    "max(" + ",".join(f"x{n}" for n in range(51)) + ")": "51 arguments; the limit is 50",
    "Piecewise(" + ",".join(f"(x, x < {n})" for n in range(51)) + ")": "51 arguments; the limit is 50",
    "where(" + " and ".join(f"x > {n}" for n in range(51)) + ", 1, 0)": "51 conditions",
}


@pytest.mark.parametrize("text", LIMITS, ids=lambda text: text[:20])
def test_a_limit_is_named(text):
    with pytest.raises(LimitError) as caught:
        parse(text)
    assert LIMITS[text] in caught.value.message


@pytest.mark.parametrize(
    "text", ["2**4096", "(" * 100 + "x" + ")" * 100, "factorial(170)", "1.05**100", "(x+1)**100000", "1e308*x"]
)
def test_what_is_within_the_limits_is_read(text):
    parse(text)


@pytest.mark.parametrize(
    "text", ["2**5000", "(" * 150 + "x" + ")" * 150, "max(" + ",".join(f"x{n}" for n in range(60)) + ")"]
)
def test_limits_can_be_lifted(text):
    with pytest.raises(LimitError):
        parse(text)
    parse(text, limits=False)


def test_hopeless_nesting_is_an_error_without_limits_too():
    with pytest.raises(LimitError, match="nested too deeply"):
        parse("(" * 20_000 + "x" + ")" * 20_000, limits=False)


NUMBERS = st.sampled_from(["1", "2", "3", "7", "0.5", "10"])
TOWERS = st.sampled_from(["2**3**2", "x**2**3", "-y**2**2"])
LEAVES = st.one_of(NUMBERS, st.just("x"), st.just("y"), TOWERS)
ARITHMETIC = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})**{}".format, inner, st.sampled_from("23")),  # a tower of any height would never end
    ),
    max_leaves=12,
)


@given(ARITHMETIC)
@settings(max_examples=150, deadline=None)
def test_arithmetic_is_read_as_python_reads_it(text):
    values = {"x": Fraction(3, 7), "y": Fraction(-5, 11)}
    fractions = (
        re.sub(r"\d+\.?\d*", lambda number: f"F('{number[0]}')", text)
        .replace("**F('2')", "**2")
        .replace("**F('3')", "**3")
    )
    try:
        expected = eval(fractions, {"F": Fraction, **values})
    except ZeroDivisionError:
        assume(False)
    try:
        expression = parse(text)
    except GradcliError:
        assume(False)
    found = expression.subs({x: Rational(3, 7), y: Rational(-5, 11)})
    assert abs(float(found) - float(expected)) <= 1e-9 * max(1, abs(expected))


FUNCTION_NAMES = [
    n
    for n in sorted(FUNCTIONS)
    if FUNCTIONS[n].least == 1 and n not in ("Piecewise", "factorial", "gamma", "Max", "Min")
]
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})**({})".format, inner, st.sampled_from(["2", "-1", "0.5", "x", "3/2"])),
        st.builds("{}({})".format, st.sampled_from(FUNCTION_NAMES), inner),
        st.builds("where({} < {}, {}, {})".format, inner, inner, inner, inner),
        st.builds("max({}, {})".format, inner, inner),
    ),
    max_leaves=8,
)


@given(FORMULAS)
@example("(x*(y - x))**2")
@example("(y - x)*(y - x)")
@example("(radians(x) - x)**2")
@example("x/sqrt(where(1 < x, x, -y**4))")
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(text):
    try:
        expression = parse(text)
    except GradcliError:
        assume(False)
    again = parse(write(expression))
    assert write(again) == write(expression)
    if not expression.has(Float):
        assert again == expression


SOUP = st.lists(
    st.sampled_from(
        [
            *"xyeEi()()+-*/^%,.<>=!&|~_01239 '\"[]{}:;@#$?\\\n\x00²πх",
            "**",
            "//",
            "==",
            "sin",
            "log",
            "where",
            "Piecewise(",
        ]
        + [
            "and ",
            "or ",
            "not ",
            "True",
            "0.",
            "1e",
            "e5",
            "pi",
            "max(",
            "lambda ",
            "if ",
            "np.",
            "0x1",
            "cosx",
            "gamma",
        ]
    ),
    max_size=14,
).map("".join)


@given(st.one_of(SOUP, st.text(max_size=12)))
@settings(max_examples=400, deadline=None)
def test_only_errors_of_ours_escape(text):
    try:
        formula = read(text)
    except GradcliError as error:
        assert error.message.isprintable()
        assert error.hint is None or error.hint.isprintable()
        start, end = error.span or (0, 1)
        assert 0 <= start < end <= len(error.text or " ") + 1
    else:
        assert isinstance(formula.expression, sympy.Expr)
        assert formula.expression is not true


def nested(levels, inner="x"):
    """A text twice as long at each level, of as many different pieces as there are levels."""
    text = inner
    for k in range(levels):
        text = f"(sin({text}*y{k}) + ({text})**2/4)"
    return text


def test_a_piece_that_occurs_again_is_the_same_again():
    deep = parse(nested(12), limits=False)
    shallow = parse(nested(3))
    assert parse(nested(3).replace("(", "( ", 1)) == shallow
    by_hand = parse("x")
    for k in range(12):
        by_hand = sympy.sin(by_hand * parse(f"y{k}")) + by_hand**2 / 4
    assert deep == by_hand


def test_what_a_repeated_piece_loses_is_lost_each_time():
    assert Expression.compile("(x/x) + y*(x/x)").domain == Expression.compile("(x/x) + y").domain
    assert set(Expression.compile("where(x > 0, (x/x), 1) + (x/x)").domain) > set(Expression.compile("(x/x)").domain)


def test_a_repeated_piece_counts_its_levels():
    piece = "(" * 60 + "x" + ")" * 60
    parse(f"{piece} + {piece}")
    with pytest.raises(LimitError):
        parse(f"{piece} + " + "(" * 60 + piece + ")" * 60)
    with pytest.raises(LimitError):
        parse(f"{piece} + sin({piece}) + " + "(" * 45 + f"1 + sin({piece})" + ")" * 45)


def test_what_is_wrong_with_a_repeated_piece_is_shown_where_it_is():
    with pytest.raises(GradcliError) as raised:
        parse("(x + 1)*y + (x + 1)*sin")
    assert raised.value.span == (20, 23)
