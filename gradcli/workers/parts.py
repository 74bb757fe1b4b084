"""More: an answer that is too long for one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class More:
    """A part of an answer, and the item for which the same function gives what follows; see `parts` and `stream`."""

    part: Any
    item: Any
