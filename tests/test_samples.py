"""Every file in sample_expressions does what its comments state."""

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "sample_expressions"
TEXTS = sorted(path for path in SAMPLES.glob("*.txt") if path.name != "errors.txt")


def lines(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text, _, comment = line.partition("#")
        if text.strip():
            yield number, text.strip(), comment.strip()


def answers(shell, path, code):
    outcome = shell("derive", "--file", path, "--method", "central", "--format", "jsonl")
    assert outcome.code == code, outcome.err
    found = {}
    for line in outcome.out.splitlines():
        record = json.loads(line)
        found.setdefault(record["line"], []).append(record)
    return found


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_line_gets_the_verdict_in_its_comment(shell, path):
    found = answers(shell, path, 3 if path.name == "hard.txt" else 0)
    for number, text, comment in lines(path):
        verdict, _, nature = comment.partition(" ")
        for record in found[number]:
            assert record["verdict"] == verdict, (text, record)
            if verdict == "undefined":
                assert record["nature"] == nature, (text, record)


def test_every_refusal_says_the_words_in_its_comment(shell):
    path = SAMPLES / "errors.txt"
    found = answers(shell, path, 2)
    for number, text, comment in lines(path):
        (record,) = found[number]
        assert record["kind"] == "error", (text, record)
        assert comment in record["message"] + (record["hint"] or ""), (text, record)


def test_the_sample_gradients_are_right_but_for_those_whose_names_say_otherwise(shell):
    outcome = shell("check", "--file", SAMPLES / "gradients.jsonl", "--format", "jsonl")
    records = [json.loads(line) for line in outcome.out.splitlines()]
    verdicts = {record["id"]: record["verdict"] for record in records if record["kind"] in ("summary", "error")}
    assert verdicts == {"squared error": "pass", "forgotten 2": "fail", "sigmoid": "pass", "misspelt": "error"}
    assert outcome.code == 2
