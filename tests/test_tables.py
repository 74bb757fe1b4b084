"""Tables on wide, narrow and ASCII terminals."""

import io

import pytest
from results import at_a_kink, derivation, report
from rich.console import Console

from gradcli.output import tables


def shown(renderable, width=100, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False, color_system=None)
    console.print(renderable)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_a_table_is_headed_by_what_was_parsed_and_its_derivative():
    text = shown(tables.of_derivation(derivation(), 100))
    assert text.splitlines()[:3] == ["f = x**2 + 1", "at x = 3.0", "df/dx = 2*x"]
    assert "6.000000001" in text


@pytest.mark.parametrize("width", [100, 60, 40, 20])
def test_no_digit_is_lost_however_narrow_the_terminal(width):
    lines = shown(tables.of_derivation(derivation(), width), width).splitlines()
    assert all(len(line) <= width for line in lines)
    assert "6.000000001" in "".join(line.strip() for line in lines)


def test_a_kink_shows_both_slopes():
    text = shown(tables.of_derivation(at_a_kink(), 120), 120)
    assert "-1.0" in text
    assert "kink" in text
    assert "no derivative here" in text


def test_an_ascii_terminal_gets_ascii():
    assert shown(tables.of_derivation(derivation(), 100), encoding="ascii").isascii()


def test_wrong_partials_come_first_and_the_verdict_last():
    text = shown(tables.of_report(report(("pass", "fail")), 100))
    lines = text.splitlines()
    assert lines[0] == "model.py:loss"
    assert text.index("fail") < text.index("pass")
    assert lines[-1] == "hint: drop the 2"


def test_text_of_a_person_is_never_read_as_markup():
    text = shown(tables.of_derivation(derivation(parsed="[red]x[/red]\x1b[31m"), 100))
    assert "[red]x[/red]\\x1b[31m" in text
