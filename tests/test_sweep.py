"""Error against step size: measured, read, put into words, tabled and asked for."""

import cmath
import io
import json
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from rich.console import Console

from gradcli.derivation import finite_difference
from gradcli.errors import GradcliError
from gradcli.output.bars import bar, logarithmic
from gradcli.output.sweeprecords import SWEEP_COLUMNS, of_sweep
from gradcli.output.sweeptable import of_sweep as table
from gradcli.output.sweeptext import remarks, sentence
from gradcli.problem import Nature, Problem, Slope
from gradcli.stencil import STENCILS
from gradcli.sweep import STEPS, steps_between, sweep
from gradcli.sweep.vcurve import Difference, Shape, power_of_h, read


def problem(function, x, exact, **more):
    """A problem of one variable whose exact slope is known."""
    slope = exact if isinstance(exact, Slope) else Slope(exact)
    return Problem("f", lambda point: function(point[0]), [x], ["x"], slopes=lambda _: [slope], **more)


def swept(function, x, exact, **more):
    return sweep(problem(function, x, exact), 0, **more)


def curve(found, method):
    return next(one for one in found.curves if one.method == method)


def reading(found, method):
    return curve(found, method).reading


SINE = (math.sin, 1.0, math.cos(1.0))


def test_the_steps_are_two_in_a_decade_from_a_tenth_to_1e_16():
    assert STEPS[:4] == (0.1, 0.03, 0.01, 0.003)
    assert STEPS[-2:] == (3e-16, 1e-16)
    assert len(STEPS) == 31
    assert steps_between(0.1, 1e-16) == STEPS
    assert steps_between(1.0, 0.05) == (1.0, 0.3, 0.1)


@pytest.mark.parametrize("ends", [(1e-3, 1e-1), (0.0, 0.0), (1.0, math.nan), (math.inf, 1.0), (0.02, 0.019)])
def test_steps_that_cannot_be_swept_are_refused(ends):
    with pytest.raises(GradcliError):
        steps_between(*ends)


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("backward", 1), ("central", 2), ("five-point", 4)])
def test_a_smooth_function_shows_each_method_its_order(method, order):
    found = reading(swept(*SINE, methods=[method]), method)
    assert found.shape == Shape.EXPECTED
    assert found.observed_order == pytest.approx(order, abs=0.02)
    # the best step is near eps^(1/(order + 1)), and so is where roundoff takes over
    assert 0.1 < found.best_step / 2.2e-16 ** (1 / (order + 1)) < 10
    assert 0.1 < found.roundoff_below / 2.2e-16 ** (1 / (order + 1)) < 10


@pytest.mark.parametrize("order", [2, 3, 4])
def test_higher_derivatives_have_their_v_too(order):
    exact = [math.sin, math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)][order % 4](1.0)
    found = swept(math.sin, 1.0, exact, order=order, methods=["forward", "central"])
    assert reading(found, "forward").observed_order == pytest.approx(1, abs=0.1)
    assert reading(found, "central").observed_order == pytest.approx(2, abs=0.1)


def test_a_row_is_what_a_derivative_with_that_step_is():
    asked = problem(*SINE)
    for method in ("forward", "backward", "central", "five-point"):
        for one in curve(sweep(asked, 0, methods=[method]), method).differences[:20]:
            estimate, _ = finite_difference(asked, 0, STENCILS[method](1), one.step)
            assert (one.numeric, one.taken) == (estimate.slope.value, estimate.step)


def test_no_value_is_taken_twice_and_all_of_them_at_once():
    seen, calls = [], []

    def shifted(point, indices, steps):
        calls.append(len(steps))
        seen.extend(steps)
        return [math.sin(point[0] + step) for step in steps]

    asked = Problem("f", None, [1.0], ["x"], slopes=lambda _: [Slope(math.cos(1.0))], shifted=shifted)
    found = sweep(asked, 0, methods=["forward", "backward", "central", "five-point"])
    assert len(seen) == len(set(seen)) == found.evaluations
    assert [count for count in calls if count] == [found.evaluations]


