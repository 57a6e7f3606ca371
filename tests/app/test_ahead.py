"""Events dated ahead of the clock wait in the archive: a person is told whose they are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.app.cli import app
from tocsin.app.config import load
from tocsin.app.house import House
from tocsin.app.passes import one_pass
from tocsin.app.remarks import Ahead
from tocsin.app.schedule import serve

ConfigFile = Callable[..., Path]
Log = Callable[..., Path]

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
SAID = "events are dated ahead of the clock"


def at(instant: datetime, number: int = 99) -> dict[str, str]:
    return {
        "eventTime": instant.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventID": f"00000000-0000-4000-8000-{number:012x}",
    }


def test_a_source_whose_clock_is_ahead_is_named_once_a_day(
    config_file: ConfigFile, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    ahead = [at(NOW + timedelta(hours=hours), hours) for hours in (2, 12, 30)]
    house = House(load(config_file(log({}, {}, *ahead).parent)))
    remarks = Ahead()

    def said(now: datetime) -> str:
        remarks.say(house.store, house.archive, now)
        return capsys.readouterr().out

    assert said(NOW) == ""  # nothing was read yet
    one_pass(house, now=NOW)
    first = said(NOW)
    assert first.count(SAID) == 1
    assert "source=logs" in first
    assert "events=3" in first
    assert "2026-03-10 18:00:00" in first
    assert "judged when their time has come" in first
    assert said(NOW + timedelta(hours=1)) == ""
    assert "events=1" in said(NOW + timedelta(hours=13))
    assert said(NOW + timedelta(hours=31)) == ""
    house.close()


def test_the_service_says_it_after_a_pass_and_check_says_it_as_well(
    config_file: ConfigFile, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_file(log({}, at(datetime(2126, 1, 1, tzinfo=UTC))).parent)
    serve(load(config), clock=lambda: NOW, once=True)
    assert capsys.readouterr().out.count(SAID) == 1
    result = CliRunner().invoke(app, ["check", "--config", str(config)])
    said = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "source.logs 1 event dated ahead of the clock, the newest 2126-01-01 00:00:00" in said
    assert "judged when their time has come" in said


def test_clocks_that_differ_a_little_and_events_of_the_past_are_no_news(
    config_file: ConfigFile, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_file(log({}, at(NOW + timedelta(minutes=4))).parent)
    serve(load(config), clock=lambda: NOW, once=True)
    assert SAID not in capsys.readouterr().out
