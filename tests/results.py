"""Small results made by hand, for tests of what is shown."""

from array import array

from gradcli.derivation import Derivation
from gradcli.problem import Estimate, Nature, Slope
from gradcli.report import NATURES, VERDICTS, Cause, Columns, Comparison, Diagnosis, Report, Verdict


def derivation(**changes):
    row = Comparison(
        0, "x", 3.0, Slope(6.0), Estimate(Slope(6.000000001), "central", 1.8e-05, 1.2e-10, 3), 1e-6, Verdict.PASS
    )
    fields = {
        "expression": "x**2 + 1",
        "parsed": "x**2 + 1",
        "order": 1,
        "formulas": {"x": "2*x"},
        "point": {"x": 3.0},
        "comparisons": (row,),
    }
    return Derivation(**fields | changes)


def at_a_kink():
    slope = Slope(None, -1.0, 1.0, Nature.KINK)
    row = Comparison(
        0,
        "x",
        0.0,
        slope,
        Estimate(Slope(0.0), "central", 6e-06, 1e-16, 3),
        1e-6,
        Verdict.UNDEFINED,
        "no derivative here",
    )
    return derivation(
        expression="abs(x)", parsed="Abs(x)", formulas={"x": "sign(x)"}, point={"x": 0.0}, comparisons=(row,)
    )


def report(verdicts=("pass", "fail"), *, diagnoses=None, **changes):
    n = len(verdicts)
    columns = Columns(
        analytic=array("d", [6.0] * n),
        numeric=array("d", [6.0 if verdict == "pass" else 3.0 for verdict in verdicts]),
        error=array("d", [1e-12] * n),
        step=array("d", [1e-5] * n),
        left=array("d", [float("nan")] * n),
        right=array("d", [float("nan")] * n),
        evaluations=array("d", [4.0] * n),
        nature=array("b", [NATURES.index(None)] * n),
        verdict=array("b", [VERDICTS.index(Verdict(verdict)) for verdict in verdicts]),
    )
    factor = Diagnosis(Cause("factor"), ("b",), "analytic / numeric = 2.0000 in 1 of 1 partials", "drop the 2")
    fields = {
        "target": "model.py:loss",
        "parameters": tuple("wbcdefgh"[:n]),
        "points": (array("d", [0.5] * n),),
        "looked": tuple(range(n)),
        "columns": columns,
        "tolerance": 1e-6,
        "evaluations": 14,
        "diagnoses": ((factor,) if "fail" in verdicts else ()) if diagnoses is None else diagnoses,
        "source": ("model.py", 12),
    }
    return Report(**fields | changes)
