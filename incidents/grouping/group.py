"""Which findings belong together.

Findings that share an entity (a chain of identities, a credential, an exposed resource, a network
nobody here knew) and lie close enough in time are one group; a finding that shares entities with
several makes one of them. A group that adds up to enough is an incident, and from then on it is
kept; before that, what lies further back than the window is dropped from it, by the hour: a group
may have a hundred thousand findings, and looking at all of them for each would never end.

An incident's id is made of its first finding, so saying it again is saying the same. Findings grow
(``tocsin.model.findings``): one that comes again replaces itself.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from incidents.grouping import score
from incidents.grouping.settings import GroupingSettings
from tocsin.model.events import HOUR_US, MICROSECOND
from tocsin.model.findings import Finding, Incident, Level, finding_id

VERSION = 2


class Member(msgspec.Struct, frozen=True):
    """A finding in a group, as much of it as is needed."""

    rule: str
    title: str
    level: Level
    since: int
    at: int
    actor: str
    tactics: tuple[str, ...]
    event_ids: tuple[str, ...]


class Group(msgspec.Struct):
    """Findings that belong together.

    Attributes:
        id: The incident's; "" while it is none.
        since: Instant of its first finding's first event, µs.
        last: Instant of the last event.
        entities: What ties further findings to it.
        members: Finding id → what is kept of it.
        merged: Ids of the incidents that became part of it.
        shares: Rule → what it has to say here, while the group is no incident.
        cut: Before this hour (µs) nothing is left in it, while it is none.
    """

    id: str
    since: int
    last: int
    entities: list[str]
    members: dict[str, Member] = {}
    merged: list[str] = []
    shares: dict[str, score.Share] = {}
    cut: int = 0


class State(msgspec.Struct):
    """All groups that may still grow.

    Attributes:
        version: Of the state's meaning.
        groups: Number of the group → group.
        of_entity: Entity → number of the group it ties to.
        of_finding: Finding id → number of its group.
        next: The next number.
    """

    version: int = VERSION
    groups: dict[int, Group] = {}
    of_entity: dict[str, int] = {}
    of_finding: dict[str, int] = {}
    next: int = 0


class Grouping:
    """Puts findings together, step by step."""

    def __init__(self, settings: GroupingSettings | None = None) -> None:
        """Take the settings, by default the shipped ones."""
        self._settings = settings or GroupingSettings()
        self._window = _us(self._settings.window)
        self._open_window = _us(self._settings.open_window)

    def start(self) -> State:
        """Return the state before the first finding."""
        return State()

    def step(self, state: State, findings: Iterable[Finding]) -> tuple[list[Incident], State]:
        """Take the next findings.

        Args:
            state: As the last step left it; it is changed in place and handed back.
            findings: Those of one step of FOLLOW. What was put aside by habit ties nothing and
                counts nothing.

        Returns:
            Incidents that opened or changed, and the state. Of incidents that became one, the
            one that began first goes on.
        """
        touched = set[int]()
        latest = 0
        for finding in sorted(findings, key=lambda f: (f.since, f.id)):
            if finding.disposition or not finding.entities:
                continue
            touched.add(self._take(state, finding))
            latest = max(latest, finding.since)
        changed = [
            self._incident(state.groups[number])
            for number in sorted(touched & state.groups.keys())
            if self._is_open(state.groups[number])
        ]
        self._let_go(state, latest)
        return sorted(changed, key=lambda incident: (incident.opened_at, incident.id)), state

    def _take(self, state: State, finding: Finding) -> int:
        numbers = {
            number
            for entity in finding.entities
            if (number := state.of_entity.get(entity)) is not None
            and self._is_near(state.groups[number], finding)
        }
        if (own := state.of_finding.get(finding.id)) is not None:
            numbers.add(own)
        if numbers:
            number = min(numbers, key=lambda n: (state.groups[n].since, n))
            for other in sorted(numbers - {number}):
                self._merge(state, number, other)
        else:
            number, state.next = state.next, state.next + 1
            state.groups[number] = Group("", finding.since, finding.at, [])
        group = state.groups[number]
        member = Member(
            finding.rule,
            finding.title,
            finding.level,
            finding.since,
            finding.at,
            finding.actor,
            finding.tactics,
            finding.event_ids,
        )
        before = group.members.get(finding.id)
        group.members[finding.id] = member
        if before is not None and member.level < before.level and not self._is_open(group):
            group.shares = _shares(group.members.values())  # nobody may say worse any more
        elif not self._is_open(group):
            _count(group.shares, member, again=before is not None)
        group.since, group.last = min(group.since, finding.since), max(group.last, finding.at)
        state.of_finding[finding.id] = number
        for entity in finding.entities:
            if entity not in group.entities:
                group.entities.append(entity)
            state.of_entity[entity] = number
        if not self._is_open(group):
            self._shorten(state, group, finding.since - self._window)
            self._open(group)
        return number

    def _is_near(self, group: Group, finding: Finding) -> bool:
        window = self._open_window if group.id else self._window
        return finding.since - group.last <= window and group.since - finding.at <= window

    def _is_open(self, group: Group) -> bool:
        return bool(group.id)

    def _open(self, group: Group) -> None:
        if score.is_incident(group.shares, self._settings):
            first = min(group.members, key=lambda f: (group.members[f].since, f))
            group.id = finding_id("incident", (first,))
            group.shares = {}

    def _shorten(self, state: State, group: Group, before: int) -> None:
        """Drop the findings of what is no incident that lie too far back, once an hour."""
        hour = before - before % HOUR_US
        if hour <= group.cut:
            return
        group.cut = hour
        gone = [key for key, member in group.members.items() if member.at < hour]
        for old in gone:
            del group.members[old]
            del state.of_finding[old]
        if gone:
            group.since = min(member.since for member in group.members.values())
            group.shares = _shares(group.members.values())

    def _merge(self, state: State, into: int, other: int) -> None:
        group, gone = state.groups[into], state.groups.pop(other)
        if gone.id and group.id:
            group.merged.append(gone.id)
        group.merged.extend(gone.merged)
        group.id = group.id or gone.id
        group.members.update(gone.members)
        group.shares = {} if group.id else _shares(group.members.values())
        group.cut = min(group.cut, gone.cut)
        group.since, group.last = min(group.since, gone.since), max(group.last, gone.last)
        for key in gone.members:
            state.of_finding[key] = into
        for entity in gone.entities:
            if state.of_entity.get(entity) == other:
                state.of_entity[entity] = into
            if entity not in group.entities:
                group.entities.append(entity)

    def _let_go(self, state: State, at: int) -> None:
        """Forget groups that nothing can join any more."""
        for number, group in list(state.groups.items()):
            if group.last >= at - (self._open_window if group.id else self._window):
                continue
            del state.groups[number]
            for entity in group.entities:
                if state.of_entity.get(entity) == number:
                    del state.of_entity[entity]
            for key in group.members:
                state.of_finding.pop(key, None)

    def _incident(self, group: Group) -> Incident:
        members = sorted(group.members.items(), key=lambda item: (item[1].since, item[0]))
        shares = _shares(group.members.values())
        actors = Counter(member.actor for _, member in members)
        return Incident(
            id=group.id,
            title=score.title(shares),
            level=score.level(shares, self._settings),
            opened_at=group.since,
            last_at=group.last,
            score=round(score.score(shares), 1),
            actors=tuple(sorted(actors, key=lambda actor: (-actors[actor], actor))),
            entities=tuple(group.entities),
            finding_ids=tuple(key for key, _ in members),
            event_ids=_event_ids([member for _, member in members]),
            merged=tuple(group.merged),
        )


def encode(state: State) -> bytes:
    """Return a state as bytes, to be stored with the position."""
    return msgspec.msgpack.encode(state)


def decode(stored: bytes) -> State:
    """Return a stored state; a new one if its meaning has changed since."""
    version = msgspec.msgpack.decode(stored, strict=False).get("version")
    return msgspec.msgpack.decode(stored, type=State) if version == VERSION else State()


def _shares(members: Iterable[Member]) -> dict[str, score.Share]:
    shares = dict[str, score.Share]()
    for member in members:
        _count(shares, member)
    return shares


def _count(shares: dict[str, score.Share], member: Member, *, again: bool = False) -> None:
    """Add what a finding has to say; ``again``: it was counted, and may have become worse."""
    share = shares.get(member.rule)
    if share is None:
        shares[member.rule] = score.Share(member.level, member.title, member.tactics)
        return
    share.count += not again
    share.level = max(share.level, member.level)


def _event_ids(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event for member in members for event in member.event_ids))


def _us(span: timedelta) -> int:
    return span // MICROSECOND
