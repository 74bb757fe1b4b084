import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gone import assert_gone
from hypothesis import given
from hypothesis import strategies as st

from gradcli.batch import Item, is_regular_file, lines
from gradcli.errors import GradcliError, LimitError
from gradcli.lines import CHUNK, LONGEST_LINE

HERE = Path(__file__).parent
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="closed descriptors, signals")


def read(data, **options):
    return list(lines(io.BytesIO(data), **options))


def only(text):
    [item] = read(text.encode() if isinstance(text, str) else text)
    return item


@pytest.mark.parametrize(
    ("line", "expr", "at"),
    [
        ("x**2", "x**2", None),
        ("  x**2\t", "x**2", None),
        ("x**2*y @ x=1, y=2", "x**2*y", "x=1, y=2"),
        ("x**2@3", "x**2", "3"),
        ("x**2 @ pi/4 # a comment @ 5", "x**2", "pi/4"),
        ("-x # no @ here", "-x", None),
        ("\N{CYRILLIC SMALL LETTER HA}", "\N{CYRILLIC SMALL LETTER HA}", None),
    ],
)
def test_line_is_an_expression_and_maybe_a_point(line, expr, at):
    assert only(line) == Item(expr, at=at, line=1)


def test_blank_lines_and_comments_are_counted_and_left_out():
    assert [(item.line, item.expr) for item in read(b"\n# a\nx\n  # b\n \n\ty\n\n")] == [(3, "x"), (6, "y")]


def test_last_line_needs_no_end():
    assert [item.expr for item in read(b"x\ny")] == ["x", "y"]


def test_windows_line_ends_and_byte_order_marks_do_no_harm():
    assert [item.expr for item in read(b"\xef\xbb\xbfx\r\n\xef\xbb\xbfy @ 1\r\n\r\n")] == ["x", "y"]


@pytest.mark.parametrize(
    ("line", "message", "caret"),
    [
        ("@ 3", "there is no expression before @", "@"),
        ("x @", "there is no point after @", "@"),
        ("x @ 1 @ 2", "a line has one point, and one @", "@"),
        ("x\ry", "there is a carriage return inside the line", None),
        ("x\0y", "byte 2 of the line is NUL", None),
        (b"xy\xe9", "byte 3 of the line (0xe9) is not UTF-8", None),
    ],
)
def test_line_that_cannot_be_used_is_an_item_with_an_error(line, message, caret):
    error = only(line).error
    assert error.message == message
    assert error.hint
    assert caret is None or error.text[slice(*error.span)] == caret


def test_bad_line_does_not_harm_the_next():
    items = read(b"\xff\xfe\xfd"[1:] + b"\nx\0\n@\nx @ 1\n")
    assert [(item.line, item.error is None) for item in items] == [(1, False), (2, False), (3, False), (4, True)]


@pytest.mark.parametrize("length", [LONGEST_LINE + 1, 10_000_000])
def test_line_that_is_too_long_is_not_kept(length):
    handed_out = 0

    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            nonlocal handed_out
            if handed_out >= length + 3:
                return 0
            piece = (b"x" * (length - handed_out) + b"\ny\n"[max(0, handed_out - length) :])[: min(len(buffer), CHUNK)]
            buffer[: len(piece)] = piece
            handed_out += len(piece)
            return len(piece)

    long, next_one = lines(Endless())
    assert isinstance(long.error, LimitError)
    assert long.error.message == "the line is longer than 1,000,000 bytes"
    assert (next_one.line, next_one.expr) == (2, "y")


def test_line_of_the_greatest_length_passes_and_any_length_without_limits():
    assert only(b"x" * LONGEST_LINE).error is None
    [item] = read(b"x" * (LONGEST_LINE + 1), limits=False)
    assert len(item.expr) == LONGEST_LINE + 1


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0#@{\ufeff")).map(str.strip), min_size=1),
    st.integers(1, 9),
)
def test_cutting_does_not_depend_on_how_the_bytes_arrive(texts, size):
    class Dribbling(io.BytesIO):
        def read(self, _=-1):
            return super().read(size)

    expected = [(number, text) for number, text in enumerate(texts, 1) if text]
    try:
        found = [(item.line, item.expr) for item in lines(Dribbling("\n".join(texts).encode()))]
    except GradcliError:
        found = []
    assert found == expected


