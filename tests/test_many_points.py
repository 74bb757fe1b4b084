"""Many points of one expression at once: the same as one by one, but for the exact side, which is in doubles."""

import csv
import io
import json
import math
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.derivation import Derivation
from gradcli.deriving import Deriving, _prepared, derive
from gradcli.errors import GradcliError
from gradcli.expression.points import points
from gradcli.items import Item
from gradcli.output import formats, records
from gradcli.report import NATURES, VERDICTS


def together(text, at, size=None, **options):
    """The blocks of an expression's points, whatever their number."""
    item, asked = Item(expr=text), Deriving(at=(at,) if isinstance(at, str) else at, **options)
    many = _prepared(item, asked)
    blocks, start, following = [], 0, many.first_size
    while start < len(many.question.points):
        block, following = many.block(start, size or following)
        blocks.append(block)
        start += len(block)
    return blocks


def one_by_one(text, at, **options):
    found = derive(Item(expr=text), Deriving(at=(at,) if isinstance(at, str) else at, **options))
    assert all(isinstance(one, Derivation) for one in found)
    return found


def assert_same(text, at, **options):
    """The same points, numbers, verdicts and natures; how many rows have an exact side in doubles."""
    blocks = together(text, at, **options)
    found, expected = list(chain.from_iterable(blocks)), one_by_one(text, at, **options)
    assert [list(one.point.items()) for one in found] == [list(one.point.items()) for one in expected]
    in_doubles = 0
    for one, other in zip(found, expected, strict=True):
        assert one.formulas == other.formulas
        assert one.parsed == other.parsed
        for row, true in zip(one.comparisons, other.comparisons, strict=True):
            assert_same_row(row, true, options.get("rtol", 1e-6))
            in_doubles += row.message is not None and "in doubles" in row.message
            assert row.message == true.message or (true.message is None and "in doubles" in row.message)
    return in_doubles


def assert_same_row(row, true, rtol):
    exact, known = row.analytic, true.analytic
    assert (row.parameter, row.value, row.numeric.method) == (true.parameter, true.value, true.numeric.method)
    assert (exact.nature, exact.left, exact.right) == (known.nature, known.left, known.right)
    assert exact.value == (None if known.value is None else pytest.approx(known.value, rel=2.0**-33, abs=0))
    assert row.numeric.step == true.numeric.step
    numeric, measured = row.numeric.slope.value, true.numeric.slope.value
    assert (numeric is None) == (measured is None)
    if numeric is None or known.value is None:
        assert row.verdict == true.verdict
        return
    moved = abs(numeric - measured)
    assert moved <= 100 * (true.numeric.error or 0.0)
    assert abs((row.numeric.error or 0.0) - (true.numeric.error or 0.0)) <= 200 * (true.numeric.error or 0.0)
    size = max(abs(known.value), abs(measured))
    if abs(true.absolute_error - rtol * size) > 2 * moved:
        assert row.verdict == true.verdict


SMOOTH = [
    "sin(x)*exp(-x)", "x**3 - 2*x", "tanh(x)**2", "sigmoid(20*x)", "erf(x)*x", "log(1 + exp(x))", "sin(1e7*x)",
    "exp(exp(x))", "sin(x)**2 + cos(x)**2", "1e300*exp(-300*x**2)", "softplus(x)", "gelu(x)", "7", "x", "x**10",
]  # fmt: skip
SINGULAR = [
    "abs(x)", "abs(x - 0.3)*x", "max(x, x**2)", "floor(4*x)*x", "x % 0.25", "sign(x)", "1/x", "1/(x - 1)", "log(x)",
    "sqrt(x)", "sqrt(1 - x**2)", "cbrt(x)", "x**(1/3)", "tan(pi*x/2)", "acos(x)", "relu(x)**2", "x*abs(x)",
    "where(x < 0.25, x**2, sin(x))", "abs(sin(10*x))", "gamma(x)", "heaviside(x)*x", "x**x", "exp(-1/x**2)",
]  # fmt: skip
LOSING = [
    "(1 - cos(x))/x**2", "log1p(x) - x", "exp(x) - 1 - x", "sin(x)/x", "sinc(x)", "x/x", "(x**2 - 1)/(x - 1)",
    "sqrt(x)**2", "(x + 1e8)**2 - (x - 1e8)**2", "log(x**2 + 1e-20)", "exp(log(x))",
]  # fmt: skip
PLACES = ("x=-1:1:0.25", "x=1e-8", "x=-1e-8", "x=0.3", "x=1e-100", "x=40", "x=-700", "x=1e5", "x=0.7391")


@pytest.mark.parametrize("text", [*SMOOTH, *SINGULAR, *LOSING])
def test_every_point_has_what_it_has_alone(text):
    assert_same(text, PLACES)


@pytest.mark.parametrize("text", [text for text in SMOOTH if "1e7" not in text])
def test_most_points_of_smooth_functions_are_trusted_to_doubles(text):
    assert assert_same(text, "x=-1:1:0.19") >= 24


