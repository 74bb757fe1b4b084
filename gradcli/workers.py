"""Call something in a child process under limits of time and memory: once, or for each item of a stream.

What the function raises as a GradcliError comes back as one, a limit as a LimitError, and a child that died as an
error that says how. Any other exception is a bug of ours. Functions, arguments and results travel pickled.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from gradcli.errors import GradcliError, LimitError
from gradcli.serving import Initializer, Message, alive, packed, thrown

if TYPE_CHECKING:
    from queue import SimpleQueue

    from gradcli.processes import Child

    Events = SimpleQueue[tuple[Any, Any]]

__all__ = ["BugError", "Stream", "alive", "call", "cores", "stream", "warm"]

R = TypeVar("R")
Progress = Callable[[int | None, int | None], object]

SECONDS_BETWEEN_LOOKS = 0.25
LOOK_AHEAD = 1024  # items
BYTES_PER_CREDIT = 16_384  # an item as long as this counts as several
ITEMS_IN_FLIGHT = 8
BYTES_IN_FLIGHT = 32_768  # what a pipe takes although nobody reads it
SILENCE: Message = ("silence",)
UNANSWERED = object()

_warm: dict[Initializer | None, Child] = {}


class BugError(GradcliError):
    """An exception that is a bug of ours, in one item of a stream; its note holds the traceback of the child."""


def warm(initializer: Initializer) -> None:
    """Start now the child that the next `call` with this initializer will use."""
    from gradcli.processes import start

    _warm[initializer] = start(initializer)


def call(
    function: Callable[..., R],
    *args: object,
    timeout: float | None,
    memory: int | None,
    initializer: Initializer | None = None,
    meanwhile: Callable[[], object] | None = None,
    progress: Progress | None = None,
) -> R:
    """`function(*args)` in a child process, killed after `timeout` seconds without a sign of life (see `alive`).

    It may take `memory` bytes beyond what it holds after `initializer`, which is not on the clock. This process runs
    `meanwhile` as soon as the child is at work, and `progress(done, total)` when the child says how far it has come.
    """
    from gradcli.processes import start

    child = _warm.pop(initializer, None) or start(initializer)
    try:
        child.send((function, memory))
        child.send(args)
        if meanwhile is not None:
            meanwhile()
        return _awaited(child, timeout, memory, progress)  # type: ignore[no-any-return]
    finally:
        child.end()


def _awaited(child: Child, timeout: float | None, memory: int | None, progress: Progress | None) -> Any:  # noqa: ANN401
    """The result of the only call of a child."""
    from queue import SimpleQueue

    events: Events = SimpleQueue()
    child.listen(events)
    watch = _Watch(timeout)
    left = inf
    while True:
        _, message = _next(events, left)
        left -= watch.gap()
        match message:
            case ("result", result):
                return result
            case ("ready",):
                left = watch.timeout
            case ("alive", done, total):
                left = watch.timeout
                if progress is not None:
                    progress(done, total)
            case ("silence",):
                if left <= 0:
                    raise too_slow(timeout)
            case _:
                raise _error(message, memory) if message else died(child.end())


def _next(events: Events, seconds: float) -> tuple[Any, Any]:
    """The next event, or SILENCE after some time, at most `seconds`."""
    from queue import Empty

    try:
        return events.get(timeout=max(0.0, min(seconds, SECONDS_BETWEEN_LOOKS)))
    except Empty:
        return None, SILENCE


class _Watch:
    """Tells the time since one last looked, half the timeout at most.

    While this process is stopped (Ctrl-Z) or waits for its reader it hears no signs of life, though there may be some.
    """

    def __init__(self, timeout: float | None) -> None:
        self.timeout = inf if timeout is None else timeout
        self._looked = monotonic()

    def gap(self) -> float:
        """Seconds since the last look."""
        looked, self._looked = self._looked, monotonic()
        return min(self._looked - looked, self.timeout / 2)


def _error(message: Message, memory: int | None) -> BaseException:
    """The exception for a message that is not a result."""
    return too_large(memory) if message == ("memory",) else thrown(message)


def too_slow(timeout: float | None) -> LimitError:
    """No sign of life for `timeout` seconds."""
    seconds = timeout or 0
    return LimitError(
        f"the calculation took longer than {seconds:g} s", f"--timeout {10 * seconds:g} allows it more time"
    )


def too_large(memory: int | None) -> LimitError:
    """The child could not get the memory it asked for."""
    if memory is None:
        return LimitError("there is not enough memory for the calculation")
    mebibytes = memory / 2**20
    return LimitError(
        f"the calculation took more than {mebibytes:g} MiB of memory", f"--memory {4 * mebibytes:g} allows it more"
    )


def died(status: int | None) -> GradcliError:
    """A child that ended without an answer; `status` is its exit code, or minus the signal that ended it."""
    if status is None:
        return GradcliError("the calculation ended without an answer")
    if status >= 0:
        return GradcliError(f"the calculation ended its process with exit code {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = "the system kills processes when its memory runs out" if name == "SIGKILL" else None
    return GradcliError(f"the calculation was ended by {name}", hint)


def cores() -> int:
    """The processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows know no such thing
        return os.cpu_count() or 1


