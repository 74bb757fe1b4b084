"""Points, ranges and names as people type them."""

import math
import re
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import GradcliError, LimitError
from gradcli.expression.points import names_in, parse_names, parse_point, points
from gradcli.expression.values import COUNT

VALUES = {
    "3": 3.0,
    "-3": -3.0,
    "+3": 3.0,
    " 3 ": 3.0,
    "1e-8": 1e-8,
    ".5": 0.5,
    "5.": 5.0,
    "5e-324": 5e-324,
    "0e5": 0.0,
    "x=3": 3.0,
    " x = 3 ": 3.0,
    "pi/4": math.pi / 4,
    "-pi": -math.pi,
    "2*pi/3": 2 * math.pi / 3,
    "2pi": 2 * math.pi,
    "1/3": 1 / 3,
    "e": math.e,
    "e^2": math.e**2,
    "sqrt(2)": math.sqrt(2),
    "x=max(1,2)": 2.0,
    "x=log(8, 2)": 3.0,
    "sigmoid(0)": 0.5,
    "1e3": 1000.0,
    "2^10": 1024.0,
}


@pytest.mark.parametrize("text", VALUES)
def test_a_value_is_the_nearest_double(text):
    (point,) = points([text], ["x"])
    assert point == {"x": pytest.approx(VALUES[text], rel=3e-16)}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x=0:1:0.1", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
        ("0:1:0.25", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("x=1:0:-0.5", [1.0, 0.5, 0.0]),
        ("x=0:1:0.3", [0.0, 0.3, 0.6, 0.9]),
        ("x=-0.3:0.3:0.1", [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
        ("x=0:1:1/3", [0.0, 1 / 3, 2 / 3, 1.0]),
        ("x=0:pi:pi/2", [0.0, math.pi / 2, math.pi]),
        ("x=2:2:0.5", [2.0]),
        ("x=1e-8:3e-8:1e-8", [1e-8, 2e-8, 3e-8]),
        ("x=1e16:1e16+4:2", [1e16, 1e16 + 2, 1e16 + 4]),
    ],
)
def test_a_range_has_both_ends_and_no_rounding(text, values):
    assert [point["x"] for point in points([text], ["x"])] == values


@given(st.integers(-1000, 1000), st.integers(0, 300), st.integers(1, 50), st.sampled_from([1, 10, 100, 1000]))
@settings(max_examples=150, deadline=None)
def test_a_decimal_range_is_that_of_exact_decimals(start, count, stride, scale):
    def decimal(n):
        return f"{'-' if n < 0 else ''}{abs(n) // scale}.{str(abs(n) % scale).zfill(len(str(scale)) - 1) or '0'}"

    text = f"x={decimal(start)}:{decimal(start + count * stride)}:{decimal(stride)}"
    found = [point["x"] for point in points([text], ["x"])]
    assert found == [float(Fraction(start + k * stride, scale)) for k in range(count + 1)]


def test_several_names_and_ranges_span_a_grid_with_the_last_name_fastest():
    grid = points(["x=0:1:1, y=5, z=1:2:0.5"], ["x", "y", "z"])
    assert len(grid) == 6
    assert [(p["x"], p["z"]) for p in grid] == [(0, 1), (0, 1.5), (0, 2), (1, 1), (1, 1.5), (1, 2)]
    assert [grid[k] for k in range(6)] == list(grid)
    assert grid[-1] == {"x": 1.0, "y": 5.0, "z": 2.0}
    assert grid[1:3] == list(grid)[1:3]


def test_points_follow_each_other():
    assert [p["x"] for p in points(["1", "x=2", {"x": 3}, "4:5:1"], ["x"])] == [1, 2, 3, 4, 5]


def test_a_large_grid_is_never_written_out():
    grid = points(["x=0:999:1,y=0:999:1"], ["x", "y"])
    assert len(grid) == 1_000_000
    assert grid[999_999] == {"x": 999.0, "y": 999.0}


def test_a_grid_beyond_the_limit_is_refused():
    with pytest.raises(LimitError, match="points; the limit is"):
        points(["x=0:99999:1,y=0:99999:1"], ["x", "y"])
    with pytest.raises(LimitError, match="values; the limit is"):
        points([f"x=0:{COUNT}:1"], ["x"])


def test_a_name_that_does_not_occur_is_kept():
    assert list(points(["x=1,y=2"], ["x"])) == [{"x": 1.0, "y": 2.0}]
    assert list(points(["3"], [])) == [{"x": 3.0}]


def test_json_points():
    assert list(points([{"x": 1, "y": -2.5, "z": "pi/4"}], ["x"])) == [{"x": 1.0, "y": -2.5, "z": math.pi / 4}]
    assert list(points([{"x": "0:1:0.5"}], ["x"])) == [{"x": 0.0}, {"x": 0.5}, {"x": 1.0}]


@pytest.mark.parametrize(
    "given_", [{"x": None}, {"x": True}, {"x": [1]}, {"x": {}}, {"x": math.nan}, {"x": math.inf}, {"x": 10**400}]
)
def test_a_json_value_must_be_a_finite_number(given_):
    with pytest.raises(GradcliError, match="the value of x is not a"):
        points([given_], ["x"])


@pytest.mark.parametrize(
    "name", ["", "x y", "2x", "x-y", "x.y", "__class__", "True", "nan", "and", "\u0445", "x\x00", 1, None]
)
def test_a_json_key_must_be_a_name(name):
    with pytest.raises(GradcliError):
        points([{name: 1.0}], ["x"])


REFUSED = {
    ("3", "x y"): ("3 is one value for 2 variables: x and y", "write --at x=3,y=2"),
    ("1,2", "x y"): ("1,2 is 2 values without names for 2 variables: x and y", "write --at x=1,y=2"),
    ("3,5", "x"): (
        "3,5 is 2 values for one variable: x",
        "--at 3 --at 5 gives several points; a decimal has a point, not a comma",
    ),
    ("x=1", "x y"): ("y has no value", "write --at x=1,y=2"),
    ("x=0.5", "x y z"): ("y and z have no value", "write --at x=0.5,y=2,z=3"),
    ("y=2", "x"): ("x has no value, and y does not occur in the expression", "write --at x=1"),
    ("x=1", "x E"): ("E has no value", "e is Euler's number, E a variable; otherwise write --at x=1,E=2"),
    ("x=1,x=2", "x"): ("x has two values", "repeat --at for several points: --at x=1 --at x=2"),
    ("x=1,5", "x"): ("this value has no name", "write --at x=1.5 for a decimal, --at x=1,y=2 for two values"),
    ("x=1;y=2", "x y"): ("values are separated by commas", "write --at x=1,y=2"),
    ("x=1 y=2", "x y"): ("values are separated by commas", "write --at x=1,y=2"),
    ("x==1", "x"): ("a value is given by one = sign", "write --at x=1,y=2"),
    ("x=", "x"): ("the value of x is missing", "write a number, or a constant such as pi/4"),
    ("=3", "x"): ("a name is missing", None),
    ("", "x"): ("there is no value", "write --at 3, or --at x=1,y=2"),
    ("x=1,", "x"): ("a value is missing at a comma", "write --at 3, or --at x=1,y=2"),
    ("x:1", "x"): ("a range is start:stop:step", "write --at x=1"),
    ("x=0:1", "x"): ("a range is start:stop:step", "write --at x=0:1:0.1"),
    ("x=0:1:0", "x"): ("the step of a range is zero", "write --at x=0:1:0.1"),
    ("x=0:1:-0.1", "x"): ("the range never reaches its end", "write --at x=0:1:0.1"),
    ("nan", "x"): ("the value is not a finite number", None),
    ("x=-inf", "x"): ("the value of x is not a finite number", None),
    ("1e400", "x"): ("1e400 does not fit a double", None),
    ("x=1e-400", "x"): ("1e-400 is smaller than the smallest double", None),
    ("x=a", "x"): ("the value of x is not a number: a has none", None),
    ("x=exp(1000)", "x"): ("the value of x is not a finite real number", None),
    ("x=1/0", "x"): ("1/0 has no value: it divides by zero", None),
    ("x=1_000", "x"): ("numbers are written without underscores", "write 1000"),
    ("2x=3", "x"): ("2x cannot be the name of a variable", None),
    ("\u0445=3", "x"): ("(CYRILLIC SMALL LETTER HA, U+0445)", "write x"),
}


@pytest.mark.parametrize(("text", "variables"), REFUSED)
def test_a_point_is_refused_with_a_hint(text, variables):
    message, hint = REFUSED[text, variables]
    with pytest.raises(GradcliError) as caught:
        points([text], variables.split())
    assert message in caught.value.message
    assert hint is None or caught.value.hint == hint


@pytest.mark.parametrize(
    ("text", "variables"), [case for case, (_, hint) in REFUSED.items() if hint and "--at x=" in hint]
)
def test_the_point_in_a_hint_works(text, variables):
    for shown in re.findall(r"--at (x=\S+)", REFUSED[text, variables][1]):
        assert parse_point(shown).assignments


def test_names_of_a_point():
    assert names_in("x=max(1,2),y=2") == ("x", "y")
    assert names_in("3") == ()
    assert names_in({"a": 1, "b": 2}) == ("a", "b")


def test_names_of_an_option():
    assert parse_names("x, y") == ("x", "y")
    assert parse_names(["e", "pi"]) == ("e", "pi")


@pytest.mark.parametrize("text", ["", "x,", "1", "x y", "x,x", "sin(x)", "__class__", "x\x00"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(GradcliError):
        parse_names(text)


def test_plain_numbers_need_neither_sympy_nor_numpy():
    program = (
        "import sys; from gradcli.expression.points import names_in, points;"
        "list(points(['x=1,y=0:1:0.1', {'x': 1, 'y': 2}], ['x', 'y'])), names_in('x=1');"
        "sys.exit(sum(name in sys.modules for name in ('sympy', 'numpy', 'mpmath')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(st.one_of(st.text(max_size=20), st.text(alphabet="xy=:,.0123456789eE+-*/() pinaf", max_size=20)))
@settings(max_examples=300, deadline=None)
def test_only_errors_of_ours_escape(text):
    try:
        found = points([text], ["x"])
    except GradcliError:
        return
    assert all(math.isfinite(value) for point in found[:10] for value in point.values())
