"""Expressions with leading minus signs beside options."""

import pytest

from gradcli.cli.tokens import better_usage, shielded
from gradcli.errors import GradcliError

OPTIONS = {"--at": True, "--value": False, "-q": False, "-o": True, "-h": False, "--format": True}


@pytest.mark.parametrize(
    "word", ["-x**2", "-2", "-(x)", "-v*x", "-x-h", "-h*x", "-q+1", "-oo", "-x", "--x", "--(x)", "---x"]
)
def test_an_expression_that_starts_with_a_minus_sign_is_shielded(word):
    assert shielded([word, "--at", "3"], OPTIONS) == [" " + word, "--at", "3"]


@pytest.mark.parametrize("words", [["-q"], ["--at", "-3"], ["--at=-3"], ["-o", "-x"], ["--value"], ["-"], ["x", "-h"]])
def test_declared_options_and_their_values_are_left_alone(words):
    assert shielded(words, OPTIONS) == words


def test_all_words_after_two_dashes_are_left_alone():
    assert shielded(["--", "-x", "--at"], OPTIONS) == ["--", "-x", "--at"]


def test_a_misspelt_option_is_not_taken_for_an_expression():
    with pytest.raises(GradcliError, match="no such option: --formt") as error:
        shielded(["x", "--formt", "json"], OPTIONS)
    assert error.value.hint == "did you mean --format?"


@pytest.mark.parametrize("words", [["--at"], ["x", "--at", "--format", "json"]])
def test_an_option_without_its_value_is_named(words):
    with pytest.raises(GradcliError, match="--at needs a value"):
        shielded(words, OPTIONS)


@pytest.mark.parametrize(
    ("sentence", "hint"),
    [
        ("No such command 'x**2'.", 'write gradcli derive "x**2"'),
        ("No such command 'Derive'.", None),
        ("No such command ''.", None),
        ("Got unexpected extra argument(s) ( -at 3)", "did you mean --at?"),
        ("Got unexpected extra argument (+)", "an expression is one word for the shell: put it in quotes"),
        ("Something else", None),
    ],
)
def test_words_that_are_left_over_tell_what_was_meant(sentence, hint):
    assert better_usage(sentence, OPTIONS) == hint
