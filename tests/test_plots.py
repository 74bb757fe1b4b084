"""What figures contain: lines, labels, path points, arrow directions, gaps; and where they go."""

import io
import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from gradcli import plots
from gradcli.errors import GradcliError
from gradcli.expression import Expression
from gradcli.plots import saving, style
from gradcli.plots.arrows import levels
from gradcli.plotting import lesson
from gradcli.scenes.breaks import sampled
from gradcli.scenes.field import field, plate
from gradcli.scenes.surface import surface_of_expression, surface_of_model
from gradcli.scenes.tangent import tangent_at
from gradcli.scenes.views import box, natural_step, parse_ranges
from gradcli.sweep import sweep
from gradcli.targets import Modelling, modelled
from gradcli.training import Training


def expression(text, *names):
    return Expression.compile(text, named=names)


def along(text):
    compiled = expression(text, "x")
    return lambda xs: compiled.values([xs])


def over(text):
    compiled = expression(text, "x", "y")
    return lambda x, y: compiled.values([x, y])


def drawn(figure, kind="png"):
    """The figure as a picture: warnings are errors, so this alone is a test."""
    data = saving.rendered(figure, kind, 60)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) if kind == "png" else data


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, start):
    return next(one for one in axes.lines if one.get_label().startswith(start))


# curves and their gaps


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("1/x", [0.0]),
        ("tan(x)", [-math.pi / 2, math.pi / 2]),
        ("floor(x)", [-1.0, 0.0, 1.0]),
        ("sign(x - 0.3)", [0.3]),
        ("Heaviside(x - 0.3)*1e-9", [0.3]),
        ("x**2", []),
        ("abs(x)", []),
        ("cbrt(x)", []),
        ("sigmoid(1e5*x)", []),
        ("atan2(1, x)", []),
    ],
)
def test_a_curve_is_broken_where_the_function_is_and_nowhere_else(text, breaks):
    curve = sampled(along(text), -1.97, 1.96)
    gaps = np.flatnonzero(np.isnan(curve.ys))
    assert np.allclose(curve.xs[gaps], breaks, atol=1e-9) if breaks else gaps.size == 0
    for gap in gaps:
        # drawn up to the very edge on both sides
        assert curve.xs[gap + 1] - curve.xs[gap - 1] < 1e-12


def test_a_curve_starts_at_the_edge_of_its_domain():
    curve = sampled(along("sqrt(x)"), -1.0, 1.0)
    assert curve.xs[np.isfinite(curve.ys)][0] == pytest.approx(0.0, abs=1e-9)


def test_a_hole_is_no_break_but_a_circle():
    curve = sampled(along("sin(x)/x"), -3.0, 3.0)
    assert curve.holes == ((0.0, pytest.approx(1.0)),)


def test_a_curve_that_swings_gets_more_points():
    assert len(sampled(along("sin(500*x)"), -1.0, 1.0).xs) > 3000


@pytest.mark.parametrize(
    ("text", "x", "least", "most"),
    [
        ("x**2", 3.0, 0.5, 2.0),
        ("sin(x)", 1000.0, 0.2, 2.0),
        ("log(x)", 1e-5, 1e-6, 4e-6),
        ("1/x", 0.01, 1e-4, 4e-3),
        ("tanh(50*x)", 0.0, 0.005, 0.05),
        ("5", 1.0, 0.1, 1.0),
    ],
)
def test_the_step_of_a_tangent_suits_the_function(text, x, least, most):
    assert least <= natural_step(along(text), x) <= most


# tangent


def tangent(text="x**2", x=3.0, step=0.5, **more):
    return plots.tangent(tangent_at(expression(text, "x"), {"x": x, **more}, "x", step=step))


def test_the_slopes_of_secants_and_tangent_stand_in_the_legend():
    (axes,) = tangent().axes
    told = labels(axes)
    assert told[0] == "f(x) = x**2"
    assert [one.rpartition(" = ")[2] for one in told[1:]] == ["6.5", "5.5", "6", "6"]
    assert told[-1] == "tangent: f\N{PRIME}(x) = 2*x = 6"
    drawn(axes.figure)


