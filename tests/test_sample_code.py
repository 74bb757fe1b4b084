"""Every Python file in sample_expressions gets the verdict and the cause that its docstrings state."""

import re
from pathlib import Path

import pytest

from gradcli.check import check_gradient
from gradcli.userfile import load

SAMPLES = Path(__file__).parents[1] / "sample_expressions"
STATED = re.compile(r"Stated verdict: (\w+)(?:, ([\w-]+))?\.")


def samples():
    for path in sorted(SAMPLES.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if found := STATED.search(text.split('"""')[1]):
            yield pytest.param(path, "loss", *found.groups(), id=path.stem)
        for name, docstring in re.findall(r'def (loss_\w+)\(\w+\):\n    """(.*?)"""', text, re.DOTALL):
            found = STATED.search(docstring)
            assert found, f"{path.name}:{name} states no verdict"
            yield pytest.param(path, name, *found.groups(), id=f"{path.stem}-{name}")


@pytest.mark.parametrize(("path", "name", "verdict", "cause"), list(samples()))
def test_sample_gets_what_its_docstring_states(path, name, verdict, cause):
    report = check_gradient(load(f"{path}:{name}")[0])
    causes = [str(diagnosis.cause) for diagnosis in report.diagnoses]
    assert (str(report.verdict), causes[:1]) == (verdict, [cause] if cause else [])
