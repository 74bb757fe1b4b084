"""Streams as a shell runs them: real processes, real pipes, broken surroundings."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conftest import Outcome
from gone import assert_gone

from gradcli.errors import GradcliError
from gradcli.output import formats
from gradcli.workers import BugError

COMMAND = [sys.executable, "-m", "gradcli"]
TEXTUAL = ("plain", "json", "jsonl", "csv", "tsv", "markdown", "table")
SLOW = "elliptic_pi(1e8, x) @ 2"  # a minute of mpmath's
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals, closed descriptors, terminals")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc, /dev/full")


def start(*words, **options):
    """A command with pipes at both ends."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *map(str, words)], **(pipes | options))


def all_at_once(shell, *commands, **options):
    """The outcomes of several commands that run side by side."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda words: shell(*words, **options), commands))


def in_sh(command):
    """What a shell makes of a line in which `gradcli` is the program: its exit code, standard output and error."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'gradcli() {{ "{sys.executable}" -m gradcli "$@"; }}\n{command}'],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def records_in(text):
    return [json.loads(line) for line in text.splitlines()]


# --- what one line can do to the others ---

BAD_NEIGHBOURS = b"\n".join(
    [
        b"\xef\xbb\xbfx**2 @ 3\r",
        b"sin x",
        b"x\xe9 @ 1",
        b'{"id": "a", "expr": "x*y", "at": {"x": 1, "y": 2}}',
        b'{"id": 5, "expr": "x", "expr": "y"}',
        b'{"id": ' + 100_000 * b"[",
        10_000_000 * b"x",
        b"# a comment",
        b"9**9**9 @ 1",
        b"\x00",
        b"",
        b"abs(x) @ 0",
        b'{"id": "z", "expr": "y**3", "at": "y=2", "wrt": "y"}\r',
        b'{"id": "cut off", "expr": "x',
    ]
)
ANSWERS = {
    1: (None, "pass"),
    2: (None, "error"),
    3: (None, "error"),
    4: ("a", "pass"),
    5: (None, "error"),
    6: (None, "error"),
    7: (None, "error"),
    9: (None, "error"),
    10: (None, "error"),
    12: (None, "undefined"),
    13: ("z", "pass"),
    14: (None, "error"),
}


@pytest.fixture(scope="module")
def answered():
    """The stream of bad neighbours in every format."""

    def run(words):
        done = subprocess.run(
            [*COMMAND, "derive", "-", *words], input=BAD_NEIGHBOURS, capture_output=True, timeout=60, check=False
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    commands = {form: ["--format", form] for form in TEXTUAL} | {
        "one job": ["--format", "jsonl", "--jobs", "1"],
        "two jobs": ["--format", "jsonl", "--jobs", "2"],
    }
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(commands, pool.map(run, commands.values()), strict=True))


def test_bad_lines_cost_their_own_answers_only(answered):
    told = {}
    for record in records_in(answered["jsonl"].out):
        told.setdefault(record["line"], (record["id"], record["verdict"]))
    assert told == ANSWERS
    assert list(told) == sorted(told)


def test_every_error_of_a_stream_says_what_is_wrong(answered):
    messages = {record["line"]: record for record in records_in(answered["jsonl"].out) if record["kind"] == "error"}
    for line, part in {
        2: "sin needs parentheses",
        3: "byte 2 of the line (0xe9) is not UTF-8",
        5: "the key 'expr' stands there twice",
        6: "nested too deeply",
        7: "longer than 1,000,000 bytes",
        9: "9**9**9",
        10: "byte 1 of the line is NUL",
        14: "not a JSON object",
    }.items():
        assert part in messages[line]["message"]
        assert messages[line]["hint"]


@pytest.mark.parametrize("form", TEXTUAL)
def test_every_format_has_the_same_exit_code_and_no_trace_of_trouble(answered, form):
    outcome = answered[form]
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    told = {f"line {line}:" for line, (_, verdict) in ANSWERS.items() if verdict == "error"}
    if form in ("json", "jsonl"):
        assert outcome.err == ""
    else:
        assert {f"line {line}:" for line in range(20) if f"gradcli: error: line {line}:" in outcome.err} == told