@pytest.mark.parametrize(("name", "slope"), [("forward", 6.5), ("backward", 5.5), ("central", 6.0), ("tangent", 6.0)])
def test_lines_have_the_slopes_that_they_claim(name, slope):
    (axes,) = tangent().axes
    (x0, x1), (y0, y1) = line(axes, name).get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
    assert x0 < 3.0 < x1


def test_a_kink_has_two_slopes_and_no_tangent():
    (axes,) = tangent("abs(x)", 0.0).axes
    assert labels(axes)[-1] == "no tangent (a kink): left slope \N{MINUS SIGN}1, right slope 1"


@pytest.mark.parametrize(
    ("text", "x", "why"),
    [("floor(x)", 0.0, "f jumps"), ("cbrt(x)", 0.0, "it would be vertical"), ("1/x", 0.0, "a pole")],
)
def test_why_there_is_no_tangent_is_said(text, x, why):
    figure = tangent(text, x)
    assert why in labels(figure.axes[0])[-1]
    drawn(figure)


def test_a_secant_with_a_point_outside_the_domain_is_not_drawn_but_said():
    (axes,) = tangent("sqrt(x)", 0.1, 0.3).axes
    assert "backward: no value at one of its points" in labels(axes)
    assert len(line(axes, "backward").get_xdata()) == 0


def test_a_pole_does_not_flatten_the_curve():
    (axes,) = tangent("tan(x)", 1.0).axes
    low, high = axes.get_ylim()
    assert high - low < 200
    assert np.isnan(line(axes, "f(x)").get_ydata()).any()


def test_a_derivative_without_a_formula_is_measured():
    (axes,) = tangent("zeta(x)", 2.0).axes
    assert labels(axes)[-1] == "tangent: f\N{PRIME}(x) = \N{MINUS SIGN}0.937548 (measured)"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.2e6, "1.2e6"), (4800.0, "4800"), (0.001, "0.001"), (-3e-7, "\N{MINUS SIGN}3e\N{MINUS SIGN}7"), (0.0, "0")],
)
def test_scales_are_written_short(value, text):
    assert style.brief(value) == text


def test_numbers_too_large_to_draw_are_left_out(gradcli, tmp_path):
    for words in (("tangent", "1e308*x", "--at", "1"), ("arrows", "1e300*x*y")):
        assert gradcli("plot", *words, "-o", tmp_path / "out.png").code == 0


def test_other_variables_are_held_and_named():
    scene = tangent_at(expression("x**2*y", "x", "y"), {"x": 1.0, "y": 2.0}, "x", step=0.5)
    (axes,) = plots.tangent(scene).axes
    assert "y = 2" in axes.get_title(loc="left")
    assert "\N{PARTIAL DIFFERENTIAL}f/\N{PARTIAL DIFFERENTIAL}x = 2*x*y = 4" in labels(axes)[-1]


def test_a_vanishing_step_is_refused():
    with pytest.raises(GradcliError, match="vanishes"):
        tangent(step=1e-17)


def test_dollar_signs_are_no_mathematics():
    scene = tangent_at(expression("x**2", "x"), {"x": 1.0}, "x", step=0.5)
    figure = plots.tangent(scene)
    figure.axes[0].set_title("$\\frac{")
    drawn(figure)


# views


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("x**2 + y**2", (0, 0)),
        ("(1-x)**2 + 100*(y-x**2)**2", (1, 1)),
        ("(x-5)**2 + (y+3)**4", (5, -3)),
        ("(x-1000)**2 + (y-500)**2", (1000, 500)),
    ],
)
def test_a_view_has_the_stationary_points_well_inside(text, inside):
    for (low, high), place in zip(box(over(text), {}, (0.0, 0.0), holding=False), inside, strict=True):
        assert low + 0.2 * (high - low) < place < high - 0.2 * (high - low)
        assert high - low <= max(8.0, 2 * abs(place))


def test_a_view_leaves_out_what_has_no_values():
    (low, _), _ = box(over("log(x) + y"), {}, (0.0, 0.0), holding=False)
    assert -0.2 < low <= 0


def test_given_ranges_stay_as_they_are():
    assert box(over("x**2 + y**2"), {0: (5.0, 6.0)}, (0.0, 0.0), holding=False)[0] == (5.0, 6.0)