def test_errors_are_those_of_exact_arithmetic():
    with mp.workdps(40):
        for one in curve(swept(math.exp, 0.5, math.exp(0.5)), "central").differences[:6]:
            h = mp.mpf(one.taken)
            truth = (mp.exp(mp.mpf(0.5) + h) - mp.exp(mp.mpf(0.5) - h)) / (2 * h) - mp.exp(mp.mpf(0.5))
            assert one.error == pytest.approx(float(truth), abs=4e-16 / one.step)


def test_a_quadratic_has_no_truncation_error_by_central_differences():
    found = swept(lambda x: x**2, 3.0, 6.0)
    assert reading(found, "central").shape == Shape.EXACT
    assert reading(found, "central").best_step == 0.1
    assert reading(found, "forward").observed_order == pytest.approx(1, abs=1e-3)
    assert "no truncation error" in sentence(found, curve(found, "central"))


def test_a_vanishing_second_derivative_makes_forward_differences_faster_than_they_should_be():
    found = swept(math.sin, 0.0, 1.0)
    assert reading(found, "forward").shape == Shape.FASTER
    assert reading(found, "forward").observed_order == pytest.approx(2, abs=0.05)
    assert "error falls as h^2, faster than h" in sentence(found, curve(found, "forward"))


@pytest.mark.parametrize(("power", "order"), [(1.5, 0.5), (1.25, 0.25)])
def test_a_rough_function_is_told_to_be_slower(power, order):
    found = swept(lambda x: math.copysign(abs(x) ** power, x), 0.0, 0.0)
    assert reading(found, "central").shape == Shape.SLOWER
    assert reading(found, "central").observed_order == pytest.approx(order, abs=0.01)
    assert f"error falls only as h^{order:.1f}, not as h^2" in sentence(found, curve(found, "central"))


def test_x_abs_x_has_order_1_at_0_and_no_roundoff():
    found = swept(lambda x: x * abs(x), 0.0, 0.0)
    assert reading(found, "central").observed_order == pytest.approx(1, abs=0.01)
    assert "only as h, not as h^2" in sentence(found, curve(found, "central"))
    assert "roundoff does not show at these steps" in sentence(found, curve(found, "central"))


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
def test_a_kink_nearby_is_a_cliff_at_its_distance(distance):
    found = swept(lambda x: 1 + abs(x), distance, 1.0)
    low, high = reading(found, "central").cliff
    assert low <= distance <= high
    assert reading(found, "central").shape == Shape.FLAT
    assert reading(found, "central").observed_order == pytest.approx(0, abs=0.2)
    assert "a kink or jump of f lies about that far" in sentence(found, curve(found, "central"))


def test_a_wrong_exact_side_is_a_flat_line_with_no_best_step_to_recommend():
    found = swept(math.sin, 1.0, 0.6)
    assert {one.reading.shape for one in found.curves} == {Shape.FLAT}
    assert "best" not in sentence(found, found.curves[0])


def test_noise_of_f_is_measured_not_assumed():
    found = swept(lambda x: float(np.float32(math.sin(x))), 1.0, math.cos(1.0))
    assert reading(found, "forward").shape == Shape.EXPECTED
    assert reading(found, "forward").roundoff_below == pytest.approx(6e-8**0.5, rel=1)


def test_pure_noise_has_no_order():
    noise = random.Random(1)
    found = swept(lambda _: noise.random(), 1.0, 0.0)
    assert {one.reading.shape for one in found.curves} <= {Shape.HIDDEN, Shape.UNSTEADY}
    assert all(one.reading.observed_order is None for one in found.curves)


def test_cancellation_inside_f_moves_where_roundoff_takes_over():
    found = swept(lambda x: (1 - math.cos(x)) / x**2, 1e-3, -1e-3 / 12 + 1e-9 / 180)
    assert reading(found, "forward").shape == Shape.EXPECTED
    assert reading(found, "forward").roundoff_below > 1e-6


