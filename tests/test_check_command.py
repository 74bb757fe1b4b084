"""`gradcli check`: formulas, models and a person's code, in every format and with every exit code."""

import json
from xml.etree import ElementTree as ET

import pytest

RIGHT = """
import numpy as np
x0 = np.array([1.0, -2.0, 0.5])
def loss(w): return float((w ** 2).sum() + w[0] * w[1])
def grad(w): return 2 * w + np.array([w[1], w[0], 0.0])
"""
WRONG = RIGHT.replace("2 * w +", "w +")


@pytest.fixture
def model(tmp_path):
    def write(text):
        path = tmp_path / "model.py"
        path.write_text(text)
        return path

    return write


def records(outcome):
    return [json.loads(line) for line in outcome.out.splitlines()]


def test_right_formulas_pass_and_are_equal_to_sympys(gradcli):
    outcome = gradcli("check", "x**2*y", "--grad", "2*x*y, x**2", "--at", "x=1,y=2", "--format", "jsonl")
    *rows, summary = records(outcome)
    assert outcome.code == 0
    assert {row["verdict"] for row in rows} == {"pass"}
    assert summary["verdict"] == "pass"
    assert summary["notes"] == ["equal to SymPy's derivative as a formula"]


def test_a_wrong_formula_is_told_by_its_ratio(gradcli):
    outcome = gradcli("check", "x**2*y", "--grad", "4*x*y, x**2", "--at", "x=1,y=2", "--format", "jsonl")
    *_, summary = records(outcome)
    assert outcome.code == 1
    first = summary["diagnosis"][0]
    assert (first["cause"], first["parameters"]) == ("formula", ["x"])
    assert "2x too large" in first["evidence"]
    assert "2*x*y" in first["hint"]


def test_without_formulas_sympys_own_is_checked(gradcli):
    assert gradcli("check", "sin(x)*y", "--at", "x=1,y=2").code == 0


def test_without_a_point_seeded_ones_are_taken(gradcli):
    first, second = (gradcli("check", "x**2", "--grad", "2*x", "--format", "jsonl") for _ in range(2))
    assert first.code == 0
    assert first.out == second.out


def test_a_formula_per_variable_is_needed(gradcli):
    outcome = gradcli("check", "x**2*y", "--grad", "2*x*y", "--at", "x=1,y=2")
    assert outcome.code == 2
    assert "2 variables" in outcome.err


def test_an_admissible_value_at_a_kink_is_good_and_another_is_not(gradcli):
    assert gradcli("check", "max(x, 0)", "--grad", "Heaviside(x, 0)", "--at", "0").code == 0
    assert gradcli("check", "max(x, 0)", "--grad", "7", "--at", "0").code == 1


def test_a_point_without_a_derivative_gives_no_verdict(gradcli):
    assert gradcli("check", "1/x", "--at", "0").code == 3


def test_persons_code_passes_and_fails(gradcli, model):
    assert gradcli("check", model(RIGHT)).code == 0
    outcome = gradcli("check", model(WRONG), "--format", "jsonl")
    assert outcome.code == 1
    *rows, summary = records(outcome)
    assert len(rows) == 6
    assert (summary["verdict"], summary["partials"], summary["looked_at"]) == ("fail", 3, 3)


def test_one_point_and_one_parameter_can_be_chosen(gradcli, model):
    outcome = gradcli("check", model(WRONG), "--points", "1", "--only", "w[2]", "--format", "jsonl")
    row, summary = records(outcome)
    assert (row["parameter"], summary["looked_at"]) == ("w[2]", 1)


def test_a_point_on_the_command_line_replaces_x0(gradcli, model):
    outcome = gradcli("check", model(RIGHT), "--at", "3,4,5", "--points", "1", "--format", "jsonl")
    assert [row["value"] for row in records(outcome)[:-1]] == [3.0, 4.0, 5.0]


def test_what_a_persons_code_prints_stays_off_standard_output(shell, model):
    path = model("import os\nprint('hello')\nos.system('echo there')\n" + RIGHT)
    outcome = shell("check", path, "--format", "jsonl")
    assert outcome.code == 0, outcome.err
    assert [json.loads(line)["kind"] for line in outcome.out.splitlines()][-1] == "summary"
    assert "hello" in outcome.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import sys; sys.exit(0)\n" + RIGHT, "sys.exit"),
        (RIGHT.replace("return float(", "raise ValueError('no') or float("), "no"),
        (RIGHT.replace("return float(", "import os; os._exit(0); return float("), ""),
        (RIGHT.replace("return float(", "return str("), ""),
        ("def loss(w): return 1.0\n", "grad"),
        ("def loss(w: return 1.0\n", "model.py"),
        ("import nothing_of_this_name\n" + RIGHT, "nothing_of_this_name"),
    ],
)
def test_code_that_cannot_be_run_ends_with_exit_code_2(shell, model, text, told):
    outcome = shell("check", model(text))
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("gradcli: error: ")
    assert told in outcome.err


def test_an_endless_loop_is_ended(shell, model):
    path = model(RIGHT + "\ndef loss(w):\n    while True: pass\n")
    outcome = shell("check", path, "--timeout", "1")
    assert outcome.code == 2
    assert "1 s" in outcome.err


