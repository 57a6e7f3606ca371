"""What people type is one instant, and an hour that comes twice or never is asked about."""

from zoneinfo import ZoneInfo

import pytest

from incidents.assessment import instant
from tests.incidents.cases import at
from tocsin.errors import Refusal


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("2026-11-24T10:15", "Europe/Paris", "2026-11-24T09:15Z"),
        (" 2026-11-24 10:15 ", "Europe/Paris", "2026-11-24T09:15Z"),
        ("2026-10-25T02:30+02:00", "Europe/Paris", "2026-10-25T00:30Z"),
        ("2026-10-25T02:30+01:00", "Europe/Paris", "2026-10-25T01:30Z"),
        ("2026-10-25T01:30Z", "Europe/Paris", "2026-10-25T01:30Z"),
        ("2026-07-01T00:00", "Asia/Jerusalem", "2026-06-30T21:00Z"),
    ],
)
def test_what_people_type_is_one_instant(text: str, zone: str, meant: str) -> None:
    assert instant(text, ZoneInfo(zone)) == at(meant)


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-10-25T02:30", "Europe/Paris", "came twice"),
        ("2026-10-25T01:30", "Europe/London", "came twice"),
        ("2026-10-25T01:30", "Asia/Jerusalem", "came twice"),
        ("2027-03-28T02:30", "Europe/Paris", "does not exist"),
        ("2027-03-28T01:30", "Europe/London", "does not exist"),
        ("2027-03-26T02:30", "Asia/Jerusalem", "does not exist"),
        ("yesterday", "Europe/Paris", "no instant"),
    ],
)
def test_an_hour_that_comes_twice_or_never_is_asked_about(text: str, zone: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as raised:
        instant(text, ZoneInfo(zone))
    assert raised.value.hint
