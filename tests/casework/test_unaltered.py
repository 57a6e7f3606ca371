"""What was put into the store's outbox by another hand leaves nobody."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update

from notifiers import outbox
from notifiers.base import Channel
from notifiers.tables import content
from notifiers.tables import outbox as box
from tests.casework import office
from tests.casework.office import CONTACTS, MINUTE
from tests.casework.test_lost_notices import queued
from tests.casework.test_ticking import C1, C2, SENT, letter
from tests.servers.relay import Relay
from tocsin import ledger
from tocsin.app.casework import ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.ledger.tables import payload
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
Tamper = Callable[[Connection, str], None]


def stored(db: Connection, key: str) -> str:
    return str(db.scalar(select(box.c.message).where(box.c.key == key)))


def put(db: Connection, key: str, message: str) -> None:
    db.execute(update(box).where(box.c.key == key).values(message=message))


def other_recipient(db: Connection, key: str) -> None:
    put(db, key, stored(db, key).replace(CONTACTS[C1][0], "thief@evil.example"))


def other_recipient_and_hash(db: Connection, key: str) -> None:
    other_recipient(db, key)
    digest = hashlib.sha256(stored(db, key).encode()).hexdigest()
    db.execute(update(box).where(box.c.key == key).values(sha256=digest))


def other_recipient_hash_and_payload(db: Connection, key: str) -> None:
    other_recipient_and_hash(db, key)
    digest = db.scalar(select(box.c.sha256).where(box.c.key == key))
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for name in db.scalars(text(triggers)).all():
        db.execute(text(f"DROP TRIGGER {name}"))  # whoever has the file is not held up by them
    p = payload.c
    for number, body in db.execute(select(p.entry, p.body).where(p.body.contains(key))).all():
        said = json.loads(body) | {"sha256": digest}
        forged = json.dumps(said, sort_keys=True, separators=(",", ":"))
        db.execute(update(payload).where(p.entry == number).values(body=forged))


def other_text(db: Connection, key: str) -> None:
    said = json.loads(stored(db, key))
    put(db, key, json.dumps(said | {"body_text": "Nothing happened."}))


def no_json(db: Connection, key: str) -> None:
    put(db, key, "{")


def other_attachment(db: Connection, key: str) -> None:
    digest = json.loads(stored(db, key))["attachments"][0]["sha256"]
    db.execute(update(content).where(content.c.sha256 == digest).values(body=b"%PDF EVIL"))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (
            other_recipient,
            "text or recipient is not as it was queued (ledger entry ",
        ),
        (
            other_recipient_and_hash,
            "text or recipient is not as it was queued (ledger entry ",
        ),
        (
            other_recipient_hash_and_payload,
            "the ledger says no more what was queued",
        ),
        (other_text, "text or recipient is not as it was queued"),
        (no_json, "text or recipient is not as it was queued"),
        (other_attachment, "an attachment is not as it was queued"),
    ],
)
def test_a_message_that_was_altered_leaves_nobody_and_others_do(
    config_at: Callable[..., Path], relay: Relay, tamper: Tamper, said: str
) -> None:
    with desk_of(load(config_at("assessed", office.RELAY.format(port=relay.port)))) as desk:
        queued(desk)
        key = letter(desk, C1)
        with desk.store.begin() as db:
            before = stored(db, key)
            tamper(db, key)
        ticking.deliver(desk, SENT)
        assert [mail.recipient for mail in relay.inbox] == [CONTACTS[C2][0]]
        with desk.store.begin() as db:
            put(db, key, before)  # so that it can be read
            stands = outbox.standing(db, key)
            assert outbox.attempts(db, key) == []
        assert stands.word == "failed"
        assert stands.why.startswith(f"nothing was sent: {said}")
        assert "store" in stands.why


def test_the_team_is_told_of_it(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    key = letter(desk, C1)
    with desk.store.begin() as db:
        other_text(db, key)
    ticking.deliver(desk, SENT)
    ticking.tick(desk, SENT + MINUTE)
    with desk.store.read() as db:
        told = [
            outbox.message(db, one.key).body_text
            for one in outbox.standings(db, incident=1)
            if one.purpose == "alert" and one.queued_at == SENT + MINUTE
        ]
    (of_it,) = (text for text in told if key in text.splitlines()[2])
    assert "is not what was approved and queued: it was altered in the store" in of_it
    assert letter(desk, C2, Channel.PHONE) in office.words(desk)


def second_entry(db: Connection, key: str) -> None:
    """Put another recipient in, and append an entry that says that this was queued."""
    other_recipient_and_hash(db, key)
    digest = db.scalar(select(box.c.sha256).where(box.c.key == key))
    said = next(
        json.loads(one.body)
        for one in ledger.entries(db)
        if one.kind == "message.queued" and one.body and key in one.body
    )
    ledger.append(db, "message.queued", said | {"sha256": digest}, principal=SERVICE, at=SENT)


def test_an_entry_appended_later_does_not_say_what_was_queued(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    with desk_of(load(config_at("assessed", office.RELAY.format(port=relay.port)))) as desk:
        queued(desk)
        key = letter(desk, C1)
        with desk.store.begin() as db:
            second_entry(db, key)
        ticking.deliver(desk, SENT)
        assert [mail.recipient for mail in relay.inbox] == [CONTACTS[C2][0]]
        assert office.words(desk)[key] == "failed"
        with desk.store.read() as db:
            assert outbox.attempts(db, key) == []
        office.intact(desk)


@pytest.mark.parametrize("made_of", ["{", "{}", "[]", '{"attachments": [{}]}'])
def test_what_can_be_read_no_more_holds_up_nothing_else(at: At, made_of: str) -> None:
    desk = at("assessed")
    queued(desk)
    held = letter(desk, C1, Channel.PHONE)
    with desk.store.begin() as db:
        put(db, held, made_of)
        outbox.cancel(db, letter_of(db, C1), why="A slip.", principal=SERVICE, now=SENT)
    ticking.deliver(desk, SENT)  # the call is in vain now, and fails without being read
    assert office.words(desk)[held] == "failed"
    assert office.words(desk)[letter(desk, C2)] == "accepted"
    office.intact(desk)


def letter_of(db: Connection, customer: str) -> str:
    return str(
        db.scalar(
            select(box.c.key).where(box.c.customer == customer, box.c.channel == Channel.EMAIL)
        )
    )
