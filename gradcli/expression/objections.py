"""What the grammar says when a text means nothing, or two things: the place, the reason, and a hint that would work."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Any, NamedTuple, NoReturn

from gradcli.expression.functions import FUNCTIONS
from gradcli.expression.lexer import END, NAME, NUMBER, Token, complaint, rewritten, shorten
from gradcli.expression.suggestions import CALCULUS, REDUCTIONS, SPELLED, did_you_mean, words

CONSTANTS = frozenset(("e", "pi"))
NOT_FINITE = words("None nan NaN NAN inf Inf INF infinity Infinity oo zoo")
TRUTH = words("True true False false")
CODE = words(
    "if else elif for while import from def class return yield with as try except raise in is None del global "
    "nonlocal assert pass break continue async await exec eval print"
)
TEXTBOOK = words(
    "sin cos tan cot sec csc asin acos atan acot sinh cosh tanh coth sech csch asinh acosh atanh exp log log2 "
    "log10 log1p expm1 sqrt cbrt Abs sign floor ceiling Max Min sigmoid relu softplus"
)
"""Functions that nobody means as a variable when their parentheses are missing."""
LONGEST = max(map(len, TEXTBOOK))
MODULES = words("np numpy math cmath sympy sp sy scipy torch jnp jax tf anp autograd mpmath mp special")

REPLACED = {
    "//": ("// is not an operator here", "write floor(x/y)"),
    "<>": ("<> is not an operator here", "write !="),
    "=<": ("=< is not an operator here", "write <="),
    "=>": ("=> is not an operator here", "write >="),
}
EQUATION = re.compile(r"\s*[A-Za-z_]\w*\s*(?:\([\w\s,]*\)\s*)?=(?!=)\s*(?P<right>\S.*?)\s*", re.ASCII | re.DOTALL)
FUNCTION_POWER = re.compile(r"([A-Za-z]\w*)\s*(?:\*\*|\^)\s*(\d+|\(?-1\)?)\s*(\([^()]*\)|[A-Za-z]\w*)", re.ASCII)
MODULE_PREFIX = re.compile(rf"\b(?:{'|'.join(MODULES)})\s*\.\s*(?:[A-Za-z_]\w*\s*\.\s*)*", re.ASCII)
RAN_TOGETHER = re.compile(r"(?P<multiple>\d*)(?P<argument>[A-Za-z]\w*)", re.ASCII)


class Tight(NamedTuple):
    """A divisor or exponent that ends at token `position`: [start:left_end] operator [right_start:end]."""

    position: int
    operator: str
    start: int
    left_end: int
    right_start: int
    end: int


class Objections:
    """The errors of one text; every method raises unless it says otherwise."""

    def __init__(self, text: str, tokens: Sequence[Token], variables: Collection[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.variables = variables

    def no_operand(self, token: Token) -> NoReturn:
        """Something other than a number, a name or a parenthesis stands where one of these belongs."""
        position = self.tokens.index(token)
        before = self.tokens[position - 1] if position else None
        if token.kind == END and before is None:
            complaint("the expression is empty", "write a formula, as in x**2", self.text, 0)
        if token.text in ("|", "||"):
            self._bars(token)
        if token.kind == END and before is not None:
            self._incomplete(before)
        if token.text in REPLACED:
            complaint(*REPLACED[token.text], self.text, token.start, token.end)
        if token.text == ")" and before is not None and before.text == "(":
            complaint(
                "these parentheses are empty", "put an expression between them", self.text, before.start, token.end
            )
        if token.text == ")" and before is None:
            self._unopened(token)
        if before is not None and before.text not in ("(", ","):
            message = f"{token.text} cannot follow {before.text}"
            complaint(message, "put a number, a name or ( between them", self.text, before.start, token.end)
        complaint(
            f"nothing stands before {token.text}", "put a number or a name before it", self.text, token.start, token.end
        )

    def _bars(self, token: Token) -> NoReturn:
        inside = re.compile(r"\|([^|]+)\|").match(self.text, token.start)
        if inside is None:
            complaint("| means `or` between conditions", "write abs(x) for an absolute value", self.text, token.start)
        times = "*" if re.search(r"([A-Za-z]\w*|\))\s*$", self.text[: inside.start()]) else ""
        hint = f"write {self._replaced(*inside.span(), f'{times}abs({inside[1].strip()})')}"
        complaint("bars are not understood as an absolute value", hint, self.text, *inside.span())

    def _incomplete(self, before: Token) -> NoReturn:
        if before.text in ("|", "||"):
            self._bars(self.tokens[next(i for i, token in enumerate(self.tokens) if token.text == before.text)])
        if before.text == "(":
            self.not_closed(before.start, self.tokens[-1])
        kept = self.text[: before.start].strip()
        hint = f"write {kept}" if kept and len(kept) < 80 and kept[-1].isalnum() else "put a number or a name after it"
        complaint(f"nothing follows {before.text}", hint, self.text, before.start, before.end)

    def operator(self, position: int, start: int) -> NoReturn:
        """An operator that is none of ours stands after an operand."""
        token = self.tokens[position]
        if token.text == "!":
            operand = self.text[start : token.start].strip()
            marks = sum(1 for _ in takewhile(lambda following: following.text == "!", self.tokens[position:]))
            call = "factorial(" * marks + operand + ")" * marks
            hint = f"write {self._replaced(start, self.tokens[position + marks - 1].end, call)}"
            complaint("! is not an operator here", hint, self.text, token.start)
        if token.text == "=":
            self._equation(position)
        if token.text == ".":
            self._attribute(position)
        if token.text == "~":
            complaint("~ means `not` and stands before a condition", "write -x for a sign", self.text, token.start)
        complaint(*REPLACED[token.text], self.text, token.start, token.end)

    def _equation(self, position: int) -> NoReturn:
        """An equals sign: y = x**2, f(x) = x**2, x = 3, log(x, base=10)."""
        token, before = self.tokens[position], self.tokens[position - 1]
        equation = EQUATION.fullmatch(self.text)
        hint = "--at x=3 gives x a value, and x == 3 compares in a condition"
        if equation and re.search(r"[A-Za-z]", equation["right"]):
            hint = f"write the right side alone: {shorten(equation['right'], 80)}"
        elif position > 2 and self.tokens[position - 2].text in ("(", ","):
            hint = f"write {self._replaced(before.start, token.end, '')}, arguments have no names"
        complaint("an expression has no = sign", hint, self.text, token.start)

    def _attribute(self, position: int) -> NoReturn:
        before, point, after = self.tokens[position - 1 : position + 2]
        if before.text in MODULES:
            plain = MODULE_PREFIX.sub("", self.text)
            called = set(re.findall(r"[A-Za-z]\w*(?=\()", plain)) - FUNCTIONS.keys()
            hint = (
                f"write {shorten(plain, 80)}"
                if plain != self.text and not called
                else "gradcli functions lists the names"
            )
            complaint(f"names are written without {before.text}.", hint, self.text, before.start, point.end)
        end = after.end if after.kind == NAME else point.end
        message = "a . belongs to numbers only; nothing here has attributes"
        complaint(message, "write x*y for a product", self.text, point.start, end)

    def beside(self, position: int) -> None:
        """Refuse two operands side by side, unless a number or a parenthesis multiplies a name or a parenthesis."""
        before, token = self.tokens[position - 1 : position + 1]
        if (
            (before.kind == NUMBER and token.kind == NAME and token.text == "if")
            or token.text in CODE
            or before.text in CODE
        ):
            self._code(before, token)
        if (before.kind == NUMBER or before.text == ")") and token.kind != NUMBER:
            return
        function = FUNCTIONS.get(before.text) if before.kind == NAME else None
        if function is not None and before.text not in self.variables:
            self._without_parentheses(before, token)
        if before.kind == NUMBER:
            complaint(
                "two numbers stand side by side",
                f"write {self._joined(before, token)}",
                self.text,
                before.start,
                token.end,
            )
        hint = f"write {self._joined(before, token)} for a product"
        complaint(f"{before.text} and {token.text} stand side by side", hint, self.text, before.start, token.end)

    def _code(self, before: Token, token: Token) -> NoReturn:
        word = token if token.text in CODE else before
        choice = re.fullmatch(r"\s*(.+?)\s+if\s+(.+?)\s+else\s+(.+?)\s*", self.text, re.DOTALL)
        hint = "write a formula, as in x**2"
        if choice and len(self.text) < 120:
            hint = f"write where({choice[2]}, {choice[1]}, {choice[3]})"
        complaint(f"{word.text} is Python code, not part of a formula", hint, self.text, word.start, word.end)

    def _without_parentheses(self, function: Token, argument: Token) -> NoReturn:
        operand = re.compile(r"\d[\d.]*\s*[A-Za-z]\w*(?!\s*\()|\w+(?!\s*\()|", re.ASCII).match(
            self.text, argument.start
        )
        end = operand.end() if operand and operand[0] else argument.end
        call = f"{function.text}({self.text[argument.start : end]})"
        hint = f"write {self._replaced(function.start, end, call)}"
        if argument.text in FUNCTIONS:
            hint = f"write {function.text}({argument.text}(x)), or a product of two calls"
        complaint(f"{function.text} needs parentheses", hint, self.text, function.start, argument.end)

    def ambiguous(self, tight: Tight, start: int, end: int) -> NoReturn:
        """1/2x, x**2y: a product side by side after a divisor or an exponent."""
        left, right = self.text[tight.start : tight.left_end].strip(), self.text[tight.right_start : tight.end].strip()
        factor, sign = self.text[start:end].strip(), tight.operator
        whole = self.text[tight.start : end].strip()
        readings = f"{left}{sign}({right}*{factor}) or ({left}{sign}{right})*{factor}"
        complaint(
            f"{shorten(whole)} can mean {shorten(readings, 120)}", "write one of these", self.text, tight.start, end
        )

    def not_a_function(self, position: int, names: Collection[str]) -> NoReturn:
        """A name that is no function stands before a parenthesis."""
        token, opening = self.tokens[position : position + 2]
        name = token.text
        if EQUATION.fullmatch(self.text):
            self._equation(next(i for i, token in enumerate(self.tokens) if token.text == "="))
        product = f"write {self._replaced(token.start, opening.end, f'{name}*(')}"
        if name in CALCULUS:
            message, hint = (
                f"{name} is not needed: derivatives are taken of the expression",
                "write the function itself",
            )
        elif name in REDUCTIONS and name not in self.variables:
            message, hint = f"{name} is not a function here", "write the terms out, as in x1**2 + x2**2"
        elif name in self.variables or name in names or name in CONSTANTS:
            message, hint = f"{name} is not a function", f"{product} for a product"
        elif name in SPELLED:
            message, hint = f"unknown function '{name}'", f"write {SPELLED[name]}"
        elif near := did_you_mean(name, FUNCTIONS) if len(name) > 1 else ():
            message, hint = f"unknown function '{shorten(name)}'", f"did you mean {' or '.join(near)}?"
        elif len(name) < 3 or re.fullmatch(r"[A-Za-z]\w?\d*", name):
            message, hint = f"{name} is not a function", f"{product} for a product"
        else:
            message, hint = f"unknown function '{shorten(name)}'", "gradcli functions lists those there are"
        complaint(message, hint, self.text, token.start, token.end)

    def not_a_variable(self, position: int) -> None:
        """Refuse a name that can be no variable: a function without parentheses, inf, True, cosx."""
        token, after = self.tokens[position : position + 2]
        name = token.text
        span = self.text, token.start, token.end
        if name in NOT_FINITE:
            complaint(f"{name} is not a number that an expression can use", "use a finite number", *span)
        if name.startswith("_"):
            plain = name.removeprefix("_")
            hint = f"write {plain}" if plain[:1].isalpha() and "__" not in name else "use a name such as x or w1"
            complaint("names start with a letter", hint, *span)
        if name in MODULES and after.text == ".":
            return
        function = FUNCTIONS.get(name)
        if function is not None and function.name in TEXTBOOK:
            self._bare_function(token, after)
        self._ran_together(token)

    def _bare_function(self, token: Token, after: Token) -> None:
        span = self.text, token.start, token.end
        if after.kind in (NUMBER, NAME):
            return
        written = FUNCTION_POWER.match(self.text, token.start)
        if written:
            name, exponent, argument = written.groups()
            call = f"{name}({argument.strip('()')})"
            inverse = f"a{name}({argument.strip('()')})"
            meant = inverse if "-1" in exponent and f"a{name}" in FUNCTIONS else f"{call}**{exponent}"
            complaint(f"{name} needs parentheses", f"write {self._replaced(*written.span(), meant)}", *span)
        complaint(f"{token.text} is a function and needs parentheses", f"write {token.text}(x)", *span)

    def _ran_together(self, token: Token) -> None:
        """cosx, sin2x: a function and a name that is x, y, z or stands elsewhere, without parentheses."""
        for cut in range(2, min(len(token.text), LONGEST + 1)):
            function = FUNCTIONS.get(token.text[:cut])
            rest = RAN_TOGETHER.fullmatch(token.text, cut)
            if function and function.name in TEXTBOOK and rest and self._is_other_name(rest["argument"]):
                call = f"{token.text[:cut]}({token.text[cut:]})"
                hint = f"write {self._replaced(token.start, token.end, call)}, or --var {token.text} for a variable"
                complaint(f"{token.text} lacks parentheses", hint, self.text, token.start, token.end)

    def _is_other_name(self, name: str) -> bool:
        return name in ("x", "y", "z", "pi") or name in self.variables or any(name == t.text for t in self.tokens)

    def leftover(self, position: int) -> NoReturn:
        """The expression is complete and something follows: a comma or a closing parenthesis."""
        token = self.tokens[position]
        if token.text == ")":
            self._unopened(token)
        decimal = re.fullmatch(r"(.*?)\b(\d+),(\d+)\b(.*)", self.text, re.DOTALL)
        hint = "give one expression at a time"
        if decimal and "(" not in self.text:
            point = "" if len(decimal[3]) == 3 and len(decimal[2]) < 4 else "."
            hint = f"write {shorten(self.text.replace(',', point), 80)}" if point or "." not in self.text else hint
        complaint("a comma stands between the arguments of a function only", hint, self.text, token.start)

    def _unopened(self, token: Token) -> NoReturn:
        kept = self._replaced(token.start, token.end, "")
        hint = f"write {kept}" if len(self.text) <= 80 and kept.strip() else "remove it"
        complaint("this parenthesis closes nothing", hint, self.text, token.start)

    def not_closed(self, start: int, found: Token) -> NoReturn:
        """A parenthesis is open where the text ends, or where a comma stands."""
        if found.text == ",":
            complaint(
                "a comma stands between the arguments of a function only",
                "write one value in ( )",
                self.text,
                found.start,
            )
        missing = self.text.count("(") - self.text.count(")")
        hint = "close it"
        if len(self.text) <= 80 and missing > 0 and re.search(r"[\w.)]\s*$", self.text):
            hint = f"write {self.text.strip()}{')' * missing}"
        complaint("this parenthesis is never closed", hint, self.text, start)

    def no_branch(self, start: int) -> NoReturn:
        """An argument of Piecewise is no pair."""
        hint = "write Piecewise((x**2, x < 1), (1/x, True)), or where(x < 1, x**2, 1/x)"
        complaint("a branch of Piecewise is (value, condition)", hint, self.text, start)

    def condition_as_number(self, start: int, end: int) -> NoReturn:
        """A condition stands where a number belongs: (x < 1)*x."""
        condition = self.text[start:end]
        bare = condition[1:-1] if re.fullmatch(r"\([^()]*\)", condition) else condition
        hint = f"write where({bare if len(bare) < 80 else 'x > 0'}, 1, 0)"
        if bare in TRUTH:
            hint = f"write {int(bare.lower() == 'true')}"
        complaint(f"{shorten(condition, 60)} is a condition, not a number", hint, self.text, start, end)

    def number_as_condition(self, start: int, end: int) -> NoReturn:
        """A number stands where a condition belongs: where(x, 1, 0)."""
        value = self.text[start:end]
        hint = "write a comparison, as in x > 0, or True"
        complaint(f"{shorten(value)} is a number, not a condition", hint, self.text, start, end)

    def check_count(self, name: Token, end: int, parts: Sequence[Any], least: int, most: int | None) -> None:
        """Refuse too few or too many arguments."""
        count = len(parts)
        if count < least or (most is not None and count > most):
            wanted = str(least) if most == least else f"at least {least}" if most is None else f"{least} to {most}"
            plural = "" if wanted == "1" else "s"
            function = FUNCTIONS.get(name.text)
            hint = f"{function.name}: {function.summary}" if function else None
            complaint(f"{name.text} takes {wanted} argument{plural}, not {count}", hint, self.text, name.start, end)

    def _joined(self, before: Token, token: Token) -> str:
        return self._replaced(before.end, token.start, "*") if len(self.text) <= 80 else f"{before.text}*{token.text}"

    def _replaced(self, start: int, end: int, new: str) -> str:
        return rewritten(self.text, start, end, new)
