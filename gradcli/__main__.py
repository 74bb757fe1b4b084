"""`gradcli` and `python -m gradcli`: the worker starts to load SymPy while this process reads its options."""

from __future__ import annotations

import sys

NEEDS_A_WORKER = frozenset({"derive", "check", "sweep", "plot"})
NEEDS_NONE = frozenset({"-h", "--help", "linreg", "nn"})
"""Words with which such a command answers by itself."""


def main() -> None:
    """Run the command line and exit."""
    words = sys.argv[1:]
    if words and words[0] in NEEDS_A_WORKER and not NEEDS_NONE.intersection(words):
        from gradcli.loading import load_expressions, load_for_many, load_what_both_sides_need
        from gradcli.workers import warm

        load_what_both_sides_need()
        many = any(word == "-" or word.startswith("--file") for word in words)
        warm(load_for_many if many else load_expressions, many=many)
    from gradcli.cli import run

    sys.exit(run(words))


if __name__ == "__main__":
    main()