def test_ranges_are_read_with_constants():
    assert parse_ranges("x=-2:2, y=-pi/2:3", ["x", "y"]) == {"x": (-2.0, 2.0), "y": (-math.pi / 2, 3.0)}
    assert parse_ranges("0:1", ["x"]) == {"x": (0.0, 1.0)}


@pytest.mark.parametrize("text", ["x=2:1", "z=0:1", "x=0", "0:1", "x=0:1:2", "x=a:b", ""])
def test_ranges_that_mean_nothing_are_refused(text):
    with pytest.raises(GradcliError):
        parse_ranges(text, ["x", "y"])


# arrows


def arrows(text, **view):
    return plots.arrows(field(plate(expression(text, "x", "y"), {}, ()), view))


def quiver(figure):
    return next(one for one in figure.axes[0].collections if one.get_label() == "gradient")


@pytest.mark.parametrize("text", ["x**2 + y**2", "x*y", "sin(x)*cos(y)", "(1-x)**2 + 100*(y-x**2)**2", "log(x) + y"])
def test_arrows_point_uphill_everywhere(text):
    found = quiver(arrows(text))
    x, y = found.X, found.Y
    length = np.hypot(found.U, found.V)
    moving = length > 1e-9
    step = 1e-6 / np.maximum(length, 1e-12)
    rise = over(text)(x + step * found.U, y + step * found.V) - over(text)(x, y)
    assert moving.sum() > 200
    assert (rise[moving] > 0).all()


def test_arrows_are_the_gradients_direction_and_do_not_reach_their_neighbours():
    found = quiver(arrows("x**2 + 3*y**2", x=(-2.0, 2.0), y=(-2.0, 2.0)))
    assert np.allclose(found.U * 6 * found.Y, found.V * 2 * found.X, atol=1e-9)
    assert max(np.abs(found.U).max(), np.abs(found.V).max()) <= 4 / 17


def test_no_arrow_stands_on_a_kink():
    found = quiver(arrows("abs(x) + y", x=(-2.0, 2.0), y=(-2.0, 2.0)))
    assert np.abs(found.X).min() > 0.1
    assert found.X.size == 16 * 17


def test_jumps_are_gaps_in_contours():
    scene = field(plate(expression("floor(x) + y", "x", "y"), {}, ()), {"x": (-1.9, 1.9), "y": (-1.0, 1.0)})
    torn = scene.grid.xs[np.isnan(scene.grid.zs).all(axis=0)]
    assert [round(place) for place in torn] == [-1, 0, 1]
    assert not np.isnan(field(plate(expression("x**2*y", "x", "y"), {}, ()), {}).grid.zs).any()
    drawn(plots.arrows(scene))


def test_a_function_without_a_rule_has_arrows_by_differences():
    scene = field(plate(expression("zeta(x + 5) + y", "x", "y"), {}, ()), {})
    assert (scene.across < 0).all()
    assert np.allclose(scene.along, 1.0, atol=1e-6)


def test_a_picture_is_of_two_variables_and_the_others_are_held():
    three = Expression.compile("x*y*z")
    with pytest.raises(GradcliError, match="two variables"):
        plate(three, {}, ())
    with pytest.raises(GradcliError, match="z has no value"):
        plate(three, {}, ("x", "y"))
    assert "z = 2" in plots.arrows(field(plate(three, {"z": 2.0}, ("x", "y")), {})).axes[0].get_title(loc="left")


@pytest.mark.parametrize(
    "zs", [np.arange(100.0), np.arange(100.0) ** 6, np.full(9, 3.0), np.array([0.0, 1e300]), -np.geomspace(1, 1e9, 50)]
)
def test_levels_rise(zs):
    chosen = levels(zs.reshape(1, -1))
    assert all(before < after for before, after in pairwise(chosen))
    assert len(chosen) >= 3


# surfaces


def test_the_path_goes_down_from_start_to_end():
    scene = surface_of_expression(plate(expression("(x-1)**2 + 4*y**2", "x", "y"), {"x": -1.0, "y": 1.0}, ()), {})
    assert scene.path.points[0].tolist() == [-1.0, 1.0]
    assert np.allclose(scene.path.points[-1], [1.0, 0.0], atol=1e-4)
    assert (np.diff(scene.path.losses) <= 0).all()
    # theta <- theta - alpha grad f
    first, second = scene.path.points[:2]
    gradient = np.array([2 * (first[0] - 1), 8 * first[1]])
    assert np.allclose(second, first - scene.path.learning_rate * gradient)


