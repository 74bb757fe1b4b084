"""Many partials judged together: what is wrong is found and named, what is right is not accused, and nothing is hidden."""

import json

import numpy as np
import pytest

from gradcli import GradcliError, check_gradient
from gradcli.check.blocks import blocks_among, corner
from gradcli.report import Verdict

rng = np.random.default_rng(1)
P = 5000
x = rng.normal(size=P)
target = rng.normal(size=P)
stretch = 10.0 ** rng.uniform(-1, 1, P)


def bowl(w):
    return float(np.sum(stretch * (w - target) ** 2))


def slopes(w):
    return 2 * stretch * (w - target)


X = rng.normal(size=(20, 70))
y = (rng.random(20) < 0.5) * 1.0
START = {"W": rng.normal(size=(70, 80)) / 8, "b": np.zeros(80), "v": rng.normal(size=80) / 9, "c": 0.1}


def net(bend, slope):
    def loss(p):
        z = bend(X @ p["W"] + p["b"]) @ p["v"] + p["c"]
        return float(np.mean(np.logaddexp(0, z) - y * z))

    def grad(p):
        before = X @ p["W"] + p["b"]
        hidden = bend(before)
        z = hidden @ p["v"] + p["c"]
        dz = (1 / (1 + np.exp(-z)) - y) / len(y)
        d = np.outer(dz, p["v"]) * slope(before)
        return {"W": X.T @ d, "b": d.sum(0), "v": hidden.T @ dz, "c": dz.sum()}

    return loss, grad


TANH = net(np.tanh, lambda z: 1 - np.tanh(z) ** 2)
RELU = net(lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0)


def counted(loss):
    calls = []

    def call(w):
        calls.append(1)
        return loss(w)

    return call, calls


def wrong_in(report):
    return {row.parameter for row in report if row.verdict is Verdict.FAIL and row.partials == 1}


def off(places, factor=1.01):
    scale = np.ones(P)
    scale[places] = factor
    return lambda w: slopes(w) * scale


def test_above_a_few_thousand_partials_directions_are_the_default_and_cost_little():
    loss, calls = counted(bowl)
    report = check_gradient(loss, slopes, x)
    assert report.verdict is Verdict.PASS
    assert (report.looked_at, report.covered, len(report.directions)) == (0, P, 2)
    assert len(calls) < 30


def test_fewer_partials_are_looked_at_one_by_one_and_so_are_all_when_asked():
    small = lambda w: float(np.sum(w**2))
    assert not check_gradient(small, lambda w: 2 * w, x[:4000]).directions
    assert not check_gradient(bowl, slopes, x, only="w[1*", points=1).directions
    assert check_gradient(bowl, slopes, x, directions=0, points=1).looked_at == P
    assert len(check_gradient(small, lambda w: 2 * w, x[:10], directions=3, points=1).directions) == 3


@pytest.mark.parametrize("place", [0, 1, 1234, P - 1])
def test_one_component_off_by_a_hundredth_is_found_in_few_evaluations(place):
    loss, calls = counted(bowl)
    report = check_gradient(loss, off([place]), x)
    assert report.verdict is Verdict.FAIL
    assert wrong_in(report) == {f"w[{place}]"}
    assert report.diagnoses[0].cause == "one-partial"
    assert len(calls) <= 5 * np.log2(P) + 60


@pytest.mark.parametrize("functions", [TANH, RELU], ids=["tanh", "relu"])
def test_blocks_of_a_net_pass_and_a_wrong_one_is_named(functions):
    loss, grad = functions
    right = check_gradient(loss, grad, START)
    assert right.verdict is Verdict.PASS
    assert {row.parameter for row in right.directions} == {"W[*]", "b[*]", "v[*]"}
    assert (right.looked_at, right.covered) == (1, 70 * 80 + 160)

    def wrong(p):
        found = grad(p)
        found["W"][17, 20:40] *= 1.01
        return found

    report = check_gradient(loss, wrong, START)
    assert {row.parameter for row in report.directions if row.verdict is Verdict.FAIL} == {"W[*]"}
    assert wrong_in(report) <= {f"W[17,{column}]" for column in range(20, 40)}
    assert wrong_in(report)


@pytest.mark.parametrize("seed", range(5))
def test_several_wrong_components_are_all_found(seed):
    places = np.random.default_rng(seed).choice(P, 5, replace=False)
    report = check_gradient(bowl, off(places, 1.001), x, seed=seed)
    assert wrong_in(report) == {f"w[{place}]" for place in places}
    assert "others are right together" in report.notes[0]


def test_of_very_many_wrong_components_some_are_found_and_the_rest_is_said_to_be_there():
    report = check_gradient(bowl, off(np.arange(0, P, 40)), x)
    assert report.verdict is Verdict.FAIL
    assert wrong_in(report) <= {f"w[{place}]" for place in range(0, P, 40)}
    assert 8 <= len(wrong_in(report)) < 125
    assert "and more of its" in report.notes[0]