def test_the_complex_step_has_no_roundoff_side():
    asked = problem(*SINE, extended=lambda point: cmath.sin(point[0]))
    found = sweep(asked, 0, methods=["complex"])
    assert reading(found, "complex").observed_order == pytest.approx(2, abs=0.01)
    assert max(one.error for one in curve(found, "complex").differences[-16:]) < 1e-15
    assert "nothing is subtracted" in sentence(found, curve(found, "complex"))


def test_steps_that_vanish_are_said_and_have_no_number():
    found = swept(math.sin, 1e6, math.cos(1e6))
    lost = [one for one in curve(found, "central").differences if one.step < 1e-11]
    assert all(one.taken is None and one.numeric is None and one.error is None for one in lost)
    assert any("vanish beside x = 1000000.0" in line for line in remarks(found))
    assert reading(found, "central").observed_order == pytest.approx(2, abs=0.05)


def test_sides_outside_the_domain_have_no_value():
    found = swept(math.log, 1e-5, 1e5)
    rows = curve(found, "central").differences
    assert all(one.numeric is None and one.taken for one in rows if one.step > 1e-5)
    assert reading(found, "central").observed_order == pytest.approx(2, abs=0.05)


def test_at_a_kink_each_method_goes_where_it_must():
    found = swept(abs, 0.0, Slope(None, -1.0, 1.0, Nature.KINK))
    lines = remarks(found)
    assert lines[0] == "forward: tends to the right slope 1"
    assert lines[1] == "backward: tends to the left slope -1"
    assert "no derivative, 0" in lines[2]
    assert "left -1, right 1" in lines[3]
    assert "h^0 (not at all)" in lines[4]


def test_a_jump_makes_differences_grow():
    found = swept(math.floor, 0.0, Slope(None, nature=Nature.JUMP))
    assert any("goes as h^-1 with h" in line for line in remarks(found))


def user_problem(gradient):
    return Problem("model.py:loss", lambda p: p[0] ** 3, [2.0], ["w"], gradient=gradient)


def test_the_exact_side_of_a_persons_loss_is_the_reference_and_its_floor_is_told():
    found = sweep(user_problem(lambda p: [3 * p[0] ** 2]), 0)
    assert found.exact.source == "reference"
    assert abs(found.exact.slope.value - 12.0) <= found.exact.error < 1e-9
    assert not found.claim_is_wrong
    assert any("cannot be told from 0" in line for line in remarks(found))
    assert any("the gradient agrees with the reference" in line for line in remarks(found))


@pytest.mark.parametrize("factor", [2.0, -1.0, 1.001, math.nan, 0.0])
def test_a_wrong_gradient_is_told_by_its_flat_line(factor):
    found = sweep(user_problem(lambda p: [3 * factor * p[0] ** 2]), 0)
    assert found.claim_is_wrong
    assert any("A flat line is the error of the gradient, not of the step" in line for line in remarks(found))
    assert reading(found, "central").shape == Shape.EXPECTED


def test_methods_without_a_step_and_orders_without_a_method_are_refused():
    for methods, order in ((["reference"], 1), (["complex"], 2), (["complex"], 1)):
        with pytest.raises(GradcliError):
            sweep(problem(*SINE), 0, methods=methods, order=order)
    with pytest.raises(GradcliError):
        sweep(problem(*SINE), 0, steps=())


