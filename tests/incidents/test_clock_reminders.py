"""Reminders follow the strict reading, and each comes out once however the service is restarted."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from incidents.obligations.clock import (
    WEEK,
    Clock,
    Reminders,
    before_start,
    read_clock,
    reminders_due,
)
from tests.incidents.cases import SECOND, H, at

W = timedelta(hours=48)
TABLE = Reminders()


def names(clock: Clock, since: datetime, now: datetime) -> list[tuple[str, ...]]:
    return [one.names for one in reminders_due(TABLE, clock, since, now)]


def test_reminders_follow_the_strict_reading() -> None:
    clock = read_clock(at("2026-11-24T09:15Z"), at("2026-11-24T02:40Z"), W)
    found = reminders_due(TABLE, clock, before_start(clock), at("2026-12-24T00:00Z"))
    assert [(f"{one.at:%d %H:%M}", *one.names) for one in found] == [
        ("25 02:40", "due-24h"),
        ("25 09:15", "aware+24h"),
        ("25 14:40", "due-12h"),
        ("25 21:15", "aware+36h"),
        ("25 22:40", "due-4h"),
        ("26 01:40", "due-1h"),
        ("26 02:40", "due"),
    ]
    assert [one.is_for_team_only for one in found] == [i in (1, 3) for i in range(7)]


def test_two_on_one_instant_are_one() -> None:
    aware = at("2026-11-24T09:15Z")
    clock = read_clock(aware, aware, W)
    found = reminders_due(TABLE, clock, before_start(clock), aware + 60 * H)
    assert [one.names for one in found] == [
        ("due-24h", "aware+24h"),
        ("due-12h", "aware+36h"),
        ("due-4h",),
        ("due-1h",),
        ("due",),
    ]
    assert not any(one.is_for_team_only for one in found)


def test_those_before_the_start_drop_out() -> None:
    aware, known = at("2026-11-25T10:00Z"), at("2026-11-24T02:40Z")
    clock = read_clock(aware, known, W)
    assert names(clock, before_start(clock), clock.strict_due_at) == [
        ("due-12h",),
        ("due-4h",),
        ("due-1h",),
        ("due",),
    ]


def test_where_the_strict_reading_is_past_at_the_start_the_contracts_deadline_is_reminded_of() -> (
    None
):
    clock = read_clock(at("2026-10-26T08:05Z"), at("2026-10-24T06:12Z"), W)
    assert clock.strict_due_at < clock.starts_at
    assert names(clock, before_start(clock), clock.due_at) == [
        ("due-24h", "aware+24h"),
        ("due-12h", "aware+36h"),
        ("due-4h",),
        ("due-1h",),
        ("due",),
    ]


@pytest.mark.parametrize(
    ("window", "has"), [(WEEK, False), (WEEK + SECOND, True), (4 * WEEK, True)]
)
def test_periods_over_a_week_are_reminded_of_a_week_before(window: timedelta, has: bool) -> None:
    start = at("2026-11-24T09:15Z")
    clock = Clock(None, start, start + window, start + window)
    found = names(clock, before_start(clock), start + window)
    assert (("due-7d",) in found) is has
    assert found[-5:] == [("due-24h",), ("due-12h",), ("due-4h",), ("due-1h",), ("due",)]


@given(
    st.timedeltas(timedelta(0), timedelta(hours=60)),
    st.none() | st.timedeltas(timedelta(0), timedelta(hours=90)),
    st.integers(1, 400).map(lambda hours: hours * H),
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=500)), max_size=40),
)
def test_each_reminder_comes_out_once_however_the_service_is_restarted(
    found_after: timedelta,
    shown_after: timedelta | None,
    window: timedelta,
    ticks: list[timedelta],
) -> None:
    known = at("2026-10-23T12:00Z")
    aware = known + found_after
    shown = None if shown_after is None else aware + shown_after
    clock = read_clock(aware, known, window, shown)
    since, out = before_start(clock), list[object]()
    for moment in sorted([*ticks, timedelta(days=400)]):
        now = known + moment
        if now > since:
            out += reminders_due(TABLE, clock, since, now)
            since = now
    assert out == reminders_due(TABLE, clock, before_start(clock), known + timedelta(days=400))
    assert len(out) == len(set(out))
    falls = [one.at for one in reminders_due(TABLE, clock, before_start(clock), since)]
    assert falls == sorted(set(falls))
    assert all(one >= clock.starts_at for one in falls)
    assert clock.due_at in falls or clock.strict_due_at in falls  # the deadline itself, always


def test_a_span_below_nothing_is_no_reminder() -> None:
    with pytest.raises(ValidationError):
        Reminders(before_due=(timedelta(hours=-1),))