OPTIONS = [
    {"order": 2},
    {"order": 3, "rtol": 1e-3},
    {"step": 1e-6},
    {"step": 0.25},
    {"methods": ("five-point",)},
    {"methods": ("five-point", "central", "forward"), "step": 1e-3},
    {"methods": ("complex", "reference")},
    {"methods": ("backward",), "order": 4, "step": 1e-2},
    {"rtol": 1e-9},
    {"rtol": 1e-14},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("text", ["sin(x)*exp(-x)", "abs(x)*x**2 + 1", "log(x) + cos(3*x)"])
def test_options_mean_the_same_at_many_points(text, options):
    if "complex" in options.get("methods", ()) or options.get("order", 1) > 2:
        at = ("x=-0.5:1:0.5", "x=1e-8")
    else:
        at = PLACES
    assert_same(text, at, **options)


@pytest.mark.parametrize("wrt", [None, "y", "y,x"])
@pytest.mark.parametrize("text", ["x**2*y + sin(x*y)", "abs(x - y)*y", "x/y", "hypot(x, y)", "atan2(y, x)", "y + 2"])
def test_a_grid_of_several_variables(text, wrt):
    assert_same(text, ("x=-1:1:0.5,y=0:1:0.5", "y=2,x=1e-9"), wrt=wrt)


def test_a_kink_in_a_variable_that_nobody_asks_about_costs_nothing():
    assert assert_same("abs(y)*x**2", "x=1:2:0.1,y=0", wrt="x") == 33


def test_without_a_formula_the_numeric_side_stands_alone():
    (block,) = together("expint(x, 2)", "x=2:3:0.05")
    assert {row.message for one in block for row in one.comparisons} == {
        "no symbolic derivative is known; the numeric one stands alone"
    }
    assert_same("expint(x, 2)", "x=2:2.3:0.05")


@pytest.mark.parametrize("text", ["sin(x)*exp(-x)", "abs(x)", "x*y", "expint(x, 2) + y"])
@pytest.mark.parametrize("methods", [(), ("central",)])
def test_the_bare_numbers_are_the_same(text, methods):
    at = "x=0:1:0.25,y=1:2:0.5"
    found = list(chain.from_iterable(block.values for block in together(text, at, value=True, methods=methods)))
    expected = list(chain.from_iterable(one.values for one in one_by_one(text, at, value=True, methods=methods)))
    assert [number is None for number in found] == [number is None for number in expected]
    numbers = [number for number in expected if number is not None]
    assert [number for number in found if number is not None] == pytest.approx(numbers, rel=1e-8)


def test_a_block_tells_every_verdict_and_remark():
    (block,) = together("abs(x) + log(x + 1)", "x=-2:2:0.5")
    alone = one_by_one("abs(x) + log(x + 1)", "x=-2:2:0.5")
    assert block.verdicts == set().union(*(one.verdicts for one in alone))
    assert set(block.remarks[1:]) == set(chain.from_iterable(one.remarks for one in alone))
    assert "in doubles" in block.remarks[0]


def test_blocks_of_any_size_give_the_same_rows():
    whole = list(chain.from_iterable(together("x**3", "x=0:1:0.01")))
    parts = together("x**3", "x=0:1:0.01", size=7)
    assert list(map(len, parts)) == [7] * 14 + [3]
    assert list(chain.from_iterable(parts)) == whole
    assert [block.first for block in parts] == [True] + [False] * 14


def test_blocks_are_short_where_points_are_looked_at_one_by_one():
    sizes = list(map(len, together("sinc(x) + floor(100*x)", "x=-1:1:2e-3", methods=("central",))))
    assert sizes[0] == 256
    assert max(sizes[1:]) > 256
    assert list(map(len, together("abs(x)", "x=0:1:1e-3", methods=("complex",))))[1:] == [256, 256, 233]


def test_a_step_that_vanishes_at_the_far_end_is_refused_before_anything_is_answered():
    with pytest.raises(GradcliError, match=r"step 1e-06 vanishes beside x = -1e\+20"):
        together("x", "x=0:-1e20:-1e15", step=1e-6)


GRIDS = [
    ("x=0:1:0.1",), ("x=0:1:0.3",), ("x=1:0:-1/3",), ("x=0:1:0.1,y=2:3:0.5",), ("y=1,x=1:2:0.25", "x=0:1:0.5,y=2"),
    ("3", "x=4", "x=0:1:0.5"), ("x=1e-300:1e-299:1e-300",), ("x=123456789.1:123456790:0.0001",), ("x=0:1:1/7,y=pi",),
]  # fmt: skip


@pytest.mark.parametrize("texts", GRIDS, ids=str)
@pytest.mark.parametrize("size", [1, 3, 10**6])
def test_columns_of_points_hold_the_points(texts, size):
    names = ["x"] if "y" not in texts[0] else ["x", "y"]
    whole = points(texts, names)
    found, start = [], 0
    while start < len(whole):
        columns = whole.columns(start, start + size)
        found += [dict(zip(columns, map(float, values), strict=True)) for values in zip(*columns.values(), strict=True)]
        start = len(found)
    assert [list(point.items()) for point in found] == [list(point.items()) for point in whole]
    assert whole.largest() == {name: max((point[name] for point in whole), key=abs) for name in names}


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**18), st.integers(0, 25))
def test_columns_of_a_range_are_rounded_as_its_values_are(start, step, exponent):
    (whole,) = points([f"x={start}e-{exponent}:{start + 9 * step}e-{exponent}:{step}e-{exponent}"], ["x"])._grids
    assert points(["x=0"], ["x"]).columns(0, 1)["x"].tolist() == [0.0]
    import numpy as np

    values = whole["x"]
    assert values.array(np.arange(len(values))).tolist() == list(values)


