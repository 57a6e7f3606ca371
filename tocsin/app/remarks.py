"""What the service says in its log of how its sources are read: each thing once.

A source that says nothing of what became of it looks like a quiet one.
"""

from collections import Counter
from datetime import date, datetime, timedelta

import structlog

from collectors.base import Batch
from tocsin.app.rendering import SAY_MISSING, instant
from tocsin.archive.archive import Archive
from tocsin.model.instants import to_us
from tocsin.store import Store
from tocsin.store.objects import UNREADABLE

log = structlog.get_logger("tocsin")

AHEAD = timedelta(minutes=5)
"""Clocks that differ by so much are as they are everywhere."""

JUDGED_LATER = "Its clock or zone is ahead: they are judged when their time has come."


class SetAside:
    """What of one pass could not be read: said once, at its end, with an example of each source."""

    def __init__(self) -> None:
        self._records, self._files = Counter[str](), Counter[str]()
        self._first = dict[str, tuple[str, str]]()

    def take(self, source: str, batch: Batch) -> None:
        """Count what a batch could not read."""
        self._records[source] += len(batch.rejects)
        self._files[source] += sum(state in UNREADABLE for _, state in batch.objects)
        for one in batch.rejects[:1]:
            self._first.setdefault(source, (f"{one.address} {one.place}".strip(), one.reason))
        for file, state in batch.objects:
            if state in UNREADABLE:
                self._first.setdefault(source, (file.address, state))

    def say(self) -> None:
        """Log it; nothing when all was read."""
        for source in self._records:
            records, files = self._records[source], self._files[source]
            if not records and not files:
                continue
            place, why = self._first[source]
            log.warning(
                "set aside, could not be read",
                source=source,
                records=records,
                files=files,
                first=place,
                why=why,
            )


class Mute:
    """Sources none of whose records so far says its outcome: each is named once."""

    def __init__(self) -> None:
        self._says, self._named = dict[str, bool](), set[str]()

    def take(self, batch: Batch) -> None:
        """Hear what a batch's records say."""
        for name, says in batch.says_outcome.items():
            self._says[name] = says or self._says.get(name, False)

    def say(self) -> None:
        """Log those that were not named yet."""
        for name in sorted(name for name, says in self._says.items() if not says):
            if name not in self._named:
                self._named.add(name)
                log.warning(
                    "no record says its outcome: rules that ask for success match none of them",
                    logs=name,
                    hint=SAY_MISSING,
                )


class Ahead:
    """Sources with events dated ahead of the clock: each is named once a day.

    Judging goes up to the clock, so what lies beyond waits, perhaps for a century.
    """

    def __init__(self) -> None:
        self._named = dict[str, date]()

    def say(self, store: Store, archive: Archive, now: datetime) -> None:
        """Log those that were not named today.

        Raises:
            ArchiveError: A stored file is missing or damaged.
        """
        limit = to_us(now + AHEAD)
        with store.read() as db:
            newest = archive.newest_event(db)
            due = {
                name
                for name, at in newest.items()
                if at > limit and self._named.get(name) != now.date()
            }
            found = archive.ahead(db, limit) if due else {}
        for name in sorted(due):
            self._named[name] = now.date()
            log.warning(
                "events are dated ahead of the clock",
                source=name,
                events=found[name].events,
                newest=instant(found[name].last_at),
                hint=JUDGED_LATER,
            )
