"""Where a figure goes: a file whose suffix says of what type, standard output, or a window."""

from __future__ import annotations

import io
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.plots.style import require_matplotlib, settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TYPES = ("png", "svg", "pdf")
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
"""The same picture is the same file, whenever it is made."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A path, `-` for standard output, or None for a window; and the type of file."""

    path: str | None
    type: str = "png"
    dpi: int = 150

    @classmethod
    def of(cls, path: str | None, kind: str = "auto", dpi: int = 150) -> Destination:
        """Checked before anything is computed: the suffix, whether somebody could see a window, whether we can draw."""
        require_matplotlib()
        if path is None:
            if not has_display():
                raise GradcliError(
                    "there is no display to open a window on", "write the picture to a file: -o figure.png"
                )
            return cls(None, dpi=dpi)
        if path == "-":
            if sys.stdout.isatty():
                raise GradcliError("a picture is nothing for a terminal", "write it to a file: -o figure.png")
            return cls(path, "png" if kind == "auto" else kind, dpi)
        suffix = Path(path).suffix.lower().lstrip(".")
        if kind == "auto" and suffix not in TYPES:
            what = f"the suffix .{suffix} is no picture's" if suffix else f"{path} has no suffix to tell its type"
            raise GradcliError(what, "end the name in .png, .svg or .pdf")
        return cls(path, suffix if kind == "auto" else kind, dpi)

    def receive(self, figure: Figure) -> None:
        """Write the figure or show it."""
        if self.path is None:
            show(figure)
        elif self.path == "-":
            sys.stdout.buffer.write(rendered(figure, self.type, self.dpi))
            sys.stdout.buffer.flush()
        else:
            data = rendered(figure, self.type, self.dpi)
            try:
                Path(self.path).write_bytes(data)
            except OSError as error:
                raise GradcliError(
                    f"cannot write {self.path}: {error.strerror}", "name another file with -o"
                ) from error


def rendered(figure: Figure, kind: str, dpi: int = 150) -> bytes:
    """The figure as the bytes of a file."""
    buffer = io.BytesIO()
    with settings(), warnings.catch_warnings():
        # names in a person's data may be written in letters that the font lacks
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=UNDATED[kind])
    return buffer.getvalue()


def has_display() -> bool:
    """Could a window be seen? Only where X or Wayland rule must it be said."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def show(figure: Figure) -> None:
    """A window, until it is closed. pyplot is used for this alone: it knows the window toolkits."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    try:
        manager = plt.figure().canvas.manager
    except ImportError:
        manager = None
    if manager is None or mpl.get_backend().lower() in {"agg", "svg", "pdf", "ps", "cairo", "template"}:
        raise GradcliError("matplotlib has no toolkit for windows here", "write the picture to a file: -o figure.png")
    manager.canvas.figure = figure
    figure.set_canvas(manager.canvas)
    manager.resize(*figure.get_size_inches() * figure.dpi)
    plt.show()
