"""The service's tick: receipts meet what is owed and take it back, reminders come exactly once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incidents.obligations import NOTICE, Obligation
from notifiers import outbox
from notifiers.base import Channel, Kind, Message, News, Purpose
from notifiers.following import receive
from notifiers.tables import outbox as box
from tests.casework import office
from tests.casework.office import ALICE, AWARE, HOUR, MINUTE, NAMES, NOW
from tests.casework.reads import counted
from tests.casework.test_reported import told
from tests.servers.relay import Lever, Relay
from tocsin import registers
from tocsin.app.casework import acts, further, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.app.house import House
from tocsin.app.passes import one_pass
from tocsin.app.schedule import serve
from tocsin.errors import ArchiveError
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
SENT = NOW + 10 * MINUTE
C1, C2 = "c-1", "c-2"
REMINDERS = """
notice to a customer: due in 23 h 30 min
decision about a possible customer: due in 4 h
decision about a possible customer: due in 1 h
notice to a customer: due in 12 h
decision about a possible customer: due now
notice to a customer: due in 4 h
notice to a customer: due in 1 h
our own filing with the authority: 24 h after awareness
notice to a customer: due now, 24 h after awareness
notice to a customer: due in 24 h, 24 h after awareness
our own filing with the authority: 36 h after awareness
notice to a customer: 36 h after awareness
notice to a customer: due in 12 h, 36 h after awareness
notice to a customer: due in 4 h
notice to a customer: due in 1 h
our own filing with the authority: due in 24 h
notice to a customer: due now
our own filing with the authority: due in 12 h
our own filing with the authority: due in 4 h
our own filing with the authority: due in 1 h
our own filing with the authority: due now
""".strip().splitlines()
"""In order of time, one contract of 48 hours, one of 24; what fell before it was typed is late."""


def sent(desk: Desk) -> None:
    """Approve, send, deliver, tick."""
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=SENT)
    sending.send(desk, sha256, principal=ALICE, now=SENT)
    ticking.deliver(desk, SENT)
    ticking.tick(desk, SENT)


def letter(desk: Desk, customer: str, channel: Channel = Channel.EMAIL) -> str:
    """Return the key of a customer's message."""
    with desk.store.read() as db:
        (key,) = [
            one.key
            for one in outbox.standings(db, incident=1, customer=customer)
            if one.channel == channel
        ]
    return key


def heard(desk: Desk, customer: str, kind: Kind, now: datetime, *, attempt: int = 1) -> None:
    """Let news of a customer's letter come in, and tick."""
    with desk.store.begin() as db:
        news = News(kind, f"{kind} {attempt}")
        receive(db, letter(desk, customer), attempt, news, principal=SERVICE, now=now)
    ticking.tick(desk, now)


def owed(desk: Desk, customer: str) -> Obligation:
    found = acts.show(desk, 1).owed
    (one,) = [one for one in found if one.clause == NOTICE and one.customer == customer]
    return one


def team(desk: Desk, *purposes: Purpose) -> list[Message]:
    """Return the messages to the team."""
    with desk.store.read() as db:
        return [
            outbox.message(db, one.key)
            for one in outbox.standings(db)
            if one.purpose in (purposes or (Purpose.ALERT, Purpose.REMINDER))
        ]


def test_handed_over_is_not_notified(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    assert {office.words(desk)[letter(desk, one)] for one in (C1, C2)} == {"accepted"}
    for later in range(5):
        ticking.tick(desk, SENT + later * HOUR)
    assert owed(desk, C1).is_open
    assert owed(desk, C2).is_open
    for kind in (Kind.DELAYED, Kind.RELAYED, Kind.ANSWERED):
        heard(desk, C1, kind, SENT + 6 * HOUR)
        assert owed(desk, C1).is_open, kind


@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.ACKNOWLEDGED])
def test_delivered_and_acknowledged_meet_the_obligation_of_that_customer_alone(
    at: At, kind: Kind
) -> None:
    desk = at("previewed")
    sent(desk)
    heard(desk, C1, kind, SENT + HOUR)
    assert owed(desk, C1).met_at == SENT + HOUR
    assert owed(desk, C2).is_open
    before = len(office.intact(desk))
    ticking.tick(desk, SENT + HOUR)  # the same news says nothing new
    assert len(office.intact(desk)) == before


