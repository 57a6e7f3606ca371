"""The clock, to the second: the worked examples of the law, and what holds for all instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.obligations.clock import read_clock
from incidents.obligations.periods import hours_after, latest_arguable
from tests.incidents.cases import H, at

PARIS, LONDON, JERUSALEM = map(ZoneInfo, ("Europe/Paris", "Europe/London", "Asia/Jerusalem"))
W = timedelta(hours=48)

# Aware in Paris (fold as given) | in UTC | +48 h UTC | in Paris | +72 h UTC | in Paris |
# Reg. 1182/71 art. 3(1), in Paris
WORKED = [
    ("2026-11-24T10:15", 0, "2026-11-24T09:15Z", "2026-11-26T09:15Z", "Thu 26 10:15",
     "2026-11-27T09:15Z", "Fri 27 10:15", "Fri 27 11:00"),
    ("2026-11-27T18:40", 0, "2026-11-27T17:40Z", "2026-11-29T17:40Z", "Sun 29 18:40",
     "2026-11-30T17:40Z", "Mon 30 18:40", "Mon 30 19:00"),
    ("2026-12-24T17:05", 0, "2026-12-24T16:05Z", "2026-12-26T16:05Z", "Sat 26 17:05",
     "2026-12-27T16:05Z", "Sun 27 17:05", "Sun 27 18:00"),
    ("2026-10-24T09:00", 0, "2026-10-24T07:00Z", "2026-10-26T07:00Z", "Mon 26 08:00",
     "2026-10-27T07:00Z", "Tue 27 08:00", "Tue 27 09:00"),
    ("2026-10-25T02:30", 0, "2026-10-25T00:30Z", "2026-10-27T00:30Z", "Tue 27 01:30",
     None, None, None),
    ("2026-10-25T02:30", 1, "2026-10-25T01:30Z", "2026-10-27T01:30Z", "Tue 27 02:30",
     None, None, None),
    ("2027-03-26T23:30", 0, "2027-03-26T22:30Z", "2027-03-28T22:30Z", "Mon 29 00:30",
     "2027-03-29T22:30Z", "Tue 30 00:30", "Tue 30 01:00"),
    ("2027-03-27T09:00", 0, "2027-03-27T08:00Z", "2027-03-29T08:00Z", "Mon 29 10:00",
     "2027-03-30T08:00Z", "Tue 30 10:00", "Tue 30 11:00"),
    ("2027-10-30T09:00", 0, "2027-10-30T07:00Z", "2027-11-01T07:00Z", "Mon 01 08:00",
     "2027-11-02T07:00Z", "Tue 02 08:00", "Tue 02 09:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "fold", "aware", "due", "shown", "three_days", "shown_72", "arguable"), WORKED
)
def test_the_worked_examples_come_out_to_the_second(  # noqa: PLR0917 - a row of the table
    typed: str,
    fold: int,
    aware: str,
    due: str,
    shown: str,
    three_days: str | None,
    shown_72: str | None,
    arguable: str | None,
) -> None:
    aware_at = datetime.fromisoformat(typed).replace(tzinfo=PARIS, fold=fold)
    clock = read_clock(aware_at, aware_at, W)
    assert clock.aware_at == at(aware)
    assert clock.due_at == at(due) == clock.strict_due_at
    assert clock.due_at.tzinfo is UTC
    assert f"{clock.due_at.astimezone(PARIS):%a %d %H:%M}" == shown
    assert (clock.due_at - at(aware)).total_seconds() == 172_800
    if three_days is not None:
        filing = hours_after(aware_at, 72)
        assert filing == at(three_days)
        assert (filing - at(aware)).total_seconds() == 259_200
        assert f"{filing.astimezone(PARIS):%a %d %H:%M}" == shown_72
        latest = latest_arguable(aware_at, 72, PARIS).astimezone(PARIS)
        assert f"{latest:%a %d %H:%M}" == arguable


@pytest.mark.parametrize(
    ("aware", "shown"),
    [
        ("2026-11-24T09:15Z", "Thu 26 11:15"),
        ("2026-11-27T17:40Z", "Sun 29 19:40"),
        ("2026-12-24T16:05Z", "Sat 26 18:05"),
        ("2026-10-24T07:00Z", "Mon 26 09:00"),
        ("2027-03-26T22:30Z", "Mon 29 01:30"),
    ],
)
def test_the_same_instants_on_a_wall_in_jerusalem(aware: str, shown: str) -> None:
    due_at = read_clock(at(aware), at(aware), W).due_at
    assert f"{due_at.astimezone(JERUSALEM):%a %d %H:%M}" == shown


# Case | first detection or receipt | awareness | strict due | contract due
STRICT = [
    ("alert in the night, decided at 10:15 Paris",
     "2026-11-24T02:40Z", "2026-11-24T09:15Z", "2026-11-26T02:40Z", "2026-11-26T09:15Z"),
    ("decided after 23 h, over a week-end",
     "2026-11-27T17:40Z", "2026-11-28T16:40Z", "2026-11-29T17:40Z", "2026-11-30T16:40Z"),
    ("a supplier's mail of Saturday, read on Monday",
     "2026-10-24T06:12Z", "2026-10-26T08:05Z", "2026-10-26T06:12Z", "2026-10-28T08:05Z"),
    ("the same mail had named the breach",
     "2026-10-24T06:12Z", "2026-10-24T06:12Z", "2026-10-26T06:12Z", "2026-10-26T06:12Z"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "known", "aware", "strict_due", "due"), STRICT)
def test_the_strict_reading_stands_beside_the_contracts(
    case: str, known: str, aware: str, strict_due: str, due: str
) -> None:
    clock = read_clock(at(aware), at(known), W)
    assert (clock.strict_due_at, clock.due_at) == (at(strict_due), at(due)), case


def test_the_vectors_on_the_walls_they_were_written_for() -> None:
    shown = [
        f"{at(text).astimezone(PARIS):%a %H:%M}" for row in STRICT[:3] for text in (row[3], row[4])
    ]
    assert shown == ["Thu 03:40", "Thu 10:15", "Sun 18:40", "Mon 17:40", "Mon 07:12", "Wed 09:05"]


def test_a_customer_found_later_has_a_period_of_its_own() -> None:
    aware, known = at("2026-11-24T09:15Z"), at("2026-11-24T02:40Z")
    clock = read_clock(aware, known, W, shown_at=at("2026-11-25T14:20Z"))
    assert clock.starts_at == at("2026-11-25T14:20Z")
    assert clock.due_at == at("2026-11-27T14:20Z")
    assert clock.strict_due_at == at("2026-11-26T09:15Z")
    before = read_clock(aware, known, W, shown_at=at("2026-11-24T08:00Z"))
    assert before == read_clock(aware, known, W)


# Zone | instant of the change | wall clock just before and at it
CHANGES = [
    (PARIS, "2026-10-25T01:00Z", "+02:00", "+01:00"),
    (PARIS, "2027-03-28T01:00Z", "+01:00", "+02:00"),
    (PARIS, "2027-10-31T01:00Z", "+02:00", "+01:00"),
    (PARIS, "2028-03-26T01:00Z", "+01:00", "+02:00"),
    (PARIS, "2028-10-29T01:00Z", "+02:00", "+01:00"),
    (LONDON, "2026-10-25T01:00Z", "+01:00", "+00:00"),
    (LONDON, "2027-03-28T01:00Z", "+00:00", "+01:00"),
    (LONDON, "2027-10-31T01:00Z", "+01:00", "+00:00"),
    (LONDON, "2028-03-26T01:00Z", "+00:00", "+01:00"),
    (JERUSALEM, "2026-10-24T23:00Z", "+03:00", "+02:00"),
    (JERUSALEM, "2027-03-26T00:00Z", "+02:00", "+03:00"),
    (JERUSALEM, "2027-10-30T23:00Z", "+03:00", "+02:00"),
    (JERUSALEM, "2028-03-24T00:00Z", "+02:00", "+03:00"),
    (JERUSALEM, "2028-10-28T23:00Z", "+03:00", "+02:00"),
]


@pytest.mark.parametrize(("zone", "change", "before", "after"), CHANGES)
def test_a_change_of_clocks_moves_no_deadline(
    zone: ZoneInfo, change: str, before: str, after: str
) -> None:
    second = timedelta(seconds=1)
    moment = at(change)
    walls = [f"{(moment - s).astimezone(zone):%z}" for s in (second, timedelta(0))]
    assert walls == [before.replace(":", ""), after.replace(":", "")]
    for hours in range(49):
        aware_at = (moment - hours * H - second).astimezone(zone)
        due_at = read_clock(aware_at, aware_at, W).due_at
        assert (due_at - aware_at.astimezone(UTC)).total_seconds() == 172_800


ZONES = ["Europe/Paris", "Europe/London", "Asia/Jerusalem", "Pacific/Kiritimati", "Pacific/Niue",
         "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(
    datetime(1970, 1, 2), datetime(2100, 12, 31), timezones=zones, allow_imaginary=False  # noqa: DTZ001 - the zones are drawn beside it
)  # fmt: skip
windows = st.integers(1, 24 * 60).map(lambda hours: hours * H)


@given(instants, instants, windows)
def test_both_readings_are_elapsed_time_in_any_zone(
    aware: datetime, known: datetime, window: timedelta
) -> None:
    clock = read_clock(aware, known, window)
    assert clock.aware_at is not None
    assert clock.due_at.timestamp() - aware.timestamp() == pytest.approx(window.total_seconds())
    assert clock.due_at - clock.starts_at == window
    assert clock.strict_due_at - window == min(known.astimezone(UTC), clock.aware_at)
    assert clock.strict_due_at <= clock.due_at
    for other in ZONES:  # where somebody looks from changes nothing
        there = aware.astimezone(ZoneInfo(other))
        assert read_clock(there, known, window) == clock


@given(instants, st.timedeltas(timedelta(0), timedelta(days=90)), windows)
def test_whoever_is_found_later_is_never_due_before_those_found_first(
    aware: datetime, later: timedelta, window: timedelta
) -> None:
    start = aware.astimezone(UTC)
    first = read_clock(start, start, window)
    clock = read_clock(start, start, window, start + later)
    assert clock.due_at == first.due_at + later
    assert clock.strict_due_at == first.due_at


@given(instants, st.integers(1, 2000))
def test_the_latest_arguable_end_lies_within_an_hour_behind_the_elapsed_one(
    start: datetime, hours: int
) -> None:
    assert isinstance(start.tzinfo, ZoneInfo)
    elapsed, latest = hours_after(start, hours), latest_arguable(start, hours, start.tzinfo)
    assert timedelta(0) < latest - elapsed <= H
    local = (latest - hours * H).astimezone(start.tzinfo)
    assert (local.minute, local.second, local.microsecond) == (0, 0, 0) or (
        local.utcoffset() != start.utcoffset()  # the clocks changed within that hour
    )


def test_a_leap_day_is_a_day() -> None:
    aware = at("2028-02-28T12:00Z")
    assert read_clock(aware, aware, W).due_at == at("2028-03-01T12:00Z")
    aware = at("2100-02-28T12:00Z")
    assert read_clock(aware, aware, W).due_at == at("2100-03-02T12:00Z")


def test_an_instant_without_a_zone_and_a_window_of_nothing_are_refused() -> None:
    naive = datetime(2026, 11, 24, 9, 15)  # noqa: DTZ001 - that is the point
    good = at("2026-11-24T09:15Z")
    for aware, known, window in ((naive, good, W), (good, naive, W), (good, good, 0 * H)):
        with pytest.raises(ValueError, match=r"time zone|positive"):
            read_clock(aware, known, window)
