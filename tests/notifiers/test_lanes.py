"""Recipients whose servers hang hold up no other message, no other channel and no command."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from notifiers import attempts, outbox
from notifiers.attempts import LEASE
from notifiers.base import Channel, Message, Notifier
from notifiers.schedule import Schedule
from notifiers.webhook import WebhookNotifier
from tests.notifiers.support import (
    NOW,
    alert,
    email,
    everything,
    mail,
    outcomes,
    put,
    standing,
    webhook_settings,
)
from tests.servers.relay import Lever, Relay
from tests.servers.web import Hook
from tocsin.model.principals import SERVICE
from tocsin.store import Store

PATIENCE_S = 4.0
"""So long a recipient that hangs is waited for; what comes after must not wait with it."""

HANGS = Lever("RCPT", wait_s=2 * PATIENCE_S)
SECOND = timedelta(seconds=1)


def slow(number: int) -> Message:
    return mail(f"slow/{number}", to=f"slow{number}@tarpit.example")


def hang(relay: Relay, numbers: range) -> list[Message]:
    """Let these recipients' servers hang."""
    relay.by_recipient |= {f"slow{n}@tarpit.example": HANGS for n in numbers}
    return [slow(n) for n in numbers]


@contextmanager
def sending(
    store: Store, notifiers: Mapping[Channel, Notifier], lanes: int, now: datetime = NOW
) -> Iterator[None]:
    """Send as the service does, until the block ends and nothing is under way."""
    stop = threading.Event()

    def work() -> None:
        outbox.send(
            store,
            notifiers,
            worker=SERVICE,
            now=now,
            schedule=Schedule(lanes=lanes),
            stopped=stop.is_set,
        )

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def settled_at(store: Store, key: str) -> datetime:
    with store.read() as db:
        (only,) = outbox.attempts(db, key)
    assert only.settled_at is not None
    return only.settled_at


def test_what_is_put_while_others_hang_does_not_wait_for_them(store: Store, relay: Relay) -> None:
    put(store, *hang(relay, range(2)))
    with sending(store, email(relay, timeout_s=PATIENCE_S), lanes=3):
        eventually(lambda: len(relay.recipients) == 2)
        put(store, mail("notice/new"))
        eventually(lambda: standing(store, "notice/new").word == "accepted")
    assert settled_at(store, "notice/new") < settled_at(store, "slow/0")
    assert outcomes(store, "slow/0") == outcomes(store, "slow/1") == ["refused"]


def test_what_hung_before_leaves_a_lane_to_what_was_never_tried(store: Store, relay: Relay) -> None:
    channels = email(relay, timeout_s=PATIENCE_S)
    put(store, *hang(relay, range(3)))
    with sending(store, channels, lanes=3):
        eventually(lambda: len(relay.recipients) == 3)
    relay.recipients.clear()
    with sending(store, channels, lanes=3, now=NOW + timedelta(minutes=5)):  # all are due again
        eventually(lambda: len(relay.recipients) == 2)
        put(store, mail("notice/new"))
        eventually(lambda: standing(store, "notice/new").word == "accepted")
        assert len(relay.recipients) == 3  # of three that hung, two are under way, and the new one
    with store.read() as db:
        second = [outbox.attempts(db, f"slow/{n}")[-1] for n in range(3)]
    again = [one.settled_at for one in second if one.number == 2 and one.settled_at is not None]
    assert len(again) == 2
    assert settled_at(store, "notice/new") < min(again)


def test_a_channel_that_hangs_holds_up_no_other(store: Store, relay: Relay, hook: Hook) -> None:
    chat = {Channel.WEBHOOK: WebhookNotifier(webhook_settings(hook))}
    put(store, *hang(relay, range(1)), alert())
    outbox.deliver(
        store,
        {**email(relay, timeout_s=PATIENCE_S), **chat},
        worker=SERVICE,
        now=NOW,
        schedule=Schedule(lanes=1),
    )
    assert settled_at(store, "alert/12/chat") < settled_at(store, "slow/0")


def test_who_asks_for_its_own_messages_waits_for_no_others(store: Store, relay: Relay) -> None:
    put(store, *hang(relay, range(2)))
    others = [standing(store, f"slow/{n}") for n in range(2)]
    later = NOW + SECOND
    with store.begin() as db:
        assert outbox.put(db, mail("notice/mine"), principal=SERVICE, now=later)
    sent = outbox.send(store, email(relay), worker=SERVICE, now=later + SECOND, put_at=later)
    assert sent == 1
    assert [one.recipient for one in relay.inbox] == ["helene@customer.example"]
    assert [standing(store, f"slow/{n}") for n in range(2)] == others


def test_one_that_fails_is_tried_once_by_who_asks_for_it(store: Store, relay: Relay) -> None:
    relay.levers = [Lever("RCPT", "451 4.3.0 busy")] * 2
    put(store)
    for _ in range(2):
        assert (
            outbox.send(store, email(relay), worker=SERVICE, now=NOW + 99 * SECOND, put_at=NOW) == 0
        )
    assert outcomes(store) == ["refused"]
    assert standing(store).word == "waiting"


def test_a_worker_that_is_stopped_begins_nothing_more(store: Store, relay: Relay) -> None:
    put(store, *(mail(f"notice/{n}") for n in range(3)))
    before = everything(store)
    sent = outbox.send(store, email(relay), worker=SERVICE, now=NOW, stopped=lambda: True)
    assert sent == 0
    assert everything(store) == before
    assert relay.connections == 0


def test_what_is_under_way_is_not_said_to_be_tried_at_a_time_that_is_over(store: Store) -> None:
    put(store)
    now = NOW + 5 * SECOND
    assert attempts.lease(store, due_by=now, now=now) is not None
    assert standing(store).due_at == now + LEASE
