"""Which words of a command line are options: expressions may start with a minus sign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from gradcli.errors import GradcliError

LOOKS_LIKE_AN_OPTION = re.compile(r"--[A-Za-z][A-Za-z-]+(=.*)?", re.DOTALL)
SHIELD = " "
COMMAND = re.compile(r"No such command (['\"])(.*?)\1\.(?: Did you mean .*)?", re.DOTALL)
EXTRA = re.compile(r"Got unexpected extra arguments? ?(?:\(s\) )?\((\S+| \S+)")


def shielded(words: Iterable[str], takes_value: Mapping[str, bool]) -> list[str]:
    """The words, with a blank before each that starts with a minus sign and is no option.

    A word is an option only if it is exactly a declared name, or a declared `--name` followed by `=value`;
    `takes_value` tells the declared names. Raises GradcliError for an option that lacks its value, and for an unknown
    word that can only be a misspelt option.
    """
    result: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            return [*result, word, *remaining]
        name = word.partition("=")[0] if word.startswith("--") else word
        if not word.startswith("-") or word == "-":
            result.append(word)
        elif name not in takes_value:
            result.append(SHIELD + _expression(word, takes_value))
        else:
            result.append(word)
            if takes_value[name] and name == word:
                result += _value(word, next(remaining, None), takes_value)
    return result


def _value(option: str, word: str | None, takes_value: Mapping[str, bool]) -> list[str]:
    if word is None or word in takes_value:
        raise GradcliError(f"option {option} needs a value", f"write {option} VALUE")
    return [word]


def _expression(word: str, takes_value: Mapping[str, bool]) -> str:
    if LOOKS_LIKE_AN_OPTION.fullmatch(word):
        name = word.partition("=")[0]
        near = get_close_matches(name, takes_value, n=1)
        hint = f"did you mean {near[0]}?" if near else "--help lists the options; an expression may stand after --"
        raise GradcliError(f"no such option: {name}", hint)
    return word


def better_usage(sentence: str, options: Iterable[str]) -> str | None:
    """What to write instead, where a word that is left over or in the place of a command tells what was meant."""
    if (command := COMMAND.fullmatch(sentence)) and not command[2].isalpha():
        return f'write gradcli derive "{command[2]}"' if command[2] else None
    if extra := EXTRA.match(sentence):
        near = get_close_matches("--" + extra[1].strip(" -").partition("=")[0], list(options), n=1)
        return f"did you mean {near[0]}?" if near else "an expression is one word for the shell: put it in quotes"
    return None
