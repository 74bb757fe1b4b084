"""A person's Python file or module as problems to check.

A target is `FILE.py[:loss[,grad]]` or `package.module[:loss[,grad]]`; which functions are meant where it names none
stands in `naming`, what they may look like in `layout`.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.machinery import SourceFileLoader
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.userfile.blame import blame, blame_syntax
from gradcli.userfile.naming import Found, find
from gradcli.userfile.startpoint import At, Number, start_point, x0_from
from gradcli.userfile.usercode import Functions, problem_of

if TYPE_CHECKING:
    from types import CodeType, ModuleType

    from gradcli.problem import Array, Problem
    from gradcli.userfile.layout import Layout

NAMES = re.compile(r"[^\W\d][\w.]*(\s*,\s*[^\W\d][\w.]*)*")
MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclass(frozen=True, slots=True)
class Target:
    """What a person named: a file or a module, and the names after the colon."""

    place: str
    names: tuple[str, ...]
    is_file: bool


def is_user_code(text: str) -> bool:
    """Does this name a Python file or module rather than an expression? `model.py`, `model.py:f,g`, `a.b:loss`."""
    place, names = _parted(text)
    return place.endswith(".py") or (bool(names) and MODULE.fullmatch(place) is not None)


def load(
    target: str, *, at: At | None = None, seed: int = 0, number: Number = float, vectorized: bool = False
) -> list[Problem]:
    """The problems in a file or module, each at its x0 or where `at` says; every function is called there once.

    number: reads the text of one value of `at`. The file's folder (for a module: the current one) goes to the front of
    sys.path. vectorized: the losses take stacked points, or `losses` is to be used, else it is an error. Raises
    GradcliError for whatever cannot be found, loaded or called.
    """
    wanted = parse(target)
    module = _loaded(wanted)
    return [_problem(wanted, one, at, seed, number, vectorized) for one in find(module, wanted.place, wanted.names)]


def point_at(problem: Problem, at: At, *, seed: int = 0, number: Number = float) -> Array:
    """Another point (P,) for a problem that was loaded, from another `--at`."""
    return start_point(at, problem.parameters, problem.point, seed=seed, number=number)


def parse(target: str) -> Target:
    """Take a target apart at its last colon; the one after a drive letter is none."""
    place, names = _parted(target)
    if target.endswith(":"):
        raise GradcliError(f"no name after the colon in {target!r}", f"write {place}:loss, or {place}:loss,grad")
    if len(names) > 2:
        raise GradcliError(f"too many names in {target!r}", f"write {place}:loss,grad")
    is_file = place.endswith(".py") or "/" in place or "\\" in place or _exists(place)
    if not is_file and not MODULE.fullmatch(place):
        raise GradcliError(
            f"{place!r} is neither a Python file nor a module", "write FILE.py:loss, or package.module:loss"
        )
    return Target(place, names, is_file)


def _parted(target: str) -> tuple[str, tuple[str, ...]]:
    place, colon, names = target.rpartition(":")
    if not colon or target.endswith(".py") or _exists(target):
        return target, ()
    if not names:
        return place, ()
    if not NAMES.fullmatch(names.strip()):
        return target, ()
    return place, tuple(name.strip() for name in names.split(","))


def _exists(path: str) -> bool:
    return exists(path)  # noqa: PTH110 - Path.exists raises for a text too long to be a path


def _problem(target: Target, found: Found, at: At | None, seed: int, number: Number, vectorized: bool) -> Problem:
    functions = Functions(found.loss, found.gradient, found.stacked, found.loss_name, found.gradient_name, found.notes)
    name = f"{target.place}:{found.loss_name}"
    x0 = _called(found.x0, target) if callable(found.x0) else found.x0
    if x0 is None and at is None:
        hint = "define x0 in the file, or give the parameters with --at 1,2,3"
        raise GradcliError(f"{target.place} has no x0, the parameters to check {found.loss_name} at", hint)
    if x0 is None or at is None:
        start_at = x0_from(at, number=number) if x0 is None and at else x0
        return problem_of(functions, start_at, name=name, vectorized=vectorized)

    def start(layout: Layout) -> Array:
        return start_point(at, layout.names, layout.start, seed=seed, number=number)

    return problem_of(functions, x0, name=name, start=start, vectorized=vectorized)


def _called(x0: Any, target: Target) -> object:  # noqa: ANN401
    """The x0 that a function makes."""
    try:
        made: object = x0()
    except BaseException as trouble:
        raise blame(trouble, "x0", _home(target)) from trouble
    return made


def _loaded(target: Target) -> ModuleType:
    """The module, run once; a person's own file is always read afresh."""
    import numpy.random  # noqa: F401 - before their folder is on the path: a random.py there is not NumPy's

    try:
        return _file(target.place) if target.is_file else _module(target.place)
    except GradcliError:
        raise
    except SyntaxError as trouble:
        raise blame_syntax(trouble) from trouble
    except BaseException as trouble:
        raise blame(trouble, f"loading {target.place}", _home(target)) from trouble


def _home(target: Target) -> str | None:
    return str(Path(target.place).resolve()) if target.is_file else None


class _Fresh(SourceFileLoader):
    """Compiles the file that is there: a cached one of the same size and second would be taken for it."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def _file(place: str) -> ModuleType:
    path = _python_file(place)
    _first_on_path(str(path.parent))
    name = _unique(f"_gradcli_{path.stem}")
    spec = importlib.util.spec_from_file_location(name, path, loader=_Fresh(name, str(path)))
    if spec is None or spec.loader is None:
        raise GradcliError(f"{place} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _python_file(place: str) -> Path:
    path = Path(place)
    if not path.exists():
        raise GradcliError(f"there is no file {place}", _similar(path))
    if path.is_dir():
        raise GradcliError(f"{place} is a folder", f"name a file in it: {path / 'model.py'}")
    if path.suffix != ".py":
        raise GradcliError(f"{place} is not a Python file", "name a file that ends in .py, or package.module:loss")
    return path.resolve()


def _module(name: str) -> ModuleType:
    _first_on_path(str(Path.cwd()))
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{name}.".startswith(f"{missing.name}."):
            raise
        hint = "modules are looked for from the current folder; a file is written with its .py"
        raise GradcliError(f"there is no module {missing.name}", hint) from missing


def _first_on_path(folder: str) -> None:
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)


def _unique(name: str) -> str:
    count = sum(other.startswith(name) for other in sys.modules)
    return f"{name}_{count}" if count else name


def _similar(path: Path) -> str:
    close = get_close_matches(path.name, [other.name for other in path.parent.glob("*.py")], n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "the path is read from the current folder"
