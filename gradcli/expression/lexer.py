"""Text to tokens: ASCII numbers, names and operators by one regular expression; everything else is refused by name.

`tokens` is the scanner, `complaint` the error with a caret that the whole grammar raises.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from string import ascii_letters
from typing import NamedTuple, NoReturn

from gradcli.errors import GradcliError
from gradcli.expression.suggestions import CHARACTERS, FORMULA, ascii_spelling

NUMBER, NAME, OPERATOR, END = "number", "name", "operator", "end"
BLANK, UNKNOWN = "blank", "unknown"

PIECES = re.compile(
    r"""[ \t\r\n]+
      | (?:\d+\.?\d*|\.\d+) (?:[eE][+-]?\d+)?
      | [A-Za-z_][A-Za-z0-9_]*
      | \*\*|//|<=|>=|==|!=|<>|=<|=>|&&|\|\|
      | .""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
"""Whatever the text is, these are the whole of it."""
BEGINNINGS = {
    **dict.fromkeys(" \t\r\n", BLANK),
    **dict.fromkeys("0123456789", NUMBER),
    **dict.fromkeys("_" + ascii_letters, NAME),
    **dict.fromkeys("-+*/^%()<>=,&|~!.", OPERATOR),
}
"""What a piece is, by its first character; .5 is a number nevertheless."""
OTHER_BASE = re.compile(r"0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+", re.ASCII)
UNFINISHED_EXPONENT = re.compile(r"[eE](?:[+-]|(?![A-Za-z0-9_]))", re.ASCII)
UNDERSCORED = re.compile(r"\d[\d_]*(?:\.[\d_]*)?", re.ASCII)

LAMBDA = re.compile(r"\s*lambda\b[^:]*:\s*(?P<body>[^:]*[^:\s])\s*", re.ASCII)
THOUSANDS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)", re.ASCII)

AFTER_A_NUMBER = frozenset(" +-*/^)")
"""What mostly follows a number, and never makes another one of it."""

SHOWN = 160
"""Characters of a long text that an error shows around the place."""


class Token(NamedTuple):
    """A piece of the text: its kind, what it says, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """All tokens of the text with an END after them."""
    pieces = PIECES.findall(text)
    kinds = {piece: _kind(piece) for piece in set(pieces)}
    ends = list(accumulate(map(len, pieces)))
    rows = zip(map(kinds.__getitem__, pieces), pieces, [0, *ends], ends, strict=False)
    found = [tuple.__new__(Token, row) for row in rows if row[0] is not BLANK]
    for token in found:
        if token[0] is NUMBER:
            check_number(text, token)
        elif token[0] is UNKNOWN:
            refuse_character(text, token.start)
    found.append(Token(END, "", len(text), len(text)))
    return found


def _kind(piece: str) -> str:
    kind = BEGINNINGS.get(piece[0], UNKNOWN)
    return NUMBER if kind is OPERATOR and piece[-1].isdigit() else kind


def check_number(text: str, token: Token) -> None:
    """Refuse what looks like a number of another language, or like an unfinished one."""
    _, number, start, end = token
    following = text[end : end + 1]
    if following in AFTER_A_NUMBER and number.isdigit() and number[0] != "0":
        return
    digits = number.lstrip("0")
    if other := OTHER_BASE.match(text, start):
        value = int(other[0], 0) if len(other[0]) < SHOWN else "the number in decimal digits"
        complaint(f"{shorten(other[0])} is not a decimal number", f"write {value}", text, *other.span())
    if following == "_" and (long := UNDERSCORED.match(text, start)):
        hint = f"write {shorten(long[0].replace('_', ''))}"
        complaint("numbers are written without underscores", hint, text, *long.span())
    zeros = number[0] == "0" and number[1:2].isdigit()
    if zeros and (thousands := _thousands(text, start)):
        hint = f"write {rewritten(text, *thousands.span(), thousands[0].replace(',', ''))}"
        complaint("numbers are written without commas", hint, text, *thousands.span())
    if zeros:
        value = digits if digits[:1].isdigit() else "0" + digits
        complaint(f"{shorten(number)} starts with a zero", f"write {shorten(value)}", text, start, end)
    if following == "." or (following.isdigit()):
        complaint("this number has two decimal points", "write one number with one point", text, start, end + 1)
    if number[-1] == "." and (following.isalpha() or following == "_"):
        hint = f"write {rewritten(text, start, end, number[:-1] + '*')}"
        complaint(f"{number} runs into a name", hint, text, start, end + 1)
    if UNFINISHED_EXPONENT.match(text, end):
        hint = f"write {shorten(number)}*{following} for a product, {shorten(number)}e3 for a power of ten"
        complaint(f"{shorten(number)}{following} is an unfinished number", hint, text, start, end + 1)


def _thousands(text: str, start: int) -> re.Match[str] | None:
    """1,000 whose last group starts here."""
    groups = THOUSANDS.finditer(text, max(0, start - 24), start + 4)
    return next((group for group in groups if group.start() < start < group.end()), None)


def refuse_character(text: str, position: int) -> NoReturn:
    """Name a character that no token starts with."""
    character = text[position]
    if character.isascii() and character.isprintable():
        message, hint = CHARACTERS.get(character, (f"{character} has no meaning in an expression", FORMULA))
        if body := LAMBDA.fullmatch(text):
            message, hint = "a lambda is Python code, not a formula", f"write {shorten(body['body'], 80)}"
        complaint(message, hint, text, position)
    code = f"U+{ord(character):04X}"
    title = unicodedata.name(character, "")
    shown = f"{character} ({title}, {code})" if character.isprintable() else f"the character {title or code} ({code})"
    spelling = ascii_spelling(text)
    hint = f"write {spelling}" if spelling and len(spelling) <= SHOWN else "use ASCII letters, digits and + - * / **"
    complaint(f"{shown} is not a character of an expression", hint, text, position)


def complaint(
    message: str,
    hint: str | None,
    text: str,
    start: int,
    end: int | None = None,
    kind: type[GradcliError] = GradcliError,
) -> NoReturn:
    """Raise the error, with a caret under text[start:end]; a long text is cut around it, control characters masked."""
    end = min(max(end if end is not None else start + 1, start + 1), max(len(text), start + 1))
    left = max(0, start - SHOWN // 2) if len(text) > SHOWN else 0
    window = text[left : left + SHOWN]
    dots = "..." if left else ""
    tail = "..." if left + SHOWN < len(text) else ""
    offset = len(dots) - left
    span = (start + offset, min(end + offset, len(dots) + len(window) + (start == len(text))))
    hint = None if hint is None else printable(" ".join(hint.split()))
    raise kind(printable(message), hint, text=dots + printable(window) + tail, span=span)


def printable(text: str) -> str:
    """The text, one ? for each character that a terminal would act upon or not show."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def shorten(text: str, width: int = 40) -> str:
    """The text as a message can hold it: printable, its middle left out where it is long."""
    text = printable(text)
    return text if len(text) <= width else f"{text[: width // 2]}...{text[-width // 4 :]}"


def rewritten(text: str, start: int, end: int, new: str) -> str:
    """The text with [start:end] replaced, or only the new piece where the text is long."""
    return text[:start] + new + text[end:] if len(text) <= SHOWN else new
