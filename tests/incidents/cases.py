"""What tests of cases share: instants, people, reports, detected incidents, moves, refusals."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, select

from incidents.assessment import Told, close, confirm, dismiss, open_report, reopen, take, take_up
from incidents.assessment.states import Move
from tocsin.errors import Refusal
from tocsin.model.findings import Finding, Incident, Level
from tocsin.model.instants import to_us
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store
from tocsin.store.cases import save_findings, save_incidents

ALICE, BOB = Principal("shell", "alice"), Principal("oidc", "bob")
H, SECOND = timedelta(hours=1), timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


NOW = at("2026-11-24T10:00Z")
KNOWN = at("2026-11-24T02:40Z")
AWARE = at("2026-11-24T09:15Z")
NAIVE = datetime(2026, 11, 24, 9, 15)  # noqa: DTZ001 - that is the point


def told(**more: Any) -> Told:
    said: dict[str, Any] = {
        "title": "Mail to the wrong customer",
        "what": "An export went to another company.",
        "received_at": KNOWN,
        "reporter": "customer",
        "name": "Acme",
        "channel": "email",
        **more,
    }
    return Told(**said)


def reported(store: Store, now: datetime = NOW, **more: Any) -> int:
    """Open an incident by a report and return its number."""
    with store.begin() as db:
        return open_report(db, told(**more), principal=ALICE, now=now).number


def finding(name: str, detected_at: datetime = KNOWN, level: Level = Level.HIGH) -> Finding:
    return Finding(
        id=name,
        rule="volume-high",
        title="Much more than ever",
        author="Tocsin",
        origin="Tocsin",
        level=level,
        at=to_us(detected_at),
        since=to_us(detected_at),
        actor="leo",
        entities=("actor:leo",),
        event_ids=(f"event-{name}",),
        why="leo exported much.",
    )


def detected(
    db: Connection,
    name: str = "i",
    findings: dict[str, datetime] | None = None,
    level: Level = Level.HIGH,
    *,
    now: datetime = NOW,
    merged: tuple[str, ...] = (),
) -> int:
    """Store an incident as detection does, and take it up. ``findings``: id → detected at."""
    found = findings or {f"{name}-1": KNOWN}
    for one, detected_at in found.items():
        save_findings(db, [finding(one, detected_at)], detected_at)
    incident = Incident(
        id=name,
        title="Much exported",
        level=level,
        opened_at=to_us(min(found.values())),
        last_at=to_us(max(found.values())),
        score=80.0,
        actors=("leo",),
        entities=("actor:leo",),
        finding_ids=tuple(found),
        event_ids=tuple(f"event-{one}" for one in found),
        merged=merged,
    )
    number = save_incidents(db, [incident], now)[name]
    take_up(db, [number], now=now)
    return number


def everything(store: Store) -> dict[str, list[Any]]:
    """Return all rows of all tables, so that a test can say: nothing changed."""
    with store.read() as db:
        named = MetaData()
        named.reflect(db)
        return {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.columns))]
            for table in named.sorted_tables
        }


def refused(store: Store, said: str, act: Callable[[Connection], object]) -> None:
    """Assert that an act is refused with these words, and that nothing at all changed."""
    before = everything(store)
    # Committed all the same: whatever was written before the refusal would stay.
    with store.begin() as db, pytest.raises(Refusal, match=said) as raised:
        act(db)
    assert raised.value.hint
    assert everything(store) == before


ACTS: dict[Move, Callable[[Connection, int], object]] = {
    Move.TAKE: lambda db, n: take(db, n, why="mine", principal=ALICE, now=NOW),
    Move.CONFIRM: lambda db, n: confirm(
        db, n, aware_at=AWARE, why="seen", principal=ALICE, now=NOW
    ),
    Move.DISMISS: lambda db, n: dismiss(db, n, why="a drill", principal=ALICE, now=NOW),
    Move.CLOSE: lambda db, n: close(db, n, why="done", unsettled=(), principal=BOB, now=NOW),
    Move.REOPEN: lambda db, n: reopen(db, n, why="a bounce", principal=SERVICE, now=NOW),
}
"""Each move as a person makes it; whatever reopens an incident is the service."""
