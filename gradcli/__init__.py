"""Check a gradient: symbolic against numeric, with an honest error, a verdict and a likely cause.

`derivative` and `gradient` measure, `check_gradient` returns a `Report`, `assert_gradient` is for tests:

    from gradcli import assert_gradient

    def test_my_gradient():
        assert_gradient(loss, grad, x0)

Everything is loaded when it is first used: `import gradcli` alone loads neither NumPy nor SymPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.api import assert_gradient, check_gradient, derivative, gradient
    from gradcli.errors import GradcliError
    from gradcli.problem import Estimate, Nature, Slope
    from gradcli.report import Cause, Comparison, Diagnosis, Report, Verdict

__version__ = "0.1.0"

__all__ = [
    "Cause",
    "Comparison",
    "Diagnosis",
    "Estimate",
    "GradcliError",
    "Nature",
    "Report",
    "Slope",
    "Verdict",
    "__version__",
    "assert_gradient",
    "check_gradient",
    "derivative",
    "gradient",
]

_HOMES = {
    "api": ("assert_gradient", "check_gradient", "derivative", "gradient"),
    "errors": ("GradcliError",),
    "problem": ("Estimate", "Nature", "Slope"),
    "report": ("Cause", "Comparison", "Diagnosis", "Report", "Verdict"),
}


def __getattr__(name: str) -> object:
    """Import what a name stands for when it is first asked for."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(f"gradcli.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'gradcli' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
