"""`gradcli` and `python -m gradcli`: the worker starts to load SymPy while this process reads its options."""

from __future__ import annotations

import sys

NEEDS_A_WORKER = frozenset({"derive", "check", "sweep"})


def main() -> None:
    """Run the command line and exit."""
    words = sys.argv[1:]
    if words and words[0] in NEEDS_A_WORKER and not {"-h", "--help"} & set(words):
        from gradcli.loading import load_expressions
        from gradcli.workers import warm

        warm(load_expressions)
    from gradcli.cli import run

    sys.exit(run(words))


if __name__ == "__main__":
    main()
