"""Random expressions against an independent opinion, random texts against everything that reads one.

`pytest tests/test_fuzz.py` is short and always the same; `pytest tests/test_fuzz.py --fuzz 20000` is long and new.
"""

import math
import signal
import sys
from contextlib import contextmanager

import mpmath_oracle as oracle
import pytest
from audit import watched
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from sympy import Float

from gradcli.deriving import Deriving, derive
from gradcli.errors import GradcliError
from gradcli.expression import Expression
from gradcli.expression.functions import FUNCTIONS
from gradcli.items import Item, item_of
from gradcli.output.wording import explain
from gradcli.problem import Nature
from gradcli.report import Verdict
from gradcli.targets import Checking, check

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an alarm in a callback
FUZZ = settings.get_profile("fuzz")
A_THIRD = settings(FUZZ, max_examples=math.ceil(FUZZ.max_examples / 3))
SECONDS = 2

# --- the language ---

NAMES = ("x", "y", "t1", "beta", "N", "lambda")
DIGITS = (
    "0",
    "1",
    "2",
    "3",
    "4",
    "7",
    "10",
    "100",
    "0.5",
    "0.1",
    "1.5",
    "2.0",
    "0.25",
    ".7",
    "3.",
    "1e-8",
    "1e8",
    "2.5e3",
)
RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
UNBOUNDED = {"Max", "Min"}
CHOICES = {"Piecewise", "where"}
CALLABLE = sorted({function.name: function for function in FUNCTIONS.values()}.items())


def leaves():
    number = st.tuples(st.just("number"), st.sampled_from(DIGITS))
    name = st.tuples(st.just("name"), st.sampled_from(NAMES))
    constant = st.tuples(st.just("constant"), st.sampled_from(["pi", "e"]))
    return st.one_of(name, name, name, number, number, constant)


def call(function, arguments):
    most = function.least + 2 if function.name in UNBOUNDED else function.most
    counts = st.integers(function.least, most)
    return counts.flatmap(
        lambda count: st.tuples(
            st.just("call"), st.sampled_from(function.names), st.just(function.name), *[arguments] * count
        )
    )


def conditions(trees):
    plain = st.tuples(st.sampled_from(RELATIONS), trees, trees) | st.tuples(st.just("between"), trees, trees, trees)
    joined = st.tuples(st.sampled_from(["and", "or"]), plain, plain) | st.tuples(st.just("not"), plain)
    return plain | plain | joined


def branches(trees):
    some = st.lists(st.tuples(trees, conditions(trees)), min_size=1, max_size=3)
    return some.flatmap(lambda pairs: st.tuples(st.just("Piecewise"), *map(st.just, pairs)))


def larger(trees):
    operators = st.sampled_from(["+", "+", "-", "-", "*", "*", "/", "/", "**", "^", "%", "beside", "beside"])
    functions = st.sampled_from([function for name, function in CALLABLE if name not in CHOICES])
    return st.one_of(
        st.tuples(operators, trees, trees),
        st.tuples(operators, trees, trees),
        st.tuples(st.just("negative"), trees),
        functions.flatmap(lambda function: call(function, trees)),
        functions.flatmap(lambda function: call(function, trees)),
        st.tuples(st.just("where"), conditions(trees), trees, trees),
        branches(trees),
    )


TREES = st.recursive(leaves(), larger, max_leaves=8).filter(oracle.names)
PLACES = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 3.0, -2.0, 1.5, 7.0, 10.0, 0.1, -0.0]),
    st.sampled_from([1e-8, -1e-8, 1e8, 1e-300, -1e-30, 1e15, 1e-3, math.pi, math.e, 123.456]),
    st.floats(-4, 4).map(lambda x: round(x, 6)),
    st.floats(0.01, 3).map(lambda x: round(x, 6)),
)
POINTS = st.fixed_dictionaries(dict.fromkeys(NAMES, PLACES))

# --- the surroundings ---


check(Item("x**2", at="1", grad=("2*x",)), Checking())  # an alarm within an import would leave half a module


class TooSlow(BaseException):
    """Not an Exception, so that nothing on the way takes it for one."""


