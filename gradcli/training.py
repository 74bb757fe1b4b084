"""What `train` does: data, model, descent, the gradient checked on the way, the parameters saved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradcli.targets import Modelling, modelled

if TYPE_CHECKING:
    from gradcli.datasets import Dataset
    from gradcli.descent import Descent, Step
    from gradcli.models import Model

Progress = Callable[[int, int, float, float], None]


@dataclass(frozen=True, slots=True)
class Training:
    """The options of `train`."""

    modelling: Modelling = field(default_factory=Modelling)
    lr: float | None = None
    iterations: int | None = None
    tol: float = 1e-8
    seed: int = 0
    check_every: int | None = None
    standardize: bool = True
    save: str | None = None
    trace: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """A descent, its steps if they were asked for, and what to know of the data."""

    descent: Descent
    steps: tuple[Step, ...]
    source: str
    notes: tuple[str, ...]


def train(name: str, asked: Training, *, progress: bool = True) -> Trained:
    """Train linreg or nn, with a progress bar on stderr if that is a terminal; a GradcliError on divergence."""
    return train_on(*modelled(name, asked.modelling), asked, progress=progress)


def train_on(model: Model, data: Dataset, asked: Training, *, progress: bool = True) -> Trained:
    """Train a model that has its data."""
    from gradcli import parameters
    from gradcli.check import check_gradient
    from gradcli.descent import descend

    steps: list[Step] = []
    with _bar(wanted=progress) as shown:
        descent = descend(
            model,
            lr=asked.lr,
            iterations=asked.iterations,
            tol=asked.tol,
            seed=asked.seed,
            standardize=asked.standardize,
            check=lambda problem: check_gradient(problem, seed=asked.seed),
            check_every=asked.check_every,
            progress=shown,
            trace=steps.append if asked.trace else None,
        )
    if asked.save:
        parameters.write(asked.save, model.name, descent.parameters, loss=descent.loss, source=data.source)
    return Trained(descent, tuple(steps), data.source, (*data.notes, *descent.notes))


@contextmanager
def _bar(*, wanted: bool) -> Iterator[Progress | None]:
    """A progress bar with loss and gradient norm, on a terminal only."""
    if not (wanted and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_interactive or console.is_dumb_terminal:
        yield None
        return
    described = TextColumn("loss {task.fields[loss]:.6g}  |gradient| {task.fields[norm]:.2e}")
    with Progress(BarColumn(), MofNCompleteColumn(), described, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, loss=float("nan"), norm=float("nan"))

        def shown(iteration: int, iterations: int, loss: float, norm: float) -> None:
            if iteration % 50 == 0:
                bar.update(task, completed=iteration, total=iterations, loss=loss, norm=norm)

        yield shown
