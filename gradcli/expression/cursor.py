"""A place in a list of tokens, and the building of pieces there: what goes wrong is reported with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from gradcli.errors import GradcliError, LimitError
from gradcli.expression import construct, domain, limits
from gradcli.expression.construct import Refused
from gradcli.expression.lexer import END, Token, complaint, shorten
from gradcli.expression.objections import Objections, Tight
from gradcli.expression.signs import tell, varies

if TYPE_CHECKING:
    from gradcli.expression.limits import Symbolic

LIFTED = "--no-limits lifts it for input you trust"
VALUELESS = "only finite real numbers are known here: change or leave out this part"

CONDITIONS = (Relational, BooleanFunction, BooleanAtom)

LONGEST_REMEMBERED = 10_000
"""Characters of a piece that is kept; a longer one is read again, its own pieces are not."""


class Part(NamedTuple):
    """A piece of the expression: its SymPy object, its place in the text, and what must have a value where it does."""

    value: Symbolic
    start: int
    end: int
    needs: tuple[Symbolic, ...] = ()


class Remembered(NamedTuple):
    """A piece in parentheses that was read: its object, its own pieces that are not defined everywhere, its levels."""

    value: Symbolic
    partial: tuple[Symbolic, ...]
    levels: int


class Cursor:
    """Where a parser stands: the tokens, the next one, the depth of nesting, and what was found so far.

    `names` are the variables in order of appearance, `numbers` the literals, `partial` the pieces that are not defined
    everywhere, `tight` the last divisor or exponent, `deepest` the greatest depth in the piece at hand, `read` the
    pieces in parentheses.
    """

    def __init__(self, text: str, found: list[Token], variables: frozenset[str], *, limited: bool) -> None:
        self.text = text
        self.tokens = found
        self.position = 0
        self.variables = variables
        self.limited = limited
        self.depth = 0
        self.deepest = 0
        self.read: dict[str, Remembered] = {}
        self.closings = closings(found)
        self.names: dict[str, Symbolic] = {}
        self.numbers: dict[str, Symbolic] = {}
        self.partial: list[Symbolic] = []
        self.tight: Tight | None = None
        self.objections = Objections(text, found, variables)

    def advance(self) -> Token:
        """The next token, passed unless it is the END."""
        token = self.tokens[self.position]
        if token.kind != END:
            self.position += 1
        return token

    def close(self, opening: Token) -> Token:
        """The parenthesis that closes; its level is left."""
        self.depth -= 1
        token = self.advance()
        if token.text != ")":
            self.objections.not_closed(opening.start, token)
        return token

    def deeper(self, token: Token) -> None:
        """One level of nesting more."""
        self.depth += 1
        self.deepest = max(self.deepest, self.depth)
        if self.limited and self.depth > limits.NESTING:
            message = f"more than {limits.NESTING} levels of parentheses, calls and exponents within each other"
            complaint(message, LIFTED, self.text, token.start, token.end, LimitError)

    def once(self, first: Token, opening: int, read: Callable[[Token], Part]) -> Part:
        """What `read` makes of the piece from a token to the end of a parenthesis.

        A piece that occurred before, letter by letter, is the same again: an expression with nested pieces that are
        used twice at each level is read in a time linear in its levels, not in its length.
        """
        closing = self.closings.get(opening)
        if closing is None or self.tokens[closing].end - first.start > LONGEST_REMEMBERED:
            return read(first)
        key = self.text[first.start : self.tokens[closing].end]
        known = self.read.get(key)
        if known is not None and not (self.limited and self.depth + known.levels > limits.NESTING):
            self.position = closing + 1
            self.partial.extend(known.partial)
            self.deepest = max(self.deepest, self.depth + known.levels)
            return Part(known.value, first.start, self.tokens[closing].end)
        before, deepest, self.deepest = len(self.partial), self.deepest, self.depth
        part = read(first)
        found = tuple(dict.fromkeys(self.partial[before:]))
        self.read[key] = Remembered(part.value, found, self.deepest - self.depth)
        self.deepest = max(deepest, self.deepest)
        return part

    def numeric(self, part: Part) -> Symbolic:
        """The part's value, which must not be a condition."""
        if isinstance(part.value, CONDITIONS):
            self.objections.condition_as_number(part.start, part.end)
        return part.value

    def condition(self, part: Part) -> Symbolic:
        """The part's value, which must be a condition."""
        if not isinstance(part.value, CONDITIONS):
            self.objections.number_as_condition(part.start, part.end)
        return part.value

    def evaluate(self, start: int, end: int, make: Callable[..., Symbolic], *operands: object) -> Symbolic:
        """Build a power, quotient or call: a constant must be real, any other piece may be defined only in places."""
        value = self.build(start, end, make, *operands)
        if varies(value):
            self.partial.extend(domain.partial(value))
            return value
        return self.build(start, end, construct.real, value)

    def build(self, start: int, end: int, make: Callable[..., Symbolic], *operands: object) -> Symbolic:
        """Build something; a refusal, or a bug of SymPy's, is about the text [start:end]."""
        try:
            value = tell(make(*operands))
        except Refused as refusal:
            kind = LimitError if refusal.limit else GradcliError
            hint = refusal.hint or (LIFTED if refusal.limit else VALUELESS)
            self.refuse(start, end, refusal.predicate, hint, kind)
        except (MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - asin(sin(10**300)) is an AttributeError inside SymPy 1.14
            self.refuse(start, end, f"cannot be built by SymPy ({type(error).__name__})")
        return value

    def refuse(
        self, start: int, end: int, predicate: str, hint: str | None = None, kind: type[GradcliError] = GradcliError
    ) -> NoReturn:
        """Say of the text [start:end] what it is or does."""
        complaint(f"{shorten(self.text[start:end])} {predicate}", hint, self.text, start, end, kind)


def closings(found: list[Token]) -> dict[int, int]:
    """For each opening parenthesis the one that closes it, where one does, by their places among the tokens."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for place, token in enumerate(found):
        if token.text == "(":
            waiting.append(place)
        elif token.text == ")" and waiting:
            pairs[waiting.pop()] = place
    return pairs
