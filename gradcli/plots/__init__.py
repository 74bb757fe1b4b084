"""Figures one would put on a slide: each function takes results and returns a matplotlib Figure, without pyplot.

matplotlib is an extra (`pip install "gradcli[plot]"`), loaded when the first figure is made.
"""

from __future__ import annotations

from gradcli.plots.arrows import arrows
from gradcli.plots.surface import surface
from gradcli.plots.sweep import sweep
from gradcli.plots.tangent import tangent
from gradcli.plots.training import training

__all__ = ["arrows", "surface", "sweep", "tangent", "training"]
