"""How all figures look: colours that the colour-blind can tell apart, and lines that differ in grey as well."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# M. Okabe, K. Ito, Color Universal Design (2008), https://jfly.uni-koeln.de/color/
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY = "#767676"
PALE = "#D9D9D9"


@dataclass(frozen=True, slots=True)
class Look:
    """A colour, a pattern of dashes and a marker, no two alike in any of them."""

    color: str
    dashes: Any
    marker: str

    @property
    def line(self) -> dict[str, Any]:
        """As matplotlib takes them for a line."""
        return {"color": self.color, "linestyle": self.dashes}


LOOKS = {
    "forward": Look(ORANGE, (0, (6, 2)), "^"),
    "backward": Look(BLUE, (0, (6, 2, 1.2, 2)), "v"),
    "central": Look(GREEN, (0, (1.5, 1.5)), "o"),
    "five-point": Look(PURPLE, (0, (3, 1.2)), "s"),
    "complex": Look(SKY, (0, (8, 2, 1, 2, 1, 2)), "D"),
}

SETTINGS: dict[Any, Any] = {
    "font.size": 11.0,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 12.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#404040",
    "axes.labelcolor": "#202020",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "legend.frameon": True,
    "legend.framealpha": 0.92,
    "legend.edgecolor": PALE,
    "legend.fontsize": 10.0,
    "lines.linewidth": 2.0,
    "lines.markersize": 6.0,
    "text.parse_math": False,
    "svg.hashsalt": "gradcli",
    "pdf.fonttype": 42,
}
"""Formulas are a person's text: a dollar sign in them is no mathematics. The salt makes SVG files repeatable."""


def require_matplotlib() -> None:
    """A GradcliError that says how to get it, where it is not installed."""
    if find_spec("matplotlib") is None:
        raise GradcliError("pictures need matplotlib", 'install it: pip install "gradcli[plot]"')


def canvas(width: float = 8.0, height: float = 5.0) -> Figure:
    """An empty figure of so many inches, known to no pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def settings() -> Any:  # noqa: ANN401  a context manager of matplotlib's
    """Within this context figures are made and written in our style, whatever a person's own settings are."""
    require_matplotlib()
    import matplotlib as mpl

    return mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS})


def number(value: float) -> str:
    """Six digits, and a true minus sign."""
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def brief(value: float) -> str:
    """Three digits, and a power of ten as short as can be: 1.2e6, for scales."""
    text = f"{float(f'{value:.3g}'):g}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.2e}"
    mantissa, e, exponent = text.partition("e")
    plain = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return (plain + (f"e{int(exponent)}" if e else "")).replace("-", "\N{MINUS SIGN}")


SUPERSCRIPTS = str.maketrans("-.0123456789", "\u207b\u02d9\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def raised(text: str) -> str:
    """`h^2` with its exponent raised."""
    base, _, exponent = text.partition("^")
    return base + exponent.translate(SUPERSCRIPTS)


def power_of_ten(value: float, _: object = None) -> str:
    """10 to some power, for logarithmic axes; nothing between the powers."""
    exponent = round(math.log10(value)) if value > 0 else 0
    exact = value > 0 and math.isclose(value, 10.0**exponent, rel_tol=1e-9)
    return f"10{str(exponent).translate(SUPERSCRIPTS)}" if exact else ""


def logarithmic(axes: Axes, *names: str) -> None:
    """Logarithmic scales, labelled by powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for name in names:
        axes.set(**{f"{name}scale": "log"})
        axis = getattr(axes, f"{name}axis")
        axis.set_major_locator(LogLocator(numticks=9))
        axis.set_major_formatter(power_of_ten)
        axis.set_minor_formatter(NullFormatter())


def shortened(text: str, most: int = 60) -> str:
    """A formula that fits a title."""
    return text if len(text) <= most else text[: most - 3] + "..."


def legend(axes: Axes) -> None:
    """A legend where it hides least."""
    axes.legend(loc="best", handlelength=3.2)


def legend_below(axes: Axes, size: float = 10.0) -> None:
    """A legend under the picture, where it hides nothing."""
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, handlelength=3.2, frameon=False, fontsize=size
    )
