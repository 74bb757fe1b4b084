import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gone import LINUX, assert_gone, pids_in

METHODS = ["fork", "spawn"] if LINUX else ["spawn"]
HERE = Path(__file__).parent
on_linux = pytest.mark.skipif(not LINUX, reason="memory is limited on Linux only")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="process groups and signals")

PREAMBLE = """
import json, os, signal, sys, time
import chores
from gradcli.errors import GradcliError, LimitError
from gradcli.workers import BugError, More, alive, call, parts, stream, warm

def told(error):
    return {"type": type(error).__name__, "message": str(error), "hint": getattr(error, "hint", None),
            "notes": "".join(getattr(error, "__notes__", []))}

def outcome(function, *args, timeout=20, memory=2**30, **options):
    try:
        return call(function, *args, timeout=timeout, memory=memory, **options)
    except Exception as error:
        return told(error)

def answers(items, jobs=2, timeout=20, memory=2**30, function=chores.do, **options):
    return [told(answer) if isinstance(answer, Exception) else answer
            for answer in stream(function, items, jobs=jobs, timeout=timeout, memory=memory, **options)]

def main():
    {body}

if __name__ == "__main__":
    main()
"""


def begin(body, method="", **environment):
    """A Python of its own that runs a script; warnings are errors there, too."""
    indented = body.strip().replace("\n", "\n    ")
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PREAMBLE.replace("{body}", indented)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE), "GRADCLI_START_METHOD": method, **environment},
    )


def run(body, method="", **environment):
    """What a script printed."""
    with begin(body, method, **environment) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


@pytest.fixture(scope="module", params=METHODS)
def called(request):
    """The outcome of a call of each chore, by name."""
    script = """
outcomes = {
    "square": outcome(chores.square, 12),
    "refuse": outcome(chores.refuse),
    "refuse_because": outcome(chores.refuse_because),
    "blunder": outcome(chores.blunder),
    "blunder_oddly": outcome(chores.blunder_oddly),
    "leave": outcome(chores.leave),
    "vanish": outcome(chores.vanish),
    "crash": outcome(chores.crash),
    "sleep": outcome(chores.sleep, timeout=0.2),
    "compute_for_ever": outcome(chores.compute_for_ever, timeout=0.2),
    "listen": repr(outcome(chores.listen)),
    "make": len(outcome(chores.make, 50_000_000)),
    "length": outcome(chores.length, b"." * 50_000_000),
    "make_unpicklable": outcome(chores.make_unpicklable),
    "work_slowly": outcome(chores.work_slowly, 8, 0.15, timeout=0.6),
    "warm_slowly": outcome(chores.square, 3, timeout=0.6, initializer=chores.warm_slowly),
    "fail_to_warm": outcome(chores.square, 3, initializer=chores.fail_to_warm),
}
print(json.dumps(outcomes))
"""
    return json.loads(run(script, request.param))


def test_result_comes_back(called):
    assert called["square"] == 144


def test_error_for_the_person_comes_back_whole(called):
    assert called["refuse"] == {
        "type": "GradcliError",
        "message": "it is odd",
        "hint": "try an even one",
        "notes": "",
    }


def test_error_brings_the_traceback_of_its_cause(called):
    assert called["refuse_because"]["message"] == "your code failed"
    assert "in blunder" in called["refuse_because"]["notes"]


def test_bug_keeps_its_type_and_traceback(called):
    assert called["blunder"]["type"] == "ZeroDivisionError"
    assert "in blunder" in called["blunder"]["notes"]


def test_bug_that_cannot_travel_keeps_its_words(called):
    assert called["blunder_oddly"]["type"] == "RuntimeError"
    assert called["blunder_oddly"]["message"] == "StubbornError: fish and chips"
    assert called["make_unpicklable"]["notes"]


def test_exit_in_the_child_is_an_error_here(called):
    assert called["leave"]["message"] == "the code ended the program with sys.exit(0)"
    assert called["vanish"]["message"] == "the calculation ended its process with exit code 7"