def test_a_surface_marks_start_and_end_on_a_red_path():
    scene = surface_of_expression(plate(expression("x**2 + y**2", "x", "y"), {"x": 1.0, "y": 1.0}, ()), {})
    figure = plots.surface(scene)
    solid, flat = figure.axes[:2]
    assert solid.name == "3d"
    path = line(flat, "\N{GREEK SMALL LETTER ALPHA} = ")
    assert path.get_color() == style.VERMILION
    assert path.get_xdata()[0] == 1.0
    assert abs(path.get_xdata()[-1]) < 1e-3
    assert line(flat, "start").get_xydata().tolist() == [[1.0, 1.0]]
    assert labels(flat)[1] == "start: 2"
    assert (drawn(figure) == np.array([0xD5, 0x5E, 0x00])).all(axis=2).sum() > 50


def test_the_surface_of_linreg_ends_at_least_squares():
    model, _ = modelled("linreg", Modelling())
    scene = surface_of_model(model, {})
    exact = np.polyfit(model.columns[0], model.target, 1)
    assert np.allclose(scene.path.points[-1], exact, rtol=1e-2)
    assert 10 < len(scene.path.points) < 500
    # the quadratic grid is the loss itself
    for k in (0, 40, 160):
        assert scene.grid.zs[k, k] == pytest.approx(model.loss([scene.grid.xs[k], scene.grid.ys[k]]), rel=1e-9)
    drawn(plots.surface(scene))


def test_the_surface_of_the_neuron_is_its_loss():
    model, _ = modelled("nn", Modelling())
    scene = surface_of_model(model, {})
    for k in (0, 80, 160):
        assert scene.grid.zs[k, 7] == pytest.approx(model.loss([scene.grid.xs[7], scene.grid.ys[k]]), rel=1e-9)


def test_a_model_with_more_parameters_has_no_surface():
    model, _ = modelled("nn", Modelling(hidden=(3,)))
    with pytest.raises(GradcliError, match="two parameters"):
        surface_of_model(model, {})


@pytest.mark.parametrize("text", ["x*y", "-x**2 - y**2", "x + y", "exp(x) + y**2"])
def test_a_path_that_leaves_the_picture_ends_there(text):
    scene = surface_of_expression(plate(expression(text, "x", "y"), {}, ()), {})
    assert scene.path.stopped == "the path left the picture"
    assert len(scene.path.points) < 1000


def test_descent_on_a_kinked_surface_halves_alpha_and_says_so():
    scene = surface_of_expression(plate(expression("abs(x) + abs(y)", "x", "y"), {"x": 1.0, "y": 0.7}, ()), {})
    assert scene.path.halvings > 0
    assert "halved" in labels(plots.surface(scene).axes[1])[0]


def test_a_start_without_a_gradient_is_refused():
    with pytest.raises(GradcliError, match="start"):
        surface_of_expression(plate(expression("log(x) + y**2", "x", "y"), {"x": -1.0, "y": 0.0}, ()), {})


# sweeps


def swept(text, x, **more):
    return sweep(expression(text, "x").problem({"x": x}), 0, **more)


def test_a_sweep_has_a_v_per_method_and_lines_of_its_orders():
    figure = plots.sweep([swept("sin(x)", 1.0)])
    (axes,) = figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert labels(axes)[2] == "central: order 2, best h = 3e\N{MINUS SIGN}6"
    errors = line(axes, "central").get_ydata()
    assert errors[0] > np.nanmin(errors) < errors[-1]
    assert {text.get_text() for text in axes.texts} >= {"h", "h\N{SUPERSCRIPT TWO}"}
    drawn(figure)


def test_errors_of_zero_stand_on_a_line_of_their_own():
    (axes,) = plots.sweep([swept("x**2", 3.0)]).axes
    assert "error 0" in {text.get_text() for text in axes.texts}
    assert np.isnan(line(axes, "central").get_ydata()).all()


