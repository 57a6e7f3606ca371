"""Findings, what they are about, and the incidents they make.

A finding's id is a function of its rule and of the events it rests on, so saying the same thing
twice (a record read twice, a restart, another worker) is saying it once.
"""

import hashlib
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import msgspec


class Level(IntEnum):
    """How urgent a finding or an incident is; it compares by urgency."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        """Return the word used in rules, files and texts."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> "Level":
        """Return the level that ``word`` names, in any case.

        Raises:
            ValueError: No level has this name; the text lists those there are.
        """
        try:
            return cls[word.strip().upper()]
        except KeyError:
            known = ", ".join(str(level) for level in cls)
            raise ValueError(f"no level {word!r}; the levels are {known}") from None


class Hit(NamedTuple):
    """What a rule said of one row of a batch, before it is a finding.

    Attributes:
        row: Number of the row in the batch, from 0.
        rule: Id of the rule.
        why: One sentence a person understands.
    """

    row: int
    rule: str
    why: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector says of one or more events.

    Attributes:
        id: Made of rule and events; see :func:`finding_id`.
        rule: Id of the rule or detector.
        title: What it is, in a few words.
        author: Who wrote the rule; a rule's licence asks that it is shown with each match.
        origin: The rule set the rule came from, "Tocsin" for our own.
        level: How urgent by itself.
        at: Event time of the last event it rests on, µs since 1970 UTC.
        since: Instant at which it could be said first, µs; findings are put in this order. It
            may rest on earlier events, and grow by later ones.
        actor: Who acted.
        entities: What ties it to other findings: ``actor:`` (at the beginning of the chain, or
            brought into being), ``key:`` (a credential), ``resource:`` (where the rule says so),
            ``network:`` (one the house did not know).
        event_ids: The events it rests on, in event time. They may become more: a finding grows
            and keeps its id.
        why: One sentence a person understands.
        tactics: ATT&CK tactics, e.g. ``exfiltration``.
        late: Judged after the lateness had passed.
        disposition: "" while it counts; else why it does not open or raise an incident.
    """

    id: str
    rule: str
    title: str
    author: str
    origin: str
    level: Level
    at: int
    since: int
    actor: str
    entities: tuple[str, ...]
    event_ids: tuple[str, ...]
    why: str
    tactics: tuple[str, ...] = ()
    late: bool = False
    disposition: str = ""


class Incident(msgspec.Struct, kw_only=True):
    """A case a person owns: findings that belong together.

    Attributes:
        id: Stable: made of its first finding.
        title: What it is, in a few words.
        level: How urgent.
        opened_at: When its first finding could be said, µs since 1970 UTC.
        last_at: Event time of its last finding.
        score: Risk the findings add up to; see :mod:`incidents.grouping`.
        actors: Who acted in it, most findings first.
        entities: Identities that tie further findings to it.
        finding_ids: Its findings, in event time.
        event_ids: The events of the attack, in event time: not everything the actor ever did.
        merged: Ids of incidents that turned out to be part of this one.
    """

    id: str
    title: str
    level: Level
    opened_at: int
    last_at: int
    score: float
    actors: tuple[str, ...]
    entities: tuple[str, ...]
    finding_ids: tuple[str, ...]
    event_ids: tuple[str, ...]
    merged: tuple[str, ...] = ()


def finding_id(rule: str, event_ids: Iterable[str]) -> str:
    """Return the id of what ``rule`` says of these events: 32 hex digits, stable for ever."""
    digest = hashlib.blake2b(rule.encode(), digest_size=16)
    for event_id in event_ids:
        digest.update(b"\0" + event_id.encode())
    return digest.hexdigest()