@settings(max_examples=60, deadline=None)
@given(
    order=st.sampled_from([1, 2, 4]),
    scale=st.floats(1e-6, 1e6),
    noise=st.floats(1e-20, 1e-14),
    seed=st.integers(0, 10**6),
)
def test_the_order_of_a_v_made_by_hand_is_found(order, scale, noise, seed):
    rng = random.Random(seed)
    made = [
        Difference(h, h, 0.0, abs(scale * h**order + noise * scale / h * rng.uniform(-1, 1)), noise * scale / h, 1 / h)
        for h in STEPS
    ]
    found = read(made, expected=order)
    crossing = noise ** (1 / (order + 1))
    if crossing < 3e-4:
        assert found.observed_order == pytest.approx(order, abs=0.1)
        assert 0.03 < found.best_step / crossing < 30
    else:
        assert found.observed_order is None or found.observed_order == pytest.approx(order, abs=0.3)


def test_one_lucky_error_is_not_the_best_step():
    made = [Difference(h, h, 0.0, h + 1e-16 / h, 1e-16 / h, 1 / h) for h in STEPS]
    lucky = [
        Difference(one.step, one.taken, 0.0, 0.0, one.roundoff, one.weight) if one.step == 1e-13 else one
        for one in made
    ]
    assert read(lucky, expected=1).best_step == pytest.approx(1e-8, rel=3)


def test_nothing_is_read_from_nothing():
    assert read([Difference(0.1), Difference(0.01, 0.01)], expected=1).shape == Shape.NOTHING


@pytest.mark.parametrize(("order", "text"), [(1.0, "h"), (2.04, "h^2"), (0.5, "h^0.5"), (-1.0, "h^-1"), (None, "h")])
def test_powers_of_h_are_written_short(order, text):
    assert power_of_h(order) == text


def test_records_have_a_row_per_step_and_method_and_a_summary():
    rows = list(of_sweep(swept(*SINE), "one", 7))
    assert len(rows) == 3 * 31 + 1
    assert all(set(row) == {"schema", "kind", *SWEEP_COLUMNS} for row in rows[:-1])
    assert all(row["schema"] == "gradcli/1" and row["id"] == "one" and row["line"] == 7 for row in rows)
    json.dumps(rows, allow_nan=False)
    summary = rows[-1]
    assert summary["kind"] == "summary"
    assert [one["method"] for one in summary["methods"]] == ["forward", "backward", "central"]
    assert summary["methods"][2]["text"].startswith("error falls as h^2, as it should")
    assert summary["exact"] == math.cos(1.0)


def shown(renderable, width=100, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False, color_system=None)
    console.print(renderable)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_the_v_can_be_seen_in_a_table():
    text = shown(table(swept(*SINE, methods=["central"]), 100), 100)
    lengths = [line.count("█") for line in text.splitlines() if "e-" in line and "█" in line]
    best = lengths.index(min(lengths))
    assert 0 < best < len(lengths) - 1
    assert lengths[0] > lengths[best] < lengths[-2]
    assert lengths[:best] == sorted(lengths[:best], reverse=True)


@pytest.mark.parametrize("width", [200, 100, 80, 60, 40])
def test_tables_fit_the_terminal(width):
    for text in (
        shown(table(swept(*SINE), width), width),
        shown(table(sweep(user_problem(lambda p: [p[0]]), 0), width), width),
    ):
        assert all(len(line) <= width for line in text.splitlines())
        assert "…" not in text


def test_a_wrong_gradient_has_a_column_of_its_own():
    assert "central - gradient" in shown(table(sweep(user_problem(lambda p: [p[0]]), 0), 140), 140)


def test_an_ascii_terminal_gets_ascii_bars():
    text = shown(table(swept(*SINE), 100), 100, encoding="ascii")
    assert text.isascii()
    assert "####" in text


def test_bars_are_as_long_as_they_should_be():
    assert bar(0.5, 8) == "████"
    assert bar(0.0, 8) == ""
    assert bar(1e-9, 8) == "▏"
    assert bar(2.0, 3, ascii_only=True) == "###"
    assert logarithmic([1e-4, 1e-2, 1.0]) == [0.01, 0.5, 1.0]
    assert logarithmic([0.0, None, 1.0])[:2] == [0.0, None]