@on_posix
def test_crash_is_named(called):
    assert called["crash"]["message"] == "the calculation was ended by SIGSEGV"


@pytest.mark.parametrize("chore", ["sleep", "compute_for_ever"])
def test_time_limit_is_named_and_the_hint_raises_it(called, chore):
    assert called[chore] == {
        "type": "LimitError",
        "message": "the calculation took longer than 0.2 s",
        "hint": "--timeout 2 allows it more time",
        "notes": "",
    }


def test_child_has_nothing_to_read(called):
    assert called["listen"] == "('', b'')"


def test_large_results_and_arguments_travel(called):
    assert called["make"] == called["length"] == 50_000_000


def test_sign_of_life_restarts_the_clock(called):
    assert called["work_slowly"] == "done"


def test_initializer_is_not_on_the_clock(called):
    assert called["warm_slowly"] == 9


def test_failure_to_warm_up_is_raised(called):
    assert called["fail_to_warm"]["message"] == "there is no fuel"


@on_linux
@pytest.mark.parametrize("method", METHODS)
def test_memory_limit_is_named_and_counts_from_the_own_size(method):
    script = """
ballast = bytearray(100 * 2**20)
print(outcome(chores.fill, 40 * 2**20, memory=64 * 2**20))
print(json.dumps(outcome(chores.fill, 100 * 2**20, memory=64 * 2**20)))
"""
    enough, error = run(script, method).splitlines()
    assert enough == str(40 * 2**20)
    assert json.loads(error)["type"] == "LimitError"
    assert json.loads(error)["message"] == "the calculation took more than 64 MiB of memory"


@pytest.mark.parametrize("method", METHODS)
def test_nothing_a_child_prints_reaches_standard_output(method):
    with begin('outcome(chores.shout); sys.stdout.write("mine")', method) as process:
        out, err = process.communicate(timeout=60)
    assert out == "mine"
    assert sorted(err.split("\n")) == ["", "from a process", "from print", "from write"]


@pytest.mark.parametrize("method", METHODS)
def test_what_this_process_has_yet_to_write_is_written_once(method):
    script = """
sys.stdout.write("once ")
sys.stderr.write("aside ")
outcome(chores.square, 1)
answers([("square", 1)])
"""
    with begin(script, method) as process:
        assert process.communicate(timeout=60) == ("once ", "aside ")


@pytest.mark.parametrize("method", METHODS)
def test_this_process_works_meanwhile_and_sees_progress(method):
    script = """
seen = []
print(outcome(chores.work_slowly, 4, 0.15, meanwhile=lambda: seen.append("meanwhile"),
              progress=lambda done, total: seen.append((done, total))))
print(seen)
"""
    assert run(script, method) == "done\n['meanwhile', (1, 4), (2, 4), (3, 4), (4, 4)]\n"


@pytest.mark.parametrize("method", METHODS)
def test_failure_meanwhile_ends_the_child(method, tmp_path):
    script = """
def fail():
    while not os.path.exists(sys.argv[0] + path):
        time.sleep(0.01)
    raise ValueError("meanwhile")
path = os.environ["NOTE"]
print(outcome(chores.sleep_with_company, path, meanwhile=fail)["message"])
"""
    note = tmp_path / "note"
    assert run(script.replace("sys.argv[0] + path", "path"), method, NOTE=str(note)) == "meanwhile\n"
    assert_gone(*pids_in(note))


@pytest.mark.parametrize("method", METHODS)
def test_warm_child_is_used_and_warms_up_once(method, tmp_path):
    script = """
warm(chores.note_warming)
print(outcome(chores.square, 5, initializer=chores.note_warming))
"""
    assert run(script, method, WARMINGS=str(tmp_path / "warmings")) == "25\n"
    assert (tmp_path / "warmings").read_text() == "warm\n"


