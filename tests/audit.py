"""A watch over what a call does to the world, by the interpreter's own audit hook."""

import sys
from functools import cache

from gradcli.errors import GradcliError

HARMLESS = {
    "sys._getframe",
    "builtins.id",
    "sys.setrecursionlimit",
    "object.__getattr__",
    "object.__setattr__",
    "gc.get_objects",
    "array.__new__",
}


class Recorder:
    """Events of the interpreter while it is on; a hook cannot be taken out again, so there is one for all."""

    def __init__(self):
        self.events = []
        self.on = False
        sys.addaudithook(self.hear)

    def hear(self, event, arguments):
        if self.on and event not in HARMLESS:
            self.events.append((event, repr(arguments)[:100]))


@cache
def recorder():
    return Recorder()


def watched(function, *arguments):
    """The result of a call, or its GradcliError, which compiles, executes, imports, opens and starts nothing.

    What it imports when it is called for the first time is there when it is called again.
    """
    outcome, events = recorded(function, arguments)
    if events:
        outcome, events = recorded(function, arguments)
    assert events == []
    if isinstance(outcome, GradcliError):
        raise outcome
    return outcome


def recorded(function, arguments):
    hook = recorder()
    hook.events.clear()
    hook.on = True
    try:
        outcome = function(*arguments)
    except GradcliError as error:
        outcome = error
    finally:
        hook.on = False
    return outcome, list(hook.events)