def test_sweep_as_a_command(gradcli):
    done = gradcli("sweep", "sin(x)", "--at", "1")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split()[:6] == ["target", "point", "parameter", "value", "method", "step"]
    assert len(lines) == 1 + 93
    assert done.err.splitlines()[2].startswith("central: error falls as h^2, as it should; best h = 3e-06")


def test_several_variables_are_a_sweep_each(gradcli):
    rows = [
        json.loads(line) for line in gradcli("sweep", "x**2*y", "--at", "x=1,y=2", "--format", "jsonl").out.splitlines()
    ]
    assert [row["parameter"] for row in rows if row["kind"] == "summary"] == ["x", "y"]
    one = gradcli("sweep", "x**2*y", "--at", "x=1,y=2", "--wrt", "y", "--format", "jsonl").out.splitlines()
    assert {json.loads(row)["parameter"] for row in one} == {"y"}


def test_where_there_is_no_derivative_the_exit_code_is_3(gradcli):
    assert gradcli("sweep", "abs(x)", "--at", "0").code == 3
    assert gradcli("sweep", "log(x)", "--at=-1").code == 3


def test_a_persons_file_with_a_wrong_gradient_exits_1(gradcli, tmp_path):
    file = tmp_path / "model.py"
    file.write_text("x0 = [1.0, 2.0]\ndef loss(p): return p[0]**2*p[1]\ndef grad(p): return [2*p[0]*p[1], p[0]]\n")
    assert gradcli("sweep", f"{file}:loss").code == 0
    file.write_text("x0 = [1.0, 2.0]\ndef loss(p): return p[0]**2*p[1]\ndef grad(p): return [p[0]*p[1], p[0]**2]\n")
    done = gradcli("sweep", f"{file}:loss", "--only", "p[0]")
    assert done.code == 1
    assert "A flat line is the error of the gradient" in done.err


def test_a_model_is_swept_over_its_parameters(gradcli):
    done = gradcli("sweep", "linreg", "--format", "jsonl", "--steps", "1e-1:1e-8")
    summaries = [row for row in map(json.loads, done.out.splitlines()) if row["kind"] == "summary"]
    assert [row["parameter"] for row in summaries] == ["w", "b"]
    assert done.code == 0


def test_many_parameters_are_cut_short_and_that_is_said(gradcli):
    done = gradcli("sweep", "nn", "--hidden", "4", "--steps", "1e-1:1e-4")
    assert "7 more partials" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("sin(x)",),
        ("sin(x)", "--at", "1", "--steps", "1"),
        ("sin(x)", "--at", "1", "--steps", "a:b"),
        ("sin(x)", "--at", "1", "--method", "reference"),
        ("sin(", "--at", "1"),
        ("linreg", "--only", "nothing"),
    ],
)
def test_what_cannot_be_swept_exits_2_with_a_hint(gradcli, words):
    done = gradcli("sweep", *words)
    assert done.code == 2
    assert done.out == ""
    assert "hint: " in done.err


def test_lines_are_swept_in_order_and_bad_ones_do_not_stop_the_rest(shell):
    done = shell("sweep", "-", "--format", "jsonl", "--steps", "1e-1:1e-6", text="x**2 @ 3\nnope(x) @ 1\n-x @ 1\n")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["line"], row["kind"]) for row in rows if row["kind"] != "sweep"] == [
        (1, "summary"),
        (2, "error"),
        (3, "summary"),
    ]
    assert done.code == 2


@pytest.mark.parametrize("name", ["table", "plain", "json", "jsonl", "csv", "tsv", "markdown"])
def test_a_sweep_is_written_in_every_format(gradcli, name):
    done = gradcli("sweep", "sin(x)", "--at", "1", "--steps", "1e-1:1e-8", "--format", name)
    assert done.code == 0
    assert "central" in done.out
    if name == "json":
        assert len(json.loads(done.out)["records"]) == 3 * 15 + 1
    if name == "csv":
        assert len(done.out.splitlines()) == 3 * 15 + 1
