"""Runbooks: what does the person on call do now?

Each is one Markdown file of this folder: the steps of the first hour in their order, who does each,
how to verify it, the commands with their inverses, what must not be done, and when to decide on
breach. ``table`` says which finding asks for which.

To add one: a file here, its lines in ``runbooks.table``; the tests say what it must have.
"""

from collections.abc import Iterable
from importlib.resources import files

from runbooks.table import OF_TACTIC, RUNBOOKS


def names() -> tuple[str, ...]:
    """Return the names of all runbooks, in the order in which they are begun."""
    return tuple(RUNBOOKS)


def text(name: str) -> str:
    """Return a runbook, Markdown.

    Raises:
        KeyError: There is none of this name.
    """
    if name not in RUNBOOKS:
        raise KeyError(f"no runbook {name}; there are {', '.join(RUNBOOKS)}")
    return files("runbooks").joinpath(f"{name}.md").read_text(encoding="utf-8")


def title(name: str) -> str:
    """Return a runbook's title."""
    return text(name).splitlines()[0].removeprefix("# ")


def find(findings: Iterable[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """Return the runbooks an incident's findings ask for, the one to begin with first.

    Args:
        findings: Of each, its rule and its tactics. The tactics count where no line names the rule.

    Returns:
        Names; () where nothing asks for one.
    """
    asked = set[str]()
    for rule, tactics in findings:
        named = {name for name, rules in RUNBOOKS.items() if rule in rules}
        asked |= named or {OF_TACTIC[tactic] for tactic in tactics if tactic in OF_TACTIC}
    return tuple(name for name in RUNBOOKS if name in asked)
