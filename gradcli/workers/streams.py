"""One call for each item of a stream, in persistent children that are killed and replaced."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from gradcli.errors import GradcliError
from gradcli.workers.children import SILENCE, next_event
from gradcli.workers.limits import BugError, Watch, died, too_large, too_slow
from gradcli.workers.nurseries import CannotForkError, Spawner, nursery
from gradcli.workers.serving import More, alive, packed, thrown

if TYPE_CHECKING:
    from gradcli.workers.children import Child, Events
    from gradcli.workers.serving import Initializer, Message

R = TypeVar("R")

LOOK_AHEAD = 256  # items
BYTES_PER_CREDIT = 16_384  # an item as long as this counts as several
ITEMS_IN_FLIGHT = 8
BYTES_IN_FLIGHT = 32_768  # what a pipe takes although nobody reads it
UNANSWERED = object()


def stream(
    function: Callable[[Any], R],
    items: Iterable[object],
    *,
    jobs: int,
    timeout: float | None,
    memory: int | None,
    initializer: Initializer | None = None,
    known: Callable[[Any], object] | None = None,
    patience: int | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Stream[R]:
    """`function(item)` of each item in input order, by up to `jobs` persistent children that are killed and replaced.

    `timeout` and `memory` are per item, as for `call`. An item with a `known(item)` other than None has that as its
    result and needs no child. A result that is More comes as such, and next what the function answers to its rest,
    which is asked when the part is taken. The children start at once, reading with the first `next`, at most LOOK_AHEAD
    items ahead; a pause in the input holds no answer back. One more child is started when more than `patience` items
    wait, by default as many as make up for its start. This process runs `meanwhile` whenever it has to wait.
    """
    return Stream(function, items, jobs, timeout, memory, initializer, known, patience, meanwhile)


class _Job:
    """An item on its way to its answer."""

    def __init__(self, packed: bytes, answer: object = UNANSWERED, share: int | None = None) -> None:
        self.packed = packed
        self.answer = answer
        self.attempts = 0
        self.credits = share or min(1 + len(packed) // BYTES_PER_CREDIT, LOOK_AHEAD)
        """Its share of the look-ahead."""


class _Worker:
    """A child with the jobs it was given, the current one first, and the seconds that one has left."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.jobs: deque[_Job] = deque()
        self.left = inf
        self.ready = False
        self.answered = 0

    def takes(self, job: _Job) -> bool:
        """Whether sending it the job cannot block: an idle worker reads, a busy one leaves it in the pipe."""
        size = sum(len(each.packed) for each in self.jobs) + len(job.packed)
        return not self.jobs or (len(self.jobs) < ITEMS_IN_FLIGHT and size <= BYTES_IN_FLIGHT)


class Stream(Iterator[R | GradcliError | More], Generic[R]):
    """Results in input order. A worker that dies is replaced: its current item is tried once more, the others go on."""

    def __init__(
        self,
        function: Callable[[Any], R],
        items: Iterable[object],
        jobs: int,
        timeout: float | None,
        memory: int | None,
        initializer: Initializer | None,
        known: Callable[[Any], object] | None,
        patience: int | None,
        meanwhile: Callable[[], object] | None,
    ) -> None:
        self._nursery = nursery(initializer)  # before any thread, so that it can fork
        from queue import SimpleQueue
        from threading import Semaphore, Thread

        self._task = packed((function, memory))
        self._items, self._known = items, known
        self._jobs, self._memory, self._initializer = jobs, memory, initializer
        self._patience, self._meanwhile = patience, meanwhile
        self._watch = Watch(timeout)
        self._events: Events = SimpleQueue()
        self._credits = Semaphore(LOOK_AHEAD)
        self._owed = 0
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

    def __next__(self) -> R | GradcliError | More:
        if self._closed:
            raise StopIteration
        try:
            return self._delivered()
        except BaseException:
            self.close()
            raise

    def _delivered(self) -> R | GradcliError | More:
        if self._reader.ident is None:
            self._reader.start()
        while True:
            while not self._events.empty():
                self._handle(*self._events.get())
            self._assign()
            if self._undelivered and self._undelivered[0].answer is not UNANSWERED:
                if isinstance(more := self._undelivered[0].answer, More):
                    return self._part(more)
                return self._let_go(self._undelivered.popleft())  # type: ignore[return-value]
            if self._all_read is not None and not self._undelivered:
                raise self._all_read
            if self._meanwhile is not None:
                self._meanwhile()
            self._wait()

    def _part(self, more: More) -> More:
        """A part of an answer; the rest is asked for at once, and comes next."""
        job = self._undelivered.popleft()
        rest = _Job(packed((more.rest,)), share=job.credits)
        self._undelivered.appendleft(rest)
        self._waiting.appendleft(rest)
        self._assign()
        return more

    def _let_go(self, job: _Job) -> object:
        """The answer of a job; its credits go back to the reader, by the dozen, for waking it up takes time."""
        self._owed += job.credits
        if self._owed >= LOOK_AHEAD // 4 or not self._undelivered:
            self._credits.release(self._owed)
            self._owed = 0
        return job.answer

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
        event = next_event(self._events, min((worker.left for worker in busy), default=inf))
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
                alive(0)  # who waits for one that is alive is alive
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
        patience = self._nursery.patience if self._patience is None else self._patience
        if least.jobs and len(self._workers) < self._jobs and len(self._waiting) > patience:
            return self._hired()
        return least if least.takes(job) else None

    def _hired(self) -> _Worker:
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