def test_every_format_of_a_stream_is_whole(answered):
    expected = [(record["line"], record["verdict"]) for record in records_in(answered["jsonl"].out)]
    verdicts = [verdict for _, verdict in expected]
    assert [(one["line"], one["verdict"]) for one in json.loads(answered["json"].out)["records"]] == expected
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        rows = list(csv.DictReader(io.StringIO(answered[form].out), delimiter=delimiter))
        assert [(int(row["line"]), row["verdict"]) for row in rows] == expected
    assert [line.split()[-1] for line in answered["plain"].out.splitlines()[1:]] == verdicts
    assert [line.split("|")[-2].strip() for line in answered["markdown"].out.splitlines()[2:]] == verdicts
    assert answered["table"].out.count("f = ") == sum(verdict != "error" for _, verdict in ANSWERS.values())


def test_any_number_of_jobs_gives_the_same_bytes(answered):
    assert answered["one job"] == answered["two jobs"] == answered["jsonl"]


NO_STREAMS = {
    b"": "standard input has no expressions",
    b"\n# nothing\n": "standard input has no expressions",
    "x**2 @ 3\n".encode("utf-16"): "standard input is UTF-16",
    bytes(range(256)) * 4: "line 1: byte ",
}


def test_input_that_is_no_stream_of_expressions(shell):
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda data: shell("derive", "-", text=data), NO_STREAMS))
    for outcome, told in zip(outcomes, NO_STREAMS.values(), strict=True):
        assert outcome.code == 2
        assert told in outcome.err
        assert "hint: " in outcome.err


# --- live ---


def ask(process, line, count):
    """The next `count` answers to a line, before anything else is sent."""
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    return [json.loads(process.stdout.readline()) for _ in range(count)]


