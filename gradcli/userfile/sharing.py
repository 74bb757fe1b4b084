"""A person's loss evaluated by several processes, each of which loads their file: `--jobs`.

`Sharing` starts them, and `Sharing.of` makes a problem of theirs take its values there. A process is trusted after its
loss gave the values that the loss has here, at the point in question and at one beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gradcli.errors import GradcliError
from gradcli.userfile import load
from gradcli.workers import alive, stream

if TYPE_CHECKING:
    from queue import SimpleQueue

    from gradcli.problem import Array, Indices, Point, Problem
    from gradcli.userfile.startpoint import At, Number
    from gradcli.workers import Stream

MOST_VALUES = 256
"""Values that are asked for at once; the more of them, the rarer is a word of how far the work has come."""
PIECES = 4
"""Pieces for each process at least, so that all end at about the same time."""
CALLS = 3
"""Calls at the same point that show how noisy a loss is."""
NOISE = 8.0
"""How many times that noise the values of two processes may differ."""
AGREEMENT = 1e-12
"""Relative difference that another order of summation explains."""
BESIDE = 1e-3
"""How far beside the point the loss is called, in units of max(1, |x|)."""


@dataclass(frozen=True, slots=True)
class Code:
    """Where another process finds the loss: what `load` is called with, and the position of the problem."""

    target: str
    at: At | None
    seed: int
    number: Number
    vectorized: bool
    position: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The values of the loss in the first process, at a point and beside it, and how far others may be from them."""

    values: tuple[float, float]
    tolerance: float


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the work: the values at point + steps[k] * e_indices[k]."""

    code: Code
    point: Array
    indices: Array
    steps: Array
    proof: Proof


class Sharing:
    """Processes that evaluate losses while this is open, each after it has loaded the file itself."""

    def __init__(self, jobs: int, timeout: float | None, memory: int | None) -> None:
        from queue import SimpleQueue

        self._jobs = jobs
        self._shares: SimpleQueue[Share | None] = SimpleQueue()
        self._answers: Stream[Array] = stream(
            values_of,
            iter(self._shares.get, None),
            jobs=jobs,
            timeout=timeout,
            memory=memory,
            initializer=prepare,
            patience=0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shares.put(None)
        self._answers.close()

    def of(self, problem: Problem, code: Code) -> Problem:
        """The same problem, its values beside a point taken by the processes."""
        proofs: dict[bytes, Proof] = {}

        def shifted(point: Point, indices: Indices, steps: Point) -> Array:
            at, where, by = np.asarray(point, dtype=float), np.asarray(indices), np.asarray(steps, dtype=float)
            key = at.tobytes()
            if key not in proofs:
                proofs[key] = proof_at(problem, at)
            pieces = max(min(len(where), PIECES * self._jobs), -(-len(where) // MOST_VALUES))
            parts = np.array_split(np.arange(len(where)), max(1, pieces))
            for part in parts:
                self._shares.put(Share(code, at, where[part], by[part], proofs[key]))
            return np.concatenate([self._next() for _ in parts])

        return replace(problem, shifted=shifted)

    def _next(self) -> Array:
        answer = next(self._answers)
        if isinstance(answer, GradcliError):
            raise answer
        values = np.asarray(answer)
        alive(len(values))
        return values


def prepare() -> None:
    """Nothing but the imports above, which processes can have in common; a person's file is loaded in each."""


def values_of(share: Share) -> Array:
    """The values that are wanted, in a process that was proved to have the same loss."""
    problem = known(share)
    shifted: Any = problem.shifted
    return np.asarray(shifted(share.point, share.indices, share.steps), dtype=float)


_loaded: list[Problem] = []
_proved: set[int] = set()


def known(share: Share) -> Problem:
    """The problem as this process has loaded it; it is compared once with that of the first process."""
    code = share.code
    if not _loaded:
        found = load(code.target, at=code.at, seed=code.seed, number=code.number, vectorized=code.vectorized)
        _loaded.extend(found)
    problem = _loaded[code.position]
    if code.position not in _proved:
        compare(problem, share)
        _proved.add(code.position)
    return problem


def compare(problem: Problem, share: Share) -> None:
    """Raise a GradcliError where the loss is another one here than in the first process."""
    there, proof = two_values(problem, share.point), share.proof
    for here, expected in zip(there, proof.values, strict=True):
        if not np.isclose(here, expected, rtol=0.0, atol=proof.tolerance, equal_nan=True):
            raise GradcliError(
                f"{problem.name} gave {expected!r} in one process and {here!r} in another at the same point",
                "leave out --jobs, or let the file draw its random numbers from a seed when it is loaded",
            )


def proof_at(problem: Problem, point: Array) -> Proof:
    """What another process has to give."""
    values = two_values(problem, point)
    again = [problem.function(point.copy()) for _ in range(CALLS - 1)]
    calls = [value for value in (values[0], *again) if np.isfinite(value)]
    noise = max(calls, default=0.0) - min(calls, default=0.0)
    size = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    return Proof(values, NOISE * noise + AGREEMENT * size)


def two_values(problem: Problem, point: Array) -> tuple[float, float]:
    """The loss at a point, and at another near it that is the same in every process."""
    move = BESIDE * np.random.default_rng(0).uniform(-1, 1, point.shape) * np.maximum(1.0, np.abs(point))
    here, beside = (float(problem.function(place)) for place in (point.copy(), point + move))
    return here, beside
