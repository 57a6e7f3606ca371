"""How far judging came, what it remembers, and which rules raised on the way."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from tocsin.model.instants import to_us
from tocsin.store.tables import detector_state, fault, position
from tocsin.store.upsert import upsert


class Position(NamedTuple):
    """What was judged: the events of segments up to ``segment`` that lie before an instant.

    Attributes:
        segment: Number of a segment; 0 before the first.
        judged_until: Event time, µs since 1970 UTC.
    """

    segment: int
    judged_until: int


def save_state(db: Connection, name: str, state: bytes, now: datetime) -> None:
    """Store what a detector remembers, in the transaction of what it found."""
    upsert(
        db,
        detector_state,
        [{"name": name, "state": state, "saved_at": to_us(now)}],
        lambda new: {"state": new.state, "saved_at": new.saved_at},
    )


def load_state(db: Connection, name: str) -> bytes | None:
    """Return what a detector remembered; None before the first time."""
    return db.scalar(select(detector_state.c.state).where(detector_state.c.name == name))


def save_position(db: Connection, name: str, to: Position, now: datetime) -> None:
    """Store how far judging came, in the transaction of what it found."""
    upsert(
        db,
        position,
        [{"name": name, **to._asdict(), "saved_at": to_us(now)}],
        lambda new: {name: new[name] for name in ("segment", "judged_until", "saved_at")},
    )


def load_position(db: Connection, name: str) -> Position | None:
    """Return how far judging came; None before the first time."""
    p = position.c
    row = db.execute(select(p.segment, p.judged_until).where(p.name == name)).one_or_none()
    return Position(*row) if row else None


def save_faults(db: Connection, raised: Mapping[str, str], now: datetime) -> None:
    """Store that rules raised: rule id → what happened. Said again, it is counted."""
    at = to_us(now)
    upsert(
        db,
        fault,
        [
            {"rule": rule, "what": what, "first_at": at, "last_at": at, "count": 1}
            for rule, what in raised.items()
        ],
        lambda new: {"what": new.what, "last_at": new.last_at, "count": fault.c.count + 1},
    )


def faults(db: Connection) -> dict[str, str]:
    """Return the rules that raised: rule id → what happened last."""
    rows = db.execute(select(fault.c.rule, fault.c.what).order_by(fault.c.rule))
    return {row.rule: row.what for row in rows}