@given(st.binary())
def test_any_bytes_become_items_or_an_error(data):
    try:
        items = read(data)
    except GradcliError:
        return
    assert all((item.error is None) == (item.expr is not None) or item.error for item in items)


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing\n\n", b"\xef\xbb\xbf"])
def test_input_without_expressions_is_an_error(data):
    with pytest.raises(GradcliError, match="standard input has no expressions"):
        read(data)


def test_utf_16_is_named():
    with pytest.raises(GradcliError, match="UTF-16"):
        read("x**2\n".encode("utf-16"))


@pytest.mark.parametrize(("name", "why"), [("nothing.txt", "no such file or directory"), (".", "is a directory")])
def test_file_that_cannot_be_read_says_why(name, why, tmp_path):
    with pytest.raises(GradcliError) as caught:
        list(lines(tmp_path / name))
    assert caught.value.message == f"{tmp_path / name} cannot be read: {why}"


def test_disk_that_fails_half_way_ends_the_input_with_an_error():
    class Failing(io.BytesIO):
        def read(self, _=-1):
            if piece := super().read(4):
                return piece
            raise OSError(5, "Input/output error")

    items = lines(Failing(b"x\ny\n"))
    assert [next(items).expr, next(items).expr] == ["x", "y"]
    with pytest.raises(GradcliError, match="standard input cannot be read: input/output error"):
        next(items)


def test_file_is_read_and_closed(tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("x\ny @ 2\n")
    assert [item.expr for item in lines(str(path))] == ["x", "y"]
    assert is_regular_file(path)
    assert not is_regular_file(os.devnull)


def test_object_says_everything():
    item = only('{"id": 7, "expr": "x*y", "at": {"x": 1, "y": "pi/4"}, "wrt": ["x", "y"], "grad": ["y", 2, "x"]}')
    assert item == Item("x*y", {"x": 1.0, "y": "pi/4"}, "x,y", ("y", "2", "x"), 7, 1)


@pytest.mark.parametrize("identity", ["a # b @ c", 12345678901234567890123, 1.5, True, None])
def test_id_comes_back_as_it_is(identity):
    assert only(json.dumps({"id": identity, "expr": "x"})).id == identity


@pytest.mark.parametrize(
    ("at", "point"), [("x=1,y=2", "x=1,y=2"), (3, "3"), (1e-8, "1e-08"), (None, None), ({"x": 1e22}, {"x": 1e22})]
)
def test_point_of_an_object_is_text_a_number_or_values_by_name(at, point):
    assert only(json.dumps({"expr": "x", "at": at})).at == point


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"expr": "x", "expr": "y"}', "the key 'expr' stands there twice"),
        ('{"expr": "x", "at": {"x": 1, "x": 2}}', "the key 'x' stands there twice"),
        ('{"expr": "x", "at": {"x": NaN}}', "NaN is not a JSON number"),
        ('{"expr": "x", "at": -Infinity}', "-Infinity is not a JSON number"),
        ('{"expr": "x", "at": 1e400}', "1e400 is too large for a double"),
        ('{"expr": "x", "at": {"x": 1' + 400 * "0" + "}}", "x is too large for a double"),
        ('{"expr": "x", "at": [1]}', "at is a list, not a string"),
        ('{"expr": "x", "at": {"x": true}}', "x is true or false, not a string"),
        ('{"expr": 3}', "expr is a number, not a string"),
        ('{"expr": "\\ud800"}', "expr holds half a character (a lone surrogate)"),
        ('{"expr": "x", "id": [1]}', "id is a list, not a string or a number"),
        ('{"expr": "x", "wrt": 3}', "wrt is a number, not a string"),
        ('{"expr": "x", "grad": [null]}', "grad is null, not a string"),
        ('{"id": 1}', "the object has no expr"),
        ('{"expr": "x"} y', "not a JSON object: extra data"),
        ('{"expr": "x"', "not a JSON object: expecting ',' delimiter"),
        ('{"id": ' + 100_000 * "[", "the JSON object is nested too deeply"),
    ],
)
def test_object_that_is_not_clear_is_refused(line, message):
    assert only(line).error.message == message


