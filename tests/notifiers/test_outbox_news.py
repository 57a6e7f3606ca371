"""What is told of an attempt afterwards decides whether its recipient counts as notified."""

import pytest

from notifiers.base import Kind, News
from notifiers.following import attempt_of, receive
from tests.notifiers.support import (
    KEPT,
    NOW,
    SCHEDULE,
    email,
    everything,
    kinds,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE
from tocsin.store import Store


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
