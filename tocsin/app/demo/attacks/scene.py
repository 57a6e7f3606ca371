"""Where an attack is put together: its records in both logs, and what it really took."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tocsin.app.demo.application import Application
from tocsin.app.demo.applog import AppLog, Line
from tocsin.app.demo.company import Company, Recording
from tocsin.app.demo.hours import DAY_S, midnight
from tocsin.app.demo.people import Customer
from tocsin.app.demo.records import Written
from tocsin.app.demo.trail import Trail
from tocsin.app.demo.truth import Attack, touch


class Planted(NamedTuple):
    """One attack, ready to be strewn among the month's records.

    Attributes:
        attack: Its truth.
        cloud: Its records in AWS, related ones too.
        lines: Its lines in the application's log.
    """

    attack: Attack
    cloud: tuple[Written, ...]
    lines: tuple[Line, ...]


class Scene:
    """Gathers one attack.

    Attributes:
        trail: AWS's records of it.
        log: The application's lines of it.
        related: Ids of records it caused, or that ended it.
        credentials: Keys it came by on its way.
    """

    def __init__(self, company: Company, name: str) -> None:
        self.company = company
        self.dice = company.dice("attack", name)
        self.trail, self.log = Trail(self.dice), AppLog(self.dice)
        self.related: set[str] = set()
        self.credentials: list[str] = []
        self._taken: list[tuple[float, str, str, str, set[str], set[str]]] = []

    def application(self, day: date) -> Application:
        """Return a day of the application; what it causes in AWS counts as related."""
        return Application(self.company, day, self.log, self.trail, self.related)

    def days(self, first: date, count: int) -> list[date]:
        """Return up to ``count`` days from ``first`` on, as far as the month goes."""
        ahead = (first + timedelta(days=n) for n in range(count))
        return [day for day in ahead if day <= self.company.end]

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Count the records at AWS that are added meanwhile as related."""
        before = len(self.trail.records)
        yield
        self.related.update(record.id for record in self.trail.records[before:])

    def day_of(self, at: float) -> date:
        """Return the UTC day an instant falls on."""
        return datetime.fromtimestamp(at, UTC).date()

    def days_before(self, day: date, count: int) -> date:
        """Return the day so many days before."""
        return day - timedelta(days=count)

    def heard(
        self, at: float, customer: Customer, recording: Recording, how: str = "downloaded"
    ) -> None:
        """Note that a recording was taken."""
        person = f"{customer.id}/{recording.contact}"
        self._taken.append((at, customer.id, "recordings", how, {recording.key}, {person}))

    def took(
        self, at: float, customer: Customer, store: str, how: str, numbers: Iterable[int]
    ) -> None:
        """Note that records of a store, named by their numbers, were taken."""
        records = {f"{customer.id}/{number}" for number in numbers}
        self._taken.append((at, customer.id, store, how, records, records))

    def planted(self, attack: Attack) -> Planted:
        """Return the attack with its truth filled in, cut off where the month ends."""
        end = midnight(self.company.end) + DAY_S
        cloud = tuple(record for record in self.trail.records if record.at < end)
        lines = tuple(line for line in self.log.lines if line.at < end)
        attack.settle(
            [(record.at, record.id) for record in cloud if record.id not in self.related],
            [(line.at, line.id) for line in lines if line.id not in self.related],
        )
        kept = {record.id for record in cloud} | {line.id for line in lines}
        attack.related = sorted(self.related & kept)
        sums: defaultdict[tuple[str, str, str], tuple[set[str], set[str]]]
        sums = defaultdict(lambda: (set(), set()))
        for at, customer, store, how, records, subjects in self._taken:
            if at < end:
                sums[customer, store, how][0].update(records)
                sums[customer, store, how][1].update(subjects)
        attack.touched = [
            touch(customer, store, how, len(records), len(subjects))
            for (customer, store, how), (records, subjects) in sorted(sums.items())
        ]
        return Planted(attack, cloud, lines)