def test_github_annotates_the_line_of_the_gradient(gradcli, model):
    path = model(WRONG)
    outcome = gradcli("check", path, "--format", "github")
    assert outcome.code == 1
    assert outcome.out.startswith(f"::error file={path},line=5,title=gradient fail::")


def test_junit_is_xml_with_a_failure_for_each_wrong_partial(gradcli, model):
    outcome = gradcli("check", model(WRONG), "--format", "junit")
    root = ET.fromstring(outcome.out.partition("\n")[2])
    assert root[0].get("failures") == "6"


def test_quiet_says_nothing_on_success_only(gradcli, model):
    outcome = gradcli("check", model(RIGHT), "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert gradcli("check", model(WRONG), "--quiet").out


def test_lines_with_gradients_are_checked_one_by_one(shell):
    text = (
        '{"id": 1, "expr": "x**2", "at": {"x": 3}, "grad": ["2*x"]}\n'
        '{"id": 2, "expr": "x**2", "at": {"x": 3}, "grad": ["3*x"]}\n'
        '{"id": 3, "expr": "x**", "grad": ["2*x"]}\n'
    )
    outcome = shell("check", "-", "--format", "jsonl", text=text)
    assert outcome.code == 2
    verdicts = {record["id"]: record["verdict"] for record in records(outcome) if record["kind"] != "check"}
    assert verdicts == {1: "pass", 2: "fail", 3: "error"}


def test_a_line_cannot_name_a_file_to_run(shell, model):
    outcome = shell("check", "-", "--format", "jsonl", text=f"{model(RIGHT)}\n")
    assert outcome.code == 2
    assert records(outcome)[0]["kind"] == "error"


@pytest.mark.parametrize("name", ["linreg", "nn"])
def test_the_models_gradients_are_right(gradcli, name):
    for at in ("zeros", "random"):
        assert gradcli("check", name, "--at", at).code == 0


@pytest.mark.parametrize("name", ["linreg", "nn"])
@pytest.mark.parametrize(
    ("mistake", "causes"),
    [("sign", {"sign"}), ("factor", {"factor"}), ("mean", {"factor"}), ("swap", {"swapped"}), ("chain", {"permuted"})],
)
def test_a_planted_mistake_is_caught_and_named(gradcli, name, mistake, causes):
    outcome = gradcli("check", name, "--break", mistake, "--format", "jsonl")
    assert outcome.code == 1
    assert {found["cause"] for found in records(outcome)[-1]["diagnosis"]} & causes


def test_the_nets_logits_are_checked_too(gradcli):
    summaries = [
        r for r in records(gradcli("check", "nn", "--hidden", "3", "--format", "jsonl")) if r["kind"] == "summary"
    ]
    assert [summary["target"] for summary in summaries] == ["nn", "nn logits"]
    assert {summary["verdict"] for summary in summaries} == {"pass"}


def test_a_point_by_names(gradcli):
    outcome = gradcli("check", "linreg", "--at", "w=1,b=0", "--points", "1", "--format", "jsonl")
    assert [(row["parameter"], row["value"]) for row in records(outcome)[:-1]] == [("w", 1.0), ("b", 0.0)]


def test_parameters_saved_by_training_are_a_point(gradcli, tmp_path):
    path = tmp_path / "parameters.json"
    assert gradcli("train", "nn", "--save", path).code == 0
    assert gradcli("check", "nn", "--at", path).code in {0, 3}


STACKED = """
import numpy as np
x0 = np.linspace(0.5, 1.5, 30)
def loss(w): return np.sum(np.sin(w) * w, axis=-1)
def grad(w): return np.cos(w) * w + np.sin(w)
def loss_scalar(w): return np.sum(np.sin(w) * w)
def loss_mixed(w): return np.sum(np.sin(w) * w, axis=-1) + 0 * w[..., 0] * np.size(w) + (np.ndim(w) - 1) * 1e-6
grad_scalar = grad_mixed = grad
"""


def test_a_loss_that_takes_stacked_points_is_verified_and_used(gradcli, model):
    alone, stacked = (
        records(gradcli("check", f"{model(STACKED)}:loss", "--format", "jsonl", *more))
        for more in ([], ["--vectorized"])
    )
    assert stacked[-1]["verdict"] == "pass"
    assert [row["verdict"] for row in alone] == [row["verdict"] for row in stacked]


@pytest.mark.parametrize(
    ("loss", "told"), [("loss_scalar", "returned shape () for 5 points"), ("loss_mixed", "where loss_mixed gives")]
)
def test_a_loss_that_only_seems_to_take_stacked_points_is_refused(gradcli, model, loss, told):
    outcome = gradcli("check", f"{model(STACKED)}:{loss}", "--vectorized")
    assert outcome.code == 2
    assert told in outcome.err
    assert "leave out --vectorized" in outcome.err


@pytest.mark.parametrize("words", [["linreg"], ["x**2", "--at", "3"]])
def test_vectorized_means_nothing_without_code(gradcli, words):
    outcome = gradcli("check", *words, "--vectorized")
    assert outcome.code == 2
    assert "--vectorized means nothing for" in outcome.err
