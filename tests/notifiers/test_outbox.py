"""A message put is sent: once if all goes well, never not at all; what happened is written down."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from notifiers import attempts, outbox
from notifiers.attempts import LEASE
from notifiers.base import Channel, Dispatch, Kind, News, Outcome, Receipt
from notifiers.email import EmailNotifier
from notifiers.following import attempt_of, receive
from notifiers.schedule import Backoff, Schedule
from notifiers.tables import attempt, content, receipt
from notifiers.tables import outbox as table
from tests.notifiers.support import (
    NOW,
    PDF,
    SCHEDULE,
    TWO,
    alert,
    email,
    email_settings,
    kinds,
    mail,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.ledger.tables import ledger as entry
from tocsin.model.principals import SERVICE
from tocsin.store import Store

BUSY = Lever("RCPT", "451 4.3.0 busy")
LOST = Lever("END", drop=True)
KEPT = Lever("END", drop=True, kept=True)


def everything(store: Store) -> list[object]:
    with store.read() as db:
        tables = (table, attempt, content, receipt, entry)
        return [tuple(map(tuple, db.execute(select(one)).all())) for one in tables]


# --- put


def test_a_message_comes_back_as_it_was_put(store: Store) -> None:
    put(store)
    with store.read() as db:
        assert outbox.message(db, "notice/12/acme/1") == mail()
    assert standing(store)[:6] == (
        "notice/12/acme/1",
        Channel.EMAIL,
        "notice",
        12,
        "acme",
        "waiting",
    )
    assert kinds(store) == ["message.queued"]


def test_the_same_message_put_twice_is_one(store: Store) -> None:
    put(store)
    before = everything(store)
    with store.begin() as db:
        assert not outbox.put(db, mail(), principal=SERVICE, now=NOW + timedelta(hours=1))
    assert everything(store) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Autre"},
        {"to": "other@customer.example"},
        {"attachments": ()},
        {"attachments": (PDF.model_copy(update={"content": b"%PDF-1.7 other"}),)},
    ],
)
def test_a_key_with_other_content_is_refused_and_nothing_is_changed(
    changed: dict[str, Any], store: Store
) -> None:
    put(store)
    before = everything(store)
    with pytest.raises(Refusal, match="other content") as raised, store.begin() as db:
        outbox.put(db, mail(**changed), principal=SERVICE, now=NOW)
    assert raised.value.hint
    assert everything(store) == before


def test_a_decision_that_is_rolled_back_takes_its_message_along(store: Store) -> None:
    with store.begin() as db:
        outbox.put(db, mail(), principal=SERVICE, now=NOW)
        db.rollback()
    assert everything(store) == [()] * 5


# --- one attempt after another


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


# --- workers


def test_a_dead_workers_message_is_sent_when_its_lease_has_run_out(
    store: Store, relay: Relay
) -> None:
    put(store)
    leased = attempts.lease(store, due_by=NOW, now=NOW)
    assert leased is not None
    notifier = EmailNotifier(email_settings(relay))
    bare = Dispatch(leased.message, 1, "a" * 16, NOW, NOW)
    ready = bare._replace(content=notifier.render(bare))
    assert attempts.begin(store, leased, ready, worker=SERVICE, now=NOW)  # and here it dies
    assert standing(store).word == "unknown"
    just_before = LEASE.total_seconds() - 1
    assert send(store, email(relay), just_before, TWO) == 0
    assert send(store, email(relay), just_before + 2, TWO) == 1
    assert outcomes(store) == ["unknown", "accepted"]


def test_a_worker_whose_lease_ran_out_lets_nothing_leave(store: Store, relay: Relay) -> None:
    put(store)
    leased = attempts.lease(store, due_by=NOW, now=NOW)
    assert leased is not None
    late = NOW + LEASE + timedelta(seconds=1)
    mine = Dispatch(leased.message, 1, "a" * 16, NOW, late, b"bytes")
    assert not attempts.begin(store, leased, mine, worker=SERVICE, now=late)
    assert send(store, email(relay), LEASE.total_seconds() + 1, TWO) == 1
    assert not attempts.begin(store, leased, mine, worker=SERVICE, now=NOW)
    assert outcomes(store) == ["accepted"]


def test_an_acceptance_that_comes_late_still_counts(store: Store, relay: Relay) -> None:
    put(store)
    leased = attempts.lease(store, due_by=NOW, now=NOW)
    assert leased is not None
    mine = Dispatch(leased.message, 1, "a" * 16, NOW, NOW, b"bytes")
    assert attempts.begin(store, leased, mine, worker=SERVICE, now=NOW)
    relay.levers = [BUSY]
    assert send(store, email(relay), LEASE.total_seconds() + 1, TWO) == 0
    said = Receipt("Q9", "250 queued as Q9")
    done = Outcome.ACCEPTED
    attempts.settle(store, leased, 1, done, said, worker=SERVICE, now=NOW + 2 * LEASE)
    assert outcomes(store) == ["accepted", "refused"]
    assert standing(store).word == "accepted"
    assert send(store, email(relay), 10**4) == 0


def test_two_workers_at_once_send_each_message_once(store: Store, relay: Relay) -> None:
    put(store, *(mail(f"notice/{n}") for n in range(20)))
    took = []

    def work() -> None:
        took.append(send(store, email(relay), schedule=Schedule(lanes=3)))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sum(took) == 20
    assert sorted(one.message_id for one in relay.inbox) == sorted(
        f"<notice/{n}@tocsin.example>" for n in range(20)
    )


# --- one bad recipient


def test_a_bad_recipient_never_delays_another(store: Store, relay: Relay) -> None:
    bad = mail("notice/0", to="bad@customer.example")
    put(store, bad)
    relay.by_recipient["bad@customer.example"] = Lever("RCPT", wait_s=3)
    send(store, email(relay))
    put(store, *(mail(f"notice/{n}", to=f"n{n}@customer.example") for n in range(1, 4)))
    relay.recipients.clear()
    assert send(store, email(relay), 40) == 3
    assert relay.recipients[:3] == [f"n{n}@customer.example" for n in range(1, 4)]
    assert standing(store, "notice/0").word == "waiting"


def test_one_that_hangs_is_overtaken(store: Store, relay: Relay) -> None:
    put(store, mail("notice/0", to="slow@customer.example"))
    put(store, *(mail(f"notice/{n}", to=f"n{n}@customer.example") for n in range(1, 6)))
    relay.by_recipient["slow@customer.example"] = Lever("RCPT", wait_s=0.8)
    assert send(store, email(relay, timeout_s=5), schedule=Schedule(lanes=2)) == 6
    assert relay.inbox[-1].recipient == "slow@customer.example"


class Faulty(EmailNotifier):
    """A notifier with a fault of ours."""

    def render(self, dispatch: Dispatch) -> bytes:
        if dispatch.message.key == "notice/0":
            raise ZeroDivisionError
        return super().render(dispatch)


def test_a_fault_of_ours_goes_up_after_all_others_were_tried(store: Store, relay: Relay) -> None:
    put(store, *(mail(f"notice/{n}") for n in range(4)))
    faulty = {Channel.EMAIL: Faulty(email_settings(relay))}
    with pytest.raises(ExceptionGroup) as raised:
        send(store, faulty)
    assert [type(one) for one in raised.value.exceptions] == [ZeroDivisionError]
    assert len(relay.inbox) == 3
    assert standing(store, "notice/0").word == "waiting"
    assert send(store, email(relay), LEASE.total_seconds() + 1) == 1


def test_a_message_without_its_channel_fails_and_says_what_to_configure(store: Store) -> None:
    put(store, alert())
    assert send(store, {}) == 0
    one = standing(store, "alert/12/chat")
    assert (one.word, one.attempts) == ("failed", 1)
    assert "[notifiers.webhook]" in one.why


# --- a person steps in


def test_a_message_that_waits_can_be_cancelled_with_a_reason(store: Store, relay: Relay) -> None:
    put(store)
    with store.begin() as db:
        outbox.cancel(db, "notice/12/acme/1", why="approved again", principal=TWO, now=NOW)
    assert send(store, email(relay)) == 0
    assert standing(store)[5:8:2] == ("cancelled", "approved again")
    assert kinds(store)[-1] == "message.cancelled"


def test_what_is_on_its_way_or_accepted_or_unknown_cannot_be_cancelled(
    store: Store, relay: Relay
) -> None:
    put(store)

    def refused(why: str) -> None:
        before = everything(store)
        with pytest.raises(Refusal, match=why), store.begin() as db:
            outbox.cancel(db, "notice/12/acme/1", why="x", principal=TWO, now=NOW)
        assert everything(store) == before

    attempts.lease(store, due_by=NOW, now=NOW)
    refused("being sent")
    send(store, email(relay), LEASE.total_seconds() + 1)
    refused("is accepted")
    with pytest.raises(Refusal, match="no message"), store.begin() as db:
        outbox.cancel(db, "other", why="x", principal=TWO, now=NOW)


def test_a_failed_message_goes_again_when_a_person_says_so(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [Lever("RCPT", "550 5.7.1 not you")]
    send(store, email(relay))
    with store.begin() as db:
        outbox.send_again(db, "notice/12/acme/1", why="relay mended", principal=TWO, now=NOW)
    assert send(store, email(relay)) == 1
    assert outcomes(store) == ["refused", "accepted"]
    with pytest.raises(Refusal, match="only a failed one"), store.begin() as db:
        outbox.send_again(db, "notice/12/acme/1", why="x", principal=TWO, now=NOW)


def test_what_waits_for_long_is_listed_as_stuck(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [BUSY]
    send(store, email(relay))
    with store.read() as db:
        assert outbox.stuck(db, queued_before=NOW) == []
        (one,) = outbox.stuck(db, queued_before=NOW + timedelta(hours=1))
    assert one.key == "notice/12/acme/1"
    assert "451" in one.why


# --- what comes after


def accepted(store: Store, relay: Relay, *levers: Lever) -> None:
    put(store)
    relay.levers = list(levers)
    for s in (0, 100):
        send(store, email(relay), s)


def told(store: Store, number: int, kind: Kind, detail: str = "") -> bool:
    with store.begin() as db:
        news = News(kind, detail, detail.encode())
        return receive(
            db, "notice/12/acme/1", number, news, principal=SERVICE, now=NOW, schedule=SCHEDULE
        )


def test_accepted_is_not_notified_and_delivered_is(store: Store, relay: Relay) -> None:
    accepted(store, relay)
    assert (standing(store).word, standing(store).notified) == ("accepted", False)
    for kind in (Kind.DELAYED, Kind.RELAYED):
        told(store, 1, kind)
        assert (standing(store).word, standing(store).notified) == ("accepted", False)
    told(store, 1, Kind.DELIVERED)
    assert (standing(store).word, standing(store).notified) == ("delivered", True)


def test_a_late_bounce_takes_a_delivery_back_and_fails_the_message(
    store: Store, relay: Relay
) -> None:
    accepted(store, relay)
    told(store, 1, Kind.DELIVERED)
    told(store, 1, Kind.BOUNCED, "5.1.1 unknown")
    assert (standing(store).word, standing(store).notified) == ("failed", False)
    assert kinds(store)[-3:] == ["receipt.delivered", "receipt.bounced", "message.failed"]
    told(store, 1, Kind.ACKNOWLEDGED, "by a person")
    assert (standing(store).word, standing(store).notified) == ("acknowledged", True)


def test_another_copy_that_arrived_has_arrived(store: Store, relay: Relay) -> None:
    accepted(store, relay, KEPT)
    assert outcomes(store) == ["unknown", "accepted"]
    told(store, 2, Kind.DELIVERED)
    told(store, 1, Kind.BOUNCED)
    assert standing(store).word == "delivered"


def test_a_report_about_an_unknown_attempt_settles_it(store: Store, relay: Relay) -> None:
    put(store)
    relay.levers = [KEPT]
    send(store, email(relay))
    told(store, 1, Kind.DELIVERED)
    assert outcomes(store) == ["accepted"]
    assert standing(store).word == "delivered"
    assert send(store, email(relay), 10**5) == 0
    assert len(relay.inbox) == 1


def test_the_same_report_twice_is_one(store: Store, relay: Relay) -> None:
    accepted(store, relay)
    assert told(store, 1, Kind.DELIVERED, "a")
    before = everything(store)
    assert not told(store, 1, Kind.DELIVERED, "a")
    assert everything(store) == before
    with pytest.raises(Refusal, match="no attempt 2"):
        told(store, 2, Kind.DELIVERED)
    assert everything(store) == before


def test_an_attempt_is_found_by_its_reference(store: Store, relay: Relay) -> None:
    accepted(store, relay)
    (option,) = [one for one in relay.inbox[0].mail_options if one.startswith("ENVID=")]
    with store.read() as db:
        assert attempt_of(db, option.removeprefix("ENVID=")) == ("notice/12/acme/1", 1)
        assert attempt_of(db, "0" * 16) is None
