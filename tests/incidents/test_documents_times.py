"""Instants and periods are shown as the worked examples say, and never later than they are."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.documents.speech import Speech
from tests.incidents.reading import mail_of
from tests.incidents.samples import at, facts, known
from tocsin.errors import ConfigError

VECTORS = (
    (
        "2026-11-24T09:15Z",
        "vendredi 27 novembre 2026 à 10 h 15",
        "vendredi 27 novembre 2026 à 11 h 00",
    ),
    ("2026-11-27T17:40Z", "lundi 30 novembre 2026 à 18 h 40", "lundi 30 novembre 2026 à 19 h 00"),
    (
        "2026-12-24T16:05Z",
        "dimanche 27 décembre 2026 à 17 h 05",
        "dimanche 27 décembre 2026 à 18 h 00",
    ),
    ("2026-10-24T07:00Z", "mardi 27 octobre 2026 à 8 h 00", "mardi 27 octobre 2026 à 9 h 00"),
    ("2027-03-26T22:30Z", "mardi 30 mars 2027 à 0 h 30", "mardi 30 mars 2027 à 1 h 00"),
    ("2027-03-27T08:00Z", "mardi 30 mars 2027 à 10 h 00", "mardi 30 mars 2027 à 11 h 00"),
    ("2027-10-30T07:00Z", "mardi 2 novembre 2027 à 8 h 00", "mardi 2 novembre 2027 à 9 h 00"),
)


@pytest.mark.parametrize(("received", "ends", "arguable"), VECTORS)
def test_the_customers_own_72_hours_end_as_the_worked_examples_say(
    received: str, ends: str, arguable: str
) -> None:
    now = datetime.fromisoformat(received)
    base = facts("fr")
    assert base.clock.state == "known"
    due = {"due_at": now + timedelta(hours=1), "strict_due_at": now}
    clock = base.clock.value.model_copy(update=due)
    text = mail_of(facts("fr", prepared_at=now, clock=known(clock)))["body.txt"]
    words = re.sub(r"[\s\u00a0]+", " ", text)
    assert f"elles prennent fin le {ends}" in words
    assert f"prendrait fin le {arguable}" in words


def test_both_readings_and_every_correction_are_shown() -> None:
    base = facts("en")
    assert base.clock.state == "known"
    correction = {"former_at": at(24, 11), "corrected_at": at(24, 12, 5)}
    clock = base.clock.value.model_dump() | {"corrections": (correction,)}
    text = re.sub(r"\s+", " ", mail_of(facts("en", clock=known(clock)))["body.txt"])
    assert "Our limit under the contract: Thursday 26 November 2026 at 09:15" in text
    assert "Counted from first detection: Thursday 26 November 2026 at 02:40" in text
    assert "we had recorded Tuesday 24 November 2026 at 11:00" in text


def test_a_customer_found_later_reads_when_its_own_period_started() -> None:
    base = facts("en")
    assert base.clock.state == "known"
    later = {"starts_at": at(25, 14, 20), "due_at": at(27, 14, 20)}
    clock = base.clock.value.model_copy(update=later)
    text = re.sub(r"\s+", " ", mail_of(facts("en", clock=known(clock)))["body.txt"])
    assert "Your period started: Wednesday 25 November 2026 at 14:20" in text
    assert "Our limit under the contract: Friday 27 November 2026 at 14:20" in text


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_never_shown_later_than_it_is(instant: datetime) -> None:
    text = Speech("en", "UTC").instant(instant)
    read = datetime.strptime(text, "%A %d %B %Y at %H:%M UTC").replace(tzinfo=UTC)
    assert timedelta(0) <= instant - read < timedelta(minutes=1)


def test_a_register_with_a_wrong_time_zone_is_named() -> None:
    with pytest.raises(ConfigError, match="Europe/Pariss"):
        Speech("fr", "Europe/Pariss")