@contextmanager
def patience():
    """Give up an example after some seconds, where there are alarms."""
    if sys.platform == "win32":
        yield
        return

    def ring(*_):
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 0.5)  # again, for one may ring where exceptions are ignored
    try:
        yield
    except TooSlow:
        assume(False)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def compiled(tree):
    """The expression, or None where it is refused; the refusal is a good one."""
    words = oracle.text(tree)
    try:
        return watched(lambda: Expression.compile(words))
    except GradcliError as error:
        check_refusal(error)
        return None


def check_refusal(error):
    assert error.message
    assert error.message.isprintable()
    assert error.hint is None or error.hint.isprintable()
    if error.span is not None:
        start, end = error.span
        assert error.text is not None
        assert 0 <= start <= end <= len(error.text) + 1  # what is missing stands after the text
    assert explain(error).startswith("gradcli: error: ")


# --- right answers ---


def test_the_opinion_covers_every_function():
    assert {name for name, _ in CALLABLE} == set(oracle.DEFINITIONS) | CHOICES


WITHOUT_RULE = {"zeta", "expint", "besselj", "bessely", "besseli", "besselk", "polygamma", "LambertW", "beta"}


@FUZZ
@given(TREES, POINTS)
def test_values_and_derivatives_are_those_of_an_independent_opinion(tree, point):
    with patience():
        expression = compiled(tree)
        assume(expression is not None and expression.variables)
        here = {name: point[name] for name in expression.variables}
        for name in expression.variables:
            try:
                opinion = oracle.opinion(tree, here | {n: point[n] for n in oracle.names(tree)}, name)
            except oracle.Unsure:
                continue
            compare(expression, tree, here, name, opinion)


def compare(expression, tree, here, name, opinion):
    told = f"{oracle.text(tree)} at {here}, by {name}"
    place = list(here.values())
    value = watched(expression.exact_value, place)
    slope = watched(expression.slope, place, name)
    assert (slope.value is None) or (slope.nature is None), told
    if opinion.value is None:
        assert math.isnan(value), (told, value)
        assert slope.value is None, (told, slope)
        assert slope.nature in (Nature.OUTSIDE, Nature.POLE), (told, slope)
        return
    if not oracle.fits(opinion.value):
        return
    assert close(value, opinion.value), (told, value, opinion)
    if opinion.left is opinion.right is None:
        assert slope.value is None, (told, slope, opinion)
        assert slope.nature is Nature.OUTSIDE, (told, slope, opinion)
    elif opinion.left is None or opinion.right is None:
        assert slope.value is None, (told, slope, opinion)
        assert slope.nature in (Nature.EDGE, Nature.JUMP), (told, slope, opinion)
    elif opinion.smooth:
        if oracle.fits(opinion.left) and not (
            slope.value is None and slope.nature is None and WITHOUT_RULE & oracle.heads(tree)
        ):
            assert slope.value is not None, (told, slope, opinion)
            assert close(slope.value, opinion.left), (told, slope, opinion)
    elif mp.isinf(opinion.left) or mp.isinf(opinion.right):
        assert slope.value is None, (told, slope, opinion)
        assert slope.nature in (Nature.JUMP, Nature.POLE, Nature.VERTICAL), (told, slope, opinion)
    else:
        assert slope.value is None, (told, slope, opinion)
        assert slope.nature is Nature.KINK, (told, slope, opinion)
        assert close(slope.left, opinion.left), (told, slope, opinion)
        assert close(slope.right, opinion.right), (told, slope, opinion)


def close(number, truth):
    """Equal to the last bit but one."""
    return number is not None and abs(mpf(number) - truth) <= abs(truth) * mpf(2) ** -52


@FUZZ
@given(TREES, POINTS)
def test_what_is_printed_is_read_as_the_same_expression(tree, point):
    with patience():
        expression = compiled(tree)
        assume(expression is not None)
        again = watched(lambda: Expression.compile(expression.parsed, variables=expression.variables))
        told = (oracle.text(tree), expression.parsed, again.parsed)
        assert again.parsed == expression.parsed, told
        if all(mpf(float(number)) == mp.make_mpf(number._mpf_) for number in expression.symbolic.atoms(Float)):
            assert again.symbolic == expression.symbolic, told


# --- verdicts ---


def answered(function, item, asked):
    """The results for one line, or None where it is refused well."""
    try:
        return watched(function, item, asked)
    except GradcliError as error:
        check_refusal(error)
        return None