def test_the_floor_of_a_reference_and_the_flat_line_of_a_wrong_gradient_are_drawn():
    from gradcli.problem import Problem

    found = sweep(Problem("loss", lambda p: p[0] ** 3, [2.0], ["w"], gradient=lambda p: [6.0]), 0)
    figure = plots.sweep([found])
    told = labels(figure.axes[0])
    assert any(text.startswith("central \N{MINUS SIGN} gradient: flat at 6") for text in told)
    assert any(text.startswith("reference known to") for text in told)
    flat = line(figure.axes[0], "central \N{MINUS SIGN} gradient").get_ydata()
    assert np.allclose(flat[4:20], 6.0, rtol=1e-2)
    drawn(figure)


def test_at_a_kink_the_slopes_themselves_are_drawn():
    figure = plots.sweep([swept("abs(x)", 0.0)])
    (axes,) = figure.axes
    assert "no derivative here: kink" in axes.get_title(loc="left")
    assert {text.get_text() for text in axes.texts} == {"left slope \N{MINUS SIGN}1", "right slope 1"}
    assert np.allclose(line(axes, "forward").get_ydata(), 1.0)
    drawn(figure)


def test_several_sweeps_are_panels():
    problem = expression("x**2*y", "x", "y").problem({"x": 1.0, "y": 2.0})
    figure = plots.sweep([sweep(problem, 0), sweep(problem, 1)])
    assert [axes.get_title(loc="left").partition(",")[0] for axes in figure.axes] == [
        "df/dx",
        "df/dy",
    ]
    drawn(figure)


# training


def test_a_training_shows_loss_gradient_and_checks():
    trained, fit = lesson("linreg", Training(), progress=False)
    figure = plots.training(trained.descent, trained.steps, fit)
    loss, gradient, data = figure.axes
    assert len(line(loss, "loss").get_xdata()) == trained.descent.iterations + 1
    assert line(loss, "loss").get_ydata()[-1] == pytest.approx(trained.descent.optimum.loss, rel=1e-6)
    assert "least squares 0.739372" in labels(loss)
    assert "gradient checked: pass" in labels(gradient)
    marked = [one.get_xdata()[0] for one in gradient.lines if one.get_marker() == "o"]
    assert marked == [check.iteration for check in trained.descent.checks]
    assert len(line(data, "data").get_xdata()) == 36
    assert labels(data)[-1] == "y = 1.002 x \N{MINUS SIGN} 0.2623"
    drawn(figure)


def test_the_neuron_is_drawn_as_a_sigmoid():
    trained, fit = lesson("nn", Training(), progress=False)
    data = plots.training(trained.descent, trained.steps, fit).axes[2]
    w, b = trained.descent.parameters["w"], trained.descent.parameters["b"]
    x, a = line(data, "a = sigmoid").get_data()
    assert np.allclose(a, 1 / (1 + np.exp(-(w * x + b))))


def test_a_training_without_a_fit_has_no_third_panel():
    trained, _ = lesson("linreg", Training(iterations=3), progress=False)
    assert len(plots.training(trained.descent, trained.steps).axes) == 2


# how figures look, and where they go


def test_lines_differ_in_colour_in_dashes_in_markers_and_in_grey():
    looks = list(style.LOOKS.values())
    for part in ("color", "dashes", "marker"):
        assert len({getattr(look, part) for look in looks}) == len(looks)


