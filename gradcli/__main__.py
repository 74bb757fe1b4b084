"""`gradcli` and `python -m gradcli`: the worker starts to load SymPy while this process reads its options."""

from __future__ import annotations

import sys

from gradcli.loading import importing, load_expressions, load_for_many, load_what_both_sides_need

NEEDS_A_WORKER = frozenset({"derive", "check", "sweep", "plot"})
NEEDS_NONE = frozenset({"-h", "--help", "linreg", "nn"})
"""Words with which such a command answers by itself."""


def main() -> None:
    """Run the command line and exit."""
    words = sys.argv[1:]
    if is_about_expressions(words):
        from gradcli.workers import warm

        load_what_both_sides_need()
        many = any(word == "-" or word.startswith("--file") for word in words)
        warm(load_for_many if many else load_expressions, many=many)
    with importing():
        from gradcli.cli import run
    sys.exit(run(words))


def is_about_expressions(words: list[str]) -> bool:
    """Whether a worker that knows SymPy will be wanted; a wrong guess costs time alone."""
    if not words or words[0] not in NEEDS_A_WORKER or NEEDS_NONE.intersection(words):
        return False
    target = next((word for word in words[1:] if not word.startswith("--")), "")
    return not (target.endswith(".py") or ":" in target)


if __name__ == "__main__":
    main()
