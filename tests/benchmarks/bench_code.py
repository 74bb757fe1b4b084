"""A person's own code: what a check costs beside a bare loop, and what random directions find.

Overhead: a loss of 50 us, every partial, against a loop that perturbs, evaluates and restores as often. Processes: a
loss of 1 ms by the command line with one and with two. Directions: seeded losses of six kinds with one partial 1 % off,
with several, or none; every call of the loss is counted, from loading it to the report.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from figures import Figure, faster, longer
from losses import LOSSES

from gradcli import check_gradient
from gradcli.report import Verdict
from gradcli.userfile.layout import layout_of

TRIALS = {1000: 40, 10_000: 15, 100_000: 3}
"""Number of parameters -> seeded losses of each kind."""


def figures():
    yield from overhead()
    yield from processes()
    yield from stacked()
    for count, trials in TRIALS.items():
        yield from one_wrong(count, trials)
    yield from several()
    yield from witnesses()


def of_fifty_microseconds(P, rows):
    """A logistic regression whose loss takes about that long: rows are added until it does."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=P)
    while True:
        X, y = rng.normal(size=(rows, P)) / np.sqrt(P), (rng.random(rows) < 0.5) * 1.0
        loss = lambda w: float(np.mean(np.logaddexp(0, X @ w) - y * (X @ w)))
        if processor_seconds(lambda: loss(x), repeat=1000) > 50e-6:
            return loss, lambda w: X.T @ (1 / (1 + np.exp(-(X @ w))) - y) / rows, x
        rows = int(1.2 * rows)


def processor_seconds(function, repeat):
    """Seconds of this process alone for one call: others may be busy while a size is chosen."""
    start = time.process_time()
    for _ in range(repeat):
        function()
    return (time.process_time() - start) / repeat


