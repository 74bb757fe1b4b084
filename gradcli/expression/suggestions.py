"""What a person probably meant: the ASCII spelling of a character, the function behind an unknown name."""
# ruff: noqa: RUF001 - characters that look alike are what this is about

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

FORMULA = "an expression is numbers, names, + - * / ** and functions"


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


CHARACTERS = {
    "'": ("quotes have no meaning in an expression", "a name is written without quotes"),
    '"': ("quotes have no meaning in an expression", "a name is written without quotes"),
    "`": ("quotes have no meaning in an expression", "a name is written without quotes"),
    "[": ("brackets have no meaning in an expression", "write ( and ), and x0, x1, ... for components"),
    "]": ("brackets have no meaning in an expression", "write ( and ), and x0, x1, ... for components"),
    "{": ("braces have no meaning in an expression", "write ( and )"),
    "}": ("braces have no meaning in an expression", "write ( and )"),
    "@": ("@ has no meaning in an expression", "write * for a product; @ POINT belongs to lines of a file"),
    ":": (": has no meaning in an expression", "write the formula alone, as in x**2"),
    ";": ("; has no meaning in an expression", "give one expression at a time"),
    "\\": ("LaTeX is not understood", "write sin(x), (a)/(b), x**2"),
    "$": ("$ has no meaning in an expression", "write the formula alone, as in x**2"),
    "#": ("# has no meaning in an expression", "comments belong to lines of a file"),
    "?": ("? has no meaning in an expression", "write where(x > 0, x, 0) for a choice"),
}
"""ASCII characters that no token starts with: what to say, and what to do."""

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma1 sigma tau "
    "upsilon phi chi psi omega"
)
_SPELLINGS = {
    **dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _GREEK.split(), strict=True)),
    "ϵ": "epsilon",
    "ϑ": "theta",
    "ϕ": "phi",
    "Δ": "Delta",
    "Σ": "Sigma",
    "Ω": "Omega",
    "Θ": "Theta",
    "Φ": "Phi",
    **dict.fromkeys("×·⋅∙∗•", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–—‒‐‑", "-"),
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∧": " and ",
    "∨": " or ",
    "¬": " not ",
    "½": "(1/2)",
    "¼": "(1/4)",
    "¾": "(3/4)",
    "⅓": "(1/3)",
    "⅔": "(2/3)",
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
    **dict(zip("хуаеорсХАЕОРСВМТКНі", "xyaeopcXAEOPCBMTKHi", strict=True)),
}
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SUPERSCRIPT_RUN = re.compile(f"[{''.join(_SUPERSCRIPTS)}]+")
_SIDE_BY_SIDE = re.compile(
    rf"(?<=[A-Za-z0-9α-ω])(?=[α-ω])|(?<=[α-ω])(?=[A-Za-zα-ω])|(?<=[{''.join(_SUPERSCRIPTS)}])(?=[A-Za-z0-9α-ω(])"
)
"""Where letters that become words, or powers, stand beside others: a product."""
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_ROOTS = {"√": "sqrt", "∛": "cbrt"}


def ascii_spelling(text: str) -> str | None:
    """The text with every character of a formula sheet, keyboard layout or word processor in ASCII, if all have one."""
    for root, name in _ROOTS.items():
        text = re.sub(rf"{root}\s*(\w+(?:\.\d+)?)", rf"{name}(\1)", text).replace(root, name)
    text = _SIDE_BY_SIDE.sub("*", text)
    text = _SUPERSCRIPT_RUN.sub(lambda run: _power("".join(_SUPERSCRIPTS[c] for c in run[0])), text)
    spelled = "".join(c if c.isascii() else _spelling(c) for c in text)
    return spelled if spelled.isascii() and spelled.isprintable() and spelled.strip() else None


def _power(digits: str) -> str:
    return f"**{digits}" if digits.isdigit() else f"**({digits})"


def _spelling(character: str) -> str:
    """The character in ASCII, or itself where it has no spelling."""
    known = _SPELLINGS.get(character) if character in _SPELLINGS else _SUBSCRIPTS.get(character)
    if known is not None:
        return known
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() else _SPELLINGS.get(plain, character)


