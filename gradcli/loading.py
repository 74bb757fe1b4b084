"""What is loaded before a worker is started, and what the worker loads before its first task."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def load_what_both_sides_need() -> None:
    """What requests and results are made of: imported before the worker is copied, it is imported once."""
    import gradcli.deriving
    import gradcli.items
    import gradcli.targets  # noqa: F401  imported for its effect


@contextmanager
def importing() -> Iterator[None]:
    """Have the garbage collector off, a quarter of the time for SymPy, and what was imported kept out of its sight."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_expressions() -> None:
    """Import SymPy."""
    with importing():
        import gradcli.deriving
        import gradcli.expression.compiled
        import gradcli.expression.points
        import gradcli.targets  # noqa: F401  imported for its effect


def load_for_many() -> None:
    """The same for a stream, and one answer, so that what SymPy imports on first use is there in every later copy."""
    load_expressions()
    from gradcli.deriving import Deriving, derive
    from gradcli.items import Item

    derive(Item(expr="x*sin(x)/(1 + exp(x))", at="1"), Deriving())
    gc.freeze()
