"""The team is alerted when somebody reports an incident, without a word of the report."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import runbooks
from incidents.assessment import Told
from incidents.assessment.bodies import Reporter
from notifiers import outbox
from notifiers.base import Channel, Message, Purpose
from tests.casework import office
from tests.casework.office import ALICE, HOUR, NAMES, NOW
from tests.casework.person import Person
from tocsin.app.casework import acts, following, reporting, ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal
from tocsin.model.findings import Level

At = Callable[..., Desk]
WHAT = f"{NAMES['c-1']} says that its export lies on a page; ask Hélène at +33 1 99 00 10 01."
WEBHOOK = """
[notifiers.webhook]
name = "chat"
url = {{ env = "CHAT_URL" }}
"""


def told(reporter: Reporter = "customer", **changes: Any) -> Told:
    """Return a report whose title is its first words, as the command line makes it."""
    made = reporting.told(
        title="",
        what=WHAT,
        received_at=NOW - HOUR,
        reporter=reporter,
        name=NAMES["c-1"],
        channel="email",
        establishes=False,
        originals=(),
    )
    return made._replace(**changes)


def alerts(desk: Desk, number: int) -> list[Message]:
    with desk.store.read() as db:
        standings = outbox.standings(db, incident=number)
        found = [one.key for one in standings if one.purpose == Purpose.ALERT]
        return [outbox.message(db, key) for key in found]


def test_the_team_is_alerted_by_mail_and_chat_without_a_customer(
    at: At,
) -> None:
    desk = at("opened", office.FILES)
    number = acts.report(desk, told(), principal=ALICE, now=NOW).number
    (mail,) = alerts(desk, number)
    assert (mail.channel, mail.to, mail.customer) == (Channel.EMAIL, "oncall@voxline.example", "")
    assert mail.subject == f"Incident {number}, level high: reported by a customer"
    assert "2026-03-09 13:00:00 UTC" in mail.body_text
    assert f"tocsin incident show {number}" in mail.body_text
    for word in (*NAMES.values(), "export", "Hélène", "+33", "c-1"):
        assert word not in mail.subject + mail.body_text
    ticking.tick(desk, NOW)
    assert len(alerts(desk, number)) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "reporter", ["person", "customer", "supplier", "researcher", "authority", "press"]
)
def test_the_chat_is_alerted_too_in_the_teams_language(
    at: At, reporter: Reporter, language: str
) -> None:
    desk = at("opened", office.FILES + WEBHOOK)
    team = desk.config.team.model_copy(update={"webhook": True, "language": language})
    desk.config = desk.config.model_copy(update={"team": team})
    number = acts.report(desk, told(reporter), principal=ALICE, now=NOW).number
    assert {one.channel for one in alerts(desk, number)} == {Channel.EMAIL, Channel.WEBHOOK}
    said = {"fr": "signalé par", "en": "reported by"}[language]
    assert all(said in one.subject for one in alerts(desk, number))


def test_an_incident_below_the_teams_level_is_not_told(at: At) -> None:
    desk = at("opened")
    number = acts.report(desk, told(level=Level.LOW), principal=ALICE, now=NOW).number
    assert alerts(desk, number) == []


def test_a_report_that_is_refused_alerts_nobody(at: At) -> None:
    desk = at("opened")
    before = office.everything(desk)
    with pytest.raises(Refusal):
        acts.report(desk, told(what=" "), principal=ALICE, now=NOW)
    assert office.everything(desk) == before


def test_the_command_sends_the_alert_at_once(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("opened")
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    said = ["--what", WHAT, "--received-at", at, "--reporter", "customer", "--channel", "email"]
    alice.types("incident", "open", *said)
    sent = [one for one in (Path(alice.config).parent / "sent").iterdir() if "alert-2-" in one.name]
    assert len(sent) == 1
    assert b"Lavande" not in sent[0].read_bytes()


def test_a_reported_incident_is_linked_to_every_runbook_as_nothing_says_which(at: At) -> None:
    desk = at("opened")
    case = acts.report(desk, told(), principal=ALICE, now=NOW)
    shown = acts.show(desk, case.number, now=NOW)
    first, *others = following.commands(shown)
    assert first == f"tocsin incident take {case.number}"
    said = [one for one in others if "runbook" in one]
    assert said == [f"tocsin incident runbook {name}" for name in runbooks.names()]
