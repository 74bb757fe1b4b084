"""Which functions of a person's module belong together: a loss, its gradient, its x0, by their names.

The loss is `loss`, or each `loss_NAME`. The gradient of a loss f is the first that exists of grad_f, gradient_f,
f_grad, f_gradient, f_prime, df, d_f and gradf; that of loss_NAME also grad_NAME and so on; `grad` or `gradient` belongs
to `loss`, or to the only loss there is. x0 is x0_NAME, else x0. `losses` (`losses_NAME`) takes many points at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.userfile.returned import kind

if TYPE_CHECKING:
    from types import ModuleType

PATTERNS = ("grad_{}", "gradient_{}", "{}_grad", "{}_gradient", "{}_prime", "d{}", "d_{}", "grad{}")
PLAIN = ("grad", "gradient")


@dataclass(frozen=True, slots=True)
class Found:
    """A loss and what goes with it, as found by name; x0 None where there is none."""

    loss_name: str
    loss: Callable[..., object]
    gradient_name: str
    gradient: Callable[..., object] | None
    stacked: Callable[..., object] | None
    x0: object
    has_own_x0: bool
    notes: tuple[str, ...] = ()


def find(module: ModuleType, place: str, names: tuple[str, ...] = ()) -> list[Found]:
    """Every loss of a module, or the one named (with its gradient); raises GradcliError where there is none.

    place: the file or module as the person named it. Beside a `loss`, a `loss_NAME` that has neither a gradient nor an
    x0 of its own is taken for a helper, and said to be left out.
    """
    if names:
        return [_one(module, place, *names)]
    losses = loss_names(vars(module), module.__name__)
    if not losses:
        raise GradcliError(f"{place} has no function loss", _suggest(vars(module), module.__name__, place))
    found = [_one(module, place, name) for name in losses]
    helpers = [one for one in found if "loss" in losses and _is_helper(one)]
    notes = tuple(f"{one.loss_name} has no gradient {one.gradient_name} and was not checked" for one in helpers)
    kept = [one for one in found if not any(one is helper for helper in helpers)]
    return [replace(one, notes=notes if one is kept[0] else ()) for one in kept]


def loss_names(space: Mapping[str, object], module: str) -> list[str]:
    """`loss` and each `loss_NAME` written in this module that is not the gradient of another."""
    named = [name for name, thing in space.items() if _is_loss(name, thing, module)]
    gradients = {gradient for name in named for gradient in gradient_names(name)}
    return [name for name in named if name not in gradients]


def gradient_names(loss: str) -> list[str]:
    """What the gradient of a loss may be called, the likeliest first."""
    stem = loss.removeprefix("loss_").removesuffix("_loss")
    if loss == "loss":
        return [*PLAIN, *(pattern.format(loss) for pattern in PATTERNS)]
    return list(dict.fromkeys(pattern.format(name) for name in (stem, loss) for pattern in PATTERNS))


def _is_loss(name: str, thing: object, module: str) -> bool:
    if name == "loss":
        return callable(thing)
    written_here = getattr(thing, "__module__", module) == module
    return name.startswith("loss_") and callable(thing) and not isinstance(thing, type) and written_here


def _is_helper(one: Found) -> bool:
    return one.loss_name != "loss" and one.gradient is None and not one.has_own_x0


def _one(module: ModuleType, place: str, loss: str, gradient: str | None = None) -> Found:
    """The loss of this name with all that belongs to it."""
    function = _function(module, place, loss)
    holder, name = _holder(module, loss)

    def look(wanted: str) -> Any:  # noqa: ANN401
        return getattr(holder, wanted, getattr(module, wanted, None))

    stem = name.removeprefix("loss_").removesuffix("_loss")
    possible = gradient_names(name) + (list(PLAIN) if _only_loss(module, name) else [])
    chosen = gradient or next((candidate for candidate in possible if callable(look(candidate))), None)
    own = [look(f"x0_{one}") for one in (stem, name)]
    x0 = next((value for value in (*own, look("x0")) if value is not None), None)
    stacked = look("losses" if name == "loss" else f"losses_{stem}")
    return Found(
        loss,
        function,
        chosen or ("grad" if name == "loss" else f"grad_{stem}"),
        None if chosen is None else look(chosen) if gradient is None else _function(module, place, gradient),
        stacked if callable(stacked) else None,
        x0,
        any(value is not None for value in own),
    )


def _only_loss(module: ModuleType, name: str) -> bool:
    """May a plain `grad` be meant for this loss? Not where another loss could claim it."""
    return not set(loss_names(vars(module), module.__name__)) - {name}


def _holder(module: ModuleType, dotted: str) -> tuple[object, str]:
    """What a dotted name (`Model.loss`) is an attribute of."""
    holder: object = module
    *parts, name = dotted.split(".")
    for part in parts:
        holder = getattr(holder, part, None)
    return holder, name


def _function(module: ModuleType, place: str, dotted: str) -> Callable[..., object]:
    holder, name = _holder(module, dotted)
    function = getattr(holder, name, None)
    if function is None:
        raise GradcliError(f"{place} has no function {dotted}", _suggest(vars(module), module.__name__, place, dotted))
    if not callable(function):
        raise GradcliError(f"{dotted} in {place} is {kind(function)}, not a function")
    checked: Callable[..., object] = function
    return checked


def _suggest(space: Mapping[str, object], module: str, place: str, wanted: str = "loss") -> str:
    """A name that would work."""
    functions = [name for name, thing in space.items() if _written_here(name, thing, module)]
    close = get_close_matches(wanted, functions, n=1)
    if close:
        return f"did you mean {place}:{close[0]}?"
    if not functions:
        return "write functions loss(params) and grad(params), and x0, the parameters to check at"
    return f"name the functions to check, {place}:f,g; it has {_listed(functions)}"


def _written_here(name: str, thing: object, module: str) -> bool:
    return callable(thing) and not name.startswith("_") and getattr(thing, "__module__", None) == module


def _listed(names: Iterable[str], most: int = 6) -> str:
    shown = list(names)
    return ", ".join(shown[:most]) + (", .." if len(shown) > most else "")