def overhead():
    for P in (300, 1000):
        loss, grad, x = of_fifty_microseconds(P, 50)
        evaluations = check_gradient(loss, grad, x, directions=0).evaluations

        def bare(loss=loss, x=x, P=P, evaluations=evaluations):
            w = x.copy()
            for k in range(evaluations // 2):
                saved = w[k % P]
                w[k % P] = saved + 1e-6
                above = loss(w)
                w[k % P] = saved - 1e-6
                below = loss(w)
                w[k % P] = saved
            return (above - below) / 2e-6

        yield longer(
            f"every partial of a loss of 50 us, P = {P}, beside a bare loop",
            lambda loss=loss, grad=grad, x=x: check_gradient(loss, grad, x, directions=0),
            bare,
            at_most=1.05,
            rounds=7,
        )


SLOW = """
import numpy as np
x0 = np.linspace(0.1, 1.0, 600)
Z = np.linspace(0.0, 1.0, {size})
def loss(w):
    s = float(np.sum(np.sin(w)))
    return s + 1e-9 * float(np.sum(np.exp(Z * s * 1e-3)))
def grad(w):
    s = float(np.sum(np.sin(w)))
    return (1 + 1e-12 * np.sum(Z * np.exp(Z * s * 1e-3))) * np.cos(w)
"""


def processes():
    size = 1000
    while processor_seconds(lambda: np.sum(np.exp(np.linspace(0.0, 1.0, size) * 1e-3)), repeat=100) < 1.2e-3:
        size = int(1.3 * size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slow.py"
        path.write_text(SLOW.format(size=size))

        def check(jobs):
            command = [sys.executable, "-m", "gradcli", "check", str(path), "--jobs", str(jobs), "--quiet"]
            subprocess.run(command, check=True, capture_output=True)

        yield faster(
            "two processes beside one, loss of 1 ms, P = 600",
            lambda: check(2),
            lambda: check(1),
            at_least=1.8,
            rounds=2,
        )


def stacked():
    x = np.linspace(1.0, 2.0, 200)
    loss, grad = (lambda w: np.sum(np.sin(w) * w, axis=-1)), (lambda w: np.cos(w) * w + np.sin(w))
    yield faster(
        "a loss that takes stacked points, P = 200",
        lambda: check_gradient(loss, grad, x, losses=loss),
        lambda: check_gradient(loss, grad, x),
    )


def trial(kind, count, seed, wrong, size=0.01):
    """One loss with so many wrong partials: their names, those accused, calls of the loss, the report."""
    rng = np.random.default_rng([seed, count])
    loss, grad, start = LOSSES[kind](count, rng)
    layout, calls = layout_of(start, "p"), [0]
    chosen = rng.choice(np.flatnonzero(flat(grad(start))), wrong, replace=False)
    scale = np.ones(len(layout.names))
    scale[chosen] += size
    scales = layout.build(scale)

    def counted(p):
        calls[0] += 1
        return loss(p)

    def claimed(p):
        found = grad(p)
        return {key: found[key] * scales[key] for key in found} if isinstance(found, dict) else found * scales

    report = check_gradient(counted, claimed, start, directions=1, seed=seed)
    accused = {row.parameter for row in report if row.verdict is Verdict.FAIL and row.partials == 1}
    return {layout.names[k] for k in chosen}, accused, calls[0], report


def flat(parameters):
    parts = parameters.values() if isinstance(parameters, dict) else [parameters]
    return np.concatenate([np.ravel(part) for part in parts])


def one_wrong(count, trials):
    """One partial 1 % off, and none."""
    found, evaluations, accused = [], [], []
    for kind in LOSSES:
        for seed in range(trials):
            wrong, blamed, calls, report = trial(kind, count, seed, 1)
            found.append(wrong == blamed and calls <= 5 * np.log2(report.partials) + 60)
            evaluations.append(calls)
            accused.append(trial(kind, count, seed, 0)[3].verdict is Verdict.FAIL)
    name = f"P = {count:,}"
    told = f"{len(found)} trials, {statistics.median(evaluations):.0f} evaluations (median), {max(evaluations)} at most"
    yield Figure(f"{name}: one of them 1 % off, found in 5 log2 P + 60", np.mean(found), "of trials", 0.95, note=told)
    yield Figure(f"{name}: false alarms", np.mean(accused), "of trials", at_most=0.01, note=f"{len(accused)} trials")


def several(count=5000, trials=10):
    """Several partials 1 % off: the share of them that is found, and what is accused beside them."""
    for wrong in (2, 5, 20):
        shares, innocent, evaluations = [], 0, []
        for kind in LOSSES:
            for seed in range(trials):
                names, blamed, calls, _ = trial(kind, count, seed, wrong)
                shares.append(len(names & blamed) / wrong)
                innocent += bool(blamed - names)
                evaluations.append(calls)
        told = f"{statistics.median(evaluations):.0f} evaluations (median), {innocent} innocent"
        yield Figure(
            f"P = {count:,}: {wrong} of them 1 % off, share found", np.mean(shares), "of them", 0.95, note=told
        )


def witnesses(count=5000, trials=30):
    """Right gradients of losses that are noisy, rounded or full of kinks: none may be accused."""
    noise = np.random.default_rng(0)
    spoilt = {
        "noise of 1e-6": lambda value: value * (1 + 1e-6 * noise.standard_normal()),
        "noise of 1e-12": lambda value: value * (1 + 1e-12 * noise.standard_normal()),
        "single precision": lambda value: float(np.float32(value)),
    }
    for name, spoil in spoilt.items():
        accused = 0
        for seed in range(trials):
            loss, grad, start = LOSSES[list(LOSSES)[seed % len(LOSSES)]](count, np.random.default_rng(seed))
            report = check_gradient(lambda p, loss=loss, spoil=spoil: spoil(loss(p)), grad, start, seed=seed)
            accused += report.verdict is Verdict.FAIL
        yield Figure(f"right gradients, {name}: accused", accused / trials, "of trials", at_most=0.01)
