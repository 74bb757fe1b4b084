"""`gradcli derive` as a person and as a script use it: exact answers, formats, errors and exit codes."""

import csv
import io
import json
import math

import pytest


def rows(outcome):
    return [json.loads(line) for line in outcome.out.splitlines()]


def plain(outcome):
    header, *lines = outcome.out.splitlines()
    return [dict(zip(header.split(), line.split(), strict=True)) for line in lines]


def test_the_articles_numbers_come_out_at_its_step(gradcli):
    outcome = gradcli("derive", "x**2", "--at", "3", "--step", "1e-6", "--format", "jsonl")
    forward, backward, central = rows(outcome)
    assert outcome.code == 0
    assert outcome.err == ""
    assert forward["numeric"] == pytest.approx(6.000001, abs=2e-9)
    assert backward["numeric"] == pytest.approx(5.999999, abs=2e-9)
    assert central["numeric"] == pytest.approx(6, abs=2e-9)
    assert {row["exact"] for row in (forward, backward, central)} == {6.0}
    assert {row["formula"] for row in (forward, backward, central)} == {"2*x"}
    assert [row["method"] for row in (forward, backward, central)] == ["forward", "backward", "central"]
    assert forward["rel_error"] == abs(forward["numeric"] - 6) / forward["numeric"]


def test_a_pipe_gets_plain_columns(gradcli):
    outcome = gradcli("derive", "x**2", "--at", "3")
    assert [row["method"] for row in plain(outcome)] == ["forward", "backward", "central"]
    assert {row["verdict"] for row in plain(outcome)} == {"pass"}
    assert outcome.err == ""


def test_verbose_says_what_was_parsed_on_stderr(gradcli):
    outcome = gradcli("derive", "2x", "--at", "3", "-v")
    assert outcome.err == "f = 2*x\ndf/dx = 2\n"


def test_without_a_point_the_formula_is_the_answer(gradcli):
    outcome = gradcli("derive", "x**2*y", "--format", "jsonl")
    assert outcome.code == 0
    assert [(row["variable"], row["formula"]) for row in rows(outcome)] == [("x", "2*x*y"), ("y", "x**2")]
    assert {row["point"] for row in rows(outcome)} == {None}
    assert {row["numeric"] for row in rows(outcome)} == {None}


def test_a_gradient_has_a_row_per_variable_and_method(gradcli):
    outcome = gradcli("derive", "x**2*y", "--at", "x=1,y=2", "--format", "jsonl")
    assert [(row["variable"], row["method"], row["exact"]) for row in rows(outcome)] == [
        (variable, method, exact)
        for variable, exact in (("x", 4.0), ("y", 1.0))
        for method in ("forward", "backward", "central")
    ]


def test_wrt_chooses_variables_and_their_order(gradcli):
    outcome = gradcli(
        "derive", "x*y*z", "--at", "x=2,y=3,z=5", "--wrt", "z,x", "--method", "central", "--format", "jsonl"
    )
    assert [(row["variable"], row["exact"]) for row in rows(outcome)] == [("z", 6.0), ("x", 15.0)]


@pytest.mark.parametrize("text", ["-x**2", "-2*x", "-(x)", "-v*x", "-x-h", "--x", "-q+1"])
def test_expressions_may_start_with_a_minus_sign(gradcli, text):
    names = sorted({name for name in text if name.isalpha()})
    at = ",".join(f"{name}=3" for name in names)
    outcome = gradcli("derive", text, "--at", at, "--method", "central", "--format", "jsonl")
    assert outcome.code == 0
    assert {row["expr"] for row in rows(outcome)} == {text}


@pytest.mark.parametrize("words", [["derive", "--at", "-3", "-x**2"], ["derive", "--at=-3", "--", "-x**2"]])
def test_minus_signs_work_in_every_place(gradcli, words):
    outcome = gradcli(*words, "--value") if "--" not in words else gradcli("derive", "--value", *words[1:])
    assert (outcome.code, outcome.out) == (0, "6.0\n")


def test_a_constant_has_derivative_zero(gradcli):
    outcome = gradcli("derive", "5", "--at", "3", "--format", "jsonl")
    assert [(row["variable"], row["exact"], row["numeric"], row["verdict"]) for row in rows(outcome)] == [
        ("x", 0.0, 0.0, "pass")
    ] * 3


