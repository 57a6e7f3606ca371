"""Instants as numbers: µs since 1970 UTC, which mean the same in arrays, files and databases."""

from datetime import UTC, date, datetime, timedelta

from tocsin.model.events import DAY_US, MICROSECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(at: datetime) -> int:
    """Return an instant in µs since 1970 UTC, exactly.

    Raises:
        ValueError: It has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, got {at.isoformat()}")
    return (at - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """Return µs since 1970 UTC as an instant."""
    return EPOCH + us * MICROSECOND


def day_of(us: int) -> date:
    """Return the UTC day an instant lies in."""
    return EPOCH.date() + timedelta(days=us // DAY_US)
