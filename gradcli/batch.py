"""Many inputs: read lines, spread them over workers, keep their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from gradcli.items import Item
from gradcli.lines import is_regular_file, lines
from gradcli.workers import More, Stream, stream

if TYPE_CHECKING:
    from gradcli.errors import GradcliError
    from gradcli.workers.serving import Initializer

__all__ = ["Item", "is_regular_file", "lines", "run"]

R = TypeVar("R")


def run(
    items: Iterable[Item],
    function: Callable[[Item], R],
    *,
    jobs: int,
    timeout: float | None,
    memory: int | None,
    initializer: Initializer | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[tuple[Item, R | GradcliError]]:
    """Each item with `function(item)`, or with what is wrong with it, in input order; see `workers.stream`.

    An item whose answer comes in parts comes with each of them.

    The workers start at once, the reading with the first `next`. Closing the iterator ends them. `meanwhile` runs
    whenever there is no answer yet.
    """
    taken: deque[Item] = deque()
    answers = stream(
        function,
        _noted(items, taken),
        jobs=jobs,
        timeout=timeout,
        memory=memory,
        initializer=initializer,
        known=_error_of,
        meanwhile=meanwhile,
    )
    return _paired(taken, answers)


def _noted(items: Iterable[Item], taken: deque[Item]) -> Iterator[Item]:
    for item in items:
        taken.append(item)
        yield item


def _error_of(item: Item) -> GradcliError | None:
    return item.error


def _paired(taken: deque[Item], answers: Stream[R]) -> Iterator[tuple[Item, R | GradcliError]]:
    with answers:
        for answer in answers:
            if isinstance(answer, More):
                yield taken[0], answer.part
            else:
                yield taken.popleft(), answer
