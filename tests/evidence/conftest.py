"""A house with an incident, captured records and a bundle of it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from collectors.base import Needs
from collectors.files import Files, FilesSettings
from collectors.raw import RawRecords
from incidents.evidence import capture
from incidents.evidence.bundle import Attached, Bundle, Event, Item, Moment
from incidents.evidence.export import export
from tests.collectors.logs import NothingKnown, cloudtrail_record, trail
from tocsin import ledger
from tocsin.geo import Geo
from tocsin.ledger import checkpoints, rotation
from tocsin.ledger.keys import open_key
from tocsin.model.principals import SERVICE, Principal
from tocsin.model.rows import no_rules
from tocsin.store import Store

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
ALICE = Principal("shell", "alice")


class House(NamedTuple):
    """Where everything lies, and the id of each event."""

    store: Store
    folder: Path
    ids: tuple[str, ...]

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def key(self) -> Path:
        return self.folder / "key"

    def bundle(self, **sections: Any) -> Bundle:
        """Return a small bundle in which each customer has something."""
        a, b = self.ids[:2]
        given: dict[str, Any] = {
            "incident": 1,
            "made_at": NOW,
            "timeline": (
                Moment(at=NOW, what="read by a stranger", source="event", customer="acme"),
                Moment(at=NOW, what="=cmd|' /C calc'!A0", source="log", customer="zenith"),
                Moment(at=NOW, what="the key was taken away", source="entry 2", shared=True),
            ),
            "events": (
                Event(data={"id": a, "action": "GetObject"}, customer="acme"),
                Event(data={"id": b, "action": "GetObject"}, customer="zenith"),
            ),
            "findings": (Item(data={"id": "f1", "why": "a new country"}),),
            "impact": (Item(data={"run": 1, "customer": "acme"}, customer="acme"),),
            "files": (
                Attached(name="n.txt", what="notice", content=b"To: acme\r\n", customer="acme"),
                Attached(name="n.txt", what="notice", content=b"To: zenith\n", customer="zenith"),
            ),
        }
        return Bundle(**given | sections)

    def export(self, target: Path, bundle: Bundle | None = None, **options: Any) -> Path:
        with self.store.begin() as db:
            key = rotation.open_current(db, self.key)
            signed = checkpoints.sign(db, key, at=NOW)
            return export(
                db,
                bundle or self.bundle(),
                target,
                evidence=self.evidence,
                signed=signed,
                key=key,
                **options,
            )

    @property
    def public(self) -> bytes:
        return open_key(self.key).public.pem.encode()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    records = [
        cloudtrail_record(1, requestParameters={"bucketName": "acme-calls"}),
        cloudtrail_record(2, requestParameters={"bucketName": "zenith-calls"}),
    ]
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "trail.json").write_bytes(trail(records))
    files = Files(FilesSettings(paths=(logs,)), Needs(), Geo())
    (page,) = files.find(NothingKnown())
    columns = files.read(page, no_rules).columns
    store = Store(tmp_path / "state.db")
    house = House(store, tmp_path, columns.event_ids(range(len(columns))))
    asked = capture.wanted(columns, range(len(columns)))
    collected = capture.collect(asked, RawRecords(), house.evidence)
    with store.begin() as db:
        for kind, fact, who in (
            ("incident.opened", {"incident": 1, "title": "a key used abroad"}, SERVICE),
            ("incident.opened", {"incident": 2, "title": "another matter"}, SERVICE),
            ("note.taken", {"incident": 1, "note": "fact", "text": "plain"}, ALICE),
            ("note.taken", {"incident": 1, "note": "working", "text": "guesswork"}, ALICE),
            ("note.taken", {"incident": 1, "note": "privileged", "sha256": "counsel"}, ALICE),
            ("message.queued", {"incident": 1, "customer": "acme", "message": "m1"}, SERVICE),
            ("message.queued", {"incident": 1, "customer": "zenith", "message": "m2"}, SERVICE),
            ("approval.given", {"incident": 1, "customer": "acme", "sha256": "0"}, ALICE),
            ("incident.grown", {"incident": 1, "findings": 2, "name": "Bergeron"}, SERVICE),
        ):
            ledger.append(db, kind, fact, principal=who, at=NOW)
        ledger.erase(db, [9], "asked for", principal=ALICE, at=NOW)
        capture.record(db, 1, collected, principal=SERVICE, now=NOW)
    yield house
    store.close()


@pytest.fixture
def exported(house: House, tmp_path: Path) -> Path:
    return house.export(tmp_path / "bundle")


@pytest.fixture
def told() -> Callable[[Path], list[dict[str, Any]]]:
    """Return what reads a file of JSON lines."""

    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    return read
