"""The check of our own models, every partial at one point: beside torch, a NumPy loop, and one evaluation of the loss.

All in float64 with one thread for linear algebra on both sides, each shape in a process of its own. `torch`:
torch.autograd.gradcheck in its slow mode on the same model, data and parameters. `NumPy loop`: two evaluations of the
plain loss per parameter. Both are measured on two samples of the parameters where all would take minutes, and scaled;
the note says how far the two samples are apart; putting a sample in its place costs torch some 5 % at 100,000
parameters. The check is `check_gradient` at one point with guards, verdict and
report. `prototype`: the multiple of one loss that a prototype took for its differences alone.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import perf_counter

from figures import Figure

SHAPES = {
    "linreg 1,000 x 10,000": ("linreg", 1000, (), 10_000),
    "neuron 1,000 x 1,000": ("nn", 1000, (), 1000),
    "net 30-32-1, 256 rows": ("nn", 30, (32,), 256),
    "net 100-98-1, 256 rows": ("nn", 100, (98,), 256),
    "net 300-330-1, 64 rows": ("nn", 300, (330,), 64),
    "net 100-64-64-1, 256 rows": ("nn", 100, (64, 64), 256),
}
PROTOTYPE = {"linreg 1,000 x 10,000": 25, "net 100-98-1, 256 rows": 300, "net 300-330-1, 64 rows": 645}
"""Its 0.07, 0.15 and 0.40 s over one loss there, which is the NumPy loop's time over 2P."""
FAST = {"net 100-98-1, 256 rows", "net 300-330-1, 64 rows"}
"""Where torch's slow mode must be 50 times as slow."""
SAMPLE = 150
ROUNDS = 5
MEBIBYTE = 1 << 20
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}
HERE = Path(__file__).parent


def figures():
    for shape in SHAPES:
        code = f"import bench_models; bench_models.report({shape!r})"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **ALONE, "PYTHONPATH": str(HERE)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        for line in done.stdout.splitlines():
            yield Figure(**json.loads(line))
    yield from commands()


def report(shape):
    """The figures of one shape, a JSON object a line."""
    for figure in measured(shape):
        print(json.dumps(asdict(figure)), flush=True)


def measured(shape):
    import numpy as np

    from gradcli import models
    from gradcli.check import check_gradient

    model = modelled(*SHAPES[shape])
    theta = models.random_point(model)
    problem = models.problem(model, theta)
    base = peak()
    found = check_gradient(problem, count=1)
    grown = (peak() - base) / MEBIBYTE
    differentiate = torch_check(model, theta)
    samples = np.random.default_rng(1).permutation(model.size)
    size = min(SAMPLE, model.size // 2)
    halves = samples[:size], samples[size : 2 * size]
    times = {"check": [], "loss": [], "torch": [], "loop": []}
    for _ in range(ROUNDS):
        times["check"].append(seconds(lambda: check_gradient(problem, count=1)))
        times["loss"].append(seconds(lambda: [model.loss(theta) for _ in range(20)]) / 20)
        times["torch"].append([seconds(lambda: differentiate(half)) * model.size / size for half in halves])
        times["loop"].append([seconds(lambda: numpy_loop(model, theta, half)) * model.size / size for half in halves])
    check, loss = median(times["check"]), median(times["loss"])
    cost = found.evaluations / found.partials
    note = f"{found.partials:,} parameters, {cost:.2f} values of the loss each, {found.count('pass'):,} pass"
    yield Figure(f"{shape}: check", check * 1e3, "ms", note=note)
    for peer, name in (("torch", "than torch's slow mode"), ("loop", "than a NumPy loop")):
        pairs = times[peer]
        apart = median(abs(one - other) / (one + other) * 2 for one, other in pairs)
        ratio = median(sum(pair) / 2 / ours for pair, ours in zip(pairs, times["check"], strict=True))
        said = f"two samples of {size} parameters, scaled; {apart:.0%} apart"
        goal = {"at_least": 50.0} if peer == "torch" and shape in FAST else {}
        theirs = median(sum(pair) / 2 for pair in pairs)
        yield Figure(f"{shape}: faster {name}", ratio, "x", ours=check, peer=theirs, note=said, **goal)
    most = {"at_most": 3.0 * PROTOTYPE[shape]} if shape in PROTOTYPE else {}
    ratio = median(a / b for a, b in zip(times["check"], times["loss"], strict=True))
    said = f"3 x the prototype's {PROTOTYPE[shape]} allowed" if shape in PROTOTYPE else ""
    yield Figure(f"{shape}: check beside one loss", ratio, "losses", ours=check, peer=loss, note=said, **most)
    yield Figure(f"{shape}: memory of the check", grown, "MiB", at_most=256.0, note="peak above what was there before")
    whole = median(seconds(lambda: check_gradient(problem)) for _ in range(3))
    yield Figure(f"{shape}: check at two points", whole * 1e3, "ms", note="the default of the command")


def modelled(kind, features, hidden, rows):
    """The model on seeded normal features."""
    import numpy as np

    from gradcli import models

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, features))
    if kind == "linreg":
        return models.linreg(X, X @ rng.normal(size=features) / np.sqrt(features) + rng.normal(size=rows))
    return models.nn(X, (rng.random(rows) < 0.5).astype(float), hidden=hidden)