def test_number_of_too_many_digits_is_refused():
    assert "cannot be read" in only('{"expr": "x", "at": ' + 5000 * "1" + "}").error.message


def test_unknown_key_suggests_the_known_one_and_keeps_the_id():
    item = only('{"id": "seven", "expresion": "x", "at": 2}')
    assert (item.id, item.error.message, item.error.hint) == ("seven", "unknown key 'expresion'", "did you mean expr?")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda some: st.lists(some) | st.dictionaries(st.sampled_from(["id", "expr", "at", "wrt", "grad", "x"]), some),
    )
)
def test_any_json_is_an_item_with_or_without_an_error(value):
    item = only(json.dumps({"expr": "x", "at": value}))
    assert item.line == 1


SCRIPT = """
import json, sys
import chores
from gradcli.batch import lines, run
from gradcli.errors import GradcliError

def main():
    try:
        for item, answer in run(lines(*sys.argv[1:] or "-"), chores.tell, jobs=2, timeout=20, memory=None):
            told = str(answer) if isinstance(answer, Exception) else answer
            print(json.dumps([item.line, item.id, told]), flush=True)
    except GradcliError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)

if __name__ == "__main__":
    main()
"""


def begin(*arguments, stdin=subprocess.PIPE):
    """A Python of its own that answers line by line."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )


def answers(data, *arguments):
    with begin(*arguments) as process:
        out, err = process.communicate(data, timeout=60)
    assert err == b""
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_bad_line_does_not_stop_the_batch_and_order_is_kept():
    data = b'x @ 1\n\0\n{"id": "a", "expr": "y"}\n\n{"id": "b", "expr": 1}\nz'
    assert answers(data) == [
        [1, None, ["x", "1"]],
        [2, None, "byte 1 of the line is NUL"],
        [3, "a", ["y", None]],
        [5, "b", "expr is a number, not a string"],
        [6, None, ["z", None]],
    ]


def test_nothing_but_bad_lines_needs_no_worker():
    assert answers(b"@\n@\n") == [[n, None, "there is no expression before @"] for n in (1, 2)]


def test_file_is_answered_like_standard_input(tmp_path):
    path = tmp_path / "some.txt"
    path.write_bytes(b"x @ 1\ny\n")
    assert answers(b"", path) == answers(path.read_bytes())


def test_empty_input_is_an_error_for_the_command():
    with begin(stdin=subprocess.DEVNULL) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, b"", b"standard input has no expressions\n")


def test_line_is_answered_before_the_next_one_is_written():
    with begin() as process:
        for text in (b"x", b"@", b"y"):
            process.stdin.write(text + b"\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(b"[")
        process.stdin.write(b"broken off in the mid")
        process.stdin.close()
        assert json.loads(process.stdout.readline())[2] == ["broken off in the mid", None]
        assert process.wait(60) == 0


@on_posix
def test_interrupt_leaves_what_is_done_and_no_orphans():
    with begin() as process:
        process.stdin.write(b"pid\nsleep\nx\n")
        process.stdin.flush()
        pid = json.loads(process.stdout.readline())[2]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert_gone(pid)


@on_posix
def test_worker_killed_from_outside_costs_no_answer():
    with begin() as process:
        for _ in range(3):
            process.stdin.write(b"pid\n")
            process.stdin.flush()
            pid = json.loads(process.stdout.readline())[2]
            os.kill(pid, signal.SIGKILL)
        process.stdin.close()
        assert process.wait(60) == 0


@on_posix
def test_closed_standard_input_is_an_error():
    command = f'"{sys.executable}" -c "$SCRIPT" <&-'
    environment = {**os.environ, "PYTHONPATH": str(HERE), "SCRIPT": SCRIPT}
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, b"standard input cannot be read: it is closed\n")


@on_posix
def test_standard_input_may_be_non_blocking():
    here, there = os.pipe()
    os.set_blocking(here, False)
    with begin(stdin=here) as process:
        os.close(here)
        os.write(there, b"x\n")
        assert process.stdout.readline().startswith(b"[1,")
        os.write(there, b"y\n")
        os.close(there)
        assert process.stdout.readline().startswith(b"[2,")
        assert process.wait(60) == 0