def test_two_equal_errors_of_opposite_sign_do_not_cancel():
    loss, grad = (
        (lambda w: float(np.sum(w**2))),
        (lambda w: 2 * w + 1e-3 * (np.arange(P) == 3) - 1e-3 * (np.arange(P) == 9)),
    )
    assert wrong_in(check_gradient(loss, grad, np.ones(P))) == {"w[3]", "w[9]"}


def spoilt(change):
    loss, grad = TANH

    def wrong(p):
        found = grad(p)
        change(found, p)
        return found

    return check_gradient(loss, wrong, START)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda g, p: g.update(W=2 * g["W"]), "factor"),
        (lambda g, p: g.update({name: -value for name, value in g.items()}), "sign"),
        (lambda g, p: g.update(W=g["W"] + 0.02 * p["W"]), "l2-term"),
        (lambda g, p: g.update(b=0 * g["b"]), "missing"),
        (lambda g, p: g.update(v=g["v"][::-1].copy()), None),
    ],
)
def test_the_cause_of_a_wrong_block_is_named_from_a_corner_of_it(change, cause):
    report = spoilt(change)
    assert report.verdict is Verdict.FAIL
    assert report.looked_at < 120
    assert report.evaluations < 1500
    if cause:
        assert report.diagnoses[0].cause == cause


def test_a_block_that_is_right_at_one_point_only_has_not_passed():
    def grad(w):
        return slopes(w) * (1.0 if np.array_equal(w, x) else off([9])(w) / slopes(w))

    report = check_gradient(bowl, grad, x)
    assert [row.verdict for row in report.directions] == [Verdict.PASS, Verdict.FAIL]
    assert (wrong_in(report), report.covered) == ({"w[9]"}, 0)


def test_a_row_that_is_wrong_is_told_from_those_that_are_right_without_being_looked_at():
    words = np.append(np.arange(40) * 50, 7)
    words[3] = 7
    share = np.random.default_rng(2).normal(size=(41, 2))

    def loss(p):
        return float(np.sum(share * np.sin(p["E"][words])))

    def grad(p):
        found = np.zeros_like(p["E"])
        found[words] += share * np.cos(p["E"][words])
        return {"E": found}

    report = check_gradient(loss, grad, {"E": x.reshape(2500, 2)})
    assert wrong_in(report) == {"E[7,0]", "E[7,1]"}
    assert report.looked_at < 10
    assert report.diagnoses[0].cause == "rows"
    assert "row 7 of E" in report.diagnoses[0].evidence


def test_a_claim_that_is_not_finite_is_named_and_the_others_are_judged_without_it():
    def wrong(w):
        found = slopes(w)
        found[7] = np.nan
        return found

    report = check_gradient(bowl, wrong, x)
    assert wrong_in(report) == {"w[7]"}
    assert {row.verdict for row in report.directions} == {Verdict.PASS}
    assert {row.partials for row in report.directions} == {P - 1}


def test_errors_within_the_tolerance_pass():
    small = 1 + 8e-7 * rng.uniform(-1, 1, P)
    assert check_gradient(bowl, lambda w: slopes(w) * small, x).verdict is Verdict.PASS
    assert check_gradient(bowl, lambda w: slopes(w).astype(np.float32), x).verdict is Verdict.PASS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rounded", [np.float32, lambda f: np.round(f, 6)])
def test_a_rounded_loss_is_no_witness_against_a_right_gradient(rounded, seed):
    loss = lambda w: float(rounded(bowl(w) / 1000))
    assert check_gradient(loss, lambda w: slopes(w) / 1000, x, seed=seed).verdict is not Verdict.FAIL


def test_a_rounded_loss_is_witness_enough_against_a_factor():
    loss = lambda w: float(np.sum((stretch * (w - target) ** 2).astype(np.float32)))
    assert check_gradient(loss, lambda w: 2 * slopes(w), x).verdict is Verdict.FAIL


def test_noise_forbids_an_accusation():
    noise = np.random.default_rng(0)
    report = check_gradient(lambda w: bowl(w) + 1e-3 * noise.random(), lambda w: 2 * slopes(w), x)
    assert report.verdict is Verdict.UNRESOLVED
    assert {row.verdict for row in report.directions} <= {Verdict.UNRESOLVED, Verdict.PASS}
    assert report.diagnoses[0].cause == "nondeterministic"


def test_a_kink_at_the_point_hides_errors_and_is_no_verdict():
    corner_of = lambda w: float(np.sum(np.abs(w)))
    report = check_gradient(corner_of, np.sign, np.zeros(P), points=1)
    assert report.verdict is Verdict.UNRESOLVED
    assert report.directions[0].numeric.slope.nature == "kink"
    assert check_gradient(corner_of, np.sign, np.zeros(P)).verdict is Verdict.PASS  # the second point is beside it


def test_scales_of_ten_decades_in_one_block_are_seen_alike():
    sizes = 10.0 ** rng.uniform(-6, 4, P)
    loss, wrong = (lambda w: float(np.sum(np.log(w)))), (lambda w: (1 + 0.01 * (np.arange(P) == 77)) / w)
    assert check_gradient(loss, lambda w: 1 / w, sizes).verdict is Verdict.PASS
    assert wrong_in(check_gradient(loss, wrong, sizes)) == {"w[77]"}