def descendants(pid):
    """The processes below one, by Linux's table."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [child for child, parent in parents.items() if parent == pid]
    return found + [below for child in found for below in descendants(child)]


@on_linux
def test_a_live_stream_outlives_slow_and_killed_lines():
    with start("derive", "-", "--format", "jsonl", "--timeout", "0.7") as process:
        assert {one["exact"] for one in ask(process, "x**2 @ 3", 3)} == {6.0}
        [slow] = ask(process, SLOW, 1)
        assert "longer than 0.7 s" in slow["message"]
        assert "--timeout 7" in slow["hint"]
        assert {one["exact"] for one in ask(process, "x**3 @ 2", 3)} == {12.0}
        _, worker = sorted(descendants(process.pid))[:2]
        os.kill(worker, signal.SIGKILL)
        assert {one["exact"] for one in ask(process, "x**5 @ 1", 3)} == {5.0}
        children = descendants(process.pid)
        process.stdin.close()
        assert process.wait(60) == 2
        assert process.stderr.read() == b""
    assert_gone(*children)


@on_linux
def test_a_live_stream_outlives_large_lines():
    with start("derive", "-", "--format", "jsonl", "--timeout", "30", "--memory", "40") as process:
        assert {one["exact"] for one in ask(process, "x**2 @ 3", 3)} == {6.0}
        [large] = ask(process, "x*y @ x=0:1:2e-7,y=1", 1)
        assert "more than 40 MiB" in large["message"]
        assert "--memory 160" in large["hint"]
        assert {one["line"] for one in ask(process, "x**4 @ 1", 3)} == {3}
        process.stdin.close()
        assert process.wait(60) == 2


@on_linux
@pytest.mark.parametrize(("method", "most"), [("fork", 3), ("spawn", 1)])
def test_three_lines_need_one_process_with_sympy(method, most):
    """A fork makes copies of the one that has loaded it."""
    with start("derive", "-", "--value", env={**os.environ, "GRADCLI_START_METHOD": method}) as process:
        process.stdin.write(b"x @ 1\nx**2 @ 1\nx**3 @ 1\n")
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(3)] == [b"1.0\n", b"2.0\n", b"3.0\n"]
        assert 1 <= len(descendants(process.pid)) <= most
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.parametrize("source", ["file", "pipe"])
@pytest.mark.parametrize("destination", ["file", "pipe"])
def test_only_answers_that_somebody_waits_for_are_written_at_once(gradcli, monkeypatch, source, destination):
    """With a file at one end they are written by the block, and columns are as wide as they have to be."""
    told = {}

    def run(items, function, *, meanwhile, **_):
        told["meanwhile"] = meanwhile
        return iter(())

    monkeypatch.setattr("gradcli.batch.run", run)
    monkeypatch.setattr("gradcli.batch.lines", lambda *_, **__: ())
    monkeypatch.setattr("gradcli.batch.is_regular_file", lambda which: [source, destination][which] == "file")
    gradcli("derive", "-")
    assert (told["meanwhile"] is not None) == (source == destination == "pipe")


@on_posix
def test_every_format_of_checks_answers_live_or_when_it_is_whole():
    with start("check", "-", "--format", "jsonl") as process:
        row, _, summary = ask(process, '{"id": 1, "expr": "x**2", "grad": ["2*x"], "at": {"x": 3}}', 3)
        assert (row["analytic"], summary["verdict"], summary["id"]) == (6.0, "pass", 1)
        *_, summary = ask(process, '{"id": 2, "expr": "x**2*y", "grad": "x**2, 2*x*y", "at": "x=1,y=2"}', 5)
        assert (summary["verdict"], summary["line"]) == ("fail", 2)
        process.stdin.close()
        assert process.wait(60) == 1


@on_linux
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_what_is_done_and_no_orphans(how, method, tmp_path):
    file = tmp_path / "answers"
    surroundings = {**os.environ, "GRADCLI_START_METHOD": method}
    with file.open("wb") as out, start("derive", "-", "--format", "csv", stdout=out, env=surroundings) as process:
        process.stdin.write(f"x**2 @ 3\nsin x\n{SLOW}\n".encode())
        process.stdin.flush()
        assert process.stderr.readline().startswith(b"gradcli: error: line 2")  # the first line is answered then
        children = descendants(process.pid)
        assert children
        process.send_signal(how)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + how
    assert b"Traceback" not in err
    assert [row["exact"] for row in csv.DictReader(io.StringIO(file.read_text()))][:3] == ["6.0"] * 3
    assert_gone(*children)


def interrupted(rows):
    yield from rows
    raise KeyboardInterrupt


@pytest.mark.parametrize("form", ["plain", "json", "jsonl", "csv", "markdown", "junit", "github"])
def test_ctrl_c_cuts_no_document_in_half(form):
    error = {"kind": "error", "line": 3, "id": None, "expr": "x(", "message": "no", "hint": None, "verdict": "error"}
    written = ""
    with pytest.raises(KeyboardInterrupt):
        for piece in formats.WRITERS[form](interrupted([error, error]), formats.CHECK_COLUMNS):
            written += piece
    assert written.count("error") >= 2
    if form == "json":
        assert len(json.loads(written)["records"]) == 2
    if form == "junit":
        assert len(ET.fromstring(written).findall(".//error")) == 2


# --- broken surroundings ---


@on_posix
def test_a_reader_that_has_enough_ends_an_endless_stream_quietly():
    with (
        subprocess.Popen(["yes", "x**2 @ 3"], stdout=subprocess.PIPE) as endless,
        start("derive", "-", "--format", "jsonl", stdin=endless.stdout) as process,
    ):
        endless.stdout.close()
        assert json.loads(process.stdout.readline())["exact"] == 6.0
        process.stdout.close()
        assert process.wait(60) == 141
        assert process.stderr.read() == b""
        assert endless.wait(60) != 0


SURROUNDINGS = {
    "gradcli --help | true": (0, "", ""),
    "gradcli derive x --at 1 >&-": (2, "", "standard output is closed"),
    "echo 'x @ 1' | gradcli derive - >&-": (2, "", "standard output is closed"),
    "gradcli --version >&-": (2, "", "standard output is closed"),
    "gradcli derive x --at 1 --value 2>&-": (0, "1.0\n", ""),
    "gradcli derive x --at 1 --value <&-": (0, "1.0\n", ""),
    "gradcli derive 'x(' 2>&-": (2, "", ""),
    "gradcli derive - <&-": (2, "", "standard input cannot be read: it is closed"),
    "gradcli derive --file /": (2, "", "/ cannot be read: is a directory"),
    "gradcli derive x --at 1 -o /": (2, "", "cannot write /: Is a directory"),
    "echo 'x @ 1' | gradcli derive --file - --value": (0, "1.0\n", ""),
}
FULL = {
    "gradcli derive x --at 1 > /dev/full": (2, "", "No space left on device"),
    "echo 'x @ 1' | gradcli derive - > /dev/full": (2, "", "No space left on device"),
    "gradcli --version > /dev/full": (2, "", "No space left on device"),
    "gradcli derive x --at 1 -o /dev/full": (2, "", "No space left on device"),
    "gradcli derive 'x(' 2> /dev/full": (2, "", ""),
}


@on_posix
def test_broken_surroundings_have_clear_outcomes():
    cases = SURROUNDINGS | (FULL if sys.platform == "linux" else {})
    with ThreadPoolExecutor(4) as pool:
        outcomes = dict(zip(cases, pool.map(in_sh, cases), strict=True))
    for command, (code, out, told) in cases.items():
        outcome = outcomes[command]
        assert (command, outcome.code, outcome.out) == (command, code, out)
        assert told in outcome.err
        assert outcome.err.count("gradcli: error: ") == (1 if told else 0), command
        assert "Traceback" not in outcome.err, command


def test_what_is_not_ascii_is_spelled_out_where_it_cannot_be_written(shell):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    line = '{"id": "\N{LATIN SMALL LETTER E WITH ACUTE}", "expr": "\N{CYRILLIC SMALL LETTER HA}"}'
    commands = [["derive", "-", "--format", form] for form in ("csv", "plain", "jsonl")]
    with ThreadPoolExecutor(4) as pool:
        one = pool.submit(lambda: shell("derive", "x**2", "--at", "3", "--format", "table", env=environment))
        streams = list(pool.map(lambda words: shell(*words, text=line, env=environment), commands))
    assert [outcome.code for outcome in streams] == [2, 2, 2]
    assert streams[0].out.splitlines()[1].startswith("\\xe9,1,\\u0445,")
    assert "\\u0445" in streams[1].out
    assert json.loads(streams[2].out)["id"] == "\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert one.result().code == 0
    assert one.result().out.isascii()


# --- exit codes ---


@pytest.fixture
def inline(monkeypatch, gradcli):
    """Run a batch within this process; a BugError stands for what a worker would have met."""

    def run(items, function, **_):
        for item in items:
            try:
                yield item, item.error or function(item)
            except GradcliError as error:
                yield item, error

    monkeypatch.setattr("gradcli.batch.run", run)
    return gradcli


OUTCOMES = {
    0: '{"expr": "x**2", "grad": "2*x", "at": 3}',
    1: '{"expr": "x**2", "grad": "3*x", "at": 3}',
    2: "x( @ 1",
    3: '{"expr": "log(x)", "grad": "1/x", "at": -1}',
}
WORST = {(0,): 0, (0, 3): 3, (3, 1): 1, (1, 3, 0): 1, (2, 1): 2, (1, 2): 2, (3, 0, 2, 1): 2, (1, 70, 2): 70}


@pytest.mark.parametrize("form", [*TEXTUAL, "github", "junit"])
def test_the_worst_line_decides_in_every_format(inline, monkeypatch, tmp_path, form):
    from gradcli import targets

    def check(item, asked, honest=targets.check):
        if item.expr == "bug":
            raise BugError("RuntimeError: no")
        return honest(item, asked)

    monkeypatch.setattr("gradcli.targets.check", check)
    file = tmp_path / "cases.jsonl"
    for codes, worst in WORST.items():
        file.write_text("".join(f"{OUTCOMES.get(code, 'bug')}\n" for code in codes))
        outcome = inline("check", "--file", file, "--format", form)
        assert (codes, outcome.code) == (codes, worst)


@pytest.mark.parametrize("form", [*TEXTUAL, "github", "junit"])
def test_a_single_answer_has_the_same_exit_code_in_every_format(gradcli, monkeypatch, form):
    words = {
        0: ["x**2", "--grad", "2*x", "--at", "3"],
        1: ["x**2", "--grad", "3*x", "--at", "3"],
        2: ["x(", "--grad", "3*x", "--at", "3"],
        3: ["log(x)", "--grad", "1/x", "--at", "-1"],
    }
    for code, arguments in words.items():
        outcome = gradcli("check", *arguments, "--format", form)
        assert outcome.code == code
        assert (outcome.out == "") == (code == 2 or (form == "github" and code == 0))
    if form in TEXTUAL:
        assert gradcli("derive", "x**2", "--at", "3", "--format", form).code == 0
        assert gradcli("derive", "abs(x)", "--at", "0", "--format", form).code == 3
    monkeypatch.setattr("gradcli.targets.check", lambda *_: 1 // 0)
    outcome = gradcli("check", *words[0], "--format", form)
    assert (outcome.code, outcome.out) == (70, "")
    assert outcome.err.startswith("gradcli: bug: ZeroDivisionError")
    assert outcome.err.count("\n") == 1


def test_formats_for_build_servers_name_the_line(inline, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(f"{OUTCOMES[code]}\n" for code in (0, 1, 2, 3)))
    github = inline("check", "--file", file, "--format", "github").out.splitlines()
    assert [line.partition(" ")[0] for line in github] == ["::error", "::error", "::warning"]
    assert "::line 3: " in github[1]
    suites = ET.fromstring(inline("check", "--file", file, "--format", "junit").out)
    assert [suite.get("name") for suite in suites] == ["x**2", "x**2", "x(", "log(x)"]
    assert [len(suites.findall(f".//{kind}")) for kind in ("failure", "error", "skipped")] == [2, 1, 1]
    assert "x(" in inline("check", "--file", file, "--format", "plain").out


# --- terminals ---


def at_terminal(*words, out="terminal", columns=80, **environment):
    """Exit code, and what a terminal of some width has seen; `out`: where standard output goes."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = start(
        *words,
        stdin=subprocess.DEVNULL,
        stdout=theirs if out == "terminal" else subprocess.DEVNULL,
        stderr=theirs,
        env={**kept, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65_536):
            seen += piece
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    return process.wait(60), seen.decode()