def test_value_prints_the_bare_number(gradcli):
    assert gradcli("derive", "x**2", "--at", "3", "--value").out == "6.0\n"
    assert gradcli("derive", "x**2*y", "--at", "x=1,y=2", "--value").out == "4.0\n1.0\n"


def test_value_with_one_method_prints_that_one(gradcli):
    words = ("derive", "x**2", "--at", "3", "--value", "--method", "forward", "--step", "1e-6")
    assert float(gradcli(*words).out) == pytest.approx(6.000001, abs=1e-9)


def test_value_prints_nothing_where_there_is_no_derivative(gradcli):
    outcome = gradcli("derive", "abs(x)", "--at", "0", "--value")
    assert (outcome.code, outcome.out) == (3, "")


def test_a_kink_has_two_slopes_and_exit_code_3(gradcli):
    outcome = gradcli("derive", "abs(x)", "--at", "0", "--format", "jsonl")
    assert outcome.code == 3
    for row in rows(outcome):
        assert (row["exact"], row["left"], row["right"], row["nature"]) == (None, -1.0, 1.0, "kink")
        assert row["verdict"] == "undefined"


@pytest.mark.parametrize(
    ("text", "at", "nature"),
    [
        ("1/x", 0, "pole"),
        ("log(x)", -1, "outside"),
        ("sign(x)", 0, "jump"),
        ("cbrt(x)", 0, "vertical"),
        ("sqrt(x)", 0, "edge"),
    ],
)
def test_the_nature_of_a_missing_derivative_is_told(gradcli, text, at, nature):
    outcome = gradcli("derive", text, "--at", at, "--format", "jsonl")
    assert outcome.code == 3
    assert {row["nature"] for row in rows(outcome)} == {nature}


def test_higher_orders_use_higher_stencils(gradcli):
    outcome = gradcli("derive", "sin(x)", "--at", "1", "--order", "3", "--rtol", "1e-3", "--format", "jsonl")
    for row in rows(outcome):
        assert row["order"] == 3
        assert row["exact"] == -math.cos(1)
        assert row["numeric"] == pytest.approx(-math.cos(1), rel=1e-2)


def test_every_method_finds_a_smooth_derivative(gradcli):
    methods = ["forward", "backward", "central", "five-point", "complex", "reference"]
    words = [word for method in methods for word in ("--method", method)]
    outcome = gradcli("derive", "exp(sin(x))", "--at", "pi/4", *words, "--format", "jsonl")
    assert [row["method"] for row in rows(outcome)] == methods
    assert {row["verdict"] for row in rows(outcome)} == {"pass"}


def test_the_complex_step_refuses_what_is_not_analytic(gradcli):
    outcome = gradcli("derive", "abs(x)", "--at", "-2", "--method", "complex", "--format", "jsonl")
    (row,) = rows(outcome)
    assert row["numeric"] is None
    assert row["message"]


def test_several_points_and_ranges(gradcli):
    outcome = gradcli("derive", "x**2", "--at", "1", "--at", "x=0:1:0.5", "--method", "central", "--format", "jsonl")
    assert [row["point"]["x"] for row in rows(outcome)] == [1.0, 0.0, 0.5, 1.0]
    assert [row["exact"] for row in rows(outcome)] == [2.0, 0.0, 1.0, 2.0]


def test_csv_reads_back(gradcli):
    outcome = gradcli("derive", "x**2*y", "--at", "x=1,y=2", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(outcome.out)))
    assert len(table) == 6
    assert table[0]["point"] == "x=1.0,y=2.0"
    assert float(table[0]["exact"]) == 4.0


def test_constants_are_variables_when_they_have_a_value(gradcli):
    assert gradcli("derive", "e**2", "--at", "e=3", "--value").out == "6.0\n"
    assert gradcli("derive", "e**x", "--at", "0", "--value").out == "1.0\n"
    assert "e**x" in gradcli("derive", "e**x", "--var", "e").out


@pytest.mark.parametrize("name", ["beta", "gamma", "lambda", "zeta", "S", "N", "Q", "O", "I", "E"])
def test_any_other_name_is_a_variable(gradcli, name):
    assert gradcli("derive", f"{name}*x", "--at", f"{name}=2,x=3", "--value").out in {"2.0\n3.0\n", "3.0\n2.0\n"}


