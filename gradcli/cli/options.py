"""The options that commands share, each declared and explained once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from typer import Argument, Option


def models(incomplete: str) -> list[str]:
    """The names of models that a word may become; a shell knows the files."""
    return [name for name in ("linreg", "nn") if name.startswith(incomplete)]


class Format(StrEnum):
    """How results are written."""

    AUTO = "auto"
    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"


class CheckFormat(StrEnum):
    """How checks are written."""

    AUTO = "auto"
    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"
    GITHUB = "github"
    JUNIT = "junit"


class Method(StrEnum):
    """How a derivative is measured."""

    FORWARD = "forward"
    BACKWARD = "backward"
    CENTRAL = "central"
    FIVE_POINT = "five-point"
    COMPLEX = "complex"
    REFERENCE = "reference"


class Mistake(StrEnum):
    """What can be planted in the gradient of a model."""

    SIGN = "sign"
    FACTOR = "factor"
    MEAN = "mean"
    SWAP = "swap"
    CHAIN = "chain"


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Expression = Annotated[
    str | None, Argument(metavar="EXPR", help="The expression, or - for lines of EXPR [@ POINT] on standard input.")
]
At = Annotated[
    list[str] | None,
    Option("--at", metavar="POINT", help="The point: 3, pi/4, x=1,y=2, or a range x=0:1:0.1. Repeat it for several."),
]
Wrt = Annotated[str | None, Option("--wrt", metavar="NAMES", help="Differentiate by these variables only: x,y.")]
Var = Annotated[str | None, Option("--var", metavar="NAMES", help="Names that are variables, e or pi among them.")]
Order = Annotated[int, Option("--order", metavar="N", min=1, max=8, help="Order of the derivative.")]
Methods = Annotated[
    list[Method] | None,
    Option("--method", help="How to measure; repeat it for several. [default: forward, backward, central]"),
]
Step = Annotated[
    str, Option("--step", metavar="auto|NUMBER", help="The step h; a number is absolute, as in (f(x+h) - f(x)) / h.")
]
Rtol = Annotated[float, Option("--rtol", metavar="NUMBER", help="Relative tolerance of a verdict.")]
Seed = Annotated[int, Option("--seed", metavar="N", min=0, help="Seed of everything random.")]
File = Annotated[
    str | None, Option("--file", metavar="FILE", help="Read lines from this file, as from standard input.")
]
Jobs = Annotated[
    int | None,
    Option(
        "--jobs",
        metavar="N",
        min=1,
        help="Worker processes for lines. [default: one per core]",
    ),
]
CheckJobs = Annotated[
    int | None,
    Option(
        "--jobs",
        metavar="N",
        min=1,
        help="Worker processes: for lines one per core by default; for your code 1, more load your file once each.",
    ),
]
Timeout = Annotated[
    float | None,
    Option("--timeout", metavar="SECONDS", help="End what is silent for so long; 0: never. [default: 5, 20 for code]"),
]
Memory = Annotated[
    float | None,
    Option("--memory", metavar="MIB", help="MiB a worker may add to its own size; 0: no limit. [default: 1024]"),
]
NoLimits = Annotated[bool, Option("--no-limits", help="Accept trusted input of any size and duration.")]
OutputFormat = Annotated[Format, Option("--format", help="auto: a table on a terminal, plain columns in a pipe.")]
OutputCheckFormat = Annotated[
    CheckFormat, Option("--format", help="auto: a table on a terminal, plain columns in a pipe.")
]
OutputFile = Annotated[
    str | None, Option("--output", "-o", metavar="FILE", help="Write there, not to standard output.")
]
WhenColor = Annotated[Color, Option("--color", help="Colours: on a terminal (auto), always, never.")]
Quiet = Annotated[bool, Option("--quiet", "-q", help="Say nothing where all is well.")]
Verbose = Annotated[bool, Option("--verbose", "-v", help="Say what was understood, also in a pipe.")]

Target = Annotated[
    str | None,
    Argument(
        metavar="TARGET",
        help="linreg, nn, FILE.py[:loss[,grad]], package.module:loss, EXPR, or - for lines.",
        autocompletion=models,
    ),
]
Grad = Annotated[
    str | None, Option("--grad", metavar="FORMULAS", help="The gradient to check, a formula per variable: 2*x*y, x**2.")
]
CheckAt = Annotated[
    list[str] | None,
    Option("--at", metavar="POINT", help="x=1,y=2, or for code and models zeros, random, or a .json/.npy/.csv file."),
]
Points = Annotated[int, Option("--points", metavar="N", min=1, help="Points to check at, the later ones perturbed.")]
Only = Annotated[str | None, Option("--only", metavar="PATTERN", help="Check the parameters whose names match: W1*.")]
All = Annotated[
    bool, Option("--all", help="Look at each partial, also where your loss has more than 4,096; see --directions.")
]
Directions = Annotated[
    int | None,
    Option(
        "--directions",
        metavar="K",
        min=1,
        help="Judge each block (W1, b1, ..) along K random directions, a wrong one partial by partial."
        " [default: 1 where your loss has more than 4,096 partials]",
    ),
]
Vectorized = Annotated[
    bool, Option("--vectorized", help="Your loss takes k stacked points, (k, P) -> (k,): verified, then used.")
]
AllowUnresolved = Annotated[
    bool, Option("--allow-unresolved", help="Exit 0 where some partials cannot be judged and others pass.")
]
Data = Annotated[
    str | None, Option("--data", metavar="CSV", help="A data file with a header, or - for standard input.")
]
DataTarget = Annotated[str | None, Option("--target", metavar="COLUMN", help="The column to predict.")]
Features = Annotated[str | None, Option("--features", metavar="COLUMNS", help="The columns to predict from: a,b.")]
NoIntercept = Annotated[bool, Option("--no-intercept", help="y = X w, without b.")]
Hidden = Annotated[str | None, Option("--hidden", metavar="SIZES", help="nn: tanh layers of these sizes: 8,4.")]
Break = Annotated[
    Mistake | None, Option("--break", help="linreg and nn: plant a mistake in the gradient, to watch it being caught.")
]
LearningRate = Annotated[float | None, Option("--lr", metavar="ALPHA", help="Learning rate. [default: 1/L]")]
Iterations = Annotated[int | None, Option("--iterations", metavar="N", min=1, help="Take at most so many steps.")]
Tol = Annotated[float, Option("--tol", metavar="NUMBER", help="Converged so near to the minimal loss, relatively.")]
CheckEvery = Annotated[
    int | None, Option("--check-every", metavar="N", min=1, help="Check the gradient every N iterations.")
]
NoStandardize = Annotated[bool, Option("--no-standardize", help="Descend in the data's own units.")]
Save = Annotated[str | None, Option("--save", metavar="FILE", help="Write the parameters as JSON for check --at.")]
Trace = Annotated[bool, Option("--trace", help="A record per iteration as well.")]