@on_posix
def test_a_terminal_gets_a_table_that_fits_and_cuts_no_digit():
    words = ("derive", "x**2/3", "--at", "0.1")
    settings = [
        {},
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"columns": 40},
        {"columns": 20},
        {"COLUMNS": "50"},
        {"FORCE_COLOR": "1"},
    ]
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda setting: at_terminal(*words, **setting), settings))
    for setting, (code, text) in zip(settings, seen, strict=True):
        assert code == 0
        assert "\N{HORIZONTAL ELLIPSIS}" not in text
        assert "forward" in text
        plain = "".join(text.split())
        assert "0.06666666666" in plain, setting
    colours = ["\x1b[32m" in text for _, text in seen]
    assert colours == [True, False, False, True, True, True, True]
    assert "\x1b[" not in seen[2][1]


@on_posix
def test_a_long_file_has_a_bar_on_the_terminal_that_does_not_see_the_answers(tmp_path):
    file = tmp_path / "some.txt"
    file.write_text(f"sin x\n{SLOW}\n" + 20 * "x**2 @ 3\n")
    words = ("derive", "--file", file, "--timeout", "1.1", "--format", "jsonl")
    commands = [
        (words, "file", "xterm"),
        ((*words, "-q"), "file", "xterm"),
        (words, "terminal", "xterm"),
        (words, "file", "dumb"),
    ]
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda command: at_terminal(*command[0], out=command[1], TERM=command[2]), commands))
    assert [code for code, _ in seen] == [2, 2, 2, 2]
    assert "/22" in seen[0][1]
    assert "lines/s, 2 errors" in seen[0][1]
    assert seen[1][1] == ""
    assert "lines/s" not in seen[2][1]
    assert seen[3][1] == ""


def test_a_short_file_needs_no_bar(shell, tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("x**2 @ 3\n")
    outcome = shell("derive", "--file", file, "--value")
    assert (outcome.code, outcome.out, outcome.err) == (0, "6.0\n", "")