@pytest.mark.parametrize("method", METHODS)
def test_warm_source_of_workers_is_used_and_warms_up_once(method, tmp_path):
    script = """
warm(chores.note_warming, many=True)
print(answers([2, 3], function=chores.square, initializer=chores.note_warming))
"""
    assert run(script, method, WARMINGS=str(tmp_path / "warmings")) == "[4, 9]\n"
    assert (tmp_path / "warmings").read_text() == "warm\n"


def test_alive_outside_of_a_child_does_nothing():
    from gradcli.workers import alive

    assert alive() is alive(2) is None


@on_linux
def test_program_with_threads_does_not_fork():
    script = """
import threading
from gradcli.workers.forking import may_fork
print(may_fork())
threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
print(may_fork(), outcome(chores.square, 4))
"""
    assert run(script) == "True\nFalse 16\n"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_standard_files_may_be_closed(method, tmp_path):
    result = tmp_path / "result"
    script = """
result = str([outcome(chores.square, 4), answers([("square", 5), ("leave",), ("shout",)])[0]])
open(os.environ["RESULT"], "w").write(result)
"""
    code = PREAMBLE.replace("{body}", script.strip().replace("\n", "\n    "))
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE),
        "GRADCLI_START_METHOD": method,
        "RESULT": str(result),
        "CODE": code,
    }
    closed = f'"{sys.executable}" -c "$CODE" <&- >&- 2>&-'
    subprocess.run(["/bin/sh", "-c", closed], env=environment, check=True, timeout=60)
    assert result.read_text() == "[16, 25]"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_time_limit_ends_what_the_child_has_started(method, tmp_path):
    note = tmp_path / "note"
    # The child has to get as far as its note within the time.
    script = 'print(outcome(chores.sleep_with_company, os.environ["NOTE"], timeout=0.7)["type"])'
    assert run(script, method, NOTE=str(note)) == "LimitError\n"
    assert_gone(*pids_in(note))


@on_linux
@pytest.mark.parametrize("way", ["call", "stream"])
def test_killed_parent_leaves_no_orphans_even_in_a_c_loop(way, tmp_path):
    script = {
        "call": 'outcome(chores.compute_with_company, os.environ["NOTE"], timeout=100)',
        "stream": 'answers([("compute_with_company", os.environ["NOTE"])], timeout=100)',
    }[way]
    note = tmp_path / "note"
    with begin(script, "fork", NOTE=str(note)) as process:
        pids = pids_in(note)
        process.kill()
    assert_gone(*pids)


@on_posix
@pytest.mark.parametrize("way", ["call", "stream"])
@pytest.mark.parametrize("method", METHODS)
def test_interrupt_ends_the_children_without_a_word(way, method, tmp_path):
    work = {
        "call": 'call(chores.sleep_with_company, os.environ["NOTE"], timeout=100, memory=None)',
        "stream": 'print(answers([("square", 2), ("sleep_with_company", os.environ["NOTE"])], timeout=100))',
    }[way]
    note = tmp_path / "note"
    with begin(f"try:\n    {work}\nexcept KeyboardInterrupt:\n    sys.exit(130)", method, NOTE=str(note)) as process:
        pids = pids_in(note)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    assert_gone(*pids)


@pytest.fixture(scope="module", params=METHODS)
def streamed(request):
    """The answers to a stream with every mishap in it."""
    script = """
items = [("square", n) for n in range(20)]
items[3:3] = [("vanish",), ("refuse",), ("blunder",)]
items[10:10] = [("sleep",), ("leave",), ("make_unpicklable",)]
items.append(("crash",))
print(json.dumps(answers(items, timeout=0.5)))
"""
    return json.loads(run(script, request.param))


def test_mishaps_leave_the_other_items_alone(streamed):
    assert [answer for answer in streamed if isinstance(answer, int)] == [n * n for n in range(20)]


def test_mishaps_stand_in_the_place_of_their_items(streamed):
    messages = [(n, answer["message"]) for n, answer in enumerate(streamed) if not isinstance(answer, int)]
    assert messages[:5] == [
        (3, "the calculation ended its process with exit code 7"),
        (4, "it is odd"),
        (5, "ZeroDivisionError: division by zero"),
        (10, "the calculation took longer than 0.5 s"),
        (11, "the code ended the program with sys.exit(0)"),
    ]
    assert [n for n, _ in messages[5:]] == [12, 26]


