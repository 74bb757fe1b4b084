"""Functions that are in a gradient by mistake or are forgotten there: of one parameter, or of the whole point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradcli.diagnosis.partials import Floats, Partials

    Map: TypeAlias = Callable[[Floats], Floats]


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


FUNCTIONS: tuple[tuple[str, Map], ...] = (
    ("theta", lambda x: x),
    ("theta^2", lambda x: x**2),
    ("|theta|", np.abs),
    ("sign(theta)", np.sign),
    ("sqrt|theta|", lambda x: np.sqrt(np.abs(x))),
    ("exp(theta)", np.exp),
    ("exp(2 theta)", lambda x: np.exp(2 * x)),
    ("exp(theta/2)", lambda x: np.exp(x / 2)),
    ("sigmoid(theta)", _sigmoid),
    ("1 - sigmoid(theta)", lambda x: 1 - _sigmoid(x)),
    ("sigmoid(theta) (1 - sigmoid(theta))", lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    ("theta (1 - theta)", lambda x: x * (1 - x)),
    ("1 - theta", lambda x: 1 - x),
    ("1 + theta", lambda x: 1 + x),
    ("1 - theta^2", lambda x: 1 - x**2),
    ("1 + theta^2", lambda x: 1 + x**2),
    ("sqrt(1 + theta^2)", lambda x: np.sqrt(1 + x**2)),
    ("tanh(theta)", np.tanh),
    ("1 + tanh(theta)", lambda x: 1 + np.tanh(x)),
    ("1 - tanh(theta)", lambda x: 1 - np.tanh(x)),
    ("1 - tanh(theta)^2", lambda x: 1 - np.tanh(x) ** 2),
    ("sin(theta)", np.sin),
    ("cos(theta)", np.cos),
    ("cos(theta)^2", lambda x: np.cos(x) ** 2),
    ("tan(theta)", np.tan),
    ("ln(theta)", np.log),
    ("ln(theta)^2", lambda x: np.log(x) ** 2),
)
"""phi of analytic = c * numeric * phi(theta); 1/phi is tried as well."""


def functions_of(theta: Floats) -> tuple[tuple[str, ...], Floats]:
    """The names of each phi and 1/phi, and their values (M, ...) at theta; NaN where there is none."""
    names = tuple(text for name, _ in FUNCTIONS for text in (name, f"1/({name})" if " " in name else f"1/{name}"))
    with np.errstate(all="ignore"):
        values = np.array([(value := phi(theta), 1 / value) for _, phi in FUNCTIONS])
    values = values.reshape(len(names), *theta.shape)
    return names, np.where(np.isfinite(values), values, np.nan)


def quantities(partials: Partials) -> list[tuple[str, Floats]]:
    """Scalars of each point (K,) that a factor may consist of: the loss, norms, single parameters; finite, not zero."""
    theta, gn = partials.points, partials.numeric
    found: list[tuple[str, Floats]] = []
    if len(partials.losses):
        found += _powers("loss", partials.losses)
        found += [("exp(loss)", np.exp(np.minimum(partials.losses, 700.0)))]
    norm = np.linalg.norm(theta, axis=1)
    found += [("|theta|", norm), ("|theta|^2", norm**2), ("sqrt(1 + |theta|^2)", np.sqrt(1 + norm**2))]
    found += [("|gradient|", np.linalg.norm(gn, axis=1)), ("sum(theta)", np.sum(theta, axis=1))]
    found += [("product of theta", np.prod(theta, axis=1))] if len(partials) < 10 else []
    for column, name in enumerate(partials.names[:64]):
        value = theta[:, column]
        found += [*_powers(name, value), *((f"exp({k} {name})", np.exp(np.clip(k * value, -700, 700))) for k in (1, 2))]
    return [(name, value) for name, value in found if np.all(np.isfinite(value)) and np.all(value != 0)]


def _powers(name: str, value: Floats) -> list[tuple[str, Floats]]:
    with np.errstate(over="ignore"):
        root = [(f"sqrt({name})", np.sqrt(value))] if np.all(value > 0) else []
        return [(name, value), (f"{name}^2", value**2), *root]
