"""A message is tried until it is accepted, refused for good or given up, and each try is kept."""

from datetime import timedelta

from notifiers import outbox
from notifiers.schedule import Backoff, Schedule
from tests.notifiers.support import (
    BUSY,
    KEPT,
    LOST,
    NOW,
    email,
    kinds,
    mail,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin import ledger
from tocsin.model.principals import SERVICE
from tocsin.store import Store


def test_a_busy_relay_is_tried_again_later(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [BUSY]
    assert [send(store, email(relay), s) for s in (0, 29, 31, 32)] == [0, 0, 1, 0]
    assert outcomes(store) == ["refused", "accepted"]
    assert len(relay.inbox) == 1
    assert kinds(store) == [
        "message.queued",
        "attempt.begun",
        "attempt.refused",
        "attempt.begun",
        "attempt.accepted",
    ]


def test_the_waits_grow_to_the_longest_and_no_further() -> None:
    waits = Backoff(first=timedelta(seconds=30), longest=timedelta(minutes=5))
    assert [waits.after(n).total_seconds() for n in (0, 1, 2, 3, 4, 5, 1000)] == [
        30,
        30,
        60,
        120,
        240,
        300,
        300,
    ]


def test_a_recipient_refused_for_good_is_not_tried_again_and_is_seen(
    store: Store, relay: Relay
) -> None:
    put(store)
    relay.by_recipient["helene@customer.example"] = Lever("RCPT", "550 5.1.1 unknown")
    assert [send(store, email(relay), s) for s in (0, 10**5)] == [0, 0]
    assert outcomes(store) == ["refused"]
    assert kinds(store)[-2:] == ["attempt.refused", "message.failed"]
    with store.read() as db:
        (one,) = outbox.failed(db, since=NOW)
        assert outbox.failed(db, since=NOW + timedelta(minutes=1)) == []
    assert (one.word, one.attempts, one.due_at, one.notified) == ("failed", 1, None, False)
    assert "550 5.1.1 unknown" in one.why


def test_what_is_busy_for_too_long_is_given_up_and_seen(store: Store, relay: Relay) -> None:
    schedule = Schedule(lanes=1, give_up_after=timedelta(seconds=100))
    with store.begin() as db:
        outbox.put(db, mail(), principal=SERVICE, now=NOW, schedule=schedule)
    relay.by_recipient["helene@customer.example"] = BUSY
    for s in range(0, 200, 10):
        send(store, email(relay), s, schedule=schedule)
    assert outcomes(store) == ["refused", "refused"]
    assert standing(store).word == "failed"
    assert kinds(store)[-1] == "message.failed"


def test_a_service_that_slept_longer_than_that_tries_first(store: Store, relay: Relay) -> None:
    put(store)
    assert send(store, email(relay), timedelta(days=30).total_seconds()) == 1


def test_what_broke_off_goes_again_under_the_same_message_id(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [KEPT, LOST]
    assert send(store, email(relay)) == 0
    assert standing(store).word == "unknown"
    assert [send(store, email(relay), s) for s in (59, 62, 100, 190)] == [0, 0, 0, 1]
    assert outcomes(store) == ["unknown", "unknown", "accepted"]
    assert [one.message_id for one in relay.inbox] == ["<notice/12/acme/1@tocsin.example>"] * 2
    assert relay.inbox[0].raw == relay.inbox[1].raw
    assert kinds(store).count("attempt.unknown") == 2


def test_the_exact_bytes_are_kept_before_they_leave(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [LOST]
    send(store, email(relay))
    with store.read() as db:
        (kept,) = outbox.attempts(db, "notice/12/acme/1")
    send(store, email(relay), 100)
    with store.read() as db:
        _, last = outbox.attempts(db, "notice/12/acme/1")
        entries = [one.body or "" for one in ledger.entries(db) if one.kind == "attempt.begun"]
    assert kept.content == last.content == relay.inbox[0].raw
    assert all(kept.sha256 in body for body in entries)
    assert last.provider_id == "Q1"
    assert "queued as Q1; not encrypted" in last.answer
