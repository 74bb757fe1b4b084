"""A SymPy expression as text that a person can read and `parser.parse` reads back.

The text is that of SymPy's own printer, letter by letter, but for decimals (0.1, whatever precision they carry) and e
(E is a variable). A part that occurs again is not written again: all partials of a product share its factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any, ClassVar

from sympy import Add, Basic, Float, Function, Integer, Mul, Number, Pow, Rational, S, Symbol
from sympy.printing.precedence import PRECEDENCE, PRECEDENCE_VALUES, precedence
from sympy.printing.str import StrPrinter

from gradcli.expression.construct import EXACT_INTEGERS
from gradcli.expression.limits import Symbolic, deep_recursion
from gradcli.expression.ordering import Ordering, is_negative, leading

SUM, PRODUCT, POWER, ATOM = (int(PRECEDENCE[name]) for name in ("Add", "Mul", "Pow", "Atom"))


def write(expression: Symbolic) -> str:
    """The expression in the spelling of the parser: e for Euler's number, decimals as the shortest that mean them."""
    return Writer().write(expression)


class Writer(StrPrinter):  # type: ignore[misc]
    """SymPy's spelling of expressions that share parts; what was written is kept as long as this is."""

    def __init__(self) -> None:
        super().__init__()
        self._order = Ordering()
        self._written: dict[int, tuple[Symbolic, str]] = {}

    def write(self, expression: Symbolic) -> str:
        """The text of one expression."""
        with deep_recursion():
            return self._print(expression)

    def _print(self, expr: Symbolic, **kwargs: Any) -> str:  # noqa: ANN401
        known = self._written.get(id(expr))
        if known is not None and not kwargs:
            return known[1]
        if kwargs or not isinstance(expr, Basic):
            return super()._print(expr, **kwargs)  # type: ignore[no-any-return]
        way = self.WAYS.get(type(expr)) or self._way(type(expr))
        text = way(self, expr)
        self._written[id(expr)] = (expr, text)
        return text

    def parenthesize(self, item: Symbolic, level: int, strict: bool = False) -> str:
        """The text of a part inside something that binds as tightly as `level`."""
        own = _level(item)
        text = self._print(item)
        return f"({text})" if own < level or (own == level and not strict) else text

    def _symbol(self, symbol: Symbolic) -> str:
        name: str = symbol.name
        return name

    def _integer(self, number: Symbolic) -> str:
        return str(number.p)

    def _rational(self, number: Symbolic) -> str:
        return f"{number.p}/{number.q}"

    def _float(self, number: Symbolic) -> str:
        nearest = float(number)
        if nearest.is_integer() and abs(nearest) < EXACT_INTEGERS:
            return str(int(nearest))
        return repr(nearest) if isfinite(nearest) and (nearest or not number) else str(number.n(17))

    def _call(self, call: Symbolic) -> str:
        return f"{type(call).__name__}({', '.join(map(self._print, call.args))})"

    def _sum(self, total: Symbolic) -> str:
        """The terms, each behind its sign."""
        pieces: list[str] = []
        for term in self._terms(total):
            text = self._print(term)
            inside = term.is_Add
            sign = " - " if text.startswith("-") and not inside else " + "
            text = text[1:] if sign == " - " else text
            pieces += (sign, f"({text})" if inside or _level(term) < SUM else text)
        pieces[0] = "-" if pieces[0] == " - " else ""
        return "".join(pieces)

    def _terms(self, total: Symbolic) -> Sequence[Symbolic]:
        try:
            return self._order.terms(total)
        except Exception:  # noqa: BLE001 - SymPy evaluates constants to sort them, and mpmath raises what it likes
            terms: Sequence[Symbolic] = total.args
            return terms

    def _product(self, product: Symbolic) -> str:
        """A number, the factors, then over a stroke those with negative exponents."""
        if _is_unevaluated(product):
            return super()._print_Mul(product)  # type: ignore[no-any-return]
        level = _level(product)
        above: list[str] = []
        below: list[str] = []
        number, factors = self._order.factors(product)
        for factor in factors:
            if not (isinstance(factor, Pow) and is_negative(leading(factor.exp))):
                above.append(self.parenthesize(factor, level))
            elif factor.exp is S.NegativeOne:
                below.append(self._divisor(factor.base, level))
            else:
                below.append(self.parenthesize(_inverted(factor), level))
        sign = "-" if is_negative(number) else ""
        if number.is_Rational:
            above[:0] = [str(abs(number.p))] if abs(number.p) != 1 or not above else []
            below[:0] = [str(number.q)] if number.q != 1 else []
        else:
            above.insert(0, self._print(abs(number)))
        quotient = sign + "*".join(above)
        if not below:
            return quotient
        return f"{quotient}/{below[0]}" if len(below) == 1 else f"{quotient}/({'*'.join(below)})"

    def _divisor(self, base: Symbolic, level: int) -> str:
        return f"({self._print(base)})" if isinstance(base, Pow) else self.parenthesize(base, max(level, PRODUCT))

    def _power(self, power: Symbolic) -> str:
        """A root, a reciprocal, or base**exponent."""
        base, exponent = power.args
        if exponent is S.Half:
            return f"sqrt({self._print(base)})"
        if exponent == -S.Half:
            return f"1/sqrt({self._print(base)})"
        if exponent is S.NegativeOne:
            return f"1/{self.parenthesize(base, POWER)}"
        return f"{self.parenthesize(base, POWER)}**{self.parenthesize(exponent, POWER)}"

    def _print_Exp1(self, _: Symbolic) -> str:  # noqa: N802
        return "e"

    WAYS: ClassVar[dict[type, Callable[[Any, Symbolic], str]]] = {
        Add: _sum,
        Mul: _product,
        Pow: _power,
        Symbol: _symbol,
        Integer: _integer,
        Rational: _rational,
        Float: _float,
    }
    """How what formulas consist of is written; other classes are added when they are first met."""

    @classmethod
    def _way(cls, kind: type) -> Callable[[Any, Symbolic], str]:
        """A function is written by its name, unless SymPy has a way of its own; SymPy writes all the rest."""
        way: Callable[[Any, Symbolic], str] = StrPrinter._print  # noqa: SLF001
        if issubclass(kind, Integer):
            way = cls._integer
        elif issubclass(kind, Function) and not hasattr(kind, "_sympystr"):
            names = [each.__name__ for each in kind.__mro__[: kind.__mro__.index(Function)]]
            way = way if any(hasattr(StrPrinter, f"_print_{name}") for name in names) else cls._call
        cls.WAYS[kind] = way
        return way


