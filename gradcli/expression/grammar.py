"""The precedence parser: tokens to SymPy objects, from loose to tight

    or |    and &    not    < <= > >= == !=    + -    * / % and side by side    unary + - ~    ** ^ (from the right)

A number or a parenthesis multiplies what follows it (2x, 2sin(x), (x+1)(x-1)), unless it is itself a divisor or an
exponent: 1/2x and x**2y can mean two things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from sympy import ITE, S, false, log, true

from gradcli.expression import construct, domain, limits
from gradcli.expression.construct import RELATIONS, symbol
from gradcli.expression.cursor import Cursor, Part
from gradcli.expression.functions import FUNCTIONS
from gradcli.expression.lexer import END, NAME, NUMBER, OPERATOR, Token
from gradcli.expression.objections import Tight
from gradcli.expression.primitives import piecewise

if TYPE_CHECKING:
    from gradcli.expression.limits import Symbolic

OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER = range(1, 9)
BINDING = {
    **dict.fromkeys(("or", "|", "||"), OR),
    **dict.fromkeys(("and", "&", "&&"), AND),
    **dict.fromkeys(RELATIONS, COMPARISON),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys("*/%", PRODUCT),
    **dict.fromkeys(("**", "^"), POWER),
}
AFTER_AN_OPERAND = {**BINDING, "(": PRODUCT, **dict.fromkeys(("", ")", ","), 0)}
"""How tightly what follows an operand binds: another operand as a product does, an end not at all."""
CONSTANT_VALUES = {"e": S.Exp1, "pi": S.Pi}
TRUTH = {"True": true, "true": true, "False": false, "false": false}
LOGIC: Mapping[str, Callable[[Sequence[Symbolic]], Symbolic]] = {
    **dict.fromkeys(("And", "logical_and"), construct.both),
    **dict.fromkeys(("Or", "logical_or"), construct.either),
    **dict.fromkeys(("Not", "logical_not"), lambda parts: construct.opposite(*parts)),
    "ITE": lambda parts: ITE(*parts),
}
"""Functions of conditions, as SymPy prints them and NumPy spells them."""
COMPARISONS = {"Lt": "<", "Le": "<=", "Gt": ">", "Ge": ">=", "Eq": "==", "Ne": "!="}


class Grammar(Cursor):
    """One pass over the tokens, from left to right; a method for each level of precedence."""

    def whole(self) -> Symbolic:
        """The value of the whole text, which must be a number."""
        part = self.expression(OR)
        if self.tokens[self.position].kind != END:
            self.objections.leftover(self.position)
        return self.numeric(part)

    def expression(self, level: int) -> Part:
        """Everything from here on that binds at least as tightly as `level`."""
        left = self.operand()
        while True:
            token = self.tokens[self.position]
            binding = AFTER_AN_OPERAND.get(token.text)
            if binding is None:
                if token.kind == OPERATOR:
                    self.objections.operator(self.position, left.start)
                binding = PRODUCT
            if binding < level:
                return left
            left = self.HANDLERS[binding](self, left)

    def operand(self) -> Part:
        """A number, a name, a call, a parenthesis, or one of these with signs before it."""
        token = self.advance()
        if token.kind == NUMBER:
            return self.number(token)
        if token.kind == NAME and token.text not in BINDING:
            return self.negation(token) if token.text == "not" else self.name(token)
        if token.text == "(":
            return self.once(token, self.position - 1, self.parenthesis)
        if token.text in ("+", "-"):
            return self.signed(token)
        if token.text != "~":
            self.objections.no_operand(token)
        return self.negation(token)

    def number(self, token: Token) -> Part:
        """A literal."""
        known = self.numbers.get(token.text)
        if known is None:
            known = self.build(token.start, token.end, construct.number, token.text, self.limited)
            self.numbers[token.text] = known
        return Part(known, token.start, token.end)

    def signed(self, first: Token) -> Part:
        """Signs, however many, and a power."""
        negative = first.text == "-"
        while self.tokens[self.position].text in ("+", "-"):
            negative ^= self.advance().text == "-"
        part = self.expression(POWER)
        value = self.numeric(part)
        if negative:
            multiplied = self.tokens[self.position].text in ("*", "/")
            value = construct.opposite_factor(value) if multiplied else construct.negative(value)
        return Part(value, first.start, part.end)

    def negation(self, token: Token) -> Part:
        """The opposite of a condition."""
        self.deeper(token)
        part = self.expression(NOT if token.text == "not" else UNARY)
        self.depth -= 1
        return Part(construct.opposite(self.condition(part)), token.start, part.end)

    def parenthesis(self, opening: Token) -> Part:
        """An expression in parentheses."""
        self.deeper(opening)
        part = self.expression(OR)
        closing = self.close(opening)
        return Part(part.value, opening.start, closing.end)

    def terms(self, left: Part) -> Part:
        """Terms added at once: a sum of n terms is one object, not n."""
        values, end = [self.numeric(left)], left.end
        while (sign := self.tokens[self.position].text) in ("+", "-"):
            self.advance()
            part = self.expression(PRODUCT)
            value = self.numeric(part)
            values.append(construct.negative(value) if sign == "-" else value)
            end = part.end
        return Part(self.build(left.start, end, construct.add, values, self.limited), left.start, end)

    def factors(self, left: Part) -> Part:
        """Factors, divisors and remainders from the left; side by side only where it can be read in one way."""
        start, end = left.start, left.end
        values = [self.numeric(left)]
        while (operator := self.factor_operator()) is not None:
            tight = self.tight if not operator and self.tight and self.tight.position == self.position else None
            part = self.expression(UNARY)
            if tight:
                self.objections.ambiguous(tight, part.start, part.end)
            value = self.numeric(part)
            if operator == "/":
                value = self.evaluate(start, part.end, construct.power, value, S.NegativeOne, self.limited)
            if operator == "%":
                dividend = self.build(start, end, construct.multiply, values, self.limited)
                values = [self.evaluate(start, part.end, construct.call, FUNCTIONS["Mod"], (dividend, value))]
            else:
                values.append(value)
            if operator in ("/", "%"):
                self.tight = Tight(self.position, operator, start, end, part.start, part.end)
            end = part.end
        return Part(self.build(start, end, construct.multiply, values, self.limited), start, end)

    def factor_operator(self) -> str | None:
        """The operator before the next factor, consumed; empty where factors stand side by side; None at the end."""
        token = self.tokens[self.position]
        if token.text in ("*", "/", "%"):
            return self.advance().text
        if token.kind == NUMBER or token.text == "(" or (token.kind == NAME and token.text not in BINDING):
            self.objections.beside(self.position)
            return ""
        return None

    def power(self, base: Part) -> Part:
        """A power; the exponent is a power again, so that x**y**z is x**(y**z)."""
        operator = self.advance()
        self.deeper(operator)
        exponent = self.expression(POWER)
        self.depth -= 1
        start, end = base.start, exponent.end
        operands = self.numeric(base), self.numeric(exponent)
        value = self.evaluate(start, end, construct.power, *operands, self.limited)
        self.tight = Tight(self.position, operator.text, start, base.end, exponent.start, end)
        return Part(value, start, end)

    def comparison(self, left: Part) -> Part:
        """One comparison, or a chain 0 < x < 1 that means (0 < x) and (x < 1)."""
        parts, relations = [left], []
        while (relation := self.tokens[self.position].text) in RELATIONS:
            self.advance()
            relations.append(relation)
            parts.append(self.expression(SUM))
        if self.limited:
            limits.check_conditions(len(relations))
        values = [self.numeric(part) for part in parts]
        pairs = map(construct.compare, relations, values[:-1], values[1:])
        return Part(construct.both(list(pairs)), left.start, parts[-1].end)

    def conjunction(self, left: Part) -> Part:
        """Conditions joined by `and`."""
        return self.joined(left, AND, construct.both)

    def disjunction(self, left: Part) -> Part:
        """Conditions joined by `or`."""
        return self.joined(left, OR, construct.either)

    def joined(self, left: Part, level: int, join: Callable[[Sequence[Symbolic]], Symbolic]) -> Part:
        """Conditions joined by one word."""
        parts = [left]
        while BINDING.get(self.tokens[self.position].text) == level:
            self.advance()
            parts.append(self.expression(level + 1))
        values = [self.condition(part) for part in parts]
        if self.limited:
            limits.check_conditions(len(values))
        return Part(join(values), left.start, parts[-1].end)

    HANDLERS: ClassVar = {
        OR: disjunction,
        AND: conjunction,
        COMPARISON: comparison,
        SUM: terms,
        PRODUCT: factors,
        POWER: power,
    }

    def name(self, token: Token) -> Part:
        """A call, a constant, a truth value or a variable, in this order; a name with a value is a variable."""
        name = token.text
        called = self.tokens[self.position].text == "("
        if called and (name in FUNCTIONS or name in LOGIC or name in COMPARISONS):
            return self.once(token, self.position, self.call)
        if called:
            self.objections.not_a_function(self.position - 1, self.names)
        if name in self.names:
            return Part(self.names[name], token.start, token.end)
        if name not in self.variables:
            if name in CONSTANT_VALUES:
                return Part(CONSTANT_VALUES[name], token.start, token.end)
            if name in TRUTH:
                return Part(TRUTH[name], token.start, token.end)
            self.objections.not_a_variable(self.position - 1)
        self.names[name] = symbol(name)
        if self.limited:
            limits.check_variables(len(self.names))
        return Part(self.names[name], token.start, token.end)

    def call(self, token: Token) -> Part:
        """A function and its arguments in parentheses."""
        opening = self.advance()
        self.deeper(opening)
        arguments = self.arguments(self.ARGUMENTS.get(token.text, Grammar.argument))
        closing = self.close(opening)
        return Part(self.apply(token, arguments, closing.end), token.start, closing.end)

    def arguments(self, argument: Callable[[Grammar, int], Part]) -> list[Part]:
        """What stands between the commas."""
        parts: list[Part] = []
        while self.tokens[self.position].text != ")" or parts:
            parts.append(argument(self, len(parts)))
            if self.tokens[self.position].text != ",":
                break
            self.advance()
        return parts

    def argument(self, _: int) -> Part:
        """An argument that must have a value."""
        return self.expression(OR)

    def spared(self, _: int) -> Part:
        """An argument that needs no value where it is not chosen; the choice as a whole needs one."""
        typed_before = len(self.partial)
        part = self.expression(OR)
        needs = domain.lost(self.partial[typed_before:], part.value)
        del self.partial[typed_before:]
        return part._replace(needs=needs)

    def alternative(self, number: int) -> Part:
        """The condition of `where`, or one of its values."""
        return self.spared(number) if number else self.argument(number)

    def branch(self, number: int) -> Part:
        """(value, condition) as an argument of Piecewise; only the first condition is always looked at."""
        opening = self.advance()
        if opening.text != "(":
            self.objections.no_branch(opening.start)
        value = self.spared(number)
        if self.advance().text != ",":
            self.objections.no_branch(opening.start)
        condition = self.alternative(number)
        closing = self.close(opening)
        pair = (self.numeric(value), self.condition(condition))
        return Part(pair, opening.start, closing.end, value.needs)

    ARGUMENTS: ClassVar = {"Piecewise": branch, "where": alternative}

    def apply(self, token: Token, arguments: list[Part], end: int) -> Symbolic:
        """The function of the arguments, which must be numbers or conditions as it wants them."""
        name = token.text
        if name in LOGIC:
            least, most = {"Not": (1, 1), "logical_not": (1, 1), "ITE": (3, 3)}.get(name, (1, limits.ARGUMENTS))
            self.objections.check_count(token, end, arguments, least, most)
            return LOGIC[name]([self.condition(part) for part in arguments])
        if name in COMPARISONS:
            self.objections.check_count(token, end, arguments, 2, 2)
            return construct.compare(COMPARISONS[name], *(self.numeric(part) for part in arguments))
        function = FUNCTIONS[name]
        self.objections.check_count(token, end, arguments, function.least, function.most)
        values = [part.value if name == "Piecewise" else self.numeric(part) for part in arguments[1:]]
        first = arguments[0]
        kind = self.condition if name == "where" else self.numeric
        values.insert(0, first.value if name == "Piecewise" else kind(first))
        if function.name == "log" and len(values) == 2 and not values[1].is_number:
            self.partial.append(1 / log(values[1]))  # log(x, x) is 1 to SymPy, also at 1
        value = self.evaluate(token.start, end, construct.call, function, values, self.limited)
        if name in self.ARGUMENTS:
            branches = values if name == "Piecewise" else [(values[1], values[0]), (values[2], true)]
            self.partial.extend(_needed(arguments[-len(branches) :], [condition for _, condition in branches]))
        return value


def _needed(values: Sequence[Part], conditions: Sequence[Symbolic]) -> Iterator[Symbolic]:
    """What must have a value where a branch is chosen, though its value does not show it: 1/x of x/x, if x < 2."""
    for chosen, value in enumerate(values):
        for piece in value.needs:
            yield piecewise(*((piece if k == chosen else S.Zero, one) for k, one in enumerate(conditions)))
