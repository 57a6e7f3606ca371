"""A notice that reached nobody: the next is a first notice again, and nothing says it was sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from incidents import notices
from incidents.notices import Manifest
from notifiers import outbox
from notifiers.base import Kind, News
from notifiers.following import receive
from tests.casework import office
from tests.casework.office import ALICE, HOUR, MINUTE
from tests.casework.test_letters import CHANGES, LATER, preview, send, tell
from tests.casework.test_ticking import C1, C2, SENT, letter
from tests.servers.relay import Lever, Relay
from tocsin.app.casework import letters, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.casework.settling import settled_by
from tocsin.app.config import load
from tocsin.errors import Refusal

At = Callable[..., Desk]


def subjects(desk: Desk, made: Manifest) -> dict[str, str]:
    with desk.store.read() as db:
        return {
            one.customer: notices.file_of(db, one.files["subject.txt"]).decode()
            for one in made.notices
        }


def left(desk: Desk) -> list[str]:
    """Return what is said to settle what is owed."""
    with desk.store.read() as db:
        return settled_by(db, 1, LATER)


def queued(desk: Desk) -> Manifest:
    """Approve and send, but let nothing leave."""
    made = preview(desk, now=SENT)
    sending.approve(desk, made.sha256, principal=ALICE, now=SENT)
    sending.send(desk, made.sha256, principal=ALICE, now=SENT)
    return made


def test_after_a_cancelled_notice_the_next_is_a_first_one(at: At) -> None:
    desk = at("assessed")
    first = subjects(desk, queued(desk))
    letters.cancel(desk, letter(desk, C1), why="Wrong number.", principal=ALICE, now=SENT)
    ticking.deliver(desk, SENT)
    tell(desk, CHANGES)
    made = preview(desk)
    now = subjects(desk, made)
    assert [(one.customer, one.version) for one in made.notices] == [(C1, 2), (C2, 2)]
    assert now[C1] == first[C1]
    assert "UPDATE 2" in now[C2]
    keys = send(desk, made, LATER + HOUR)
    assert letters.accepted(desk, keys) == len(keys)
    tell(desk, CHANGES, LATER + 2 * HOUR)
    assert all(" 3" in one for one in subjects(desk, preview(desk, now=LATER + 3 * HOUR)).values())


def test_after_a_refused_notice_the_next_is_a_first_one(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    relay.by_recipient[office.CONTACTS[C1][0]] = Lever("RCPT", "550 5.1.1 no such user")
    with desk_of(load(config)) as desk:
        made = preview(desk, now=SENT)
        first = subjects(desk, made)
        send(desk, made, SENT)
        assert office.words(desk)[letter(desk, C1)] == "failed"
        tell(desk, CHANGES)
        assert subjects(desk, preview(desk))[C1] == first[C1]


def test_after_a_notice_that_came_back_the_next_is_a_first_one(at: At) -> None:
    desk = at("assessed")
    made = preview(desk, now=SENT)
    first = subjects(desk, made)
    send(desk, made, SENT)
    with desk.store.begin() as db:
        news = News(Kind.BOUNCED, "5.1.1 no such user")
        receive(db, letter(desk, C1), 1, news, principal=ALICE, now=SENT + MINUTE)
    tell(desk, CHANGES)
    assert subjects(desk, preview(desk))[C1] == first[C1]


def test_a_notice_approved_as_the_first_is_not_sent_once_one_before_it_left(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    made = preview(desk)
    sending.approve(desk, made.sha256, principal=ALICE, now=LATER)
    ticking.deliver(desk, LATER)
    before = office.everything(desk)
    with pytest.raises(Refusal, match="other facts than hold now: kind"):
        sending.send(desk, made.sha256, principal=ALICE, now=LATER + HOUR)
    assert office.everything(desk) == before


def test_closing_does_not_say_that_a_cancelled_notice_was_sent(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    assert not any("notice preview" in one for one in left(desk))
    for customer in (C1, C2):
        letters.cancel(desk, letter(desk, customer), why="x", principal=ALICE, now=SENT)
    (again,) = (one for one in left(desk) if "tocsin notice" in one)
    assert again.startswith(f"tocsin notice preview 1 --customer {C1} --customer {C2} ")


def test_closing_says_of_a_failed_notice_what_to_do(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    relay.by_recipient[office.CONTACTS[C1][0]] = Lever("RCPT", "550 5.1.1 no such user")
    with desk_of(load(config)) as desk:
        send(desk, preview(desk, now=SENT), SENT)
        said = [one for one in left(desk) if "tocsin notice status" in one]
        assert ["failed; mend it" in one for one in said] == [True, False]


def test_a_message_taken_back_twice_is_not_said_to_have_left(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    key = letter(desk, C1)
    letters.cancel(desk, key, why="x", principal=ALICE, now=SENT)
    with pytest.raises(Refusal, match="is cancelled") as told:
        letters.cancel(desk, key, why="x", principal=ALICE, now=SENT)
    assert "taken back already" in told.value.hint
    with desk.store.read() as db:
        assert outbox.standing(db, key).word == "cancelled"
