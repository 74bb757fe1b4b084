"""Fixtures that run commands: inside this process, or as a person would, in one of their own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gradcli import cli
from gradcli.workers import More

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser):
    parser.addoption(
        "--fuzz",
        type=int,
        metavar="COUNT",
        help="try new random examples, this many in each test of test_fuzz.py, instead of the same few every time",
    )


def pytest_configure(config):
    count = config.getoption("--fuzz")
    settings.register_profile("same", derandomize=count is None, database=None, deadline=None)
    settings.load_profile("same")
    settings.register_profile(
        "fuzz",
        max_examples=count or 150,
        derandomize=count is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def gradcli(monkeypatch, capsys):
    """Run a command in this process, its work too; `words` as the shell would pass them."""

    def call(function, *args, meanwhile=None, **_):
        if meanwhile:
            meanwhile()
        return function(*args)

    def parts(function, item, *others, **options):
        answer = call(function, item, *others, **options)
        while isinstance(answer, More):
            yield answer.part
            answer = function(answer.rest, *others)
        yield answer

    monkeypatch.setattr("gradcli.workers.call", call)
    monkeypatch.setattr("gradcli.workers.parts", parts)

    def run(*words):
        capsys.readouterr()
        code = cli.run([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def shell():
    """Run a command in a process of its own, its output in pipes."""

    def run(*words, text="", env=None, timeout=60):
        done = subprocess.run(
            [sys.executable, "-m", "gradcli", *map(str, words)],
            input=text if isinstance(text, bytes) else text.encode(),
            capture_output=True,
            env=env,
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
