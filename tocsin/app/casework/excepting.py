"""Exceptions for rules that nobody has: a slip of the pen leaves the rule as loud as it was."""

from collections.abc import Iterable, Iterator

from detectors.known import is_detectors
from tocsin.app.config import Config
from tocsin.app.engine.choosing import choose
from tocsin.registers import ExceptionEntry
from tocsin.registers.checks import Gap

HINT = "Write the `id` that the rule's file has, or drop the exception: docs/REGISTERS.md."


def unknown(config: Config, held: Iterable[ExceptionEntry]) -> Iterator[Gap]:
    """Yield the exceptions that are about no rule there is, silent ones counted.

    Args:
        config: It says which rules there are.
        held: Exceptions of the register.
    """
    asked = [one for one in held if not is_detectors(one.rule)]
    if not asked:
        return  # reading all rules takes its time
    pack = choose(config).load()
    rules = [*pack.rules, *pack.silent]
    ids = {one.id for one in rules}
    titles = {one.title.casefold(): one.id for one in rules}
    for one in asked:
        if one.rule not in ids:
            meant = titles.get(one.rule.casefold())
            text = f"exception {one.id} is about the rule {one.rule}, which is not there"
            yield Gap("exception", one.id, text + f"; {meant} is called so" * bool(meant), HINT)
