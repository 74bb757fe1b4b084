"""Work for the children of test_workers and test_batch; in a module, for a spawned child imports it by name."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gradcli.errors import GradcliError
from gradcli.workers import More, alive, expect

hoard = []


def square(x):
    return x * x


def refuse():
    raise GradcliError("it is odd", "try an even one", text="3", span=(0, 1))


def refuse_because():
    try:
        blunder()
    except ZeroDivisionError as error:
        raise GradcliError("your code failed") from error


def blunder():
    return 1 / 0


class StubbornError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def blunder_oddly():
    raise StubbornError("fish", "chips")


def leave():
    sys.exit(0)


def vanish():
    os._exit(7)


def crash():
    ctypes.string_at(0)


def sleep(seconds=1000):
    time.sleep(seconds)
    return seconds


def compute_for_ever():
    return 9**9**9


def fill(size):
    return len(bytearray(size))


def keep(size):
    hoard.append(bytearray(size))
    return len(hoard)


def shout():
    print("from print")
    os.write(1, b"from write\n")
    subprocess.run([sys.executable, "-c", "print('from a process')"], check=True)


def listen():
    return sys.stdin.read(), os.read(0, 10)


def make(size):
    return b"." * size


def length(data):
    return len(data)


def make_unpicklable():
    return lambda: None


def work_slowly(steps, seconds):
    expect(steps)
    for _ in range(steps):
        time.sleep(seconds)
        alive()
    return "done"


def processes():
    """This child, and what made it."""
    return os.getpid(), os.getppid()


def sleep_with_company(path):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    Path(path).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(1000)


def compute_with_company(path):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    Path(path).write_text(f"{os.getpid()} {child.pid}")
    compute_for_ever()


def die_once(path):
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return "survived"
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def note_warming():
    with Path(os.environ["WARMINGS"]).open("a") as file:
        file.write("warm\n")


def import_sympy():
    import sympy  # noqa: F401  imported for its weight


def warm_slowly():
    time.sleep(0.8)


def count_down(start, seconds=0.0):
    """The numbers from start to 1, each a part of its own; takes `seconds` over each."""
    time.sleep(seconds)
    return More(start, ("count_down", start - 1, seconds)) if start > 1 else start


def fail_half_way(start):
    if start == 3:
        raise GradcliError("three is too few")
    return More(start, ("fail_half_way", start - 1))


def note_parts(path):
    """Parts without an end, each noted in a file."""
    with Path(path).open("a") as file:
        file.write("part\n")
    return More("part", ("note_parts", path))


def die_half_way(start, path):
    if start == 2:
        die_once(path)
    return More(start, ("die_half_way", start - 1, path)) if start > 1 else start


def note_pid():
    Path(os.environ["PID"]).write_text(str(os.getpid()))


def fail_to_warm():
    raise GradcliError("there is no fuel")


def do(chore):
    """A chore by name and arguments, as an item of a stream."""
    name, *arguments = chore
    return globals()[name](*arguments)


def tell(item):
    """What a line said."""
    if item.expr == "sleep":
        time.sleep(1000)
    if item.expr == "pid":
        return os.getpid()
    return [item.expr, item.at]
