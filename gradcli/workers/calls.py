"""One call in a child process of its own, with one answer or an answer in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.workers.children import next_event, start
from gradcli.workers.limits import Watch, died, too_large, too_slow
from gradcli.workers.serving import More, thrown

if TYPE_CHECKING:
    from gradcli.workers.children import Child, Events
    from gradcli.workers.serving import Initializer, Message

R = TypeVar("R")
Progress = Callable[[int | None, int | None], object]

_warm: dict[Initializer | None, Child] = {}


def warm(initializer: Initializer, *, many: bool = False) -> None:
    """Start now what the next `call` with this initializer will use, or the next `stream` if there are `many` items."""
    if many:
        from gradcli.workers.nurseries import warm_nursery

        warm_nursery(initializer)
    else:
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
    [result] = parts(
        function,
        *args,
        timeout=timeout,
        memory=memory,
        initializer=initializer,
        meanwhile=meanwhile,
        progress=progress,
    )
    return result  # type: ignore[no-any-return]


def parts(
    function: Callable[..., Any],
    *args: object,
    timeout: float | None,
    memory: int | None,
    initializer: Initializer | None = None,
    meanwhile: Callable[[], object] | None = None,
    progress: Progress | None = None,
) -> Iterator[Any]:
    """`function(*args)` as by `call`; while it answers More, the part, and then the answer with `rest` as the first.

    The child works on the next part while this process uses one; each part has the whole `timeout`.
    """
    from queue import SimpleQueue

    events: Events = SimpleQueue()
    child = _warm.pop(initializer, None) or start(initializer)
    try:
        child.send((function, memory))
        child.send(args)
        if meanwhile is not None:
            meanwhile()
        child.listen(events)
        result = _awaited(child, events, inf, timeout, memory, progress)
        while isinstance(result, More):
            child.send((result.rest, *args[1:]))
            yield result.part
            result = _awaited(child, events, timeout or inf, timeout, memory, progress)
    except BaseException:
        child.end()
        raise
    child.dismiss()
    yield result


def _awaited(
    child: Child, events: Events, left: float, timeout: float | None, memory: int | None, progress: Progress | None
) -> Any:  # noqa: ANN401
    """The next result of a child that has `left` seconds to begin with."""
    watch = Watch(timeout)
    while True:
        _, message = next_event(events, left)
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


def _error(message: Message, memory: int | None) -> BaseException:
    """The exception for a message that is not a result."""
    return too_large(memory) if message == ("memory",) else thrown(message)
