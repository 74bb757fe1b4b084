"""`gradcli` and `python -m gradcli`: the worker starts to load SymPy while this process reads its options."""

from __future__ import annotations

import sys

NEEDS_A_WORKER = frozenset({"derive", "check", "sweep", "plot"})


def main() -> None:
    """Run the command line and exit."""
    words = sys.argv[1:]
    if words and words[0] in NEEDS_A_WORKER and not {"-h", "--help"} & set(words):
        from gradcli.loading import load_expressions, load_for_many
        from gradcli.workers import warm

        many = any(word == "-" or word.startswith("--file") for word in words)
        warm(load_for_many if many else load_expressions, many=many)
    from gradcli.cli import run

    sys.exit(run(words))


if __name__ == "__main__":
    main()