def test_figures_leave_a_persons_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    tangent()
    assert dict(mpl.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_same_figure_is_the_same_file(kind):
    assert drawn(tangent(), kind) == drawn(tangent(), kind)


def test_the_suffix_says_what_is_written(gradcli, tmp_path):
    for suffix, start in (("png", b"\x89PNG"), ("SVG", b"<?xml"), ("pdf", b"%PDF")):
        file = tmp_path / f"out.{suffix}"
        done = gradcli("plot", "tangent", "-x**2", "--at", "3", "--step", "0.5", "-o", file)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert file.read_bytes().startswith(start)


@pytest.mark.parametrize(
    "words",
    [
        ("arrows", "x**2 + y**2"),
        ("surface", "x**2 + y**2", "--at", "x=1,y=1"),
        ("surface", "linreg"),
        ("sweep", "sin(x)", "--at", "1"),
        ("sweep", "linreg", "--only", "b", "--steps", "1e-1:1e-6"),
        ("training", "nn", "--iterations", "20"),
    ],
)
def test_every_picture_is_a_command(gradcli, tmp_path, words):
    done = gradcli("plot", *words, "-o", tmp_path / "out.png", "--dpi", "40")
    assert (done.code, done.err) == (0, "")
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.width >= 280


@pytest.mark.parametrize(
    "words",
    [
        ("tangent", "x**2", "-o", "out.png"),
        ("tangent", "x*y", "--at", "x=1,y=2", "-o", "out.png"),
        ("tangent", "x**2", "--at", "3", "-o", "out.gif"),
        ("tangent", "x**2", "--at", "3", "-o", "out"),
        ("tangent", "x**2", "--at", "3", "-o", "no/such/folder/out.png"),
        ("tangent", "x**2", "--at", "3", "--at", "4", "-o", "out.png"),
        ("tangent", "sin(", "--at", "3", "-o", "out.png"),
        ("arrows", "x", "-o", "out.png"),
        ("arrows", "log(-x**2-1) + y", "-o", "out.png"),
        ("surface", "x*y", "--range", "x=2:1", "-o", "out.png"),
        ("training", "svm", "-o", "out.png"),
    ],
)
def test_what_cannot_be_drawn_exits_2_with_a_hint_and_writes_nothing(gradcli, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = gradcli("plot", *words)
    assert done.code == 2
    assert "hint: " in done.err
    assert not list(tmp_path.iterdir())


def test_standard_output_gets_the_bytes_alone():
    words = [sys.executable, "-m", "gradcli", "plot", "tangent", "x**2", "--at", "3", "-o", "-"]
    done = subprocess.run(words, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    assert Image.open(io.BytesIO(done.stdout)).format == "PNG"


def test_a_terminal_is_not_given_a_picture(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(GradcliError, match="terminal"):
        saving.Destination.of("-")


def test_without_a_display_and_without_o_there_is_a_hint(gradcli, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = gradcli("plot", "tangent", "x**2", "--at", "3")
    assert done.code == 2
    assert (
        done.err
        == "gradcli: error: there is no display to open a window on\nhint: write the picture to a file: -o figure.png\n"
    )


WINDOWS = """
from matplotlib.backend_bases import FigureCanvasBase, FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
shown = []
class FigureManager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *, block=None):
        from matplotlib import pyplot
        shown.extend(manager.canvas.figure for manager in pyplot._pylab_helpers.Gcf.get_all_fig_managers())
        pyplot.close("all")
class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
"""


def test_with_a_display_and_without_o_there_is_a_window(gradcli, monkeypatch, tmp_path):
    import matplotlib as mpl

    (tmp_path / "gradcli_test_windows.py").write_text(WINDOWS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DISPLAY", ":0")
    with mpl.rc_context():
        mpl.use("module://gradcli_test_windows")
        done = gradcli("plot", "tangent", "x**2", "--at", "3")
        import gradcli_test_windows

        assert (done.code, done.err) == (0, "")
        (figure,) = gradcli_test_windows.shown
        assert labels(figure.axes[0])[0] == "f(x) = x**2"


def test_without_matplotlib_it_is_said_how_to_get_it(gradcli, monkeypatch):
    monkeypatch.setattr(style, "find_spec", lambda name: None)
    done = gradcli("plot", "training", "linreg", "-o", "out.png")
    assert done.code == 2
    assert done.err == 'gradcli: error: pictures need matplotlib\nhint: install it: pip install "gradcli[plot]"\n'


def test_nothing_but_pictures_loads_matplotlib():
    program = (
        "import sys, gradcli.cli; print([name for name in ('matplotlib', 'numpy', 'sympy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout == "[]\n"


def test_train_draws_what_it_did(gradcli, tmp_path):
    words = ("train", "linreg", "--lr", "0.1", "--format", "jsonl")
    plain = gradcli(*words)
    done = gradcli(*words, "--plot", tmp_path / "out.svg")
    assert (done.code, done.out, done.err) == (plain.code, plain.out, plain.err)
    assert (tmp_path / "out.svg").read_bytes().startswith(b"<?xml")
    assert gradcli(*words, "--plot", tmp_path / "out").code == 2
    assert gradcli(*words, "--plot", "-").code == 2
