"""The number of workers changes nothing but the time."""

import pytest
from mixed_expressions import mixed

LINES = [each.line for each in mixed(60, seed=2)]
LINES[10:10] = [
    "sin(x @ 1",
    "",
    "# a comment",
    "abs(x) @ 0",
    "x**2",
    '{"id": 7, "expr": "x*y", "at": {"x": 1, "y": 2}}',
]


@pytest.mark.parametrize("format_", ["plain", "table", "json", "jsonl", "csv", "tsv", "markdown"])
def test_any_number_of_jobs_gives_the_same_bytes_in_every_format(shell, format_):
    words = ("derive", "-", "--format", format_, "--jobs")
    one, two = (shell(*words, jobs, text="\n".join(LINES)) for jobs in ("1", "2"))
    assert (one.out, one.err, one.code) == (two.out, two.err, two.code)
    assert one.code == 2
    assert len(one.out) > 1000
