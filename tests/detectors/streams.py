"""Short streams of events for tests of FOLLOW, written as a person would tell them."""

import itertools
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tocsin.model.columns import ABSENT, EPOCH, Columns, Interner, in_order, pack_ids
from tocsin.model.events import MICROSECOND, NUMBERS, WORDS, ActorKind, Event, Outcome, Reason
from tocsin.model.findings import Hit

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALICE = "arn:aws:iam::111122223333:user/alice"
OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
_numbers = itertools.count()


def event(after: timedelta, service: str, action: str, /, **more: Any) -> Event:
    """Return alice's event so long after the start, a success from the office unless said."""
    source = "cloudtrail" if service != "crm" else "crm"
    fields: dict[str, Any] = {
        "id": str(uuid.UUID(int=next(_numbers), version=4)),
        "actor": ALICE,
        "actor_kind": ActorKind.USER,
        "credential": "AKIAALICE",
        "ip": OFFICE,
        "user_agent": "aws-cli/2.15.0",
        "region": "eu-west-3",
        "account": "111122223333",
        "outcome": Outcome.SUCCESS,
        "reason": Reason.NONE,
        **more,
    }
    return Event(at=START + after, source=source, service=service, action=action, **fields)


def denied(after: timedelta, service: str, action: str, /, **more: Any) -> Event:
    """Return the same, refused."""
    refusal = {"outcome": Outcome.FAILURE, "reason": Reason.DENIED}
    return event(after, service, action, **{**refusal, **more})


def daily(days: int, service: str, action: str, /, *, times: int = 1, **more: Any) -> list[Event]:
    """Return what happens every day: a habit."""
    return [
        event(day * DAY + n * timedelta(minutes=5), service, action, **more)
        for day in range(days)
        for n in range(times)
    ]


def columns(events: Iterable[Event]) -> Columns:
    """Return events in judging order, each once."""
    events = list(events)
    at = np.array([(e.at - EPOCH) // MICROSECOND for e in events], np.int64)
    ids, odd = pack_ids([e.id for e in events]) if events else (np.zeros(0), {})
    word, code = {}, {}
    for field in WORDS:
        numbers = Interner()
        code[field] = np.array([numbers[str(getattr(e, field))] for e in events], np.int32)
        word[field] = list(numbers)
    made = Columns(
        at=at,
        id=ids,
        word=word,
        code=code,
        number={
            field: np.array(
                [ABSENT if (n := getattr(e, field)) is None else n for e in events], np.int64
            )
            for field in NUMBERS
        },
        id_text=odd,
        raw_object=["test"],
        raw_code=np.zeros(len(events), np.int32),
        raw_place=np.arange(len(events), dtype=np.int32),
    )
    return made.take(in_order(made.at, made.id)[0]) if events else made


def hits_on(events: Columns, rule: str, actions: Sequence[str]) -> list[Hit]:
    """Return what a rule says that looks for these actions."""
    rows = np.flatnonzero(events.rows_with("action", actions)).tolist()
    return [Hit(row, rule, f"{rule} matched.") for row in rows]
