"""The options that pictures share, each declared and explained once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from typer import Argument, Option

from gradcli.cli.options import models


class FileType(StrEnum):
    """What kind of file a picture becomes."""

    AUTO = "auto"
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


Into = Annotated[
    str | None,
    Option("--output", "-o", metavar="FILE", help="FILE.png, .svg or .pdf, or - for standard output; else a window."),
]
Type = Annotated[FileType, Option("--format", help="The type of file; auto: by the suffix, PNG for -o -.")]
Dpi = Annotated[int, Option("--dpi", metavar="N", min=30, max=1200, help="Dots per inch of a PNG.")]
View = Annotated[
    str | None, Option("--range", metavar="RANGES", help="What to show: x=-2:2,y=-1:3. [default: by the function]")
]
Picture = Annotated[
    str | None, Option("--plot", metavar="FILE", help="Draw the training as well: FILE.png, .svg or .pdf.")
]
Formula = Annotated[str, Argument(metavar="EXPR", help="The expression.")]
Place = Annotated[list[str] | None, Option("--at", metavar="POINT", help="The point: 3, or x=1,y=2.")]
Held = Annotated[list[str] | None, Option("--at", metavar="POINT", help="Values of the variables that are not shown.")]
Start = Annotated[list[str] | None, Option("--at", metavar="POINT", help="Where the descent starts: x=-1,y=2.")]
Pair = Annotated[str | None, Option("--wrt", metavar="NAMES", help="The two variables to show: x,y.")]
Along = Annotated[str | None, Option("--wrt", metavar="NAME", help="The variable along which to draw.")]
Swept = Annotated[
    str, Argument(metavar="TARGET", help="EXPR, linreg, nn, or FILE.py[:loss[,grad]].", autocompletion=models)
]
Secant = Annotated[str, Option("--step", metavar="auto|NUMBER", help="The step h between the points of the secants.")]
Rate = Annotated[
    float | None, Option("--lr", metavar="ALPHA", help="Learning rate. [default: 0.2/L, which leaves steps to be seen]")
]
