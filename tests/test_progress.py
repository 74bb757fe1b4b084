"""The bar of a single long answer: at a terminal, after a while, and gone when the answer is there."""

import io

import pytest

from gradcli.output import progress
from gradcli.workers import call
from gradcli.workers import serving as child


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Call it in the test: pytest puts its own streams in place after the fixtures."""

    def attach():
        screen = Terminal()
        monkeypatch.setattr("sys.stderr", screen)
        monkeypatch.setenv("TERM", "xterm")
        return screen

    return attach


def test_a_bar_counts_evaluations_once_a_second_has_passed(terminal, monkeypatch):
    screen = terminal()
    with progress.counting(wanted=True) as tell:
        tell(5, 10)
        assert screen.getvalue() == ""
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        tell(6, 10)
        assert "6/10" in screen.getvalue()
        tell(12, 10)
        assert "12/12" in screen.getvalue()


def test_there_is_no_bar_for_those_who_want_none_or_where_nobody_looks(terminal, monkeypatch):
    terminal()
    with progress.counting(wanted=False) as tell:
        assert tell is None
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with progress.counting(wanted=True) as tell:
        assert tell is None


def test_an_end_that_nobody_knows_has_no_bar(terminal, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    screen = terminal()
    with progress.counting(wanted=True) as tell:
        tell(5, None)
    assert screen.getvalue() == ""


def work():
    from gradcli import check_gradient

    child.SECONDS_BETWEEN_SIGNS = 0.0
    check_gradient(lambda w: sum(x * x for x in w), lambda w: [2 * x for x in w], [1.0] * 50)


def test_a_check_tells_its_evaluations_and_how_many_it_expects():
    seen = []
    call(work, timeout=60, memory=None, progress=lambda done, total: seen.append((done, total)))
    counted = [done for done, total in seen if total == 400]
    assert counted == sorted(counted)
    assert 400 <= counted[-1] < 420
