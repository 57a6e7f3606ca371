"""A message put is kept as it was put, once, until it goes or a person steps in."""

from datetime import timedelta
from typing import Any

import pytest

from notifiers import attempts, outbox
from notifiers.attempts import LEASE
from notifiers.base import Channel
from tests.notifiers.support import (
    BUSY,
    NOW,
    PDF,
    TWO,
    email,
    everything,
    kinds,
    mail,
    outcomes,
    put,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE
from tocsin.store import Store


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
    relay.levers = [Lever("RCPT", "550 5.1.1 not you")]
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
