"""What a worker loads before its first task."""

from __future__ import annotations

import gc


def load_expressions() -> None:
    """Import SymPy with the garbage collector off, a quarter of the time, and keep it out of later collections."""
    gc.disable()
    try:
        import gradcli.expression
        import gradcli.targets  # noqa: F401  imported for its effect
    finally:
        gc.freeze()
        gc.enable()