SYNONYMS = {
    **dict.fromkeys(("tg", "tang", "tangent"), "tan"),
    **dict.fromkeys(("cosine", "cosin", "cosinus"), "cos"),
    **dict.fromkeys(("ctg", "cotg", "ctan", "cotan"), "cot"),
    **dict.fromkeys(("arctg", "atg", "tan_inv"), "atan"),
    **dict.fromkeys(("sen", "sine", "sinus"), "sin"),
    **dict.fromkeys(("sh", "sinhyp"), "sinh"),
    **dict.fromkeys(("ch", "coshyp"), "cosh"),
    **dict.fromkeys(("th", "tanhyp"), "tanh"),
    **dict.fromkeys(("arsinh", "arsh"), "asinh"),
    **dict.fromkeys(("arcosh", "arch"), "acosh"),
    **dict.fromkeys(("artanh", "arth"), "atanh"),
    **dict.fromkeys(("lg", "log_10"), "log10"),
    **dict.fromkeys(("lb", "ld"), "log2"),
    **dict.fromkeys(("nlog", "loge", "logn"), "log"),
    **dict.fromkeys(("root", "squareroot", "square_root", "sqroot"), "sqrt"),
    **dict.fromkeys(("cubert", "cuberoot", "curt"), "cbrt"),
    **dict.fromkeys(("signum", "sig"), "sign"),
    **dict.fromkeys(("step", "unitstep", "theta", "unit_step"), "Heaviside"),
    **dict.fromkeys(("fact",), "factorial"),
    **dict.fromkeys(("lngamma", "gammln", "logfactorial"), "loggamma"),
    **dict.fromkeys(("trunc", "int", "round", "rint", "fix"), "floor"),
    **dict.fromkeys(("cond", "ifelse", "iif", "select", "If"), "where"),
    **dict.fromkeys(("largest", "amax"), "max"),
    **dict.fromkeys(("smallest", "amin"), "min"),
    **dict.fromkeys(("productlog", "ProductLog", "W", "lambert"), "LambertW"),
    **dict.fromkeys(("sigma",), "sigmoid"),
    **dict.fromkeys(("magnitude", "modulus", "mag"), "abs"),
}
SPELLED = {
    **{f"{kind}{order}": f"bessel{kind}({order}, x)" for kind in "jyik" for order in (0, 1)},
    "xlogy": "x*log(y)",
    "xlog1py": "x*log1p(y)",
    "logsumexp": "logaddexp(x, y)",
    "betaln": "loggamma(x) + loggamma(y) - loggamma(x + y)",
    "entr": "-x*log(x)",
    "cosm1": "-2*sin(x/2)**2",
    "erfcx": "exp(x**2)*erfc(x)",
    "selu": "1.0507009873554805*elu(x, 1.6732632423543772)",
    "hardtanh": "clip(x, -1, 1)",
    "binomial": "factorial(n)/(factorial(k)*factorial(n - k))",
    "frac": "x - floor(x)",
    "versin": "1 - cos(x)",
}
"""Functions of other libraries that are a short formula here."""
CALCULUS = words("diff derivative Derivative differentiate D grad gradient nabla jacobian hessian Diff")
REDUCTIONS = words("sum Sum prod product Product mean average std var dot matmul norm integrate Integral")


def did_you_mean(name: str, functions: Collection[str]) -> tuple[str, ...]:
    """The functions whose name is nearest, at most two, the best first; a synonym or another case beats likeness."""
    if SYNONYMS.get(name) in functions or SYNONYMS.get(name.lower()) in functions:
        return (SYNONYMS.get(name) or SYNONYMS[name.lower()],)
    folded = name.lower().replace("_", "")
    same = [known for known in functions if known.lower().replace("_", "") == folded]
    if same:
        return (same[0],)
    scores = {known: _likeness(folded, known.lower()) for known in functions}
    best = sorted(scores, key=lambda known: (-scores[known], known))
    near = [known for known in best if scores[known] >= max(LIKE_ENOUGH, scores[best[0]] - 0.03)]
    return tuple(_one_per_spelling(near))[:2]


LIKE_ENOUGH = 0.78


def _likeness(name: str, known: str) -> float:
    """1 for equal names; one letter exchanged, changed, too many or too few is enough for names of three and more."""
    from difflib import SequenceMatcher

    ratio = SequenceMatcher(None, name, known).ratio()
    if min(len(name), len(known)) < 3:
        return ratio * 0.9
    start = next((i for i, (a, b) in enumerate(zip(name, known, strict=False)) if a != b), min(len(name), len(known)))
    after = start + 1
    one_edit = name[after:] == known[after:] or name[after:] == known[start:] or name[start:] == known[after:]
    return max(ratio, LIKE_ENOUGH + 0.02) if one_edit or sorted(name) == sorted(known) else ratio


def _one_per_spelling(names: Iterable[str]) -> list[str]:
    return list({name.lower(): name for name in reversed(list(names))}.values())[::-1]
