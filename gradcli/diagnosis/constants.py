"""Names for numbers that turn up as factors: small fractions, 1/N, roots, logarithms, degrees, learning rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from gradcli.diagnosis.words import number

NARROWEST = 2e-6
"""Relative width below which an interval proves no more: an arbitrary error may well be a round 1.3."""


LARGEST = 1e12
"""Size of a number beyond which it is not called by a name, nor its inverse."""
CLEAR = 5.0
"""Bits from which on a number is called by its name."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number with a name; `cost` is about how many positive numbers are as simple as this one."""

    value: float
    text: str
    cost: float
    hint: str

    def surprise(self, low: float, high: float) -> float:
        """Bits: -log2 of the chance that an interval of this relative width holds a number so simple."""
        width = max((high - low) / abs(self.value), NARROWEST)
        return max(0.0, -math.log2(self.cost * width))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that was measured: the constant it is if that is clear, else its middle; surprise in bits."""

    value: float
    text: str
    surprise: float
    hint: str | None = None

    @property
    def named(self) -> str:
        """The number in digits, with its name if that says more."""
        return (
            number(self.value) if self.hint is None or _is_decimal(self.text) else f"{number(self.value)} ({self.text})"
        )


def amount_between(low: float, high: float) -> Amount:
    """What a number in this interval is called."""
    constant = name_constant(low, high)
    surprise = constant.surprise(low, high) if constant else 0.0
    if constant and surprise > CLEAR:
        return Amount(constant.value, constant.text, surprise, constant.hint)
    middle = (low + high) / 2
    return Amount(middle, number(middle), surprise)


def _is_decimal(text: str) -> bool:
    return "/" not in text and text.strip("-").replace(".", "").isdecimal()


def name_constant(low: float, high: float) -> Constant | None:
    """The simplest constant in [low, high], None where the interval is too wide to single one out or holds none."""
    if not -LARGEST < low <= high < LARGEST or -1 / LARGEST < low <= high < 1 / LARGEST or low <= 0 <= high:
        return None
    if high < 0:
        positive = name_constant(-high, -low)
        return None if positive is None else _negative(positive)
    found = [known for known in KNOWN if low <= known.value <= high]
    found.append(_fraction(_simplest_between(Fraction(float(low)), Fraction(float(high)))))
    best = min(found, key=lambda constant: constant.cost)
    return best if best.surprise(low, high) > 0 else None


def _negative(positive: Constant) -> Constant:
    text = f"-({positive.text})" if " " in positive.text else f"-{positive.text}"
    also = "" if positive.value == 1 else f"; besides, {positive.hint}"
    return Constant(-positive.value, text, 2 * positive.cost, SIGN_HINT + also)


def _simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator in [low, high], 0 < low <= high (Stern-Brocot)."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1
    return below + 1 / _simplest_between(1 / (high - below), 1 / (low - below))


def _fraction(value: Fraction) -> Constant:
    p, q = value.numerator, value.denominator
    return Constant(p / q, str(value), float(p) * float(q), _fraction_hint(p, q))


def _fraction_hint(p: int, q: int) -> str:
    """What p/q usually means as analytic / numeric."""
    if (p, q) in SMALL:
        return SMALL[p, q]
    if q == 1:
        return (
            f"a factor {p} too much: a sum in the gradient where the loss takes a mean over {p}, or the same {p} twice"
        )
    if p == 1:
        return f"a factor {q} is missing: a mean over {q} in the gradient where the loss takes a sum, or divided twice"
    if abs(p - q) == 1:
        return f"N/(N-1) or its inverse with N = {max(p, q)}: a sum divided by N in one place and by N - 1 in the other"
    if p == 2:
        return f"2/{q}: the 2 of a square too much (or a 1/2 forgotten) together with a division by {q} too many"
    return f"look for a factor {p} that does not belong there and a {q} that is missing"


SIGN_HINT = (
    "the sign is opposite: prediction - target the other way round, a forgotten minus, or the step of descent "
    "instead of the gradient"
)
SMALL = {
    (1, 1): "the same",
    (2, 1): "it is twice too large: a 2 from a square although the loss has a 1/2, or something counted twice",
    (1, 2): "it is half as large as it should be: the 2 from the square is missing, or a 1/2 too much",
    (4, 1): "it is 4 times too large: a 2 too much that was squared or applied twice, or a mean over 4 forgotten",
    (1, 4): "it is 4 times too small: the 2 is missing twice, or a mean over 4 taken twice",
}
RATE = "this looks like a learning rate: multiply it in when stepping, not in the gradient"
KNOWN = tuple(
    Constant(value, text, cost, hint)
    for value, text, cost, hint in (
        (math.log(10), "ln 10", 20, "log10 and ln are mixed: d log10(u) = du / (u ln 10)"),
        (1 / math.log(10), "1/ln 10", 20, "log10 and ln are mixed: d log10(u) = du / (u ln 10), d ln(u) = du / u"),
        (math.log(2), "ln 2", 20, "log2 or 2^u and ln or e^u are mixed: d 2^u = ln 2 * 2^u du"),
        (1 / math.log(2), "1/ln 2", 20, "log2 and ln are mixed: d log2(u) = du / (u ln 2)"),
        (math.pi / 180, "pi/180", 20, "degrees are taken for radians: the chain rule gives a factor pi/180 once"),
        (180 / math.pi, "180/pi", 20, "degrees and radians: the factor pi/180 of the chain rule is missing"),
        (math.pi, "pi", 20, "a factor pi too much"),
        (1 / math.pi, "1/pi", 20, "a factor pi is missing"),
        (2 * math.pi, "2 pi", 20, "a factor 2 pi too much: frequency and angular frequency"),
        (1 / (2 * math.pi), "1/(2 pi)", 20, "a factor 2 pi is missing: frequency and angular frequency"),
        (math.pi / 2, "pi/2", 30, "a factor pi/2 too much"),
        (2 / math.pi, "2/pi", 30, "a factor pi/2 is missing"),
        (math.sqrt(2 * math.pi), "sqrt(2 pi)", 30, "the normalisation of the Gaussian is in one of the two only"),
        (1 / math.sqrt(2 * math.pi), "1/sqrt(2 pi)", 30, "the normalisation of the Gaussian is in one of the two only"),
        (2 / math.sqrt(math.pi), "2/sqrt(pi)", 30, "the factor of the error function, 2/sqrt(pi), is there twice"),
        (math.sqrt(math.pi) / 2, "sqrt(pi)/2", 30, "the factor of the error function, 2/sqrt(pi), is missing"),
        (math.e, "e", 20, "a factor e too much"),
        (1 / math.e, "1/e", 20, "a factor e is missing"),
        *((10.0**-k, f"1e-{k}", 30, RATE) for k in (3, 4, 5, 6)),
        (3e-4, "3e-4", 40, RATE),
        *(
            (n**0.5, f"sqrt({n})", 30.0 * n, f"a factor sqrt({n}) too much: a scale, or a root of N")
            for n in range(2, 129)
            if n != math.isqrt(n) ** 2
        ),
        *(
            (n**-0.5, f"1/sqrt({n})", 30.0 * n, f"a factor sqrt({n}) is missing: a scale, or a root of N")
            for n in range(2, 129)
            if n != math.isqrt(n) ** 2
        ),
    )
)