def torch_check(model, theta):
    """gradcheck of the torch loss by the parameters of a sample, the others fixed."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    X, y = torch.tensor(np.ascontiguousarray(model.columns.T)), torch.tensor(model.target)
    whole = torch.tensor(theta)
    net = getattr(model, "layers", None)

    def loss(flat):
        if net is None:
            return torch.mean((X @ flat[:-1] + flat[-1] - y) ** 2)
        a = X
        for layer in net:
            a = a @ flat[layer.start : layer.middle].reshape(layer.inputs, layer.units) + flat[layer.middle : layer.end]
            if layer is not net[-1]:
                a = torch.tanh(a)
        return torch.nn.functional.binary_cross_entropy_with_logits(a[:, 0], y)

    assert abs(loss(whole).item() - model.loss(theta)) <= 1e-12 * model.loss(theta)

    def check(sample):
        chosen = torch.tensor(sample)
        some = whole[chosen].clone().requires_grad_()
        assert torch.autograd.gradcheck(lambda values: loss(whole.index_put((chosen,), values)), some, atol=1e-4)

    return check


def numpy_loop(model, theta, sample):
    """Central differences, a parameter at a time."""
    moving = theta.copy()
    slopes = []
    for index in sample:
        values = []
        for step in (1e-6, -1e-6):
            moving[index] = theta[index] + step
            values.append(model.loss(moving))
        moving[index] = theta[index]
        slopes.append((values[0] - values[1]) / 2e-6)
    return slopes


def seconds(function):
    start = perf_counter()
    function()
    return perf_counter() - start


def peak():
    """Bytes at the highest point of this process so far."""
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def commands():
    """`gradcli check nn --hidden ..` on a file, with its answer in a pipe: two points, all rows written."""
    import tempfile

    import numpy as np

    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for features, hidden, rows in ((100, 98, 256), (300, 330, 64)):
            file = Path(folder) / f"{features}.csv"
            table = np.column_stack([rng.normal(size=(rows, features)), rng.random(rows) < 0.5])
            names = ",".join([*(f"x{n}" for n in range(features)), "label"])
            np.savetxt(file, table, fmt="%.17g", delimiter=",", header=names, comments="")
            for kind in ("plain", "table", "jsonl", "csv", "junit"):
                words = ["check", "nn", "--data", str(file), "--target", "label", "--hidden", str(hidden)]
                start = perf_counter()
                done = subprocess.run(
                    [sys.executable, "-m", "gradcli", *words, "--format", kind],
                    env={**os.environ, **ALONE},
                    capture_output=True,
                    check=False,
                )
                assert done.returncode in {0, 3}, done.stderr
                told = f"{len(done.stdout.splitlines()):,} lines, {len(done.stdout) / MEBIBYTE:.1f} MiB"
                name = f"gradcli check nn --hidden {hidden} --format {kind}"
                yield Figure(name, perf_counter() - start, "s", note=f"{features} columns, once; {told}")
