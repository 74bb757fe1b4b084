"""`--jobs` for a person's code: the same rows from several processes, or a reason why not, and nothing left behind."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from gone import LINUX, assert_gone, pids_in

METHODS = ["fork", "spawn"] if LINUX else ["spawn"]
RIGHT = """
    import numpy as np
    x0 = {"W": np.linspace(-1.0, 2.0, 60).reshape(6, 10), "b": 0.5}
    def loss(p): return float(np.sum(np.log(p["W"] ** 2 + 1)) + np.sqrt(p["b"]) - p["b"] * p["W"][0, 0])
    def grad(p):
        g = {"W": 2 * p["W"] / (p["W"] ** 2 + 1), "b": 0.5 / np.sqrt(p["b"]) - p["W"][0, 0]}
        g["W"][0, 0] -= p["b"]
        return g
    def loss_wrong(p): return loss(p)
    def grad_wrong(p):
        g = grad(p)
        g["W"][2, 3] *= 1.001
        return g
"""


@pytest.fixture
def code(tmp_path):
    def write(text):
        path = tmp_path / "model.py"
        path.write_text(textwrap.dedent(text))
        return path

    return write


def environment(method):
    return {**os.environ, "GRADCLI_START_METHOD": method}


@pytest.mark.parametrize("method", METHODS)
def test_the_rows_are_the_same_whoever_took_the_values(shell, code, method):
    words = ("check", code(RIGHT), "--format", "jsonl", "--only", "W")
    alone, shared = (shell(*words, *jobs, env=environment(method)) for jobs in ((), ("--jobs", "2")))
    assert shared.code == 1
    assert shared.out == alone.out


def test_a_stacked_loss_is_shared_too(shell, code):
    path = code("""
        import numpy as np
        x0 = np.linspace(1.0, 2.0, 40)
        def loss(w): return np.sum(w ** 3, axis=-1)
        def grad(w): return 3 * w ** 2
    """)
    outcome = shell("check", path, "--vectorized", "--jobs", "2")
    assert (outcome.code, outcome.err.split(":")[0]) == (0, "pass")


@pytest.mark.parametrize(
    "text",
    [
        "A = np.random.normal(size=3)",
        "import os; A = np.arange(3.0) + os.getpid()",
    ],
)
def test_a_loss_that_is_another_one_in_each_process_is_refused_with_the_reason(shell, code, text):
    path = code(f"""
        import numpy as np
        {text}
        x0 = np.ones(3)
        def loss(w): return float(np.sum(A * w ** 2))
        def grad(w): return 2 * A * w
    """)
    assert shell("check", path).code == 0
    outcome = shell("check", path, "--jobs", "2")
    assert outcome.code == 2
    assert "in one process and" in outcome.err
    assert "hint: leave out --jobs" in outcome.err
    assert outcome.out == ""


def test_a_loss_that_differs_only_beside_the_point_is_refused_too(shell, code):
    path = code("""
        import os
        import numpy as np
        x0 = np.ones(3)
        def loss(w): return float(np.sum(w ** 2) + os.getpid() * np.sum((w - 1) ** 2))
        def grad(w): return 2 * w + 2 * os.getpid() * (w - 1)
    """)
    assert "in one process and" in shell("check", path, "--jobs", "2").err


def test_the_edge_of_a_domain_is_the_same_from_afar(shell, code):
    path = code("""
        import math
        x0 = [0.0, 1.0]
        def loss(w): return math.sqrt(w[0]) + w[1] ** 2
        def grad(w): return [1.0, 2 * w[1]]
    """)
    words = ("check", path, "--points", "1", "--format", "csv")
    assert shell(*words, "--jobs", "3").out == shell(*words).out


@pytest.mark.parametrize("method", METHODS)
def test_a_silent_process_is_ended_after_the_timeout(shell, code, method):
    path = code("""
        import time
        x0 = [1.0, 2.0]
        def loss(w):
            if abs(w[0] - 1.0) == 0.0 and w[1] != 2.0 and abs(w[1] - 2.0) < 1e-3:
                time.sleep(100)
            return w[0] ** 2 + w[1] ** 2
        def grad(w): return [2 * w[0], 2 * w[1]]
    """)
    outcome = shell("check", path, "--jobs", "2", "--timeout", "2", env=environment(method))
    assert outcome.code == 2
    assert "took longer than 2 s" in outcome.err


def test_a_process_that_dies_is_told(shell, code):
    path = code("""
        import os
        x0 = [1.0, 2.0]
        def loss(w):
            if w[0] == 1.0 and w[1] != 2.0 and abs(w[1] - 2.0) < 1e-3:
                os._exit(7)
            return w[0] ** 2 + w[1] ** 2
        def grad(w): return [2 * w[0], 2 * w[1]]
    """)
    outcome = shell("check", path, "--jobs", "2")
    assert outcome.code == 2
    assert "gradcli: error:" in outcome.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("signal_", ["SIGINT", "SIGKILL"])
def test_no_process_survives_the_command(code, tmp_path, method, signal_):
    note = tmp_path / "note"
    path = code(f"""
        import os, time
        x0 = [1.0] * 50
        def loss(w):
            if w[0] == 1.0 and sum(w) != 50.0 and abs(sum(w) - 50) < 1e-3:
                with open({str(note)!r}, "a") as file:
                    file.write(f"{{os.getpid()}}\\n")
                time.sleep(0.5)
            return sum(x * x for x in w)
        def grad(w): return [2 * x for x in w]
    """)
    command = [sys.executable, "-m", "gradcli", "check", str(path), "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(method)) as process:
        pids = pids_in(note)
        process.send_signal(getattr(signal, signal_))
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130 if signal_ == "SIGINT" else -signal.SIGKILL, b"")
    assert "Traceback" not in err.decode()
    assert_gone(*pids)
