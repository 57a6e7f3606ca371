"""Days and months by the calendar, and the law as dated configuration."""

import calendar
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.obligations.law import NOTICE, OF_CASES, Law, load_law
from incidents.obligations.periods import days_after, end_of, months_after, working_day
from tests.incidents.cases import at
from tocsin.errors import ConfigError

PARIS, JERUSALEM = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Jerusalem")
days = st.dates(date(1970, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-11-24", 1, "2026-12-24"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
    ],
)
def test_a_month_ends_on_the_same_numbered_day_or_the_last(day: str, months: int, end: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(end)


@given(days, st.integers(0, 240))
def test_months_never_spill_into_the_month_after(day: date, months: int) -> None:
    end = months_after(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == min(day.day, calendar.monthrange(end.year, end.month)[1])


def test_the_day_of_termination_is_not_counted() -> None:
    assert days_after(date(2026, 11, 30), 30) == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-10-25", PARIS, "2026-10-25T23:00Z"),  # a day of 25 hours
        ("2027-03-28", PARIS, "2027-03-28T22:00Z"),  # of 23
        ("2026-12-30", JERUSALEM, "2026-12-30T22:00Z"),
        ("2028-02-29", PARIS, "2028-02-29T23:00Z"),
    ],
)
def test_a_day_ends_where_the_party_is(day: str, zone: ZoneInfo, end: str) -> None:
    assert end_of(date.fromisoformat(day), zone) == at(end)


def test_only_what_is_not_counted_in_hours_rolls_to_a_working_day() -> None:
    christmas = {date(2026, 12, 25)}
    assert working_day(date(2026, 12, 25), christmas) == date(2026, 12, 28)
    assert working_day(date(2026, 11, 28), christmas) == date(2026, 11, 30)
    assert working_day(date(2026, 11, 24), christmas) == date(2026, 11, 24)
    start = at("2026-12-24T16:05Z")
    law = load_law().at(date(2026, 12, 24))
    assert law[NOTICE].due_at(start, PARIS) == start + timedelta(hours=48)  # a holiday, a Saturday


@pytest.mark.parametrize(
    ("rule", "start", "due"),
    [
        ("notice-to-customer", "2026-11-24T09:15Z", "2026-11-26T09:15Z"),
        ("own-filing", "2026-10-24T07:00Z", "2026-10-27T07:00Z"),
        ("restore", "2026-10-24T07:00Z", "2026-10-25T07:00Z"),
        ("destroy", "2026-11-30T12:00Z", "2026-12-30T23:00Z"),
        ("objection-to-sub-processor", "2027-01-31T12:00Z", "2027-02-28T23:00Z"),
        ("israel-filing", "2026-11-24T09:15Z", "2026-11-24T09:15Z"),
    ],
)
def test_each_duty_is_counted_in_its_own_unit(rule: str, start: str, due: str) -> None:
    assert load_law().at(at(start).date())[rule].due_at(at(start), PARIS) == at(due)


def test_what_is_not_confirmed_or_has_no_clock_ships_switched_off() -> None:
    law = load_law()
    assert all(rule.confirmed for rule in law.rules if rule.on)
    assert {rule.id for rule in law.rules if rule.on} == OF_CASES
    assert not law.running(date(2018, 5, 24))


RULE = """
[[rule]]
id = "{id}"
title = "t"
to = "customer"
starts = "awareness"
{unit}
basis = "b"
source = "s"
version = "2"
valid_from = {day}
checked_on = 2026-11-24
confirmed = true
on = true
"""


def test_a_rule_holds_from_its_day_on(tmp_path: Path) -> None:
    own = tmp_path / "law.toml"
    own.write_text(RULE.format(id="own-filing", unit="hours = 96", day="2028-01-01"))
    law = load_law(own)
    assert law.running(date(2027, 12, 31))["own-filing"].hours == 72
    assert law.running(date(2028, 1, 1))["own-filing"].hours == 96


def test_an_own_rule_of_the_same_day_replaces_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "law.toml"
    own.write_text(RULE.format(id=NOTICE, unit="hours = 24", day="2018-05-25"))
    assert load_law(own).running(date(2026, 1, 1))[NOTICE].hours == 24
    assert len(load_law(own).rules) == len(load_law().rules)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule", "law.toml: "),
        (RULE.format(id="x", unit="hours = 0", day="2028-01-01"), "rule x, hours"),
        (RULE.format(id="x", unit="hours = 1\ndays = 1", day="2028-01-01"), "exclude each other"),
        (RULE.format(id=NOTICE, unit="days = 2", day="2028-01-01"), "counted in hours"),
        (RULE.format(id="x", unit="weeks = 1", day="2028-01-01"), "rule x, weeks"),
        ("[[rule]]\nid = 'x'", "rule x, title"),
        ("rule = [1]", "rule 1"),
        ("rule = 1", "expected [[rule]]"),
        ("[[rules]]", "got rules"),
        (RULE.format(id="x", unit="", day="2028-01-01") * 2, "rule x: twice from 2028-01-01"),
    ],
)
def test_a_law_that_cannot_work_names_file_rule_and_place(
    text: str, said: str, tmp_path: Path
) -> None:
    own = tmp_path / "law.toml"
    own.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_law(own)
    assert said in str(raised.value)
    assert str(own) in str(raised.value)
    assert raised.value.hint


def test_a_law_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_law(tmp_path / "nowhere.toml")


def test_law_of_nothing_runs_nothing() -> None:
    assert Law(()).running(date(2026, 1, 1)) == {}
