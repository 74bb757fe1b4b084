"""What a person is told when something cannot be done: one sentence, the place, and a hint that would work."""

from __future__ import annotations


class GradcliError(Exception):
    """Input or surroundings that cannot be used; ends a command with exit code 2, or becomes one record of a batch.

    `text` is what the person wrote and `span` the offending part of it, as (start, end) offsets for the caret.
    """

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        *,
        text: str | None = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message, hint, text, span)
        self.message = message
        self.hint = hint
        self.text = text
        self.span = span

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.text, self.span)


class LimitError(GradcliError):
    """A static limit, the time or the memory allowed was exceeded; the message names which."""


def _rebuild(
    kind: type[GradcliError], message: str, hint: str | None, text: str | None, span: tuple[int, int] | None
) -> GradcliError:
    return kind(message, hint, text=text, span=span)
