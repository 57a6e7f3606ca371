"""A later notice never arrives before an earlier one, and no recipient waits for another."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notifiers import outbox
from notifiers.attempts import LEASE, lease
from notifiers.base import Channel, Message, Notifier
from notifiers.files import FilesNotifier, FilesSettings
from notifiers.schedule import SCHEDULE as USUAL
from tests.notifiers.support import (
    BUSY,
    LOST,
    NOW,
    call,
    email,
    everything,
    mail,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin.model.principals import SERVICE
from tocsin.store import Store

HELENE, BRUNO = "helene@customer.example", "bruno@customer.example"
FIRST, SECOND, THIRD = "notice/1", "notice/2", "notice/3"
REFUSED = Lever("RCPT", "550 5.1.1 no such user")
CALL = "call/12/acme/1"
HOUR_S = 3600.0


def at(after_s: float) -> datetime:
    return NOW + timedelta(seconds=after_s)


def put_at(store: Store, after_s: float, *messages: Message) -> None:
    with store.begin() as db:
        for one in messages:
            assert outbox.put(db, one, principal=SERVICE, now=at(after_s))


def words(store: Store, *keys: str) -> list[str]:
    return [standing(store, key).word for key in keys]


def arrived(relay: Relay) -> list[tuple[str, str]]:
    """Return what the relay took, in its order: to whom, and which message."""
    return [(one.recipient, one.message_id.strip("<>").rpartition("@")[0]) for one in relay.inbox]


def tried(store: Store, relay: Relay) -> None:
    """Put a first notice that is refused for now three times; it is due again after 220 s."""
    put(store, mail(FIRST))
    relay.by_recipient = {HELENE: BUSY}
    for after_s in (0, 31, 100):
        send(store, email(relay), after_s)
    assert outcomes(store, FIRST) == ["refused"] * 3


def test_an_update_waits_until_the_first_notice_has_left(store: Store, relay: Relay) -> None:
    tried(store, relay)
    put_at(store, 200, mail(SECOND), mail(THIRD))
    relay.by_recipient = {}
    before = everything(store)
    assert send(store, email(relay), 200) == 0  # the first one's time has not come
    assert everything(store) == before
    assert send(store, email(relay), HOUR_S) == 3
    assert arrived(relay)[0] == (HELENE, FIRST)
    assert sorted(arrived(relay)) == [(HELENE, FIRST), (HELENE, SECOND), (HELENE, THIRD)]


def test_three_leave_in_the_order_they_were_queued(store: Store, relay: Relay) -> None:
    tried(store, relay)
    put_at(store, 200, mail("a-later-one"))
    put_at(store, 300, mail("a-last-one"))
    relay.by_recipient = {}
    assert send(store, email(relay), HOUR_S) == 3
    assert [key for _, key in arrived(relay)] == [FIRST, "a-later-one", "a-last-one"]


def test_no_other_recipient_customer_incident_or_purpose_waits_for_it(
    store: Store, relay: Relay
) -> None:
    tried(store, relay)
    others = [
        mail("to-another-contact", to=BRUNO),
        mail("of-another-customer", customer="bell"),
        mail("of-another-incident", incident=13),
        mail("an-alert", purpose="alert"),
    ]
    relay.by_recipient = {}
    put_at(store, 200, mail(SECOND), *others)
    assert send(store, email(relay), 200) == len(others)
    assert words(store, FIRST, SECOND) == ["waiting", "waiting"]
    assert outcomes(store, SECOND) == []
    assert {key for _, key in arrived(relay)} == {one.key for one in others}


@pytest.mark.parametrize("to", [HELENE, "Helene@Customer.Example"])
def test_an_attempt_of_unknown_outcome_is_settled_first(
    store: Store, relay: Relay, to: str
) -> None:
    put(store, mail(FIRST))
    relay.by_recipient = {HELENE: LOST}
    send(store, email(relay))
    assert words(store, FIRST) == ["unknown"]
    put_at(store, 1, mail(SECOND, to=to))
    relay.by_recipient = {}
    before = everything(store)
    assert send(store, email(relay), 2) == 0
    assert everything(store) == before
    assert send(store, email(relay), HOUR_S) == 2
    assert [key for _, key in arrived(relay)] == [FIRST, SECOND]


def test_one_that_is_under_way_elsewhere_is_waited_for_until_its_worker_is_given_up(
    store: Store, relay: Relay
) -> None:
    put(store, mail(FIRST))
    held = lease(store, due_by=NOW, now=NOW)  # and here its worker dies
    assert held is not None
    assert held.message.key == FIRST
    put_at(store, 1, mail(SECOND), mail("other", to=BRUNO))
    assert send(store, email(relay), 2) == 1
    assert arrived(relay) == [(BRUNO, "other")]
    assert outcomes(store, SECOND) == []
    assert send(store, email(relay), LEASE.total_seconds() + 1) == 2
    assert [key for to, key in arrived(relay) if to == HELENE] == [FIRST, SECOND]


def test_where_the_first_failed_for_good_the_next_leaves(store: Store, relay: Relay) -> None:
    put(store, mail(FIRST))
    put_at(store, 1, mail(SECOND))
    relay.levers = [REFUSED]  # the first that comes is the first notice
    assert send(store, email(relay), 1) == 1
    assert words(store, FIRST, SECOND) == ["failed", "accepted"]
    assert arrived(relay) == [(HELENE, SECOND)]
    assert outcomes(store, FIRST) == ["refused"]


def test_where_the_first_is_taken_back_the_next_leaves(store: Store, relay: Relay) -> None:
    tried(store, relay)
    put_at(store, 200, mail(SECOND))
    relay.by_recipient = {}
    assert send(store, email(relay), 200) == 0
    with store.begin() as db:
        outbox.cancel(db, FIRST, why="It is superseded.", principal=SERVICE, now=at(201))
    assert send(store, email(relay), 202) == 1
    assert arrived(relay) == [(HELENE, SECOND)]
    assert words(store, FIRST) == ["cancelled"]


def test_one_that_nobody_can_settle_holds_nothing_for_ever(store: Store, relay: Relay) -> None:
    put(store, mail(FIRST))
    put_at(store, 1, mail(SECOND))
    given_up = USUAL.give_up_after.total_seconds()
    for ever in (0.0, given_up - 1, given_up):
        # Its worker dies each time before it wrote an attempt.
        held = lease(store, due_by=at(ever), now=at(ever))
        assert held is not None
        if ever < given_up:
            assert held.message.key == FIRST
            assert outcomes(store, SECOND) == []
    assert send(store, email(relay), given_up + LEASE.total_seconds() + 1) == 2
    assert {key for _, key in arrived(relay)} == {FIRST, SECOND}


@pytest.fixture
def channels(relay: Relay, tmp_path: Path) -> Mapping[Channel, Notifier]:
    phone = FilesNotifier(FilesSettings(folder=tmp_path, sender="avis@tocsin.example"))
    return {**email(relay), Channel.PHONE: phone}


def with_a_call(store: Store, relay: Relay) -> float:
    """Put a first notice that waits, and a second with a call; return when that one leaves."""
    tried(store, relay)
    with store.begin() as db:
        now, limit = at(200), at(800)
        assert outbox.put(db, mail(SECOND), principal=SERVICE, now=now)
        assert outbox.put(db, call(CALL), after=[SECOND], limit=limit, principal=SERVICE, now=now)
    due = standing(store, CALL).due_at
    assert due is not None
    return (due - NOW).total_seconds()


def test_a_call_does_not_wait_longer_than_it_may_for_a_mail_that_stays(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    leaves = with_a_call(store, relay)
    held = lease(store, due_by=at(221), now=at(leaves - 60))  # its worker hangs
    assert held is not None
    assert held.message.key == FIRST
    assert send(store, channels, leaves - 1) == 0
    assert send(store, channels, leaves) == 1
    assert words(store, FIRST, SECOND, CALL) == ["waiting", "waiting", "accepted"]
    assert outcomes(store, SECOND) == []
    assert relay.inbox == []


def test_a_call_lets_the_mails_go_first_where_they_can(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    leaves = with_a_call(store, relay)
    relay.by_recipient = {}
    assert send(store, channels, leaves) == 3
    assert [key for _, key in arrived(relay)] == [FIRST, SECOND]
    with store.read() as db:
        called = outbox.attempts(db, CALL)[0].begun_at
        assert outbox.attempts(db, SECOND)[0].begun_at < called