def _level(part: Symbolic) -> int:
    """How tightly a part binds."""
    if part.is_Add:
        return SUM
    if part.is_Mul:
        return SUM if is_negative(part.args[0]) else PRODUCT
    if part.is_Number:
        return int(precedence(part))
    kind: Symbolic = type(part)
    return _level_of(kind)


@lru_cache(maxsize=1024)
def _level_of(kind: Symbolic) -> int:
    names = [base.__name__ for base in kind.__mro__]
    levels = [PRECEDENCE_VALUES[name] for name in names if name in PRECEDENCE_VALUES]
    return levels[0] if levels else ATOM


def _is_unevaluated(product: Symbolic) -> bool:
    """Whether SymPy prints the factors one by one, for they would be combined if they were multiplied."""
    return product.args[0] is S.One or any(
        isinstance(factor, Number) or (factor.is_Pow and all(part.is_Integer for part in factor.args))
        for factor in product.args[1:]
    )


def _inverted(power: Symbolic) -> Symbolic:
    """1 over a power with a negative exponent, as it is."""
    base, exponent = power.as_base_exp()
    return Pow(base, -exponent if exponent.is_Number else _negated(exponent), evaluate=False)


def _negated(exponent: Symbolic) -> Symbolic:
    coefficient, *others = Mul.make_args(exponent)
    kept = others if coefficient is S.NegativeOne else [-coefficient, *others]
    return Mul._from_args(kept)  # noqa: SLF001
