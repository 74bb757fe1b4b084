"""`gradcli train`: records, messages and exit codes."""

import json

import numpy as np
import pytest


def record(outcome):
    return json.loads(outcome.out.splitlines()[-1])


@pytest.fixture
def csv(tmp_path):
    def write(text):
        path = tmp_path / "data.csv"
        path.write_text(text)
        return path

    return write


def test_the_train_record_has_the_whole_schema(gradcli):
    outcome = gradcli("train", "linreg", "--format", "jsonl")
    found = record(outcome)
    assert outcome.code == 0
    assert list(found)[:12] == [
        "schema", "kind", "target", "rows", "parameters", "loss", "iterations", "learning_rate", "converged",
        "optimum", "checks", "message",
    ]  # fmt: skip
    assert found["rows"] == 36
    assert found["parameters"]["w"] == pytest.approx(1.00211681802045, rel=1e-10)
    assert found["parameters"]["b"] == pytest.approx(-0.262323073774029, rel=1e-8)
    assert found["optimum"]["loss"] == pytest.approx(found["loss"], rel=1e-9)
    assert found["converged"] is True
    assert found["checks"][0]["verdict"] == "pass"


def test_a_learners_own_data(gradcli, csv):
    path = csv("x,y\n" + "".join(f"{x},{3 * x - 1}\n" for x in range(10)))
    found = record(gradcli("train", "linreg", "--data", path, "--target", "y", "--format", "jsonl"))
    assert found["parameters"] == pytest.approx({"w": 3, "b": -1}, abs=1e-6)


def test_several_features_are_named_after_their_columns(gradcli, csv):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(30, 2))
    path = csv("a,c,y\n" + "".join(f"{a},{c},{2 * a - c + 0.5}\n" for a, c in rows.tolist()))
    found = record(gradcli("train", "linreg", "--data", path, "--target", "y", "--format", "jsonl"))
    assert found["parameters"] == pytest.approx({"w[a]": 2, "w[c]": -1, "b": 0.5}, abs=1e-6)


def test_divergence_is_named_with_the_largest_stable_rate(gradcli):
    outcome = gradcli("train", "linreg", "--no-standardize", "--lr", "1e-3")
    assert outcome.code == 2
    assert "diverged" in outcome.err
    assert "--lr" in outcome.err


def test_separable_classes_are_called_separable(gradcli, csv):
    path = csv("x,y\n1,0\n2,0\n3,1\n4,1\n")
    outcome = gradcli("train", "nn", "--data", path, "--target", "y", "--format", "jsonl")
    found = record(outcome)
    assert outcome.code == 0
    assert found["separable"] is True
    assert found["converged"] is False
    assert "separable" in found["message"]


def test_iterations_that_run_out_are_said_and_are_no_error(gradcli):
    outcome = gradcli("train", "nn", "--iterations", "3", "--format", "jsonl")
    assert outcome.code == 0
    assert record(outcome)["converged"] is False


def test_a_trace_has_a_record_per_step(gradcli):
    outcome = gradcli("train", "nn", "--trace", "--format", "jsonl")
    *steps, last = map(json.loads, outcome.out.splitlines())
    assert [step["iteration"] for step in steps] == list(range(last["iterations"] + 1))
    assert steps[-1]["loss"] == pytest.approx(last["loss"])
    losses = [step["loss"] for step in steps]
    assert losses == sorted(losses, reverse=True)


def test_a_seed_repeats_everything(gradcli):
    words = ("train", "nn", "--hidden", "3", "--iterations", "50", "--format", "jsonl")
    assert gradcli(*words, "--seed", "1").out == gradcli(*words, "--seed", "1").out
    assert gradcli(*words, "--seed", "1").out != gradcli(*words, "--seed", "2").out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x,y\n1,2\n3,oops\n", "oops"),
        ("x,y\n1,2\n3\n", "line 3"),
        ("x,y\n", "no rows"),
        ("", "empty"),
        ("x,y\n1,2\n1,3\n", "'x'"),
        ("x,y\n1,2\nnan,3\n", "nan"),
    ],
)
def test_bad_data_end_with_one_message(gradcli, csv, text, told):
    outcome = gradcli("train", "linreg", "--data", csv(text), "--target", "y")
    assert outcome.code == 2
    assert outcome.out == ""
    assert told in outcome.err


def test_an_unknown_model_is_refused(gradcli):
    outcome = gradcli("train", "linrge")
    assert outcome.code == 2
    assert "linreg or nn" in outcome.err


def test_the_table_shows_the_optimum_and_why_it_stopped(gradcli):
    outcome = gradcli("train", "linreg", "--format", "table")
    assert "optimum" in outcome.out
    assert "stopped:" in outcome.out