BAD = [
    (["derive", ""], "no expression"),
    (["derive", "x(1+y)", "--at", "x=1,y=2"], "x"),
    (["derive", "sin x", "--at", "1"], "sin"),
    (["derive", "1/2x", "--at", "1"], "can mean"),
    (["derive", "sigmod(x)", "--at", "1"], "unknown function"),
    (["derive", "x*y", "--at", "x=1"], "y has no value"),
    (["derive", "x", "--at", "x=1,x=2"], "x"),
    (["derive", "x", "--at", "nan"], "nan"),
    (["derive", "x", "--at", "3", "--step", "0"], "--step"),
    (["derive", "x", "--at", "3", "--step", "1e-400"], "--step"),
    (["derive", "x", "--at", "3", "--step", "small"], "--step"),
    (["derive", "x", "--at", "3", "--rtol", "-1"], "--rtol"),
    (["derive", "x", "--at", "1e20", "--step", "1e-6"], "vanishes"),
    (["derive", "9**9**9*x", "--at", "1"], "limit"),
    (["derive", "1e1000000000*x", "--at", "1"], "1e1000000000"),
    (["derive", "(" * 200 + "x" + ")" * 200, "--at", "1"], "100 levels"),
    (["derive", "x\0", "--at", "1"], ""),
    (["derive", "х", "--at", "1"], "U+0445"),
    (["derive", "x" + "+x" * 500_000, "--at", "1"], "limit"),
    (["derive", "x", "--wrt", "sin(x)", "--at", "1"], "sin(x)"),
    (["derive", "x", "--value"], "--at"),
    (["derive", "x", "--method", "sideways"], "sideways"),
    (["derive", "x", "--formt", "json"], "--formt"),
    (["derive", "x", "y", "--at", "1"], "y"),
    (["derive", "x", "--file", "x.txt"], "--file"),
    (["derive", "--file", "/nowhere/at/all.txt"], "/nowhere/at/all.txt"),
    (["derive", "--file", "/"], "/"),
    (["derive", "--file", ""], "without a name"),
    (["derive", "x", "--at", "3", "--timeout", "-1"], "--timeout"),
    (["derive", "x", "--at", "3", "--timeout", "nan"], "--timeout"),
    (["derive", "x", "--at", "3", "--memory", "inf"], "--memory"),
    (["derive", "x", "--at", "3", "--memory", "1e300"], "--memory"),
    (["derive", "x", "-at", "3"], "did you mean --at?"),
    (["derive", "x", "+", "1"], "quotes"),
    (["check", "5"], "no variable"),
    (["check", "5", "--grad", "0"], "no variable"),
    (["check", "linreg", "--grad", "1"], "--grad means nothing"),
    (["check", "linreg", "--file", "x.txt"], "--file means nothing"),
    (["check", "linreg", "--target", "y"], "--data"),
    (["check", "x", "--hidden", "3"], "--hidden means nothing"),
    (["check", "nn", "--hidden", "1" * 20], "100,000 is the most"),
    (["nonsense"], "nonsense"),
]


@pytest.mark.parametrize(("words", "told"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_bad_input_gets_one_message_and_exit_code_2(gradcli, words, told):
    outcome = gradcli(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("gradcli: error: ")
    assert outcome.err.count("gradcli: error: ") == 1
    assert told in outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.err) < 2000


def test_a_time_limit_that_is_given_holds_without_limits_too(shell):
    outcome = shell("derive", "9**9**9*x", "--at", "1", "--no-limits", "--timeout", "0.2")
    assert (outcome.code, outcome.out) == (2, "")
    assert "longer than 0.2 s" in outcome.err


@pytest.mark.parametrize("words", [[], ["plot"]])
def test_without_words_there_is_help(gradcli, words):
    outcome = gradcli(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: gradcli")
    assert "\n  -h, --help" in outcome.err


def test_an_error_points_at_the_place_and_helps(gradcli):
    outcome = gradcli("derive", "2*sigmod(x)", "--at", "1")
    assert outcome.err == (
        "gradcli: error: unknown function 'sigmod'\n  2*sigmod(x)\n    ^^^^^^\nhint: did you mean sigmoid?\n"
    )


def test_values_near_the_largest_double_are_no_bug(gradcli):
    outcome = gradcli("derive", "sin(x)*exp(-x)", "--at", "-700", "--order", "2", "--format", "jsonl")
    assert outcome.code == 0
    for row in rows(outcome):
        assert row["exact"] == pytest.approx(-2 * math.cos(-700) * math.exp(700))
