"""A handful of objects → segment files, in whatever process.

Events stay on disk; what is handed back is small.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from collectors.base import Batch, Collector, Needs, Reject
from collectors.batches import combined
from collectors.reading import TOO_MUCH
from detectors.sigma.match import Matcher
from detectors.sigma.rule import Rule
from tocsin.app.engine.choosing import Choice
from tocsin.app.sources import SourceSettings, collector
from tocsin.archive.segments import SegmentFile, write_segments
from tocsin.geo import Geo
from tocsin.model.columns import Columns, join
from tocsin.model.findings import Finding, Hit, Level, finding_id
from tocsin.model.sources import SourceObject

HANDFUL_BYTES = 4 << 20
"""Stored bytes of one handful: what one process holds at a time, several times over."""

LEAST_BYTES = 256 << 10
HANDFUL_OBJECTS = 2_000
UNKNOWN_BYTES = 64 << 10
"""What an object of unknown size counts as."""

AT_ONCE = Level.HIGH
"""From this level on a rule's match is said before it is followed."""


class Plan(BaseModel, frozen=True):
    """What a process needs to know to read; it travels.

    Attributes:
        sources: By name.
        choice: Which rules are asked.
        mmdb: Where addresses are.
        folder: Where segments go.
        spool: They are for this process's children only, and need not outlive the power.
    """

    sources: dict[str, SourceSettings]
    choice: Choice
    mmdb: Path | None
    folder: Path
    spool: bool


class Handful(NamedTuple):
    """Objects of one source, read together.

    Attributes:
        source: Name of the source.
        stem: Name for the segments; no other has it.
        objects: The objects.
    """

    source: str
    stem: str
    objects: tuple[SourceObject, ...]

    @property
    def size(self) -> int:
        """Stored bytes."""
        return sum(one.size for one in self.objects)


class Taken(NamedTuple):
    """What became of a handful.

    Attributes:
        handful: What was read.
        batch: Rejects, states of objects, faults and counts; its events are in the files.
        files: The segments.
        alerts: What rules say that must not wait.
    """

    handful: Handful
    batch: Batch
    files: tuple[SegmentFile, ...]
    alerts: tuple[Finding, ...]


class Reader:
    """Reads handfuls; one per process."""

    def __init__(self, plan: Plan, rules: Sequence[Rule] | None = None) -> None:
        """Prepare the sources; load the rules that the plan chooses unless they are given."""
        self._plan = plan
        rules = plan.choice.load().rules if rules is None else rules
        self._urgent = {r.id: r for r in rules if r.level >= AT_ONCE and not r.habit}
        self._match = Matcher(rules)
        self._sources = collectors(plan, self._match)

    def read(self, handful: Handful) -> Taken:
        """Read a handful into segment files; an object that memory has no room for is broken.

        Raises:
            CollectError: The source as a whole cannot be reached.
            ArchiveError: The disk refuses.
        """
        try:
            return self._read(handful)
        except MemoryError:
            pass  # what was half made is let go of first, at the end of this block
        alone = [
            self._alone(Handful(handful.source, f"{handful.stem}-{number}", (one,)))
            for number, one in enumerate(handful.objects)
        ]
        return Taken(
            handful,
            combined([one.batch for one in alone]),
            tuple(file for one in alone for file in one.files),
            tuple(alert for one in alone for alert in one.alerts),
        )

    def _alone(self, handful: Handful) -> Taken:
        try:
            return self._read(handful)
        except MemoryError:
            pass
        (one,) = handful.objects
        rejects = (Reject(one.address, "", TOO_MUCH, ""),)
        nothing = Batch(join([]), (), rejects, ((one, "broken"),), records=0)
        return Taken(handful, nothing, (), ())

    def _read(self, handful: Handful) -> Taken:
        plan = self._plan
        batch = self._sources[handful.source].read(handful.objects, self._match)
        files = write_segments(
            plan.folder, batch.columns, batch.hits, stem=handful.stem, spool=plan.spool
        )
        alerts = () if plan.spool else tuple(self._alerts(batch.columns, batch.hits))
        small = replace(batch, columns=join([]), hits=())
        return Taken(handful, small, tuple(files), alerts)

    def _alerts(self, events: Columns, hits: Sequence[Hit]) -> Iterator[Finding]:
        for hit in hits:
            if (rule := self._urgent.get(hit.rule)) is not None:
                yield _alert(events, hit, rule)


def collectors(plan: Plan, match: Matcher) -> dict[str, Collector]:
    """Return the collectors of a plan, by name of the source."""
    needs, geo = Needs(match.roots(), match.needs_whole), Geo(plan.mmdb)
    return {name: collector(settings, needs, geo) for name, settings in plan.sources.items()}


def handfuls(
    source: str, objects: Iterable[SourceObject], stem: str, most_bytes: int = HANDFUL_BYTES
) -> Iterator[Handful]:
    """Yield objects in handfuls, in their order.

    Args:
        source: Name of the source.
        objects: Its objects.
        stem: Begins the names of the segments; no other call has it.
        most_bytes: Stored bytes of one handful; a larger object is one by itself.
    """
    held, size, number = list[SourceObject](), 0, 0
    for one in objects:
        its = one.size or UNKNOWN_BYTES
        if held and (size + its > most_bytes or len(held) >= HANDFUL_OBJECTS):
            yield Handful(source, f"{stem}-{number}", tuple(held))
            held, size, number = [], 0, number + 1
        held.append(one)
        size += its
    if held:
        yield Handful(source, f"{stem}-{number}", tuple(held))


def _alert(events: Columns, hit: Hit, rule: Rule) -> Finding:
    """Return what a rule says; FOLLOW says it again under the same id, with what ties it."""
    event_id, at = events.event_id(hit.row), int(events.at[hit.row])
    return Finding(
        id=finding_id(rule.id, (event_id,)),
        rule=rule.id,
        title=rule.title,
        author=rule.author,
        origin=rule.origin,
        level=rule.level,
        at=at,
        since=at,
        actor=events.text("actor", hit.row),
        entities=(),
        event_ids=(event_id,),
        why=hit.why,
        tactics=rule.tactics,
    )
