"""What tests of impact share: a small house with registers, a data map and an archive."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from incidents import impact
from incidents.impact import ImpactRun
from tests.detectors.streams import ALICE, ELSEWHERE, HOUR, START, columns, event
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.model.events import Event
from tocsin.model.findings import Incident, Level
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = START + timedelta(days=3)
BOB = Principal("shell", "bob")
S = timedelta(seconds=1)
CUSTOMERS = """
[[customer]]
id = "c-{0}"
name = "Customer {0}"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01

[[inventory]]
store = "recordings"
customer = "c-{0}"
category = "telephone conversations"
records = 100
subjects = 40
on = 2026-03-01

[[inventory]]
store = "database"
customer = "c-{0}"
category = "contact"
records = 50
subjects = 50
on = 2026-03-01
"""
MAP = """
[[store]]
name = "recordings"
categories = ["telephone conversations"]
people = ["customers and prospects"]
reads_logged_by = ["cloudtrail"]

[[store]]
name = "database"
categories = ["contact"]

[[action]]
name = "fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings'
object = '(?P<customer>c-\\d)/(?P<record>(?P<subject>\\d+)-\\d+)'
store = "recordings"
customer = "named"
effect = "read"
subjects = "some"

[[action]]
name = "deleted"
source = "cloudtrail"
service = "s3"
actions = ["DeleteObject"]
resource = 'recordings'
object = '(?P<customer>c-\\d)/(?P<record>(?P<subject>\\d+)-\\d+)'
store = "recordings"
customer = "named"
effect = "deleted"

[[action]]
name = "stands open"
source = "cloudtrail"
service = "s3"
actions = ["PutBucketPolicy"]
resource = 'recordings'
store = "recordings"
customer = "all"
effect = "exposed"

[[action]]
name = "handed out"
source = "cloudtrail"
service = "rds"
actions = ["ModifyDBSnapshotAttribute"]
store = "database"
customer = "all"
effect = "exported"
count = "store"

[[action]]
name = "queried"
source = "cloudtrail"
service = "rds-data"
actions = ["ExecuteStatement"]
store = "database"
customer = "unknown"
effect = "read"
count = "event"
"""


class House:
    """A store, an archive, and what they hold."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.archive, self.folder = store, Archive(folder / "archive"), folder
        self.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), MAP)
        job = {"credential": "AKIAJOB"}  # somebody is always at work
        self.put(*(event(n * HOUR + 7 * S, "s3", "ListBuckets", **job) for n in range(-24, 49)))

    def take(self, text: str, datamap_text: str) -> None:
        """Take registers and a data map."""
        one, other = self.folder / "all.toml", self.folder / "datamap.toml"
        one.write_text(text)
        other.write_text(datamap_text)
        with self.store.begin() as db:
            found = registers.plan_import(db, one)
            registers.take_import(db, found, principal=BOB, now=NOW)
            datamap.take(db, datamap.plan(db, other), principal=BOB, now=NOW)

    def put(self, *events: Event) -> None:
        """Let events be read."""
        files = self.archive.write(columns(events), [])
        with self.store.begin() as db:
            self.archive.add(db, "logs", files, NOW)

    def run(self, *events: Event, also: Iterable[Event] = (), **more: Any) -> ImpactRun:
        """Make a run of an incident of these events, with others in the archive beside them."""
        self.put(*events, *also)
        return self.again(*events, **more)

    def again(self, *events: Event, **more: Any) -> ImpactRun:
        """Make a run of an incident of these events."""
        now = more.pop("now", NOW)
        with self.store.begin() as db:
            incident = case(*events)
            made = impact.compute(db, self.archive, incident, 7, principal=BOB, now=now, **more)
            return impact.keep(db, made, principal=BOB, now=now)


def case(*events: Event) -> Incident:
    return Incident(
        id="i",
        title="t",
        level=Level.HIGH,
        opened_at=to_us(events[0].at),
        last_at=to_us(events[-1].at),
        score=1.0,
        actors=(ALICE,),
        entities=(),
        finding_ids=(),
        event_ids=tuple(one.id for one in events),
    )


def fetch(second: int, key: str, /, **more: Any) -> Event:
    fields = {"resource": "recordings", "object": key, "ip": ELSEWHERE, **more}
    return event(second * S, "s3", "GetObject", **fields)


def standings(run: ImpactRun) -> dict[str, tuple[str, str]]:
    return {one.customer: (str(one.standing), str(one.reason)) for one in run.customers}