def test_bug_in_one_item_is_told_apart(streamed):
    assert [answer["type"] for answer in streamed if not isinstance(answer, int)][:3] == [
        "GradcliError",
        "GradcliError",
        "BugError",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_order_is_kept_with_more_workers(method):
    script = "print(answers(range(300), function=chores.square, jobs=3) == [n * n for n in range(300)])"
    assert run(script, method) == "True\n"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_killed_worker_is_replaced_and_its_item_tried_again(method, tmp_path):
    script = """
import pathlib
print(answers([("square", 1), ("die_once", os.environ["NOTE"]), ("square", 2)]))
"""
    assert run(script, method, NOTE=str(tmp_path / "note")) == "[1, 'survived', 4]\n"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_idle_worker_killed_from_outside_costs_no_answer(method):
    script = """
def killing():
    while len(seen) < 4:
        yield ("processes",)
        while not seen or seen[-1] in killed:
            time.sleep(0.01)
        killed.append(seen[-1])
        os.kill(seen[-1], signal.SIGKILL)
seen, killed = [], []
for pid, _ in stream(chores.do, killing(), jobs=1, timeout=20, memory=None):
    seen.append(pid)
print(len(set(seen)))
"""
    assert run(script, method) == "4\n"


@on_linux
def test_stream_survives_the_death_of_the_process_that_makes_workers():
    script = """
def killing():
    yield ("processes",)
    while not seen:
        time.sleep(0.01)
    for pid in reversed(seen[0]):
        os.kill(pid, signal.SIGKILL)
    yield ("square", 3)
seen = []
for answer in stream(chores.do, killing(), jobs=1, timeout=20, memory=None):
    seen.append(answer)
print(seen[1])
"""
    assert run(script, "fork") == "9\n"


@on_linux
def test_memory_kept_by_earlier_items_is_not_held_against_the_next(tmp_path):
    script = """
items = [("keep", 60 * 2**20)] * 4 + [("keep", 200 * 2**20)]
*kept, refused = answers(items, jobs=1, memory=100 * 2**20)
print(kept, refused["message"])
"""
    assert run(script, "fork") == "[1, 1, 1, 1] the calculation took more than 100 MiB of memory\n"


@pytest.mark.parametrize("method", METHODS)
def test_three_items_warm_up_once(method, tmp_path):
    script = "answers([1, 2, 3], function=chores.square, initializer=chores.note_warming)"
    run(script, method, WARMINGS=str(tmp_path / "warmings"))
    assert (tmp_path / "warmings").read_text() == "warm\n"


def test_failure_to_warm_up_ends_the_stream():
    script = """
try:
    answers([1], function=chores.square, initializer=chores.fail_to_warm)
except GradcliError as error:
    print(error)
"""
    assert run(script) == "there is no fuel\n"


@pytest.mark.parametrize("method", METHODS)
def test_long_input_has_all_the_workers(method):
    script = """
pids = {pid for pid, _ in stream(chores.do, [("processes",)] * 2000, jobs=2, timeout=20, memory=None)}
print(len(pids))
"""
    assert run(script, method) == "2\n"


def test_pause_in_the_input_holds_no_answer_back():
    script = """
from threading import Event
answered = Event()
def typed():
    yield 2
    assert answered.wait(20)
    yield 3
for answer in stream(chores.square, typed(), jobs=2, timeout=20, memory=None):
    print(answer)
    answered.set()
"""
    assert run(script) == "4\n9\n"


def test_reading_stays_a_bounded_way_ahead():
    script = """
from itertools import count
from gradcli.workers.streams import LOOK_AHEAD
read = []
def endless():
    for n in count(1):
        read.append(n)
        yield n
with stream(chores.square, endless(), jobs=2, timeout=20, memory=None) as squares:
    for _, answer in zip(range(1000), squares):
        pass
    time.sleep(0.1)
    print(answer, 1000 <= len(read) <= 1000 + LOOK_AHEAD + 1)
"""
    assert run(script) == "1000000 True\n"


def test_failure_of_the_input_comes_after_what_was_read():
    script = """
def failing():
    yield 2
    yield 3
    raise GradcliError("the disk is gone")
squares = stream(chores.square, failing(), jobs=2, timeout=20, memory=None)
try:
    for answer in squares:
        print(answer)
except GradcliError as error:
    print(error)
"""
    assert run(script) == "4\n9\nthe disk is gone\n"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_closing_the_stream_ends_the_children(method):
    script = """
pids = stream(chores.do, [("processes",)] + [("sleep",)] * 5, jobs=2, timeout=20, memory=None)
pid, parent = next(pids)
pids.close()
print(pid, parent if parent != os.getpid() else pid)
print(list(pids))
"""
    pids, rest = run(script, method).splitlines()
    assert_gone(*map(int, pids.split()))
    assert rest == "[]"


def test_known_answers_need_no_worker_and_keep_their_place():
    script = """
print(answers(range(6), function=chores.square, known=lambda n: "known" if n % 2 else None))
"""
    assert run(script) == "[0, 'known', 4, 'known', 16, 'known']\n"


@pytest.mark.parametrize("method", METHODS)
def test_large_items_do_not_block(method):
    script = """
items = [("length", b"." * 1_000_000)] * 20 + [("make", 10_000_000)] * 2
print([answer if isinstance(answer, int) else len(answer) for answer in answers(items)])
"""
    assert json.loads(run(script, method)) == [1_000_000] * 20 + [10_000_000] * 2


@pytest.mark.parametrize("method", METHODS)
def test_a_long_answer_comes_in_parts_each_with_the_whole_time(method):
    script = """
print(list(parts(chores.do, ("count_down", 4, 0.3), timeout=0.9, memory=2**30)))
"""
    assert run(script, method) == "[4, 3, 2, 1]\n"


def test_an_error_may_follow_some_parts():
    script = """
try:
    for part in parts(chores.do, ("fail_half_way", 5), timeout=20, memory=None):
        print(part)
except GradcliError as error:
    print(error)
"""
    assert run(script) == "5\n4\nthree is too few\n"


@on_posix
@pytest.mark.parametrize("method", METHODS)
def test_whoever_has_enough_of_the_parts_ends_the_child(method, tmp_path):
    script = """
shares = parts(chores.do, ("count_down", 10**9), timeout=20, memory=None, initializer=chores.note_pid)
print(next(shares))
shares.close()
"""
    pid = tmp_path / "pid"
    assert run(script, method, PID=str(pid)) == "1000000000\n"
    assert_gone(int(pid.read_text()))


@pytest.mark.parametrize("method", METHODS)
def test_parts_in_a_stream_keep_their_place(method):
    script = """
items = [("square", 5), ("count_down", 3), ("square", 6), ("fail_half_way", 4), ("count_down", 2), ("square", 7)]
print([answer["message"] if isinstance(answer, dict) else getattr(answer, "part", answer) for answer in answers(items)])
"""
    assert run(script, method) == "[25, 3, 2, 1, 36, 4, 'three is too few', 2, 1, 49]\n"


def test_no_part_is_made_long_before_it_is_taken(tmp_path):
    path = tmp_path / "made"
    script = f"""
with stream(chores.do, [("note_parts", {str(path)!r}), ("square", 5)], jobs=2, timeout=20, memory=None) as shares:
    print([next(shares).part for _ in range(3)])
    time.sleep(0.2)
"""
    assert run(script) == "['part', 'part', 'part']\n"
    assert path.read_text().count("part") <= 4


def test_a_worker_that_dies_between_parts_is_replaced(tmp_path):
    script = f"""
print([getattr(answer, "part", answer) for answer in answers([("die_half_way", 3, {str(tmp_path / "died")!r})])])
"""
    assert run(script) == "[3, 2, 1]\n"
