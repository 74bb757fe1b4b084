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
from gradcli.expression.signs import tell

if TYPE_CHECKING:
    from gradcli.expression.limits import Symbolic

LIFTED = "--no-limits lifts it for input you trust"
VALUELESS = "only finite real numbers are known here: change or leave out this part"


class Part(NamedTuple):
    """A piece of the expression: its SymPy object and its place in the text."""

    value: Symbolic
    start: int
    end: int


class Cursor:
    """Where a parser stands: the tokens, the next one, the depth of nesting, and what was found so far.

    `names` are the variables in order of appearance, `partial` the pieces that are not defined everywhere, `tight` the
    last divisor or exponent.
    """

    def __init__(self, text: str, found: list[Token], variables: frozenset[str], *, limited: bool) -> None:
        self.text = text
        self.tokens = found
        self.position = 0
        self.variables = variables
        self.limited = limited
        self.depth = 0
        self.names: dict[str, None] = {}
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
        if self.limited and self.depth > limits.NESTING:
            message = f"more than {limits.NESTING} levels of parentheses, calls and exponents within each other"
            complaint(message, LIFTED, self.text, token.start, token.end, LimitError)

    def numeric(self, part: Part) -> Symbolic:
        """The part's value, which must not be a condition."""
        if isinstance(part.value, Relational | BooleanFunction | BooleanAtom):
            self.objections.condition_as_number(part.start, part.end)
        return part.value

    def condition(self, part: Part) -> Symbolic:
        """The part's value, which must be a condition."""
        if not isinstance(part.value, Relational | BooleanFunction | BooleanAtom):
            self.objections.number_as_condition(part.start, part.end)
        return part.value

    def evaluate(self, start: int, end: int, make: Callable[..., Symbolic], *operands: object) -> Symbolic:
        """Build a power, quotient or call: a constant must be real, any other piece may be defined only in places."""
        value = self.build(start, end, make, *operands)
        if value.is_number:
            return self.build(start, end, construct.real, value)
        self.partial.extend(domain.partial(value))
        return value

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
