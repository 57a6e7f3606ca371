"""One rule, and the sentence it says of a record.

Our own rule files are Sigma with eight further keys: ``why`` (the sentence, with fields in
braces), ``tests`` (records it must find and near misses it must not), ``habit`` (whoever does
this regularly is no finding), ``contract`` (it is silent unless the configuration names that
part of a contract), ``joins`` (findings about the same resource belong to one incident, whoever
acted), ``stolen`` (the credential is in the wrong hands: all it does belongs to the incident),
``deployment`` (what becomes of it when a known deployment did it, ``aside`` or ``medium``; see
``detectors.deployments``), and
``each`` (selections with a condition of their own, asked of the elements of a list one by one).
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from detectors.sigma.expr import Expr, atoms
from detectors.sigma.reading import Name, find, name_of, plain_text
from tocsin.model.findings import Level
from tocsin.model.rows import Fields

BRACES = re.compile(r"\{([^{}\s]+)\}")
DEFAULT_WHY = "{event.actor} did {event.service}:{event.action}."
MEMBERS_SHOWN = 5
CHARACTERS_SHOWN = 120
END_SHOWN = 64
"""So much of its end is kept of what is longer: an actor's person stands there."""

UNKNOWN = "(unknown)"
ASIDE, KEPT = "aside", "medium"
"""What ``deployment`` may say: put aside, or kept at medium until exactly this is habit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """One test a rule carries.

    Attributes:
        name: What it shows.
        finds: Whether the rule must match.
        record: The raw record; None when the test gives normalised fields only.
        event: Normalised fields, by name without ``event.``, instead of or over those that the
            record gives; None for none.
        why: The sentence expected; None when any will do.
    """

    name: str
    finds: bool
    record: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule on single events.

    Attributes:
        id: Its own, or one made of its content.
        title: What it looks for, in a few words.
        author: Who wrote it; shown with each match.
        origin: The rule set it came from, "Tocsin" for our own.
        level: How urgent a match is; medium if it does not say.
        tactics: ATT&CK tactics in its tags, e.g. ``privilege-escalation``.
        techniques: ATT&CK techniques in its tags, e.g. ``T1537``.
        logsource: What it says of product, category and service.
        why: The sentence, with fields in braces.
        habit: An actor that does this regularly is no finding.
        contract: The part of a contract without which it is silent; "" for none.
        joins: Findings about the same resource belong together, whoever acted.
        stolen: What it finds is a credential in the wrong hands.
        deployment: What becomes of it when a known deployment did it; "" for nothing.
        tests: What it must find, and must not.
        where: The file it came from.
        expression: Its condition.
    """

    id: str
    title: str
    author: str
    origin: str
    level: Level
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    logsource: Mapping[str, str]
    why: str
    habit: bool
    contract: str
    joins: bool
    stolen: bool
    deployment: str
    tests: tuple[RuleTest, ...]
    where: str
    expression: Expr = field(repr=False)

    def applies(self, logsource: Mapping[str, str]) -> bool:
        """Return whether all it names of a log source is so there."""
        return all(logsource.get(key) == value for key, value in self.logsource.items())

    def shown(self) -> tuple[Name, ...]:
        """Return the fields its sentence shows."""
        return tuple(name_of(text) for text in BRACES.findall(self.why))

    def names(self) -> frozenset[Name]:
        """Return every field it needs, for judging or for its sentence."""
        judged = (name for atom in atoms(self.expression) for name in atom.names)
        return frozenset(judged).union(self.shown())

    def sentence(self, fields: Fields) -> str:
        """Return why ``fields``, the whole of an event, is a match, for a person to read."""
        start, shown = _taken_apart(self.why)
        return start + "".join([_said(find(fields, name)) + text for name, text in shown])


@functools.cache  # as many as there are rules
def _taken_apart(why: str) -> tuple[str, tuple[tuple[Name, str], ...]]:
    """Return how a sentence begins, and each field it shows with the text that follows."""
    start, *rest = BRACES.split(why)
    names = map(name_of, rest[::2])
    return start, tuple(zip(names, rest[1::2], strict=True))


def why_of(title: str, why: str | None) -> str:
    """Return the sentence of a rule, made of its title if it has none of its own."""
    if why is not None:
        return why
    # The title is somebody else's text: braces in it are not ours to fill.
    return BRACES.sub(r"(\1)", title) + ": " + DEFAULT_WHY


def _said(values: list[Any]) -> str:
    if len(values) == 1 and type(values[0]) is str:
        return _shown(values[0]) or UNKNOWN
    members = list(dict.fromkeys(text for value in values for text in _members(value)))
    shown = ", ".join(members[:MEMBERS_SHOWN])
    more = len(members) - MEMBERS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or UNKNOWN


def _members(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for member in value:
            yield from _members(member)
    elif text := _shown(plain_text(value)):
        yield text


def _shown(text: str) -> str:
    # What stands in a record was written by whoever made the call: no line breaks, no escape
    # sequences, nothing that turns the direction of the text.
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable())
    if len(text) <= CHARACTERS_SHOWN:
        return text
    return f"{text[: CHARACTERS_SHOWN - END_SHOWN - 1]}…{text[-END_SHOWN:]}"
