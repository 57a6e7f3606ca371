"""Workers die, hang, come late or meet a bad recipient, and every other message still goes once."""

import threading
from datetime import timedelta

import pytest

from notifiers import attempts
from notifiers.attempts import LEASE
from notifiers.base import Channel, Dispatch, Outcome, Receipt
from notifiers.email import EmailNotifier
from notifiers.schedule import Schedule
from tests.notifiers.support import (
    BUSY,
    NOW,
    TOO_LATE_S,
    TWO,
    alert,
    email,
    email_settings,
    mail,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin.model.principals import SERVICE
from tocsin.store import Store


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
    relay.by_recipient["bad@customer.example"] = Lever("RCPT", wait_s=TOO_LATE_S)
    send(store, email(relay))
    put(store, *(mail(f"notice/{n}", to=f"n{n}@customer.example") for n in range(1, 4)))
    relay.recipients.clear()
    assert send(store, email(relay), 40) == 3
    assert relay.recipients[:3] == [f"n{n}@customer.example" for n in range(1, 4)]
    assert standing(store, "notice/0").word == "waiting"


def test_one_that_hangs_is_overtaken(store: Store, relay: Relay) -> None:
    put(store, mail("notice/0", to="slow@customer.example"))
    put(store, *(mail(f"notice/{n}", to=f"n{n}@customer.example") for n in range(1, 6)))
    relay.by_recipient["slow@customer.example"] = Lever("RCPT", wait_s=2.5)
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