def test_a_late_bounce_takes_the_delivery_back_and_the_team_is_told_once(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    heard(desk, C1, Kind.DELIVERED, SENT + HOUR)
    heard(desk, C1, Kind.BOUNCED, SENT + 2 * HOUR)
    assert owed(desk, C1).is_open
    assert office.words(desk)[letter(desk, C1)] == "failed"
    kinds = [one.kind for one in office.intact(desk)]
    assert kinds[-2:] == ["obligation.reopened", "message.queued"]  # the team is told
    for later in range(3):
        ticking.tick(desk, SENT + (3 + later) * HOUR)
    told = [one for one in team(desk, Purpose.ALERT) if one.key.startswith("failed-")]
    assert len(told) == 1
    with desk.store.begin() as db:
        key = letter(desk, C1)
        outbox.send_again(db, key, why="address mended", principal=ALICE, now=SENT + 7 * HOUR)
    ticking.deliver(desk, SENT + 7 * HOUR)
    heard(desk, C1, Kind.DELIVERED, SENT + 8 * HOUR, attempt=2)
    assert owed(desk, C1).met_at == SENT + 8 * HOUR


def test_an_acknowledgement_outlasts_a_bounce(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    heard(desk, C1, Kind.ACKNOWLEDGED, SENT + HOUR)
    heard(desk, C1, Kind.BOUNCED, SENT + 2 * HOUR)
    assert owed(desk, C1).met_at == SENT + HOUR


def test_a_bounce_told_before_its_delivery_leaves_the_clock_running(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    heard(desk, C1, Kind.BOUNCED, SENT + HOUR)
    heard(desk, C1, Kind.DELIVERED, SENT + 2 * HOUR)
    assert owed(desk, C1).is_open


def test_a_letter_that_is_refused_for_good_is_told_and_holds_up_no_other(
    at: At, relay: Relay
) -> None:
    bad = office.CONTACTS[C1][0]
    relay.by_recipient[bad] = Lever("RCPT", "550 5.1.1 no such user")
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    words = office.words(desk)
    assert (words[letter(desk, C1)], words[letter(desk, C2)]) == ("failed", "accepted")
    told, of_call = sorted(
        (one for one in team(desk) if one.key.startswith("failed-")),
        key=lambda one: "phone" in one.body_text,
    )
    assert letter(desk, C1) in told.body_text  # the key, from which nobody reads the customer
    assert "phone, 0 attempts" in of_call.body_text  # it would say that a letter waits
    ticking.deliver(desk, SENT + HOUR)
    assert told.to in relay.recipients


def test_letters_that_a_rule_of_the_relay_refuses_are_tried_again_and_told_once(
    at: At, relay: Relay
) -> None:
    barred = Lever("RCPT", "554 5.7.1 <x>: Relay access denied")
    for contact in (C1, C2):
        relay.by_recipient[office.CONTACTS[contact][0]] = barred
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    key = letter(desk, C1)
    assert {office.words(desk)[letter(desk, one)] for one in (C1, C2)} == {"waiting"}

    def told() -> list[Message]:
        return [one for one in team(desk) if one.key.startswith(("stuck-", "failed-"))]

    ticking.tick(desk, SENT + 15 * MINUTE)
    assert told() == []
    for minutes in (16, 17, 60):
        ticking.tend(desk, SENT + minutes * MINUTE)
    (alert,) = told()
    assert "(email): 2." in alert.body_text
    assert alert.to in relay.recipients
    with desk.store.read() as db:
        stands = outbox.standing(db, key)
    assert stands.attempts > 1
    assert "A rule of the relay" in stands.why
    assert "address with the customer" not in stands.why
    relay.by_recipient.clear()
    ticking.tend(desk, SENT + 3 * HOUR)
    assert {office.words(desk)[letter(desk, one)] for one in (C1, C2)} == {"accepted"}
    assert len(told()) == 1


def _told(desk: Desk) -> list[Message]:
    return [one for one in team(desk) if one.key.startswith(("stuck-", "failed-"))]


def test_letters_that_still_wait_when_a_notice_is_due_soon_are_told_once_more(
    at: At, relay: Relay
) -> None:
    busy = Lever("RCPT", "451 4.3.0 busy")
    for contact in (C1, C2):
        relay.by_recipient[office.CONTACTS[contact][0]] = busy
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    due = min(owed(desk, one).due_at for one in (C1, C2))
    for now in (SENT + HOUR, due - 4 * HOUR - MINUTE):
        ticking.tick(desk, now)
        assert len(_told(desk)) == 1
    for now in (due - 4 * HOUR, due - HOUR, due, due + HOUR):
        ticking.tick(desk, now)
    first, near = sorted(_told(desk), key=lambda one: "-near" in one.key)
    assert "due soon" not in first.subject
    assert "due soon" in near.subject
    assert "(email): 2." in near.body_text


def test_what_still_waits_is_told_once_more_by_the_strict_reading(at: At, relay: Relay) -> None:
    busy = Lever("RCPT", "451 4.3.0 busy")
    relay.by_recipient = dict.fromkeys((office.CONTACTS[one][0] for one in (C1, C2)), busy)
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    earlier = told()._replace(received_at=AWARE - 6 * HOUR)
    further.report(desk, 1, earlier, principal=ALICE, now=SENT + MINUTE)
    strict = min(owed(desk, one).strict_due_at for one in (C1, C2))
    assert strict == min(owed(desk, one).due_at for one in (C1, C2)) - 6 * HOUR
    ticking.tick(desk, strict - 4 * HOUR - MINUTE)
    assert ["-near" in one.key for one in _told(desk)] == [False]
    ticking.tick(desk, strict - 4 * HOUR)
    assert sorted("-near" in one.key for one in _told(desk)) == [False, True]
    ticking.tick(desk, strict + 2 * HOUR)  # four hours before the contract's own limit
    assert len(_told(desk)) == 2


def test_a_tick_reads_the_notices_that_are_owed_once(at: At, relay: Relay) -> None:
    busy = Lever("RCPT", "451 4.3.0 busy")
    relay.by_recipient = dict.fromkeys((office.CONTACTS[one][0] for one in (C1, C2)), busy)
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    for minutes, alerts in ((5, 0), (16, 1)):  # nothing is stuck, and two are
        with counted("obligation ") as found:
            ticking.tick(desk, SENT + minutes * MINUTE)
        assert len([one for one in found if "obligation.clause = " in one]) == 1
        assert len(_told(desk)) == alerts


def test_a_refusal_for_good_is_told_after_it_was_told_that_letters_wait(
    at: At, relay: Relay
) -> None:
    bad = office.CONTACTS[C1][0]
    relay.by_recipient[bad] = Lever("RCPT", "550 5.7.1 <x>: Relay access denied")
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    sent(desk)
    ticking.tick(desk, SENT + 16 * MINUTE)
    assert [one.key[:6] for one in _told(desk)] == ["stuck-"]
    barred = "550 5.7.1 <x>: Recipient address rejected: Access denied"
    relay.by_recipient[bad] = Lever("RCPT", barred)
    ticking.deliver(desk, SENT + 20 * MINUTE)
    ticking.tick(desk, SENT + 20 * MINUTE)
    letters = [one for one in _told(desk) if letter(desk, C1) in one.body_text]
    assert sorted(one.key[:6] for one in letters) == ["failed", "stuck-"]
    with desk.store.read() as db:
        assert "whoever runs the relay" in outbox.standing(db, letter(desk, C1)).why


def _reminded(body: str) -> list[str]:
    """Return what a reminder says fell, each as often as it says."""
    lines = body.split("\n\n")[1].splitlines()
    found = [
        re.fullmatch(
            r"(\d+) . (.+: .+); (running|overdue)(?: by the contract's hours)?(; told .+ late)?",
            line,
        )
        for line in lines
    ]
    assert None not in found
    return [one[2] for one in found if one is not None for _ in range(int(one[1]))]


def test_reminders_come_exactly_once_however_often_the_service_starts(at: At) -> None:
    desk = at("judged")
    config = Path(desk.config.store.path).parents[1] / "config.toml"
    for quarter in range(4 * 75):
        now = NOW + quarter * timedelta(minutes=15)
        if quarter % 7 == 0:  # a restart
            with desk_of(load(config)) as another:
                ticking.tick(another, now)
        ticking.tick(desk, now)
    found = team(desk, Purpose.REMINDER)
    # Of each clock: 24, 12, 4, 1 h before and at due by the strict reading, what fell before the
    # start dropped out; for the team 24 h and 36 h after awareness.
    said = [line for one in found for line in _reminded(one.body_text)]
    assert sorted(said) == sorted(REMINDERS)
    # What fell in one tick is one mail.
    assert len(found) == len({one.body_text for one in found}) < len(said)
    assert len({one.key for one in found}) == len(found)


def test_alerts_come_once_per_level(tmp_path: Path) -> None:
    config = office.found(tmp_path / "o")
    office.opened(config)
    for more in range(3):
        name = f"more-{more}.json.gz"
        thefts = [office.theft(860 + more, C1, f"{more:04}-09")]
        office.write_log(tmp_path / "o", thefts, name)
        house = House(load(config))
        one_pass(house, now=NOW + (2 + more) * HOUR)
        incident = acts.show(house.desk, 1).detected
        assert incident is not None
        assert len(incident.event_ids) == 7 + more
        house.close()
    with desk_of(load(config)) as desk:
        assert [one.key for one in team(desk, Purpose.ALERT)] == ["alert-1-high-1"]


def test_alerts_and_reminders_name_no_customer_no_person_and_no_address(at: At) -> None:
    desk = at("previewed")
    sent(desk)
    heard(desk, C1, Kind.BOUNCED, SENT + HOUR)
    for later in range(60):
        ticking.tick(desk, SENT + later * HOUR)
    ticking.deliver(desk, SENT + 60 * HOUR)
    with desk.store.read() as db:
        rows = db.execute(box.select()).mappings().all()
        keys = [row["key"] for row in rows if row["purpose"] in ("alert", "reminder")]
        told = [each.content for key in keys for each in outbox.attempts(db, key)]
        people = [one.id for one in registers.customers(db).values()]
    assert len(told) == len(keys) > 8
    assert people == list(NAMES)
    contacts = [word for one in office.CONTACTS.values() for word in one]
    words = [*NAMES, *NAMES.values(), *contacts, "lavande", "finch", "leo", "203.0.113", "AKIA"]
    for content in told:
        for word in words:
            pattern = rf"(?<!\w){re.escape(word)}(?!\w)".encode()
            assert not re.search(pattern, content, re.IGNORECASE), word


def test_a_pass_that_fails_holds_no_reminder_up(at: At) -> None:
    desk = at("judged")
    config = Path(desk.config.store.path).parents[1] / "config.toml"
    for segment in desk.archive.folder.rglob("*.parquet"):
        segment.unlink()
    office.write_log(config.parent, [office.theft(50, C1, "9-9")], "late.json.gz")
    with pytest.raises(ArchiveError):
        serve(load(config), clock=lambda: NOW + 30 * HOUR, once=True)
    assert team(desk, Purpose.REMINDER)