SHEETS = [
    ("sin(x)*exp(-x)", "x=0:1:0.1"),
    ("abs(x)*(y % 3)", "x=-1:1:0.25,y=1:2:0.5"),
    ("log(x)", "x=-1:1:0.5"),
    ("7", "x=1:2:0.5"),
]


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv", "tsv", "plain", "markdown"])
@pytest.mark.parametrize(("text", "at"), SHEETS)
def test_columns_are_written_as_records_are(format_, text, at):
    (block,) = together(text, at)
    sheets = list(records.of_derivations(block, 'an "id", %s', 7))
    alone = list(chain.from_iterable(records.of_derivation(one, 'an "id", %s', 7) for one in block))
    assert list(chain.from_iterable(sheets)) == alone
    writer = formats.WRITERS[format_]
    assert "".join(writer(sheets, formats.DERIVATIVE_COLUMNS)) == "".join(writer(alone, formats.DERIVATIVE_COLUMNS))


def test_records_of_many_points_say_so(gradcli):
    outcome = gradcli("derive", "sin(x)*exp(-x)", "--at", "x=0:10:9e-3", "--format", "jsonl")
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert (outcome.code, outcome.err) == (0, "")
    assert len(rows) == 3 * 1112
    assert [row["point"]["x"] for row in rows[::3]][:3] == [0.0, 0.009, 0.018]
    assert rows[-1]["point"] == {"x": 9.999}
    for row in rows:
        exact = math.exp(-row["value"]) * (math.cos(row["value"]) - math.sin(row["value"]))
        assert row["exact"] == pytest.approx(exact, rel=1e-9)
        assert "exact side in doubles: at most" in row["message"]


def test_up_to_a_thousand_points_have_their_digits(gradcli):
    outcome = gradcli("derive", "sin(x)", "--at", "x=1:1000:1", "--format", "csv", "--method", "central")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    assert (len(rows), {row["message"] for row in rows}) == (1000, {""})


def test_the_sentence_about_many_points_is_told_once(gradcli):
    outcome = gradcli("derive", "x**2", "--at", "x=0:1:1e-4", "--format", "plain")
    assert outcome.err.count("in doubles") == 1
    assert len(outcome.out.splitlines()) == 30_004
    assert len({len(line.split()) for line in outcome.out.splitlines()}) == 1


def test_many_kinks_make_exit_code_3(gradcli):
    outcome = gradcli("derive", "abs(x)", "--at", "x=-1:1:1e-3", "--method", "central", "--format", "jsonl")
    (kink,) = [row for row in map(json.loads, outcome.out.splitlines()) if row["verdict"] != "pass"]
    assert outcome.code == 3
    assert (kink["value"], kink["exact"], kink["left"], kink["right"]) == (0.0, None, -1.0, 1.0)
    assert (kink["nature"], kink["verdict"]) == ("kink", "undefined")
    assert kink["message"] == "no derivative here: the left and the right slope differ (kink)"


def test_many_bare_numbers(gradcli):
    outcome = gradcli("derive", "abs(x)*y", "--at", "x=-1:1:1e-3,y=1", "--value", "--wrt", "x")
    assert outcome.code == 3
    assert outcome.out.split() == ["-1.0"] * 1000 + ["1.0"] * 1000


@pytest.mark.parametrize("jobs", [1, 2])
def test_ranges_in_a_stream_keep_their_place(shell, jobs):
    text = "x @ 1\nx**2 @ x=0:1:1e-4\nsigmod(x) @ 1\ny**2 @ y=0:1:1e-4\nx @ 2\n"
    outcome = shell("derive", "-", "--method", "central", "--format", "jsonl", "--jobs", jobs, text=text)
    rows = [json.loads(line) for line in outcome.out.splitlines()]
    assert outcome.code == 2
    assert [row["line"] for row in rows] == [1, *[2] * 10_001, 3, *[4] * 10_001, 5]
    assert [row["value"] for row in rows[1:10_002]] == [k / 10_000 for k in range(10_001)]
    assert {row["verdict"] for row in rows if row["kind"] == "derivative"} == {"pass"}


def test_codes_travel_in_bytes():
    assert max(len(VERDICTS), len(NATURES)) < 128