def test_parameters_that_the_loss_ignores_pass_as_they_do_one_by_one():
    start = {"used": x, "unused": x[:50]}
    loss, grad = (lambda p: bowl(p["used"])), (lambda p: {"used": slopes(p["used"]), "unused": np.zeros(50)})
    assert check_gradient(loss, grad, start).verdict is Verdict.PASS


def test_it_is_told_what_a_pass_would_have_missed():
    loss = lambda w: 1e9 * float(np.sum(w[:10] ** 2)) + float(np.sum(w[10:] ** 2))
    grad = lambda w: np.concatenate([2e9 * w[:10], 2 * w[10:]])
    [note] = check_gradient(loss, grad, x, points=1).notes
    assert note.startswith("a single one that is 1 % off would have shown in")
    share = float(note.split(" in ")[1].split(" %")[0])
    assert share < 50


def test_blocks_are_what_stands_before_the_last_bracket():
    names = ["a[0][0,0]", "a[0][0,1]", "a[1][0]", "a[1][1]", "s", "t[0]"]
    blocks, alone = blocks_among(names, range(6))
    assert [(block.name, block.indices.tolist()) for block in blocks] == [("a[0]", [0, 1]), ("a[1]", [2, 3])]
    assert alone == [4, 5]
    many, rest = blocks_among([f"p{k}" for k in range(40)], range(40))
    assert (len(many), len(many[0]), rest) == (1, 40, [])


def test_the_corner_of_a_matrix_is_a_square():
    names = [f"W[{i},{j}]" for i in range(9) for j in range(7)]
    [block], _ = blocks_among(names, range(len(names)))
    assert [names[k] for k in corner(block, names)] == [f"W[{i},{j}]" for i in range(4) for j in range(4)]
    deep = [f"K[{i},{j},{k}]" for i in range(3) for j in range(5) for k in range(5)]
    [block], _ = blocks_among(deep, range(len(deep)))
    assert all(deep[k].startswith("K[0,") for k in corner(block, deep))


def test_the_number_of_directions_must_make_sense():
    with pytest.raises(GradcliError, match="directions is -1"):
        check_gradient(bowl, slopes, x, directions=-1)


CODE = """
import numpy as np
x0 = {"w": np.linspace(-1.0, 2.0, 6000), "b": 0.5}
def loss(p): return float(np.sum(p["w"] ** 2) + p["b"] ** 2 * p["w"][3])
def grad(p):
    g = {"w": 2 * p["w"], "b": 2 * p["b"] * p["w"][3]}
    g["w"][3] += p["b"] ** 2
    return g
def loss_off(p): return loss(p)
def grad_off(p):
    g = grad(p)
    g["w"][4000] *= 1.01
    return g
"""


@pytest.fixture
def code(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(CODE)
    return path


def test_the_records_say_how_many_partials_were_really_looked_at(gradcli, code):
    outcome = gradcli("check", f"{code}:loss", "--format", "jsonl")
    *rows, summary = (json.loads(line) for line in outcome.out.splitlines())
    assert outcome.code == 0
    assert [(row["parameter"], row["partials"], row["value"]) for row in rows[:1]] == [("w[*]", 6000, None)]
    wanted = {"partials": 6001, "looked_at": 1, "directions": 2, "blocks": 1, "covered": 6000, "pass": 4, "fail": 0}
    assert {key: summary[key] for key in wanted} == wanted
    every = gradcli("check", f"{code}:loss", "--format", "jsonl", "--all", "--points", "1", "--only", "w")
    summary = json.loads(every.out.splitlines()[-1])
    assert (summary["looked_at"], summary["directions"], summary["covered"]) == (6000, 0, 0)


@pytest.mark.parametrize("format_", ["table", "plain", "csv", "tsv", "markdown", "github", "junit", "json"])
def test_every_format_knows_directions(gradcli, code, format_):
    outcome = gradcli("check", f"{code}:loss_off", "--format", format_)
    assert outcome.code == 1
    assert "w[4000]" in outcome.out
    assert format_ == "github" or "w[*]" in outcome.out


def test_a_person_is_told_in_one_line_what_was_done(gradcli, code):
    told = gradcli("check", f"{code}:loss").err
    assert (
        "6,001 partials at 2 points by 2 directions over 1 block; 1 looked at one by one (--all looks at each)" in told
    )


def test_directions_may_be_asked_of_models_and_expressions(gradcli):
    for words in (["linreg"], ["nn"], ["x*y*sin(z)", "--at", "x=1,y=2,z=3"]):
        summary = json.loads(gradcli("check", *words, "--directions", "2", "--format", "jsonl").out.splitlines()[-1])
        assert summary["verdict"] == "pass"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--all", "--directions", "2"], "give one of them"),
        (["--directions", "0"], "--directions"),
        (["--directions", "many"], "--directions"),
    ],
)
def test_options_that_contradict_are_refused(gradcli, code, words, told):
    outcome = gradcli("check", code, *words)
    assert outcome.code == 2
    assert told in outcome.err