def stream(
    function: Callable[[Any], R],
    items: Iterable[object],
    *,
    jobs: int,
    timeout: float | None,
    memory: int | None,
    initializer: Initializer | None = None,
    known: Callable[[Any], object] | None = None,
) -> Stream[R]:
    """`function(item)` of each item in input order, by up to `jobs` persistent children that are killed and replaced.

    `timeout` and `memory` are per item, as for `call`. An item with a `known(item)` other than None has that as its
    result and needs no child. The children start at once, reading with the first `next`, at most LOOK_AHEAD items
    ahead; a pause in the input holds no answer back.
    """
    return Stream(function, items, jobs, timeout, memory, initializer, known)


@dataclass(slots=True, eq=False)
class _Job:
    """An item on its way to its answer."""

    packed: bytes
    answer: object = UNANSWERED
    attempts: int = 0

    @property
    def credits(self) -> int:
        """Its share of the look-ahead."""
        return min(1 + len(self.packed) // BYTES_PER_CREDIT, LOOK_AHEAD)


@dataclass(slots=True, eq=False)
class _Worker:
    """A child with the jobs it was given, the current one first, and the seconds that one has left."""

    child: Child
    left: float = inf
    ready: bool = False
    answered: int = 0
    jobs: deque[_Job] = field(default_factory=deque)

    def takes(self, job: _Job) -> bool:
        """Whether sending it the job cannot block: an idle worker reads, a busy one leaves it in the pipe."""
        size = sum(len(each.packed) for each in self.jobs) + len(job.packed)
        return not self.jobs or (len(self.jobs) < ITEMS_IN_FLIGHT and size <= BYTES_IN_FLIGHT)


class Stream(Iterator[R | GradcliError], Generic[R]):
    """Results in input order. A worker that dies is replaced: its current item is tried once more, the others go on."""

    def __init__(  # noqa: PLR0917  see `stream`
        self,
        function: Callable[[Any], R],
        items: Iterable[object],
        jobs: int,
        timeout: float | None,
        memory: int | None,
        initializer: Initializer | None,
        known: Callable[[Any], object] | None,
    ) -> None:
        from gradcli.processes import nursery

        self._nursery = nursery(initializer)  # before any thread, so that it can fork
        from queue import SimpleQueue
        from threading import Semaphore, Thread

        self._task = packed((function, memory))
        self._items, self._known = items, known
        self._jobs, self._memory, self._initializer = jobs, memory, initializer
        self._watch = _Watch(timeout)
        self._events: Events = SimpleQueue()
        self._credits = Semaphore(LOOK_AHEAD)
        self._reader = Thread(target=self._read, daemon=True)
        self._workers: dict[Child, _Worker] = {}
        self._waiting: deque[_Job] = deque()
        self._undelivered: deque[_Job] = deque()
        self._all_read: BaseException | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the children; what is not delivered is lost."""
        if self._closed:
            return
        self._closed = True
        self._nursery.close()
        for child in self._workers:
            child.end()
        self._credits.release(LOOK_AHEAD)
        if self._all_read is not None:
            self._reader.join()

    def __next__(self) -> R | GradcliError:
        if self._closed:
            raise StopIteration
        try:
            return self._delivered()
        except BaseException:
            self.close()
            raise

    def _delivered(self) -> R | GradcliError:
        if self._reader.ident is None:
            self._reader.start()
        while True:
            while not self._events.empty():
                self._handle(*self._events.get())
            self._assign()
            if self._undelivered and self._undelivered[0].answer is not UNANSWERED:
                job = self._undelivered.popleft()
                self._credits.release(job.credits)
                return job.answer  # type: ignore[return-value]
            if self._all_read is not None and not self._undelivered:
                raise self._all_read
            self._wait()

    def _read(self) -> None:
        """In a thread of its own, for reading may wait for somebody to type."""
        end: BaseException = StopIteration()
        try:
            for item in self._items:
                job = self._job(item)
                for _ in range(job.credits):
                    self._credits.acquire()
                if self._closed:
                    return
                self._events.put((None, job))
        except BaseException as error:  # noqa: BLE001  raised in its place by the one who iterates
            end = error
        self._events.put((None, end))

    def _job(self, item: object) -> _Job:
        answer = None if self._known is None else self._known(item)
        return _Job(packed((item,))) if answer is None else _Job(b"", answer)

    def _wait(self) -> None:
        """For one event, or until it is time to look at the clock."""
        busy = [worker for worker in self._workers.values() if worker.jobs]
        event = _next(self._events, min((worker.left for worker in busy), default=inf))
        gap = self._watch.gap()
        for worker in busy:
            worker.left -= gap
        if event[1] is not SILENCE:
            self._handle(*event)
        elif self._events.empty():
            self._enforce(busy)

    def _enforce(self, busy: list[_Worker]) -> None:
        """End the workers whose time is up, and foresee it."""
        for worker in busy:
            if worker.left <= 0:
                self._replace(worker, too_slow(self._watch.timeout), retry=False)
            elif worker.left < 0.8 * self._watch.timeout:
                self._nursery.prepare()

    def _handle(self, child: Child | None, message: Any) -> None:  # noqa: ANN401  a job, or what a child says
        if child is None:
            self._take_in(message)
        elif (worker := self._workers.get(child)) is not None:
            self._hear(worker, message)

    def _take_in(self, read: _Job | BaseException) -> None:
        if isinstance(read, BaseException):
            self._all_read = read
            return
        self._undelivered.append(read)
        if read.answer is UNANSWERED:
            self._waiting.append(read)

    def _hear(self, worker: _Worker, message: Message | None) -> None:
        worker.left = self._watch.timeout
        match message:
            case None:
                self._replace(worker, None, retry=True)
            case ("ready",):
                worker.ready = True
            case ("alive", *_):
                pass
            case ("memory",):
                # The items before may have eaten up what the limit allows.
                self._replace(worker, too_large(self._memory), retry=worker.answered > 0)
            case _ if worker.ready:
                worker.jobs.popleft().answer = self._answer(message)
                worker.answered += 1
            case _:
                raise thrown(message)

    def _answer(self, message: Message) -> object:
        if message[0] == "result":
            return message[1]
        error = thrown(message)
        if isinstance(error, GradcliError):
            return error
        bug = BugError(f"{type(error).__name__}: {error}")
        bug.__cause__ = error
        return bug

    def _replace(self, worker: _Worker, verdict: GradcliError | None, *, retry: bool) -> None:
        """End a worker. Its current job may be tried once more, else it gets the verdict; the others just move on."""
        del self._workers[worker.child]
        status = worker.child.end()
        if worker.jobs:
            worker.jobs[0].attempts += 1
            if not retry or worker.jobs[0].attempts > 1:
                worker.jobs.popleft().answer = verdict or died(status)
        self._waiting.extendleft(reversed(worker.jobs))

    def _assign(self) -> None:
        while self._waiting and (worker := self._free_for(self._waiting[0])) is not None:
            job = self._waiting.popleft()
            if not worker.jobs and worker.ready:
                worker.left = self._watch.timeout
            worker.jobs.append(job)
            worker.child.post(job.packed)

    def _free_for(self, job: _Job) -> _Worker | None:
        least = min(self._workers.values(), key=lambda worker: len(worker.jobs), default=None)
        if least is None:
            return self._hired()
        if least.jobs and len(self._workers) < self._jobs and len(self._waiting) > self._nursery.patience:
            return self._hired()
        return least if least.takes(job) else None

    def _hired(self) -> _Worker:
        from gradcli.processes import CannotForkError, Spawner

        try:
            child = self._nursery.hatch()
        except CannotForkError:
            self._nursery.close()
            self._nursery = Spawner(self._initializer)
            child = self._nursery.hatch()
        child.post(self._task)
        child.listen(self._events)
        worker = self._workers[child] = _Worker(child)
        return worker
