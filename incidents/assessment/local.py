"""Instants as people type them: a wall-clock time in a zone is one instant, or it is refused.

In autumn an hour comes twice, in spring one does not come at all. Guessing would put a deadline
an hour wrong, so the person is asked.

Source: PEP 495 (local time disambiguation).
"""

from datetime import UTC, datetime, tzinfo

from tocsin.errors import Refusal


def instant(text: str, zone: tzinfo) -> datetime:
    """Return what a person typed, in UTC.

    Args:
        text: ISO 8601; with an offset it stands for itself, without one it is of ``zone``.
        zone: Of the person who typed it.

    Raises:
        Refusal: It cannot be read, comes twice, or does not exist in that zone.
    """
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refusal(
            f"{text!r} is no instant", hint="Write it like 2026-11-24T10:15 or …T09:15Z."
        ) from error
    if typed.tzinfo is not None:
        return typed.astimezone(UTC)
    first, second = (typed.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != typed:
        raise Refusal(
            f"{text} does not exist in {zone}: the clocks were put forward over it",
            hint="Write it with its offset, or in UTC with Z.",
        )
    raise Refusal(
        f"{text} came twice in {zone}: the clocks were put back",
        hint=f"Write {first:%Y-%m-%dT%H:%MZ} for the first time, {second:%Y-%m-%dT%H:%MZ} for "
        "the second.",
    )