@A_THIRD
@given(TREES, POINTS)
def test_verdicts_of_methods_say_how_far_off_they_are(tree, point):
    with patience():
        item = Item(oracle.text(tree), at={name: point[name] for name in oracle.names(tree)})
        derivations = answered(derive, item, Deriving(rtol=1e-6))
        assume(derivations is not None)
        for row in derivations[0].comparisons:
            exact, numeric = row.analytic, row.numeric.slope.value
            told = (item, row)
            if exact.nature is not None:
                assert (row.verdict, exact.value) == (Verdict.UNDEFINED, None), told
            elif exact.value is None:
                assert row.verdict == Verdict.UNRESOLVED, told
                assert row.message, told
            elif numeric is None:
                assert row.verdict == Verdict.OFF, told
            elif exact.value:
                near = abs(numeric - exact.value) <= 1e-6 * max(abs(exact.value), abs(numeric))
                assert (row.verdict == Verdict.PASS) == near, told


@A_THIRD
@given(TREES, POINTS, st.sampled_from([1.01, 0.5, 2.0, -1.0]))
def test_the_derivative_is_never_accused_and_a_wrong_one_never_passes(tree, point, factor):
    with patience():
        expression = compiled(tree)
        assume(expression is not None and expression.variables)
        try:
            formulas = [expression.formula(name) for name in expression.variables]
        except GradcliError as error:
            check_refusal(error)
            return
        assume(all(formulas))
        claims = [Expression.compile(formula, named=expression.variables) for formula in formulas]
        assume(all(math.isfinite(claim.exact_value([point[name] for name in claim.variables])) for claim in claims))
        at = {name: point[name] for name in expression.variables}
        right = answered(check, Item(expression.text, at, grad=tuple(formulas)), Checking())
        for report in right or ():
            assert report.verdict != Verdict.FAIL, (expression.text, at, formulas, list(report))
        wrong = (f"{factor}*({formulas[0]})", *formulas[1:])
        for report in answered(check, Item(expression.text, at, grad=wrong), Checking()) or ():
            for row in report:
                if row.parameter == expression.variables[0] and row.analytic.value:
                    assert row.verdict != Verdict.PASS, (expression.text, at, wrong, list(report))


# --- texts of all kinds ---

PIECES = st.one_of(
    st.sampled_from(sorted(FUNCTIONS)),
    st.sampled_from(
        [*NAMES, "e", "E", "pi", "lambda", "import", "if", "else", "for", "True", "None", "__class__", "x.y"]
    ),
    st.sampled_from([*DIGITS, "1e", "1e400", "0x1F", "012", "1.2.3", "1_000", "9" * 500, "inf", "nan", "1,000"]),
    st.sampled_from([*"+-*/^%()<>=,&|~!.[]{}:;'\"`$#@?\\_ ", "**", "//", "<=", ">=", "==", "!=", "&&", "||", "->"]),
    st.sampled_from([" and ", " or ", " not ", "not ", " in ", " is ", "\n", "\t", "\r", "\0", "\x1b[31m", "\x7f"]),
    st.text(max_size=3),
)
SOUP = st.lists(PIECES, min_size=1, max_size=12).map("".join)


@st.composite
def damaged(draw):
    """A legal text with a few pieces put in, taken out or written over."""
    words = draw(TREES.map(oracle.text))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(words)))
        end = draw(st.integers(start, min(len(words), start + 4)))
        words = words[:start] + draw(st.just("") | PIECES) + words[end:]
    return words


TEXTS = SOUP | damaged()


@FUZZ
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_is_answered_or_refused_with_a_reason(expression, point, gradient):
    with patience():
        for at in (None, "x=1,y=2,t1=0.5,beta=2,N=3,lambda=1", point):
            answered(derive, Item(expression, at=at), Deriving())
        answered(derive, Item(expression, at="1", wrt=point), Deriving())
        answered(check, Item("x**2*y", at="x=1,y=2", grad=(gradient,)), Checking())
        answered(check, Item(expression, at=point, grad=(gradient, point)), Checking())
        for line in (expression, f"{expression} @ {point}", f"{{{expression}", f'{{"expr": "{expression}"}}'):
            item = watched(item_of, line.strip())
            if item is not None and item.error is not None:
                check_refusal(item.error)
